//! What happened, what to do, and the same as a picture of time.

use super::happened::Happening;
use super::parts::Section;
use super::{Markup, page::Page};
use crate::chart::{self, Caption, Mark, Step};
use crate::telling::{clock, sharing, span};
use watchfire_model::{Chapter, Incident, Report, Target, Timestamp, Verdict, Witness, counted};

/// Sentences of the story.
const LINES: usize = 7;
/// Targets of one piece of advice that are listed.
const TARGETS: usize = 200;

/// The stories, or a few sentences with their times.
pub(super) fn story(page: &Page<'_>) -> Option<Section> {
    if !page.report.incidents.is_empty() {
        return Some(incidents(&page.report.incidents));
    }
    let mut body = Markup::default();
    let mut ranked: Vec<(usize, &Happening)> = page.happened.iter().enumerate().collect();
    ranked.sort_by_key(|(_, one)| (std::cmp::Reverse((one.verdict, one.weight)), one.at));
    ranked.truncate(LINES);
    ranked.sort_by_key(|(number, _)| *number);
    if ranked.is_empty() {
        let reasons = page.report.judgement.reasons.iter();
        let said: Vec<_> = reasons
            .filter(|reason| reason.towards > Verdict::Unknown)
            .take(5)
            .collect();
        if said.is_empty() {
            return None;
        }
        body.element(
            "p",
            &[("class", "hint")],
            "No times are known; the weightiest comes first.",
        );
        body.open("ol", &[("class", "story plain")]);
        for reason in said {
            body.open("li", &[]).brief_in("p", &[], &reason.text);
            if let Some(evidence) = reason.evidence.first() {
                body.brief_in("p", &[("class", "where")], &evidence.to_string());
            }
            body.close("li");
        }
        body.close("ol");
    } else {
        body.open("ol", &[("class", "story")]);
        for (number, one) in ranked {
            line(number + 1, one, &mut body);
        }
        body.close("ol");
    }
    Some(Section {
        id: "story",
        title: "What happened",
        body,
    })
}

/// Incidents that are told on the page.
const INCIDENTS: usize = 10;
/// What joins one.
const TIES: usize = 8;

fn incidents(all: &[Incident]) -> Section {
    let mut body = Markup::default();
    for (number, incident) in all.iter().take(INCIDENTS).enumerate() {
        body.open("article", &[("class", "part")]).open("h3", &[]);
        body.text(&format!("Incident {} ", number + 1)).badge(incident.verdict);
        body.text(&format!(" {} of 100", incident.score.get())).close("h3");
        if let Some(seen) = incident.seen {
            body.element("p", &[("class", "hint")], &span(seen));
        }
        body.open("ol", &[("class", "story")]);
        for (number, chapter) in incident.story.iter().enumerate() {
            told(number + 1, chapter, &mut body);
        }
        body.close("ol");
        joined(incident, &mut body);
        body.close("article").newline();
    }
    body.more(all.len().saturating_sub(INCIDENTS), "incidents");
    Section {
        id: "story",
        title: "What happened",
        body,
    }
}

fn told(number: usize, chapter: &Chapter, out: &mut Markup) {
    out.open("li", &[("class", chart::class(chapter.towards))]);
    out.element("span", &[("class", "step")], &number.to_string());
    out.open("p", &[]);
    if let Some(seen) = chapter.seen {
        out.time(seen.first).text(" ");
        if seen.last > seen.first {
            out.text("– ")
                .open("span", &[])
                .text(&clock(seen.last))
                .close("span")
                .text(" ");
        }
    }
    out.element("span", &[("class", "lane")], chapter.witness.as_str());
    out.close("p").brief_in("p", &[], &capital(&chapter.text));
    if let Some(first) = chapter.evidence.first() {
        let place = match chapter.evidence.len() {
            1 => first.to_string(),
            count => format!("{first}, and {} more", counted(count as u64 - 1, "place")),
        };
        out.brief_in("p", &[("class", "where")], &place);
    }
    out.close("li").newline();
}

