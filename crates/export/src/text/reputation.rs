//! The screen of `check`: a card for each observable, or a row where there are many.

use super::screen::{Paint, Screen};
use super::{more, place_of};
use std::collections::BTreeMap;
use std::io;
use watchfire_model::{
    Asset, DiagnosticSeverity, Enrichment, Observable, Outcome, Rank, Report, Reputation, Untrusted, Verdict, Weight,
    age, counted,
};

/// How much is told of each observable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A line.
    Row,
    /// Who says what.
    Card,
    /// Who says what, and how the score comes about.
    Explained,
}

/// Where the columns of a card begin.
const VERDICT: usize = 26;
const AGE: usize = 38;
const WEIGHT: usize = 51;
const WORDS: usize = 54;
/// And those of rows.
const ROW_VALUE: usize = 11;
const ROW_VERDICT: usize = 44;
const ROW_SUMMARY: usize = 61;

/// A line for one observable.
fn row(reputation: &Reputation, screen: &mut Screen<'_>) -> io::Result<()> {
    row_head(&reputation.observable, screen)?;
    row_rest(reputation, screen)
}

/// The beginning of a line: type and value, up to where the verdict begins.
pub(super) fn row_head(observable: &Observable, screen: &mut Screen<'_>) -> io::Result<()> {
    let value = screen.value(observable);
    let (is_wide, width) = (screen.style().is_wide(), screen.style().width);
    screen.put(" ").put(observable.kind().name()).put(" ");
    let column = ROW_VALUE.min(width.saturating_sub(value.chars().count()));
    screen.to(column).put(&value);
    let is_beside = is_wide && width.saturating_sub(screen.room()) < ROW_VERDICT;
    if !is_beside {
        screen.end()?;
    }
    screen.to(if is_wide { ROW_VERDICT } else { ROW_VALUE }).pause()
}

/// The rest of the line. It stands where [`row_head`] has ended.
pub(super) fn row_rest(reputation: &Reputation, screen: &mut Screen<'_>) -> io::Result<()> {
    let summary = screen.prose(&reputation.judgement.summary);
    let (is_wide, width) = (screen.style().is_wide(), screen.style().width);
    screen.resume(if is_wide { ROW_VERDICT } else { ROW_VALUE });
    screen.verdict(reputation.judgement.verdict).put(" ");
    if !is_overruled(reputation) {
        screen.put(&reputation.judgement.score.get().to_string()).put(" ");
    }
    if is_wide {
        screen.to(ROW_SUMMARY);
    }
    screen.wrapped(&summary, width)?;
    screen.end()
}

/// Everything about one observable.
pub(super) fn card(reputation: &Reputation, explained: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    head(reputation, screen)?;
    let (mut said, silent): (Vec<&Enrichment>, Vec<&Enrichment>) = reputation
        .enrichments
        .iter()
        .partition(|enrichment| enrichment.outcome == Outcome::Found);
    said.sort_by_key(|enrichment| (std::cmp::Reverse(enrichment.rank), std::cmp::Reverse(enrichment.weight)));
    if !said.is_empty() {
        screen.end()?;
    }
    if !said.is_empty() && screen.style().is_wide() {
        screen.put(" ").paint(Paint::Strong, "SOURCE");
        screen.to(VERDICT).put("VERDICT").to(AGE).put("AGE");
        screen.put_right("WEIGHT", WEIGHT).to(WORDS).put("DETAIL").end()?;
    }
    for enrichment in said {
        source(enrichment, explained, screen)?;
    }
    silences(&silent, screen)?;
    if explained {
        arithmetic(reputation, screen)?;
    }
    about(reputation, screen)
}

/// The verdict first. A reader who stops here already knows what to do.
fn head(reputation: &Reputation, screen: &mut Screen<'_>) -> io::Result<()> {
    let judgement = &reputation.judgement;
    let value = screen.value(&reputation.observable);
    let summary = screen.prose(&judgement.summary);
    let facts = if is_overruled(reputation) {
        format!("confidence {}", judgement.confidence)
    } else {
        format!("{}/100   confidence {}", judgement.score.get(), judgement.confidence)
    };
    screen.put(" ").paint(Paint::Strong, &value);
    if screen.style().is_wide() {
        screen.put("   ");
    } else {
        screen.end()?;
        screen.put(" ");
    }
    screen.verdict(judgement.verdict).put("  ").put(&facts).put("   ");
    if screen.room() < summary.chars().count() {
        screen.end()?;
        screen.put("   ");
    }
    let right = screen.style().width;
    screen.wrapped(&summary, right)?;
    screen.end()
}

