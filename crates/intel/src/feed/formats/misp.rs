//! MISP: events of a feed (`UUID.json`), and what its searches for events and attributes answer.
//!
//! | field | becomes |
//! |---|---|
//! | `Attribute[].type`, `.value` (also of `Object[]`) | the observable; `filename` and digest, `domain` and `ip` and their like are taken apart |
//! | `to_ids` false | counted as informative |
//! | `deleted` | counted as withdrawn |
//! | `first_seen` | first seen |
//! | `last_seen`, or `timestamp` | last seen |
//! | `comment`, the event's `info`, families of `misp-galaxy:` | threat |
//! | `uuid` of the event | reference |
//! | `admiralty-scale:information-credibility`, `misp:confidence-level` | confidence |
//! | `false-positive:risk="high"` | towards `suspicious` |
//! | `tlp:…`, `PAP:…` | the strictest marking of all |
//!
//! Tags of the event hold for all its attributes. `disable_correlation` is about MISP's own screens and changes nothing.
//! Types without an observable (mutexes, YARA rules, plain file names, …) are counted as unsupported.
//! Source: <https://www.misp-standard.org/rfc/misp-standard-core.html>.

use crate::feed::intake::Taker;
use crate::feed::json::{self, Fields, Met, excerpt, walk, walk_keys};
use crate::feed::lines::Input;
use crate::feed::pending::Pending;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use serde_json::Value;
use std::io::Read;
use watchfire_model::{Indicator, Invalid, Moment, Observable, ObservableType, Untrusted, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Misp;

static INFO: FormatInfo = FormatInfo {
    name: "misp",
    describes: "MISP: events of a feed, answers of a search, JSON",
    yields: "addresses, networks, domains, URLs, digests, e-mail addresses, keys, wallets, CVE identifiers",
    towards: "malicious; suspicious where false positives are likely",
    fields: "confidence, first seen, last seen, threat, reference; marking",
    reach: "exact",
    source: "https://www.misp-standard.org/rfc/misp-standard-core.html",
};

const WANTED: &str = "a MISP event";

/// Paths of one event, in the three places where events stand.
const OF_EVENT: usize = 5;
const PATHS: &[json::Path] = &[
    &["Event", "Attribute", "[]"],
    &["Event", "Object", "[]"],
    &["Event", "info"],
    &["Event", "uuid"],
    &["Event", "Tag"],
    &["response", "[]", "Event", "Attribute", "[]"],
    &["response", "[]", "Event", "Object", "[]"],
    &["response", "[]", "Event", "info"],
    &["response", "[]", "Event", "uuid"],
    &["response", "[]", "Event", "Tag"],
    &["[]", "Event", "Attribute", "[]"],
    &["[]", "Event", "Object", "[]"],
    &["[]", "Event", "info"],
    &["[]", "Event", "uuid"],
    &["[]", "Event", "Tag"],
    &["response", "Attribute", "[]"],
];
const EVENTS: &[json::Path] = &[&["Event"], &["response", "[]", "Event"], &["[]", "Event"]];

/// What is known of the event that is being read.
#[derive(Default)]
struct Event {
    info: String,
    uuid: String,
    tags: Tags,
}

/// What tags say.
#[derive(Default)]
struct Tags {
    confidence: Option<u8>,
    family: String,
    is_doubtful: bool,
}

impl FeedFormat for Misp {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let event = super::has(head, "\"Event\"") || super::has(head, "\"Attribute\"");
        super::is_json(head) && event
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        let mut number = 0;
        let mut event = Event::default();
        let mut pending = Pending::default();
        let found = walk(input, options.record, PATHS, EVENTS, &mut |met| match met {
            Met::Record(path, value) if path % OF_EVENT < 2 => {
                number += 1;
                let place = Place::Record(number);
                let object = path % OF_EVENT == 1;
                match Fields::of(&value) {
                    Some(object_of) if object => {
                        if object_of.truth("deleted") != Some(true) {
                            object_of
                                .objects("Attribute")
                                .for_each(|it| hold(place, it, &mut pending, &mut taker));
                        }
                    }
                    Some(attribute) => hold(place, attribute, &mut pending, &mut taker),
                    None => taker.reject(place, Reason::Malformed, "not an object", &excerpt(&value)),
                }
                pending.bound(&mut taker, |indicator| complete(indicator, &event));
            }
            Met::Record(path, value) => match path % OF_EVENT {
                2 => event.info = json::text(&value).into_owned(),
                3 => event.uuid = json::text(&value).into_owned(),
                _ => event.tags = tags(value.as_array().map_or(&[], Vec::as_slice), &mut taker),
            },
            Met::Left => {
                pending.release(&mut taker, |indicator| complete(indicator, &event));
                event = Event::default();
            }
        })?;
        pending.release(&mut taker, |indicator| complete(indicator, &event));
        if !found {
            return Err(super::no_columns(WANTED, "it has neither 'Event' nor 'response'"));
        }
        Ok(taker.finish())
    }
}

