//! Why: every reason with its weight, where it stands, and the SHA-256 of what it stands in.

use super::parts::{ROOM, Section};
use super::{Markup, page::Page};
use crate::short_digest;
use watchfire_model::{Evidence, Reason, Verdict, Weight};

/// Reasons that are shown, the heaviest.
const ROWS: usize = 200;
/// Places of one reason.
const PLACES: usize = 3;

pub(super) fn evidence(page: &Page<'_>) -> Option<Section> {
    let reasons = &page.report.judgement.reasons;
    if reasons.is_empty() {
        return None;
    }
    let mut body = Markup::default();
    let columns = [
        ("Why", "wide"),
        ("Weight", "number"),
        ("Speaks for", ""),
        ("Where", "place"),
        ("SHA-256 of the source", "digest"),
    ];
    body.table("evidence", "Evidence, the heaviest first", &columns);
    let mut shown = 0;
    for reason in reasons.iter().take(ROWS) {
        if body.len() > ROOM {
            break;
        }
        row(reason, &mut body);
        shown += 1;
    }
    body.end_table().more(reasons.len() - shown, "reasons");
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

fn row(reason: &Reason, out: &mut Markup) {
    out.open("tr", &[]).open("td", &[("class", "wide")]).brief(&reason.text);
    if let Some(source) = &reason.source {
        out.open("span", &[("class", "where")])
            .text(" said by ")
            .brief(&source.to_string())
            .close("span");
    }
    out.close("td").open("td", &[("class", "number")]);
    match reason.weight {
        Weight::NONE => out.text("–"),
        weight => out.text(&weight.to_string()),
    };
    out.close("td").open("td", &[]).badge(reason.towards).close("td");
    out.open("td", &[("class", "place")]);
    for evidence in reason.evidence.iter().take(PLACES) {
        place(evidence, out);
    }
    if let more @ 1.. = reason.evidence.len().saturating_sub(PLACES) {
        out.element("p", &[("class", "where")], &format!("and {more} more places"));
    }
    out.close("td").open("td", &[("class", "digest")]);
    let first = reason
        .evidence
        .iter()
        .map(|evidence| evidence.artifact)
        .find(|id| !id.is_unknown());
    match first {
        Some(id) => out.element("code", &[("title", &id.to_string())], &short_digest(&id)),
        None => out.text("–"),
    };
    out.close("td").close("tr").newline();
}

fn place(evidence: &Evidence, out: &mut Markup) {
    out.brief_in("p", &[], &evidence.to_string());
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
