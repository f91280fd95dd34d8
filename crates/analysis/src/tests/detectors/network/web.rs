//! What HTTP carries, and TLS.

use super::{Said, check, check_title, event, http, named};
use watchfire_formats::identify::media;
use watchfire_model::MediaType;
use watchfire_model::network::{Carried, CarriedFile, Exchange, FileId, Http, Tls, TlsClient, TlsServer, TlsVersion};

const HOST: &str = "10.0.0.5:50000";
const SERVER: &str = "203.0.113.9:80";

/// A file that a server sends.
fn carried(service: &'static str, name: &str, declared: &str, is: MediaType) -> Said {
    let file = CarriedFile {
        id: FileId { flow: 1, number: 0 },
        service,
        sent: false,
        name: Some(name.into()),
        media_type: (!declared.is_empty()).then(|| declared.into()),
        encoding: None,
        size: 4_096,
        missing: 0,
        whole: true,
        sha256: None,
    };
    Said::Carried(Carried {
        frame: 9,
        time: super::at(0),
        from: super::end(SERVER),
        to: super::end(HOST),
        file,
        is: Some(is.0),
        content: None,
    })
}

fn asks(host: &str, agent: &str) -> Said {
    let request = Http {
        method: "GET".into(),
        host: Some(host.into()),
        target: "/update.exe".into(),
        user_agent: Some(agent.into()),
        ..Http::default()
    };
    http(HOST, SERVER, request)
}

const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";
const SCRIPT: &str = "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1";

#[test]
fn programs_under_false_names_are_found() {
    let check_one = |what: &str, said: Said, expected: &[(&str, u16)]| check(what, &[said], expected);
    check_one(
        "a picture",
        carried("http", "update.jpg", "", media::PE),
        &[("carried-program", 450)],
    );
    check_one(
        "a type",
        carried("http", "update", "image/png", media::ELF),
        &[("carried-program", 450)],
    );
    check_one(
        "a program",
        carried("http", "update.exe", "application/x-msdownload", media::PE),
        &[],
    );
    check_one("a page", carried("http", "index.html", "text/html", media::HTML), &[]);
    check_one(
        "a system for a device",
        carried("tftp", "boot", "", media::ELF),
        &[("carried-program", 150)],
    );
    check_title(
        &[carried("http", "update.jpg", "", media::PE)],
        "a Windows program over http: update[.]jpg from 203[.]0[.]113[.]9 to 10[.]0[.]0[.]5, whose name promises something else",
    );
}

#[test]
fn programs_from_addresses_without_names_are_found() {
    let program = || carried("http", "update.exe", "", media::PE);
    check(
        "a browser",
        &[asks("203.0.113.9", BROWSER), program()],
        &[("carried-program", 250)],
    );
    check(
        "a script",
        &[program(), asks("203.0.113.9:8080", SCRIPT)],
        &[("carried-program", 350)],
    );
    check("a vendor", &[asks("dl.vendor.example", BROWSER), program()], &[]);
    check(
        "a vendor's script",
        &[asks("dl.vendor.example", SCRIPT), program()],
        &[],
    );
}

#[test]
fn what_is_sent_to_addresses_is_found() {
    let sends = |host: &str, agent: Option<&str>| {
        let request = Http {
            method: "POST".into(),
            host: Some(host.into()),
            target: "/gate".into(),
            user_agent: agent.map(Into::into),
            sent: 200,
            ..Http::default()
        };
        http(HOST, SERVER, request)
    };
    let times = |count: usize, host: &str, agent: Option<&str>| vec![sends(host, agent); count];
    check("nobody", &times(3, "203.0.113.9", None), &[("address-post", 250)]);
    check(
        "a script",
        &times(3, "203.0.113.9", Some(SCRIPT)),
        &[("address-post", 250)],
    );
    check(
        "a browser",
        &times(3, "203.0.113.9", Some(BROWSER)),
        &[("address-post", 100)],
    );
    check("once", &times(1, "203.0.113.9", None), &[]);
    check("a name", &times(9, "api.vendor.example", None), &[]);
}

fn handshake(to: &str, name: Option<&str>, version: u16) -> Said {
    let tls = Tls {
        client: Some(TlsClient {
            server_name: name.map(Into::into),
            ja4: "t13d1516h2_8daaf6152771_e5627efa2ab1".to_owned(),
            ..TlsClient::default()
        }),
        server: Some(TlsServer {
            version: TlsVersion(version),
            ..TlsServer::default()
        }),
        established: true,
        ..Tls::default()
    };
    event(HOST, to, Exchange::Tls(Box::new(tls)))
}

#[test]
fn tls_without_a_name_and_old_tls_are_told_and_weigh_little() {
    check(
        "no name",
        &[handshake("203.0.113.9:443", None, 0x0304)],
        &[("tls-nameless", 100)],
    );
    check(
        "a name",
        &[handshake("203.0.113.9:443", Some("a.example"), 0x0304)],
        &[],
    );
    check("inside", &[handshake("10.0.0.9:443", None, 0x0303)], &[]);
    check("a resolver", &[handshake("9.9.9.9:853", None, 0x0304)], &[]);
    let known = [
        handshake("203.0.113.9:443", None, 0x0303),
        named("203.0.113.9", "vpn.example.com"),
    ];
    check("the DNS knows it", &known, &[]);
    check(
        "old",
        &[handshake("10.0.0.9:443", Some("a.example"), 0x0301)],
        &[("tls-old", 50)],
    );
}

#[test]
fn requests_to_names_leave_room_for_those_to_addresses() {
    let in_flow = |mut said: Said, number: u64| {
        if let Said::Event(event) = &mut said {
            event.flow = number;
        }
        said
    };
    let updates = (2..10_000).map(|number| in_flow(asks("dl.vendor.example", SCRIPT), number));
    let mut said: Vec<Said> = updates.collect();
    said.push(asks("203.0.113.9", SCRIPT));
    said.push(carried("http", "update.exe", "", media::PE));
    check("after many updates", &said, &[("carried-program", 350)]);
}
