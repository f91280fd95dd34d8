//! What is chosen of captures: `--filter`, `--where`, `--flow` and `--write`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, Ran, schema};
use serde_json::Value;
use std::fs;
use watchfire_testkit::capture::{Conversation, Pcap, PcapNg, client_hello, http_response, server_hello};

/// Somebody gets a picture with a password over HTTP, somebody else speaks TLS: flows 1 and 12.
fn bed(name: &str) -> Bed {
    let request = b"GET /a.gif HTTP/1.1\r\nHost: files.example\r\nAuthorization: Basic dXNlcjpodW50ZXIy\r\n\r\n";
    let http = Conversation::new("10.0.5.23:50000", "198.51.100.9:80")
        .open()
        .client(request)
        .server(&http_response("image/gif", b"GIF89a\x01\x00\x01\x00\x80\xff"))
        .close();
    let tls = Conversation::new("10.0.5.24:50001", "203.0.113.66:443")
        .open()
        .client(&client_hello("cdn.example", [7; 32]))
        .server(&server_hello([8; 32]))
        .close();
    let bed = Bed::new(name);
    bed.write(
        "net.pcap",
        Pcap::new(1).frames(&[http.frames(), tls.frames()].concat()).build(),
    );
    bed
}

fn capture(bed: &Bed, arguments: &[&str]) -> Ran {
    bed.run(&[&["capture", "-q", "--as-of", "2026-11-21"], arguments].concat())
}