/// Whether somebody of a higher rank decided against what the score says, or without it.
fn is_overruled(reputation: &Reputation) -> bool {
    let judgement = &reputation.judgement;
    let ranks = reputation.enrichments.iter();
    let mut ranks = ranks.filter(|said| said.outcome == Outcome::Found && said.towards != Verdict::Unknown);
    ranks.any(|said| said.rank >= Rank::Own) || (judgement.verdict == Verdict::Benign && judgement.score.get() > 0)
}

/// One source that knows the value.
fn source(enrichment: &Enrichment, explained: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut words = screen.prose(&enrichment.detail.to_string());
    if let Some(matched) = &enrichment.matched {
        words.push_str(&format!(" (as {})", screen.prose(&matched.to_string())));
    }
    // What weighs nothing has its arithmetic too.
    if explained && enrichment.strength > Weight::NONE {
        words.push_str(&format!(
            " [{} × {} {} × {} left by age; group {}]",
            enrichment.strength,
            enrichment.grade,
            enrichment.grade.reliability(),
            enrichment.decay,
            enrichment.group
        ));
    }
    let takes_side = enrichment.towards != Verdict::Unknown;
    let word = if takes_side {
        enrichment.towards.as_str()
    } else {
        "context"
    };
    let age = enrichment.age.map_or("-".to_owned(), short_age);
    let weight = if enrichment.weight > Weight::NONE {
        enrichment.weight.to_string()
    } else {
        "-".to_owned()
    };
    screen.put("  ").put(&enrichment.source.shown(VERDICT - 4)).put(" ");
    let width = screen.style().width;
    if !screen.style().is_wide() {
        let facts = [age.as_str(), weight.as_str(), enrichment.from.as_str()];
        let facts = facts.into_iter().filter(|fact| *fact != "-");
        screen.put(" ").paint(Paint::of(enrichment.towards), word);
        facts.for_each(|fact| {
            screen.put(" · ").put(fact);
        });
        screen.end()?;
        screen.put("    ").wrapped(&words, width)?;
        return screen.end();
    }
    screen.to(VERDICT);
    if takes_side {
        screen.paint(Paint::of(enrichment.towards), word);
    } else {
        screen.put(word);
    }
    screen.to(AGE).put(&age).put_right(&weight, WEIGHT);
    screen.to(WORDS).wrapped(&words, width.saturating_sub(8))?;
    let from = enrichment.from.as_str();
    if screen.room() <= from.len() {
        screen.end()?;
    }
    screen.put_right(from, width).end()
}

/// `2 d`, as a column has room for.
fn short_age(seconds: u64) -> String {
    let words = age(seconds);
    let mut parts = words.split(' ');
    match (parts.next(), parts.next().and_then(|unit| unit.chars().next())) {
        (Some(count), Some(unit)) if count.starts_with(|c: char| c.is_ascii_digit()) => {
            let unit = if words.contains("minute") {
                "min".to_owned()
            } else {
                unit.to_string()
            };
            format!("{count} {unit}")
        }
        _ => "now".to_owned(),
    }
}

/// Sources that say nothing, those with the same reason together.
fn silences(silent: &[&Enrichment], screen: &mut Screen<'_>) -> io::Result<()> {
    let mut by_reason: BTreeMap<(Outcome, String), Vec<String>> = BTreeMap::new();
    for enrichment in silent {
        let reason = (enrichment.outcome, enrichment.detail.to_string());
        by_reason.entry(reason).or_default().push(enrichment.source.shown(24));
    }
    for ((outcome, why), names) in by_reason {
        let what = match outcome {
            Outcome::NotFound => "do not know it",
            Outcome::NotAsked => "not asked",
            Outcome::Quota => "quota is spent",
            Outcome::Authentication => "key not accepted",
            Outcome::Failed | Outcome::Found => "no answer",
        };
        let why = match why.as_str() {
            "" => what.to_owned(),
            // It says itself what became of the question.
            _ if why.starts_with(what) => why,
            _ => format!("{what} ({why})"),
        };
        let line = screen.prose(&format!("{why}: {}", names.join(", ")));
        let right = screen.style().width;
        screen.put("  - ").wrapped(&line, right)?;
        screen.end()?;
    }
    Ok(())
}

