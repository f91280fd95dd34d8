//! URLhaus of abuse.ch: URLs that deliver malware.
//!
//! | CSV | JSON | becomes |
//! |---|---|---|
//! | `url` | `url` | the URL, reach `exact` |
//! | `dateadded` | `dateadded`, `date_added` | first seen |
//! | `last_online` | `last_online` | last seen |
//! | `threat`, `tags` | `threat`, `tags` | threat |
//! | `url_status` | `url_status` | `online` or `offline`, in the threat |
//! | `urlhaus_link` | `urlhaus_link`, `urlhaus_reference` | reference |
//!
//! The CSV has its header in the last comment. The JSON is an object of numbers, each with a list of one entry, or
//! `{"urls": […]}` as the API gives it. An offline URL was malicious all the same; its last-seen time ages it.
//! Source: <https://urlhaus.abuse.ch/api/>.

use crate::feed::intake::Taker;
use crate::feed::json::{Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::table::Table;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType};

/// See the head of this file.
pub(in crate::feed) struct Urlhaus;

static INFO: FormatInfo = FormatInfo {
    name: "urlhaus",
    describes: "URLhaus of abuse.ch, CSV or JSON",
    yields: "URLs that deliver malware",
    towards: "malicious",
    fields: "first seen, last seen, threat, reference",
    reach: "exact",
    source: "https://urlhaus.abuse.ch/api/",
};

const WANTED: &str = "an export of URLhaus";

impl FeedFormat for Urlhaus {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::has(head, "urlhaus_link") || super::has(head, "urlhaus_reference")
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

fn json(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let limit = taker.options().record;
    let mut number = 0;
    let found = walk(input, limit, &[&["*", "[]"]], &[], &mut |met| {
        let Met::Record(_, value) = met else { return };
        number += 1;
        let place = Place::Record(number);
        let Some(entry) = Fields::of(&value) else {
            return taker.reject(place, Reason::Malformed, "not an object", &excerpt(&value));
        };
        let (threat, tags) = (entry.text("threat"), entry.joined("tags"));
        let fields = [
            &*entry.first(&["dateadded", "date_added"]),
            &entry.text("last_online"),
            &threat,
            &tags,
            &entry.text("url_status"),
            &entry.first(&["urlhaus_link", "urlhaus_reference"]),
        ];
        take(place, &entry.text("url"), fields, taker);
    })?;
    if found {
        Ok(())
    } else {
        Err(super::no_columns(WANTED, "no list of URLs is in it"))
    }
}

fn csv(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let mut table = Table::new(input, ',');
    let mut columns = None;
    while let Some(record) = table.next(taker)?.cloned() {
        let [url, added, online, threat, tags, status, link] = *columns.get_or_insert_with(|| {
            let header = if record.find(&["url"]).is_some() {
                record.clone()
            } else {
                table.comment()
            };
            let name = |name: &str, usual: usize| header.find(&[name]).unwrap_or(usual);
            [
                name("url", 2),
                name("dateadded", 1),
                name("last_online", 4),
                name("threat", 5),
                name("tags", 6),
                name("url_status", 3),
                name("urlhaus_link", 7),
            ]
        });
        if record.get(url).eq_ignore_ascii_case("url") {
            continue;
        }
        let fields = [added, online, threat, tags, status, link].map(|field| record.get(field));
        take(record.place(), record.get(url), fields, taker);
    }
    Ok(())
}

fn take(place: Place, url: &str, fields: [&str; 6], taker: &mut Taker<'_>) {
    let [added, online, threat, tags, status, link] = fields;
    taker.take_typed(place, ObservableType::Url, url, |url| Indicator {
        first_seen: value::moment(added),
        last_seen: value::moment(online),
        threat: value::threat(&[&value::words(threat), tags, status]),
        reference: value::reference(link),
        ..Indicator::new(url)
    });
}
