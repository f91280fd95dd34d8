//! The screen of a report.

use super::screen::{Paint, Screen};
use super::{capture, files, incident, log, mail, media, more, reputation};
use crate::ranking::{accused, by_interest, distinct, sort_first, tree};
use crate::words::word;
use crate::{Form, Glyphs, bytes, short_digest};
use std::collections::{HashMap, HashSet};
use std::io;
use watchfire_model::{
    ArtifactRecord, BELOW, Diagnostic, Evidence, LimitKind, Reason, Report, Untrusted, Verdict, Weight, counted,
};

/// Rows of a list that is cut unless asked otherwise.
const REASONS: usize = 5;
const OBSERVABLES: usize = 12;
const ARTIFACTS: usize = 12;
const DIAGNOSTICS: usize = 8;

/// Draws `report`.
pub(super) fn draw(report: &Report, mut screen: Screen<'_>) -> io::Result<()> {
    head(report, &mut screen)?;
    mail::section(report, &mut screen)?;
    why(report, &mut screen)?;
    advice(report, &mut screen)?;
    incident::section(report, &mut screen)?;
    mail::list(report, &mut screen)?;
    mail::headers(report, &mut screen)?;
    files::list(report, &mut screen)?;
    capture::section(report, &mut screen)?;
    log::section(report, &mut screen)?;
    artifacts(report, &mut screen)?;
    reputation::section(report, &mut screen)?;
    observables(report, &mut screen)?;
    diagnostics(report, &mut screen)?;
    suppressed(report, &mut screen)?;
    super::data(report, &mut screen)?;
    coverage(report, &mut screen)
}

/// The verdict. A reader who stops here already knows what to do.
fn head(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let judgement = &report.judgement;
    let facts = format!("{}/100   confidence {}", judgement.score.get(), judgement.confidence);
    let summary = screen.prose(&judgement.summary);
    let right = screen.style().width;
    screen.put(" ").verdict(judgement.verdict).put("  ").put(&facts);
    if screen.style().is_wide() {
        screen.put("   ");
    } else {
        screen.end()?;
        screen.put("   ");
    }
    screen.wrapped(&summary, right)?;
    screen.end()?;
    if let Some(tlp) = report.tlp {
        screen.put(tlp.as_str()).put(" ");
    }
    screen.rule()
}

/// The ranked evidence: what, how much, where.
fn why(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let (benign, bad): (Vec<&Reason>, Vec<&Reason>) = report
        .judgement
        .reasons
        .iter()
        .partition(|reason| reason.towards == Verdict::Benign);
    let rows = screen.style().rows(REASONS).min(bad.len());
    let title = if rows < bad.len() {
        format!("WHY (top {rows} of {})", bad.len())
    } else {
        "WHY".to_owned()
    };
    let columns = (screen.style().width * 58 / 100, screen.style().width * 58 / 100 + 8);
    screen.put(" ").paint(Paint::Strong, &title);
    if screen.style().is_wide() {
        screen.put_right("weight", columns.1).put("   where");
    }
    screen.end()?;
    for reason in bad.iter().take(rows) {
        let mark = if reason.weight > Weight::NONE { "▲" } else { "·" };
        reason_row(reason, mark, columns, screen)?;
    }
    for reason in &benign {
        reason_row(reason, "▼", columns, screen)?;
    }
    if benign.is_empty() && report.judgement.verdict > Verdict::Unknown {
        screen.put("  (benign, shown beside)  none").end()?;
    }
    Ok(())
}

