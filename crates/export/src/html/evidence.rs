//! Why: reasons with their weight, where they stand, and the SHA-256 of what they stand in. The heaviest are shown, the
//! others can be opened.

use super::parts::{ROOM, Section};
use super::{Markup, page::Page};
use crate::short_digest;
use watchfire_model::{Evidence, Reason, Verdict, Weight};

/// Reasons that are shown at once, the heaviest.
const FIRST: usize = 25;
/// Of the others, those that can be opened.
const ROWS: usize = 200;
/// Places of one reason.
const PLACES: usize = 3;

pub(super) fn evidence(page: &Page<'_>) -> Option<Section> {
    let reasons = &page.report.judgement.reasons;
    if reasons.is_empty() {
        return None;
    }
    let mut body = Markup::default();
    let first = reasons.len().min(FIRST);
    let (first, others) = reasons.split_at(first);
    let mut shown = table("Evidence, the heaviest first", first, &mut body);
    if !others.is_empty() {
        let told = format!("{} more, which weigh less or are about other inputs", others.len());
        body.open("details", &[]).element("summary", &[], &told);
        shown += table("Further evidence", others.get(..ROWS).unwrap_or(others), &mut body);
        body.more(reasons.len() - shown, "reasons").close("details");
    }
    if page.report.judgement.verdict > Verdict::Unknown && !reasons.iter().any(|one| one.towards == Verdict::Benign) {
        body.element("p", &[("class", "hint")], "Nothing was found that speaks for benign.");
    }
    suppressed(page, &mut body);
    Some(Section {
        id: "evidence",
        title: "Evidence",
        body,
    })
}

/// How many rows there was room for.
fn table(name: &str, reasons: &[Reason], out: &mut Markup) -> usize {
    let columns = [
        ("Weight", "number"),
        ("Speaks for", ""),
        ("Why", "wide"),
        ("Where", "place"),
    ];
    out.table("evidence", name, &columns);
    let mut shown = 0;
    for reason in reasons {
        if out.len() > ROOM {
            break;
        }
        row(reason, out);
        shown += 1;
    }
    out.end_table();
    shown
}

fn row(reason: &Reason, out: &mut Markup) {
    out.open("tr", &[]).open("td", &[("class", "number")]);
    match reason.weight {
        Weight::NONE => out.text("–"),
        weight => out.text(&weight.to_string()),
    };
    out.close("td").open("td", &[]).badge(reason.towards).close("td");
    out.open("td", &[("class", "wide")]).brief(&reason.text);
    if let Some(source) = &reason.source {
        out.open("span", &[("class", "where")])
            .text(" said by ")
            .brief(&source.to_string())
            .close("span");
    }
    out.close("td").open("td", &[("class", "place")]);
    let mut before = None;
    for evidence in reason.evidence.iter().take(PLACES) {
        place(evidence, before, out);
        before = Some(evidence);
    }
    if let more @ 1.. = reason.evidence.len().saturating_sub(PLACES) {
        out.element("p", &[("class", "where")], &format!("and {more} more places"));
    }
    out.close("td").close("tr").newline();
}

/// A place, with the SHA-256 of what it is in where the place before was in something else.
fn place(evidence: &Evidence, before: Option<&Evidence>, out: &mut Markup) {
    out.open("p", &[]).brief(&evidence.to_string());
    let id = evidence.artifact;
    if !id.is_unknown() && before.is_none_or(|before| before.artifact != id) {
        let whole = id.to_string();
        out.text(" ").element("code", &[("title", &whole)], &short_digest(&id));
    }
    out.close("p");
    if !evidence.excerpt.is_empty() {
        out.brief_in("p", &[("class", "excerpt")], &evidence.excerpt.to_string());
    }
}

/// What somebody has decided not to see stays to be seen.
fn suppressed(page: &Page<'_>, out: &mut Markup) {
    const SHOWN: usize = 50;
    let hidden = &page.report.suppressed;
    if hidden.is_empty() {
        return;
    }
    out.element("h3", &[], "Suppressed");
    out.open("ul", &[]);
    for one in hidden.iter().take(SHOWN) {
        out.open("li", &[])
            .element("code", &[], one.finding.rule.0)
            .text(" ")
            .brief(&one.finding.title);
        out.open("span", &[("class", "where")]).text(" – ").brief(&one.why);
        out.text(" (until ")
            .brief(&one.expires)
            .text(")")
            .close("span")
            .close("li");
    }
    out.close("ul")
        .more(hidden.len().saturating_sub(SHOWN), "suppressed findings");
}
