//! `dns.log`, `http.log`, `ssl.log`, `quic.log` and `files.log`.

use super::connection::transport;
use super::log::{Log, Row, is_local, of_ends};
use super::suites::suite;
use super::value::Value;
use super::{Family, Memory};
use crate::identity::file_uid;
use watchfire_model::network::{CarriedFile, Dns, Event, Exchange, Http, Quic, Tls};

pub(super) static FAMILY: Family = Family {
    logs: &[&DNS, &HTTP, &SSL, &QUIC, &FILES],
    rows,
};

static DNS: Log = Log::of_ends(
    "dns",
    &[
        ("proto", "enum"),
        ("trans_id", "count"),
        ("rtt", "interval"),
        ("query", "string"),
        ("qclass", "count"),
        ("qclass_name", "string"),
        ("qtype", "count"),
        ("qtype_name", "string"),
        ("rcode", "count"),
        ("rcode_name", "string"),
        ("AA", "bool"),
        ("TC", "bool"),
        ("RD", "bool"),
        ("RA", "bool"),
        ("Z", "count"),
        ("answers", "vector[string]"),
        ("TTLs", "vector[interval]"),
        ("rejected", "bool"),
        ("opcode", "count"),
        ("opcode_name", "string"),
    ],
);

static HTTP: Log = Log::of_ends(
    "http",
    &[
        ("trans_depth", "count"),
        ("method", "string"),
        ("host", "string"),
        ("uri", "string"),
        ("referrer", "string"),
        ("version", "string"),
        ("user_agent", "string"),
        ("origin", "string"),
        ("request_body_len", "count"),
        ("response_body_len", "count"),
        ("status_code", "count"),
        ("status_msg", "string"),
        ("info_code", "count"),
        ("info_msg", "string"),
        ("tags", "set[enum]"),
        ("username", "string"),
        ("password", "string"),
        ("proxied", "set[string]"),
        ("orig_fuids", "vector[string]"),
        ("orig_filenames", "vector[string]"),
        ("orig_mime_types", "vector[string]"),
        ("resp_fuids", "vector[string]"),
        ("resp_filenames", "vector[string]"),
        ("resp_mime_types", "vector[string]"),
    ],
);

static SSL: Log = Log::of_ends(
    "ssl",
    &[
        ("version", "string"),
        ("cipher", "string"),
        ("curve", "string"),
        ("server_name", "string"),
        ("resumed", "bool"),
        ("last_alert", "string"),
        ("next_protocol", "string"),
        ("established", "bool"),
        ("ssl_history", "string"),
        ("cert_chain_fps", "vector[string]"),
        ("client_cert_chain_fps", "vector[string]"),
        ("sni_matches_cert", "bool"),
    ],
);

static QUIC: Log = Log::of_ends(
    "quic",
    &[
        ("version", "string"),
        ("client_initial_dcid", "string"),
        ("client_scid", "string"),
        ("server_scid", "string"),
        ("server_name", "string"),
        ("client_protocol", "string"),
        ("history", "string"),
    ],
);

/// Its first columns are its own: `fuid` stands before `uid`.
static FILES: Log = Log {
    path: "files",
    head: &[("ts", "time"), ("fuid", "string")],
    columns: &[
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("source", "string"),
        ("depth", "count"),
        ("analyzers", "set[string]"),
        ("mime_type", "string"),
        ("filename", "string"),
        ("duration", "interval"),
        ("local_orig", "bool"),
        ("is_orig", "bool"),
        ("seen_bytes", "count"),
        ("total_bytes", "count"),
        ("missing_bytes", "count"),
        ("overflow_bytes", "count"),
        ("timedout", "bool"),
        ("parent_fuid", "string"),
        ("md5", "string"),
        ("sha1", "string"),
        ("sha256", "string"),
        ("extracted", "string"),
        ("extracted_cutoff", "bool"),
        ("extracted_size", "count"),
    ],
};

