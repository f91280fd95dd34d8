//! `watchfire mail` through the binary: what the screen and the report say of a mail.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops when its bed fails")]

mod common;

use common::{Bed, schema};
use serde_json::Value;
use std::fs;
use watchfire_testkit::mail::Mail;

const DATE: &str = "Mon, 2 Nov 2026 08:00:00 +0000";

fn lure() -> Vec<u8> {
    Mail::new()
        .header("Return-Path", "<bounce@docusign-secure.example>")
        .header("Authentication-Results", "mx1.corp.example; spf=pass smtp.mailfrom=docusign-secure.example; dmarc=pass header.from=docusign-secure.example")
        .header(
            "Received",
            &format!("from mail.docusign-secure.example ([203.0.113.66])\r\n\tby mx1.corp.example with ESMTPS id 7; {DATE}"),
        )
        .header("From", "\"DocuSign Support\" <no-reply@docusign-secure.example>")
        .header("Reply-To", "grey.heron@mailbox.example")
        .header("To", "ap-clerk@corp.example")
        .header("Subject", "=?utf-8?q?Invoice_88213_=E2=80=93_action_required?=")
        .header("Date", DATE)
        .header("Message-ID", "<1@docusign-secure.example>")
        .header("MIME-Version", "1.0")
        .text("Review it: https://docusign-secure.example/s/7f3a\n")
        .attachment("terms.pdf.exe", "application/pdf", b"MZ\x90\0inert")
        .build()
}

/// The lure as the clerk hands it in.
fn reported() -> Vec<u8> {
    let head = "From: Clerk <ap-clerk@corp.example>\r\nTo: phishing@corp.example\r\nSubject: Suspicious mail\r\n\
        Date: Mon, 2 Nov 2026 08:05:00 +0000\r\nMessage-ID: <2@corp.example>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=W\r\n\r\n--W\r\nContent-Type: text/plain\r\n\r\nis this real?\r\n\
        --W\r\nContent-Type: message/rfc822\r\n\r\n";
    [head.as_bytes(), &lure(), b"\r\n--W--\r\n"].concat()
}

fn json(bed: &Bed, arguments: &[&str]) -> Value {
    let ran = bed.run(&[&["mail", "-q", "-f", "json"], arguments].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn the_screen_says_who_sent_it_and_by_which_way() {
    let bed = Bed::new("mail-screen");
    bed.write("lure.eml", lure());
    let ran = bed.run(&["mail", "-q", "lure.eml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "\"DocuSign Support\" <no-reply[@]docusign-secure[.]example>",
        "grey[.]heron[@]mailbox[.]example",
        "Invoice 88213 – action required",
        "203[.]0[.]113[.]66",
        "mx1[.]corp[.]example says SPF pass",
        "terms.pdf.exe",
    ] {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&ran.stdout).contains(part), "{part} is not in\n{}", ran.stdout);
    }
}

#[test]
fn the_verdict_is_about_the_mail_that_was_handed_in() {
    let bed = Bed::new("mail-reported");
    bed.write("reported.eml", reported());
    let report = json(&bed, &["reported.eml"]);
    let mails = report["mails"].as_array().unwrap();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0]["reported_by"]["address"], "ap-clerk@corp.example");
    assert_eq!(mails[0]["from"][0]["address"], "no-reply@docusign-secure.example");
    assert_eq!(mails[0]["subject"], "Invoice 88213 – action required");
    let screen = bed.run(&["mail", "-q", "reported.eml"]).stdout;
    assert!(
        screen.contains("Reported") && screen.contains("DocuSign Support"),
        "{screen}"
    );
}

