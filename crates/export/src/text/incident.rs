//! What belongs together: a story in its order, why it is one, and where others write about it.

use super::screen::{Paint, Screen};
use crate::telling::{clock, sharing, span};
use std::io;
use watchfire_model::{Chapter, Incident, Report, Tie};

/// Incidents that are told unless asked otherwise, and what joins one.
const INCIDENTS: usize = 3;
const TIES: usize = 6;

/// Tells the incidents of a report. One that is a single sentence says nothing that findings do not say.
pub(super) fn section(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let is_story = |incident: &&Incident| incident.story.len() > 1;
    if report.incidents.len() < 2 && !report.incidents.iter().any(|one| is_story(&one)) {
        return Ok(());
    }
    let rows = screen.style().rows(INCIDENTS).min(report.incidents.len());
    for (number, incident) in report.incidents.iter().take(rows).enumerate() {
        screen.end()?;
        let title = format!("INCIDENT {}", number + 1);
        screen.put(" ").paint(Paint::Strong, &title).put("  ");
        screen.verdict(incident.verdict);
        screen.put(&format!("  {}/100", incident.score.get()));
        if let Some(seen) = incident.seen {
            screen.put(&format!("   {}", span(seen)));
        }
        screen.end()?;
        for (number, chapter) in incident.story.iter().enumerate() {
            told(number + 1, chapter, screen)?;
        }
        joined(&incident.ties, screen)?;
        for (place, about) in incident.written_about.iter().enumerate() {
            screen.put(if place == 0 { "  written about in" } else { "" }).to(19);
            let about = screen.path(&about.to_string());
            screen.wrapped_path(&about)?;
            screen.end()?;
        }
    }
    super::more(report.incidents.len() - rows, screen)
}

fn told(number: usize, chapter: &Chapter, screen: &mut Screen<'_>) -> io::Result<()> {
    let right = screen.style().width;
    let clock = chapter.seen.map(|seen| clock(seen.first)).unwrap_or_default();
    let text = screen.prose(&chapter.text);
    screen.put("  ").put_right(&number.to_string(), 4).put("  ");
    if screen.style().is_wide() {
        screen.put(&clock).to(16).put(chapter.witness.as_str()).to(25);
    } else {
        screen.put(&clock).put("  ");
    }
    screen.wrapped(&text, right)?;
    screen.end()?;
    if let Some(first) = chapter.evidence.first() {
        let more = match chapter.evidence.len() {
            1 => String::new(),
            count => format!(" (+{})", count - 1),
        };
        let place = screen.path(&format!("{first}{more}"));
        screen.to(if screen.style().is_wide() { 25 } else { 6 });
        screen.wrapped_path(&place)?;
        screen.end()?;
    }
    Ok(())
}

/// `joined by  file 957b0487…23a4 (1, 2)`
fn joined(ties: &[Tie], screen: &mut Screen<'_>) -> io::Result<()> {
    let rows = screen.style().rows(TIES).min(ties.len());
    for (place, tie) in ties.iter().take(rows).enumerate() {
        screen.put(if place == 0 { "  joined by" } else { "" }).to(19);
        let chapters: Vec<String> = tie.chapters.iter().map(ToString::to_string).collect();
        let text = format!("{} ({})", sharing(tie), chapters.join(", "));
        let text = screen.prose(&text);
        let right = screen.style().width;
        screen.wrapped(&text, right)?;
        screen.end()?;
    }
    if let more @ 1.. = ties.len() - rows {
        screen.to(19).put(&format!("and {more} more")).end()?;
    }
    Ok(())
}
