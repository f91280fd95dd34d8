//! Pulses of AlienVault OTX: a page of `pulses/subscribed`, or one pulse.
//!
//! | field | becomes |
//! |---|---|
//! | `indicators[].indicator`, `.type` | the observable |
//! | `indicators[].created` | first seen |
//! | `indicators[].expiration` | valid until |
//! | `indicators[].is_active` = 0 | counted as withdrawn |
//! | `indicators[].role`, `.title` | threat |
//! | the pulse's `name`, `malware_families`, `adversary` | threat |
//! | the pulse's `modified` | last seen |
//! | the pulse's `id` | reference |
//! | the pulse's `tlp` | the strictest marking of all |
//! | `next` | the next page |
//!
//! Anybody may publish a pulse, so its indicators are `suspicious`. Types that no observable can be compared with
//! (`Mutex`, `YARA`, `FileHash-PEHASH`, …) are counted as unsupported. Source: <https://otx.alienvault.com/api>.

use crate::feed::intake::{Next, Taker};
use crate::feed::json::{self, Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::pending::Pending;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use serde_json::Value;
use std::io::Read;
use watchfire_model::{Indicator, Moment, ObservableType, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Otx;

static INFO: FormatInfo = FormatInfo {
    name: "otx",
    describes: "pulses of AlienVault OTX, JSON",
    yields: "addresses, networks, domains, URLs, digests, e-mail addresses, CVE identifiers",
    towards: "suspicious: anybody may publish a pulse",
    fields: "first seen, last seen, valid until, threat, reference; marking; pages",
    reach: "exact",
    source: "https://otx.alienvault.com/api",
};

const WANTED: &str = "pulses of OTX";

/// What is read of a pulse, in a page and alone.
const PATHS: &[json::Path] = &[
    &["results", "[]", "indicators", "[]"],
    &["results", "[]", "name"],
    &["results", "[]", "id"],
    &["results", "[]", "tlp"],
    &["results", "[]", "malware_families"],
    &["results", "[]", "adversary"],
    &["results", "[]", "modified"],
    &["indicators", "[]"],
    &["name"],
    &["id"],
    &["tlp"],
    &["malware_families"],
    &["adversary"],
    &["modified"],
    &["next"],
];
/// Paths of one pulse.
const OF_PULSE: usize = 7;

/// What is known of the pulse that is being read.
#[derive(Default)]
struct Pulse {
    name: String,
    id: String,
    families: String,
    adversary: String,
    modified: Option<Moment>,
}

impl FeedFormat for Otx {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let pulse = super::has(head, "\"author_name\"")
            || super::has(head, "\"prefetch_pulse_ids\"")
            || super::has(head, "\"adversary\"");
        super::is_json(head) && pulse
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
        let mut pulse = Pulse::default();
        let mut pending = Pending::default();
        let found = walk(
            input,
            options.record,
            PATHS,
            &[&["results", "[]"]],
            &mut |met| match met {
                Met::Record(path, value) if path == OF_PULSE * 2 => {
                    let next = json::text(&value).into_owned();
                    taker.intake.next = Some(next).filter(|next| next.starts_with("http")).map(Next::Url);
                }
                Met::Record(path, value) => {
                    let text = json::text(&value);
                    match path % OF_PULSE {
                        0 => {
                            number += 1;
                            hold(Place::Record(number), &value, &mut pending, &mut taker);
                            pending.bound(&mut taker, |indicator| complete(indicator, &pulse));
                        }
                        1 => pulse.name = text.into_owned(),
                        2 => pulse.id = text.into_owned(),
                        3 => taker.mark(&format!("TLP:{text}")),
                        4 => pulse.families = families(&value),
                        5 => pulse.adversary = text.into_owned(),
                        _ => pulse.modified = taker.dates().read(&text),
                    }
                }
                Met::Left => {
                    pending.release(&mut taker, |indicator| complete(indicator, &pulse));
                    pulse = Pulse::default();
                }
            },
        )?;
        pending.release(&mut taker, |indicator| complete(indicator, &pulse));
        if !found {
            return Err(super::no_columns(WANTED, "it has neither 'results' nor 'indicators'"));
        }
        Ok(taker.finish())
    }
}

/// Families come as names or as objects with a name.
fn families(value: &Value) -> String {
    let all = value.as_array().map_or(&[][..], Vec::as_slice).iter().take(8);
    let names: Vec<String> = all
        .map(|family| match Fields::of(family) {
            Some(family) => family.first(&["display_name", "name"]).into_owned(),
            None => json::text(family).into_owned(),
        })
        .collect();
    names.join(", ")
}

fn complete(indicator: &mut Indicator, pulse: &Pulse) {
    let own = indicator.threat.raw().to_owned();
    indicator.threat = value::threat(&[&pulse.families, &pulse.adversary, &own, &pulse.name]);
    indicator.last_seen = pulse.modified;
    if !pulse.id.is_empty() {
        indicator.reference = value::reference(&format!("https://otx.alienvault.com/pulse/{}", pulse.id));
    }
}

fn hold(place: Place, value: &Value, pending: &mut Pending, taker: &mut Taker<'_>) {
    let Some(entry) = Fields::of(value) else {
        return taker.reject(place, Reason::Malformed, "not an object", &excerpt(value));
    };
    let text = entry.text("indicator");
    if entry.truth("is_active") == Some(false) {
        return taker.reject(place, Reason::Withdrawn, "no longer active", &text);
    }
    let observable = match &*entry.text("type") {
        "IPv4" | "IPv6" | "CIDR" => value::address_or_network(&text),
        "domain" | "hostname" => value::typed(ObservableType::Domain, &text),
        "URL" | "URI" => value::typed(ObservableType::Url, &text),
        "FileHash-MD5" => value::typed(ObservableType::Md5, &text),
        "FileHash-SHA1" => value::typed(ObservableType::Sha1, &text),
        "FileHash-SHA256" => value::typed(ObservableType::Sha256, &text),
        "email" => value::typed(ObservableType::Email, &text),
        "CVE" => value::typed(ObservableType::Cve, &text),
        "JA3" => value::typed(ObservableType::Ja3, &text),
        _ => return taker.reject(place, Reason::Unsupported, "no observable is of this type", &text),
    };
    let dates = taker.dates();
    match observable {
        Ok(observable) => pending.hold(
            place,
            Indicator {
                towards: match observable.kind() {
                    ObservableType::Cve => Verdict::Unknown,
                    _ => Verdict::Suspicious,
                },
                first_seen: dates.read(&entry.text("created")),
                valid_until: dates.read(&entry.text("expiration")),
                threat: value::threat(&[&value::words(&entry.text("role")), &entry.text("title")]),
                ..Indicator::new(observable)
            },
        ),
        Err(why) => taker.malformed(place, why, &text),
    }
}