#[test]
fn what_is_forwarded_inline_is_judged_as_far_as_its_text_goes() {
    let bed = Bed::new("mail-inline");
    let inline = Mail::basic(
        "Clerk <ap-clerk@corp.example>",
        "phishing@corp.example",
        "WG: Invoice 88213",
        DATE,
        "2@corp.example",
    )
    .text(
        "Ist das echt?\n\n-----Ursprüngliche Nachricht-----\nVon: DocuSign Support <no-reply@docusign-secure.example>\n\
         Gesendet: Montag, 2. November 2026 07:31\nAn: Clerk <ap-clerk@corp.example>\nBetreff: Invoice 88213\n\n\
         Review it: https://docusign-secure.example/s/7f3a\n",
    )
    .attachment("terms.pdf.exe", "application/pdf", b"MZ\x90\0inert")
    .build();
    bed.write("inline.eml", inline);
    let report = json(&bed, &["inline.eml"]);
    let text: Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    assert_eq!(schema::problems(&text, &report), Vec::<String>::new());
    let mails = report["mails"].as_array().unwrap();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(
        (&mails[0]["quoted"], &mails[0]["verdict"]),
        (&true.into(), &"malicious".into())
    );
    assert_eq!(mails[0]["reported_by"]["address"], "ap-clerk@corp.example");
    assert_eq!(mails[0]["from"][0]["address"], "no-reply@docusign-secure.example");
    let codes = report["diagnostics"].as_array().unwrap().iter();
    assert!(codes.into_iter().any(|told| told["code"] == "mail-forwarded-inline"));
    let screen = bed.run(&["mail", "-q", "inline.eml"]).stdout;
    let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "forwarded inline by \"Clerk\"",
        "headers of the original are lost: ask for the mail as an attachment",
        "Montag, 2. November 2026 07:31",
        "what could prove it is lost",
    ] {
        assert!(screen.contains(part), "{part} is not in\n{screen}");
    }
}