fn reason_row(reason: &Reason, mark: &str, columns: (usize, usize), screen: &mut Screen<'_>) -> io::Result<()> {
    let weight = if reason.weight > Weight::NONE {
        reason.weight.to_string()
    } else {
        "-".to_owned()
    };
    let place = screen.path(&place(&reason.evidence));
    let text = screen.prose(&reason.text);
    screen.put("  ").put(mark).put(" ");
    if !screen.style().is_wide() {
        let right = screen.style().width;
        screen.wrapped(&text, right)?;
        screen.end()?;
        screen.put("    ").put(&weight).put("  ");
        screen.wrapped_path(&place)?;
        return screen.end();
    }
    let left = screen.style().width.saturating_sub(screen.room());
    let lines = screen.wrap(&text, columns.0.saturating_sub(left));
    let places = screen.wrap_path(&place, screen.style().width.saturating_sub(columns.1 + 3));
    for row in 0..lines.len().max(places.len()) {
        screen.to(left).put(lines.get(row).map_or("", String::as_str));
        if row == 0 {
            screen.put_right(&weight, columns.1);
        }
        screen
            .to(columns.1 + 3)
            .put(places.get(row).map_or("", String::as_str))
            .end()?;
    }
    Ok(())
}

/// The first place, and how many more there are.
fn place(evidence: &[Evidence]) -> String {
    match evidence {
        [] => "-".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (+{})", rest.len()),
    }
}

fn advice(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let right = screen.style().width;
    for (number, recommendation) in report.recommendations.iter().enumerate() {
        if number == 0 {
            screen.end()?;
            screen.put(" ").paint(Paint::Strong, "DO NOW");
        }
        let text = screen.prose(recommendation.text.raw());
        screen.to(9).put(&format!("{} ", number + 1)).wrapped(&text, right)?;
        screen.end()?;
    }
    Ok(())
}

/// What was taken apart, as a tree: first what the findings are about.
fn artifacts(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    // A single text is described by the coverage line.
    if report.artifacts.len() < 2 || report.search.is_some() && report.artifacts.iter().all(|one| one.depth == 0) {
        return Ok(());
    }
    let rows = screen.style().rows(ARTIFACTS).min(report.artifacts.len());
    let columns = (screen.style().width * 42 / 100, screen.style().width * 42 / 100 + 10);
    screen.end()?;
    let room = type_width(columns, screen);
    screen
        .put(" ")
        .paint(Paint::Strong, &format!("ARTIFACTS {}", report.artifacts.len()));
    if screen.style().is_wide() {
        screen
            .put_right("size", columns.1)
            .put("  type")
            .to(columns.1 + room + 3)
            .put("sha256");
    }
    screen.end()?;
    let accused = accused(report);
    for artifact in flagged_first(tree(&report.artifacts), &accused).into_iter().take(rows) {
        if accused.contains(artifact.path.raw()) {
            screen.put("  ▲");
        }
        artifact_row(artifact, columns, screen)?;
    }
    more(report.artifacts.len() - rows, screen)
}

/// Inputs that hold something accused before those that do not; otherwise in the given order.
fn flagged_first<'r>(tree: Vec<&'r ArtifactRecord>, accused: &HashSet<&str>) -> Vec<&'r ArtifactRecord> {
    let mut inputs: Vec<Vec<&ArtifactRecord>> = Vec::new();
    for artifact in tree {
        match inputs.last_mut() {
            Some(input) if artifact.depth > 0 => input.push(artifact),
            _ => inputs.push(vec![artifact]),
        }
    }
    inputs.sort_by_key(|input| !input.iter().any(|artifact| accused.contains(artifact.path.raw())));
    inputs.into_iter().flatten().collect()
}

/// What the size before and the digest and note behind leave for the type.
fn type_width(columns: (usize, usize), screen: &Screen<'_>) -> usize {
    let others = columns.1 + 26 + ellipsis(screen);
    screen.style().width.saturating_sub(others).clamp(10, 27)
}

/// How much wider than one column the sign for what was left out is.
fn ellipsis(screen: &Screen<'_>) -> usize {
    match screen.style().glyphs {
        Glyphs::Unicode => 0,
        Glyphs::Ascii => 2,
    }
}

