//! Reading mail, held to the corpus: structures that another reader states, senders of real phishing, and every file
//! that a mail could be mistaken for.
//!
//! `WATCHFIRE_CONFORMANCE_VERBOSE=1` shows every miss.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, and it prints its figures"
)]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_formats::email::{Message, date, received};
use watchfire_model::{MailFacts, Mailbox, PartRole, Untrusted};
use watchfire_testkit::corpus::{corpus_folder, files};

/// Assertions that were met and those that were not.
#[derive(Default)]
struct Tally {
    met: usize,
    misses: Vec<String>,
}

impl Tally {
    fn check(&mut self, what: &str, found: &str, expected: &str) {
        if same(found, expected) {
            self.met += 1;
        } else {
            let cut = |text: &str| text.chars().take(160).collect::<String>();
            self.misses
                .push(format!("{what}: {:?} instead of {:?}", cut(found), cut(expected)));
        }
    }

    /// Prints the share and fails below `least` per cent.
    fn report(&self, name: &str, least: f64) {
        if std::env::var_os("WATCHFIRE_CONFORMANCE_VERBOSE").is_some() {
            self.misses.iter().for_each(|miss| println!("{name}: {miss}"));
        }
        let all = self.met + self.misses.len();
        let share = 100.0 * self.met as f64 / all.max(1) as f64;
        println!("{name}: {} of {all}, {share:.2} %", self.met);
        assert!(share >= least, "{name}: {share:.2} % instead of {least} %");
    }
}

/// Mails of a folder, by path.
fn mails(test: &str, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let Some(folder) = corpus_folder(test, folder) else {
        return Vec::new();
    };
    let is_mail = |path: &Path| {
        path.extension()
            .is_none_or(|extension| extension != "json" && extension != "yml")
    };
    files(&folder)
        .into_iter()
        .filter(|path| is_mail(path))
        .map(|path| (path.clone(), fs::read(&path).expect("a readable file")))
        .collect()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The value of a header of the first part, of that kind.
fn stated<'v>(message: &'v Value, name: &str, kind: &str) -> Option<&'v Value> {
    let headers = message["parts"][0]["headers"].as_array()?;
    headers.iter().rev().find(|header| header["name"] == name)?["value"].get(kind)
}

fn stated_addresses(value: &Value) -> String {
    let of = |entries: &Value| -> Vec<String> {
        let entries = entries.as_array().into_iter().flatten();
        entries
            .map(|entry| format!("{} <{}>", text(&entry["name"]), text(&entry["address"]).to_lowercase()))
            .collect()
    };
    let listed = match (value.get("List"), value.get("Group")) {
        (Some(list), _) => of(list),
        (_, Some(groups)) => groups
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|group| of(&group["addresses"]))
            .collect(),
        _ => Vec::new(),
    };
    listed.join(", ")
}

fn read_addresses(entries: &[Mailbox]) -> String {
    let address = |entry: &Mailbox| {
        entry
            .address
            .as_ref()
            .map(|a| a.raw().to_lowercase())
            .unwrap_or_default()
    };
    let listed: Vec<String> = entries
        .iter()
        .map(|entry| format!("{} <{}>", entry.name.raw(), address(entry)))
        .collect();
    listed.join(", ")
}

/// One mail against what is stated about it, and the mails inside of it.
fn compare(name: &str, bytes: &[u8], stated_mail: &Value, tally: &mut Tally) {
    let message = Message::read(bytes);
    let facts: &MailFacts = &message.facts;
    if let Some(subject) = stated(stated_mail, "subject", "Text") {
        let found: Vec<&str> = facts.subject.raw().split_whitespace().collect();
        tally.check(&format!("{name} subject"), &found.join(" "), &text(subject));
    }
    for (field, entries) in [
        ("from", &facts.from),
        ("to", &facts.to),
        ("cc", &facts.cc),
        ("reply_to", &facts.reply_to),
    ] {
        if let Some(value) = stated(stated_mail, field, "Address") {
            tally.check(
                &format!("{name} {field}"),
                &read_addresses(entries),
                &stated_addresses(value),
            );
        }
    }
    let leaves: Vec<String> = message
        .parts
        .iter()
        .zip(&message.contents)
        .filter(|(part, _)| !part.is_multipart)
        .map(|(part, content)| {
            let content = &content.bytes;
            let decoded = watchfire_formats::text::decode(content, part.content_type.get("charset")).text;
            format!(
                "{}\0{}",
                text(&Value::from(decoded.into_owned())),
                Untrusted::from_bytes(content)
            )
        })
        .collect();
    let mut mails = message
        .facts
        .parts
        .iter()
        .zip(&message.contents)
        .filter(|(told, _)| told.role == PartRole::Message);
    for (at, part) in stated_mail["parts"].as_array().into_iter().flatten().enumerate() {
        let body = &part["body"];
        let place = format!("{name} part {at}");
        let expected = if let Some(expected) = body.get("Text").or_else(|| body.get("Html")) {
            text(expected)
        } else if let Some(expected) = body.get("Binary").or_else(|| body.get("InlineBinary")) {
            // The other reader leaves this encoding to others.
            let bytes: Vec<u8> = serde_json::from_value(expected.clone()).expect("bytes");
            if String::from_utf8_lossy(&bytes).trim_start().starts_with("begin 6") {
                continue;
            }
            Untrusted::from_bytes(&bytes).to_string()
        } else if let Some(expected) = body.get("Message") {
            if let Some((_, content)) = mails.next() {
                compare(&place, &content.bytes, expected, tally);
            }
            continue;
        } else {
            continue;
        };
        let is_there = leaves
            .iter()
            .any(|leaf| leaf.split('\0').any(|leaf| same(leaf, &expected)));
        tally.check(&place, if is_there { &expected } else { "nothing like it" }, &expected);
    }
}

