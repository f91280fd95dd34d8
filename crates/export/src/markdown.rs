//! A report that is pasted into a ticket: Markdown with the tables of GitHub, in the order of the HTML report.
//!
//! Everything is defanged. What a stranger wrote stands in code spans, in which no viewer looks for links, pages, pictures,
//! mentions or tables; prose is escaped mark by mark. Long lists are cut and say so: other formats have all of it.

use crate::actionable::Values;
use crate::report_only::{ReportOnly, nothing};
use crate::telling::{sharing, span};
use crate::{ExporterInfo, bytes, line};
use std::collections::BTreeMap;
use std::io::{self, Write};
use watchfire_knowledge::attack;
use watchfire_model::{Finding, Report, Severity, Untrusted, Weight, counted};

/// See the module.
pub(crate) static MARKDOWN: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "markdown",
        describes: "a report for tickets and pages: defanged, escaped Markdown",
    },
    only: "markdown holds a report, and nothing else",
    write,
    aside: nothing,
};

/// Rows of a list.
const ROWS: usize = 50;
const OBSERVABLES: usize = 200;

fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    incidents(report, out)?;
    advice(report, out)?;
    evidence(report, out)?;
    techniques(report, out)?;
    observables(report, out)?;
    artifacts(report, out)?;
    method(report, out)?;
    if let Some(tlp) = report.tlp {
        writeln!(out, "\n**{tlp}**")?;
    }
    Ok(())
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let judgement = &report.judgement;
    if let Some(tlp) = report.tlp {
        writeln!(out, "**{tlp}**\n")?;
    }
    let verdict = judgement.verdict.as_str().to_uppercase();
    writeln!(
        out,
        "# {verdict} {}/100, confidence {}\n",
        judgement.score.get(),
        judgement.confidence
    )?;
    writeln!(out, "{}", prose(&judgement.summary))?;
    for mail in report.mails.iter().take(ROWS) {
        let author = mail
            .mail
            .author()
            .and_then(|author| author.address.as_ref())
            .map_or("", Untrusted::raw);
        writeln!(
            out,
            "\n- mail {}: {} {}/100, from {}, subject {}",
            code(mail.path.raw()),
            mail.verdict,
            mail.score.get(),
            code(author),
            code(mail.mail.subject.raw())
        )?;
    }
    more(report.mails.len(), ROWS, out)
}

/// What belongs together, in its order.
fn incidents(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.incidents.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## What happened")?;
    for (number, incident) in report.incidents.iter().take(ROWS).enumerate() {
        let when = incident
            .seen
            .map(|seen| format!(", {}", span(seen)))
            .unwrap_or_default();
        writeln!(
            out,
            "\n### Incident {}: {} {}/100{when}\n",
            number + 1,
            incident.verdict,
            incident.score.get()
        )?;
        for chapter in &incident.story {
            let when = chapter.seen.map(|seen| format!("{}: ", span(seen))).unwrap_or_default();
            let place = chapter.evidence.first().map(|place| place.to_string());
            let place = place.map(|place| format!(" ({})", code(&place))).unwrap_or_default();
            writeln!(out, "1. {when}{}{place}", prose(&chapter.text))?;
        }
        let ties = incident.ties.iter().take(ROWS).map(|tie| {
            let chapters: Vec<String> = tie.chapters.iter().map(ToString::to_string).collect();
            format!("{} ({})", prose(&sharing(tie)), chapters.join(", "))
        });
        let ties: Vec<String> = ties.collect();
        if !ties.is_empty() {
            writeln!(out, "\nJoined by {}", ties.join("; "))?;
        }
    }
    more(report.incidents.len(), ROWS, out)
}

fn advice(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.recommendations.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## What to do\n")?;
    for advice in report.recommendations.iter().take(ROWS) {
        writeln!(out, "- [ ] {}", prose(advice.text.raw()))?;
    }
    more(report.recommendations.len(), ROWS, out)
}

/// Findings as they weigh, the heaviest first, with their first place.
fn evidence(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Why\n")?;
    if report.findings.is_empty() {
        writeln!(out, "Nothing was found.")?;
    } else {
        writeln!(out, "| weight | severity | finding | where |\n|---:|---|---|---|")?;
    }
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    for finding in findings.iter().take(ROWS) {
        let weight = if finding.weight > Weight::NONE {
            finding.weight.to_string()
        } else {
            "-".to_owned()
        };
        let place = finding.evidence().first().map(ToString::to_string).unwrap_or_default();
        let severity = finding.severity.as_str();
        writeln!(
            out,
            "| {weight} | {severity} | {} | {} |",
            prose(&finding.title),
            code(&place)
        )?;
    }
    more(findings.len(), ROWS, out)?;
    match report.suppressed.len() as u64 {
        0 => Ok(()),
        hidden => writeln!(out, "\nHidden by suppressions: {}.", counted(hidden, "finding")),
    }
}

