//! How it went with each provider, for the lines that end an answer.

use super::cost::count;
use super::intelligence::grouped;
use std::collections::BTreeMap;
use watchfire_intel::asking::Row;
use watchfire_model::{Diagnostic, DiagnosticSeverity, Moment, Origination, Outcome, Untrusted};

/// Why nobody else was asked once the time was over.
pub(super) const OVER: &str = "the time for asking was over; --deadline gives more";

/// Quotas that open sooner are worth waiting for. Seconds.
const WORTH_WAITING: u64 = 3_600;

/// How it went with each provider.
#[derive(Debug, Default)]
pub(super) struct Ledger(BTreeMap<String, Line>);

#[derive(Debug, Default)]
struct Line {
    asked: u64,
    kept: u64,
    quota: u64,
    late: u64,
    failed: u64,
    keyless: u64,
    silent: u64,
    again: Option<Moment>,
}

impl Ledger {
    pub(super) fn add(&mut self, rows: &[Row]) {
        for row in rows {
            let line = self.0.entry(row.enrichment.source.raw().to_owned()).or_default();
            let counter = match (row.enrichment.outcome, row.enrichment.from) {
                (Outcome::Found | Outcome::NotFound, Origination::Cache) => &mut line.kept,
                (Outcome::Found | Outcome::NotFound, _) => &mut line.asked,
                (Outcome::Quota, _) => &mut line.quota,
                (Outcome::Authentication, _) => &mut line.keyless,
                (Outcome::Failed, _) => &mut line.failed,
                (Outcome::NotAsked, _) if row.enrichment.detail.raw() == OVER => &mut line.late,
                (Outcome::NotAsked, _) => &mut line.silent,
            };
            *counter += 1;
            line.again = line.again.max(row.again);
        }
    }

    /// For one value: `5 of 10 providers answered, 5 gave no answer`.
    pub(super) fn describe_one(&self) -> Vec<Diagnostic> {
        let sum = |number: fn(&Line) -> u64| self.0.values().map(number).sum::<u64>();
        let all = self.0.len() as u64;
        if all == 0 {
            return Vec::new();
        }
        let answered = sum(|line| line.asked + line.kept);
        let mut told = format!("{answered} of {} answered", count(all, "provider"));
        for (number, what) in [
            (sum(|line| line.failed), "gave no answer"),
            (sum(|line| line.quota), "quota spent"),
            (sum(|line| line.keyless), "key not accepted"),
            (sum(|line| line.silent + line.late), "not asked"),
        ] {
            if number > 0 {
                told.push_str(&format!(", {number} {what}"));
            }
        }
        vec![note("providers", told)]
    }

    pub(super) fn describe(&self) -> Vec<Diagnostic> {
        let of = |title: &str, number: fn(&Line) -> u64| {
            let parts: Vec<String> = self
                .0
                .iter()
                .filter(|(_, line)| number(line) > 0)
                .map(|(name, line)| format!("{name} {}", grouped(number(line))))
                .collect();
            (!parts.is_empty()).then(|| note("providers", format!("{title}: {}", parts.join(", "))))
        };
        let parts = [
            of("answered now", |line| line.asked),
            of("answered before", |line| line.kept),
            of("no answer", |line| line.failed),
            of("key not accepted", |line| line.keyless),
            of("not asked", |line| line.silent),
        ];
        parts.into_iter().flatten().collect()
    }

    pub(super) fn left_out(&self, now: Moment) -> Vec<String> {
        let mut told = Vec::new();
        for (name, line) in self.0.iter().filter(|(_, line)| line.quota > 0) {
            let when = match line.again {
                Some(again) if again.since(now) < WORTH_WAITING => {
                    format!("after {again} goes on with these, and --deadline waits for longer")
                }
                Some(again) => format!("after {again} goes on with these"),
                None => "later goes on with these".to_owned(),
            };
            let asked = count(line.quota, "value");
            told.push(format!(
                "{name}: {asked} not asked about, its quota is spent; the same command again {when}"
            ));
        }
        for (name, line) in self.0.iter().filter(|(_, line)| line.late > 0) {
            let asked = count(line.late, "value");
            told.push(format!(
                "{name}: {asked} not asked about before the deadline; the same command again goes on with these"
            ));
        }
        told
    }
}

pub(super) fn note(code: &'static str, message: String) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Note,
        code,
        message: message.into(),
        artifact: Untrusted::default(),
    }
}
