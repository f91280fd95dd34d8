//! Hosts files and what resolvers are fed: names that are sent nowhere.
//!
//! | line | becomes |
//! |---|---|
//! | `0.0.0.0 evil.example other.example # why` | both domains, reach `exact`, as a hosts file meets them; threat `why` |
//! | `address=/evil.example/0.0.0.0`, `server=/…/`, `local=/…/` (dnsmasq) | the domain, reach `below` |
//! | `local-zone: "evil.example" always_nxdomain` (unbound) | the domain, reach `below` |
//! | `evil.example CNAME .` (response policy zone) | the domain, reach `exact` |
//! | `*.evil.example CNAME .` | the domain, reach `below` |
//!
//! Lines of the machine itself (`127.0.0.1 localhost`) and the rest of a zone are passed over. Source: hosts(5),
//! dnsmasq(8), unbound.conf(5), draft-vixie-dnsop-dns-rpz.

use crate::feed::intake::Taker;
use crate::feed::lines::{Input, Line, Lines};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Reach};

/// See the head of this file.
pub(in crate::feed) struct Hosts;

static INFO: FormatInfo = FormatInfo {
    name: "hosts",
    describes: "a hosts file, or rules for dnsmasq, unbound or response policy zones",
    yields: "domains",
    towards: "malicious",
    fields: "threat (the comment)",
    reach: "exact; dnsmasq, unbound and `*.name` below",
    source: "https://man7.org/linux/man-pages/man5/hosts.5.html",
};

impl FeedFormat for Hosts {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], name: &str) -> bool {
        let entries = |line: &&str| !names(line).is_empty();
        super::is_text(head)
            && super::first_lines(head).any(|line| !names(line).is_empty() || is_boilerplate(line))
            && (name.contains("hosts") || super::first_lines(head).take(20).filter(entries).count() >= 1)
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut lines = Lines::new(Input::open(input, "a hosts file")?);
        while let Some(line) = lines.next()? {
            read_line(&line, &mut taker);
        }
        Ok(taker.finish())
    }
}

fn read_line(line: &Line<'_>, taker: &mut Taker<'_>) {
    let text = line.text();
    let text = text.trim();
    if text.is_empty() || text.starts_with(['#', ';', '$', '@', '!']) {
        return;
    }
    let place = line.place();
    if line.is_cut {
        return taker.reject(place, Reason::Malformed, "the line is too long", text);
    }
    let (rule, comment) = text.split_once(['#', ';']).unwrap_or((text, ""));
    let names = names(rule);
    if names.is_empty() && !is_boilerplate(rule) {
        return taker.reject(place, Reason::Malformed, "not a line of a hosts file", text);
    }
    for (name, reach) in names {
        taker.take_typed(place, ObservableType::Domain, name, |domain| Indicator {
            reach,
            threat: value::threat(&[comment]),
            ..Indicator::new(domain)
        });
    }
}

/// Names that hosts files have for the machine itself.
const OWN: &[&str] = &[
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "0.0.0.0",
];

/// Where names are sent that are to be sent nowhere.
fn is_sink(address: &str) -> bool {
    matches!(
        address,
        "0.0.0.0" | "127.0.0.1" | "::" | "::1" | "0" | "127.0.0.0" | "255.255.255.255"
    ) || address.starts_with("fe80::")
        || address.starts_with("ff0")
}

/// The names that a rule is about.
fn names(rule: &str) -> Vec<(&str, Reach)> {
    let rule = rule.trim();
    for directive in ["address=/", "server=/", "local=/"] {
        if let Some(rest) = rule.strip_prefix(directive) {
            let (domains, _) = rest.rsplit_once('/').unwrap_or((rest, ""));
            return domains.split('/').map(|name| (name, Reach::Below)).collect();
        }
    }
    if let Some(rest) = rule.strip_prefix("local-zone:") {
        let name = rest
            .trim()
            .trim_start_matches('"')
            .split(['"', ' '])
            .next()
            .unwrap_or_default();
        return vec![(name.trim_end_matches('.'), Reach::Below)];
    }
    let mut words = rule.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    if is_sink(first) {
        return words
            .filter(|name| !OWN.contains(name))
            .map(|name| (name, Reach::Exact))
            .collect();
    }
    if rule.split_ascii_whitespace().any(|word| word == "CNAME") {
        return match first.strip_prefix("*.") {
            Some(name) => vec![(name, Reach::Below)],
            None => vec![(first, Reach::Exact)],
        };
    }
    Vec::new()
}

/// Whether a line is the machine's own, or of the frame of a zone.
fn is_boilerplate(rule: &str) -> bool {
    let mut words = rule.split_ascii_whitespace();
    let own = words.next().is_some_and(is_sink) && words.all(|name| OWN.contains(&name));
    own || rule.split_ascii_whitespace().any(|word| matches!(word, "SOA" | "NS"))
        || rule.trim_start().starts_with("server:")
        || rule.trim() == ")"
        || rule.trim().chars().all(|c| c.is_ascii_digit() || c == ' ')
}
