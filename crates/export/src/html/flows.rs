//! Who spoke to whom: a picture of the conversations that matter, and all that are known of those as a table.

use super::parts::Section;
use super::{Markup, page::Page};
use crate::bytes;
use crate::chart::{self, Caption, Edge, Node, Side};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_knowledge::reserved;
use watchfire_model::network::{CaptureFacts, Conversation, Talker};
use watchfire_model::{Timestamp, Verdict};

/// Hosts on each side of the picture.
const HOSTS: usize = 10;
/// Rows of the table.
const ROWS: usize = 25;

pub(super) fn flows(page: &Page<'_>) -> Option<Section> {
    let captures = page
        .report
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.capture.as_deref());
    let captures: Vec<&CaptureFacts> = captures.filter(|capture| !capture.conversations.is_empty()).collect();
    let mut all: Vec<&Conversation> = captures.iter().flat_map(|capture| &capture.conversations).collect();
    if all.is_empty() {
        return None;
    }
    all.sort_by_key(|one| (Reverse(thought(one, page)), Reverse(volume(one)), one.frame));
    let mut hosts = Hosts::default();
    let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
    for one in &all {
        let ends = [one.originator, one.responder.ip()].map(|address| hosts.number(address, one, &captures, page));
        let [Some(from), Some(to)] = ends else { continue };
        let (verdict, bytes) = (thought(one, page), volume(one));
        let says = says(one);
        let edge = edges.entry((from, to)).or_insert(Edge {
            from,
            to,
            bytes: 0,
            verdict,
            says,
        });
        edge.bytes = edge.bytes.saturating_add(bytes);
        edge.verdict = edge.verdict.max(verdict);
    }
    let edges: Vec<Edge> = edges.into_values().collect();
    let shown = hosts.nodes.len();
    let mut body = Markup::default();
    let caption = Caption {
        id: "flow-picture",
        title: "Who spoke to whom",
        describes: "Hosts inside on the left, outside on the right. A line is as wide as what was said is long. The table below has the same.",
    };
    body.open("figure", &[]).open(
        "div",
        &[
            ("class", "scroll"),
            ("role", "group"),
            ("aria-label", "Flow graph"),
            ("tabindex", "0"),
        ],
    );
    chart::graph(&hosts.nodes, &edges, &caption, &mut body);
    body.close("div");
    let says =
        format!("{shown} hosts: first those that findings name, then those that said the most. Inside on the left.");
    body.element("figcaption", &[], &says).close("figure");
    table(&all, page, &mut body);
    Some(Section {
        id: "flows",
        title: "Flows",
        body,
    })
}

/// Hosts on the picture, as they were met.
#[derive(Default)]
struct Hosts {
    numbers: BTreeMap<IpAddr, usize>,
    nodes: Vec<Node>,
}

impl Hosts {
    /// The number of a host; none where its side is full.
    fn number(
        &mut self,
        address: IpAddr,
        seen_in: &Conversation,
        captures: &[&CaptureFacts],
        page: &Page<'_>,
    ) -> Option<usize> {
        if let Some(number) = self.numbers.get(&address) {
            return Some(*number);
        }
        let side = if is_inside(address) { Side::Left } else { Side::Right };
        if self.nodes.iter().filter(|node| node.side == side).count() >= HOSTS {
            return None;
        }
        let talkers = || captures.iter().flat_map(|capture| &capture.talkers);
        let talker = talkers().find(|talker| talker.address == address);
        let named = (seen_in.responder.ip() == address)
            .then_some(seen_in.name.as_ref())
            .flatten();
        let name = named
            .or_else(|| talker.and_then(|talker| talker.names.first()))
            .map(|name| name.shown(80));
        let number = self.nodes.len();
        let verdict = page
            .thinks_of(&address.to_string())
            .max(name.as_deref().map_or(Verdict::Unknown, |name| page.thinks_of(name)));
        let written = address.to_string();
        self.nodes.push(Node {
            note: note(name.is_some().then_some(&written), talker),
            name: name.unwrap_or(written),
            side,
            verdict,
        });
        self.numbers.insert(address, number);
        Some(number)
    }
}

fn note(address: Option<&String>, talker: Option<&Talker>) -> String {
    let volume = talker.map(|talker| format!("{} out, {} in", bytes(talker.sent), bytes(talker.received)));
    let country = talker.and_then(|talker| talker.country).map(str::to_owned);
    let parts = [address.cloned(), country, volume];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Whether nobody outside can reach it.
fn is_inside(address: IpAddr) -> bool {
    let range = match address {
        IpAddr::V4(address) => reserved::ipv4(address),
        IpAddr::V6(address) => reserved::ipv6(address),
    };
    range.is_some_and(reserved::Range::is_internal)
}

/// The worst that is thought of who answers, and of the name that was asked for.
fn thought(one: &Conversation, page: &Page<'_>) -> Verdict {
    let name = one
        .name
        .as_ref()
        .map_or(Verdict::Unknown, |name| page.thinks_of(name.raw()));
    page.thinks_of(&one.responder.ip().to_string()).max(name)
}

fn volume(one: &Conversation) -> u64 {
    one.sent.saturating_add(one.received)
}

fn says(one: &Conversation) -> String {
    let name = one
        .name
        .as_ref()
        .map(|name| format!(" ({})", name.shown(80)))
        .unwrap_or_default();
    format!(
        "{} to {}{name}, {}: {} out, {} in",
        one.originator,
        one.responder,
        one.service,
        bytes(one.sent),
        bytes(one.received)
    )
}

fn table(all: &[&Conversation], page: &Page<'_>, out: &mut Markup) {
    let columns = [
        ("From", ""),
        ("To", ""),
        ("Name", ""),
        ("Service", ""),
        ("Flows", "number"),
        ("Sent", "number"),
        ("Received", "number"),
        ("First (UTC)", "when"),
        ("Thought of", ""),
        ("Frame", "number"),
    ];
    out.open("details", &[])
        .element("summary", &[], "Conversations as a table");
    out.table("conversations", "Conversations", &columns);
    for one in all.iter().take(ROWS) {
        out.open("tr", &[]).told_in("td", &[], &one.originator.to_string());
        out.told_in("td", &[], &socket(one));
        out.brief_in(
            "td",
            &[],
            &one.name.as_ref().map(ToString::to_string).unwrap_or_default(),
        );
        out.brief_in("td", &[], &one.service);
        for number in [one.flows.to_string(), bytes(one.sent), bytes(one.received)] {
            out.element("td", &[("class", "number")], &number);
        }
        out.open("td", &[("class", "when")]).time(second(one.first)).close("td");
        out.open("td", &[]).badge(thought(one, page)).close("td");
        out.element("td", &[("class", "number")], &one.frame.to_string())
            .close("tr")
            .newline();
    }
    out.end_table()
        .more(all.len().saturating_sub(ROWS), "conversations")
        .close("details");
}

fn second(at: Timestamp) -> Timestamp {
    Timestamp::new(at.moment().unix(), 0)
}

fn socket(one: &Conversation) -> String {
    format!("{} port {}", one.responder.ip(), one.responder.port())
}
