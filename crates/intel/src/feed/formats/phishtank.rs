//! PhishTank: URLs of phishing pages that people have looked at.
//!
//! | CSV and JSON | becomes |
//! |---|---|
//! | `url` | the URL, reach `exact` |
//! | `verified` = `yes` | towards `malicious`; without it, `suspicious` |
//! | `submission_time` | first seen |
//! | `verification_time` | last seen |
//! | `target` | threat, behind `phishing` |
//! | `phish_detail_url` | reference |
//!
//! Source: <https://phishtank.org/developer_info.php>.

use crate::feed::intake::Taker;
use crate::feed::json::{Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::table::Table;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use std::borrow::Cow;
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Phishtank;

static INFO: FormatInfo = FormatInfo {
    name: "phishtank",
    describes: "PhishTank, CSV or JSON",
    yields: "URLs of phishing pages",
    towards: "malicious; suspicious where nobody has verified it",
    fields: "first seen, last seen, threat, reference",
    reach: "exact",
    source: "https://phishtank.org/developer_info.php",
};

const WANTED: &str = "a list of PhishTank";
const NAMES: [&str; 6] = [
    "url",
    "verified",
    "submission_time",
    "verification_time",
    "target",
    "phish_detail_url",
];

impl FeedFormat for Phishtank {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::has(head, "phish_id") && super::has(head, "phish_detail_url")
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
    let found = walk(input, limit, &[&["[]"]], &[], &mut |met| {
        let Met::Record(_, value) = met else { return };
        number += 1;
        let place = Place::Record(number);
        match Fields::of(&value) {
            Some(entry) => take(place, &NAMES.map(|name| entry.text(name)), taker),
            None => taker.reject(place, Reason::Malformed, "not an object", &excerpt(&value)),
        }
    })?;
    if found {
        Ok(())
    } else {
        Err(super::no_columns(WANTED, "it is no list"))
    }
}

fn csv(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let mut table = Table::new(input, ',');
    let header = table.next(taker)?.cloned().unwrap_or_default();
    let columns = NAMES.map(|name| header.find(&[name]));
    if columns.first().is_none_or(Option::is_none) {
        return Err(super::no_columns(WANTED, "no header names the column 'url'"));
    }
    while let Some(record) = table.next(taker)? {
        let fields = columns.map(|column| Cow::Borrowed(record.at(column)));
        take(record.place(), &fields, taker);
    }
    Ok(())
}

fn take(place: Place, fields: &[Cow<'_, str>; 6], taker: &mut Taker<'_>) {
    let [url, verified, submitted, checked, target, details] = fields;
    taker.take_typed(place, ObservableType::Url, url, |url| Indicator {
        towards: match verified.eq_ignore_ascii_case("yes") || &**verified == "true" {
            true => Verdict::Malicious,
            false => Verdict::Suspicious,
        },
        first_seen: value::moment(submitted),
        last_seen: value::moment(checked),
        threat: value::threat(&["phishing", if &**target == "Other" { "" } else { target }]),
        reference: value::reference(details),
        ..Indicator::new(url)
    });
}
