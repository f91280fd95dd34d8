//! zip, and ways to hide things in it.

use crate::common::{SHORT, note, read, read_within, survives};
use std::io::Read as _;
use watchfire_formats::archive::zip::Zip;
use watchfire_formats::identify::media::ZIP;
use watchfire_model::{Budget, LimitKind, Limits};

/// One entry of a hand-made zip.
#[derive(Clone)]
struct Part {
    name: &'static str,
    local_name: &'static str,
    method: u16,
    data: Vec<u8>,
    size: usize,
    crc: u32,
    listed: bool,
}

fn stored(name: &'static str, content: &[u8]) -> Part {
    Part {
        name,
        local_name: name,
        method: 0,
        data: content.to_vec(),
        size: content.len(),
        crc: crc32fast::hash(content),
        listed: true,
    }
}

fn deflated(name: &'static str, content: &[u8]) -> Part {
    Part {
        method: 8,
        data: miniz_oxide::deflate::compress_to_vec(content, 9),
        ..stored(name, content)
    }
}

fn local(part: &Part) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0\0\0".to_vec();
    out.extend(part.method.to_le_bytes());
    out.extend([0; 4]);
    out.extend(part.crc.to_le_bytes());
    out.extend((part.data.len() as u32).to_le_bytes());
    out.extend((part.size as u32).to_le_bytes());
    out.extend((part.local_name.len() as u16).to_le_bytes());
    out.extend([0, 0]);
    out.extend(part.local_name.as_bytes());
    out.extend(&part.data);
    out
}

fn central(part: &Part, packed: usize, offset: usize) -> Vec<u8> {
    let mut out = b"PK\x01\x02\x14\0\x14\0\0\0".to_vec();
    out.extend(part.method.to_le_bytes());
    out.extend([0; 4]);
    out.extend(part.crc.to_le_bytes());
    out.extend((packed as u32).to_le_bytes());
    out.extend((part.size as u32).to_le_bytes());
    out.extend((part.name.len() as u16).to_le_bytes());
    out.extend([0; 12]);
    out.extend((offset as u32).to_le_bytes());
    out.extend(part.name.as_bytes());
    out
}

fn end(count: usize, directory: usize, offset: usize) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend((count as u16).to_le_bytes());
    out.extend((count as u16).to_le_bytes());
    out.extend((directory as u32).to_le_bytes());
    out.extend((offset as u32).to_le_bytes());
    out.extend([0, 0]);
    out
}

fn zip(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for part in parts {
        if part.listed {
            directory.extend(central(part, part.data.len(), out.len()));
        }
        out.extend(local(part));
    }
    let offset = out.len();
    let count = parts.iter().filter(|part| part.listed).count();
    let tail = end(count, directory.len(), offset);
    out.extend(directory);
    out.extend(tail);
    out
}

fn check(bytes: &[u8], passwords: &[&str], expected: &[(&str, &[u8])]) {
    let read = read(ZIP, bytes, passwords);
    assert_eq!(read.contents(), expected, "{:?}", read.problems);
    assert_eq!(read.codes(), Vec::<&str>::new(), "{:?}", read.problems);
    assert_eq!(read.halted, None);
}

#[test]
fn files_of_other_tools_are_read() {
    let note = note();
    let both: &[(&str, &[u8])] = &[("note.txt", &note), ("short.txt", SHORT)];
    check(data!("plain.zip"), &[], &[both[0], both[1], ("folder/ünï.txt", SHORT)]);
    for zip in [
        data!("bzip2.zip"),
        data!("lzma.zip"),
        data!("deflate64.zip"),
        data!("xz.zip"),
    ] {
        check(zip, &[], both);
    }
    check(data!("stream.zip"), &[], &[("-", &note)]);
    check(data!("zip64.zip"), &[], &[("-", &note)]);
    check(data!("comment.zip"), &[], &[("short.txt", SHORT)]);
    let comment = read(ZIP, data!("comment.zip"), &[]).facts.comment.unwrap();
    assert_eq!(comment.raw().trim_end(), "a comment");
}

#[test]
fn zstd_entries_are_read() {
    let note = note();
    let part = Part {
        method: 93,
        data: data!("note.zst").to_vec(),
        ..stored("note.txt", &note)
    };
    check(&zip(&[part]), &[], &[("note.txt", &note)]);
}

