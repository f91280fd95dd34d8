//! The files of a search: the worst first, with what is wrong with each; and what was searched.

use super::more;
use super::screen::{Paint, Screen};
use crate::{bytes, short_digest};
use std::collections::{HashMap, HashSet};
use std::io;
use watchfire_model::executable::Essentials;
use watchfire_model::{ArtifactRecord, Judged, JudgedFile, Report, Search, Verdict, counted};

/// Rows of a list that is cut unless asked otherwise.
const ROWS: usize = 20;
/// Rows of what is too weak for a verdict.
const WEAK: usize = 5;
/// Other places of the same bytes that are named unless asked otherwise.
const PLACES: usize = 3;
/// Where the path begins.
const PATH: usize = 20;

/// The files that something is said about.
pub(super) fn list(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.files.is_empty() {
        return Ok(());
    }
    // What is too weak for a verdict is shown where there is nothing else, and on demand.
    let alarming = report
        .files
        .iter()
        .filter(|file| file.verdict > Verdict::Unknown)
        .count();
    let first = if alarming == 0 { WEAK } else { alarming.min(ROWS) };
    let rows = screen.style().rows(first).min(report.files.len());
    screen.end()?;
    screen
        .put(" ")
        .paint(Paint::Strong, &format!("FILES {}", report.files.len()))
        .end()?;
    let records: HashMap<&str, &ArtifactRecord> = report
        .artifacts
        .iter()
        .filter(|record| record.depth == 0)
        .map(|record| (record.path.raw(), record))
        .collect();
    // Files with the same bytes are one row, that of the worst of them.
    let mut shown = HashSet::new();
    let mut firsts = report
        .files
        .iter()
        .filter(|file| file.sha256.is_none_or(|id| shown.insert(id)));
    for file in firsts.by_ref().take(rows) {
        row(file, records.get(file.path.raw()).copied(), screen)?;
    }
    more(firsts.count(), screen)
}

fn row(file: &JudgedFile, record: Option<&ArtifactRecord>, screen: &mut Screen<'_>) -> io::Result<()> {
    let right = screen.style().width;
    screen.put("  ").judged(Judged {
        verdict: file.verdict,
        score: file.score,
    });
    let path = screen.path(file.path.raw());
    screen.to(PATH).wrapped_path(&path)?;
    screen.end()?;
    let mut facts = vec![file.kind.to_owned(), bytes(file.size)];
    facts.extend(file.sha256.as_ref().map(short_digest));
    facts.extend(file.stored.modified.map(|at| at.to_string()));
    let executable = record.and_then(|record| record.executable.as_deref());
    facts.extend(executable.and_then(signature));
    facts.extend(record.and_then(|record| record.known_good.as_ref()).map(super::known));
    match file.copies {
        0 => {}
        1 => facts.push("1 copy".to_owned()),
        copies => facts.push(format!("{copies} copies")),
    }
    let facts = screen.prose(&facts.join(" · "));
    screen.to(PATH).wrapped_in(Paint::Faint, &facts)?;
    screen.end()?;
    let places = screen.style().rows(PLACES).min(file.also.len());
    for also in file.also.iter().take(places) {
        let also = screen.path(also.raw());
        screen.to(PATH).put("also ").wrapped_path(&also)?;
        screen.end()?;
    }
    // The number of all copies stands above.
    if file.copies > places as u64 {
        screen
            .to(PATH)
            .put(&format!("+{} more", file.copies - places as u64))
            .end()?;
    }
    let summary = screen.prose(&file.summary);
    screen.to(PATH).wrapped(&summary, right)?;
    screen.end()
}

/// Who signed it, in a few words; nothing where nobody signs such files.
fn signature(executable: &Essentials) -> Option<String> {
    Some(match &executable.signed {
        Some(signed) if signed.by_catalog => "in a signed catalog".to_owned(),
        Some(signed) if signed.holds => format!("signed by '{}'", signed.name.shown(40)),
        Some(signed) => format!("signature of '{}' does not hold", signed.name.shown(40)),
        None if matches!(executable.format, "pe" | "msi" | "mach-o") => "unsigned".to_owned(),
        None => return None,
    })
}

/// What was searched, as a part of the last line.
pub(super) fn searched(search: &Search) -> String {
    let mut parts = vec![format!("{} met", counted(search.files, "file"))];
    let kinds: Vec<String> = search
        .kinds
        .iter()
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!(" ({})", kinds.join(", "))
    };
    parts.push(format!("{} judged{kinds}", search.judged));
    for (count, what, one) in [
        (
            search.unchanged,
            "unchanged since they were judged",
            "unchanged since it was judged",
        ),
        (search.copies, "copies of others", "copy of another"),
        (search.known_good, "known good", "known good"),
        (
            search.unclear,
            "too long to say what is in them",
            "too long to say what is in it",
        ),
        (search.failed, "could not be read", "could not be read"),
    ] {
        match count {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{count} {what}")),
        }
    }
    let left: Vec<String> = search
        .left
        .iter()
        .map(|(why, count)| format!("{why} {count}"))
        .collect();
    if !left.is_empty() {
        parts.push(format!("left out: {}", left.join(", ")));
    }
    parts.join(" · ")
}
