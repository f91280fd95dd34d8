//! Rows about what is known of values: one for each input of `check`.

use super::{Cell, Table, push_row, push_text, tags};
use crate::{Form, ReputationRows, ReputationWriter, Subject};
use std::io::{self, Write};
use watchfire_model::{Outcome, Report, Reputation, Untrusted};

/// The columns of `check`.
const REPUTATION: &[&str] = &[
    "input",
    "type",
    "value",
    "verdict",
    "score",
    "confidence",
    "summary",
    "sources",
    "newest",
    "country",
    "asn",
    "as_name",
    "asset",
    "owner",
    "tags",
    "not_found",
    "not_asked",
    "quota",
    "authentication",
    "failed",
];

/// One row for each input, in order: also for those that are no observables.
pub(super) struct Reputations {
    pub(super) form: Form,
}

impl ReputationWriter for Reputations {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        Table { out, columns: 0 }.header([REPUTATION])
    }

    fn reputation(&self, reputation: &Reputation, first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        crate::row(self, reputation, first, out)
    }

    fn rows(&self) -> Option<&dyn ReputationRows> {
        Some(self)
    }

    fn unreadable(&self, input: &Untrusted, why: &str, _first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        let cells = REPUTATION.iter().map(|column| match *column {
            "input" => Cell::text(input.raw()),
            "summary" => Cell::text(why),
            _ => Cell::Empty,
        });
        Table {
            out,
            columns: REPUTATION.len(),
        }
        .row(cells)
    }

    fn finish(&self, _report: &Report, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl ReputationRows for Reputations {
    fn head(&self, subject: &Subject<'_>, _first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        let observable = subject.observable;
        let input = if subject.input.is_empty() {
            observable.raw()
        } else {
            subject.input
        };
        push_text(input, out);
        out.push(b',');
        out.extend_from_slice(observable.kind().name().as_bytes());
        out.push(b',');
        match self.form {
            Form::Raw => push_text(observable.raw(), out),
            Form::Defanged => push_text(&crate::line::defanged(observable), out),
        }
        out.push(b',');
        Ok(())
    }

    fn rest(&self, reputation: &Reputation, out: &mut Vec<u8>) -> io::Result<()> {
        let found = reputation
            .enrichments
            .iter()
            .filter(|enrichment| enrichment.outcome == Outcome::Found);
        let names: Vec<&str> = found.clone().map(|enrichment| enrichment.source.raw()).collect();
        let newest = found.filter_map(|enrichment| enrichment.observed).max();
        let asset = reputation.asset.as_ref();
        let named = |text: Option<&'_ Untrusted>| text.map_or(String::new(), |text| text.raw().to_owned());
        let asked = &reputation.asked;
        let judgement = &reputation.judgement;
        let cells = [
            Cell::text(judgement.verdict.as_str()),
            Cell::number(judgement.score.get()),
            Cell::text(judgement.confidence.as_str()),
            Cell::text(judgement.summary.as_str()),
            Cell::text(names.join(" ")),
            newest.map_or(Cell::Empty, |newest| Cell::text(newest.to_string())),
            reputation.location.country.map_or(Cell::Empty, Cell::text),
            reputation.location.asn.map_or(Cell::Empty, Cell::number),
            Cell::text(named(reputation.location.as_name.as_ref())),
            Cell::text(named(asset.map(|asset| &asset.name))),
            Cell::text(named(asset.map(|asset| &asset.owner))),
            Cell::text(tags(&reputation.tags)),
            Cell::number(asked.not_found),
            Cell::number(asked.not_asked),
            Cell::number(asked.quota),
            Cell::number(asked.authentication),
            Cell::number(asked.failed),
        ];
        push_row(cells, REPUTATION.len() - 3, out);
        Ok(())
    }
}