fn artifact_row(artifact: &ArtifactRecord, columns: (usize, usize), screen: &mut Screen<'_>) -> io::Result<()> {
    let depth = usize::try_from(artifact.depth).unwrap_or(usize::MAX).min(8);
    let name = artifact.path.raw();
    let name = if depth == 0 {
        name
    } else {
        name.rsplit(BELOW).next().unwrap_or(name)
    };
    let name = screen.path(name);
    let branch = if depth == 0 { "" } else { "└ " };
    screen.to(4 + depth * 2).put(branch).wrapped_path(&name)?;
    let note = match (&artifact.duplicate_of, &artifact.known_good, artifact.read) {
        (Some(first), ..) => format!("same as {first}"),
        (None, Some(list), _) => super::known(list),
        (None, None, false) => "not read".to_owned(),
        (None, None, true) => String::new(),
    };
    let note = match &artifact.listed_in {
        Some(place) if note.is_empty() => format!("listed in {place}"),
        Some(place) => format!("{note}; listed in {place}"),
        None => note,
    };
    let short = artifact.sha256.as_ref().map(short_digest).unwrap_or_default();
    if !screen.style().is_wide() {
        let media_type = media::name(artifact.media_type.0);
        let facts = format!("{} · {media_type} · {short} {note}", bytes(artifact.size));
        screen.end()?;
        let right = screen.style().width;
        screen.to(6 + depth * 2).wrapped(&facts, right)?;
        return screen.end();
    }
    if screen.style().width.saturating_sub(screen.room()) + 9 > columns.1 {
        screen.end()?;
    }
    screen.put_right(&bytes(artifact.size), columns.1).put("  ");
    let media_type = Untrusted::new(media::name(artifact.media_type.0));
    let room = type_width(columns, screen);
    screen.put(&media_type.shown(room - ellipsis(screen)));
    screen.put(" ").to(columns.1 + room + 3).put(&short).put("  ");
    if note.chars().count() > screen.room() {
        screen.end()?;
        screen.to(columns.1 + 2);
    }
    let note = screen.path(&note);
    screen.wrapped_path(&note)?;
    screen.end()
}

/// The distinct observables, those that a text presents as indicators first.
fn observables(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    // What programs of a disk name is much, and says little of them; formats for machines have it.
    let mut ranked = match report.search {
        None => distinct(report),
        Some(_) => Vec::new(),
    };
    let techniques: std::collections::BTreeSet<&str> = report
        .findings
        .iter()
        .flat_map(|finding| finding.techniques.iter())
        .map(|technique| technique.as_str())
        .collect();
    if ranked.is_empty() && techniques.is_empty() {
        return Ok(());
    }
    screen.end()?;
    let title = match report.search {
        None => format!("OBSERVABLES {}", ranked.len()),
        Some(_) => String::new(),
    };
    screen.put(" ").paint(Paint::Strong, &title);
    if !techniques.is_empty() {
        let techniques: Vec<&str> = techniques.into_iter().collect();
        let right = screen.style().width;
        screen.put("   ATT&CK ").wrapped(&techniques.join(" "), right)?;
    }
    screen.end()?;
    let rows = screen.style().rows(OBSERVABLES).min(ranked.len());
    sort_first(&mut ranked, rows, by_interest);
    let rows: Vec<(&str, String, String)> = ranked
        .iter()
        .take(rows)
        .map(|entry| {
            let mut notes = vec![word(entry.role), format!("seen {}", entry.count)];
            notes.extend(super::marks(entry.seen));
            let observable = entry.observable;
            let kind = observable.pattern().unwrap_or(observable.kind().name());
            (kind, screen.value(observable), notes.join(" · "))
        })
        .collect();
    let widest = |text: fn(&(&str, String, String)) -> usize| rows.iter().map(text).max().unwrap_or(0);
    // A column for the notes, as far to the left as the values allow and to the right as they need themselves.
    let room = screen.style().width.saturating_sub(VALUE + 2);
    let notes = widest(|row| row.2.chars().count()).min(NOTES);
    let column = VALUE + widest(|row| row.1.chars().count()).min(room.saturating_sub(notes)) + 2;
    for (kind, value, notes) in &rows {
        observable_row(kind, value, notes, column, screen)?;
    }
    more(ranked.len() - rows.len(), screen)
}

/// Where the values of observables begin.
const VALUE: usize = 20;
/// Room for role, count and a tag. One row with more must not cost the others their column.
const NOTES: usize = 36;