#[test]
fn passwords_open_both_ciphers() {
    let note = note();
    let both: &[(&str, &[u8])] = &[("note.txt", &note), ("short.txt", SHORT)];
    for zip in [
        data!("zipcrypto.zip"),
        data!("aes128.zip"),
        data!("aes192.zip"),
        data!("aes256.zip"),
    ] {
        check(zip, &["wrong", "secret"], both);
        let locked = read(ZIP, zip, &["wrong"]);
        assert_eq!((locked.names(), locked.codes()), (vec![], vec!["archive-encrypted"]));
        assert!(
            locked
                .facts
                .members
                .iter()
                .all(|member| member.encrypted && !member.read)
        );
        assert_eq!(locked.facts.members.len(), 2);
    }
    check(data!("infected.zip"), &[], &[("short.txt", SHORT)]);
}

#[test]
fn what_stands_before_between_or_behind_is_read_and_told() {
    let note = note();
    let all: &[(&str, &[u8])] = &[("note.txt", &note), ("short.txt", SHORT), ("folder/ünï.txt", SHORT)];
    let outside = |bytes: &[u8], name: &str, content: &[u8], said: &str| {
        let read = read(ZIP, bytes, &[]);
        let expected: Vec<(&str, &[u8])> = all.iter().copied().chain([(name, content)]).collect();
        assert!(read.contents() == expected, "{:?}", read.names());
        assert_eq!(read.codes(), ["zip-foreign"]);
        assert!(read.problems[0].message.raw().contains(said), "{:?}", read.problems);
    };
    let prefixed = data!("prefixed.zip");
    outside(
        prefixed,
        "data before the zip",
        &prefixed[..48],
        "48 bytes stand before the zip",
    );
    let plain = data!("plain.zip");
    let said = format!("70000 bytes stand behind the zip, at {:#x}", plain.len());
    outside(
        &[plain, &[b'x'; 70_000]].concat(),
        "data behind the zip",
        &[b'x'; 70_000],
        &said,
    );
    outside(
        &[plain, b"y"].concat(),
        "data behind the zip",
        b"y",
        "1 bytes stand behind",
    );
    // Padding is nothing.
    check(&[plain, &[0; 512]].concat(), &[], all);

    let mut split = local(&stored("a", b"1"));
    let (gap, second) = (split.len(), split.len() + 6);
    split.extend(b"secret");
    split.extend(local(&stored("b", b"2")));
    let offset = split.len();
    split.extend(central(&stored("a", b"1"), 1, 0));
    split.extend(central(&stored("b", b"2"), 1, second));
    let size = split.len() - offset;
    split.extend(end(2, size, offset));
    let read = read(ZIP, &split, &[]);
    assert_eq!(read.names(), ["a", "b", &format!("data at {gap:#x}")]);
}

#[test]
fn what_only_begins_or_ends_like_a_part_of_a_zip_is_read() {
    let plain = data!("plain.zip");
    let foreign = |bytes: &[u8]| {
        let members = read(ZIP, bytes, &[]).members.into_iter();
        let foreign: Vec<Vec<u8>> = members
            .filter(|member| member.name.raw().starts_with("data "))
            .map(|member| member.bytes)
            .collect();
        foreign.concat()
    };
    let payload = b"http://evil.example/payload".as_slice();
    let holds = |bytes: &[u8]| foreign(bytes).windows(payload.len()).any(|window| window == payload);
    for mark in [
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"PK\x06\x06",
        b"PK\x06\x07",
        b"PK\x06\x08",
        b"PK\x07\x08",
    ] {
        for filler in [0, 0xff] {
            let hidden = [mark, [filler; 60].as_slice(), payload].concat();
            assert!(holds(&[&hidden, plain].concat()), "before: {mark:?} {filler}");
            let hidden = [&mark[..], &[filler; 60], payload, &[0; 4]].concat();
            assert!(holds(&[plain, &hidden].concat()), "behind: {mark:?} {filler}");
        }
    }
    assert!(holds(&[plain, payload, b"APK Sig Block 42"].concat()));
    let other = zip(&[stored("other", b"1")]);
    assert_eq!(foreign(&[&other, payload, plain].concat()), payload);

    // What two zips in a row leave behind, and the signatures of a package, are nothing.
    assert_eq!(foreign(&[&other, plain].concat()), b"");
    let part = local(&stored("a", b"1"));
    let size = (4 + 8 + 16_u64).to_le_bytes();
    let block = [&size[..], b"pair", &size, b"APK Sig Block 42"].concat();
    let mut package = [part.as_slice(), &[0; 7], &block].concat();
    let offset = package.len();
    let directory = central(&stored("a", b"1"), 1, 0);
    package.extend(&directory);
    package.extend(end(1, directory.len(), offset));
    assert_eq!(foreign(&package), b"");
}

