//! `dns`, `http`, `tls`, `quic` and `fileinfo`.

use super::{Lines, Object};
use watchfire_formats::certificate;
use watchfire_model::network::{
    CarriedFile, Certificate, Dns, DnsAnswer, DnsReply, Event, Exchange, Http, Quic, Tls, TlsCarrier, TlsVersion,
};
use watchfire_model::{Moment, Timestamp};

pub(super) fn lines(lines: &mut Lines<'_>) {
    let event: &Event = lines.event;
    match &event.exchange {
        Exchange::Dns(dns) => of_dns(dns, lines),
        Exchange::Http(http) => lines.line("http", |line| line.object("http", |of| of_http(http, of))),
        Exchange::Tls(tls) => lines.line("tls", |line| line.object("tls", |of| of_tls(tls, of))),
        Exchange::Quic(quic) => lines.line("quic", |line| line.object("quic", |of| of_quic(quic, of))),
        Exchange::File(file) => {
            let members = |line: &mut Object<'_>| {
                line.perhaps("app_proto", super::service(file.service));
                line.object("fileinfo", |of| of_file(file, of));
            };
            match file.sent {
                true => lines.line("fileinfo", members),
                false => lines.back("fileinfo", members),
            }
        }
        _ => {}
    }
}

/// A line for the question and one for the answer, which is what version 2 of them looks like.
fn of_dns(dns: &Dns, lines: &mut Lines<'_>) {
    if dns.asked {
        lines.line("dns", |line| {
            line.object("dns", |of| {
                of.put("version", 2);
                of.put("type", "query");
                of.put("id", dns.id);
                of.put("rrname", &dns.query);
                of.put("rrtype", dns.kind);
            });
        });
    }
    if let Some(reply) = &dns.reply {
        let began = lines.event.time.nanoseconds();
        let after = i64::try_from(reply.after.unwrap_or_default()).unwrap_or_default();
        let time = Timestamp::from_nanoseconds(began.saturating_add(after));
        lines.at("dns", reply.frame, time, |line| {
            line.object("dns", |of| answer(dns, reply, of))
        });
    }
}

fn answer(dns: &Dns, reply: &DnsReply, of: &mut Object<'_>) {
    let bits = [
        (true, 0x8000),
        (reply.authoritative, 0x0400),
        (reply.truncated, 0x0200),
        (dns.recursion_desired, 0x0100),
        (reply.recursion_available, 0x0080),
    ];
    let flags = bits
        .iter()
        .filter(|(is, _)| *is)
        .fold(reply.code & 15, |flags, (_, bit)| flags | bit);
    of.put("version", 2);
    of.put("type", "answer");
    of.put("id", dns.id);
    of.put("flags", format!("{flags:x}"));
    of.put("qr", true);
    of.flag("aa", reply.authoritative);
    of.flag("tc", reply.truncated);
    of.flag("rd", dns.recursion_desired);
    of.flag("ra", reply.recursion_available);
    of.put("rrname", &dns.query);
    of.put("rrtype", dns.kind);
    of.put("rcode", crate::zeek::response(reply.code));
    if reply.answers.is_empty() {
        return;
    }
    of.objects("answers", &reply.answers, |of, answer| {
        of.put("rrname", &answer.name);
        of.put("rrtype", answer.kind);
        of.put("ttl", answer.ttl);
        of.put("rdata", &answer.data);
    });
    of.object("grouped", |of| {
        let mut seen = Vec::new();
        for DnsAnswer { kind, .. } in &reply.answers {
            if !seen.contains(kind) {
                seen.push(*kind);
                let same = reply.answers.iter().filter(|answer| answer.kind == *kind);
                of.put(&kind.to_string(), same.map(|answer| &answer.data).collect::<Vec<_>>());
            }
        }
    });
}

