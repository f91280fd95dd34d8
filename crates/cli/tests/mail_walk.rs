//! Mails as analysts meet them, from the file to the screen: what must be told of each.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use serde_json::Value;
use watchfire_testkit::archive::Zip;
use watchfire_testkit::mail::Mail;

const DATE: &str = "Mon, 2 Nov 2026 08:00:00 +0000";
const CONFIG: &str = "[organisation]\ndomains = [\"corp.example\"]\nauthserv-ids = [\"mx1.corp.example\"]\n\
    mail-gateways = [\"mx1.corp.example\", \"relay.gateway.corp.example\", \"192.0.2.25\"]\n";

/// The report and the screen, its words apart by one blank.
#[track_caller]
fn read(name: &str, mail: &[u8], more: &[&str]) -> (Value, String) {
    let bed = Bed::new(name);
    bed.write("watchfire.toml", CONFIG);
    bed.write("mail.eml", mail);
    bed.write(
        "dns.json",
        r#"{"complete": ["."], "answers": {"docusign.net": {"TXT": ["v=spf1 ip4:64.207.219.0/24 -all"]},
        "_dmarc.docusign.net": {"TXT": ["v=DMARC1; p=reject"]}}}"#,
    );
    let arguments = [&["mail", "-q", "--config", "watchfire.toml", "mail.eml"], more].concat();
    let screen = bed.wide(&arguments);
    let report = bed.run(&[&arguments[..], &["-f", "json"]].concat());
    assert_eq!((screen.code, report.code), (0, 0), "{screen:#?}");
    let words: Vec<&str> = screen.stdout.split_whitespace().collect();
    (serde_json::from_str(&report.stdout).unwrap(), words.join(" "))
}

#[track_caller]
fn says(screen: &str, parts: &[&str]) {
    for part in parts {
        assert!(screen.contains(part), "no '{part}' in {screen}");
    }
}

/// A page of an attacker that stands between the reader and the real one, sent from a domain that proves itself.
fn reverse_proxy() -> Vec<u8> {
    let from = format!(
        "from out.secure-mail-portal.com (out.secure-mail-portal.com [198.51.100.7])\r\n\tby mx1.corp.example with ESMTPS id 7; {DATE}"
    );
    let domain = "secure-mail-portal.com";
    let results = format!(
        "mx1.corp.example; spf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
    );
    Mail::new()
        .header("Return-Path", &format!("<bounce@{domain}>"))
        .header("Received", &from)
        .header("Authentication-Results", &results)
        .header("From", &format!("Microsoft 365 <no-reply@{domain}>"))
        .header("To", "clerk@corp.example")
        .header("Subject", "Action required: your password expires today")
        .header("Date", DATE)
        .header("Message-ID", &format!("<1@{domain}>"))
        .header("MIME-Version", "1.0")
        .html(
            "<p>Your Microsoft 365 password expires today. Sign in within 24 hours or your account will be locked.</p>\
             <a href=\"https://login.microsoftonline.com.secure-mail-portal.com/common/oauth2/?u=clerk@corp.example\">Keep my password</a>",
        )
        .build()
}

#[test]
fn a_wrapper_around_a_phish_that_proves_its_own_domain() {
    let wrapper = Mail::basic(
        "Clerk <clerk@corp.example>",
        "phishing@corp.example",
        "FW: is this real?",
        DATE,
        "2@corp.example",
    )
    .text("please check\n")
    .message("original.eml", &reverse_proxy())
    .build();
    let (report, screen) = read("walk-proxy", &wrapper, &[]);
    let verdict = report["judgement"]["verdict"].as_str().unwrap();
    assert!(verdict == "suspicious" || verdict == "malicious", "{screen}");
    assert_eq!(report["mails"].as_array().unwrap().len(), 1);
    assert_eq!(report["mails"][0]["reported_by"]["address"], "clerk@corp.example");
    says(
        &screen,
        &[
            "authentication passed, for the sender's own domain secure-mail-portal[.]com",
            "SPF pass, DKIM pass, DMARC pass",
            "From \"Microsoft 365\" <no-reply[@]secure-mail-portal[.]com>",
            "Reported by \"Clerk\" <clerk[@]corp[.]example>",
        ],
    );
}

