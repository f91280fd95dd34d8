//! The catalogue of known exploited vulnerabilities of CISA.
//!
//! | field | becomes |
//! |---|---|
//! | `cveID` | the identifier, towards `unknown`: that it is exploited says nothing of guilt |
//! | `dateAdded` | first seen |
//! | `vendorProject`, `product`, `vulnerabilityName`, `dueDate` | threat, behind `known exploited` |
//! | `knownRansomwareCampaignUse` = `Known` | `used by ransomware`, in the threat |
//! | `dateReleased` | when it was made |
//! | `count` | how many there must be |
//!
//! Source: <https://www.cisa.gov/known-exploited-vulnerabilities-catalog>.

use crate::feed::intake::Taker;
use crate::feed::json::{self, Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use serde_json::Value;
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Kev;

static INFO: FormatInfo = FormatInfo {
    name: "kev",
    describes: "known exploited vulnerabilities of CISA, JSON",
    yields: "CVE identifiers",
    towards: "unknown: context, no malice",
    fields: "first seen, threat, reference",
    reach: "exact",
    source: "https://www.cisa.gov/known-exploited-vulnerabilities-catalog",
};

const WANTED: &str = "the catalogue of known exploited vulnerabilities";

impl FeedFormat for Kev {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::is_json(head) && (super::has(head, "\"catalogVersion\"") || super::has(head, "\"cveID\""))
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        let (mut number, mut said) = (0, None);
        let paths: &[json::Path] = &[&["vulnerabilities", "[]"], &["dateReleased"], &["count"]];
        let found = walk(input, options.record, paths, &[], &mut |met| match met {
            Met::Record(0, value) => {
                number += 1;
                take(Place::Record(number), &value, &mut taker);
            }
            Met::Record(1, value) => taker.intake.made = value::moment(&json::text(&value)),
            Met::Record(_, value) => said = json::text(&value).parse().ok(),
            Met::Left => {}
        })?;
        if !found {
            return Err(super::no_columns(WANTED, "it has no 'vulnerabilities'"));
        }
        super::hold_to_count(said, number, Place::Record(number))?;
        Ok(taker.finish())
    }
}

fn take(place: Place, value: &Value, taker: &mut Taker<'_>) {
    let Some(entry) = Fields::of(value) else {
        return taker.reject(place, Reason::Malformed, "not an object", &excerpt(value));
    };
    let due = match &*entry.text("dueDate") {
        "" => String::new(),
        due => format!("due {due}"),
    };
    let ransomware = entry.text("knownRansomwareCampaignUse").eq_ignore_ascii_case("known");
    let cve = entry.text("cveID");
    taker.take_typed(place, ObservableType::Cve, &cve, |observable| Indicator {
        towards: Verdict::Unknown,
        first_seen: entry.moment("dateAdded"),
        threat: value::threat(&[
            "known exploited",
            if ransomware { "used by ransomware" } else { "" },
            &entry.text("vulnerabilityName"),
            &entry.text("vendorProject"),
            &entry.text("product"),
            &due,
        ]),
        reference: value::reference(&format!("https://nvd.nist.gov/vuln/detail/{cve}")),
        ..Indicator::new(observable)
    });
}
