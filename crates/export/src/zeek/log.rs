//! What logs look like, and rows of them.

use super::value::Value;
use std::net::{IpAddr, SocketAddr};
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, Flow};

/// A column: its name and its type.
pub(crate) type Column = (&'static str, &'static str);

/// Columns that a log begins with.
pub(crate) const ENDS: &[Column] = &[
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
];
/// Of logs that are about no connection.
pub(crate) const TIME: &[Column] = &[("ts", "time")];

/// Where the name of a flow stands at the latest among columns.
const LATEST: usize = 3;

/// A log.
#[derive(Debug)]
pub(crate) struct Log {
    /// Its name.
    pub(crate) path: &'static str,
    /// Its first columns.
    pub(crate) head: &'static [Column],
    /// Those behind them.
    pub(crate) columns: &'static [Column],
}

impl Log {
    /// A log about connections.
    pub(crate) const fn of_ends(path: &'static str, columns: &'static [Column]) -> Self {
        let head = ENDS;
        Self { path, head, columns }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Column> {
        self.head.iter().chain(self.columns)
    }
}

/// A line of a log.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) log: &'static Log,
    pub(crate) time: Timestamp,
    /// Of all columns.
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// About what happened in a flow; `values` are those behind its ends.
    pub(crate) fn of(log: &'static Log, event: &Event, values: impl IntoIterator<Item = Value>) -> Self {
        Self::between(log, event.time, [event.originator, event.responder], values)
    }

    /// About a flow.
    pub(crate) fn of_flow(
        log: &'static Log,
        flow: &Flow,
        time: Timestamp,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        Self::between(log, time, ends(flow), values)
    }

    fn between(
        log: &'static Log,
        time: Timestamp,
        ends: [SocketAddr; 2],
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        let head = [Value::Time(time), Value::Flow].into_iter().chain(of_ends(ends));
        Self {
            log,
            time,
            values: head.chain(values).collect(),
        }
    }

    /// Says which flow it is about, where that is still to be said.
    pub(crate) fn is_of(&mut self, uid: &str) {
        for value in self
            .values
            .iter_mut()
            .take(LATEST)
            .filter(|value| **value == Value::Flow)
        {
            *value = Value::Text(uid.to_owned());
        }
    }
}

/// The four columns of two ends.
pub(crate) fn of_ends(ends: [SocketAddr; 2]) -> impl Iterator<Item = Value> {
    ends.into_iter()
        .flat_map(|end| [Value::Address(end.ip()), Value::count(end.port())])
}

/// Both ends of a flow.
pub(crate) fn ends(flow: &Flow) -> [SocketAddr; 2] {
    [flow.originator, flow.responder].map(|end| SocketAddr::new(end.address, end.port))
}

/// Whether an address is of a network that Zeek takes for its own unless it is told otherwise: those that nobody routes
/// (`Site::private_address_space`, after IANA's registries of special-purpose addresses).
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            matches!(a, 0 | 10 | 127 | 240..)
                || matches!(
                    (a, b),
                    (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19)
                )
                || matches!(
                    (a, b, c),
                    (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (224, 0, 0)
                )
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            address.is_loopback()
                || address.is_unspecified()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || first == 0x2001 && (second < 0x0200 || second == 0x0db8)
        }
    }
}
