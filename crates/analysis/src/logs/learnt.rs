//! What batches taught of what is usual, put together: templates, windows and tables; and what is unlike them.

use super::activity::{Activity, Windows};
use super::collect::place;
use super::feed::FileRead;
use super::rules::cut;
use super::sequence::LogReading;
use super::sheets::Sheets;
use super::table::{self, TableOptions};
use super::templates::{self, Lines, Mined};
use super::{habits, unusual};
use watchfire_model::log::{Anomaly, AnomalyKind, AnomalyReason, LogSummary, TableRow};
use watchfire_model::{Untrusted, agreeing, counted};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    activity: Activity,
    mined: Mined,
    sheets: Sheets,
}

impl Learnt {
    /// How long windows are by now.
    pub(super) fn windows(&self) -> Windows {
        self.activity.windows_now()
    }

    /// Adds what comes behind it.
    pub(super) fn merge(&mut self, activity: Activity, lines: &Lines, sheets: Sheets) {
        self.activity.merge(activity);
        self.mined.merge(lines);
        self.sheets.merge(sheets);
    }

    /// Puts templates and anomalies into a summary. What else there is to say, by code.
    pub(super) fn tell(
        mut self,
        summary: &mut LogSummary,
        files: &[FileRead],
        reading: &LogReading,
    ) -> Vec<(&'static str, String)> {
        let threads = reading.threads;
        let example = |reference: u64| -> Untrusted {
            let place = place(reference);
            let name = files.get(place.file as usize).map_or("", |file| file.name.raw());
            format!("{name}:{}", place.number).into()
        };
        let templates = self.mined.templates();
        summary.templates = templates::listed(&templates, example);
        summary.templates_in_all = templates.list().len() as u64;
        let (mut anomalies, idle) = unusual::windows(&mut self.activity, &templates, threads, place);
        let (rows, unjudged) = table::of_logs(self.sheets, &TableOptions::default(), reading);
        for (reference, row) in rows {
            anomalies.push(anomaly(reference, row));
        }
        anomalies.sort_by(|one, other| one.p_value.total_cmp(&other.p_value));
        // What is new for somebody comes first: it is asked about most.
        let mut told = habits::new_logins(&self.activity, place);
        told.append(&mut anomalies);
        let mut anomalies = told;
        anomalies.truncate(LogSummary::ANOMALIES);
        for anomaly in &mut anomalies {
            let name = files
                .get(anomaly.place.file as usize)
                .map_or("", |file| file.name.raw());
            anomaly.example = format!("{name}:{}", anomaly.place.number).into();
        }
        summary.anomalies = anomalies;
        let mut remarks = Vec::new();
        if self.mined.left_out() > 0 {
            let message = format!(
                "too many kinds of lines: {} {} in no template",
                counted(self.mined.left_out(), "line"),
                agreeing(self.mined.left_out(), "is", "are")
            );
            remarks.push(("log-templates", message));
        }
        let idle = self.activity.left_out().saturating_add(idle);
        if idle > 0 {
            let message = format!(
                "more users, addresses and machines than there is room for: {} in which little was done, or parts of them, {} \
                 not judged",
                counted(idle, "window"),
                agreeing(idle, "was", "were")
            );
            remarks.push(("log-windows", message));
        }
        if unjudged > 0 {
            let message = format!(
                "more rows of tables than there is room for: {unjudged} were not judged (watchfire logs anomalies FILE judges all)"
            );
            remarks.push(("log-rows", message));
        }
        remarks
    }
}

/// A row of a table as an anomaly.
fn anomaly(reference: u64, row: TableRow) -> Anomaly {
    let reasons = row.reasons.into_iter().map(|reason| AnomalyReason {
        feature: reason.words,
        value: reason.value,
        typical: reason.typical,
        share: reason.share,
    });
    Anomaly {
        kind: AnomalyKind::Row,
        what: cut(row.text.raw(), 240).into(),
        begins: None,
        seconds: 0,
        p_value: row.p_value,
        reasons: reasons.collect(),
        place: place(reference),
        example: Untrusted::default(),
    }
}
