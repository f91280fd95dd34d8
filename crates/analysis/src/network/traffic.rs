//! Who spoke what to whom, and how much.

use crate::rows::Rows;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use watchfire_model::Timestamp;
use watchfire_model::network::{Conversation, Flow, ServiceTraffic, TransportProtocol};

/// Conversations that are told apart. When there are more, the half goes in which least was said: what is at the top stays
/// there, and what came back after it went is told without what was before.
const MOST: usize = 7 << 13;
/// Conversations that a report names.
const TOLD: usize = 200;
/// Ways through the layers that are told apart: attackers may nest them as they like.
const MOST_LAYERS: usize = 4_096;

/// Who, whom, and in what; a transport where nothing is known of that.
type Ends = (IpAddr, SocketAddr, Result<&'static str, TransportProtocol>);

/// Sums over flows.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    services: HashMap<Box<str>, Sum, RandomState>,
    layers: HashMap<Box<str>, Sum, RandomState>,
    conversations: Rows<Ends, Talk>,
    /// Where names are put together.
    scratch: String,
}

#[derive(Debug, Default)]
struct Sum {
    flows: u64,
    packets: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Talk {
    flows: u64,
    sent: u64,
    received: u64,
    first: Timestamp,
    last: Timestamp,
    frame: u64,
}

impl Talk {
    fn bytes(&self) -> u64 {
        self.sent.saturating_add(self.received)
    }
}

impl Traffic {
    /// Counts a flow; one that is not chosen is in no conversation.
    pub(super) fn flow(&mut self, flow: &Flow, is_chosen: bool) {
        let service = service(flow);
        let name = &mut self.scratch;
        name.clear();
        append(name, flow.protocol, service);
        count(&mut self.services, name, flow);
        name.clear();
        for tunnel in &flow.tunnels {
            name.extend([tunnel, "/"]);
        }
        let is_v4 = flow.originator.address.is_ipv4();
        name.push_str(if is_v4 { "ipv4/" } else { "ipv6/" });
        append(name, flow.protocol, None);
        for service in &flow.services {
            name.extend(["/", service]);
        }
        count(&mut self.layers, name, flow);
        if is_chosen {
            self.conversation(flow, service);
        }
    }

    fn conversation(&mut self, flow: &Flow, service: Option<&'static str>) {
        // Ports are those of services; whatever else has none, or a random one on both sides.
        let responder = SocketAddr::from((flow.responder.address, flow.responder.port));
        let key = (flow.originator.address, responder, service.ok_or(flow.protocol));
        if self.conversations.len() >= MOST && self.conversations.get(&key).is_none() {
            sweep(&mut self.conversations);
        }
        let talk = self.conversations.row(key, MOST, || Talk {
            flows: 0,
            sent: 0,
            received: 0,
            first: flow.first,
            last: flow.last,
            frame: flow.first_frame,
        });
        let Some(talk) = talk else { return };
        talk.flows += 1;
        talk.sent = talk.sent.saturating_add(flow.sent.ip_bytes);
        talk.received = talk.received.saturating_add(flow.received.ip_bytes);
        talk.first = talk.first.min(flow.first);
        talk.last = talk.last.max(flow.last);
        talk.frame = talk.frame.min(flow.first_frame);
    }

    /// Services and ways through the layers, the most bytes first, and the conversations with the most.
    pub(super) fn into_lists(self) -> (Vec<ServiceTraffic>, Vec<ServiceTraffic>, Vec<Conversation>) {
        let mut talks = self.conversations.into_rows();
        talks.sort_unstable_by_key(|(ends, talk)| (std::cmp::Reverse(talk.bytes()), *ends));
        talks.truncate(TOLD);
        let conversations = talks
            .into_iter()
            .map(|((originator, responder, service), talk)| Conversation {
                originator,
                responder,
                service: service.map_or_else(|transport| transport.to_string(), str::to_owned),
                name: None,
                flows: talk.flows,
                sent: talk.sent,
                received: talk.received,
                first: talk.first,
                last: talk.last,
                frame: talk.frame,
            });
        (sorted(self.services), sorted(self.layers), conversations.collect())
    }
}

/// Forgets the conversations with the fewest bytes, half of them and those that are like the last of these.
fn sweep(all: &mut Rows<Ends, Talk>) {
    let mut bytes: Vec<u64> = all.iter().map(|(_, talk)| talk.bytes()).collect();
    let middle = bytes.len() / 2;
    if !bytes.is_empty() {
        let (_, middle, _) = bytes.select_nth_unstable(middle);
        let middle = *middle;
        all.retain(|_, talk| talk.bytes() > middle);
    }
}

/// Appends the name of a service, or else of the transport.
fn append(name: &mut String, transport: TransportProtocol, service: Option<&str>) {
    match service.or(transport.name()) {
        Some(known) => name.push_str(known),
        None => name.push_str(&transport.to_string()),
    }
}

/// What a flow is about: the innermost of what is spoken, and proofs of who somebody is only where nothing else is known.
fn service(flow: &Flow) -> Option<&'static str> {
    let is_about = |service: &&&'static str| !matches!(**service, "ntlm" | "krb" | "krb_tcp" | "gssapi");
    let inner = flow.services.iter().rev().find(is_about);
    inner.or(flow.services.last()).copied()
}

fn count(sums: &mut HashMap<Box<str>, Sum, RandomState>, name: &str, flow: &Flow) {
    if !sums.contains_key(name) && sums.len() < MOST_LAYERS {
        sums.insert(name.into(), Sum::default());
    }
    let Some(sum) = sums.get_mut(name) else { return };
    sum.flows += 1;
    sum.packets = sum
        .packets
        .saturating_add(flow.sent.packets)
        .saturating_add(flow.received.packets);
    sum.bytes = sum
        .bytes
        .saturating_add(flow.sent.ip_bytes)
        .saturating_add(flow.received.ip_bytes);
}

fn sorted(sums: HashMap<Box<str>, Sum, RandomState>) -> Vec<ServiceTraffic> {
    let sums = sums.into_iter().map(|(name, sum)| ServiceTraffic {
        name: name.into(),
        flows: sum.flows,
        packets: sum.packets,
        bytes: sum.bytes,
    });
    let mut sums: Vec<ServiceTraffic> = sums.collect();
    sums.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_conversations_stay_when_there_is_no_room() {
        let mut all = Rows::default();
        let none = Timestamp::from_nanoseconds(0);
        for number in 0..1_000_u32 {
            let ends = (
                IpAddr::V4(number.into()),
                SocketAddr::from(([192, 0, 2, 1], 443)),
                Err(TransportProtocol::TCP),
            );
            let talk = Talk {
                flows: 1,
                sent: u64::from(number % 10),
                received: 0,
                first: none,
                last: none,
                frame: 1,
            };
            all.row(ends, MOST, || talk);
        }
        sweep(&mut all);
        assert_eq!(all.len(), 400);
        assert!(all.iter().all(|(_, talk)| talk.sent > 5));
    }
}
