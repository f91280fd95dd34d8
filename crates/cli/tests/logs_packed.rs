//! Logs in archives: each is read as part of the whole, in the order of their first records, within the limits of archives.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, Ran};
use serde_json::Value;
use std::fmt::Write as _;
use watchfire_testkit::archive::{Zip, gzip, gzip_bomb, tar};

/// Users are refused from one machine, from that second on.
fn refused(hour: u32, users: std::ops::Range<u32>) -> Vec<u8> {
    let mut text = String::new();
    for number in users {
        let _ = writeln!(
            text,
            "Nov 20 {hour:02}:00:{number:02} web-01 sshd[7]: Failed password for user{number} from 10.0.5.23 port 40000 ssh2"
        );
    }
    text.into_bytes()
}

const ACCEPTED: &[u8] = b"Nov 20 09:01:00 web-01 sshd[7]: Accepted password for user3 from 10.0.5.23 port 40000 ssh2\n";

fn logs(bed: &Bed, arguments: &[&str]) -> Ran {
    bed.run(&[&["logs", "-q", "--as-of", "2026-11-21"], arguments].concat())
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

/// Names of the logs that were read, in their order.
fn names(report: &Value) -> Vec<&str> {
    let artifacts = report["artifacts"].as_array().unwrap();
    let logs = artifacts.iter().filter(|file| !file["log"].is_null());
    logs.map(|file| file["path"].as_str().unwrap()).collect()
}

/// Whether passwords that were sprayed over several files are seen as one.
fn holds_the_spray(report: &Value) -> bool {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().any(|finding| {
        let title = finding["title"].as_str().unwrap();
        title.contains("passwords sprayed") && title.contains("then user3 was let in")
    })
}

#[test]
fn logs_in_archives_are_read_as_one_whole_in_the_order_of_their_records() {
    let bed = Bed::new("packed-logs-in-archives-are-re");
    let (first, second) = (refused(8, 0..6), refused(9, 6..12));
    let zip = Zip::new()
        .file("var/log/auth.log", &[second.as_slice(), ACCEPTED].concat())
        .file("var/log/auth.log.1.gz", &gzip(&first))
        .file(
            "var/picture.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0",
        )
        .build();
    bed.write("host.zip", zip);
    let packed = [("auth.log", second.as_slice()), ("auth.log.1", first.as_slice())];
    bed.write("host.tar", tar(&packed));
    bed.write("host.tar.gz", gzip(&tar(&packed)));
    bed.write("late.log", ACCEPTED);
    let ran = logs(&bed, &["host.zip", "--format", "json"]);
    let found = report(&ran);
    assert_eq!(ran.code, 3, "what is no log is named: {ran:#?}");
    assert_eq!(
        names(&found),
        ["host.zip ▸ var/log/auth.log.1.gz", "host.zip ▸ var/log/auth.log"]
    );
    assert!(holds_the_spray(&found), "{found:#}");
    let told = found["diagnostics"].as_array().unwrap();
    assert!(
        told.iter().any(|remark| remark["code"] == "no-log"
            && remark["artifact"] == "host.zip ▸ var/picture.png"
            && remark["message"] == "is no log but image/png"),
        "{told:#?}"
    );
    for name in ["host.tar", "host.tar.gz"] {
        // Files beside the archive stand in the same order.
        let ran = logs(&bed, &["late.log", name, "--format", "json"]);
        let found = report(&ran);
        assert_eq!(ran.code, 0, "{ran:#?}");
        assert_eq!(
            names(&found),
            [
                format!("{name} ▸ auth.log.1"),
                format!("{name} ▸ auth.log"),
                "late.log".to_owned()
            ]
        );
        assert!(holds_the_spray(&found), "{name}: {found:#}");
        assert_eq!(found["log"]["refused"], 12);
    }
}

#[test]
fn archives_inside_of_archives_are_opened_as_deep_as_is_allowed() {
    let bed = Bed::new("packed-archives-inside-of-arch");
    let inner = Zip::new().file("a.log", &refused(8, 0..3)).build();
    let outer = tar(&[("b.log", &refused(9, 3..5)), ("inner.zip", &inner)]);
    bed.write("outer.tgz", gzip(&outer));
    let found = report(&logs(&bed, &["outer.tgz", "--format", "json"]));
    assert_eq!(names(&found), ["outer.tgz ▸ inner.zip ▸ a.log", "outer.tgz ▸ b.log"]);
    let mut deep = refused(8, 0..1);
    for level in 0..40 {
        deep = Zip::new()
            .file(if level == 0 { "a.log" } else { "x.zip" }, &deep)
            .build();
    }
    bed.write("deep.zip", deep);
    let ran = logs(&bed, &["deep.zip", "outer.tgz", "--format", "json"]);
    assert!(ran.stdout.contains("the depth limit was reached"), "{ran:#?}");
    assert_eq!(names(&report(&ran)).len(), 2);
}

#[test]
fn bombs_and_damage_are_told_and_the_rest_is_read() {
    let bed = Bed::new("packed-bombs-and-damage-are-to");
    let zip = Zip::new()
        .file("auth.log", &refused(8, 0..4))
        .encrypted("secret.log", &refused(9, 4..8), "hunter22")
        .file("bomb.gz", &gzip_bomb(40 << 20))
        .build();
    bed.write("host.zip", &zip);
    let ran = logs(&bed, &["host.zip", "--format", "json"]);
    let found = report(&ran);
    assert!(ran.stdout.contains("limit was reached"), "{ran:#?}");
    assert!(names(&found).contains(&"host.zip ▸ auth.log"), "{found:#}");
    assert!(ran.stdout.contains("it is encrypted"), "{ran:#?}");
    assert_eq!(found["log"]["refused"], 4);
    let whole = tar(&[("a.log", &refused(8, 0..4)), ("b.log", &refused(9, 4..8))]);
    bed.write("cut.tar", &whole[..1_500]);
    let ran = logs(&bed, &["cut.tar", "--format", "json"]);
    let found = report(&ran);
    assert!(ran.code == 0 || ran.code == 3, "{ran:#?}");
    assert!(ran.stdout.contains("the tar file ends"), "{ran:#?}");
    assert_eq!(names(&found)[0], "cut.tar ▸ a.log");
    for end in (0..zip.len()).step_by(zip.len() / 40) {
        bed.write("cut.zip", &zip[..end]);
        let ran = logs(&bed, &["cut.zip"]);
        assert!([0, 2, 3].contains(&ran.code), "{end}: {ran:#?}");
    }
}

#[test]
fn nothing_is_left_of_what_was_unpacked() {
    let bed = Bed::new("packed-nothing-is-left-of-what");
    bed.write("host.zip", Zip::new().file("a.log", &refused(8, 0..4)).build());
    let folder = bed.folder.join("temporary");
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = bed.command(&["logs", "-q", "host.zip"]);
    command.env("TMPDIR", &folder).env("TMP", &folder);
    assert_eq!(Bed::finish(command, b"").code, 0);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn rules_are_tried_on_logs_in_archives() {
    let bed = Bed::new("packed-rules-are-tried-on-logs");
    bed.write(
        "own.yml",
        "title: Failed Password\nlogsource: {product: linux, service: sshd}\ndetection:\n  words: ['Failed password for']\n  condition: words\n",
    );
    bed.write("host.zip", Zip::new().file("var/auth.log", &refused(8, 0..4)).build());
    let ran = bed.wide(&["rules", "test", "own.yml", "--on", "host.zip"]);
    ran.expect(0, &[]);
    assert!(
        ran.stdout.contains("host.zip ▸ var/auth.log:1") && ran.stdout.contains("4 times in 1 file with 4 records"),
        "{ran:#?}"
    );
}

/// Whoever packs an archive can say of any file in it that it is a link. One that is longer than a path can be is none.
#[test]
fn a_log_that_is_said_to_be_a_link_is_read() {
    let bed = Bed::new("packed-said-to-be-a-link");
    let mut zip = Zip::new()
        .file("var/log/auth.log", &[refused(8, 0..60), ACCEPTED.to_vec()].concat())
        .build();
    let central = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    // Made on Unix, with the mode of a link.
    zip[central + 5] = 3;
    zip[central + 38..central + 42].copy_from_slice(&(0o120_777_u32 << 16).to_le_bytes());
    bed.write("host.zip", zip);
    let found = report(&logs(&bed, &["host.zip", "--format", "json"]));
    assert_eq!(names(&found), ["host.zip ▸ var/log/auth.log"]);
}