/// Why it is one story, and where others write about it.
fn joined(incident: &Incident, out: &mut Markup) {
    let ties = incident.ties.iter().take(TIES).map(|tie| {
        let chapters: Vec<String> = tie.chapters.iter().map(ToString::to_string).collect();
        format!("{} ({})", sharing(tie), chapters.join(", "))
    });
    let mut ties: Vec<String> = ties.collect();
    if let more @ 1.. = incident.ties.len().saturating_sub(TIES) {
        ties.push(format!("{more} more"));
    }
    if !ties.is_empty() {
        out.brief_in(
            "p",
            &[("class", "hint")],
            &format!("One story because of {}", ties.join("; ")),
        );
    }
    let about: Vec<String> = incident.written_about.iter().map(ToString::to_string).collect();
    if !about.is_empty() {
        out.brief_in(
            "p",
            &[("class", "hint")],
            &format!("Written about in {}", about.join(", ")),
        );
    }
}

fn line(number: usize, one: &Happening, out: &mut Markup) {
    let shown = chart::class(one.verdict);
    out.open("li", &[("class", shown)]);
    out.element("span", &[("class", "step")], &number.to_string());
    out.open("p", &[]).time(one.at);
    if let Some(until) = one.until {
        out.text(" – ").open("span", &[]).text(&clock(until)).close("span");
    }
    out.text(" ")
        .element("span", &[("class", "lane")], one.witness.as_str());
    out.close("p").brief_in("p", &[], &capital(&one.text));
    out.brief_in("p", &[("class", "where")], &one.place)
        .close("li")
        .newline();
}

/// With a capital at the beginning, where a word stands there. A value stays as it is.
fn capital(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !first.trim_end_matches([':', ',', ';']).chars().all(char::is_alphabetic) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A list to work through, with room for who does it.
pub(super) fn actions(page: &Page<'_>) -> Option<Section> {
    if page.report.recommendations.is_empty() {
        return None;
    }
    let mut body = Markup::default();
    body.open("ol", &[("class", "actions")]);
    for (number, advice) in page.report.recommendations.iter().enumerate() {
        let id = format!("do-{}", number + 1);
        body.open("li", &[]).void("input", &[("type", "checkbox"), ("id", &id)]);
        body.open("label", &[("for", &id)])
            .brief(&capital(advice.text.raw()))
            .close("label");
        let owner = format!("Owner of step {}", number + 1);
        body.void(
            "input",
            &[
                ("type", "text"),
                ("class", "owner"),
                ("aria-label", &owner),
                ("placeholder", "owner"),
                ("autocomplete", "off"),
            ],
        );
        let because: Vec<&str> = advice.because.iter().map(|rule| rule.0).collect();
        if !because.is_empty() {
            body.open("p", &[("class", "where")])
                .text("because of ")
                .text(&because.join(", "))
                .close("p");
        }
        targets(&advice.targets, &mut body);
        body.close("li").newline();
    }
    body.close("ol");
    Some(Section {
        id: "actions",
        title: "What to do",
        body,
    })
}

/// All that a sentence names only the first of.
fn targets(targets: &[Target], out: &mut Markup) {
    const NAMED: usize = 3;
    if targets.len() <= NAMED {
        return;
    }
    out.open("details", &[]);
    out.element("summary", &[], &format!("all {} of them", targets.len()));
    out.open("ul", &[("class", "values")]);
    for target in targets.iter().take(TARGETS) {
        out.told_in("li", &[], &target.to_string());
    }
    out.close("ul")
        .more(targets.len().saturating_sub(TARGETS), "values")
        .close("details");
}

/// What happened on an axis of time, and all of it as a table.
pub(super) fn timeline(page: &Page<'_>) -> Option<Section> {
    let traffic = || {
        page.report
            .artifacts
            .iter()
            .filter_map(|artifact| artifact.capture.as_deref())
    };
    let logs = page.report.log.as_deref();
    let (begin, end) = reach(page)?;
    let mut lanes = Vec::new();
    for witness in Witness::ALL {
        let numbered = page
            .happened
            .iter()
            .enumerate()
            .filter(|(_, one)| one.witness == witness);
        let marks: Vec<Mark> = numbered.map(|(number, one)| mark(number, one)).collect();
        let mut steps: Vec<Step> = Vec::new();
        match witness {
            Witness::Mail | Witness::File => {}
            Witness::Network => {
                for capture in traffic() {
                    let line = &capture.timeline;
                    steps.extend(density(line.begins, line.step, &line.bytes));
                }
            }
            Witness::Log => {
                let line = logs.map(|log| &log.timeline);
                steps.extend(
                    line.into_iter()
                        .flat_map(|line| density(line.begins, line.step, &line.records)),
                );
            }
        }
        if !marks.is_empty() || !steps.is_empty() {
            let name = capital(witness.as_str());
            lanes.push(chart::Lane { name, steps, marks });
        }
    }
    let mut body = Markup::default();
    let ends = [begin, end].map(|at| Timestamp::new(at, 0).to_string());
    let title = format!(
        "What happened from {} to {} (UTC)",
        super::parts::clock(&ends[0]),
        super::parts::clock(&ends[1])
    );
    body.open("figure", &[]).open(
        "div",
        &[
            ("class", "scroll"),
            ("role", "group"),
            ("aria-label", "Timeline"),
            ("tabindex", "0"),
        ],
    );
    let caption = Caption {
        id: "timeline-picture",
        title: &title,
        describes: "One lane for each kind of source. Numbers are those of the table below; bars are how much was seen.",
    };
    chart::timeline(&lanes, (begin, end), &caption, &mut body);
    body.close("div");
    body.element(
        "figcaption",
        &[],
        &format!("{title}. Numbers are those of the table; bars are traffic and records."),
    );
    body.close("figure");
    if !page.happened.is_empty() {
        table(&page.happened, &mut body);
    }
    Some(Section {
        id: "timeline",
        title: "Timeline",
        body,
    })
}

fn mark(number: usize, one: &Happening) -> Mark {
    Mark {
        at: one.at.moment().unix(),
        until: one.until.map(|until| until.moment().unix()),
        number: number + 1,
        verdict: one.verdict,
    }
}

/// From and to when the picture is drawn: where something happened and was captured. Logs of a week around an hour would
/// make that hour a line.
fn reach(page: &Page<'_>) -> Option<(i64, i64)> {
    let report = page.report;
    let captures = report
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.capture.as_deref());
    let captured = captures.filter_map(|capture| Some((capture.first?, capture.last?)));
    let happened = page.happened.iter().map(|one| (one.at, one.until.unwrap_or(one.at)));
    let all = captured
        .chain(happened)
        .map(|(first, last)| (first.moment().unix(), last.moment().unix()));
    let (begin, end) = all
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .or_else(|| logged(report))?;
    let margin = (end.saturating_sub(begin) / 50).max(30);
    Some((begin.saturating_sub(margin), end.saturating_add(margin)))
}