/// How the score comes about.
fn arithmetic(reputation: &Reputation, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut groups: BTreeMap<&str, Weight> = BTreeMap::new();
    let accusing = reputation
        .enrichments
        .iter()
        .filter(|e| e.outcome == Outcome::Found && e.towards >= Verdict::Suspicious && e.weight > Weight::NONE);
    for enrichment in accusing {
        let heaviest = groups.entry(enrichment.group.raw()).or_insert(Weight::NONE);
        *heaviest = enrichment.weight.max(*heaviest);
    }
    let factors: Vec<String> = groups
        .iter()
        .map(|(group, weight)| format!("(1 − {weight} {})", Untrusted::new(*group)))
        .collect();
    let judgement = &reputation.judgement;
    let mut line = match factors.as_slice() {
        [] if is_overruled(reputation) => "no score: no source counts against it".to_owned(),
        [] => "score 0: nothing that counts speaks against it".to_owned(),
        _ => format!("score {} = 100 × (1 − {})", judgement.score.get(), factors.join(" × ")),
    };
    if is_overruled(reputation) && !factors.is_empty() {
        line.push_str(", and overruled");
    }
    // Names of groups are no hosts, although one looks like it.
    let right = screen.style().width;
    screen.put("  = ").wrapped(&line, right)?;
    screen.end()?;
    let rule = format!("decided by: {} ({})", judgement.decided_by, judgement.ruleset);
    screen.put("    ").wrapped(&rule, right)?;
    screen.end()
}

/// Where it is, whose it is, what marks it has.
fn about(reputation: &Reputation, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut parts = Vec::new();
    let place = place_of(reputation.observable.kind(), &reputation.location);
    if !place.is_empty() {
        parts.push(("WHERE", place));
    }
    if let Some(Asset { name, owner, notes, .. }) = &reputation.asset {
        let whose: Vec<String> = [name, owner]
            .into_iter()
            .chain(notes)
            .filter(|part| !part.is_empty())
            .map(ToString::to_string)
            .collect();
        parts.push(("ASSET", whose.join(" · ")));
    }
    if !reputation.tags.is_empty() {
        let tags: Vec<&str> = reputation.tags.iter().map(|tag| tag.0).collect();
        parts.push(("TAGS", tags.join(" ")));
    }
    let right = screen.style().width;
    for (title, text) in parts {
        screen.put(" ").paint(Paint::Strong, title).put(" ").to(8);
        let text = screen.prose(&text);
        screen.wrapped(&text, right)?;
        screen.end()?;
    }
    Ok(())
}

/// Rows of the observables that a report knows something about.
const ROWS: usize = 10;

/// What is known about the observables of a report.
pub(super) fn section(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut known: Vec<&Reputation> = report.reputations.iter().collect();
    if known.is_empty() {
        return Ok(());
    }
    known.sort_by_key(|known| std::cmp::Reverse((known.judgement.verdict, known.judgement.score)));
    screen.end()?;
    screen
        .put(" ")
        .paint(Paint::Strong, &format!("REPUTATION {}", known.len()))
        .end()?;
    let rows = screen.style().rows(ROWS).min(known.len());
    for reputation in known.iter().take(rows) {
        row(reputation, screen)?;
    }
    more(known.len() - rows, screen)
}

/// The last line: how the sources fared.
pub(super) fn coverage(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let seen = &report.coverage;
    let mut line = format!(
        "{} of {} checked · {}",
        seen.inputs_read,
        counted(seen.inputs, "value"),
        counted(seen.network_calls, "network call")
    );
    // What is wrong with a value is told beside it, and what is wrong with a source here.
    let told = report.diagnostics.iter();
    for remark in told.filter(|remark| remark.severity < DiagnosticSeverity::Error) {
        line.push_str(&format!(" · {}", remark.message));
    }
    last_line(&line, screen)
}

/// The last line of every answer.
pub(super) fn last_line(line: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.end()?;
    let right = screen.style().width;
    let line = screen.prose(line);
    screen.put(" coverage: ").wrapped(&line, right)?;
    screen.end()
}