/// Whether two texts are the same but for letters that the other reader lost.
fn same(found: &str, expected: &str) -> bool {
    let mut found = found.chars();
    expected.chars().all(|wanted| {
        found
            .next()
            .is_some_and(|c| c == wanted || wanted == char::REPLACEMENT_CHARACTER)
    }) && found.next().is_none()
}

#[test]
fn structures_agree_with_another_reader() {
    let mut tally = Tally::default();
    for (path, bytes) in mails("structures of mails", "mail/mime/resources/eml") {
        let crlf = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let crlf = crlf.collect::<Vec<_>>().join(&b"\r\n"[..]);
        for (bytes, extension) in [(&bytes, "json"), (&crlf, "crlf.json")] {
            let Ok(json) = fs::read(path.with_extension(extension)) else {
                continue;
            };
            let stated = serde_json::from_slice(&json).expect("JSON");
            let name = format!("{} {extension}", path.file_name().unwrap_or_default().to_string_lossy());
            compare(&name, bytes, &stated, &mut tally);
        }
    }
    if tally.met > 0 {
        // What is left: an outer delimiter ends what is open inside (RFC 2046, section 5.1.2), and the other reader
        // goes on (malformed/012, thirdparty/015).
        tally.report("structures", 98.8);
    }
}

#[test]
fn dates_and_hops_agree_with_another_reader() {
    let Some(folder) = corpus_folder("dates and hops", "mail/mime/resources") else {
        return;
    };
    let cases = |name: &str| -> Vec<Value> {
        serde_json::from_slice(&fs::read(folder.join(name)).expect("a readable file")).expect("JSON")
    };
    let moment = |stated: &Value| -> String {
        let number = |name: &str| stated[name].as_i64().unwrap_or_default();
        let sign = if stated["tz_before_gmt"] == true { '-' } else { '+' };
        let local = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            number("year"),
            number("month"),
            number("day"),
            number("hour"),
            number("minute"),
            number("second"),
            number("tz_hour"),
            number("tz_minute")
        );
        watchfire_model::Moment::parse(&local)
            .map(|moment| moment.to_string())
            .unwrap_or_default()
    };
    let mut dates = Tally::default();
    for case in cases("date.json") {
        let header = case["header"].as_str().unwrap_or_default();
        let found = date::read(header)
            .map(|sent| sent.moment.to_string())
            .unwrap_or_default();
        dates.check(header, &found, &moment(&case["expected"]));
    }
    dates.report("dates", 92.0);
    let mut hops = Tally::default();
    for case in cases("received.json") {
        let header = case["header"].as_str().unwrap_or_default();
        let hop = received::read(header.as_bytes());
        let expected = &case["expected"];
        let host = |value: &Value| {
            text(
                value
                    .get("Name")
                    .or_else(|| value.get("IpAddr"))
                    .unwrap_or(&Value::Null),
            )
        };
        let of = |value: &Option<Untrusted>| value.as_ref().map(|text| text.raw().to_owned()).unwrap_or_default();
        hops.check(
            &format!("by {header}"),
            of(&hop.by).trim_matches(['[', ']']),
            &host(&expected["by"]),
        );
        hops.check(&format!("id {header}"), &of(&hop.id), &text(&expected["id"]));
        hops.check(&format!("for {header}"), &of(&hop.recipient), &text(&expected["for_"]));
        if let Some(address) = expected.get("from_ip") {
            let found = hop.address.map(|address| address.to_string()).unwrap_or_default();
            hops.check(&format!("address {header}"), &found, &text(address));
        }
        if let Some(date) = expected.get("date") {
            let found = hop.at.map(|at| at.moment.to_string()).unwrap_or_default();
            hops.check(&format!("date {header}"), &found, &moment(date));
        }
    }
    hops.report("hops", 97.0);
}

#[test]
fn phishing_has_senders() {
    for folder in ["mail/phish-nc", "mail/phish-mit"] {
        let mut tally = Tally::default();
        for (path, bytes) in mails("senders of phishing", folder) {
            let facts = Message::read(&bytes).facts;
            let found = facts.author().is_some_and(|author| author.domain().is_some());
            tally.check(&path.to_string_lossy(), &found.to_string(), "true");
        }
        if tally.met > 0 {
            tally.report(folder, 97.5);
        }
    }
}

#[test]
fn no_file_makes_the_reader_fail() {
    let mut parts = 0;
    for (_, bytes) in mails("every mail", "mail") {
        for cut in [bytes.len(), bytes.len() / 2, bytes.len() / 3] {
            let message = Message::read(&bytes[..cut]);
            parts += message
                .contents
                .iter()
                .map(|content| content.bytes.len().min(1))
                .sum::<usize>();
        }
    }
    println!("{parts} parts were read");
}
