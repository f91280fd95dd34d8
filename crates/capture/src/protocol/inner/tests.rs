//! Streams inside of others.

use super::super::tests::{answers, asks, heard, lacks};
use super::super::{Guess, Protocol};
use super::*;
use watchfire_model::network::Exchange;

/// A stream that is all of another one.
#[derive(Debug, Default)]
struct Outer(Inner);

impl Dissector for Outer {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.0.hear(side, bytes, context)
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        self.0.miss(side, length, context)
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.0.finish(context);
    }
}

static OUTER: Protocol = Protocol {
    name: "outer",
    carrier: Carrier::Stream,
    recognise: |_| Guess::Yes,
    dissector: || Box::new(Outer::default()),
};

const GET: &str = "GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
const REPLY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

fn requests(events: &[watchfire_model::network::Event]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event.exchange, Exchange::Http(_)))
        .count()
}

#[test]
fn what_is_inside_is_told_by_what_is_said() {
    assert_eq!(requests(&heard(&OUTER, &[asks(GET), answers(REPLY), asks(GET)])), 2);
    assert_eq!(requests(&heard(&OUTER, &[answers("no such"), asks("thing")])), 0);
    assert_eq!(requests(&heard(&OUTER, &[asks([0; 5_000]), asks(GET)])), 0);
    assert_eq!(requests(&heard(&OUTER, &[lacks(Side::Originator, 1), asks(GET)])), 0);
}

#[test]
fn streams_within_streams_come_to_an_end() {
    let connect = "CONNECT www.example:80 HTTP/1.1\r\n\r\n";
    let connected = "HTTP/1.1 200 OK\r\n\r\n";
    // One of them is around all that.
    for (tunnels, inside) in [(0, 1), (1, 1), (2, 1), (3, 1), (4, 0), (50, 0)] {
        let tunnel = || [asks(connect), answers(connected)];
        let mut parts: Vec<_> = (0..tunnels).flat_map(|_| tunnel()).collect();
        parts.extend([asks(GET), answers(REPLY)]);
        let events = heard(&OUTER, &parts);
        assert_eq!(requests(&events), inside + tunnels.min(4), "{tunnels} tunnels");
    }
}
