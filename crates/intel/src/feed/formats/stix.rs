//! STIX 2.1 bundles and TAXII 2.1 envelopes: objects of type `indicator`.
//!
//! | property | becomes |
//! |---|---|
//! | `pattern` (of `pattern_type` `stix`) | the values that decide it by themselves, one indicator each |
//! | `indicator_types` (2.0: `labels`) | towards: `benign`, `anomalous-activity` suspicious, `anonymization` unknown, else malicious |
//! | `confidence` | confidence |
//! | `valid_from`, `valid_until` | first seen, valid until |
//! | `modified` | last seen |
//! | `name` | threat |
//! | the first URL of `external_references`, or `id` | reference |
//! | `revoked` | counted as withdrawn |
//! | `object_marking_refs` | the strictest marking of all |
//! | `more`, `next` (of an envelope) | the next page |
//!
//! Patterns of other languages (YARA, Sigma, Snort) and comparisons that one value does not decide are counted as
//! unsupported. `url:value LIKE 'http://…/a/%'` is the URL before the sign, reach `prefix`. A network written as `ipv4-addr:value = '203.0.113.0/24'` is the network, as the specification says.
//! Other objects are not read. Source: STIX 2.1 parts 4 and 9, TAXII 2.1 section 3.7 (OASIS).

