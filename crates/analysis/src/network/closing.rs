//! What a report says once a capture was read: where its hosts are, when it was silent, and what was not looked at.

use super::hosts::Hosts;
use crate::Engine;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_capture::{Filter, Totals};
use watchfire_model::network::{Conversation, CountryTraffic, Gap, Mac, OtherFrames, Talker};
use watchfire_model::{Observable, ObservableType, Problem, agreeing, counted};

/// Hosts that a report names.
const TALKERS: usize = 200;
/// A silence is worth a word if it is so many times as long as the usual time between two frames.
const STANDS_OUT: u64 = 100;

/// What was not looked at.
pub(super) fn remarks(totals: &Totals, filter: Option<&Filter>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if totals.evicted > 0 {
        let message = format!(
            "{} {} ended early, since too many were open",
            counted(totals.evicted, "flow"),
            agreeing(totals.evicted, "was", "were")
        );
        problems.push(Problem::warning("flows-evicted", message));
    }
    if totals.unsaid > 0 {
        let message = format!(
            "{} {} left out: at times, too many came at once for memory",
            counted(totals.unsaid, "exchange"),
            agreeing(totals.unsaid, "was", "were")
        );
        problems.push(Problem::warning("exchanges-left-out", message));
    }
    if let Some(filter) = filter {
        let (left_out, all) = (totals.left_out, totals.left_out + totals.frames);
        let message = format!(
            "{left_out} of {} {} of '{}'",
            counted(all, "frame"),
            agreeing(left_out, "is not one", "are not those"),
            filter.as_str()
        );
        problems.push(Problem::note("filtered", message));
    }
    problems
}

/// What was more than is kept.
pub(super) fn no_room(files: u64, values: u64, hosts: u64) -> impl Iterator<Item = Problem> {
    let files = (files > 0).then(|| {
        let message = format!(
            "{} that {was} carried {was} not looked into, since that is too much for memory",
            counted(files, "file"),
            was = agreeing(files, "was", "were")
        );
        Problem::warning("carried-left-out", message)
    });
    let values = (values > 0).then(|| {
        let message = format!(
            "too many names, addresses and URLs: {} one was met that was not looked at, and may be on a list",
            counted(values, "time")
        );
        Problem::warning("capture-values", message)
    });
    let hosts = (hosts > 0).then(|| {
        let message = format!(
            "too many hosts: of those that said and heard least, {} {} forgotten, and counted again when they came back",
            counted(hosts, "host"),
            agreeing(hosts, "was", "were")
        );
        Problem::warning("capture-hosts", message)
    });
    files.into_iter().chain(values).chain(hosts)
}

/// Says of conversations what those are called whom they are with.
pub(super) fn name(conversations: &mut [Conversation], hosts: &Hosts) {
    for conversation in conversations {
        let responder = hosts.get(conversation.responder.ip());
        conversation.name = responder.and_then(|host| host.names().next().cloned());
    }
}

/// Who talks most, and where everybody is.
pub(super) fn places(hosts: &Hosts, engine: &Engine) -> (Vec<Talker>, Vec<CountryTraffic>) {
    let mut countries: BTreeMap<Option<&'static str>, CountryTraffic> = BTreeMap::new();
    let mut talkers = Vec::new();
    for (address, host) in hosts.iter() {
        let (location, is_public) = engine.place_of(address);
        if is_public {
            let sum = countries.entry(location.country).or_insert(CountryTraffic {
                country: location.country,
                hosts: 0,
                sent: 0,
                received: 0,
            });
            sum.hosts += 1;
            sum.sent = sum.sent.saturating_add(host.sent);
            sum.received = sum.received.saturating_add(host.received);
        }
        talkers.push((u64::MAX - host.sent.saturating_add(host.received), address, location));
    }
    talkers.sort_by_key(|(rank, address, _)| (*rank, *address));
    talkers.truncate(TALKERS);
    let talkers = talkers.into_iter().filter_map(|(_, address, location)| {
        let host = hosts.get(address)?;
        Some(Talker {
            address,
            names: host.names().cloned().collect(),
            mac: host.mac,
            vendor: host.mac.and_then(|mac| watchfire_knowledge::mac::vendor(Mac(mac))),
            system: host.system.clone(),
            country: location.country,
            asn: location.asn,
            sent: host.sent,
            received: host.received,
            flows: host.flows,
            frame: host.frame,
        })
    });
    let mut countries: Vec<CountryTraffic> = countries.into_values().collect();
    countries.sort_by_key(|sum| std::cmp::Reverse(sum.sent.saturating_add(sum.received)));
    (talkers.collect(), countries)
}

/// Silences that stand out among the times between frames.
pub(super) fn gaps(totals: &Totals) -> Vec<Gap> {
    let (Some(first), Some(last)) = (totals.first, totals.last) else {
        return Vec::new();
    };
    let silent: u64 = totals.clock.gaps().iter().map(|gap| gap.seconds).sum();
    let seconds = (last.since(first) / 1_000_000_000).saturating_sub(silent);
    let usual = seconds / totals.frames.max(1);
    let gaps = totals.clock.gaps().iter().copied();
    gaps.filter(|gap| gap.seconds >= usual.saturating_mul(STANDS_OUT))
        .collect()
}

pub(super) fn not_ip(totals: &Totals) -> Vec<OtherFrames> {
    let others = totals.undecoded.iter().map(|(what, frames)| OtherFrames {
        what: what.to_string(),
        frames: *frames,
    });
    let mut not_ip: Vec<OtherFrames> = others.collect();
    not_ip.sort_by(|a, b| b.frames.cmp(&a.frames).then_with(|| a.what.cmp(&b.what)));
    not_ip
}

impl Engine {
    /// Where an address is, and whether it is one that everybody can reach.
    fn place_of(&self, address: IpAddr) -> (watchfire_model::Location, bool) {
        let kind = if address.is_ipv4() {
            ObservableType::Ipv4
        } else {
            ObservableType::Ipv6
        };
        let mut marks = crate::Marks::default();
        if let Ok(observable) = Observable::parse(kind, &address.to_string()) {
            self.tagger.mark(&observable, &mut marks);
        }
        (self.tagger.location(&marks), is_public(address))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            watchfire_knowledge::reserved::ipv4(address).is_none() && !address.is_multicast() && !address.is_broadcast()
        }
        IpAddr::V6(address) => watchfire_knowledge::reserved::ipv6(address).is_none() && !address.is_multicast(),
    }
}