fn observable_row(kind: &str, value: &str, notes: &str, column: usize, screen: &mut Screen<'_>) -> io::Result<()> {
    let (length, wide) = (value.chars().count(), screen.style().is_wide());
    screen.put("  ").put(kind).put("  ");
    // A value is never broken, so that it can be copied; a long one stands further to the left.
    let width = screen.style().width;
    screen.to(VALUE.min(width.saturating_sub(length))).put(value);
    let beside = wide && VALUE + length + 2 <= column && notes.chars().count() <= width.saturating_sub(column);
    if beside {
        screen.to(column);
    } else {
        screen.end()?;
        let fits = wide && notes.chars().count() <= width.saturating_sub(column);
        screen.to(if fits { column } else { VALUE });
    }
    screen.wrapped_in(Paint::Faint, notes)?;
    screen.end()
}

fn diagnostics(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.diagnostics.is_empty() {
        return Ok(());
    }
    screen.end()?;
    screen.put(" ").paint(Paint::Strong, "NOT PERFECT").end()?;
    // What a thousand mails have in common is said once.
    let mut alike: Vec<(&Diagnostic, usize)> = Vec::new();
    let mut known: HashMap<(&str, &Untrusted), usize> = HashMap::new();
    for remark in &report.diagnostics {
        let at = *known.entry((remark.code, &remark.message)).or_insert(alike.len());
        match alike.get_mut(at) {
            Some((_, more)) => *more += 1,
            None => alike.push((remark, 0)),
        }
    }
    alike.sort_by_key(|(remark, _)| std::cmp::Reverse(remark.severity));
    let rows = screen.style().rows(DIAGNOSTICS).min(alike.len());
    for (remark, others) in alike.iter().take(rows) {
        let text = screen.prose(remark.message.raw());
        let others = if *others == 0 {
            String::new()
        } else {
            format!(" and {others} more")
        };
        let line = format!("{}{others}: {text}", screen.path(remark.artifact.raw()));
        screen
            .put("  ")
            .put(&word(remark.severity))
            .to(11)
            .wrapped_path(&line)?;
        screen.end()?;
    }
    more(alike.len() - rows, screen)
}

fn suppressed(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let right = screen.style().width;
    for (number, hidden) in report.suppressed.iter().enumerate() {
        if number == 0 {
            screen.end()?;
            screen
                .put(" ")
                .paint(Paint::Strong, &format!("SUPPRESSED {}", report.suppressed.len()))
                .end()?;
        }
        let line = format!(
            "{}: {} · {} (until {})",
            hidden.finding.rule, hidden.finding.title, hidden.why, hidden.expires
        );
        let line = screen.prose(&line);
        screen.put("  - ").wrapped(&line, right)?;
        screen.end()?;
    }
    Ok(())
}

/// The last line: what was looked at, and what was not.
fn coverage(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let seen = &report.coverage;
    let mut line = match &report.search {
        Some(search) => files::searched(search),
        None => format!("{} of {} read", seen.inputs_read, counted(seen.inputs, "input")),
    };
    if report.search.is_some() {
        // Of programs, nobody reads everything; the reasons say so once.
    } else if seen.artifacts != seen.inputs || seen.artifacts_read != seen.artifacts {
        let artifacts = counted(seen.artifacts, "artifact");
        line.push_str(&format!(" · {} of {artifacts} read in full", seen.artifacts_read));
    }
    line.push_str(&format!(
        " · {} · {}",
        bytes(seen.bytes),
        counted(seen.network_calls, "network call")
    ));
    if !seen.limits_reached.is_empty() {
        let limits: Vec<&str> = seen.limits_reached.iter().copied().map(LimitKind::as_str).collect();
        line.push_str(&format!(" · stopped by the limit on {}", limits.join(", ")));
    }
    if screen.style().form == Form::Raw {
        line.push_str(" · live values, not defanged");
    }
    screen.end()?;
    let right = screen.style().width;
    screen.put(" coverage: ").wrapped(&line, right)?;
    screen.end()
}
