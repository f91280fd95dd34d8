//! Flows, events and reports for tests.

mod report;

pub(crate) use report::{artifact, hostile, observed, report};

use std::net::SocketAddr;
use watchfire_model::Timestamp;
use watchfire_model::network::{ConnectionState, Endpoint, Event, Exchange, Flow, Traffic, TransportProtocol};

pub(crate) const START: Timestamp = Timestamp::new(1_700_000_000, 0);

fn ends() -> [SocketAddr; 2] {
    ["10.0.0.1:50000", "192.0.2.9:80"].map(|end| end.parse().unwrap())
}

/// A connection that carried HTTP.
pub(crate) fn flow() -> Flow {
    let [originator, responder] = ends().map(|end| Endpoint {
        address: end.ip(),
        port: end.port(),
        mac: None,
    });
    Flow {
        community_id: "1:AAAA".to_owned(),
        protocol: TransportProtocol::TCP,
        originator,
        responder,
        first: START,
        last: Timestamp::new(1_700_000_001, 500_000_000),
        first_frame: 7,
        last_frame: 19,
        sent: Traffic {
            packets: 5,
            bytes: 100,
            ip_bytes: 360,
        },
        received: Traffic {
            packets: 4,
            bytes: 900,
            ip_bytes: 1_100,
        },
        state: ConnectionState::Sf,
        services: vec!["http"],
        history: "ShADadFf".to_owned(),
        vlan: None,
        tunnels: Vec::new(),
        carries: false,
        originator_process: None,
        responder_process: None,
    }
}

/// What was exchanged in it.
pub(crate) fn event(exchange: Exchange) -> Event {
    let [originator, responder] = ends();
    Event {
        flow: 7,
        frame: 10,
        time: START,
        originator,
        responder,
        transport: Some(TransportProtocol::TCP),
        exchange,
    }
}
