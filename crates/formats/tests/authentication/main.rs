//! Verification of where mail comes from, against the suites of the standards and mail of our own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests"
)]

mod arc;
mod corpus;
mod dkim;
mod dmarc;
mod hostile;
mod spf;
mod whole;
mod yaml;

// The clock, the signer and its encoding are testkit's, which stands above this crate.
#[path = "../../../testkit/src/clock.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared")]
mod clock;
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

/// The corpus's folder. Where it is missing, the test says loudly that it is skipped.
fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    if root.join("mail").is_dir() {
        return Some(root);
    }
    println!(
        "SKIPPED (no corpus): '{}' has no mail; set WATCHFIRE_CORPUS",
        root.display()
    );
    None
}

/// A suite of the corpus.
fn suite(name: &str) -> Option<String> {
    let path = corpus()?.join("mail/auth").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("SKIPPED (no suite): '{}' is not in the corpus", path.display());
    }
    text
}
