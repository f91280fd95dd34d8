//! One case as a whole: what was found, what people wrote, did and have to do, and which other cases hold the same.

use super::list::ListedCase;
use super::shown;
use crate::{Document, Side, Style, bytes, csv, json, sheet, short_digest, table};
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::{ArtifactId, Moment, Severity, Tlp, Untrusted, counted, observable};

/// An artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetArtifact {
    /// Where it was met.
    pub path: Untrusted,
    /// Its SHA-256, where it was hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ArtifactId>,
    /// Bytes.
    pub size: u64,
    /// What it is, by content.
    pub media_type: Untrusted,
    /// 0 for what was given.
    pub depth: u32,
    /// Whether its bytes are kept.
    pub kept: bool,
    /// Observables that were seen in it.
    pub observables: u64,
}

/// A finding of one of the reports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SheetFinding {
    /// `critical` to `informational`
    pub severity: String,
    /// The rule.
    pub rule: Untrusted,
    /// What was found.
    pub title: Untrusted,
    /// Where, first.
    pub path: Untrusted,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetNote {
    /// When.
    pub at: Moment,
    /// Who wrote it.
    pub who: Untrusted,
    /// What.
    pub text: Untrusted,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetTask {
    /// From 1.
    pub number: u64,
    /// What.
    pub text: Untrusted,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Moment>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetEvent {
    /// From 1.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: Untrusted,
    /// What was done, `noted`.
    pub action: String,
    /// In words.
    pub text: Untrusted,
    /// The hash over it and the one before.
    pub hash: String,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetValue {
    /// `domain`
    #[serde(rename = "type")]
    pub kind: String,
    /// The value.
    pub value: Untrusted,
}

/// Another case that holds the same observables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetLink {
    /// `WF-2026-0003`
    pub label: String,
    /// What it is called.
    pub name: Untrusted,
    /// How many observables both hold.
    pub count: u64,
    /// The first of them.
    pub shared: Vec<SheetValue>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseSheet {
    /// `watchfire.case/1`
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// Its head.
    #[serde(flatten)]
    pub head: ListedCase,
    /// Why it was resolved so.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub why: Untrusted,
    /// The case that it became part of.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub merged_into: Untrusted,
    /// The case that it was taken out of.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub split_from: Untrusted,
    /// What was triaged.
    pub met: Vec<SheetArtifact>,
    /// What was found, the gravest first.
    pub findings: Vec<SheetFinding>,
    /// What people wrote.
    pub notes: Vec<SheetNote>,
    /// What is and was to be done.
    pub tasks: Vec<SheetTask>,
    /// What people did.
    pub timeline: Vec<SheetEvent>,
    /// Other cases that hold the same.
    pub links: Vec<SheetLink>,
}

/// Rows of a list on a screen, unless asked otherwise.
const ROWS: usize = 12;

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Case(&'a ListedCase),
    Artifact(&'a SheetArtifact),
    Finding(&'a SheetFinding),
    Note(&'a SheetNote),
    Task(&'a SheetTask),
    Event(&'a SheetEvent),
    Link(&'a SheetLink),
}

impl CaseSheet {
    fn head_lines(&self) -> Vec<(&'static str, String)> {
        let head = &self.head;
        let moment = |moment: Option<Moment>| moment.map_or_else(|| "-".to_owned(), |moment| moment.to_string());
        let severity = head.severity.map_or("no finding", Severity::as_str);
        let mut state = head.status.to_owned();
        if let Some(resolution) = head.resolution {
            state.push_str(&format!(", {resolution}: {}", shown(&self.why, 300)));
        }
        let mut lines = vec![
            ("case", format!("{}  {}", head.label, shown(&head.name, 80))),
            ("about", format!("{} ({})", shown(&head.title, 200), head.kind)),
            ("status", state),
            (
                "verdict",
                format!("{} {}, {severity}", head.verdict.as_str(), head.score),
            ),
        ];
        let more = [
            ("whose", head.assignee.as_ref().map(|who| shown(who, 60))),
            ("tags", Some(head.tags.join(" ")).filter(|tags| !tags.is_empty())),
            ("marking", head.tlp.map(|tlp| Tlp::as_str(tlp).to_owned())),
            (
                "part of",
                Some(shown(&self.merged_into, 80)).filter(|name| !name.is_empty()),
            ),
            (
                "out of",
                Some(shown(&self.split_from, 80)).filter(|name| !name.is_empty()),
            ),
        ];
        lines.extend(more.into_iter().filter_map(|(title, text)| Some((title, text?))));
        lines.extend([
            ("occurred", moment(head.occurred)),
            ("detected", head.detected.to_string()),
            ("acknowledged", moment(head.acknowledged)),
            ("contained", moment(head.contained)),
            ("resolved", moment(head.resolved)),
        ]);
        lines
    }

    fn links_text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.links.iter().map(|link| {
            let mut shared: Vec<String> = link.shared.iter().take(5).map(SheetValue::shown).collect();
            let more = link.count.saturating_sub(shared.len() as u64);
            shared.extend((more > 0).then(|| format!("+{more} more")));
            vec![link.label.clone(), shown(&link.name, 30), shared.join(", ")]
        });
        block("LINKED BY WHAT BOTH HOLD", &rows.collect::<Vec<_>>(), 3, style, out)
    }
}

impl SheetValue {
    fn shown(&self) -> String {
        format!("{} {}", self.kind, observable::defang(&self.value.shown(80)))
    }
}

/// Rows below a title, the first so many of them; nothing where there is none.
fn block(title: &str, rows: &[Vec<String>], columns: usize, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let most = match style.top {
        Some(0) => usize::MAX,
        Some(most) => most,
        None => ROWS,
    };
    writeln!(out)?;
    writeln!(out, " {title}")?;
    let titles = vec![("", Side::Left); columns];
    table(&titles, rows.get(..most).unwrap_or(rows), style, out)?;
    if rows.len() > most {
        writeln!(out, "  +{} more (--top 0)", rows.len() - most)?;
    }
    Ok(())
}

impl Document for CaseSheet {
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        sheet(&self.head_lines(), style, out)?;
        let findings = self.findings.iter().map(|finding| {
            vec![
                finding.severity.clone(),
                finding.rule.shown(40),
                format!("{}; {}", shown(&finding.title, 160), shown(&finding.path, 160)),
            ]
        });
        block("FOUND", &findings.collect::<Vec<_>>(), 3, style, out)?;
        let artifacts = self.met.iter().map(|met| {
            let digest = met.sha256.as_ref().map_or_else(|| "-".to_owned(), short_digest);
            let kept = if met.kept { ", kept" } else { "" };
            let seen = counted(met.observables, "observable");
            vec![
                digest,
                format!("{}{kept}", bytes(met.size)),
                format!("{}; {}; {seen}", shown(&met.path, 200), met.media_type.shown(60)),
            ]
        });
        block("ARTIFACTS", &artifacts.collect::<Vec<_>>(), 3, style, out)?;
        let tasks = self.tasks.iter().map(|task| {
            let done = if task.done.is_some() { "done" } else { "open" };
            vec![task.number.to_string(), done.to_owned(), shown(&task.text, 300)]
        });
        block("TASKS", &tasks.collect::<Vec<_>>(), 3, style, out)?;
        let notes = self
            .notes
            .iter()
            .map(|note| vec![note.at.to_string(), shown(&note.who, 24), shown(&note.text, 2000)]);
        block("NOTES", &notes.collect::<Vec<_>>(), 3, style, out)?;
        self.links_text(style, out)?;
        let events = self.timeline.iter().map(|event| {
            vec![
                event.at.to_string(),
                shown(&event.who, 24),
                event.action.clone(),
                shown(&event.text, 160),
            ]
        });
        block("WHAT PEOPLE DID", &events.collect::<Vec<_>>(), 4, style, out)
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(self, out)
    }

    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        let records = std::iter::once(Record::Case(&self.head))
            .chain(self.met.iter().map(Record::Artifact))
            .chain(self.findings.iter().map(Record::Finding))
            .chain(self.notes.iter().map(Record::Note))
            .chain(self.tasks.iter().map(Record::Task))
            .chain(self.timeline.iter().map(Record::Event))
            .chain(self.links.iter().map(Record::Link));
        for record in records {
            json::record(self.schema, &record, out)?;
        }
        Ok(())
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = |cells: [&str; 6]| cells.map(str::to_owned).to_vec();
        let mut rows = vec![row([
            "case",
            &self.head.detected.to_string(),
            "",
            self.head.status,
            self.head.name.raw(),
            self.head.title.raw(),
        ])];
        rows.extend(self.met.iter().map(|met| {
            let digest = met.sha256.map(|sha256| sha256.to_string()).unwrap_or_default();
            row(["artifact", "", "", met.media_type.raw(), &digest, met.path.raw()])
        }));
        rows.extend(self.findings.iter().map(|finding| {
            row([
                "finding",
                "",
                "",
                &finding.severity,
                finding.rule.raw(),
                finding.title.raw(),
            ])
        }));
        rows.extend(
            self.notes
                .iter()
                .map(|note| row(["note", &note.at.to_string(), note.who.raw(), "", "", note.text.raw()])),
        );
        rows.extend(self.tasks.iter().map(|task| {
            let done = task.done.map(|done| done.to_string()).unwrap_or_default();
            let state = if task.done.is_some() { "done" } else { "open" };
            row(["task", &done, "", state, &task.number.to_string(), task.text.raw()])
        }));
        rows.extend(self.timeline.iter().map(|event| {
            row([
                "event",
                &event.at.to_string(),
                event.who.raw(),
                &event.action,
                &event.hash,
                event.text.raw(),
            ])
        }));
        for link in &self.links {
            rows.extend(
                link.shared
                    .iter()
                    .map(|shared| row(["link", "", "", &shared.kind, link.name.raw(), shared.value.raw()])),
            );
        }
        csv::plain(&["record", "at", "who", "kind", "key", "text"], rows, out)
    }
}
