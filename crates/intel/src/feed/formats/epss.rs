//! EPSS of FIRST: how likely it is that a vulnerability will be exploited in the next thirty days.
//!
//! | column | becomes |
//! |---|---|
//! | `cve` | the identifier, towards `unknown` |
//! | `epss`, `percentile` | threat, `EPSS 0.943, percentile 0.999` |
//! | `score_date` of the comment | last seen, and when it was made |
//!
//! The probability is no confidence: it is about the future. Source: <https://www.first.org/epss/data_stats>.

use crate::feed::intake::Taker;
use crate::feed::lines::Input;
use crate::feed::table::Table;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Epss;

static INFO: FormatInfo = FormatInfo {
    name: "epss",
    describes: "scores of EPSS, CSV",
    yields: "CVE identifiers",
    towards: "unknown: context, no malice",
    fields: "last seen, threat",
    reach: "exact",
    source: "https://www.first.org/epss/data_stats",
};

const WANTED: &str = "a table of EPSS";

impl FeedFormat for Epss {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::first_lines(head)
            .next()
            .is_some_and(|line| line.starts_with("cve,epss"))
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut table = Table::new(Input::open(input, WANTED)?, ',');
        let header = table.next(&mut taker)?.cloned().unwrap_or_default();
        let columns = ["cve", "epss", "percentile"].map(|name| header.find(&[name]));
        let [Some(cve), Some(epss), percentile] = columns else {
            return Err(super::no_columns(
                WANTED,
                "no header names the columns 'cve' and 'epss'",
            ));
        };
        let comment = table.comment();
        let dates = [comment.get(0), comment.get(1)].map(|piece| piece.strip_prefix("score_date:"));
        let made = dates.into_iter().flatten().find_map(value::moment);
        taker.intake.made = made;
        while let Some(record) = table.next(&mut taker)? {
            let place = record.place();
            let score = format!("EPSS {}", record.get(epss));
            let percentile = format!("percentile {}", record.at(percentile));
            taker.take_typed(place, ObservableType::Cve, record.get(cve), |observable| Indicator {
                towards: Verdict::Unknown,
                last_seen: made,
                threat: value::threat(&[&score, &percentile]),
                ..Indicator::new(observable)
            });
        }
        Ok(taker.finish())
    }
}
