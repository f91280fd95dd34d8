//! `conn.log` and `tunnel.log`.

use super::log::{Log, Row, is_local};
use super::value::Value;
use super::{Family, Memory};
use watchfire_model::network::{Event, Exchange, Flow, TransportProtocol};

pub(super) static FAMILY: Family = Family {
    logs: &[&CONN, &TUNNEL],
    rows,
};

pub(super) static CONN: Log = Log::of_ends(
    "conn",
    &[
        ("proto", "enum"),
        ("service", "string"),
        ("duration", "interval"),
        ("orig_bytes", "count"),
        ("resp_bytes", "count"),
        ("conn_state", "string"),
        ("local_orig", "bool"),
        ("local_resp", "bool"),
        ("missed_bytes", "count"),
        ("history", "string"),
        ("orig_pkts", "count"),
        ("orig_ip_bytes", "count"),
        ("resp_pkts", "count"),
        ("resp_ip_bytes", "count"),
        ("tunnel_parents", "set[string]"),
        ("ip_proto", "count"),
    ],
);

static TUNNEL: Log = Log::of_ends("tunnel", &[("tunnel_type", "enum"), ("action", "enum")]);

/// Services that carry packets, and what Zeek calls them.
const TUNNELS: &[(&str, &str)] = &[
    ("ayiya", "Tunnel::AYIYA"),
    ("geneve", "Tunnel::GENEVE"),
    ("gtpv1", "Tunnel::GTPv1"),
    ("teredo", "Tunnel::TEREDO"),
    ("vxlan", "Tunnel::VXLAN"),
];

/// What Zeek calls a transport.
pub(super) fn transport(protocol: Option<TransportProtocol>) -> &'static str {
    match protocol {
        Some(TransportProtocol::TCP) => "tcp",
        Some(TransportProtocol::UDP) => "udp",
        Some(TransportProtocol::ICMP | TransportProtocol::ICMP6) => "icmp",
        _ => "unknown_transport",
    }
}

/// What a flow says at its end.
pub(super) fn flow(flow: &Flow, out: &mut Vec<Row>) {
    let services = flow.services.join(",");
    // A single packet lasts no time, and Zeek does not count it then.
    let lasts = Some(flow.last.since(flow.first)).filter(|duration| *duration > 0);
    let carried = |bytes: u64| lasts.map_or(Value::Unset, |_| Value::Count(bytes));
    let values = [
        transport(Some(flow.protocol)).into(),
        Value::named(Some(services).filter(|services| !services.is_empty())),
        Value::interval(lasts),
        carried(flow.sent.bytes),
        carried(flow.received.bytes),
        flow.state.as_str().into(),
        Value::Bool(is_local(flow.originator.address)),
        Value::Bool(is_local(flow.responder.address)),
        Value::Unset,
        Value::named(Some(&flow.history).filter(|history| !history.is_empty())),
        Value::Count(flow.sent.packets),
        Value::Count(flow.sent.ip_bytes),
        Value::Count(flow.received.packets),
        Value::Count(flow.received.ip_bytes),
        Value::Unset,
        Value::count(flow.protocol.0),
    ];
    out.push(Row::of_flow(&CONN, flow, flow.first, values));
    let is_of = |(service, _): &&(&str, &str)| flow.services.contains(service);
    if flow.carries
        && let Some((_, kind)) = TUNNELS.iter().find(is_of)
    {
        let row = |time, action: &'static str| Row::of_flow(&TUNNEL, flow, time, [(*kind).into(), action.into()]);
        out.push(row(flow.first, "Tunnel::DISCOVER"));
        out.push(row(flow.last, "Tunnel::CLOSE"));
    }
}

/// Proxies that carry something else.
fn rows(event: &Event, _memory: &mut Memory, out: &mut Vec<Row>) {
    let kind = match &event.exchange {
        Exchange::Socks(socks) if socks.success == Some(true) => "Tunnel::SOCKS",
        Exchange::Http(http) if http.method.raw() == "CONNECT" => {
            let is_done = http
                .reply
                .as_ref()
                .is_some_and(|reply| (200..300).contains(&reply.status));
            if !is_done {
                return;
            }
            "Tunnel::HTTP"
        }
        _ => return,
    };
    out.push(Row::of(&TUNNEL, event, [kind.into(), "Tunnel::DISCOVER".into()]));
}
