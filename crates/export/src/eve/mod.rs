//! Lines of JSON as Suricata writes them, <https://docs.suricata.io/en/suricata-7.0.10/output/eve/eve-json-format.html>: a
//! line for each flow, question, answer, request, handshake and file, for programs that read `eve.json`.
//!
//! What Suricata has no type for (IRC, RADIUS, SOCKS, syslog and others) is left out; so are `tx_id` and `reason`, which are
//! about Suricata's own work, and alerts: what was found is in the report. `bytes_toserver` and `bytes_toclient` are those of
//! packets from their IP headers on. `flow_id` is the same in every run.

mod object;
mod sessions;
mod web;
mod windows;

use crate::identity::flow_number;
use object::Object;
use std::io::{self, Write};
use std::net::SocketAddr;
use watchfire_capture::community_id_of;
use watchfire_model::Timestamp;
use watchfire_model::network::{ConnectionState, Event, Flow, RecordSink, TransportProtocol};

/// Writes them.
pub struct EveLines<W> {
    out: W,
    line: Vec<u8>,
    failed: Option<io::Error>,
}

impl<W: Write> EveLines<W> {
    /// Writes to `out`, in many small pieces.
    pub const fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
            failed: None,
        }
    }

    /// The end of the lines; where they went comes back.
    ///
    /// # Errors
    /// Those of writing, of whichever line: what came after the first was not written.
    pub fn finish(self) -> (W, io::Result<()>) {
        (self.out, self.failed.map_or(Ok(()), Err))
    }

    fn write(&mut self) {
        if self.failed.is_none() {
            self.failed = self.out.write_all(&self.line).err();
        }
        self.line.clear();
    }
}

impl<W: Write> RecordSink for EveLines<W> {
    fn event(&mut self, event: &Event) {
        let mut lines = Lines {
            event,
            out: &mut self.line,
        };
        web::lines(&mut lines);
        sessions::lines(&mut lines);
        windows::lines(&mut lines);
        self.write();
    }

    fn flow(&mut self, flow: &Flow) {
        of_flow(flow, &mut self.line);
        self.write();
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

/// The lines of an event.
struct Lines<'e> {
    event: &'e Event,
    out: &'e mut Vec<u8>,
}

impl Lines<'_> {
    /// Appends a line of this type, with what is in it beside the ends.
    fn line(&mut self, kind: &'static str, members: impl FnOnce(&mut Object<'_>)) {
        self.at(kind, self.event.frame, self.event.time, members);
    }

    /// The same, of another frame than that in which the event began.
    fn at(&mut self, kind: &'static str, frame: u64, time: Timestamp, members: impl FnOnce(&mut Object<'_>)) {
        let event = self.event;
        self.between(kind, frame, time, [event.originator, event.responder], members);
    }

    /// The same, of what the responder sent.
    fn back(&mut self, kind: &'static str, members: impl FnOnce(&mut Object<'_>)) {
        let event = self.event;
        let ends = [event.responder, event.originator];
        self.between(kind, event.frame, event.time, ends, members);
    }

    fn between(
        &mut self,
        kind: &'static str,
        frame: u64,
        time: Timestamp,
        [from, to]: [SocketAddr; 2],
        members: impl FnOnce(&mut Object<'_>),
    ) {
        let event = self.event;
        Object::write(self.out, |line| {
            line.put("timestamp", clock(time));
            line.put("flow_id", flow_number(event.flow, event.originator, event.responder));
            line.put("pcap_cnt", frame);
            line.put("event_type", kind);
            ends(line, from, to, event.transport);
            let community = event
                .transport
                .and_then(|transport| community_id_of(event.originator, event.responder, transport));
            line.perhaps("community_id", community);
            members(line);
        });
        self.out.push(b'\n');
    }
}

/// Who sent and who got it, and by what.
fn ends(line: &mut Object<'_>, from: SocketAddr, to: SocketAddr, transport: Option<TransportProtocol>) {
    let is_icmp = matches!(transport, Some(TransportProtocol::ICMP | TransportProtocol::ICMP6));
    line.put("src_ip", from.ip());
    if !is_icmp {
        line.put("src_port", from.port());
    }
    line.put("dest_ip", to.ip());
    if !is_icmp {
        line.put("dest_port", to.port());
    }
    line.perhaps("proto", transport.map(protocol));
    if is_icmp {
        line.put("icmp_type", from.port());
        line.put("icmp_code", to.port());
    }
}

