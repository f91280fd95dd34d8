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
use crate::feed::json::{self, Fields, records};
use crate::feed::lines::Input;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, value};
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
        let mut said = None;
        let paths: &[json::Path] = &[&["vulnerabilities", "[]"], &["dateReleased"], &["count"]];
        let number = records(
            input,
            &mut taker,
            paths,
            &mut take,
            &mut |path, value, taker| match path {
                1 => taker.intake.made = value::moment(&json::text(&value)),
                _ => said = json::text(&value).parse().ok(),
            },
        )?;
        let number = number.ok_or_else(|| super::no_columns(WANTED, "it has no 'vulnerabilities'"))?;
        super::hold_to_count(said, number, Place::Record(number))?;
        Ok(taker.finish())
    }
}

fn take(place: Place, entry: Fields<'_>, taker: &mut Taker<'_>) {
    let due = match &*entry.text("dueDate") {
        "" => String::new(),
        due => format!("due {due}"),
    };
    let ransomware = entry.text("knownRansomwareCampaignUse").eq_ignore_ascii_case("known");
    let cve = entry.text("cveID");
    let dates = taker.dates();
    taker.take_typed(place, ObservableType::Cve, &cve, |observable| Indicator {
        towards: Verdict::Unknown,
        first_seen: dates.read(&entry.text("dateAdded")),
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
