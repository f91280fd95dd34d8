//! VirusTotal, API v3: what some seventy engines say of a file, URL, name or address.
//!
//! <https://docs.virustotal.com/reference/overview>. Read: `data.attributes.last_analysis_stats`,
//! `last_analysis_date`, `popular_threat_classification`. Not read: votes, comments, relations. How many names an
//! address has resolved to says nothing here. Files are never uploaded.
//!
//! Strength, by the number of engines that say malicious, and half of those that say suspicious: from 10 on 0.9, from 5
//! on 0.8, from 3 on 0.6, 2 give 0.35, 1 gives 0.15, less gives 0.1. A single engine is wrong too often to mean more
//! than that. No engine, however many were asked, is no sign of innocence.

use super::json::{Look, maybe_within, object};
use super::web::{body, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct VirusTotal;

static INFO: ProviderInfo = ProviderInfo {
    name: "virustotal",
    title: "VirusTotal",
    answers: &[T::Ipv4, T::Ipv6, T::Domain, T::Url, T::Md5, T::Sha1, T::Sha256],
    exposure: Exposure::ThirdParty,
    base: "https://www.virustotal.com",
    key: KeyUse::Required {
        variable: "WATCHFIRE_VIRUSTOTAL_KEY",
        goes: "header x-apikey",
    },
    plans: &[
        Plan {
            name: "free",
            windows: &[Window::minute(4), Window::day(500), Window::month(15_500)],
            terms: "not for commercial products, services or workflows",
        },
        Plan {
            name: "premium",
            windows: &[],
            terms: "by contract; limits are those of the contract",
        },
    ],
    grade: Grade::B,
    group: "virustotal",
    strength: "engines that say malicious: 10 0.9, 5 0.8, 3 0.6, 2 0.35, 1 0.15",
    steps: 1,
    lifetime,
};

impl Provider for VirusTotal {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let encoded;
        let (folder, id) = match what.kind() {
            T::Ipv4 | T::Ipv6 => ("ip_addresses", what.raw()),
            T::Domain => ("domains", what.raw()),
            T::Url => {
                encoded = base64url(what.raw().as_bytes());
                ("urls", encoded.as_str())
            }
            _ => ("files", what.raw()),
        };
        Request::get(url(account.base(), &["api", "v3", folder, id], &[])).header("x-apikey", account.key())
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if not_found(turn).is_some_and(|said| said.at("error.code").text() == "NotFoundError") {
        return Ok(Answer::unknown("never analysed"));
    }
    let body = body(turn)?;
    let attributes = object(&body, "data.attributes")?;
    let stats = object(attributes, "last_analysis_stats")?;
    let engines = |name: &str| maybe_within(stats, name, 0..=1_000).map(Option::unwrap_or_default);
    let (malicious, suspicious) = (engines("malicious")?, engines("suspicious")?);
    let all = malicious + suspicious + engines("harmless")? + engines("undetected")?;
    let (towards, strength) = match malicious * 2 + suspicious {
        20.. => (Verdict::Malicious, 900),
        10.. => (Verdict::Malicious, 800),
        6.. => (Verdict::Malicious, 600),
        4.. => (Verdict::Suspicious, 350),
        2.. => (Verdict::Suspicious, 150),
        1 => (Verdict::Suspicious, 100),
        _ => (Verdict::Unknown, 0),
    };
    let label = attributes
        .at("popular_threat_classification.suggested_threat_label")
        .text();
    let mut detail = format!("{malicious} of {all} engines say malicious");
    if suspicious > 0 {
        detail = format!("{malicious} of {all} engines say malicious, {suspicious} suspicious");
    }
    if !label.is_empty() {
        detail = format!("{detail}; {label}");
    }
    let number = |path: &str| attributes.at(path).whole().map(|n| n.to_string()).unwrap_or_default();
    Ok(Answer::known(detail)
        .says(towards, strength)
        .at(attributes.at("last_analysis_date").moment())
        .see(page(what))
        .note("name", attributes.at("meaningful_name").text())
        .note("file-type", attributes.at("type_description").text())
        .note("country", attributes.at("country").text())
        .note("asn", number("asn"))
        .note("as-owner", attributes.at("as_owner").text())
        .note("registrar", attributes.at("registrar").text())
        .note("tags", attributes.at("tags").joined()))
}

/// The page for people.
fn page(what: &Observable) -> String {
    let base = "https://www.virustotal.com/gui";
    match what.kind() {
        T::Ipv4 | T::Ipv6 => url(base, &["ip-address", what.raw()], &[]),
        T::Domain => url(base, &["domain", what.raw()], &[]),
        T::Url => url(base, &["url", &base64url(what.raw().as_bytes())], &[]),
        _ => url(base, &["file", what.raw()], &[]),
    }
}

/// Base64 with `-` and `_` and without padding (RFC 4648, section 5): how the interface names URLs.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or_default();
            out.extend(ALPHABET.get(index).map(|byte| char::from(*byte)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_named_in_base64_without_padding() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("\u{3ff}?>", "z78_Pg"),
        ] {
            assert_eq!(base64url(plain.as_bytes()), encoded);
        }
    }
}
