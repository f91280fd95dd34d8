//! Lines of records that are made here.

use super::*;
use crate::samples::{event, flow};
use serde_json::Value;
use watchfire_model::network::{
    CarriedFile, Dhcp, DhcpKind, DhcpMessage, Dns, DnsAnswer, DnsClass, DnsReply, DnsType, Exchange, FileId, Http,
    HttpReply, Tls, TlsClient, TlsServer, TlsVersion,
};

fn lines(hear: impl FnOnce(&mut dyn RecordSink)) -> Vec<Value> {
    let mut eve = EveLines::new(Vec::new());
    hear(&mut eve);
    let (out, written) = eve.finish();
    written.unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn heard(exchange: Exchange) -> Vec<Value> {
    lines(|sink| sink.event(&event(exchange)))
}

/// Members by their paths.
#[track_caller]
fn check(line: &Value, expected: &[(&str, Value)]) {
    for (path, value) in expected {
        assert_eq!(line.pointer(path), Some(value), "{path} of {line:#}");
    }
}

#[test]
fn a_flow_is_a_line_that_its_events_are_joined_to() {
    let request = Exchange::Http(Box::new(Http {
        method: "GET".into(),
        host: Some("a.example:8080".into()),
        target: "/\u{1b}[2J".into(),
        version: "1.1".into(),
        reply: Some(HttpReply {
            status: 200,
            received: 900,
            received_type: Some("text/html; charset=utf-8".into()),
            ..HttpReply::default()
        }),
        ..Http::default()
    }));
    let lines = lines(|sink| {
        sink.event(&event(request));
        sink.flow(&flow());
    });
    let [http, flow] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(http["flow_id"], flow["flow_id"]);
    check(
        http,
        &[
            ("/event_type", "http".into()),
            ("/timestamp", "2023-11-14T22:13:20.000000+0000".into()),
            ("/pcap_cnt", 10.into()),
            ("/src_ip", "10.0.0.1".into()),
            ("/dest_port", 80.into()),
            ("/proto", "TCP".into()),
            ("/community_id", "1:D621RKvKmyWtjk3mtnKo9JGQfp0=".into()),
            ("/http/hostname", "a.example".into()),
            ("/http/http_port", 8080.into()),
            ("/http/url", "/\u{1b}[2J".into()),
            ("/http/http_content_type", "text/html".into()),
            ("/http/protocol", "HTTP/1.1".into()),
            ("/http/status", 200.into()),
            ("/http/length", 900.into()),
        ],
    );
    check(
        flow,
        &[
            ("/event_type", "flow".into()),
            ("/timestamp", "2023-11-14T22:13:21.500000+0000".into()),
            ("/app_proto", "http".into()),
            ("/community_id", "1:AAAA".into()),
            ("/flow/pkts_toserver", 5.into()),
            ("/flow/bytes_toclient", 1100.into()),
            ("/flow/age", 1.into()),
            ("/flow/state", "closed".into()),
            ("/tcp/fin", true.into()),
        ],
    );
    assert!(flow.pointer("/tcp/rst").is_none(), "{flow:#}");
}

#[test]
fn questions_and_answers_are_lines_of_their_own() {
    let answer = |kind: u16, data: &str| DnsAnswer {
        name: "a.example".into(),
        kind: DnsType(kind),
        ttl: 60,
        data: data.into(),
    };
    let lines = heard(Exchange::Dns(Box::new(Dns {
        id: 7,
        query: "a.example".into(),
        kind: DnsType(1),
        class: DnsClass(1),
        asked: true,
        recursion_desired: true,
        reply: Some(DnsReply {
            frame: 11,
            code: 3,
            after: Some(43_000_000),
            authoritative: false,
            truncated: false,
            recursion_available: true,
            answers: vec![answer(1, "192.0.2.1"), answer(5, "b.example"), answer(1, "192.0.2.2")],
        }),
    })));
    let [query, answer] = &lines[..] else {
        panic!("{lines:#?}")
    };
    check(
        query,
        &[
            ("/dns/type", "query".into()),
            ("/dns/rrtype", "A".into()),
            ("/dns/version", 2.into()),
        ],
    );
    check(
        answer,
        &[
            ("/timestamp", "2023-11-14T22:13:20.043000+0000".into()),
            ("/pcap_cnt", 11.into()),
            ("/src_ip", "10.0.0.1".into()),
            ("/dns/flags", "8183".into()),
            ("/dns/rcode", "NXDOMAIN".into()),
            ("/dns/answers/1/rdata", "b.example".into()),
            ("/dns/grouped/A", serde_json::json!(["192.0.2.1", "192.0.2.2"])),
        ],
    );
}

#[test]
fn files_come_from_whoever_sent_them() {
    let file = |sent| {
        Exchange::File(Box::new(CarriedFile {
            id: FileId { flow: 7, number: 0 },
            service: "http",
            sent,
            name: Some("a\tb".into()),
            media_type: None,
            encoding: None,
            size: 9,
            missing: 0,
            whole: !sent,
            sha256: None,
        }))
    };
    let lines = [heard(file(true)), heard(file(false))].concat();
    check(
        &lines[0],
        &[("/src_port", 50_000.into()), ("/fileinfo/state", "TRUNCATED".into())],
    );
    check(
        &lines[1],
        &[
            ("/src_port", 80.into()),
            ("/fileinfo/state", "CLOSED".into()),
            ("/fileinfo/filename", "a\tb".into()),
            ("/app_proto", "http".into()),
        ],
    );
    assert_eq!(lines[0]["flow_id"], lines[1]["flow_id"]);
}

#[test]
fn handshakes_have_the_words_of_suricata() {
    let lines = heard(Exchange::Tls(Box::new(Tls {
        client: Some(TlsClient {
            server_name: Some("a.example".into()),
            ja3: "0123".into(),
            ja4: "t13d".into(),
            ..TlsClient::default()
        }),
        server: Some(TlsServer {
            version: TlsVersion(0x0303),
            resumed: true,
            ..TlsServer::default()
        }),
        ..Tls::default()
    })));
    check(
        &lines[0],
        &[
            ("/tls/sni", "a.example".into()),
            ("/tls/version", "TLS 1.2".into()),
            ("/tls/ja3/hash", "0123".into()),
            ("/tls/ja4", "t13d".into()),
            ("/tls/session_resumed", true.into()),
        ],
    );
}

#[test]
fn messages_of_dhcp_are_told_one_by_one() {
    let message = |frame, kind, from_client| DhcpMessage {
        frame,
        time: crate::samples::START,
        kind: DhcpKind(kind),
        from_client,
    };
    let lines = heard(Exchange::Dhcp(Box::new(Dhcp {
        transaction: 9,
        messages: vec![message(1, 3, true), message(2, 5, false)],
        host_name: Some("pc".into()),
        assigned: Some([10, 0, 0, 7].into()),
        ..Dhcp::default()
    })));
    check(
        &lines[0],
        &[("/dhcp/dhcp_type", "request".into()), ("/dhcp/hostname", "pc".into())],
    );
    check(
        &lines[1],
        &[("/dhcp/type", "reply".into()), ("/dhcp/assigned_ip", "10.0.0.7".into())],
    );
    assert!(lines[0].pointer("/dhcp/assigned_ip").is_none());
}

#[test]
fn what_suricata_has_no_type_for_is_left_out() {
    assert_eq!(heard(Exchange::Irc(Box::default())), Vec::<Value>::new());
}
