//! Verification of where mail comes from, against the suites of the standards and mail of our own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod arc;
mod dkim;
mod dmarc;
mod hostile;
mod spf;
mod yaml;

// The signer and its encoding are testkit's, which stands above this crate.
#[path = "../../../testkit/src/encode.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared")]
mod encode;
#[path = "../../../testkit/src/signer.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared")]
mod signer;

use std::path::PathBuf;
use watchfire_formats::email::authentication::{Circumstances, verify};
use watchfire_formats::email::field::split;
use watchfire_model::dns::{DnsSnapshot, Name, Record, RecordKind};
use watchfire_model::{Authentication, Moment};

/// A day in 2026.
const NOW: Moment = Moment::from_unix(1_780_000_000);

/// A snapshot that holds these texts and nothing else; nothing else exists.
fn texts(records: &[(&str, &str)]) -> DnsSnapshot {
    let mut dns = open_texts(records);
    dns.complete(Name::default());
    dns
}

/// A snapshot that holds these texts; nothing else is known.
fn open_texts(records: &[(&str, &str)]) -> DnsSnapshot {
    let mut dns = DnsSnapshot::new();
    for (name, text) in records {
        let name = Name::parse(name).expect("a name");
        dns.add(name, RecordKind::Txt, Record::Text(text.as_bytes().to_vec()));
    }
    dns
}

/// Verifies a mail of which nothing is known but its bytes.
fn verified(mail: &[u8], dns: &DnsSnapshot) -> Authentication {
    let known = Circumstances {
        client: None,
        helo: "",
        mail_from: None,
        receiver: "",
        authors: &[],
        as_of: NOW,
        registrable: watchfire_knowledge::suffix::registrable,
    };
    verify(&split(mail), &known, dns)
}

/// A suite of the corpus. Where it is missing, the test says loudly that it is skipped.
fn suite(name: &str) -> Option<String> {
    let root = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let path = root.join("mail/auth").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!(
            "SKIPPED (no corpus): '{}' is not there; set WATCHFIRE_CORPUS",
            path.display()
        );
    }
    text
}
