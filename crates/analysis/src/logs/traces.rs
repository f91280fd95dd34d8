//! What a record that a rule holds for leaves behind: the machine that did it, and files by their SHA-256.

use super::normal::{Normal, Slot};
use std::net::IpAddr;
use watchfire_formats::log::{Record, Value};
use watchfire_model::{ArtifactId, Trace};

/// Longest value of a field that is looked at. Bytes.
const LONGEST: usize = 400;
/// Files of one record.
const FILES: usize = 4;
/// Letters of a SHA-256.
const DIGEST: usize = 64;

/// What somebody did from elsewhere is the doing of the machine that they came from; all else was done where it is recorded.
pub(super) fn of_record(record: &Record<'_>, normal: &Normal<'_>) -> Vec<Trace> {
    let from = address(normal.text(Slot::SourceAddress)).filter(|from| !from.is_loopback() && !from.is_unspecified());
    let machine = match from {
        Some(from) => from.to_string(),
        None => normal.text(Slot::Host).to_owned(),
    };
    let mut traces = Vec::new();
    if !machine.is_empty() {
        traces.push(Trace::Machine(machine.into()));
    }
    for field in record.fields() {
        let Value::Text(text) = field.value else { continue };
        if text.len() < DIGEST || text.len() > LONGEST {
            continue;
        }
        for digest in digests(text).take(FILES) {
            if !traces.contains(&Trace::File(digest)) && traces.len() <= FILES {
                traces.push(Trace::File(digest));
            }
        }
    }
    traces
}

/// What a correlation was counted by.
pub(super) fn of_group(group: &[(String, String)]) -> Vec<Trace> {
    let traces = group.iter().filter_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match address(value) {
            Some(address) => Some(Trace::Machine(address.to_string().into())),
            None if value.is_empty() => None,
            None if is(&["computer", "host", "workstation"]) => Some(Trace::Machine(value.as_str().into())),
            None if is(&["user", "account"]) => Some(Trace::Account(value.as_str().into())),
            None => None,
        }
    });
    traces.collect()
}

/// An address as logs write it, `::ffff:10.0.5.23` too.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.trim().parse().ok()?;
    Some(address.to_canonical())
}

/// SHA-256 in a text: `SHA1=…,SHA256=…,IMPHASH=…`, or by itself.
fn digests(text: &str) -> impl Iterator<Item = ArtifactId> + '_ {
    let words = text.split(|letter: char| !letter.is_ascii_hexdigit());
    words
        .filter(|word| word.len() == DIGEST)
        .filter_map(|word| ArtifactId::parse(word).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_tell_who_it_was() {
        let group = |name: &str, value: &str| of_group(&[(name.to_owned(), value.to_owned())]);
        assert_eq!(
            group("IpAddress", "::ffff:10.0.5.23"),
            [Trace::Machine("10.0.5.23".into())]
        );
        assert_eq!(group("Computer", "DC01"), [Trace::Machine("DC01".into())]);
        assert_eq!(group("TargetUserName", "root"), [Trace::Account("root".into())]);
        assert_eq!(group("Image", "a.exe"), []);
    }

    #[test]
    fn digests_are_found_among_others() {
        let digest = "957b0487a4a2c29773b99f3e22fee8b4de56205642660bfce0a0c553b27423a4";
        let found: Vec<String> = digests(&format!("SHA1=ab,SHA256={},IMPHASH=00", digest.to_uppercase()))
            .map(|id| id.to_string())
            .collect();
        assert_eq!(found, [digest]);
    }
}
