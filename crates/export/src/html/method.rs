//! What was looked at and what was not, by what, and how to do it again.

use super::parts::{Section, clock, grouped};
use super::{Markup, page::Page};
use crate::bytes;
use crate::words::word;
use std::collections::BTreeMap;
use watchfire_model::{Diagnostic, LimitKind, Outcome, counted};

/// Remarks that are shown.
const REMARKS: usize = 60;
/// Inputs that are named.
const INPUTS: usize = 200;
/// Rules that are explained.
const RULES: usize = 60;

pub(super) fn method(page: &Page<'_>, left_out: &[(&'static str, u64)]) -> Section {
    let (report, mut body) = (page.report, Markup::default());
    let coverage = &report.coverage;
    body.open("dl", &[("class", "facts")]);
    body.fact("Watchfire", report.version)
        .fact("Rules of the judge", report.judgement.ruleset);
    body.fact("Report", report.schema)
        .fact("Judged as of (UTC)", &clock(&report.as_of));
    body.fact(
        "Inputs read",
        &format!("{} of {}", coverage.inputs_read, coverage.inputs),
    );
    body.fact(
        "Artifacts read in full",
        &format!("{} of {}", coverage.artifacts_read, coverage.artifacts),
    );
    body.fact("Bytes read", &bytes(coverage.bytes))
        .fact("Network calls", &grouped(coverage.network_calls));
    body.close("dl");
    unchecked(page, left_out, &mut body);
    remarks(&report.diagnostics, &mut body);
    inputs(page, &mut body);
    rules(page, &mut body);
    data(page, &mut body);
    Section {
        id: "method",
        title: "Coverage and method",
        body,
    }
}

/// What nobody may take for clean.
fn unchecked(page: &Page<'_>, left_out: &[(&'static str, u64)], out: &mut Markup) {
    let (report, coverage) = (page.report, &page.report.coverage);
    let mut all: Vec<String> = Vec::new();
    let unread = coverage.inputs.saturating_sub(coverage.inputs_read);
    if unread > 0 {
        all.push(format!("{} could not be read", counted(unread, "input")));
    }
    let partial = coverage.artifacts.saturating_sub(coverage.artifacts_read);
    if partial > 0 {
        all.push(format!("{} not read in full", counted(partial, "artifact")));
    }
    if !coverage.limits_reached.is_empty() {
        let limits: Vec<&str> = coverage.limits_reached.iter().copied().map(LimitKind::as_str).collect();
        all.push(format!("stopped by the limit on {}", limits.join(", ")));
    }
    let mut silent: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for said in report.reputations.iter().flat_map(|one| &one.enrichments) {
        if !matches!(said.outcome, Outcome::Found | Outcome::NotFound) {
            let key = (
                said.outcome.as_str(),
                format!("{}: {}", said.source.shown(60), said.detail.shown(80)),
            );
            *silent.entry(key).or_default() += 1;
        }
    }
    const SOURCES: usize = 40;
    let sources = silent.iter().take(SOURCES);
    all.extend(sources.map(|((outcome, who), count)| format!("{who} ({outcome}, {})", counted(*count, "value"))));
    if coverage.network_calls == 0 {
        all.push("nobody outside was asked: no provider, no DNS".to_owned());
    }
    if let Some(search) = &report.search {
        all.extend(
            search
                .left
                .iter()
                .map(|(why, count)| format!("{} left out: {why}", counted(*count, "file"))),
        );
    }
    for (what, count) in left_out {
        all.push(format!(
            "{} {what} are in the report in JSON and not in this page",
            grouped(*count)
        ));
    }
    out.element("h3", &[], "What was not checked, and what is not in this page");
    out.open("ul", &[]);
    for one in &all {
        out.brief_in("li", &[], one);
    }
    out.close("ul");
}

