//! Rows about the flows of a capture, one for each, as they end.

use super::{Cell, Table};
use crate::RecordWriter;
use crate::identity::uid;
use std::io::{self, Write};
use std::net::SocketAddr;
use watchfire_model::network::{Event, Flow, LocalProcess, RecordSink};

const COLUMNS: &[&str] = &[
    "first",
    "last",
    "seconds",
    "protocol",
    "services",
    "originator",
    "originator_port",
    "responder",
    "responder_port",
    "state",
    "history",
    "sent_packets",
    "sent_bytes",
    "sent_ip_bytes",
    "received_packets",
    "received_bytes",
    "received_ip_bytes",
    "first_frame",
    "last_frame",
    "originator_mac",
    "responder_mac",
    "vlan",
    "tunnels",
    "community_id",
    "uid",
    "originator_pid",
    "originator_process",
    "responder_pid",
    "responder_process",
];

/// See the module.
pub(super) struct Flows<'w> {
    table: Table<'w>,
    failed: Option<io::Error>,
}

impl<'w> Flows<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self {
            table: Table { out, columns: 0 },
            failed: None,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.table.columns {
            0 => self.table.header([COLUMNS]),
            _ => Ok(()),
        }
    }

    fn row(&mut self, flow: &Flow) -> io::Result<()> {
        self.begin()?;
        self.table.row(cells(flow))
    }
}

impl RecordSink for Flows<'_> {
    fn event(&mut self, _event: &Event) {}

    fn flow(&mut self, flow: &Flow) {
        if self.failed.is_none() {
            self.failed = self.row(flow).err();
        }
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

impl RecordWriter for Flows<'_> {
    fn sink(&mut self) -> &mut dyn RecordSink {
        self
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            // A table without rows still has its columns.
            None => self.begin(),
        }
    }
}

fn cells(flow: &Flow) -> impl Iterator<Item = Cell<'_>> {
    let (from, to) = (flow.originator, flow.responder);
    let [originator, responder] = [from, to].map(|end| SocketAddr::new(end.address, end.port));
    let lasts = flow.last.since(flow.first) / 1_000;
    let mac = |mac: Option<[u8; 6]>| {
        mac.map_or(Cell::Empty, |mac| {
            Cell::text(mac.map(|byte| format!("{byte:02x}")).join(":"))
        })
    };
    let [ours, theirs] = [&flow.originator_process, &flow.responder_process].map(|process| process.as_deref());
    let pid = |process: Option<&LocalProcess>| process.map_or(Cell::Empty, |process| Cell::number(process.pid));
    let name = |process: Option<&LocalProcess>| {
        process.map_or(Cell::Empty, |process| Cell::text(process.name.raw().to_owned()))
    };
    [
        Cell::text(flow.first.to_string()),
        Cell::text(flow.last.to_string()),
        Cell::number(format_args!("{}.{:06}", lasts / 1_000_000, lasts % 1_000_000)),
        Cell::text(flow.protocol.to_string()),
        Cell::text(flow.services.join(" ")),
        Cell::text(from.address.to_string()),
        Cell::number(from.port),
        Cell::text(to.address.to_string()),
        Cell::number(to.port),
        Cell::text(flow.state.as_str()),
        Cell::text(flow.history.as_str()),
        Cell::number(flow.sent.packets),
        Cell::number(flow.sent.bytes),
        Cell::number(flow.sent.ip_bytes),
        Cell::number(flow.received.packets),
        Cell::number(flow.received.bytes),
        Cell::number(flow.received.ip_bytes),
        Cell::number(flow.first_frame),
        Cell::number(flow.last_frame),
        mac(from.mac),
        mac(to.mac),
        flow.vlan.map_or(Cell::Empty, Cell::number),
        Cell::text(flow.tunnels.join(" ")),
        Cell::text(flow.community_id.as_str()),
        Cell::text(uid(flow.first_frame, originator, responder)),
        pid(ours),
        name(ours),
        pid(theirs),
        name(theirs),
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::flow;

    #[test]
    fn a_flow_is_a_row_and_a_table_without_flows_has_its_columns() {
        let mut out = Vec::new();
        let mut flows = Box::new(Flows::new(&mut out));
        flows.flow(&flow());
        flows.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0], COLUMNS.join(","));
        assert!(
            lines[1].starts_with(
                "2023-11-14T22:13:20Z,2023-11-14T22:13:21.500Z,1.500000,tcp,http,10.0.0.1,50000,192.0.2.9,80,SF,ShADadFf,5,100,360,4,900,1100,7,19,"
            ),
            "{text}"
        );
        let mut out = Vec::new();
        Box::new(Flows::new(&mut out)).finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("{}\r\n", COLUMNS.join(",")));
    }

    #[test]
    fn a_history_of_swapped_ends_is_no_formula() {
        let mut odd = flow();
        odd.services = vec!["=1+1"];
        let mut out = Vec::new();
        let mut flows = Box::new(Flows::new(&mut out));
        flows.flow(&odd);
        flows.finish().unwrap();
        assert!(String::from_utf8(out).unwrap().contains(",'=1+1,"));
    }
}
