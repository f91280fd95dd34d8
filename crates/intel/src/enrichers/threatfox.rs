//! ThreatFox of abuse.ch: addresses, names, URLs and files that belong to known malware.
//!
//! <https://threatfox.abuse.ch/api/>. A search finds every entry that contains the term, so each is looked at: only those
//! about the value itself count, where an address counts with any port.
//!
//! Strength: its confidence in percent × 0.9. From 75 on its word suffices; from 50 on it speaks for malicious, below for
//! suspicious. A file that entries are about 0.8. Entries expire after six months at the source.

use super::abuse_ch::{GROUP, HEADER, KEY, PLANS, ended};
use super::json::{Look, list, maybe_within};
use super::web::{JSON, body};
use super::{Account, Answer, Fault, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::json;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict};

/// See the module.
pub(super) struct ThreatFox;

static INFO: ProviderInfo = ProviderInfo {
    name: "threatfox",
    title: "ThreatFox",
    answers: &[T::Ipv4, T::Socket, T::Domain, T::Url, T::Md5, T::Sha256],
    exposure: Exposure::ThirdParty,
    base: "https://threatfox-api.abuse.ch",
    key: KEY,
    plans: PLANS,
    grade: Grade::B,
    group: GROUP,
    strength: "confidence × 0.9, from 75 on it suffices; file 0.8",
    steps: 1,
    lifetime,
};

impl Provider for ThreatFox {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let question = match what.kind() {
            T::Md5 | T::Sha256 => json!({"query": "search_hash", "hash": what.raw()}),
            _ => json!({"query": "search_ioc", "search_term": what.raw()}),
        };
        let page = format!("{}/api/v1/", account.base());
        Request::post(page, JSON, question.to_string()).header(HEADER, account.key())
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    if !ended(&body)? {
        return Ok(Answer::unknown("not listed"));
    }
    let entries = list(&body, "data")?;
    let file = matches!(what.kind(), T::Md5 | T::Sha256);
    let mut best = None;
    for entry in entries {
        if !file && !is_about(entry.at("ioc").text(), what) {
            continue;
        }
        let sure = maybe_within(entry, "confidence_level", 0..=100)?.unwrap_or_default();
        best = best.filter(|(surest, _)| *surest > sure).or(Some((sure, entry)));
    }
    let Some((sure, best)) = best else {
        return Ok(Answer::unknown("not listed"));
    };
    let (towards, strength) = match (file, sure) {
        (true, _) => (Verdict::Malicious, 800),
        (false, 50..) => (Verdict::Malicious, sure * 9),
        (false, _) => (Verdict::Suspicious, sure * 9),
    };
    let threat = best.at("threat_type").text().replace('_', " ");
    let malware = best.at("malware_printable").text();
    let detail = match (file, malware) {
        (true, "") => "a sample that entries are about".to_owned(),
        (true, malware) => format!("a sample of {malware}"),
        (false, malware) => format!("{threat}, {malware}, confidence {sure}"),
    };
    let answer = Answer::known(detail)
        .says(towards, u16::try_from(strength).unwrap_or_default())
        .at(best.at("last_seen").moment().or_else(|| best.at("first_seen").moment()));
    let answer = if !file && sure >= 75 { answer.curated() } else { answer };
    let reference = best.at("reference").text();
    let own = best
        .at("id")
        .whole()
        .map(|id| format!("https://threatfox.abuse.ch/ioc/{id}/"));
    Ok(answer
        .see(own.unwrap_or_else(|| reference.to_owned()))
        .note("entry", best.at("ioc").text())
        .note("tags", best.at("tags").joined())
        .note("reporter", best.at("reporter").text()))
}

/// Whether an entry about `entry` is about the value, and not about one that contains it.
fn is_about(entry: &str, what: &Observable) -> bool {
    let value = what.raw();
    match what.kind() {
        T::Ipv4 => entry.split(':').next() == Some(value),
        T::Domain => entry.trim_end_matches('.').eq_ignore_ascii_case(value),
        T::Url => Observable::parse(T::Url, entry).is_ok_and(|url| url == *what),
        _ => entry.eq_ignore_ascii_case(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_only_contain_the_value_are_about_something_else() {
        let check = |kind, value: &str, entry: &str, expected| {
            let what = Observable::parse(kind, value).unwrap();
            assert_eq!(is_about(entry, &what), expected, "{value} in {entry}");
        };
        check(T::Ipv4, "203.0.113.7", "203.0.113.7:443", true);
        check(T::Ipv4, "203.0.113.7", "203.0.113.77:443", false);
        check(T::Domain, "evil.com", "notevil.com", false);
        check(T::Domain, "evil.com", "EVIL.com", true);
        check(T::Url, "http://evil.com/a", "http://evil.com/a/b", false);
        check(T::Socket, "203.0.113.7:443", "203.0.113.7:443", true);
    }
}
