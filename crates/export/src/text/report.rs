//! The screen of a report.

use super::screen::{Paint, Screen};
use super::{capture, files, log, mail, media, more, reputation};
use crate::words::word;
use crate::{Form, Glyphs, bytes, short_digest};
use std::collections::{HashMap, HashSet};
use std::io;
use watchfire_model::{
    ArtifactRecord, BELOW, Diagnostic, Evidence, LimitKind, Observable, ObservableType, Observed, Reason, Report, Role,
    Untrusted, Verdict, Weight, counted,
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

/// The paths of what weighs against the input.
fn accused(report: &Report) -> HashSet<&str> {
    let weighs = |reason: &&Reason| reason.weight > Weight::NONE && reason.towards > Verdict::Benign;
    let reasons = report.judgement.reasons.iter().filter(weighs);
    reasons
        .flat_map(|reason| &reason.evidence)
        .map(|evidence| evidence.path.raw())
        .collect()
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

/// Artifacts come in the order of the queue, level by level. A tree has children below their parents.
fn tree(artifacts: &[ArtifactRecord]) -> Vec<&ArtifactRecord> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); artifacts.len()];
    let mut latest: HashMap<&str, usize> = HashMap::new();
    let mut roots = Vec::new();
    for (at, artifact) in artifacts.iter().enumerate() {
        let path = artifact.path.raw();
        let parent = path.rsplit_once(BELOW).and_then(|(parent, _)| latest.get(parent));
        match parent.and_then(|parent| children.get_mut(*parent)) {
            Some(siblings) if artifact.depth > 0 => siblings.push(at),
            _ => roots.push(at),
        }
        latest.insert(path, at);
    }
    let mut order = Vec::with_capacity(artifacts.len());
    let mut open: Vec<usize> = roots.into_iter().rev().collect();
    while let Some(at) = open.pop() {
        order.extend(artifacts.get(at));
        open.extend(children.get(at).into_iter().flatten().rev());
    }
    order
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
    let told = report.artifacts.iter().filter(|_| report.search.is_none());
    let most = told.clone().map(|artifact| artifact.observables.len()).max();
    let mut distinct: HashMap<&Observable, (Role, u64, &Observed)> = HashMap::with_capacity(most.unwrap_or_default());
    for observed in told.flat_map(|artifact| &artifact.observables) {
        let entry = distinct
            .entry(&observed.observable)
            .or_insert((observed.role, 0, observed));
        entry.1 += observed.count;
        if rank(observed.role) < rank(entry.0) {
            (entry.0, entry.2) = (observed.role, observed);
        }
    }
    let techniques: std::collections::BTreeSet<&str> = report
        .findings
        .iter()
        .flat_map(|finding| finding.techniques.iter())
        .map(|technique| technique.as_str())
        .collect();
    if distinct.is_empty() && techniques.is_empty() {
        return Ok(());
    }
    screen.end()?;
    let title = match report.search {
        None => format!("OBSERVABLES {}", distinct.len()),
        Some(_) => String::new(),
    };
    screen.put(" ").paint(Paint::Strong, &title);
    if !techniques.is_empty() {
        let techniques: Vec<&str> = techniques.into_iter().collect();
        let right = screen.style().width;
        screen.put("   ATT&CK ").wrapped(&techniques.join(" "), right)?;
    }
    screen.end()?;
    let mut ranked: Vec<_> = distinct.into_iter().collect();
    // What is tagged as private, reserved or everybody's says less than what is not.
    let order = |(observable, (role, count, seen)): &(&Observable, (Role, u64, &Observed))| {
        let often = std::cmp::Reverse(*count);
        (
            rank(*role),
            !seen.defanged,
            !can_be_blocked(observable.kind()),
            !seen.tags.is_empty(),
            often,
            observable.kind(),
        )
    };
    let by_order = |one: &_, other: &_| order(one).cmp(&order(other)).then_with(|| one.0.cmp(other.0));
    let rows = screen.style().rows(OBSERVABLES).min(ranked.len());
    // There may be hundreds of thousands, and a screen shows the first.
    if let Some(last) = rows.checked_sub(1) {
        ranked.select_nth_unstable_by(last, by_order);
    }
    let (first, _) = ranked.split_at_mut(rows);
    first.sort_unstable_by(by_order);
    let rows: Vec<(&str, String, String)> = ranked
        .iter()
        .take(rows)
        .map(|(observable, (role, count, seen))| {
            let mut notes = vec![word(*role), format!("seen {count}")];
            notes.extend(super::marks(seen));
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

/// What interests a responder first.
const fn rank(role: Role) -> u8 {
    match role {
        Role::Indicator => 0,
        Role::Mentioned => 1,
        Role::Reference => 2,
        Role::Publisher => 3,
    }
}

/// Whether a responder can search for it and block it: places on the network, addresses, digests. Names of files, texts
/// of browsers and numbers of weaknesses are many and say less.
const fn can_be_blocked(kind: ObservableType) -> bool {
    use ObservableType as T;
    !matches!(
        kind,
        T::Asn
            | T::Mac
            | T::Cve
            | T::Cwe
            | T::Cpe
            | T::Ghsa
            | T::AttackTechnique
            | T::AttackTactic
            | T::AttackMitigation
            | T::RegistryKey
            | T::FilePath
            | T::FileName
            | T::UserAgent
            | T::Tlp
            | T::Uuid
            | T::Phone
            | T::Card
            | T::YaraRule
    )
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
