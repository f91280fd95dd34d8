//! How long it took people: cases grouped, and their times taken from one another.

use super::Cases;
use crate::Problem;
use std::collections::BTreeMap;
use watchfire_export::{CaseMeasure, CaseMetrics, CaseMetricsGroup};
use watchfire_model::{Moment, Severity};
use watchfire_store::{Case, Status};

/// By what cases are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// Not at all.
    #[default]
    All,
    /// By the month in which they were noticed.
    Month,
    /// By the week in which they were noticed (ISO 8601).
    Week,
    /// By how grave they are.
    Severity,
    /// By type.
    Type,
}

impl Period {
    /// Reads the word.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        const ALL: [Period; 5] = [Period::All, Period::Month, Period::Week, Period::Severity, Period::Type];
        let found = ALL.into_iter().find(|period| period.as_str() == text);
        found.ok_or_else(|| Problem::unknown("grouping", text, &ALL.map(Self::as_str)))
    }

    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Month => "month",
            Self::Week => "week",
            Self::Severity => "severity",
            Self::Type => "type",
        }
    }

    /// The group of a case: by what groups are sorted, and what it is called.
    fn of(self, case: &Case) -> (u8, String) {
        let day = case.times.detected.date().to_string();
        match self {
            Self::All => (0, "all".to_owned()),
            Self::Month => (0, day.chars().take(7).collect()),
            Self::Week => (0, week(case.times.detected)),
            Self::Severity => match case.severity {
                Some(severity) => (4 - severity as u8, severity.as_str().to_owned()),
                None => (9, "none".to_owned()),
            },
            Self::Type => (0, case.kind.to_string()),
        }
    }
}

/// `2026-W47` (ISO 8601): the week is of the year that its Thursday is in.
fn week(moment: Moment) -> String {
    const DAY: u64 = 86_400;
    let days = moment.unix().div_euclid(86_400);
    // 1970-01-01 was a Thursday: Mondays are 0.
    let weekday = u64::try_from((days + 3).rem_euclid(7)).unwrap_or_default();
    let thursday = moment.before(weekday * DAY).after(3 * DAY);
    let year: String = thursday.date().to_string().chars().take(4).collect();
    let first = Moment::parse(&format!("{year}-01-01")).unwrap_or(thursday);
    format!("{year}-W{:02}", thursday.since(first) / DAY / 7 + 1)
}

impl Cases {
    /// What the times of all cases say. Cases that became part of others are not counted: those are.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn metrics(&self, by: Period) -> Result<CaseMetrics, Problem> {
        let mut groups: BTreeMap<(u8, String), Vec<Case>> = BTreeMap::new();
        for case in self.store.cases().list()? {
            if case.merged_into.is_none() {
                groups.entry(by.of(&case)).or_default().push(case);
            }
        }
        Ok(CaseMetrics {
            groups: groups
                .into_iter()
                .map(|((_, name), cases)| group(name, &cases))
                .collect(),
            ..Self::nothing_measured(by)
        })
    }
}

fn group(name: String, cases: &[Case]) -> CaseMetricsGroup {
    let measure = |from: fn(&Case) -> Option<Moment>, to: fn(&Case) -> Option<Moment>| {
        CaseMeasure::of(cases.iter().map(|case| {
            let (from, to) = (from(case)?, to(case)?);
            Some(to.unix().saturating_sub(from.unix()))
        }))
    };
    let detected = |case: &Case| Some(case.times.detected);
    CaseMetricsGroup {
        group: name,
        cases: cases.len() as u64,
        open: cases.iter().filter(|case| case.status() != Status::Resolved).count() as u64,
        detect: measure(|case| case.times.occurred, detected),
        acknowledge: measure(detected, |case| case.times.acknowledged),
        contain: measure(detected, |case| case.times.contained),
        resolve: measure(detected, |case| case.times.resolved),
    }
}

/// Severities are sorted by their place, the gravest first.
const _: () = assert!(Severity::Critical as u8 == 4);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_those_of_the_standard() {
        for (day, expected) in [
            ("2026-11-24", "2026-W48"),
            ("2027-01-01", "2026-W53"),
            ("2027-01-04", "2027-W01"),
            ("2024-12-30", "2025-W01"),
            ("2026-01-01", "2026-W01"),
        ] {
            assert_eq!(week(Moment::parse(day).unwrap()), expected);
        }
    }
}
