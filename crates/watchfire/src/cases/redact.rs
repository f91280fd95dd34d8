//! Text without what must not leave: names, addresses and hosts replaced by markers, the same by the same.

use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use watchfire_model::Organisation;

/// Shorter text stands in too much else. Bytes.
const SHORTEST: usize = 3;

/// What is looked for, and what stands in its place.
#[derive(Debug)]
struct Needle {
    /// In small letters, as far as ASCII goes.
    text: String,
    marker: String,
    stands: Stands,
}

/// Where a needle is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// Where it is no part of a longer word.
    Apart,
    /// The same; what stands before it is a part of it: a name below a domain, the account before the `@`.
    Domain,
    /// Anywhere.
    Anywhere,
}

/// Replaces text, whatever its case, where it stands for itself.
#[derive(Debug, Default)]
pub(super) struct Replacer {
    needles: Vec<Needle>,
    /// Markers of internal addresses, as they are met; nothing where they may stay.
    internal: Option<RefCell<BTreeMap<IpAddr, usize>>>,
    organisation: Organisation,
    has_homes: bool,
}

impl Replacer {
    /// One that also replaces addresses inside of networks, what the organisation owns, and the names of home folders.
    pub(super) fn of_organisation(organisation: &Organisation) -> Self {
        let mut replacer = Self {
            internal: Some(RefCell::default()),
            organisation: organisation.clone(),
            has_homes: true,
            ..Self::default()
        };
        for (number, domain) in (1..).zip(&organisation.domains) {
            replacer.push(domain.as_str(), &format!("[own-host-{number}]"), Stands::Domain);
        }
        replacer
    }

    /// Looks for `text`, too.
    pub(super) fn add(&mut self, text: &str, marker: &str) {
        self.push(text, marker, Stands::Apart);
    }

    /// Looks for an address as it is, defanged, in URLs and in base64.
    pub(super) fn add_address(&mut self, address: &str, marker: &str) {
        let forms = [
            address.to_owned(),
            watchfire_model::observable::defang(address),
            address.replace('@', "[@]"),
            address.replace('@', "%40"),
            address.replace('@', "%2540"),
            address.replace('@', "&#64;"),
            address.replace('@', "="),
            address.replace('@', "(at)"),
            address.replace('@', "[at]"),
        ];
        for form in forms {
            self.push(&form, marker, Stands::Apart);
        }
        for shift in 0..3 {
            self.push(&base64(shift, address.as_bytes()), marker, Stands::Anywhere);
        }
    }

    fn push(&mut self, text: &str, marker: &str, stands: Stands) {
        let text = text.trim().to_ascii_lowercase();
        if text.len() < SHORTEST || self.needles.iter().any(|needle| needle.text == text) {
            return;
        }
        self.needles.push(Needle {
            text,
            marker: marker.to_owned(),
            stands,
        });
        // The longest first: an address before its domain.
        self.needles
            .sort_by(|one, other| (other.text.len(), &one.text).cmp(&(one.text.len(), &other.text)));
    }

    /// The text without what is looked for; nothing where none of it was there.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        let mut changed: Option<String> = None;
        for needle in &self.needles {
            let now = changed.as_deref().unwrap_or(text);
            changed = needle.replaced(now).or(changed);
        }
        if let Some(met) = &self.internal {
            let now = changed.as_deref().unwrap_or(text);
            changed = self.without_internal(now, met).or(changed);
        }
        if self.has_homes {
            let now = changed.as_deref().unwrap_or(text);
            changed = without_homes(now).or(changed);
        }
        changed
    }

    /// Replaces in every string of a document; whether anything was replaced.
    pub(super) fn document(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.text(text) {
                Some(changed) => {
                    *text = changed;
                    true
                }
                None => false,
            },
            Value::Array(values) => values
                .iter_mut()
                .fold(false, |changed, value| self.document(value) | changed),
            Value::Object(fields) => {
                let mut changed = false;
                let keys: Vec<(String, String)> = fields
                    .keys()
                    .filter_map(|key| Some((key.clone(), self.text(key)?)))
                    .collect();
                for (old, new) in keys {
                    if let Some(value) = fields.remove(&old) {
                        fields.insert(new, value);
                        changed = true;
                    }
                }
                fields
                    .values_mut()
                    .fold(changed, |changed, value| self.document(value) | changed)
            }
            _ => false,
        }
    }

    fn without_internal(&self, text: &str, met: &RefCell<BTreeMap<IpAddr, usize>>) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        let mut changed = false;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, from) = rest.split_at_checked(start)?;
            let length = from
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(from.len());
            let (run, after) = from.split_at_checked(length)?;
            out.push_str(before);
            let bare = run.trim_end_matches('.');
            match bare.parse::<Ipv4Addr>() {
                Ok(address) if self.is_internal(address) => {
                    let mut met = met.borrow_mut();
                    let next = met.len() + 1;
                    let number = *met.entry(address.into()).or_insert(next);
                    out.push_str(&format!("[internal-{number}]"));
                    out.push_str(run.get(bare.len()..).unwrap_or_default());
                    changed = true;
                }
                _ => out.push_str(run),
            }
            rest = after;
        }
        out.push_str(rest);
        changed.then_some(out)
    }

    fn is_internal(&self, address: Ipv4Addr) -> bool {
        address.is_private() || address.is_link_local() || self.organisation.owns_address(address.into())
    }
}