#[test]
fn many_links_are_told_together() {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for _ in 0..100 {
        let part = stored("link", b"../x");
        let mut header = central(&part, 4, bytes.len());
        header[5] = 3;
        header[38..42].copy_from_slice(&(0o120_777_u32 << 16).to_le_bytes());
        directory.extend(header);
        bytes.extend(local(&part));
    }
    let offset = bytes.len();
    bytes.extend(&directory);
    bytes.extend(end(100, directory.len(), offset));
    let read = read(ZIP, &bytes, &[]);
    assert_eq!((read.facts.members.len(), read.problems.len()), (100, 17));
    let last = read.problems.last().unwrap().message.raw();
    assert_eq!(last, "84 more members are links, devices or pipes");
}

#[test]
fn a_symbolic_link_is_listed_with_where_it_leads() {
    let target = stored("link", b"/etc/shadow");
    let mut directory = central(&target, 11, 0);
    directory[5] = 3;
    directory[38..42].copy_from_slice(&(0o120_777_u32 << 16).to_le_bytes());
    let mut bytes = local(&target);
    let offset = bytes.len();
    bytes.extend(&directory);
    bytes.extend(end(1, directory.len(), offset));
    let read = read(ZIP, &bytes, &[]);
    assert!(read.members.is_empty());
    let links: Vec<_> = read
        .facts
        .members
        .iter()
        .map(|member| member.links_to.as_ref().unwrap().raw())
        .collect();
    assert_eq!((links, read.codes()), (vec!["/etc/shadow"], vec!["zip-link"]));
}

#[test]
fn a_file_without_its_end_is_read_by_its_local_headers() {
    let plain = data!("plain.zip");
    let read = read(ZIP, &plain[..plain.len() - 100], &[]);
    assert_eq!(read.names(), ["note.txt", "short.txt", "folder/ünï.txt"]);
    assert_eq!(read.codes(), ["zip-truncated"]);

    let streamed = data!("stream.zip");
    let read = crate::common::read(ZIP, &streamed[..streamed.len() - 60], &[]);
    assert_eq!(read.contents(), [("-", note().as_slice())]);

    let cut = crate::common::read(ZIP, &plain[..2000], &[]);
    assert!(note().starts_with(&cut.members[0].bytes) && cut.members[0].bytes.len() > 5000);
    assert_eq!(cut.codes(), ["zip-truncated", "stream-truncated"]);
}

#[test]
fn names_are_data() {
    let names = [
        "../../etc/passwd",
        "C:\\Windows\\evil.exe",
        "/root/x",
        "a\u{202e}gpj.exe",
        "con",
    ];
    let parts: Vec<Part> = names.iter().map(|name| stored(name, b"x")).collect();
    assert_eq!(read(ZIP, &zip(&parts), &[]).names(), names);
    let mut cp437 = zip(&[stored("abc", b"x")]);
    for at in 0..cp437.len() - 2 {
        if cp437[at..].starts_with(b"abc") {
            cp437[at] = 0x81;
        }
    }
    assert_eq!(read(ZIP, &cp437, &[]).names(), ["übc"]);
}

#[test]
fn entries_that_the_directory_hides_are_found() {
    let hidden = Part {
        listed: false,
        ..stored("hidden.exe", b"MZ")
    };
    let read = read(ZIP, &zip(&[stored("a", b"1"), hidden, stored("b", b"2")]), &[]);
    assert_eq!(read.names(), ["a", "b", "hidden.exe"]);
    assert_eq!(read.codes(), ["zip-unlisted"]);
}

#[test]
fn two_names_for_one_entry_are_told() {
    let part = Part {
        local_name: "invoice.pdf",
        ..stored("invoice.exe", b"MZ")
    };
    let read = read(ZIP, &zip(&[part]), &[]);
    assert_eq!(
        (read.names(), read.codes()),
        (vec!["invoice.exe"], vec!["zip-two-names"])
    );
}

#[test]
fn entries_on_the_same_bytes_are_refused() {
    let kernel = deflated("0", &vec![0; 1 << 20]);
    let mut bomb = local(&kernel);
    let offset = bomb.len();
    let names = ["0", "1", "2", "3"];
    let directory: Vec<u8> = names
        .iter()
        .flat_map(|name| {
            let part = Part { name, ..kernel.clone() };
            central(&part, kernel.data.len(), 0)
        })
        .collect();
    let tail = end(names.len(), directory.len(), offset);
    bomb.extend(directory);
    bomb.extend(tail);
    let read = read(ZIP, &bomb, &[]);
    assert_eq!(read.names(), ["0"]);
    assert!(read.codes().contains(&"zip-overlap"));
    assert_eq!(read.facts.members.len(), 4);
}

