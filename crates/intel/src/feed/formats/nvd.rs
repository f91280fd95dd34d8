//! Pages of the National Vulnerability Database, API 2.0.
//!
//! | field | becomes |
//! |---|---|
//! | `cve.id` | the identifier, towards `unknown` |
//! | `cve.published`, `cve.lastModified` | first seen, last seen |
//! | the first of `cvssMetricV40`, `V31`, `V30`, `V2` | threat, `CVSS 9.8 CRITICAL` |
//! | `cisaExploitAdd` | `known exploited`, in the threat |
//! | the English description | threat |
//! | `vulnStatus` = `Rejected` | counted as withdrawn |
//! | `startIndex`, `resultsPerPage`, `totalResults` | the next page |
//!
//! Source: <https://nvd.nist.gov/developers/vulnerabilities>.

use crate::feed::intake::{Next, Taker};
use crate::feed::json::{self, Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use serde_json::Value;
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Nvd;

static INFO: FormatInfo = FormatInfo {
    name: "nvd",
    describes: "a page of the National Vulnerability Database, API 2.0",
    yields: "CVE identifiers",
    towards: "unknown: context, no malice",
    fields: "first seen, last seen, threat, reference; pages",
    reach: "exact",
    source: "https://nvd.nist.gov/developers/vulnerabilities",
};

const WANTED: &str = "a page of the NVD";

impl FeedFormat for Nvd {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::is_json(head) && super::has(head, "\"NVD_CVE\"")
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
        let (mut start, mut total) = (0, 0);
        let paths: &[json::Path] = &[
            &["vulnerabilities", "[]", "cve"],
            &["timestamp"],
            &["startIndex"],
            &["totalResults"],
        ];
        let found = walk(input, options.record, paths, &[], &mut |met| match met {
            Met::Record(0, value) => {
                number += 1;
                take(Place::Record(number), &value, &mut taker);
            }
            Met::Record(1, value) => taker.intake.made = value::moment(&json::text(&value)),
            Met::Record(2, value) => start = value.as_u64().unwrap_or_default(),
            Met::Record(_, value) => total = value.as_u64().unwrap_or_default(),
            Met::Left => {}
        })?;
        if !found {
            return Err(super::no_columns(WANTED, "it has no 'vulnerabilities'"));
        }
        let next = start.saturating_add(number);
        // A page of nothing would be asked for for ever.
        taker.intake.next = (number > 0 && next < total).then_some(Next::Index(next));
        Ok(taker.finish())
    }
}

fn take(place: Place, value: &Value, taker: &mut Taker<'_>) {
    let Some(cve) = Fields::of(value) else {
        return taker.reject(place, Reason::Malformed, "not an object", &excerpt(value));
    };
    let id = cve.text("id");
    if cve.text("vulnStatus").eq_ignore_ascii_case("rejected") {
        return taker.reject(place, Reason::Withdrawn, "rejected by its authority", &id);
    }
    let exploited = !cve.text("cisaExploitAdd").is_empty();
    let english = cve.objects("descriptions").find(|text| text.text("lang") == "en");
    taker.take_typed(place, ObservableType::Cve, &id, |observable| Indicator {
        towards: Verdict::Unknown,
        first_seen: cve.moment("published"),
        last_seen: cve.moment("lastModified"),
        threat: value::threat(&[
            &severity(cve),
            if exploited { "known exploited" } else { "" },
            &english.map(|text| text.text("value")).unwrap_or_default(),
        ]),
        reference: value::reference(&format!("https://nvd.nist.gov/vuln/detail/{id}")),
        ..Indicator::new(observable)
    });
}

fn severity(cve: Fields<'_>) -> String {
    let Some(metrics) = cve.object("metrics") else {
        return String::new();
    };
    for version in ["cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"] {
        let Some(metric) = metrics.objects(version).next() else {
            continue;
        };
        let Some(data) = metric.object("cvssData") else {
            continue;
        };
        let word = match data.text("baseSeverity") {
            word if word.is_empty() => metric.text("baseSeverity"),
            word => word,
        };
        return format!("CVSS {} {word}", data.text("baseScore")).trim_end().to_owned();
    }
    String::new()
}