impl Needle {
    fn replaced(&self, text: &str) -> Option<String> {
        let small = text.to_ascii_lowercase();
        let mut out = String::new();
        let mut done = 0;
        let mut from = 0;
        while let Some(found) = small.get(from..).and_then(|rest| rest.find(&self.text)) {
            let start = from + found;
            let end = start + self.text.len();
            let before = small.get(..start).and_then(|before| before.chars().next_back());
            let after = small.get(end..).and_then(|after| after.chars().next());
            let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            if self.stands != Stands::Anywhere && (!is_apart(before) || !is_apart(after)) {
                from = start
                    + small
                        .get(start..)
                        .and_then(|rest| rest.chars().next())
                        .map_or(1, char::len_utf8);
                continue;
            }
            let start = match self.stands {
                Stands::Domain => self.begin(&small, done, start),
                Stands::Apart | Stands::Anywhere => start,
            };
            out.push_str(text.get(done..start).unwrap_or_default());
            out.push_str(&self.marker);
            (done, from) = (end, end);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        (done > 0).then_some(out)
    }

    /// Where the name below the domain, or the account before it, begins.
    fn begin(&self, small: &str, least: usize, start: usize) -> usize {
        let before = small.get(least..start).unwrap_or_default();
        if !before.ends_with(['.', '@']) {
            return start;
        }
        let is_part = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
        let kept = before.trim_end_matches(is_part);
        least + kept.len()
    }
}

/// Names of people in paths of home folders.
fn without_homes(text: &str) -> Option<String> {
    const HOMES: [&str; 4] = ["/home/", "\\users\\", "/users/", "\\\\users\\\\"];
    let mut now: Option<String> = None;
    for home in HOMES {
        let source = now.as_deref().unwrap_or(text).to_owned();
        let small = source.to_ascii_lowercase();
        let (mut out, mut done) = (String::new(), 0);
        while let Some(found) = small.get(done..).and_then(|rest| rest.find(home)) {
            let start = done + found + home.len();
            let rest = source.get(start..).unwrap_or_default();
            let length = rest.find(['/', '\\', '"', '\'', '\n']).unwrap_or(rest.len());
            out.push_str(source.get(done..start).unwrap_or_default());
            out.push_str("[user]");
            done = start + length;
        }
        if done > 0 {
            out.push_str(source.get(done..).unwrap_or_default());
            now = Some(out);
        }
    }
    now
}

/// What of `bytes` shows in base64 where so many bytes stand before it: the letters that depend on it alone.
fn base64(shift: usize, bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut padded = vec![0; shift];
    padded.extend_from_slice(bytes);
    let letters = padded.chunks_exact(3).flat_map(|chunk| {
        let number = chunk.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|bits| LETTERS.get((number >> bits & 63) as usize).copied().unwrap_or(b'='))
    });
    let skipped = (shift * 8).div_ceil(6);
    letters.skip(skipped).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(replacer: &Replacer, text: &str, expected: &str) {
        assert_eq!(replacer.text(text).as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn an_address_is_found_in_every_form_and_nothing_else_is() {
        let mut replacer = Replacer::default();
        replacer.add_address("ana@corp.example", "[x]");
        replacer.add("Ana Lopez", "[x]");
        for (text, expected) in [
            ("to ANA@corp.example, now", "to [x], now"),
            ("diana@corp.example", "diana@corp.example"),
            ("ana@corp.example.com", "[x].com"),
            ("ana[@]corp[.]example", "[x]"),
            ("http://e.example/?u=ana%40corp.example&x", "http://e.example/?u=[x]&x"),
            ("\"ana lopez\" <ana@corp.example>", "\"[x]\" <[x]>"),
            ("ana", "ana"),
        ] {
            check(&replacer, text, expected);
        }
        // What `base64` makes of it alone, and behind one and two further letters.
        check(&replacer, "/#YW5hQGNvcnAuZXhhbXBsZQ==", "/#[x]ZQ==");
        check(&replacer, "?u=PWFuYUBjb3JwLmV4YW1wbGU=", "?u=PW[x]bGU=");
        check(&replacer, "?u=dT1hbmFAY29ycC5leGFtcGxl", "?u=dT1[x]");
    }

    #[test]
    fn what_is_the_organisations_own_goes_with_all_below_it() {
        let organisation = Organisation {
            domains: vec![watchfire_model::DomainName::parse("corp.example").unwrap()],
            ..Organisation::default()
        };
        let replacer = Replacer::of_organisation(&organisation);
        for (text, expected) in [
            ("pc12.hq.corp.example said", "[own-host-1] said"),
            ("mail bob@corp.example", "mail [own-host-1]"),
            ("notcorp.example", "notcorp.example"),
            (
                "10.1.2.3 and 10.1.2.4 and 10.1.2.3.",
                "[internal-1] and [internal-2] and [internal-1].",
            ),
            ("203.0.113.7", "203.0.113.7"),
            (
                "C:\\Users\\bob\\a.exe /home/eve/x",
                "C:\\Users\\[user]\\a.exe /home/[user]/x",
            ),
        ] {
            check(&replacer, text, expected);
        }
    }
}
