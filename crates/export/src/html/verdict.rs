//! The first thing that is seen: how the page may be shared, and the answer.

use super::{Markup, page::Page, parts::clock};
use crate::chart::{self, Caption, class};
use watchfire_model::Tlp;

/// The label of the Traffic Light Protocol, in its colour on black (FIRST, TLP 2.0).
pub(super) fn banner(tlp: Option<Tlp>, place: &'static str, out: &mut Markup) {
    let colour = match tlp {
        Some(Tlp::Clear) => "tlp clear",
        Some(Tlp::Green) => "tlp green",
        Some(Tlp::Amber | Tlp::AmberStrict) => "tlp amber",
        Some(Tlp::Red) => "tlp red",
        None => "tlp none",
    };
    let says = match tlp {
        Some(Tlp::Clear) => "may be shared without limit",
        Some(Tlp::Green) => "for the community",
        Some(Tlp::Amber) => "for the organisation and its clients",
        Some(Tlp::AmberStrict) => "for the organisation only",
        Some(Tlp::Red) => "for the named recipients only",
        None => "not marked: ask before sharing",
    };
    let shown = format!("{colour} {place}");
    let name = format!("Sharing, {place} of the page");
    out.open("div", &[("class", &shown), ("role", "region"), ("aria-label", &name)]);
    out.element("strong", &[], tlp.map_or("TLP not set", Tlp::as_str));
    out.text(" ").element("span", &[], says).close("div").newline();
}

/// The verdict card.
pub(super) fn card(page: &Page<'_>, out: &mut Markup) {
    let (report, judgement) = (page.report, &page.report.judgement);
    let shown = format!("card verdict {}", class(judgement.verdict));
    out.open("section", &[("class", &shown), ("aria-labelledby", "verdict")]);
    let describes = format!("{} of 100, {}", judgement.score.get(), judgement.verdict);
    let caption = Caption {
        id: "score",
        title: "Score",
        describes: &describes,
    };
    chart::gauge(judgement.score, judgement.verdict, &caption, out);
    out.open("div", &[("class", "answer")]);
    out.open("h1", &[("id", "verdict")])
        .badge(judgement.verdict)
        .close("h1");
    out.brief_in("p", &[("class", "sentence")], &judgement.summary);
    out.open("dl", &[("class", "facts")]);
    out.fact("Confidence", judgement.confidence.as_str());
    let speaking = judgement
        .reasons
        .iter()
        .filter(|reason| reason.weight.thousandths() > 0)
        .count();
    out.fact("Evidence", &watchfire_model::counted(speaking as u64, "piece"));
    if !report.recommendations.is_empty() {
        out.fact(
            "To do",
            &watchfire_model::counted(report.recommendations.len() as u64, "step"),
        );
    }
    let coverage = &report.coverage;
    out.fact(
        "Looked at",
        &format!("{} of {} inputs", coverage.inputs_read, coverage.inputs),
    );
    out.fact("Judged as of", &format!("{} UTC", clock(&report.as_of)));
    out.close("dl").close("div").close("section").newline();
}