use crate::feed::intake::{Dates, Next, Taker};
use crate::feed::json::{self, Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::pattern::{self, Decisive};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use serde_json::Value;
use std::io::Read;
use watchfire_model::{Indicator, Invalid, Observable, ObservableType, Reach, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Stix;

static INFO: FormatInfo = FormatInfo {
    name: "stix",
    describes: "STIX 2.1 bundles and TAXII 2.1 envelopes, JSON",
    yields: "addresses, networks, domains, URLs, digests, e-mail addresses, registry keys",
    towards: "malicious, or as `indicator_types` says",
    fields: "confidence, first seen, last seen, valid until, threat, reference; marking; pages",
    reach: "exact; networks; `url:value LIKE '…%'` URLs that begin so",
    source: "https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html",
};

const WANTED: &str = "a STIX bundle or TAXII envelope";

impl FeedFormat for Stix {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let bundle = super::has(head, "\"bundle--") || super::has(head, "\"spec_version\"");
        super::is_json(head) && (bundle || (super::has(head, "\"objects\"") && super::has(head, "\"more\"")))
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        let (mut number, mut more, mut next, mut is_bundle) = (0, false, String::new(), false);
        let paths: &[json::Path] = &[&["objects", "[]"], &["more"], &["next"], &["type"]];
        let found = walk(input, options.record, paths, &[], &mut |met| match met {
            Met::Record(0, value) => {
                number += 1;
                take(Place::Record(number), &value, &mut taker);
            }
            Met::Record(1, value) => more = value.as_bool().unwrap_or_default(),
            Met::Record(2, value) => next = json::text(&value).into_owned(),
            Met::Record(_, value) => is_bundle |= value == "bundle",
            Met::Left => {}
        })?;
        // An envelope without objects is `{}`, a page of nothing.
        if !found && !is_bundle {
            return Err(super::no_columns(WANTED, "it has no 'objects'"));
        }
        if more && !next.is_empty() {
            taker.intake.next = Some(Next::Cursor(next));
        } else if more {
            taker.intake.next = Some(Next::AddedLast);
        }
        Ok(taker.finish())
    }
}

/// The markings that the specification gives fixed identifiers, by their first part (STIX 2.1 section 7.2.1.4, and the
/// definition of TLP 2.0 by OASIS).
const MARKINGS: &[(&str, &str)] = &[
    ("marking-definition--613f2e26-", "TLP:CLEAR"),
    ("marking-definition--94868c89-", "TLP:CLEAR"),
    ("marking-definition--34098fce-", "TLP:GREEN"),
    ("marking-definition--bab4a63c-", "TLP:GREEN"),
    ("marking-definition--f88d31f6-", "TLP:AMBER"),
    ("marking-definition--55d920b0-", "TLP:AMBER"),
    ("marking-definition--939a9414-", "TLP:AMBER+STRICT"),
    ("marking-definition--5e57c739-", "TLP:RED"),
    ("marking-definition--e828b379-", "TLP:RED"),
];

fn take(place: Place, value: &Value, taker: &mut Taker<'_>) {
    let Some(object) = Fields::of(value) else {
        return taker.reject(place, Reason::Malformed, "not an object", &excerpt(value));
    };
    if object.text("type") != "indicator" {
        return;
    }
    for marking in object.list("object_marking_refs") {
        let marking = json::text(marking);
        if let Some((_, label)) = MARKINGS.iter().find(|(id, _)| marking.starts_with(id)) {
            taker.mark(label);
        }
    }
    let text = object.text("pattern");
    if object.truth("revoked") == Some(true) {
        return taker.reject(place, Reason::Withdrawn, "revoked by its author", &text);
    }
    if !matches!(&*object.text("pattern_type"), "" | "stix") {
        return taker.reject(place, Reason::Unsupported, "a pattern in another language", &text);
    }
    let pattern = match pattern::read(&text) {
        Ok(pattern) => pattern,
        Err(why) => return taker.reject(place, Reason::Malformed, why, &text),
    };
    if let Some(why) = pattern.left_out {
        taker.reject(place, Reason::Unsupported, why, &text);
    }
    let dates = taker.dates();
    for decisive in &pattern.values {
        match observable(decisive) {
            Some(Ok(observable)) => {
                let mut indicator = indicator(object, observable, &dates);
                if decisive.begins {
                    indicator.reach = Reach::Prefix;
                }
                taker.take(place, indicator);
            }
            Some(Err(why)) => taker.malformed(place, why, &decisive.value),
            None => taker.reject(
                place,
                Reason::Unsupported,
                "no observable has this property",
                &decisive.path,
            ),
        }
    }
}

fn indicator(object: Fields<'_>, observable: Observable, dates: &Dates) -> Indicator {
    let types = match object.joined("indicator_types") {
        types if types.is_empty() => object.joined("labels"),
        types => types,
    };
    let towards = match &*types {
        types if types.contains("malicious") || types.contains("compromised") => Verdict::Malicious,
        types if types.contains("benign") => Verdict::Benign,
        types if types.contains("anomalous") => Verdict::Suspicious,
        types if types.contains("anonymization") => Verdict::Unknown,
        _ => Verdict::Malicious,
    };
    let url = object
        .objects("external_references")
        .map(|it| it.text("url"))
        .find(|url| !url.is_empty());
    Indicator {
        towards,
        confidence: object
            .number("confidence")
            .and_then(|percent| u8::try_from(percent).ok()),
        first_seen: dates.read(&object.text("valid_from")),
        last_seen: dates.read(&object.text("modified")),
        valid_until: dates.read(&object.text("valid_until")),
        threat: value::threat(&[&object.text("name")]),
        reference: value::reference(&url.unwrap_or_else(|| object.text("id"))),
        ..Indicator::new(observable)
    }
}

/// The observable that a property holds; nothing where none does.
fn observable(decisive: &Decisive) -> Option<Result<Observable, Invalid>> {
    use ObservableType as T;
    let value = &decisive.value;
    let path = &*decisive.path;
    if let Some((_, algorithm)) = path.split_once(":hashes.") {
        let kind = match algorithm.to_ascii_uppercase().replace('-', "").as_str() {
            "MD5" => T::Md5,
            "SHA1" => T::Sha1,
            "SHA224" => T::Sha224,
            "SHA256" => T::Sha256,
            "SHA384" => T::Sha384,
            "SHA512" => T::Sha512,
            _ => return None,
        };
        return Some(value::typed(kind, value));
    }
    Some(match path {
        "ipv4-addr:value" | "ipv6-addr:value" => value::address_or_network(value),
        "network-traffic:dst_ref.value" | "network-traffic:src_ref.value" => {
            value::address_or_network(value).or_else(|_| value::typed(T::Domain, value))
        }
        "domain-name:value" => value::typed(T::Domain, value),
        "domain-name:resolves_to_refs[*].value" => value::address_or_network(value),
        "url:value" => value::typed(T::Url, value),
        "email-addr:value" | "email-message:from_ref.value" | "email-message:sender_ref.value" => {
            value::typed(T::Email, value)
        }
        "mac-addr:value" => value::typed(T::Mac, value),
        "autonomous-system:number" => value::typed(T::Asn, &format!("AS{value}")),
        "windows-registry-key:key" => value::typed(T::RegistryKey, value),
        _ => return None,
    })
}