fn rows(event: &Event, memory: &mut Memory, out: &mut Vec<Row>) {
    match &event.exchange {
        Exchange::Dns(dns) => out.push(Row::of(&DNS, event, of_dns(dns, event))),
        Exchange::Http(http) => {
            let password = memory.password(event, http.user.as_ref());
            let depth = memory.depth(event);
            out.push(Row::of(&HTTP, event, of_http(http, depth, password)));
        }
        Exchange::Tls(tls) => out.push(Row::of(&SSL, event, of_tls(tls))),
        Exchange::Quic(quic) => out.push(Row::of(&QUIC, event, of_quic(quic))),
        Exchange::File(file) => out.push(Row {
            log: &FILES,
            time: event.time,
            values: of_file(file, event),
        }),
        _ => {}
    }
}

fn of_dns(dns: &Dns, event: &Event) -> [Value; 20] {
    let reply = dns.reply.as_ref();
    let answers = || reply.iter().flat_map(|reply| &reply.answers);
    let is_rejected = reply.is_some_and(|reply| reply.code == 5 && reply.answers.is_empty());
    let class = match dns.class.0 {
        1 => "C_INTERNET".to_owned(),
        3 => "C_CHAOS".to_owned(),
        4 => "C_HESIOD".to_owned(),
        254 => "C_NONE".to_owned(),
        255 => "C_ANY".to_owned(),
        other => format!("qclass-{other}"),
    };
    let kind = match (dns.kind.0, dns.kind.name()) {
        (255, _) => "*".to_owned(),
        (_, Some(name)) => name.to_owned(),
        (other, None) => format!("query-{other}"),
    };
    let ttls = answers().map(|answer| Value::Interval(i128::from(answer.ttl) * 1_000_000_000));
    [
        transport(event.transport).into(),
        Value::count(dns.id),
        Value::interval(reply.and_then(|reply| reply.after)),
        Value::unless_empty(Some(&dns.query)),
        Value::count(dns.class.0),
        Value::Text(class),
        Value::count(dns.kind.0),
        Value::Text(kind),
        Value::counted(reply.map(|reply| reply.code)),
        Value::named(reply.map(|reply| response(reply.code))),
        Value::Bool(reply.is_some_and(|reply| reply.authoritative)),
        Value::Bool(reply.is_some_and(|reply| reply.truncated)),
        Value::Bool(dns.recursion_desired),
        Value::Bool(reply.is_some_and(|reply| reply.recursion_available)),
        Value::Unset,
        Value::texts(answers().map(|answer| &answer.data)).unless_none(),
        Value::List(ttls.collect()).unless_none(),
        Value::Bool(is_rejected),
        Value::Unset,
        Value::Unset,
    ]
}

/// What Zeek calls a code of an answer.
pub(crate) fn response(code: u16) -> String {
    const NAMES: [&str; 11] = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE",
    ];
    let name = match code {
        16 => Some("BADVERS"),
        17 => Some("BADKEY"),
        18 => Some("BADTIME"),
        19 => Some("BADMODE"),
        20 => Some("BADNAME"),
        21 => Some("BADALG"),
        22 => Some("BADTRUNC"),
        23 => Some("BADCOOKIE"),
        other => NAMES.get(usize::from(other)).copied(),
    };
    name.map_or_else(|| format!("unassigned-{code}"), str::to_owned)
}