fn json(bed: &Bed, arguments: &[&str]) -> Value {
    let ran = capture(bed, &[&["--format", "json"], arguments].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    assert_eq!(schema::problems(&schema, &report), Vec::<String>::new(), "{report:#}");
    report["artifacts"][0]["capture"].clone()
}

/// It is refused, with lines on stderr that begin so.
#[track_caller]
fn fails(bed: &Bed, arguments: &[&str], beginnings: &[&str]) {
    let ran = capture(bed, arguments);
    assert_eq!(ran.code, 2, "{ran:#?}");
    for beginning in beginnings {
        assert!(
            ran.stderr.lines().any(|line| line.starts_with(beginning)),
            "no '{beginning}' in {ran:#?}"
        );
    }
}

/// Lines of some kinds, each held to the schema.
fn records(bed: &Bed, kinds: &[&str], arguments: &[&str]) -> Vec<Value> {
    let ran = capture(bed, &[&["--format", "ndjson"], arguments].concat());
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "record"]).stdout).unwrap();
    let lines = ran.stdout.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(schema::problems(&schema, &value), Vec::<String>::new(), "{value:#}");
        value
    });
    lines
        .filter(|line| kinds.contains(&line["record"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_filter_chooses_what_is_looked_at() {
    let bed = bed("chosen-filter");
    let all = json(&bed, &["net.pcap"]);
    let web = json(
        &bed,
        &["net.pcap", "--filter", "host 198.51.100.9 and port http or 8080"],
    );
    let rest = json(&bed, &["net.pcap", "--filter", "not tcp port 80"]);
    let frames = |facts: &Value| facts["frames"].as_u64().unwrap();
    assert!(frames(&web) > 5 && frames(&rest) > 5);
    assert_eq!(frames(&all), frames(&web) + frames(&rest));
    assert_eq!(
        (&web["flows"], &web["services"][0]["name"]),
        (&1.into(), &"http".into())
    );
    let ran = capture(&bed, &["net.pcap", "--filter", "tcp port 443"]);
    assert!(
        ran.stdout.contains("frames are not those of 'tcp port 443'"),
        "{ran:#?}"
    );
}

#[test]
fn slips_are_pointed_at() {
    let bed = bed("chosen-slips");
    fails(
        &bed,
        &["net.pcap", "--filter", "tcp port nowhere"],
        &[
            "error: --filter: a port is expected, but there is 'nowhere' (at column 10)",
            "  tcp port nowhere",
            "           ^",
            "hint: write 'host 10.0.5.23",
        ],
    );
    fails(
        &bed,
        &["net.pcap", "--where", "state == "],
        &[
            "error: --where: a value such as",
            "  state == ",
            "           ^",
            "hint: write 'service == dns",
        ],
    );
    fails(
        &bed,
        &["net.pcap", "--flow", "2"],
        &["error: --flow: no flow begins in frame 2", "hint: a flow is called by"],
    );
}

#[test]
fn fields_choose_what_is_shown_and_nothing_else() {
    let bed = bed("chosen-where");
    let all = records(&bed, &["flow", "event"], &["net.pcap"]);
    let chosen = records(
        &bed,
        &["flow", "event"],
        &[
            "net.pcap",
            "--where",
            "service == http or exchange.client.server_name contains cdn",
        ],
    );
    assert!(chosen.len() < all.len());
    let kinds: Vec<&str> = chosen.iter().map(|line| line["record"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"flow") && kinds.contains(&"event"), "{kinds:?}");
    let facts = json(&bed, &["net.pcap", "--where", "responder.port == 443"]);
    assert_eq!(facts["conversations"].as_array().unwrap().len(), 1, "{facts:#}");
    assert_eq!(facts["flows"], 2, "{facts:#}");
    let ran = capture(&bed, &["net.pcap", "--where", "exchange.qery == x"]);
    assert!(
        ran.stdout.contains("nothing in the capture has 'exchange.qery'"),
        "{ran:#?}"
    );
}

#[test]
fn a_flow_is_followed_with_what_its_ends_said() {
    let bed = bed("chosen-flow");
    let ran = capture(&bed, &["net.pcap", "--flow", "1"]);
    for part in [
        "1 of net.pcap",
        "→ frame 4 from 10[.]0[.]5[.]23 port 50000",
        "GET /a.gif HTTP/1.1",
        "Authorization: Basic ***",
        "← frame 6 from",
        "HTTP/1.1 200 OK",
        "00000000  47 49 46 38 39 61 01 00",
        "GIF89a......",
        "frame 4 http",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("203[.]0[.]113[.]66"), "{}", ran.stdout);
    let facts = json(&bed, &["net.pcap", "--flow", "1"]);
    let followed = &facts["followed"];
    assert_eq!(
        (&followed["flow"]["first_frame"], &followed["left_out"]),
        (&1.into(), &0.into())
    );
    assert_eq!(
        followed["passages"][2]["hex"],
        "47494638396101000100".to_owned() + "80ff"
    );
    let passages = records(&bed, &["passage"], &["net.pcap", "--flow", "1", "-j", "4"]);
    let flows = records(&bed, &["flow"], &["net.pcap", "--flow", "1"]);
    assert_eq!((passages.len(), flows.len()), (3, 1), "{passages:#?}");
    assert!(
        passages[0]["text"].as_str().unwrap().starts_with("GET /a.gif"),
        "{passages:#?}"
    );
    for format in ["text", "json", "ndjson"] {
        let arguments = ["net.pcap", "--flow", "1", "--format", format];
        let hidden = capture(&bed, &arguments).stdout;
        assert!(
            !hidden.contains("hunter2") && !hidden.contains("dXNlcjpodW50ZXIy"),
            "{hidden}"
        );
        let shown = capture(&bed, &[&arguments[..], &["--show-secrets"]].concat()).stdout;
        assert!(shown.contains("dXNlcjpodW50ZXIy"), "{shown}");
    }
}

#[test]
fn frames_are_written_and_read_again() {
    let bed = bed("chosen-write");
    let traffic = ["flow", "event"];
    let all = records(&bed, &traffic, &["net.pcap"]);
    for name in ["all.pcapng", "all.pcap"] {
        let ran = capture(&bed, &["net.pcap", "--write", name]);
        assert!(ran.stdout.contains("frames were written to"), "{ran:#?}");
        assert_eq!(records(&bed, &traffic, &[name]), all);
    }
    let tls = |arguments: &[&str], name: &str| {
        capture(&bed, &[arguments, &["net.pcap", "-w", name]].concat());
        fs::read(bed.folder.join("in").join(name)).unwrap()
    };
    let first = all
        .iter()
        .filter_map(|line| line["first_frame"].as_u64())
        .max()
        .unwrap()
        .to_string();
    assert_eq!(
        tls(&["--filter", "port 443"], "a.pcap"),
        tls(&["--flow", &first], "b.pcap")
    );
    fails(
        &bed,
        &["net.pcap", "-w", "net.pcap"],
        &["error: cannot write 'net.pcap': it is to be read"],
    );
    // Below a folder that is read, too.
    fails(
        &bed,
        &[".", "-w", "net.pcap"],
        &["error: cannot write 'net.pcap': it is to be read"],
    );
    fails(
        &bed,
        &["net.pcap", "-w", "nowhere/x.pcap"],
        &["error: cannot write 'nowhere/x.pcap'"],
    );
}

#[test]
fn pcap_has_no_room_for_two_links() {
    let bed = Bed::new("chosen-links");
    let mixed = PcapNg::default()
        .interface(1, 0, &[(9, &[9])])
        .interface(101, 0, &[(9, &[9])])
        .frame(0, 1_793_491_200_000_000_000, &[7; 60], &[])
        .frame(1, 1_793_491_200_000_000_001, &[0x45; 40], &[]);
    bed.write("mixed.pcapng", mixed.build());
    bed.write("old.pcap", "old");
    fails(
        &bed,
        &["mixed.pcapng", "-w", "old.pcap"],
        &[
            "error: cannot write 'old.pcap': frame 2 is of link type 101, those before it of link type 1: pcap has one",
            "hint: name it '.pcapng', which holds everything",
        ],
    );
    assert_eq!(fs::read(bed.folder.join("in/old.pcap")).unwrap(), b"old");
    capture(&bed, &["mixed.pcapng", "-w", "new.pcapng"]);
    assert_eq!(json(&bed, &["new.pcapng"])["frames"], 2);
}

#[test]
fn results_below_a_folder_that_is_read_are_no_inputs_of_the_next_run() {
    let bed = bed("chosen-again");
    let arguments = [
        ".",
        "--zeek-logs",
        "logs",
        "--eve",
        "eve.json",
        "-o",
        "report.json",
        "--format",
        "json",
    ];
    for _ in 0..2 {
        capture(&bed, &arguments).expect(0, &[]);
        let report = fs::read_to_string(bed.folder.join("in/report.json")).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["coverage"]["inputs"], 1, "{report:#}");
    }
}
