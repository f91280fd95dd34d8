//! The page: banner, answer, sections in their order, and the report as data.

use super::happened::{Happening, happened};
use super::parts::Section;
use super::{Markup, appendix, check, details, embedded, evidence, flows, method, observables, places, policy, story};
use super::{techniques, verdict};
use crate::ranking::{Distinct, by_interest, distinct, sort_first};
use std::collections::HashMap;
use std::io;
use watchfire_model::{Observable, Report, Target, Verdict, Weight};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Observables in the page.
pub(super) const OBSERVABLES: usize = 2_000;
/// Bytes of the page: mail servers take so much, and browsers draw it at once.
const MOST: usize = 2_900_000;
/// Bytes of data at most, also where the page leaves room for more.
const DATA: usize = 1_500_000;
/// Findings that weigh less have innocent explanations too often to colour what they name.
const TELLING: Weight = Weight::from_thousandths(200);

/// What sections are drawn from.
pub(super) struct Page<'r> {
    pub(super) report: &'r Report,
    /// Every observable once; the first [`OBSERVABLES`] are those that matter most.
    pub(super) distinct: Vec<Distinct<'r>>,
    pub(super) happened: Vec<Happening>,
    known: HashMap<&'r Observable, Verdict>,
    /// What is thought of hosts, by their names and addresses.
    hosts: HashMap<String, Verdict>,
}

impl<'r> Page<'r> {
    fn of(report: &'r Report) -> Self {
        let known: HashMap<&Observable, Verdict> = report
            .reputations
            .iter()
            .map(|one| (&one.observable, one.judgement.verdict))
            .collect();
        let mut hosts: HashMap<String, Verdict> = HashMap::new();
        for finding in report.findings.iter().filter(|finding| finding.weight >= TELLING) {
            for target in &finding.targets {
                if let Target::Host(host) = target {
                    hosts.entry(host.raw().to_owned()).or_insert(Verdict::Suspicious);
                }
            }
        }
        for one in &report.reputations {
            let entry = hosts
                .entry(one.observable.raw().to_owned())
                .or_insert(one.judgement.verdict);
            *entry = (*entry).max(one.judgement.verdict);
        }
        let mut page = Self {
            report,
            distinct: distinct(report),
            happened: happened(report),
            known,
            hosts,
        };
        let mut distinct = std::mem::take(&mut page.distinct);
        let rank = |one: &Distinct<'_>| observables::rank(page.verdict_of(one.observable));
        sort_first(&mut distinct, OBSERVABLES, |one, other| {
            rank(one).cmp(&rank(other)).then_with(|| by_interest(one, other))
        });
        page.distinct = distinct;
        page
    }

    /// The observables that the page has.
    pub(super) fn shown(&self) -> &[Distinct<'r>] {
        self.distinct.get(..OBSERVABLES).unwrap_or(&self.distinct)
    }

    /// What an observable was judged to be, where somebody could know.
    pub(super) fn verdict_of(&self, observable: &Observable) -> Option<Verdict> {
        let named = || self.hosts.get(observable.raw()).copied();
        self.known.get(observable).copied().or_else(named)
    }

    /// What is thought of a host: what sources say, and whether a finding names it.
    pub(super) fn thinks_of(&self, host: &str) -> Verdict {
        self.hosts.get(host).copied().unwrap_or(Verdict::Unknown)
    }
}

