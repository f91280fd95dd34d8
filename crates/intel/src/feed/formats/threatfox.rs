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

use crate::feed::intake::Taker;
use crate::feed::json::{Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::table::Table;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use std::borrow::Cow;
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

const WANTED: &str = "an export of ThreatFox";

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
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        if input.is_json() {
            json(input, &mut taker)?;
        } else {
            csv(input, &mut taker)?;
        }
        Ok(taker.finish())
    }
}

/// What the names of the fields are in the files, and in the answers of the API.
const NAMES: [&[&str]; 9] = [
    &["ioc_value", "ioc"],
    &["ioc_type"],
    &["confidence_level"],
    &["first_seen_utc", "first_seen"],
    &["last_seen_utc", "last_seen"],
    &["threat_type"],
    &["malware_printable"],
    &["is_compromised"],
    &["reference"],
];

fn json(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let limit = taker.options().record;
    let mut number = 0;
    let found = walk(input, limit, &[&["*", "[]"]], &[], &mut |met| {
        let Met::Record(_, value) = met else { return };
        number += 1;
        let place = Place::Record(number);
        match Fields::of(&value) {
            Some(entry) => take(place, &NAMES.map(|names| entry.first(names)), taker),
            None => taker.reject(place, Reason::Malformed, "not an object", &excerpt(&value)),
        }
    })?;
    if found {
        Ok(())
    } else {
        Err(super::no_columns(WANTED, "no list of entries is in it"))
    }
}

fn csv(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let mut table = Table::new(input, ',');
    let mut columns = None;
    while let Some(record) = table.next(taker)?.cloned() {
        let columns = columns.get_or_insert_with(|| {
            let header = if record.find(&["ioc_value"]).is_some() {
                record.clone()
            } else {
                table.comment()
            };
            NAMES.map(|names| header.find(names))
        });
        let [Some(value), ..] = *columns else {
            return Err(super::no_columns(WANTED, "no header names the column 'ioc_value'"));
        };
        if record.get(value).eq_ignore_ascii_case("ioc_value") {
            continue;
        }
        take(
            record.place(),
            &columns.map(|column| Cow::Borrowed(record.at(column))),
            taker,
        );
    }
    Ok(())
}

fn take(place: Place, fields: &[Cow<'_, str>; 9], taker: &mut Taker<'_>) {
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
    ] = fields;
    let complete = |observable: Observable| Indicator {
        confidence: value::percent(confidence),
        first_seen: value::moment(first),
        last_seen: value::moment(last),
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
