//! ThreatFox of abuse.ch: hosts, URLs and files of malware, by families.
//!
//! | field | becomes |
//! |---|---|
//! | `ioc_value` (API: `ioc`), `ioc_type` | the observable; `ip:port` is taken as the address |
//! | `confidence_level` | confidence |
//! | `first_seen_utc`, `first_seen` | first seen |
//! | `last_seen_utc`, `last_seen` | last seen |
//! | `threat_type`, `malware_printable` | threat |
//! | `is_compromised` | `compromised host`, in the threat: it has an innocent owner |
//! | `reference` | reference |
//!
//! The CSV has its header in the last comment. The JSON is an object of numbers, each with a list of entries, or
//! `{"data": […]}` as the API gives it. Digests of unusual kinds (`sha3_384_hash`) are counted as unsupported.
//! Source: <https://threatfox.abuse.ch/api/>.

use super::entries::{Entries, Values, field};
use crate::feed::intake::Taker;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, Observable, ObservableType};

/// See the head of this file.
pub(in crate::feed) struct Threatfox;

static INFO: FormatInfo = FormatInfo {
    name: "threatfox",
    describes: "ThreatFox of abuse.ch, CSV or JSON",
    yields: "addresses (with their port in the threat), domains, URLs, digests",
    towards: "malicious",
    fields: "confidence, first seen, last seen, threat, reference",
    reach: "exact",
    source: "https://threatfox.abuse.ch/api/",
};

/// Names are those of the files first, then those that answers of the API have.
static ENTRIES: Entries<9> = Entries {
    wanted: "an export of ThreatFox",
    list: Some(&["*", "[]"]),
    fields: [
        field(&["ioc_value", "ioc"]),
        field(&["ioc_type"]),
        field(&["confidence_level"]),
        field(&["first_seen_utc", "first_seen"]),
        field(&["last_seen_utc", "last_seen"]),
        field(&["threat_type"]),
        field(&["malware_printable"]),
        field(&["is_compromised"]),
        field(&["reference"]),
    ],
};

impl FeedFormat for Threatfox {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::has(head, "fk_malware")
            || super::has(head, "ThreatFox IOCs")
            || (super::is_json(head) && super::has(head, "\"malware_printable\"") && super::has(head, "\"ioc_type\""))
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        ENTRIES.read(input, options, out, take)
    }
}

fn take(place: Place, values: &Values<'_, 9>, taker: &mut Taker<'_>) {
    let [
        value,
        kind,
        confidence,
        first,
        last,
        threat,
        malware,
        compromised,
        reference,
    ] = values;
    let dates = taker.dates();
    let complete = |observable: Observable| Indicator {
        confidence: value::percent(confidence),
        first_seen: dates.read(first),
        last_seen: dates.read(last),
        threat: value::threat(&[
            &value::words(threat),
            malware,
            if compromised.eq_ignore_ascii_case("true") {
                "compromised host"
            } else {
                ""
            },
        ]),
        reference: value::reference(reference),
        ..Indicator::new(observable)
    };
    match &**kind {
        "ip:port" => taker.take_typed(place, ObservableType::Socket, value, complete),
        "sha3_384_hash" | "envelope_from" | "body_from" | "source_ip" if value::guess(value).is_err() => {
            taker.reject(place, Reason::Unsupported, "no such digest is looked for", value);
        }
        kind => match value::kind_called(kind) {
            Some(kind) => taker.take_typed(place, kind, value, complete),
            None => taker.take_guessed(place, value, complete),
        },
    }
}
