//! DROP of Spamhaus: networks that are hijacked or run by criminals ("don't route or peer").
//!
//! | JSON lines | old text | becomes |
//! |---|---|---|
//! | `cidr` | before the `;` | the network |
//! | `asn`, `asname` (of the list of autonomous systems) | | the number, its name in the threat |
//! | `sblid` | behind the `;` | reference |
//! | `timestamp` of the line `"type":"metadata"` | `; Last-Modified:` | when it was made |
//! | `records` of that line | | how many there must be |
//!
//! The metadata come last, so a list without them was cut off. Source: <https://www.spamhaus.org/blocklists/do-not-route-or-peer/>.

use crate::feed::intake::Taker;
use crate::feed::json::{Fields, excerpt};
use crate::feed::lines::{Input, Line, Lines};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use serde_json::Value;
use std::io::Read;
use watchfire_model::{Indicator, Moment, ObservableType};

/// See the head of this file.
pub(in crate::feed) struct Drop;

static INFO: FormatInfo = FormatInfo {
    name: "drop",
    describes: "DROP and ASN-DROP of Spamhaus, JSON lines or text",
    yields: "networks, autonomous systems",
    towards: "malicious",
    fields: "threat, reference",
    reach: "the network",
    source: "https://www.spamhaus.org/blocklists/do-not-route-or-peer/",
};

const WANTED: &str = "a DROP list";
const THREAT: &str = "network run by criminals (DROP)";

impl FeedFormat for Drop {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let json = super::is_json(head)
            && ((super::has(first, "\"cidr\"") && super::has(first, "\"sblid\""))
                || (super::has(first, "\"asn\"") && super::has(first, "\"asname\"")));
        json || super::has(head, "Spamhaus DROP List") || super::has(head, "Spamhaus EDROP List")
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        let is_json = input.is_json();
        let mut lines = Lines::new(input);
        let mut said = None;
        let mut records = 0;
        let mut last = Place::Whole;
        while let Some(line) = lines.next()? {
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            last = line.place();
            if !is_json {
                text(&line, &mut taker);
                continue;
            }
            match serde_json::from_slice::<Value>(line.bytes) {
                Ok(value) => match metadata(&value, &mut taker) {
                    Some(count) => said = Some(count),
                    None => {
                        records += 1;
                        json(last, &value, &mut taker);
                    }
                },
                Err(_) => taker.reject(last, Reason::Malformed, "not JSON", &line.text()),
            }
        }
        if is_json && said.is_none() {
            return Err(FeedError::Truncated {
                place: last,
                why: "the line of metadata that ends it is missing",
            });
        }
        super::hold_to_count(said, records, last)?;
        Ok(taker.finish())
    }
}

fn metadata(value: &Value, taker: &mut Taker<'_>) -> Option<u64> {
    let fields = Fields::of(value).filter(|fields| fields.text("type") == "metadata")?;
    taker.intake.made = fields.moment("timestamp");
    Some(fields.number("records").unwrap_or_default())
}

fn json(place: Place, value: &Value, taker: &mut Taker<'_>) {
    let Some(fields) = Fields::of(value) else {
        return taker.reject(place, Reason::Malformed, "not an object", &excerpt(value));
    };
    let asn = fields.text("asn");
    if !asn.is_empty() {
        let asn = if asn.starts_with("AS") {
            asn.into_owned()
        } else {
            format!("AS{asn}")
        };
        return taker.take_typed(place, ObservableType::Asn, &asn, |asn| Indicator {
            threat: value::threat(&[THREAT, &fields.text("asname")]),
            ..Indicator::new(asn)
        });
    }
    network(place, &fields.text("cidr"), &fields.text("sblid"), taker);
}

fn text(line: &Line<'_>, taker: &mut Taker<'_>) {
    let text = line.text();
    let text = text.trim();
    if let Some(comment) = text.strip_prefix(';') {
        if let Some(made) = comment.trim().strip_prefix("Last-Modified:") {
            taker.intake.made = Moment::parse(made).ok();
        }
        return;
    }
    let (cidr, id) = text.split_once(';').unwrap_or((text, ""));
    network(line.place(), cidr.trim(), id.trim(), taker);
}

fn network(place: Place, cidr: &str, id: &str, taker: &mut Taker<'_>) {
    match value::address_or_network(cidr) {
        Ok(network) => taker.take(
            place,
            Indicator {
                threat: value::threat(&[THREAT]),
                reference: value::reference(id),
                ..Indicator::new(network)
            },
        ),
        Err(why) => taker.malformed(place, why, cidr),
    }
}