fn logged(report: &Report) -> Option<(i64, i64)> {
    let all = &report.log.as_deref()?.all;
    Some((all.first?.moment().unix(), all.last?.moment().unix()))
}

fn density(begins: Option<Timestamp>, step: u64, counts: &[u64]) -> Vec<Step> {
    let Some(begins) = begins else { return Vec::new() };
    let step = i64::try_from(step).unwrap_or(i64::MAX).max(1);
    let mut from = begins.moment().unix();
    let mut steps = Vec::with_capacity(counts.len());
    for count in counts {
        let to = from.saturating_add(step);
        steps.push(Step {
            from,
            to,
            count: *count,
        });
        from = to;
    }
    steps
}

fn table(happened: &[Happening], out: &mut Markup) {
    let columns = [
        ("No", "number"),
        ("When (UTC)", "when"),
        ("Source", ""),
        ("What", "wide"),
        ("Where", "place"),
    ];
    out.table("events", "What happened, in order", &columns);
    for (number, one) in happened.iter().enumerate() {
        out.open("tr", &[]);
        out.element("td", &[("class", "number")], &(number + 1).to_string());
        out.open("td", &[("class", "when")]).time(one.at);
        if let Some(until) = one.until {
            out.text(" – ").text(&clock(until));
        }
        out.close("td").element("td", &[], one.witness.as_str());
        out.open("td", &[("class", "wide")])
            .badge(one.verdict)
            .text(" ")
            .brief(&one.text)
            .close("td");
        out.brief_in("td", &[("class", "place")], &one.place)
            .close("tr")
            .newline();
    }
    out.end_table();
}
