//! What a flow says about whether somebody was there.

use crate::detectors::Scene;
use crate::network::Hosts;
use std::net::IpAddr;
use watchfire_model::network::{ConnectionState, Flow, TransportProtocol};
use watchfire_model::{Host, Organisation};

/// Packets of a datagram service beyond which nobody asks in vain: media in one direction look like that.
const MOST_DATAGRAMS: u64 = 3;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// Nobody answered, or it was refused.
    Dead,
    /// Somebody answered, and nothing was said.
    Touched,
    /// Both spoke.
    Alive,
    /// It was not captured from its beginning, or is no attempt.
    Unclear,
}

impl Attempt {
    pub(super) fn of(flow: &Flow) -> Self {
        if flow.carries || flow.history.starts_with('^') {
            return Self::Unclear;
        }
        match flow.protocol {
            TransportProtocol::TCP => Self::of_tcp(flow),
            TransportProtocol::UDP => Self::of_udp(flow),
            _ => Self::Unclear,
        }
    }

    fn of_tcp(flow: &Flow) -> Self {
        let silent = flow.sent.bytes == 0 && flow.received.bytes == 0;
        match flow.state {
            ConnectionState::S0 | ConnectionState::Rej | ConnectionState::Rstos0 | ConnectionState::Sh if silent => {
                Self::Dead
            }
            ConnectionState::Rsto | ConnectionState::Rstr | ConnectionState::Sf if silent => Self::Touched,
            ConnectionState::Oth | ConnectionState::Rstrh | ConnectionState::Shr => Self::Unclear,
            _ if silent => Self::Unclear,
            _ => Self::Alive,
        }
    }

    /// A late answer of a server, a question to everybody and the steps of traceroute have no answer either.
    fn of_udp(flow: &Flow) -> Self {
        let late = flow.originator.port < 1_024 && flow.responder.port >= 1_024;
        let traces = (33_434..=33_534).contains(&flow.responder.port);
        match flow.state {
            ConnectionState::Sf => Self::Alive,
            ConnectionState::S0
                if !late
                    && !traces
                    && flow.sent.packets <= MOST_DATAGRAMS
                    && super::shared::is_one(flow.responder.address) =>
            {
                Self::Dead
            }
            _ => Self::Unclear,
        }
    }
}

/// Whether a host is one of the organisation's scanners, by address or by a name that it has in the capture.
pub(super) fn is_scanner(scene: &Scene<'_>, address: IpAddr) -> bool {
    let hosts = scene.capture().map(|capture| capture.hosts());
    is_listed(scene.organisation(), hosts, address)
}

/// Whether an address is a scanner of the organisation, by its ranges or by a name that is known for it.
pub(crate) fn is_listed(organisation: &Organisation, hosts: Option<&Hosts>, address: IpAddr) -> bool {
    organisation.scanners.iter().any(|scanner| match scanner {
        Host::Range(range) => range.contains(address),
        Host::Name(name) => {
            let known = hosts.and_then(|hosts| hosts.get(address));
            known.is_some_and(|host| host.names().any(|own| name.covers(own.raw())))
        }
    })
}