fn complete(indicator: &mut Indicator, event: &Event) {
    let own = indicator.threat.raw().to_owned();
    indicator.threat = value::threat(&[&event.tags.family, &own, &event.info]);
    indicator.confidence = indicator.confidence.or(event.tags.confidence);
    if event.tags.is_doubtful && indicator.towards == Verdict::Malicious {
        indicator.towards = Verdict::Suspicious;
    }
    if indicator.reference.is_empty() {
        indicator.reference = value::reference(&event.uuid);
    }
}

fn tags(tags: &[Value], taker: &mut Taker<'_>) -> Tags {
    let mut out = Tags::default();
    for tag in tags.iter().filter_map(Fields::of) {
        let name = tag.text("name");
        taker.mark(&name);
        let Some((what, said)) = name.split_once('=') else {
            continue;
        };
        let said = said.trim_matches('"');
        match what {
            "admiralty-scale:information-credibility" => out.confidence = credibility(said),
            "misp:confidence-level" => {
                out.confidence = match said {
                    "completely-confident" => Some(100),
                    "usually-confident" => Some(75),
                    "fairly-confident" => Some(50),
                    "rarely-confident" => Some(25),
                    "unconfident" => Some(0),
                    _ => out.confidence,
                };
            }
            "false-positive:risk" => out.is_doubtful = said == "high",
            "misp-galaxy:malpedia"
            | "misp-galaxy:tool"
            | "misp-galaxy:ransomware"
            | "misp-galaxy:botnet"
            | "misp-galaxy:banker"
            | "misp-galaxy:rat"
            | "misp-galaxy:stealer"
            | "misp-galaxy:threat-actor"
                if out.family.is_empty() =>
            {
                said.clone_into(&mut out.family);
            }
            _ => {}
        }
    }
    out
}

/// The numbers of the Admiralty as the MISP taxonomy weighs them.
fn credibility(number: &str) -> Option<u8> {
    Some(match number {
        "1" => 100,
        "2" => 75,
        "3" | "6" => 50,
        "4" => 25,
        "5" => 0,
        _ => return None,
    })
}

fn hold(place: Place, attribute: Fields<'_>, pending: &mut Pending, taker: &mut Taker<'_>) {
    let text = attribute.text("value");
    if attribute.truth("deleted") == Some(true) {
        return taker.reject(place, Reason::Withdrawn, "deleted by its author", &text);
    }
    if attribute.truth("to_ids") != Some(true) {
        return taker.reject(place, Reason::Informative, "not for detection (to_ids)", &text);
    }
    let tags = tags(attribute.list("Tag"), taker);
    let all = observables(&attribute.text("type"), &text);
    if all.is_empty() {
        return taker.reject(place, Reason::Unsupported, "no observable is of this type", &text);
    }
    let dates = taker.dates();
    for (observable, port) in all {
        let observable = match observable {
            Ok(observable) => observable,
            Err(why) => {
                taker.malformed(place, why, &text);
                continue;
            }
        };
        let port = value::port(port);
        let seen = dates.read(&attribute.text("last_seen"));
        let seen = seen.or_else(|| dates.read(&attribute.text("timestamp")));
        pending.hold(
            place,
            Indicator {
                towards: if tags.is_doubtful {
                    Verdict::Suspicious
                } else {
                    Verdict::Malicious
                },
                confidence: tags.confidence,
                first_seen: dates.read(&attribute.text("first_seen")),
                last_seen: seen,
                threat: value::threat(&[&tags.family, &attribute.text("comment"), &port]),
                ..Indicator::new(observable)
            },
        );
    }
}