/// What went less than perfectly; what many have in common is said once.
fn remarks(diagnostics: &[Diagnostic], out: &mut Markup) {
    let mut alike: BTreeMap<(std::cmp::Reverse<watchfire_model::DiagnosticSeverity>, &str, &str), (&Diagnostic, u64)> =
        BTreeMap::new();
    for one in diagnostics {
        let key = (std::cmp::Reverse(one.severity), one.code, one.message.raw());
        alike.entry(key).or_insert((one, 0)).1 += 1;
    }
    if alike.is_empty() {
        return;
    }
    out.element("h3", &[], "Remarks");
    let columns = [("Kind", ""), ("Where", "place"), ("What", "wide"), ("Times", "number")];
    out.table("remarks", "Remarks on the analysis", &columns);
    for (one, count) in alike.values().take(REMARKS) {
        out.open("tr", &[]).element("td", &[], &word(one.severity));
        out.brief_in("td", &[("class", "place")], &one.artifact.to_string());
        out.brief_in("td", &[("class", "wide")], &one.message.to_string());
        out.element("td", &[("class", "number")], &grouped(*count))
            .close("tr")
            .newline();
    }
    out.end_table().more(alike.len().saturating_sub(REMARKS), "remarks");
}

/// The inputs by their digests, so that others can tell whether they have the same.
fn inputs(page: &Page<'_>, out: &mut Markup) {
    let roots = || page.report.artifacts.iter().filter(|artifact| artifact.depth == 0);
    let count = roots().count();
    if count == 0 {
        return;
    }
    out.element("h3", &[], "Inputs");
    out.open("details", &[]).element(
        "summary",
        &[],
        &format!("SHA-256 of {}", counted(count as u64, "input")),
    );
    out.table("inputs", "Inputs", &[("Input", "wide"), ("SHA-256", "digest")]);
    for root in roots().take(INPUTS) {
        out.open("tr", &[])
            .brief_in("td", &[("class", "wide")], &root.path.to_string());
        let digest = root
            .sha256
            .map_or_else(|| "read as it came, not hashed".to_owned(), |id| id.to_string());
        out.open("td", &[("class", "digest whole")])
            .element("code", &[], &digest)
            .close("td")
            .close("tr")
            .newline();
    }
    out.end_table()
        .more(count.saturating_sub(INPUTS), "inputs")
        .close("details");
}

/// What the rules look for, and when they are wrong.
fn rules(page: &Page<'_>, out: &mut Markup) {
    let rules = &page.report.rules;
    if rules.is_empty() {
        return;
    }
    out.open("details", &[]).element(
        "summary",
        &[],
        &format!("{} behind the findings", counted(rules.len() as u64, "rule")),
    );
    out.table(
        "notes",
        "Rules behind the findings",
        &[("Rule", ""), ("Looks for", "wide"), ("Is wrong about", "wide")],
    );
    for note in rules.iter().take(RULES) {
        out.open("tr", &[])
            .open("td", &[])
            .element("code", &[], note.rule.0)
            .close("td");
        out.brief_in("td", &[("class", "wide")], note.describes);
        out.brief_in("td", &[("class", "wide")], note.false_positives)
            .close("tr")
            .newline();
    }
    out.end_table()
        .more(rules.len().saturating_sub(RULES), "rules")
        .close("details");
}

/// Whose data it rests on.
fn data(page: &Page<'_>, out: &mut Markup) {
    if page.report.data.is_empty() {
        return;
    }
    out.element("h3", &[], "Data");
    out.table(
        "data",
        "Data of others",
        &[("What", ""), ("Whose", "wide"), ("Terms", ""), ("Of", "when")],
    );
    for one in &page.report.data {
        out.open("tr", &[]).brief_in("td", &[], &one.name.to_string());
        out.brief_in("td", &[("class", "wide")], &one.source.to_string());
        out.brief_in("td", &[], &one.terms.to_string());
        out.brief_in("td", &[("class", "when")], one.day.as_deref().unwrap_or("–"))
            .close("tr")
            .newline();
    }
    out.end_table();
}
