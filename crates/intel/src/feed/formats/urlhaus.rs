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

use super::entries::{Entries, Values, field};
use crate::feed::intake::Taker;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, value};
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

static ENTRIES: Entries<7> = Entries {
    wanted: "an export of URLhaus",
    list: Some(&["*", "[]"]),
    fields: [
        field(&["url"]).usually(2),
        field(&["dateadded"])
            .in_objects(&["dateadded", "date_added"])
            .usually(1),
        field(&["last_online"]).usually(4),
        field(&["threat"]).usually(5),
        field(&["tags"]).usually(6),
        field(&["url_status"]).usually(3),
        field(&["urlhaus_link"])
            .in_objects(&["urlhaus_link", "urlhaus_reference"])
            .usually(7),
    ],
};

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
        ENTRIES.read(input, options, out, take)
    }
}

fn take(place: Place, values: &Values<'_, 7>, taker: &mut Taker<'_>) {
    let [url, added, online, threat, tags, status, link] = values;
    let dates = taker.dates();
    taker.take_typed(place, ObservableType::Url, url, |url| Indicator {
        first_seen: dates.read(added),
        last_seen: dates.read(online),
        threat: value::threat(&[&value::words(threat), tags, status]),
        reference: value::reference(link),
        ..Indicator::new(url)
    });
}