/// The whole page.
pub(super) fn page(report: &Report) -> io::Result<String> {
    let page = Page::of(report);
    let sections = sections(&page);
    let used: usize = sections.iter().map(|section| section.body.len()).sum();
    let room = MOST
        .saturating_sub(used + STYLE.len() + SCRIPT.len() + 100_000)
        .min(DATA);
    let chosen: Vec<(usize, usize)> = page.shown().iter().map(|one| one.at).collect();
    let data = embedded::embed(report, &chosen, room)?;
    let method = method::method(&page, &data.left_out);
    let mut out = Markup::default();
    head(report, &mut out);
    out.open("body", &[]).newline();
    out.element("a", &[("class", "skip"), ("href", "#main")], "Skip to the verdict");
    // On paper the banners are head and foot of every page.
    verdict::banner(report.tlp, "top", &mut out);
    out.open("div", &[("class", "sheet")]);
    top(&mut out);
    out.open("main", &[("id", "main"), ("tabindex", "-1")]);
    verdict::card(&page, &mut out);
    contents(sections.iter().chain([&method]), &mut out);
    for section in sections.into_iter().chain([method]) {
        put(section, &mut out);
    }
    out.close("main").newline();
    foot(report, &mut out);
    out.close("div").newline();
    verdict::banner(report.tlp, "bottom", &mut out);
    out.open("script", &[("type", "application/json"), ("id", "watchfire-report")]);
    out.json(&data.json).close("script").newline();
    out.open("script", &[]).own_code(SCRIPT).close("script").newline();
    out.close("body").close("html").newline();
    Ok(format!("<!DOCTYPE html>\n{}", out.finish()))
}

fn sections(page: &Page<'_>) -> Vec<Section> {
    let drawn = [
        story::story(page),
        story::actions(page),
        evidence::evidence(page),
        story::timeline(page),
        flows::flows(page),
        places::places(page),
        techniques::techniques(page),
        check::files(page),
        observables::observables(page),
        check::reputations(page),
        appendix::mails(page),
        details::captures(page),
        details::logs(page),
        appendix::artifacts(page),
    ];
    drawn.into_iter().flatten().collect()
}

fn head(report: &Report, out: &mut Markup) {
    let judgement = &report.judgement;
    let title = format!(
        "{} {}/100 – Watchfire report",
        judgement.verdict.as_str().to_uppercase(),
        judgement.score.get()
    );
    out.open("html", &[("lang", "en")]).open("head", &[]).newline();
    out.void("meta", &[("charset", "utf-8")]);
    let policy = policy::policy(STYLE, SCRIPT);
    out.void(
        "meta",
        &[("http-equiv", "Content-Security-Policy"), ("content", &policy)],
    );
    out.void(
        "meta",
        &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")],
    );
    out.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    out.void("meta", &[("name", "robots"), ("content", "noindex")]);
    out.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    out.element("title", &[], &title).newline();
    out.open("style", &[])
        .own_code(STYLE)
        .close("style")
        .close("head")
        .newline();
}

fn top(out: &mut Markup) {
    out.open("header", &[("class", "bar")]);
    out.open("p", &[("class", "brand")])
        .element("strong", &[], "Watchfire")
        .text(" report")
        .close("p");
    let attributes = [
        ("type", "button"),
        ("id", "theme"),
        ("class", "needs-script"),
        ("aria-pressed", "false"),
    ];
    out.element("button", &attributes, "Dark");
    out.close("header").newline();
}

/// Links to the sections: the only links of the page.
fn contents<'s>(sections: impl Iterator<Item = &'s Section>, out: &mut Markup) {
    out.open("nav", &[("aria-label", "Sections"), ("class", "contents")])
        .open("ul", &[]);
    for section in sections {
        let place = format!("#{}", section.id);
        out.open("li", &[])
            .element("a", &[("href", &place)], section.title)
            .close("li");
    }
    out.close("ul").close("nav").newline();
}

fn put(section: Section, out: &mut Markup) {
    let heading = format!("{}-heading", section.id);
    out.open(
        "section",
        &[("id", section.id), ("class", "card"), ("aria-labelledby", &heading)],
    );
    out.element("h2", &[("id", &heading)], section.title).newline();
    out.add(section.body).close("section").newline();
}

fn foot(report: &Report, out: &mut Markup) {
    out.open("footer", &[("class", "bar")]);
    let words = format!(
        "Made by Watchfire {}, judged as of {} UTC. This page is one file: it loads nothing and sends nothing.",
        report.version,
        super::parts::clock(&report.as_of)
    );
    out.element("p", &[], &words).close("footer");
}
