//! `watchfire rules explain`: what a rule looks for, and why it matches.

use super::test::{read, shown};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::progress::Bar;
use std::io::{self, BufWriter, Write};
use watchfire::model::{Untrusted, counted};
use watchfire::sigma::{Reason, Statement};
use watchfire::{ExplainedMatch, ExplainedRule, Input, RuleSets, defang, sheet};

/// Characters of a value that are shown on each side of what a pattern met.
const AROUND: usize = 40;

pub(super) fn run(
    sets: &RuleSets,
    rule: &str,
    (inputs, top, is_json): (&[Input], usize, bool),
    (bar, say): (&Bar, &dyn Fn(&str)),
) -> Result<Exit, Failure> {
    let explained = sets.explain(rule, inputs, bar)?;
    let top = if top == 0 { usize::MAX } else { top };
    let mut out = BufWriter::new(io::stdout().lock());
    if is_json {
        explained.document().json(&mut out)?;
    } else {
        told(&explained, top, &mut out)?;
    }
    out.flush()?;
    let Some(logs) = explained.logs else {
        say(" next: watchfire rules explain RULE --on LOGS says why it matches");
        return Ok(Exit::Done);
    };
    bar.finish(logs.bytes, "");
    Ok(Exit::of_inputs(logs.inputs, logs.read, 0))
}

fn told(explained: &ExplainedRule, top: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, " {}", shown(&explained.meta.title.as_str().into()))?;
    writeln!(out)?;
    sheet(&about(explained), &output::plain(), out)?;
    writeln!(out)?;
    looks_for(explained, top, out)?;
    if let Some(logs) = &explained.logs {
        writeln!(out)?;
        writeln!(out, " {} in {}", counted(explained.count, "match"), read(logs))?;
        for matched in explained.matches.iter().take(top) {
            matches(matched, out)?;
        }
        let more = explained.count.saturating_sub(explained.matches.len().min(top) as u64);
        if more > 0 {
            writeln!(out, "  +{more} more (--top 0)")?;
        }
    }
    Ok(())
}

/// What the rule says of itself.
fn about(explained: &ExplainedRule) -> Vec<(&'static str, String)> {
    let meta = &explained.meta;
    let text = |text: &str| shown_long(text);
    let attack = explained.attack.iter().map(|(id, name)| match name {
        Some(name) => format!("{} {name}", id.shown(40)),
        None => id.shown(40),
    });
    let list = |all: &[String]| all.iter().map(|one| text(one)).collect::<Vec<_>>().join("; ");
    let logs = explained.logsource.to_string();
    let beside: Vec<String> = explained.beside.iter().map(shown).collect();
    let (counted, excluded) = if explained.counts.is_some() {
        (beside.join("; "), String::new())
    } else {
        (String::new(), beside.join("; "))
    };
    let optional = |text: &Option<String>| text.as_deref().map(shown_long).unwrap_or_default();
    let (set, terms) = explained.set.clone().unwrap_or_default();
    let licence = match (&meta.license, terms.is_empty()) {
        (Some(own), _) => text(own),
        (None, false) => format!("that of its set: {}", shown(&terms)),
        (None, true) => String::new(),
    };
    let lines = vec![
        ("level", format!("{}, status {}", meta.level, meta.status)),
        ("says", optional(&meta.description)),
        ("logs", if logs.is_empty() { String::new() } else { text(&logs) }),
        ("counts", counted),
        ("excludes", excluded),
        ("ATT&CK", attack.collect::<Vec<_>>().join("; ")),
        ("false positives", list(&meta.falsepositives)),
        ("author", optional(&meta.author)),
        ("licence", licence),
        (
            "changed",
            optional(&meta.modified.clone().or_else(|| meta.date.clone())),
        ),
        ("references", list(&meta.references)),
        ("identifier", optional(&meta.id)),
        ("set", shown(&set)),
        ("file", format!("{}:{}", text(&meta.source), meta.line)),
    ];
    lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// Prose of others for the screen: one line, escaped, with network values defanged.
fn shown_long(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let defanged = defang(line.join(" ").as_bytes());
    Untrusted::from_bytes(&defanged).to_string()
}

fn looks_for(explained: &ExplainedRule, top: usize, out: &mut dyn Write) -> io::Result<()> {
    if let Some(counts) = &explained.counts {
        return writeln!(out, " It looks for {}.", shown_long(counts));
    }
    match explained.words.conditions.as_slice() {
        [only] => writeln!(out, " It looks for {}", Untrusted::new(only.as_str()))?,
        several => {
            writeln!(out, " It looks for one of")?;
            for condition in several {
                writeln!(out, "   {}", Untrusted::new(condition.as_str()))?;
            }
        }
    }
    for (name, statements) in &explained.words.selections {
        writeln!(out)?;
        writeln!(out, "   {}", Untrusted::new(name.as_str()))?;
        for statement in statements {
            said(statement, top, out)?;
        }
    }
    Ok(())
}

/// One statement; many values stand below it.
fn said(statement: &Statement, top: usize, out: &mut dyn Write) -> io::Result<()> {
    let indent = " ".repeat(5 + 2 * statement.depth);
    let says = Untrusted::new(statement.says.as_str());
    let quoted = |value: &String| {
        let defanged = defang(value.as_bytes());
        format!("'{}'", Untrusted::from_bytes(&defanged))
    };
    match statement.values.as_slice() {
        [] => writeln!(out, "{indent}{says}"),
        [only] => writeln!(out, "{indent}{says} {}", quoted(only)),
        several => {
            writeln!(out, "{indent}{says}")?;
            for value in several.iter().take(top) {
                writeln!(out, "{indent}  {}", quoted(value))?;
            }
            if several.len() > top {
                writeln!(out, "{indent}  +{} more (--top 0)", several.len() - top)?;
            }
            Ok(())
        }
    }
}

/// A match, and each value that had a part in it.
fn matches(matched: &ExplainedMatch, out: &mut dyn Write) -> io::Result<()> {
    let time = matched.time.map_or(String::new(), |time| format!("  {time}"));
    writeln!(out)?;
    match matched.line {
        0 => writeln!(out, "  {}{time}  {}", shown(&matched.source), shown(&matched.rule))?,
        line => writeln!(out, "  {}:{line}{time}", shown(&matched.source))?,
    }
    for reason in &matched.reasons {
        let field = if reason.field.is_empty() {
            "any value"
        } else {
            &reason.field
        };
        writeln!(
            out,
            "    {}: {} {} '{}'",
            Untrusted::new(reason.selection.as_str()),
            Untrusted::new(field),
            reason.operator,
            shown(&reason.pattern.as_str().into())
        )?;
        writeln!(out, "      {}", place(reason))?;
    }
    Ok(())
}

/// The value around what the pattern met, which stands between marks: `C:\Windows«\whoami.exe»  bytes 10..21`.
fn place(reason: &Reason) -> String {
    let (start, end) = reason.span;
    let part = |from: usize, to: usize| reason.value.get(from..to).unwrap_or_default();
    let before: String = part(0, start).chars().rev().take(AROUND).collect();
    let before: String = before.chars().rev().collect();
    let met: String = part(start, end).chars().take(4 * AROUND).collect();
    let behind: String = part(end, reason.value.len()).chars().take(AROUND).collect();
    let lead = if before.len() < start { "…" } else { "" };
    let rest = if end + behind.len() < reason.value.len() {
        "…"
    } else {
        ""
    };
    let text = format!("{lead}{before}«{met}»{behind}{rest}");
    let defanged = defang(text.as_bytes());
    format!("{}  bytes {start}..{end}", Untrusted::from_bytes(&defanged))
}
