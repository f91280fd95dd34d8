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
use crate::feed::json::{self, Fields, records};
use crate::feed::lines::Input;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
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
        let (mut start, mut total) = (0, 0);
        let paths: &[json::Path] = &[
            &["vulnerabilities", "[]", "cve"],
            &["timestamp"],
            &["startIndex"],
            &["totalResults"],
        ];
        let number = records(
            input,
            &mut taker,
            paths,
            &mut take,
            &mut |path, value, taker| match path {
                1 => taker.intake.made = value::moment(&json::text(&value)),
                2 => start = value.as_u64().unwrap_or_default(),
                _ => total = value.as_u64().unwrap_or_default(),
            },
        )?;
        let number = number.ok_or_else(|| super::no_columns(WANTED, "it has no 'vulnerabilities'"))?;
        let next = start.saturating_add(number);
        // A page of nothing would be asked for for ever.
        taker.intake.next = (number > 0 && next < total).then_some(Next::Index(next));
        Ok(taker.finish())
    }
}

fn take(place: Place, cve: Fields<'_>, taker: &mut Taker<'_>) {
    let id = cve.text("id");
    if cve.text("vulnStatus").eq_ignore_ascii_case("rejected") {
        return taker.reject(place, Reason::Withdrawn, "rejected by its authority", &id);
    }
    let exploited = !cve.text("cisaExploitAdd").is_empty();
    let english = cve.objects("descriptions").find(|text| text.text("lang") == "en");
    let dates = taker.dates();
    taker.take_typed(place, ObservableType::Cve, &id, |observable| Indicator {
        towards: Verdict::Unknown,
        first_seen: dates.read(&cve.text("published")),
        last_seen: dates.read(&cve.text("lastModified")),
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
