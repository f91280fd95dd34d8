//! Community ID, version 1, <https://github.com/corelight/community-id-spec>: what other tools call the same flow.

use super::key::Ends;
use crate::bytes::push_base64;
use sha1::{Digest, Sha1};
use std::net::{IpAddr, SocketAddr};
use watchfire_model::network::TransportProtocol;

/// The Community ID of a flow between these ends, where they have ports. Of ICMP it depends on more than them.
pub fn community_id_of(originator: SocketAddr, responder: SocketAddr, protocol: TransportProtocol) -> Option<String> {
    let has_ports = matches!(
        protocol,
        TransportProtocol::TCP | TransportProtocol::UDP | TransportProtocol::SCTP
    );
    let ends = Ends {
        source: (originator.ip(), originator.port()),
        destination: (responder.ip(), responder.port()),
        one_way: false,
    };
    has_ports.then(|| community_id(&ends, protocol.0, 0))
}

/// The Community ID of a flow whose first packet has these ends.
pub(super) fn community_id(ends: &Ends, protocol: u8, seed: u16) -> String {
    let (mut low, mut high) = (ends.source, ends.destination);
    let order = (number(low.0), low.1) <= (number(high.0), high.1);
    if !order && !ends.one_way {
        std::mem::swap(&mut low, &mut high);
    }
    let mut hash = Sha1::new();
    hash.update(seed.to_be_bytes());
    for (address, _) in [low, high] {
        match address {
            IpAddr::V4(address) => hash.update(address.octets()),
            IpAddr::V6(address) => hash.update(address.octets()),
        }
    }
    hash.update([protocol, 0]);
    if has_ports(protocol) {
        hash.update(low.1.to_be_bytes());
        hash.update(high.1.to_be_bytes());
    }
    let mut text = String::with_capacity(30);
    text.push_str("1:");
    push_base64(&hash.finalize(), &mut text);
    text
}

const fn has_ports(protocol: u8) -> bool {
    matches!(
        TransportProtocol(protocol),
        TransportProtocol::ICMP
            | TransportProtocol::TCP
            | TransportProtocol::UDP
            | TransportProtocol::ICMP6
            | TransportProtocol::SCTP
    )
}

/// Both ends have addresses of one version.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}
