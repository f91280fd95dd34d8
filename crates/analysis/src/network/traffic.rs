//! Who spoke what to whom, and how much.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, SocketAddr};
use watchfire_model::network::{Conversation, Flow, ServiceTraffic};

/// Conversations that are told apart; what comes later is in the totals only.
const MOST: usize = 1 << 17;
/// Conversations that a report names.
const TOLD: usize = 200;
/// Ways through the layers that are told apart: attackers may nest them as they like.
const MOST_LAYERS: usize = 4_096;

type Ends = (IpAddr, SocketAddr, &'static str);

/// Sums over flows.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    services: BTreeMap<String, ServiceTraffic>,
    layers: BTreeMap<String, ServiceTraffic>,
    conversations: BTreeMap<Ends, Conversation>,
}

impl Traffic {
    /// Counts a flow; one that is not chosen is in no conversation.
    pub(super) fn flow(&mut self, flow: &Flow, is_chosen: bool) {
        let transport = flow.protocol.to_string();
        let service = service(flow);
        let name = service.map_or_else(|| transport.clone(), str::to_owned);
        count(&mut self.services, name, flow);
        let mut layers: Vec<&str> = flow.tunnels.clone();
        let network = if flow.originator.address.is_ipv4() {
            "ipv4"
        } else {
            "ipv6"
        };
        layers.extend([network, &transport]);
        layers.extend(flow.services.iter().copied());
        count(&mut self.layers, layers.join("/"), flow);
        if is_chosen {
            self.conversation(flow, service);
        }
    }

    fn conversation(&mut self, flow: &Flow, service: Option<&'static str>) {
        // Ports are those of services; whatever else has none, or a random one on both sides.
        let responder = SocketAddr::from((flow.responder.address, flow.responder.port));
        let key = (
            flow.originator.address,
            responder,
            service.or(flow.protocol.name()).unwrap_or("ip"),
        );
        let is_full = self.conversations.len() >= MOST;
        let conversation = match self.conversations.entry(key) {
            Entry::Vacant(_) if is_full => return,
            entry => entry.or_insert_with(|| Conversation {
                originator: key.0,
                responder,
                service: service.map_or_else(|| flow.protocol.to_string(), str::to_owned),
                name: None,
                flows: 0,
                sent: 0,
                received: 0,
                first: flow.first,
                last: flow.last,
                frame: flow.first_frame,
            }),
        };
        conversation.flows += 1;
        conversation.sent = conversation.sent.saturating_add(flow.sent.ip_bytes);
        conversation.received = conversation.received.saturating_add(flow.received.ip_bytes);
        conversation.first = conversation.first.min(flow.first);
        conversation.last = conversation.last.max(flow.last);
        conversation.frame = conversation.frame.min(flow.first_frame);
    }

    /// Services and ways through the layers, the most bytes first, and the conversations with the most.
    pub(super) fn into_lists(self) -> (Vec<ServiceTraffic>, Vec<ServiceTraffic>, Vec<Conversation>) {
        let mut conversations: Vec<Conversation> = self.conversations.into_values().collect();
        // The order of the map decides between those with the same number of bytes.
        conversations.sort_by_key(|one| std::cmp::Reverse(one.sent.saturating_add(one.received)));
        conversations.truncate(TOLD);
        (sorted(self.services), sorted(self.layers), conversations)
    }
}

/// What a flow is about: the innermost of what is spoken, and proofs of who somebody is only where nothing else is known.
fn service(flow: &Flow) -> Option<&'static str> {
    let is_about = |service: &&&'static str| !matches!(**service, "ntlm" | "krb" | "krb_tcp" | "gssapi");
    let inner = flow.services.iter().rev().find(is_about);
    inner.or(flow.services.last()).copied()
}

fn count(sums: &mut BTreeMap<String, ServiceTraffic>, name: String, flow: &Flow) {
    let is_full = sums.len() >= MOST_LAYERS;
    let sum = match sums.entry(name) {
        Entry::Vacant(_) if is_full => return,
        entry => {
            let name = entry.key().clone();
            entry.or_insert(ServiceTraffic {
                name,
                flows: 0,
                packets: 0,
                bytes: 0,
            })
        }
    };
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

fn sorted(sums: BTreeMap<String, ServiceTraffic>) -> Vec<ServiceTraffic> {
    let mut sums: Vec<ServiceTraffic> = sums.into_values().collect();
    sums.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    sums
}
