//! Captures of networks in triage: what they hold, the names and addresses in them, and where those stand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, schema};
use serde_json::{Value, json};
use watchfire_testkit::archive::Zip;
use watchfire_testkit::capture::{Conversation, Pcap, client_hello, encrypted, server_hello};

/// A client speaks TLS to a name, and goes on in secret.
fn capture() -> Vec<u8> {
    let talk = Conversation::new("10.0.5.23:49152", "203.0.113.66:443")
        .open()
        .client(&client_hello("cdn-update.example", [7; 32]))
        .server(&server_hello([8; 32]))
        .server(&encrypted(b"secret"))
        .client(&encrypted(b"secret"))
        .close();
    Pcap::new(1).frames(talk.frames()).build()
}

fn report(bed: &Bed, arguments: &[&str]) -> Value {
    let ran = bed.run(
        &[
            &["triage", "-q", "--as-of", "2026-11-21", "--format", "json"],
            arguments,
        ]
        .concat(),
    );
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    let problems = schema::problems(&schema, &document);
    assert!(problems.is_empty(), "{problems:#?}\n{document:#}");
    document
}

#[test]
fn a_capture_says_what_it_holds_and_who_was_named_in_which_frame() {
    let bed = Bed::new("capture-holds");
    bed.write("office.pcap", capture());
    let document = report(&bed, &["office.pcap"]);
    let artifact = &document["artifacts"][0];
    let held = &artifact["capture"];
    assert_eq!(held["flows"], 1, "{held:#}");
    assert_eq!(held["hosts"], 2, "{held:#}");
    assert_eq!(held["services"][0]["name"], "ssl", "{held:#}");
    let seen: Vec<(&str, u64)> = artifact["observables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seen| (seen["value"].as_str().unwrap(), seen["frame"].as_u64().unwrap()))
        .collect();
    for expected in [("cdn-update.example", 4), ("203.0.113.66", 1), ("10.0.5.23", 1)] {
        assert!(seen.contains(&expected), "{expected:?} in {seen:?}");
    }
    let kinds: Vec<&str> = artifact["observables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seen| seen["type"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"ja3") && kinds.contains(&"ja4"), "{kinds:?}");
    let screen = bed.run(&["triage", "-q", "office.pcap"]).stdout;
    assert!(screen.contains("· 1 flow ·"), "{screen}");
    assert!(screen.contains("203[.]0[.]113[.]66"), "{screen}");
}

#[test]
fn a_name_that_a_feed_knows_is_met_in_its_frame_in_archives_too() {
    let bed = Bed::new("capture-known");
    bed.write("bad.txt", "cdn-update.example\n");
    bed.run(&["feeds", "import", "-q", "bad.txt", "--grade", "A"])
        .expect(0, &[]);
    bed.write("net.zip", Zip::new().file("office.pcap", &capture()).build());
    let document = report(&bed, &["net.zip"]);
    let findings = document["findings"].as_array().unwrap();
    let known = findings
        .iter()
        .find(|finding| finding["title"].as_str().unwrap().contains("cdn-update"))
        .unwrap();
    assert_eq!(known["evidence"][0]["place"], json!({"frame": 4}), "{known:#}");
}

#[test]
fn a_capture_that_is_cut_says_so_and_what_was_there() {
    let bed = Bed::new("capture-cut");
    let whole = capture();
    bed.write("cut.pcap", &whole[..whole.len() - 30]);
    let document = report(&bed, &["cut.pcap"]);
    assert_eq!(document["artifacts"][0]["capture"]["flows"], 1);
    let said = document["diagnostics"].to_string();
    assert!(said.contains("cut.pcap"), "{said}");
}