fn of_http(http: &Http, of: &mut Object<'_>) {
    let reply = http.reply.as_ref();
    // A port stands by itself.
    let host = http.host.as_ref().map(|host| host.raw());
    let split = host.and_then(|host| host.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>())));
    let (host, port) = match split {
        Some((host, Ok(port))) if !host.contains(':') || host.ends_with(']') => (Some(host), Some(port)),
        _ => (host, None),
    };
    of.perhaps("hostname", host);
    of.perhaps("http_port", port);
    of.put("url", &http.target);
    of.perhaps("http_user_agent", http.user_agent.as_ref());
    let media_type = reply.and_then(|reply| reply.received_type.as_ref());
    of.perhaps(
        "http_content_type",
        media_type.map(|kind| kind.raw().split(';').next().unwrap_or_default().trim()),
    );
    of.perhaps("http_refer", http.referrer.as_ref());
    of.put("http_method", &http.method);
    let version = http.version.raw();
    match version.starts_with("HTTP/") || version.is_empty() {
        true => of.put("protocol", version),
        false => of.put("protocol", format!("HTTP/{version}")),
    }
    if let Some(reply) = reply {
        of.put("status", reply.status);
        of.perhaps("redirect", reply.location.as_ref());
        of.put("length", reply.received);
    }
}

fn of_tls(tls: &Tls, of: &mut Object<'_>) {
    let (client, server) = (tls.client.as_ref(), tls.server.as_ref());
    let certificate = tls.chain.first().and_then(|der| certificate::read(der));
    if let Some(certificate) = &certificate {
        of_certificate(certificate, of);
    }
    of.flag(
        "session_resumed",
        server.is_some_and(|server| server.resumed) && certificate.is_none(),
    );
    of.perhaps("sni", client.and_then(|client| client.server_name.as_ref()));
    let version = server
        .map(|server| server.version)
        .or(client.map(|client| client.version));
    of.perhaps("version", version.map(version_name));
    match tls.carrier {
        TlsCarrier::Tcp => {}
        TlsCarrier::Quic => of.put("from_proto", "quic"),
        TlsCarrier::Dtls => of.put("from_proto", "dtls"),
    }
    if let Some(client) = client {
        of.object("ja3", |of| of.put("hash", &client.ja3));
        of.put("ja4", &client.ja4);
        of.list("client_alpns", &client.protocols);
    }
    if let Some(server) = server {
        of.object("ja3s", |of| of.put("hash", &server.ja3s));
        of.list("server_alpns", server.protocol.as_slice());
    }
}

fn of_certificate(certificate: &Certificate, of: &mut Object<'_>) {
    let pairs = |bytes: &[u8], upper: bool| {
        let pairs = bytes.iter().map(|byte| match upper {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        });
        pairs.collect::<Vec<_>>().join(":")
    };
    let day = |moment: Moment| moment.to_string().trim_end_matches('Z').to_owned();
    of.put("subject", backwards(certificate.subject.raw()));
    of.put("issuerdn", backwards(certificate.issuer.raw()));
    of.put("serial", pairs(certificate.serial.bytes(), true));
    of.put("fingerprint", pairs(certificate.sha1.bytes(), false));
    of.perhaps("notbefore", certificate.not_before.map(day));
    of.perhaps("notafter", certificate.not_after.map(day));
    of.list("subjectaltname", &certificate.hosts);
}

/// A name of a certificate from the country to the most particular.
fn backwards(name: &str) -> String {
    let mut parts = crate::zeek::name_parts(name);
    parts.reverse();
    parts.join(", ")
}

/// Suricata's own words.
fn version_name(version: TlsVersion) -> String {
    match version.0 {
        0x0301 => "TLSv1".to_owned(),
        0x0302 => "TLS 1.1".to_owned(),
        0x0303 => "TLS 1.2".to_owned(),
        0x0304 => "TLS 1.3".to_owned(),
        _ => version.to_string(),
    }
}

fn of_quic(quic: &Quic, of: &mut Object<'_>) {
    of.put("version", quic.version);
    of.perhaps("sni", quic.server_name.as_ref());
}

fn of_file(file: &CarriedFile, of: &mut Object<'_>) {
    of.perhaps("filename", file.name.as_ref());
    of.put("gaps", file.missing > 0);
    of.put("state", if file.whole { "CLOSED" } else { "TRUNCATED" });
    of.perhaps("sha256", file.sha256);
    of.put("stored", false);
    of.put("size", file.size);
}