/// What Suricata calls a transport.
fn protocol(transport: TransportProtocol) -> String {
    match transport {
        TransportProtocol::ICMP6 => "IPv6-ICMP".to_owned(),
        TransportProtocol::ICMP | TransportProtocol::TCP | TransportProtocol::UDP | TransportProtocol::SCTP => {
            transport.to_string().to_uppercase()
        }
        TransportProtocol(number) => format!("{number:03}"),
    }
}

/// What Suricata calls a service; none of those that it does not know.
fn service(name: &str) -> Option<&'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("bittorrent", "bittorrent-dht"),
        ("dce_rpc", "dcerpc"),
        ("dhcp", "dhcp"),
        ("dnp3", "dnp3"),
        ("dns", "dns"),
        ("enip", "enip"),
        ("ftp", "ftp"),
        ("ftp-data", "ftp-data"),
        ("http", "http"),
        ("http2", "http2"),
        ("ike", "ike"),
        ("imap", "imap"),
        ("krb", "krb5"),
        ("krb_tcp", "krb5"),
        ("kerberos", "krb5"),
        ("ldap_tcp", "ldap"),
        ("ldap_udp", "ldap"),
        ("ldap", "ldap"),
        ("modbus", "modbus"),
        ("mqtt", "mqtt"),
        ("ntp", "ntp"),
        ("postgresql", "pgsql"),
        ("quic", "quic"),
        ("rdp", "rdp"),
        ("rfb", "rfb"),
        ("sip", "sip"),
        ("smb", "smb"),
        ("smtp", "smtp"),
        ("snmp", "snmp"),
        ("ssh", "ssh"),
        ("ssl", "tls"),
        ("tftp", "tftp"),
    ];
    NAMES.iter().find(|(own, _)| *own == name).map(|(_, its)| *its)
}

/// What a flow says at its end.
fn of_flow(flow: &Flow, out: &mut Vec<u8>) {
    let [from, to] = [flow.originator, flow.responder].map(|end| SocketAddr::new(end.address, end.port));
    Object::write(out, |line| {
        line.put("timestamp", clock(flow.last));
        line.put("flow_id", flow_number(flow.first_frame, from, to));
        line.put("pcap_cnt", flow.last_frame);
        line.put("event_type", "flow");
        if let Some(vlan) = flow.vlan {
            line.put("vlan", [vlan]);
        }
        ends(line, from, to, Some(flow.protocol));
        line.perhaps("app_proto", flow.services.iter().find_map(|name| service(name)));
        line.put("community_id", &flow.community_id);
        line.object("flow", |counts| {
            counts.put("pkts_toserver", flow.sent.packets);
            counts.put("pkts_toclient", flow.received.packets);
            counts.put("bytes_toserver", flow.sent.ip_bytes);
            counts.put("bytes_toclient", flow.received.ip_bytes);
            counts.put("start", clock(flow.first));
            counts.put("end", clock(flow.last));
            counts.put("age", flow.last.since(flow.first) / 1_000_000_000);
            counts.put("state", state(flow));
        });
        if flow.protocol == TransportProtocol::TCP {
            let has = |letters: &[char]| flow.history.contains(letters);
            line.object("tcp", |seen| {
                seen.flag("syn", has(&['S', 'H', 's', 'h']));
                seen.flag("fin", has(&['F', 'f', 'I', 'i']));
                seen.flag("rst", has(&['R', 'r', 'I', 'i']));
                seen.flag("ack", has(&['A', 'a', 'H', 'h', 'D', 'd']));
            });
        }
    });
    out.push(b'\n');
}

const fn state(flow: &Flow) -> &'static str {
    match (flow.state, flow.protocol) {
        (ConnectionState::S0 | ConnectionState::Sh | ConnectionState::Shr | ConnectionState::Oth, _) => "new",
        (ConnectionState::Sf, TransportProtocol::TCP)
        | (
            ConnectionState::Rej
            | ConnectionState::Rsto
            | ConnectionState::Rstr
            | ConnectionState::Rstos0
            | ConnectionState::Rstrh,
            _,
        ) => "closed",
        (ConnectionState::S1 | ConnectionState::S2 | ConnectionState::S3 | ConnectionState::Sf, _) => "established",
    }
}

/// `2026-11-21T09:36:25.123456+0000`.
fn clock(time: Timestamp) -> String {
    let second = time.moment().to_string();
    let micros = time.nanoseconds().rem_euclid(1_000_000_000) / 1_000;
    format!("{}.{micros:06}+0000", second.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests;
