//! The list of cases.

use super::shown;
use crate::{Document, Side, Style, csv, json, table};
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::{Moment, Severity, Tlp, Untrusted, Verdict};

/// The head of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedCase {
    /// `WF-2026-0007`
    pub label: String,
    /// Tells it from all others, wherever it goes.
    pub id: String,
    /// What it is called.
    pub name: Untrusted,
    /// What it is about.
    pub title: Untrusted,
    /// `mail`, `capture`, `log`, `file`, or what people say.
    #[serde(rename = "type")]
    pub kind: String,
    /// `new`, `in-progress`, `contained` or `resolved`.
    pub status: &'static str,
    /// Of its gravest finding.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "word")]
    pub severity: Option<Severity>,
    /// The machine's judgement: the worst of its reports.
    pub verdict: Verdict,
    /// From 0 to 100.
    pub score: u8,
    /// How it may be shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Untrusted>,
    /// Sorted.
    pub tags: Vec<String>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred: Option<Moment>,
    /// When it was noticed.
    pub detected: Moment,
    /// When somebody took it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Moment>,
    /// From when on it did no more harm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contained: Option<Moment>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Moment>,
    /// What people decided that it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<&'static str>,
    /// Artifacts.
    pub artifacts: u64,
    /// Those of them whose bytes are kept.
    pub kept: u64,
    /// Reports.
    pub reports: u64,
    /// Tasks that are not done.
    pub open_tasks: u64,
}

#[expect(clippy::ref_option, reason = "serde hands over what it has")]
fn word<S: serde::Serializer>(severity: &Option<Severity>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.map_or("", Severity::as_str))
}

/// All of them that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseList {
    /// `watchfire.cases/1`
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// Those that are open before those that are not, the newest first.
    pub cases: Vec<ListedCase>,
    /// Resolved ones that were not asked for.
    pub left_out: u64,
}

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Case(&'a ListedCase),
}

/// The columns of a case.
pub(super) const COLUMNS: &[&str] = &[
    "label",
    "name",
    "title",
    "type",
    "status",
    "severity",
    "verdict",
    "score",
    "tlp",
    "assignee",
    "tags",
    "occurred",
    "detected",
    "acknowledged",
    "contained",
    "resolved",
    "resolution",
    "artifacts",
    "open_tasks",
    "id",
];

impl ListedCase {
    pub(super) fn cells(&self) -> Vec<String> {
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
        vec![
            self.label.clone(),
            self.name.raw().to_owned(),
            self.title.raw().to_owned(),
            self.kind.clone(),
            self.status.to_owned(),
            self.severity.map_or("", Severity::as_str).to_owned(),
            self.verdict.as_str().to_owned(),
            self.score.to_string(),
            self.tlp.map_or("", Tlp::as_str).to_owned(),
            self.assignee.as_ref().map_or("", Untrusted::raw).to_owned(),
            self.tags.join(" "),
            moment(self.occurred),
            self.detected.to_string(),
            moment(self.acknowledged),
            moment(self.contained),
            moment(self.resolved),
            self.resolution.unwrap_or_default().to_owned(),
            self.artifacts.to_string(),
            self.open_tasks.to_string(),
            self.id.clone(),
        ]
    }

    fn row(&self) -> Vec<String> {
        let mut says = vec![self.severity.map_or("no finding", Severity::as_str).to_owned()];
        says.extend(self.assignee.as_ref().map(|who| shown(who, 16)));
        says.push(format!("since {}", self.detected.date()));
        says.push(shown(&self.title, 120));
        says.extend(self.resolution.map(str::to_owned));
        says.extend((!self.tags.is_empty()).then(|| self.tags.join(" ")));
        vec![
            self.label.clone(),
            shown(&self.name, 30),
            self.status.to_owned(),
            format!("{} {}", self.verdict.as_str(), self.score),
            says.join("; "),
        ]
    }
}

impl Document for CaseList {
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let titles = [
            ("CASE", Side::Left),
            ("NAME", Side::Left),
            ("STATUS", Side::Left),
            ("VERDICT", Side::Left),
            ("SEVERITY; WHOSE; SINCE; ABOUT; RESOLUTION; TAGS", Side::Left),
        ];
        let most = style.top.filter(|most| *most > 0).unwrap_or(usize::MAX);
        let rows: Vec<Vec<String>> = self.cases.iter().take(most).map(ListedCase::row).collect();
        if rows.is_empty() {
            writeln!(out, " no case here")?;
        } else {
            table(&titles, &rows, style, out)?;
        }
        if self.cases.len() > rows.len() {
            writeln!(out, "  +{} more (--top 0)", self.cases.len() - rows.len())?;
        }
        if self.left_out > 0 {
            writeln!(out, "  +{} resolved (--all)", self.left_out)?;
        }
        Ok(())
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(self, out)
    }

    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut records = self.cases.iter().map(Record::Case);
        records.try_for_each(|record| json::record(self.schema, &record, out))
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        csv::plain(COLUMNS, self.cases.iter().map(ListedCase::cells), out)
    }
}
