//! Mail verified by a resolver of the DNS that is asked, through the binary and the stand-in's resolver.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Bed, Ran};
use serde_json::Value;
use std::fs;
use watchfire_standin::Standin;
use watchfire_testkit::mail::Mail;

const DATE: &str = "Mon, 2 Nov 2026 08:00:00 +0000";
const ALLOWED: &[&str] = &["--online", "--contact-targets", "--pap", "GREEN"];

struct Scene {
    bed: Bed,
    standin: Standin,
}

impl Scene {
    fn new(name: &str) -> Self {
        let scene = Self {
            bed: Bed::new(name),
            standin: Standin::start().unwrap(),
        };
        let folder = scene.bed.folder.join("home/.config/watchfire");
        fs::create_dir_all(&folder).unwrap();
        let url = scene.standin.base("dns");
        fs::write(
            folder.join("watchfire.toml"),
            format!("[providers.dns]\nurl = \"{url}\"\n"),
        )
        .unwrap();
        scene
    }

    /// A mail of `domain`, handed over by a host that the stand-in gives as the address of every name.
    fn mail(&self, name: &str, domain: &str) {
        let from = format!("from mail.{domain} ([91.240.118.173])\r\n\tby mx1.corp.example with ESMTPS id 7; {DATE}");
        let mail = Mail::new()
            .header("Return-Path", &format!("<bounce@{domain}>"))
            .header("Received", &from)
            .header("From", &format!("Sender <sender@{domain}>"))
            .header("To", "clerk@corp.example")
            .header("Subject", "Minutes")
            .header("Date", DATE)
            .header("Message-ID", &format!("<1@{domain}>"))
            .text("as agreed\n")
            .build();
        self.bed.write(name, mail);
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.bed.run(&[&["mail", "-q", "-f", "json"], arguments].concat())
    }

    /// The outcome of SPF, and the report.
    #[track_caller]
    fn spf(&self, domain: &str, flags: &[&str], expected: &str) -> Value {
        self.mail("mail.eml", domain);
        let ran = self.run(&[ALLOWED, flags, &["mail.eml"]].concat());
        assert_eq!(ran.code, 0, "{ran:#?}");
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let found = &report["mails"][0]["authentication"]["spf"];
        assert_eq!(found["outcome"], expected, "{domain}: {report:#}");
        report
    }
}

/// What the report says of the DNS.
fn told(report: &Value) -> &str {
    let remarks = report["diagnostics"].as_array().unwrap();
    let dns = remarks.iter().find(|remark| remark["code"] == "dns").unwrap();
    dns["message"].as_str().unwrap()
}

#[test]
fn what_is_missing_is_asked_as_it_turns_out() {
    let scene = Scene::new("mail-online");
    // The policy names the addresses of the name itself, which is the next question.
    let report = scene.spf("allows.example.com", &[], "pass");
    let calls = report["coverage"]["network_calls"].as_u64().unwrap();
    assert!(calls >= 2 && told(&report).starts_with(&format!("{calls} questions to the DNS at dns://127.0.0.1:")));
    scene.spf("forbids.example.com", &[], "fail");
    scene.spf("unknown.example.com", &[], "none");
    scene.spf("servfail.example.com", &[], "temperror");
    let report = scene.spf("garbage.example.com", &[], "temperror");
    assert!(told(&report).contains("without an answer"), "{report:#}");
    // Answers that are at hand are not asked for.
    scene.bed.write(
        "dns.json",
        r#"{"complete": ["."], "answers": {"forbids.example.com": {"TXT": ["v=spf1 +all"]}}}"#,
    );
    let before = scene.standin.requests();
    scene.spf("forbids.example.com", &["--dns", "dns.json"], "pass");
    assert_eq!(scene.standin.requests(), before);
}

#[test]
fn the_same_question_is_asked_once_for_many_mails() {
    let scene = Scene::new("mail-online-many");
    for number in 0..20 {
        scene.mail(&format!("mails/{number}.eml"), "allows.example.com");
    }
    let ran = scene.run(&[ALLOWED, &["mails"]].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mails = report["mails"].as_array().unwrap();
    assert!(
        mails
            .iter()
            .all(|mail| mail["authentication"]["spf"]["outcome"] == "pass")
    );
    let calls = report["coverage"]["network_calls"].as_u64().unwrap();
    assert!(mails.len() == 20 && calls < 8, "{calls}");
    assert_eq!(scene.standin.requests() as u64, calls);
}

#[test]
fn a_resolver_that_says_nothing_ends_with_the_time() {
    let scene = Scene::new("mail-online-slow");
    let report = scene.spf("slow.example.com", &["--deadline", "1"], "unverified");
    assert!(told(&report).contains("the time was over"), "{report:#}");
}

#[test]
fn nobody_is_asked_without_both_permissions() {
    let scene = Scene::new("mail-online-refused");
    scene.mail("mail.eml", "allows.example.com");
    for (flags, why) in [
        (&["--online"][..], "may notice"),
        (&["--online", "--contact-targets"], "PAP"),
        (
            &["--online", "--contact-targets", "--pap", "GREEN", "--offline"],
            "forbids every network call",
        ),
        (&["--contact-targets"], "--online"),
    ] {
        let ran = scene.run(&[flags, &["mail.eml"]].concat());
        assert!(ran.code == 2 && ran.stderr.contains(why), "{flags:?}: {ran:#?}");
    }
    let ran = scene.run(&["mail.eml"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert_eq!(scene.standin.requests(), 0);
}
