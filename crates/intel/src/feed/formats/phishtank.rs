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

use super::entries::{Entries, Values, field};
use crate::feed::intake::Taker;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, value};
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

static ENTRIES: Entries<6> = Entries {
    wanted: "a list of PhishTank",
    list: Some(&["[]"]),
    fields: [
        field(&["url"]),
        field(&["verified"]),
        field(&["submission_time"]),
        field(&["verification_time"]),
        field(&["target"]),
        field(&["phish_detail_url"]),
    ],
};

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
        ENTRIES.read(input, options, out, take)
    }
}

fn take(place: Place, values: &Values<'_, 6>, taker: &mut Taker<'_>) {
    let [url, verified, submitted, checked, target, details] = values;
    let dates = taker.dates();
    taker.take_typed(place, ObservableType::Url, url, |url| Indicator {
        towards: match verified.eq_ignore_ascii_case("yes") || &**verified == "true" {
            true => Verdict::Malicious,
            false => Verdict::Suspicious,
        },
        first_seen: dates.read(submitted),
        last_seen: dates.read(checked),
        threat: value::threat(&["phishing", if &**target == "Other" { "" } else { target }]),
        reference: value::reference(details),
        ..Indicator::new(url)
    });
}