fn techniques(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut all: BTreeMap<&str, (Severity, u64)> = BTreeMap::new();
    for finding in &report.findings {
        for technique in finding.techniques.iter() {
            let (severity, count) = all.entry(technique.as_str()).or_insert((finding.severity, 0));
            *severity = (*severity).max(finding.severity);
            *count += 1;
        }
    }
    if all.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## ATT&CK\n\n| technique | name | severity | findings |\n|---|---|---|---:|"
    )?;
    for (id, (severity, count)) in all {
        let name = attack::lookup(id).map_or("", |entry| entry.name);
        writeln!(out, "| {id} | {} | {} | {count} |", prose(name), severity.as_str())?;
    }
    Ok(())
}

/// What speaks against something first, then everything else.
fn observables(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let values = Values::of(report);
    let mut rows: Vec<_> = values.iter().collect();
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by_key(|(_, value)| std::cmp::Reverse(value.charge.as_ref().map(|charge| charge.verdict)));
    writeln!(
        out,
        "\n## Observables\n\n| type | value | verdict | seen | tags |\n|---|---|---|---:|---|"
    )?;
    for (observable, value) in rows.iter().take(OBSERVABLES) {
        let tags: Vec<&str> = value.tags().collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            observable.kind().name(),
            code(observable.raw()),
            value.charge.as_ref().map_or("", |charge| charge.verdict.as_str()),
            value.count,
            prose(&tags.join(" "))
        )?;
    }
    more(rows.len(), OBSERVABLES, out)
}

fn artifacts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.artifacts.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## Files\n\n| file | size | type | SHA-256 |\n|---|---:|---|---|"
    )?;
    for artifact in report.artifacts.iter().take(ROWS) {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            code(artifact.path.raw()),
            bytes(artifact.size),
            prose(artifact.media_type.0),
            artifact.sha256.map(|digest| digest.to_string()).unwrap_or_default()
        )?;
    }
    more(report.artifacts.len(), ROWS, out)
}

/// How far it looked, and with what.
fn method(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let coverage = &report.coverage;
    writeln!(out, "\n## Coverage and method\n")?;
    writeln!(
        out,
        "- {} of {} read",
        coverage.inputs_read,
        counted(coverage.inputs, "input")
    )?;
    writeln!(
        out,
        "- {} of {} understood",
        coverage.artifacts_read,
        counted(coverage.artifacts, "artifact")
    )?;
    writeln!(out, "- {}", counted(coverage.network_calls, "network call"))?;
    for remark in report.diagnostics.iter().take(ROWS) {
        writeln!(out, "- {}: {}", code(remark.artifact.raw()), code(remark.message.raw()))?;
    }
    more(report.diagnostics.len(), ROWS, out)?;
    let as_of = prose(&report.as_of);
    writeln!(
        out,
        "- Watchfire {}, {}, as of {as_of}",
        report.version, report.judgement.ruleset
    )?;
    for data in &report.data {
        writeln!(out, "- data: {} ({})", prose(data.name.raw()), prose(data.source.raw()))?;
    }
    Ok(())
}

fn more(all: usize, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "\n… and {more} more"),
    }
}

/// What a stranger wrote, defanged, in a code span that nothing in it can end. Pipes would end a cell even there.
fn code(text: &str) -> String {
    let shown = Untrusted::new(line::prose(text)).to_string().replace('|', "\\|");
    if shown.trim().is_empty() {
        return String::new();
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// Our words around what a stranger wrote: defanged, with every mark that means something escaped.
fn prose(text: &str) -> String {
    let shown = Untrusted::new(line::prose(text)).to_string();
    let mut out = String::with_capacity(shown.len() + 16);
    for c in shown.chars() {
        match c {
            // A backslash does not keep a name from being told.
            '@' => out.push_str("\\[at\\]"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, exporter, samples};

    #[test]
    fn nothing_that_a_stranger_wrote_means_anything() {
        assert_eq!(code("a `b` ``c`` d"), "```a `b` ``c`` d```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code(" "), "");
        assert_eq!(
            prose("[x](http://a.com) <b> @all *y*"),
            "\\[x\\]\\(hxxp://a\\[.\\]com\\) &lt;b&gt; \\[at\\]all \\*y\\*"
        );
    }

    #[test]
    fn a_hostile_report_keeps_its_lines_and_cells() {
        let mut out = Vec::new();
        exporter("markdown")
            .unwrap()
            .report(&samples::hostile(), &Style::default(), &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(['\0', '\u{1b}', '\u{202e}', '\r']), "{text}");
        assert!(!text.contains("<b>") || text.contains("`"), "{text}");
        for row in text.lines().filter(|line| line.starts_with("| ")) {
            let cells = row.replace("\\|", "").matches('|').count();
            assert!([5, 6].contains(&cells), "{row}");
        }
        assert!(
            text.contains("| domain | `evil-pay[.]com` | malicious | 2 |  |"),
            "{text}"
        );
        assert!(text.starts_with("**TLP:AMBER+STRICT**\n\n# MALICIOUS 94/100"), "{text}");
    }
}