#[test]
fn answers_of_the_dns_verify_a_mail() {
    let bed = Bed::new("mail-dns");
    bed.write("lure.eml", lure());
    bed.write(
        "dns.json",
        r#"{"complete": ["."], "answers": {"docusign-secure.example": {"TXT": ["v=spf1 ip4:203.0.113.0/24 -all"]},
        "_dmarc.docusign-secure.example": {"TXT": ["v=DMARC1; p=reject"]}}}"#,
    );
    let report = json(&bed, &["--dns", "dns.json", "lure.eml"]);
    let found = &report["mails"][0]["authentication"];
    assert_eq!(
        (&found["spf"]["outcome"], &found["dmarc"]["outcome"]),
        (&"pass".into(), &"pass".into()),
        "{found}"
    );
    bed.write(
        "other.json",
        r#"{"complete": ["."], "answers": {"docusign-secure.example": {"TXT": ["v=spf1 -all"]}}}"#,
    );
    let report = json(&bed, &["--dns", "other.json", "lure.eml"]);
    assert_eq!(report["mails"][0]["authentication"]["spf"]["outcome"], "fail");
    let ran = bed.run(&["mail", "--dns", "gone.json", "lure.eml"]);
    assert!(ran.stderr.contains("hint: a zone file"), "{}", ran.stderr);
    bed.write("empty.json", "{}");
    let ran = bed.run(&["mail", "--dns", "empty.json", "lure.eml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("no answers of the DNS in 'empty.json'"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_folder_lists_its_mails_and_their_campaigns() {
    let bed = Bed::new("mail-folder");
    for number in 0..3 {
        let copy = String::from_utf8_lossy(&lure())
            .replace("88213", &format!("8821{number}"))
            .replace("<1@", &format!("<1{number}@"));
        bed.write(&format!("mails/{number}.eml"), copy);
    }
    let plain = Mail::basic("a@b.example", "c@d.example", "lunch", DATE, "9@b.example")
        .text("at noon?")
        .build();
    bed.write("mails/plain.eml", &plain);
    let mut mailbox = b"From a@b.example Mon Nov  2 08:00:00 2026\n".to_vec();
    mailbox.extend(&plain);
    mailbox.extend(b"\n\nFrom a@b.example Mon Nov  2 08:00:00 2026\nFrom: z@y.example\nSubject: two\n\nx\n");
    bed.write("mails/all.mbox", mailbox);
    bed.write("mails/broken.eml", b"\0\xff\0");
    let report = json(&bed, &["mails"]);
    let mails = report["mails"].as_array().unwrap();
    let campaigns = mails.iter().filter(|mail| mail["campaign"] == 1).count();
    assert!(mails.len() >= 5, "{}", mails.len());
    assert_eq!(campaigns, 3);
    let screen = bed.run(&["mail", "-q", "mails"]).stdout;
    assert!(screen.contains("MAILS") && screen.contains("campaign 1"), "{screen}");
}

#[test]
fn what_is_no_mail_is_said_to_be_none() {
    let bed = Bed::new("mail-none");
    bed.write("script.py", "print('hello')\n");
    bed.write("lure.eml", lure());
    let ran = bed.run(&["mail", "script.py"]);
    ran.expect(
        2,
        &[
            "error: there is no mail in 'script.py'",
            "hint: watchfire triage reads anything",
        ],
    );
    assert_eq!(ran.stdout, "");
    let ran = bed.run(&["mail", "-f", "json", "script.py"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.code, &report["judgement"]["summary"]),
        (2, &"there is no mail in it".into())
    );
    let report = json(&bed, &["lure.eml", "script.py"]);
    let told = report["diagnostics"].as_array().unwrap();
    assert!(
        told.iter()
            .any(|remark| remark["code"] == "no-mail" && remark["artifact"] == "script.py"),
        "{told:?}"
    );
}

#[test]
fn what_is_handed_over_as_mail_is_read_as_mail() {
    let bed = Bed::new("mail-handed");
    let text = String::from_utf8(lure()).unwrap();
    let verdict = |name: &str, mail: &str| {
        bed.write(name, mail);
        let report = json(&bed, &[name]);
        (
            report["mails"][0]["subject"].clone(),
            report["judgement"]["score"].clone(),
        )
    };
    let plain = verdict("plain.eml", &text);
    assert_eq!(plain.0, "Invoice 88213 – action required");
    let pdf = text.replace("Return-Path: <bounce", "Return-Path: <%PDF-1.7");
    let legacy = format!("Microsoft Mail Internet Headers Version 2.0\r\n{text}");
    for (name, mail) in [
        ("pdf.eml", &pdf),
        ("noext", &pdf),
        ("saved.pdf", &pdf),
        ("legacy.eml", &legacy),
        ("pasted.eml", &format!("\r\n\r\n{text}")),
        ("disk.eml", &format!("{text}\r\nkoly{}", "x".repeat(508))),
        ("zeros.eml", &format!("{text}{}", "\0".repeat(600))),
    ] {
        assert_eq!(verdict(name, mail).0, plain.0, "{name}");
    }
}

#[test]
fn headers_are_listed_where_they_are_wanted() {
    let bed = Bed::new("mail-headers");
    bed.write("lure.eml", lure());
    let screen = bed.run(&["mail", "-q", "--headers", "lure.eml"]).stdout;
    for part in [
        "HEADER 11",
        "Authentication-Results",
        "grey[.]heron[@]mailbox[.]example",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert!(!bed.run(&["mail", "-q", "lure.eml"]).stdout.contains("HEADER 11"));
}

#[test]
fn a_table_has_a_row_for_each_mail() {
    let bed = Bed::new("mail-rows");
    folder(&bed, "mails", &String::from_utf8(lure()).unwrap(), 3);
    let rows = bed.run(&["mail", "-q", "-f", "csv", "mails"]).stdout;
    let head: Vec<&str> = rows.lines().next().unwrap().split(',').collect();
    assert_eq!(head.last(), Some(&"model"));
    let mails: Vec<&str> = rows.lines().filter(|row| row.starts_with("mail,eml,")).collect();
    assert_eq!(mails.len(), 3, "{rows}");
    for part in [
        "mails/0.eml",
        "DocuSign Support <no-reply@docusign-secure.example>",
        "grey.heron@mailbox.example",
        "203.0.113.66",
    ] {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
    let lines = bed.run(&["mail", "-q", "-f", "ndjson", "mails"]).json_lines();
    assert_eq!(lines.iter().filter(|line| line["record"] == "mail").count(), 3);
}

#[test]
fn what_a_mail_says_cannot_harm_a_terminal() {
    let bed = Bed::new("mail-hostile");
    let mail = "From: \"\x1b[31mred\u{202e}\" <a@b.example>\nSubject: =?utf-8?q?=1B]0;title=07?=\nTo: c@d.example\nDate: x\n\nhi\n";
    bed.write("hostile.eml", mail);
    let ran = bed.run(&["mail", "-q", "hostile.eml"]);
    assert!(
        !ran.stdout.contains('\x1b') && !ran.stdout.contains('\u{202e}') && !ran.stdout.contains('\x07'),
        "{:?}",
        ran.stdout
    );
}

/// So many mails of a folder, each a little different.
fn folder(bed: &Bed, name: &str, mail: &str, count: usize) {
    for number in 0..count {
        bed.write(
            &format!("{name}/{number}.eml"),
            mail.replace("88213", &number.to_string()),
        );
    }
}

#[test]
fn rates_are_measured_on_mail_of_ones_own() {
    let bed = Bed::new("mail-evaluate");
    let plain = Mail::basic(
        "Ann <a@b.example>",
        "c@d.example",
        "Lunch 88213",
        DATE,
        "88213@b.example",
    )
    .text("Are you coming at noon?")
    .build();
    folder(&bed, "ham", &String::from_utf8(plain).unwrap(), 12);
    folder(&bed, "phish", &String::from_utf8(lure()).unwrap(), 8);
    let ran = bed.wide(&["mail", "-q", "--evaluate", "ham", "phish"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "0.0 % (0/12, 0.0–24.2)",
        "100.0 % (8/8, 67.6–100.0)",
        "the model's area under the curve: ",
    ] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    let said = |format: &str| {
        let ran = bed.run(&["mail", "-q", "--evaluate", "ham", "phish", "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let found: Value = serde_json::from_str(&said("json")).unwrap();
    assert_eq!(found["schema"], "watchfire.mail-evaluation/1");
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "mail-evaluation"]).stdout).unwrap();
    assert_eq!(schema::problems(&schema, &found), Vec::<String>::new());
    assert_eq!(found["kinds"][0]["kind"], "legitimate");
    let alarm = &found["kinds"][1]["alarm"];
    assert_eq!(
        (&alarm["hits"], &alarm["total"], &alarm["share"]),
        (&8.into(), &8.into(), &1.0.into())
    );
    assert!(
        alarm["low"].as_f64().unwrap() > 0.67 && found["area"].is_f64(),
        "{found}"
    );
    let lines: Vec<Value> = said("ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["alarm"], &lines[1]["alarm"]),
        (&found["kinds"][0]["alarm"], alarm)
    );
    assert_eq!(
        (&lines[2]["record"], &lines[2]["area"]),
        (&"summary".into(), &found["area"])
    );
    let table = said("csv");
    assert!(
        table
            .lines()
            .nth(2)
            .is_some_and(|row| row.starts_with("phishing,8,8,8,8,1.000000,0.67")),
        "{table}"
    );
    let ran = bed.run(&["mail", "--evaluate", "ham", "phish", "--format", "papyrus"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("papyrus") && ran.stderr.contains("ndjson"),
        "{}",
        ran.stderr
    );
    let ran = bed.run(&["mail", "--evaluate", "ham", "nothing"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert_eq!(ran.stderr.matches("error:").count(), 1, "{}", ran.stderr);
    bed.write("empty/notes.txt", "no mail");
    let ran = bed.run(&["mail", "--evaluate", "empty", "phish"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("there is no mail in 'empty'"), "{}", ran.stderr);
    let ran = bed.run(&["mail", "--evaluate", "ham", "phish", "more"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
}

#[test]
fn a_model_of_ones_own_scores_instead_of_the_one_that_ships() {
    let bed = Bed::new("mail-model");
    bed.write("lure.eml", lure());
    let score = |more: &[&str]| {
        let report = json(&bed, &[more, &["lure.eml"]].concat());
        report["mails"][0]["phishing"].clone()
    };
    let shipped = score(&[]);
    assert!(shipped["thousandths"].as_u64().unwrap() > 0, "{shipped}");
    // The model that ships, under another name.
    let mut model = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../phishing/data/phishing.model")).unwrap();
    let name = shipped["model"].as_str().unwrap();
    let at = model
        .windows(name.len())
        .position(|window| window == name.as_bytes())
        .unwrap();
    model[at..at + name.len()].fill(b'x');
    bed.write("damaged.model", &model);
    let end = model.len() - 4;
    let sum = crc32(&model[..end]);
    model[end..].copy_from_slice(&sum.to_le_bytes());
    bed.write("own.model", &model);
    let own = score(&["--model", "own.model"]);
    assert_eq!(own["model"], "x".repeat(name.len()));
    assert_eq!(own["thousandths"], shipped["thousandths"]);
    for (file, why) in [
        ("damaged.model", "checksum"),
        ("lure.eml", "is no phishing model"),
        ("none.model", "no such file"),
    ] {
        let ran = bed.run(&["mail", "--model", file, "lure.eml"]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.stdout);
        assert!(ran.stderr.contains(why), "{file}: {}", ran.stderr);
    }
}

/// CRC-32 as in zip, one bit after the other.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}