fn of_http(http: &Http, depth: u64, password: Value) -> [Value; 24] {
    let reply = http.reply.as_ref();
    let version = http.version.raw();
    let version = version.strip_prefix("HTTP/").unwrap_or(version);
    let target = unescaped(http.target.raw());
    [
        Value::Count(depth),
        Value::unless_empty(Some(&http.method)),
        Value::perhaps(http.host.as_ref()),
        Value::named(Some(target).filter(|target| !target.is_empty())),
        Value::perhaps(http.referrer.as_ref()),
        Value::named(Some(version).filter(|version| !version.is_empty())),
        Value::perhaps(http.user_agent.as_ref()),
        Value::Unset,
        Value::Count(http.sent),
        Value::Count(reply.map_or(0, |reply| reply.received)),
        Value::counted(reply.map(|reply| reply.status)),
        Value::perhaps(reply.map(|reply| &reply.reason)),
        Value::Unset,
        Value::Unset,
        Value::List(Vec::new()),
        Value::perhaps(http.user.as_ref()),
        password,
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Unset,
    ]
}

/// A target without its `%` and two digits, as Zeek tells it; as it is, where that is no text.
fn unescaped(target: &str) -> String {
    if !target.contains('%') {
        return target.to_owned();
    }
    let mut bytes = Vec::with_capacity(target.len());
    let mut rest = target;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = behind
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = byte.and_then(|_| behind.get(2..)).unwrap_or(behind);
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| target.to_owned())
}

fn of_tls(tls: &Tls) -> [Value; 12] {
    let (client, server) = (tls.client.as_ref(), tls.server.as_ref());
    let has_certificates = !tls.certificates.is_empty() || !tls.client_certificates.is_empty();
    let chain = |digests: &[String]| match has_certificates {
        true => Value::List(digests.iter().map(Value::name).collect()),
        false => Value::Unset,
    };
    [
        Value::named(server.map(|server| server.version)),
        Value::named(server.map(|server| suite(server.cipher))),
        Value::Unset,
        Value::perhaps(client.and_then(|client| client.server_name.as_ref())),
        Value::Bool(server.is_some_and(|server| server.resumed)),
        Value::named(tls.alert.map(alert)),
        Value::perhaps(server.and_then(|server| server.protocol.as_ref())),
        Value::Bool(tls.established),
        Value::Unset,
        chain(&tls.certificates),
        chain(&tls.client_certificates),
        Value::Unset,
    ]
}

/// What an alert of TLS is called (RFC 8446, section 6).
fn alert(number: u8) -> String {
    let name = match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        116 => "certificate_required",
        120 => "no_application_protocol",
        other => return format!("unknown-{other}"),
    };
    name.to_owned()
}

fn of_quic(quic: &Quic) -> [Value; 7] {
    [
        Value::name(quic.version),
        Value::named(quic.client_initial_dcid.as_ref()),
        Value::named(quic.client_scid.as_ref()),
        Value::named(quic.server_scid.as_ref()),
        Value::perhaps(quic.server_name.as_ref()),
        Value::perhaps(quic.client_protocol.as_ref()),
        Value::name(&quic.history),
    ]
}

fn of_file(file: &CarriedFile, event: &Event) -> Vec<Value> {
    let ends = [event.originator, event.responder];
    let from = if file.sent { event.originator } else { event.responder };
    let head = [
        Value::Time(event.time),
        Value::Text(file_uid(file.id.flow, file.id.number, ends)),
        Value::Flow,
    ];
    let analyzers = match file.sha256 {
        Some(_) => vec!["SHA256".into()],
        None => Vec::new(),
    };
    let values = [
        Value::Text(file.service.to_ascii_uppercase()),
        Value::Count(0),
        Value::List(analyzers),
        Value::perhaps(file.media_type.as_ref()),
        Value::perhaps(file.name.as_ref()),
        Value::Unset,
        Value::Bool(is_local(from.ip())),
        Value::Bool(file.sent),
        Value::Count(file.size.saturating_sub(file.missing)),
        if file.whole {
            Value::Count(file.size)
        } else {
            Value::Unset
        },
        Value::Count(file.missing),
        Value::Count(0),
        Value::Bool(false),
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::named(file.sha256),
        Value::Unset,
        Value::Unset,
        Value::Unset,
    ];
    head.into_iter().chain(of_ends(ends)).chain(values).collect()
}
