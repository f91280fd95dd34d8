//! 7z in all its methods.

use crate::common::{SHORT, code, note, read, read_within, survives};
use watchfire_formats::identify::media::SEVEN_ZIP;
use watchfire_model::{LimitKind, Limits};

fn check(bytes: &[u8], passwords: &[&str], expected: &[(&str, &[u8])]) {
    let read = read(SEVEN_ZIP, bytes, passwords);
    assert_eq!(read.codes(), Vec::<&str>::new(), "{:?}", read.problems);
    assert_eq!(read.contents(), expected);
    assert_eq!(read.halted, None);
}

#[test]
fn all_methods_are_read() {
    let (note, code) = (note(), code());
    let both: &[(&str, &[u8])] = &[("note.txt", &note), ("short.txt", SHORT)];
    check(data!("plain.7z"), &[], &[("folder/ünï.txt", SHORT), both[0], both[1]]);
    check(data!("copy.7z"), &[], &[("code.bin", &code), ("short.txt", SHORT)]);
    check(data!("lzma.7z"), &[], both);
    check(data!("nonsolid.7z"), &[], both);
    for archive in [data!("bzip2.7z"), data!("deflate.7z"), data!("ppmd.7z")] {
        check(archive, &[], &both[..1]);
    }
    for archive in [data!("bcj.7z"), data!("bcj2.7z"), data!("arm64.7z"), data!("delta.7z")] {
        check(archive, &[], &[("code.bin", &code)]);
    }
    check(data!("empty-file.7z"), &[], &[("empty.txt", b"")]);
    assert_eq!(read(SEVEN_ZIP, data!("plain.7z"), &[]).facts.members.len(), 4);
}

#[test]
fn passwords_open_content_and_listing() {
    let note = note();
    let both: &[(&str, &[u8])] = &[("note.txt", &note), ("short.txt", SHORT)];
    check(data!("aes.7z"), &["wrong", "secret"], both);
    check(data!("aes-header.7z"), &["wrong", "secret"], both);
    check(data!("infected.7z"), &[], &[("short.txt", SHORT)]);

    let locked = read(SEVEN_ZIP, data!("aes.7z"), &["wrong"]);
    assert_eq!((locked.names(), locked.codes()), (vec![], vec!["archive-encrypted"]));
    assert!(locked.facts.members.len() == 2 && locked.facts.members.iter().all(|member| member.encrypted));
    let sealed = read(SEVEN_ZIP, data!("aes-header.7z"), &["wrong"]);
    assert_eq!(
        (sealed.facts.members.len(), sealed.codes()),
        (0, vec!["archive-encrypted"])
    );
    assert!(sealed.facts.encrypted_listing);
}

#[test]
fn expensive_keys_are_refused() {
    // The packed header is encrypted, and the header that says so is not.
    let mut bytes = data!("aes-header.7z").to_vec();
    let method = bytes.windows(4).position(|window| window == [6, 0xf1, 7, 1]).unwrap();
    bytes[method + 5] = 0x40 | 25;
    let read = read(SEVEN_ZIP, &bytes, &["secret"]);
    assert_eq!(read.codes(), ["7z-checksum", "7z-key-derivation"]);
}

#[test]
fn truncation_is_told() {
    let plain = data!("plain.7z");
    assert_eq!(
        read(SEVEN_ZIP, &plain[..plain.len() - 1], &[]).codes(),
        ["7z-truncated"]
    );
    assert_eq!(read(SEVEN_ZIP, &plain[..10], &[]).codes(), ["7z-truncated"]);
}

#[test]
fn damage_in_one_file_keeps_the_others() {
    let mut bytes = data!("nonsolid.7z").to_vec();
    bytes[1000] ^= 0x40;
    let read = read(SEVEN_ZIP, &bytes, &[]);
    assert_eq!(read.names(), ["note.txt", "short.txt"]);
    assert_eq!(read.members[1].bytes, SHORT);
    assert!(read.members[0].bytes.starts_with(&note()[..2000]));
    assert!(!read.codes().is_empty());
}

#[test]
fn limits_hold_for_folders() {
    let limits = Limits {
        artifact_size: 5000,
        ..Limits::default()
    };
    let read = read_within(SEVEN_ZIP, data!("lzma.7z"), &[], limits);
    assert_eq!(read.halted.unwrap().0, LimitKind::ArtifactSize);
    assert_eq!(read.facts.members.len(), 2);
    let tight = Limits {
        dictionary: 1000,
        ..Limits::default()
    };
    let read = read_within(SEVEN_ZIP, data!("lzma.7z"), &[], tight);
    assert_eq!(read.halted.unwrap().0, LimitKind::Dictionary);
}

#[test]
fn damaged_files_end_quietly() {
    survives(SEVEN_ZIP, data!("plain.7z"));
    survives(SEVEN_ZIP, data!("lzma.7z"));
    survives(SEVEN_ZIP, data!("bcj2.7z"));
    survives(SEVEN_ZIP, data!("copy.7z"));
}