/// The observables of an attribute, each with the port that stands beside it. None if the type has none.
fn observables<'t>(kind: &str, text: &'t str) -> Vec<(Result<Observable, Invalid>, &'t str)> {
    if let Some((first, second)) = kind.split_once('|') {
        // File names may hold a bar, and ports stand behind a colon as often as behind one.
        let (one, other) = match first {
            "filename" => text.rsplit_once('|'),
            _ => text.split_once('|').or_else(|| text.rsplit_once(':')),
        }
        .unwrap_or((text, ""));
        return match (first, second) {
            ("domain", "ip") => vec![
                (value::typed(ObservableType::Domain, one), ""),
                (value::address_or_network(other), ""),
            ],
            ("regkey", _) => vec![(value::typed(ObservableType::RegistryKey, one), "")],
            (first, "port") => observable(first, one).into_iter().map(|it| (it, other)).collect(),
            ("filename", second) => observable(second, other).into_iter().map(|it| (it, "")).collect(),
            _ => Vec::new(),
        };
    }
    if kind == "malware-sample" {
        let (_, digest) = text.rsplit_once('|').unwrap_or(("", text));
        return vec![(value::typed(ObservableType::Md5, digest), "")];
    }
    observable(kind, text).into_iter().map(|it| (it, "")).collect()
}

fn observable(kind: &str, text: &str) -> Option<Result<Observable, Invalid>> {
    use ObservableType as T;
    let kind = match kind {
        "ip-src" | "ip-dst" | "ip" => return Some(value::address_or_network(text)),
        "domain" | "hostname" => T::Domain,
        "url" | "link" | "uri" => T::Url,
        "md5" | "x509-fingerprint-md5" => T::Md5,
        "sha1" | "x509-fingerprint-sha1" => T::Sha1,
        "sha224" => T::Sha224,
        "sha256" | "x509-fingerprint-sha256" => T::Sha256,
        "sha384" => T::Sha384,
        "sha512" => T::Sha512,
        "email" | "email-src" | "email-dst" | "email-reply-to" => T::Email,
        "vulnerability" => T::Cve,
        "AS" => T::Asn,
        "mac-address" => T::Mac,
        "regkey" => T::RegistryKey,
        "user-agent" => T::UserAgent,
        "ja3-fingerprint-md5" => T::Ja3,
        "hassh-md5" => T::Hassh,
        "btc" => T::Btc,
        "xmr" => T::Xmr,
        "iban" => T::Iban,
        _ => return None,
    };
    Some(match kind {
        T::Asn if !text.starts_with(['A', 'a']) => value::typed(kind, &format!("AS{text}")),
        _ => value::typed(kind, text),
    })
}

/// An event that the manifest of a MISP feed names: `UUID.json` stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Lower-case hexadecimal digits and hyphens, and so a safe name.
    pub uuid: String,
    /// When the event was last changed.
    pub changed: Option<Moment>,
    /// What it is about.
    pub info: Untrusted,
}

/// Reads `manifest.json` of a MISP feed: its events, in the manifest's order.
///
/// # Errors
/// When it is no such file. Entries whose name is no UUID are left out.
pub fn manifest(input: &mut dyn Read, options: &Options) -> Result<Vec<ManifestEntry>, FeedError> {
    const WANTED: &str = "the manifest of a MISP feed";
    /// Far more than any feed has.
    const MOST: usize = 1_000_000;
    let mut events = Vec::new();
    let input = Input::open(input, WANTED)?;
    walk_keys(input, options.record, &mut |key, value| {
        let is_uuid = key.len() == 36 && key.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if let Some(entry) = Fields::of(&value).filter(|_| is_uuid && events.len() < MOST) {
            events.push(ManifestEntry {
                uuid: key.to_ascii_lowercase(),
                changed: entry.moment("timestamp"),
                info: value::threat(&[&entry.text("info")]),
            });
        }
    })?;
    if events.is_empty() {
        return Err(super::no_columns(WANTED, "it names no event"));
    }
    Ok(events)
}
