//! How long it took people: from the times of cases.
//!
//! A case that lacks a time is counted as lacking it, never as zero; one whose times are in the wrong order is counted so.

use super::span;
use crate::{Document, Side, Style, csv, json, table};
use serde::Serialize;
use std::io::{self, Write};

/// One measure over the cases of a group. Seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaseMeasure {
    /// Cases that have both times.
    pub cases: u64,
    /// Cases that lack one of them.
    pub lacking: u64,
    /// Cases of which the later comes before the earlier.
    pub disordered: u64,
    /// The mean, rounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<u64>,
    /// The median: of an even number the mean of the two in the middle, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<u64>,
}

impl CaseMeasure {
    /// Measures spans; nothing where a time is lacking, negative where they are in the wrong order.
    pub fn of(spans: impl IntoIterator<Item = Option<i64>>) -> Self {
        let mut measure = Self::default();
        let mut measured: Vec<u64> = Vec::new();
        for span in spans {
            match span.map(u64::try_from) {
                None => measure.lacking += 1,
                Some(Err(_)) => measure.disordered += 1,
                Some(Ok(seconds)) => measured.push(seconds),
            }
        }
        measured.sort_unstable();
        let count = measured.len() as u64;
        let sum: u128 = measured.iter().copied().map(u128::from).sum();
        measure.cases = count;
        measure.mean = (sum + u128::from(count / 2))
            .checked_div(u128::from(count))
            .and_then(|mean| u64::try_from(mean).ok());
        let middle = |at: usize| measured.get(at).copied();
        measure.median = match (measured.len() % 2, measured.len() / 2) {
            (1, half) => middle(half),
            (_, half) => half
                .checked_sub(1)
                .and_then(middle)
                .zip(middle(half))
                .map(|(low, high)| low + (high - low) / 2),
        };
        measure
    }

    fn shown(&self) -> String {
        let (Some(mean), Some(median)) = (self.mean, self.median) else {
            return "-".to_owned();
        };
        let mut text = format!("{} / {} ({}", span(median), span(mean), self.cases);
        if self.lacking > 0 {
            text.push_str(&format!(", {} lack it", self.lacking));
        }
        if self.disordered > 0 {
            text.push_str(&format!(", {} out of order", self.disordered));
        }
        text.push(')');
        text
    }
}

/// The cases of one month, week, severity or type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseMetricsGroup {
    /// `2026-11`, `2026-W47`, `high`, `mail`, or `all`.
    pub group: String,
    /// Cases.
    pub cases: u64,
    /// Those that are not resolved.
    pub open: u64,
    /// MTTD: from when it happened until it was noticed.
    pub detect: CaseMeasure,
    /// MTTA: from then until somebody took it up.
    pub acknowledge: CaseMeasure,
    /// MTTC: from when it was noticed until it did no more harm.
    pub contain: CaseMeasure,
    /// MTTR: from when it was noticed until it was over.
    pub resolve: CaseMeasure,
}

impl CaseMetricsGroup {
    fn measures(&self) -> [(&'static str, &CaseMeasure); 4] {
        [
            ("detect", &self.detect),
            ("acknowledge", &self.acknowledge),
            ("contain", &self.contain),
            ("resolve", &self.resolve),
        ]
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseMetrics {
    /// `watchfire.case-metrics/1`
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// `month`, `week`, `severity`, `type` or `all`: by when a case was noticed, or by what it is.
    pub by: &'static str,
    /// In their order.
    pub groups: Vec<CaseMetricsGroup>,
}

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Group(&'a CaseMetricsGroup),
}

impl Document for CaseMetrics {
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        if self.groups.is_empty() {
            return writeln!(out, " no case to measure yet");
        }
        let titles = [
            ("", Side::Left),
            ("CASES", Side::Right),
            ("OPEN", Side::Right),
            ("MEASURE", Side::Left),
            ("MEDIAN / MEAN (CASES)", Side::Left),
        ];
        let mut rows = Vec::new();
        for group in &self.groups {
            let mut before = vec![group.group.clone(), group.cases.to_string(), group.open.to_string()];
            for (name, measure) in ["MTTD", "MTTA", "MTTC", "MTTR"].into_iter().zip(group.measures()) {
                let mut row = std::mem::replace(&mut before, vec![String::new(); 3]);
                row.extend([name.to_owned(), measure.1.shown()]);
                rows.push(row);
            }
        }
        table(&titles, &rows, style, out)
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(self, out)
    }

    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut records = self.groups.iter().map(Record::Group);
        records.try_for_each(|record| json::record(self.schema, &record, out))
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [
            "by",
            "group",
            "cases",
            "open",
            "measure",
            "measured",
            "lacking",
            "disordered",
            "mean_seconds",
            "median_seconds",
        ];
        let rows = self.groups.iter().flat_map(|group| {
            group.measures().map(|(name, measure)| {
                let seconds = |seconds: Option<u64>| seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
                vec![
                    self.by.to_owned(),
                    group.group.clone(),
                    group.cases.to_string(),
                    group.open.to_string(),
                    name.to_owned(),
                    measure.cases.to_string(),
                    measure.lacking.to_string(),
                    measure.disordered.to_string(),
                    seconds(measure.mean),
                    seconds(measure.median),
                ]
            })
        });
        csv::plain(&columns, rows, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(spans: &[Option<i64>], counts: [u64; 3], mean: Option<u64>, median: Option<u64>) {
        let measure = CaseMeasure::of(spans.iter().copied());
        assert_eq!(
            [measure.cases, measure.lacking, measure.disordered],
            counts,
            "{spans:?}"
        );
        assert_eq!((measure.mean, measure.median), (mean, median), "{spans:?}");
    }

    #[test]
    fn what_lacks_a_time_is_not_zero() {
        check(&[], [0, 0, 0], None, None);
        check(&[None, None], [0, 2, 0], None, None);
        check(&[Some(10), None], [1, 1, 0], Some(10), Some(10));
        check(&[Some(0), Some(-5)], [1, 0, 1], Some(0), Some(0));
        check(&[Some(100), Some(1), Some(2)], [3, 0, 0], Some(34), Some(2));
        check(&[Some(4), Some(1), Some(2), Some(100)], [4, 0, 0], Some(27), Some(3));
        check(
            &[Some(i64::MAX), Some(i64::MAX)],
            [2, 0, 0],
            Some(i64::MAX as u64),
            Some(i64::MAX as u64),
        );
    }
}