/// A genuine request for a signature, its link rewritten, that came through a gateway of one's own.
fn signature_request() -> Vec<u8> {
    let last = format!(
        "from relay.gateway.corp.example (relay.gateway.corp.example [192.0.2.25])\r\n\tby mx1.corp.example with ESMTPS id 8; {DATE}"
    );
    let first = format!(
        "from mailda.docusign.net (mailda.docusign.net [64.207.219.10])\r\n\tby relay.gateway.corp.example with ESMTPS id 7; {DATE}"
    );
    Mail::new()
        .header("Return-Path", "<dse@docusign.net>")
        .header("Authentication-Results", "mx1.corp.example; spf=fail smtp.mailfrom=docusign.net; dkim=pass header.d=docusign.net; dmarc=pass header.from=docusign.net")
        .header("Received", &last)
        .header("Received", &first)
        .header("From", "\"DocuSign NA3 System\" <dse@docusign.net>")
        .header("To", "clerk@corp.example")
        .header("Subject", "Please DocuSign: Contract 2026-11.pdf")
        .header("Date", DATE)
        .header("Message-ID", "<1@docusign.net>")
        .header("MIME-Version", "1.0")
        .html(
            "<p>Jane Doe sent you a document to review and sign.</p>\
             <a href=\"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fna3.docusign.net%2Fsigning%2F88f1&amp;\
             data=05%7C02%7Cclerk%40corp.example%7C&amp;sdata=abc&amp;reserved=0\">REVIEW DOCUMENT</a>",
        )
        .build()
}

#[test]
fn a_genuine_request_for_a_signature_behind_a_gateway() {
    let (report, screen) = read("walk-signature", &signature_request(), &[]);
    assert_eq!(report["judgement"]["verdict"], "unknown", "{screen}");
    says(
        &screen,
        &[
            // Where the link leads in the end, and where the mail came in.
            "hxxps://na3[.]docusign[.]net/signing/88f1",
            "mailda[.]docusign[.]net [64[.]207[.]219[.]10]",
            "→ relay[.]gateway[.]corp[.]example, 2 hops in all",
            "SPF failed for a gateway of yours, which handed the mail on, and not for its sender",
        ],
    );
    assert_eq!(report["mails"][0]["entered"], 1);
    // Verified here, it is the gateway's neighbour that counts.
    let (report, screen) = read("walk-verified", &signature_request(), &["--dns", "dns.json"]);
    let found = &report["mails"][0]["authentication"];
    assert_eq!(
        (&found["spf"]["outcome"], &found["dmarc"]["outcome"]),
        (&"pass".into(), &"pass".into()),
        "{found}"
    );
    assert_eq!(report["judgement"]["verdict"], "unknown", "{screen}");
}

#[test]
fn an_encrypted_archive_whose_password_nobody_can_read() {
    let zip = Zip::new().encrypted("invoice.txt", b"inert", "Zx93kq-77").build();
    let mail = Mail::basic(
        "Anna <anna@partner.org>",
        "clerk@corp.example",
        "Documents",
        DATE,
        "1@partner.org",
    )
    .text("Hello, the documents are attached. The password is in the picture.\n")
    .attachment(
        "picture.png",
        "image/png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0",
    )
    .attachment("documents.zip", "application/zip", &zip)
    .build();
    let (report, screen) = read("walk-encrypted", &mail, &[]);
    let verdict = report["judgement"]["verdict"].as_str().unwrap();
    assert_ne!(verdict, "benign", "{screen}");
    assert_eq!(verdict, "unknown", "{screen}");
    assert!(report["coverage"]["artifacts_read"].as_u64() < report["coverage"]["artifacts"].as_u64());
    says(
        &screen,
        &["UNKNOWN", "documents.zip", "encrypted, and none of", "not read in full"],
    );
}

#[test]
fn ten_thousand_mails_are_read_in_bounded_memory() {
    let bed = Bed::new("walk-many");
    let body = "Please find the minutes of the meeting below. ".repeat(100);
    for number in 0..10_000 {
        let mail = Mail::basic(
            &format!("Sender {number} <sender{number}@partner.org>"),
            "clerk@corp.example",
            &format!("Minutes {number}"),
            DATE,
            &format!("{number}@partner.org"),
        )
        .text(&body);
        // Headers are what the report holds of a mail, and those of real mails are long.
        let trace = |mail: Mail, at: usize| {
            mail.header(
                &format!("X-Trace-{at}"),
                "a field that nobody reads, as every server on the way writes some of them",
            )
        };
        let mail = (0..40).fold(mail, trace);
        bed.write(&format!("mails/{number}.eml"), mail.build());
    }
    // The limit of the address space is that of the whole process, its tables and threads: with pages and links instead of
    // plain texts 600 MB are enough, and 400 are not. Threads reserve more than they use, so they share what they reserve.
    let script = "MALLOC_ARENA_MAX=2; export MALLOC_ARENA_MAX; ulimit -v 600000 && exec \"$0\" mail -q -j 2 -f json --output report.json mails";
    let plain = bed.command(&[]);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script]).arg(plain.get_program());
    command.current_dir(plain.get_current_dir().unwrap()).env_clear();
    command
        .env("HOME", bed.folder.join("home"))
        .env("PATH", "/usr/bin:/bin");
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let ran = Bed::finish(command, b"");
    assert_eq!(ran.code, 0, "{ran:#?}");
    let report = std::fs::read(bed.folder.join("in/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["mails"].as_array().unwrap().len(), 10_000);
    assert_eq!(report["coverage"]["inputs_read"], 10_000);
}