#[test]
fn nested_local_headers_are_refused() {
    // Each entry's data spans the next entry's header, as in the best known bombs.
    let inner = local(&deflated("1", &vec![0; 1 << 20]));
    let outer = stored("0", &inner);
    let bytes = local(&outer);
    let inner_at = bytes.len() - inner.len();
    let part = deflated("1", &vec![0; 1 << 20]);
    let directory = [
        central(&outer, outer.data.len(), 0),
        central(&part, part.data.len(), inner_at),
    ]
    .concat();
    let bomb = [bytes.clone(), directory.clone(), end(2, directory.len(), bytes.len())].concat();
    let read = read(ZIP, &bomb, &[]);
    assert_eq!(read.names(), ["0"]);
    assert_eq!(read.codes(), ["zip-overlap"]);
}

#[test]
fn headers_inside_the_names_of_others_cost_linear_time() {
    // Local headers of thirty bytes, each of which claims the next two thousand as its name.
    let mut header = local(&stored("", b""));
    header[26..28].copy_from_slice(&[0xff, 0xff]);
    let mut bytes = header.repeat(40_000);
    let offset = bytes.len();
    let mut directory = Vec::new();
    for at in 0..20_000 {
        directory.extend(central(&stored("x", b""), 0, at * 30));
    }
    assert!(read(ZIP, &bytes, &[]).members.is_empty());
    let tail = end(20_000, directory.len(), offset);
    bytes.extend(directory);
    bytes.extend(tail);
    let read = read(ZIP, &bytes, &[]);
    assert!(read.members.len() <= 2 && read.facts.members.len() >= 20_000);
}

#[test]
fn a_bomb_costs_no_more_than_its_limit_and_hides_nothing() {
    let bytes = zip(&[deflated("bomb", &vec![0; 64 << 20]), stored("after", b"here")]);
    let limits = Limits {
        ratio: 100,
        ..Limits::default()
    };
    let read = read_within(ZIP, &bytes, &[], limits);
    assert_eq!(read.halted.unwrap().0, LimitKind::Ratio);
    assert_eq!(read.names(), ["bomb", "after"]);
    assert!(read.members[0].bytes.len() < 17 << 20);
}

#[test]
fn wrong_checksums_are_told_and_the_bytes_kept() {
    let part = Part {
        crc: 1,
        ..stored("a", b"abc")
    };
    let read = read(ZIP, &zip(&[part]), &[]);
    assert_eq!(
        (read.contents(), read.codes()),
        (vec![("a", b"abc".as_slice())], vec!["zip-checksum"])
    );
}

#[test]
fn damaged_files_end_quietly() {
    survives(ZIP, data!("plain.zip"));
    survives(ZIP, data!("zip64.zip"));
    survives(ZIP, data!("infected.zip"));
    survives(ZIP, data!("lzma.zip"));
    survives(ZIP, &zip(&[stored("a", b"1"), deflated("b", &[0; 5000])]));
}

#[test]
fn entries_read_as_they_come_hold_the_same() {
    let budget = Budget::default();
    for bytes in [
        data!("plain.zip"),
        data!("bzip2.zip"),
        data!("lzma.zip"),
        data!("deflate64.zip"),
        data!("xz.zip"),
        data!("stream.zip"),
    ] {
        let (zip, _) = Zip::open(bytes, &budget);
        for entry in zip.entries() {
            let mut content = zip.content(entry, &budget).unwrap();
            let mut streamed = Vec::new();
            content.read_to_end(&mut streamed).unwrap();
            assert_eq!(content.problem(), None);
            assert_eq!(streamed, zip.unpack(entry, &budget).bytes);
        }
    }
    let wrong = Part {
        crc: 7,
        ..deflated("a", b"content of it")
    };
    let bytes = zip(&[wrong]);
    let (zip, _) = Zip::open(&bytes, &budget);
    let mut content = zip.content(&zip.entries()[0], &budget).unwrap();
    std::io::copy(&mut content, &mut std::io::sink()).unwrap();
    assert_eq!(content.problem().unwrap().code, "zip-checksum");
    let (locked, _) = Zip::open(data!("aes256.zip"), &budget);
    let locked = locked.content(&locked.entries()[0], &budget).unwrap_err();
    assert_eq!(locked.code, "archive-encrypted");
}
