//! The same bytes under several names: paths in, findings out.

use crate::Copies;
use watchfire_formats::identify::media;
use watchfire_model::{ArtifactId, ArtifactRecord, Fact, FactSet, MediaType, Origin, Stored, Untrusted};

fn record(path: &str, content: &str, in_system: bool, media_type: MediaType) -> ArtifactRecord {
    let stored = Stored {
        path: path.into(),
        in_system,
        ..Stored::default()
    };
    ArtifactRecord {
        size: 7,
        ..ArtifactRecord::of(FactSet {
            artifact: ArtifactId::of(content.as_bytes()),
            origin: Origin::root(path),
            media_type,
            role: None,
            facts: vec![Fact::Stored(Box::new(stored))],
        })
    }
}

/// What is said of a program of these names: the one that is odd, another, and the weight in thousandths.
#[track_caller]
fn check(media_type: MediaType, paths: &[&str], expected: &[(&str, &str, u16)]) {
    let records: Vec<ArtifactRecord> = paths
        .iter()
        .map(|path| record(path, "program", true, media_type))
        .collect();
    for records in [records.clone(), records.into_iter().rev().collect()] {
        // In one go and in two parts, and in any order, it is the same.
        let mut parts = Copies::default();
        for one in records.chunks(1) {
            parts.merge(Copies::of(one));
        }
        let findings = Copies::of(&records).findings();
        assert_eq!(findings, parts.findings());
        let found: Vec<(&str, &str, u16)> = findings
            .iter()
            .map(|finding| {
                let evidence = &finding.evidence()[0];
                let other = evidence.excerpt.raw().strip_prefix("the same bytes as ").unwrap();
                // What the system has is as it should be.
                let both = usize::from(!other.contains("/bin/") && !other.contains("System32"));
                assert_eq!(finding.evidence().len(), 1 + both, "{other}");
                (evidence.path.raw(), other, finding.weight.thousandths())
            })
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_program_of_the_system_under_another_name() {
    let bash = "/usr/bin/bash";
    check(media::ELF, &[bash, "/tmp/.x"], &[("/tmp/.x", bash, 400)]);
    check(
        media::ELF,
        &["/home/ann/.fonts", bash],
        &[("/home/ann/.fonts", bash, 400)],
    );
    check(media::ELF, &[bash, "/srv/tool"], &[("/srv/tool", bash, 100)]);
    let cmd = "/Windows/System32/cmd.exe";
    let temporary = "/Users/ann/AppData/Local/Temp/a.exe";
    check(media::PE, &[cmd, temporary], &[(temporary, cmd, 400)]);
}

#[test]
fn a_borrowed_name_and_another_one() {
    let (one, two) = ("/Users/ann/svchost.exe", "/Users/ann/tool.exe");
    check(media::PE, &[one, two], &[(one, two, 400)]);
    check(
        media::ELF,
        &["/home/ann/sshd", "/home/ann/miner"],
        &[("/home/ann/sshd", "/home/ann/miner", 400)],
    );
}

#[test]
fn a_name_to_look_at_and_one_of_a_program() {
    let (one, two) = ("/home/ann/holiday.jpg", "/home/ann/setup");
    check(media::ELF, &[one, two], &[(one, two, 300)]);
}

#[test]
fn names_that_go_together_say_nothing() {
    for paths in [
        &["/usr/bin/bash"][..],
        &["/usr/bin/bash", "/tmp/root/bin/bash"],
        &["/usr/bin/python3.11", "/home/ann/venv/bin/python"],
        &["/usr/bin/busybox", "/usr/bin/sh"],
        &["/usr/bin/vim.basic", "/tmp/vim"],
        &["/home/ann/a.jpg", "/home/ann/b.jpg"],
        &["/srv/a", "/srv/b"],
        &["/usr/lib/libz.so.1", "/home/ann/wheel/libz-0a1b.so.1"],
        &["/usr/bin/bash", "/tmp/755831c6755831c6755831c6755831c6755831c6"],
    ] {
        check(media::ELF, paths, &[]);
    }
    check(media::PDF, &["/usr/bin/bash", "/tmp/.x"], &[]);
}

#[test]
fn where_copies_lie_is_known_up_to_a_bound() {
    let paths: Vec<String> = (0..40).map(|number| format!("/srv/{number:02}")).collect();
    let records: Vec<ArtifactRecord> = paths
        .iter()
        .map(|path| record(path, "same", false, media::SHELL))
        .collect();
    let copies = Copies::of(&records);
    let others = copies.besides(ArtifactId::of(b"same"), &Untrusted::new("/srv/00"));
    let others: Vec<&str> = others.iter().map(Untrusted::raw).collect();
    assert_eq!(
        others,
        [
            "/srv/01", "/srv/02", "/srv/03", "/srv/04", "/srv/05", "/srv/06", "/srv/07"
        ]
    );
    assert_eq!(copies.besides(ArtifactId::of(b"other"), &Untrusted::new("/srv/00")), []);
}
