//! Where addresses are: a map of the world, and the same as a table.

use super::parts::{Section, grouped};
use super::{Markup, page::Page};
use crate::bytes;
use crate::chart::{self, Caption, Spot};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_knowledge::geography;
use watchfire_model::Verdict;

/// What is known of a country.
#[derive(Default)]
struct Known {
    addresses: BTreeSet<String>,
    verdict: Option<Verdict>,
    sent: u64,
    received: u64,
}

/// Rows of the table.
const ROWS: usize = 60;

pub(super) fn places(page: &Page<'_>) -> Option<Section> {
    let mut known: BTreeMap<&'static str, Known> = BTreeMap::new();
    let mut meet = |country: &'static str, address: &str| {
        let entry = known.entry(country).or_default();
        let verdict = page.thinks_of(address);
        entry.verdict = entry.verdict.max(Some(verdict));
        if !entry.addresses.contains(address) {
            entry.addresses.insert(address.to_owned());
        }
    };
    for one in &page.distinct {
        if let Some(country) = one.seen.location.country {
            meet(country, one.observable.raw());
        }
    }
    for one in &page.report.reputations {
        if let Some(country) = one.location.country {
            meet(country, one.observable.raw());
        }
    }
    let captures = || {
        page.report
            .artifacts
            .iter()
            .filter_map(|artifact| artifact.capture.as_deref())
    };
    for talker in captures().flat_map(|capture| &capture.talkers) {
        if let Some(country) = talker.country {
            meet(country, &talker.address.to_string());
        }
    }
    for traffic in captures().flat_map(|capture| &capture.countries) {
        if let Some(country) = traffic.country {
            let entry = known.entry(country).or_default();
            entry.sent = entry.sent.saturating_add(traffic.sent);
            entry.received = entry.received.saturating_add(traffic.received);
        }
    }
    if known.is_empty() {
        return None;
    }
    let mut known: Vec<(&'static str, Known)> = known.into_iter().collect();
    known.sort_by_key(|(code, known)| (Reverse(known.verdict), Reverse(known.addresses.len()), *code));
    Some(Section {
        id: "places",
        title: "Where",
        body: drawn(&known),
    })
}

fn drawn(known: &[(&'static str, Known)]) -> Markup {
    let mut body = Markup::default();
    let spot = |(code, known): &(&'static str, Known)| Spot {
        code,
        count: known.addresses.len() as u64,
        verdict: known.verdict.unwrap_or(Verdict::Unknown),
    };
    let spots: Vec<Spot> = known.iter().map(spot).collect();
    let caption = Caption {
        id: "world-picture",
        title: "Countries of addresses",
        describes: "A map of the world with a dot for each country, as large as its addresses are many. The table below has the same.",
    };
    body.open("figure", &[("class", "world")]);
    body.open(
        "div",
        &[
            ("class", "scroll"),
            ("role", "group"),
            ("aria-label", "Map of the world"),
            ("tabindex", "0"),
        ],
    );
    chart::map(&spots, &caption, &mut body);
    body.close("div");
    let says = "Countries in which registries have the networks of addresses; an address may be used elsewhere. Outlines: Natural Earth.";
    body.element("figcaption", &[], says).close("figure");
    let columns = [
        ("Country", ""),
        ("Code", ""),
        ("Addresses", "number"),
        ("Sent", "number"),
        ("Received", "number"),
        ("Worst", ""),
    ];
    body.table("countries", "Countries of addresses", &columns);
    for (code, known) in known.iter().take(ROWS) {
        body.open("tr", &[])
            .element("td", &[], geography::country_name(code).unwrap_or("not a country"));
        body.element("td", &[], code);
        body.element("td", &[("class", "number")], &grouped(known.addresses.len() as u64));
        for count in [known.sent, known.received] {
            let shown = if count == 0 { "–".to_owned() } else { bytes(count) };
            body.element("td", &[("class", "number")], &shown);
        }
        body.open("td", &[])
            .badge(known.verdict.unwrap_or(Verdict::Unknown))
            .close("td")
            .close("tr")
            .newline();
    }
    body.end_table().more(known.len().saturating_sub(ROWS), "countries");
    body
}
