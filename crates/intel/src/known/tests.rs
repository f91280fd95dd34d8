//! What is taken from lists and filters, and what damage and malice come to.

use super::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("watchfire-known-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn keep(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.join("kept");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn files(&self) -> usize {
        std::fs::read_dir(&self.0).unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const A: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
const B: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const M: &str = "900150983cd24fb0d6963f7d28e17f72";

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    std::array::from_fn(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2).unwrap(), 16).unwrap())
}

fn digests(sha1: &str) -> Digests {
    Digests {
        sha1: Some(bytes(sha1)),
        ..Digests::default()
    }
}

/// What a list of these lines holds: SHA-1 `A` and SHA-256 `B`, and what else was counted.
#[track_caller]
fn check(text: &str, a: bool, b: bool) -> Taken {
    let folder = Folder::new(&format!(
        "check-{:x}",
        text.len() + usize::from(a) * 1000 + usize::from(b) * 2000
    ));
    let mut out = Vec::new();
    let taken = pack(&mut text.as_bytes(), &folder.0, &mut out).unwrap();
    let known = KnownFiles::open(&folder.keep(&out)).unwrap();
    let none = Digests::default();
    assert_eq!(known.held(&[7; 32], &digests(A)), a.then_some(Held::Surely), "{text}");
    assert_eq!(known.held(&bytes(B), &none), b.then_some(Held::Surely), "{text}");
    assert_eq!(known.held(&[0; 32], &none), None);
    assert_eq!(known.needs_sha1(), a);
    taken
}

#[test]
fn every_way_to_write_a_list_is_read() {
    check(&format!("{A}\n{B}\n"), true, true);
    check(&format!("{}\r\n", A.to_uppercase()), true, false);
    check(&format!("{A}  notepad.exe\n{B} *b in.dll\n"), true, true);
    check(&format!("\\{A}  a\\nb\n"), true, false);
    check(&format!("SHA256 (a = b) = {B}\nSHA1 (x) = {A}\n"), true, true);
    check(
        &format!("%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ x\n3,{M},{B},/a,b\n"),
        false,
        true,
    );
    check(&format!("# a comment\n\"{A}\",\"x\"\n"), true, false);
    check(&format!("sha256,sha1,md5,file_name\n{B},{A},{M},x\n"), false, true);
}

#[test]
fn the_nsrl_is_read_by_its_header_and_without_what_it_marks() {
    let text = format!(
        "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\r\n\
         \"{}\",\"{M}\",\"352441C2\",\"say \"\"hi\"\", {B}\",3,8762,\"358\",\"\"\r\n\
         \"00000079FD7AAC9B2F9C988C50750E1F50B27EB5\",\"{M}\",\"7A5407CA\",\"tool.exe\",3,1,\"2\",\"M\"\r\n",
        A.to_uppercase()
    );
    let taken = check(&text, true, false);
    assert_eq!((taken.sha1, taken.marked, taken.unread), (1, 1, 0));
}

#[test]
fn a_name_is_no_digest() {
    // A sample named by its digest, in the output of md5sum and of sha1sum.
    let folder = Folder::new("names");
    let refused = pack(&mut format!("{M}  {B}\n").as_bytes(), &folder.0, &mut Vec::new());
    assert!(matches!(refused, Err(FeedError::Different { .. })), "{refused:?}");
    check(&format!("{A}  {B}\n{A},{B}\n"), true, false);
}

#[test]
fn no_list_makes_an_empty_file_known() {
    let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    let taken = check(&format!("{empty}\n{A}\n"), true, false);
    assert_eq!(taken.sha1, 1);
    let folder = Folder::new("empty");
    assert_eq!(
        pack(&mut empty.as_bytes(), &folder.0, &mut Vec::new()),
        Err(FeedError::Empty)
    );
}

#[test]
fn what_is_no_list_is_refused() {
    let folder = Folder::new("refused");
    let long = format!("{A}\n{}", "x".repeat(3 << 20));
    let many = format!("{}{A}\n", "just some words\n".repeat(3));
    for (text, what) in [
        ("", "nothing"),
        ("<!doctype html><html>", "a web page"),
        (M, "MD5 alone"),
        (many.as_str(), "prose"),
        ("\u{1f}\u{8b}\u{8}\0", "packed"),
    ] {
        assert!(
            pack(&mut text.as_bytes(), &folder.0, &mut Vec::new()).is_err(),
            "{what}"
        );
    }
    // A line of megabytes is one line that is nothing.
    let taken = pack(&mut long.as_bytes(), &folder.0, &mut Vec::new()).unwrap();
    assert_eq!((taken.sha1, taken.unread), (1, 1));
}

/// Digests that look like chance.
fn some(count: u32) -> Vec<[u8; 32]> {
    (0..count)
        .map(|number| Sha256::digest(number.to_le_bytes()).into())
        .collect()
}

#[test]
fn runs_in_files_give_what_memory_gives_and_go_away() {
    let folder = Folder::new("runs");
    let all = some(10_000);
    let lines = |digest: &[u8; 32]| {
        let text = watchfire_model::digest_hex(digest);
        format!("{text}\n{}\n{text}\n", text.get(..40).unwrap())
    };
    let text: String = all.iter().map(lines).collect();
    let (mut few, mut many) = (Vec::new(), Vec::new());
    let in_memory = list::pack_by(1 << 20, &mut text.as_bytes(), &folder.0, &mut many).unwrap();
    let in_files = list::pack_by(997, &mut text.as_bytes(), &folder.0, &mut few).unwrap();
    assert_eq!(in_memory, in_files);
    assert_eq!((in_files.sha1, in_files.sha256), (10_000, 10_000));
    assert_eq!(folder.files(), 0);
    assert!(few == many);
    let known = KnownFiles::open(&folder.keep(&few)).unwrap();
    let none = Digests::default();
    let set: BTreeSet<[u8; 32]> = all.iter().copied().collect();
    // Every digest is found, its neighbours are not: a set is the naive twin.
    for digest in &all {
        let mut near = *digest;
        near[31] ^= 1;
        assert_eq!(known.held(digest, &none), Some(Held::Surely));
        assert_eq!(known.held(&near, &none).is_some(), set.contains(&near));
        let sha1 = Digests {
            sha1: digest.first_chunk().copied(),
            ..none
        };
        assert_eq!(known.held(&[1; 32], &sha1), Some(Held::Surely));
    }
}

#[test]
fn damage_holds_nothing_and_never_panics() {
    let folder = Folder::new("damage");
    let text: String = some(2_000)
        .iter()
        .map(|digest| format!("{}\n", watchfire_model::digest_hex(digest)))
        .collect();
    let mut whole = Vec::new();
    pack(&mut text.as_bytes(), &folder.0, &mut whole).unwrap();
    for length in (0..whole.len()).step_by(977).chain([whole.len() - 1]) {
        assert!(KnownFiles::open(&folder.keep(&whole[..length])).is_err(), "{length}");
    }
    let probe = some(50);
    for at in (0..whole.len()).rev().take(4_000).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        if let Ok(known) = KnownFiles::open(&folder.keep(&damaged)) {
            for digest in &probe {
                known.held(digest, &Digests::default());
            }
        }
    }
}

/// Made by DCSO's own Python tool (flor 1.1.3): capacity 4, share of errors 0.001, holding the SHA-1 of `known one`,
/// `known two` and `known three`.
const FILTER: &str = "01000000000000000400000000000000fca9f1d24d62503f0a0000000000000039000000000000000300000000000000\
                      6c172cd656019000";

fn filter() -> Vec<u8> {
    let text: String = FILTER.split_whitespace().collect();
    bytes::<56>(&text).to_vec()
}

/// What it holds.
const HELD: [&str; 3] = [
    "b63362098f76adf7cfd28b3fe60a334e61677c91",
    "50ea01ff9c23510fc1d7492089082e780a405cd9",
    "70313baf3c92e53ca680d365419e3630e8dfb317",
];

#[test]
fn a_filter_of_another_tool_is_read_and_only_probable() {
    let folder = Folder::new("filter");
    let mut whole = filter();
    whole.extend(b"data of somebody's own");
    let mut out = Vec::new();
    let taken = pack(&mut whole.as_slice(), &folder.0, &mut out).unwrap();
    assert_eq!(taken.sha1, 3);
    assert!(taken.wrong.is_some_and(|wrong| wrong < 0.01), "{taken:?}");
    // What is attached is left out.
    assert_eq!(out.len(), 56);
    let known = KnownFiles::open(&folder.keep(&out)).unwrap();
    assert!(known.is_filter() && known.needs_sha1());
    for held in HELD {
        assert_eq!(known.held(&[0; 32], &digests(held)), Some(Held::Probably), "{held}");
    }
    assert_eq!(known.held(&[0; 32], &digests(A)), None);
    assert_eq!(known.held(&[0; 32], &Digests::default()), None);
}

#[test]
fn a_filter_that_lies_about_itself_is_refused() {
    let folder = Folder::new("liar");
    let with = |at: usize, number: u64| {
        let mut filter = filter();
        filter[at..at + 8].copy_from_slice(&number.to_le_bytes());
        filter
    };
    let full = [&filter()[..48], &[0xff; 8]].concat();
    let none = [&filter()[..48], &[0; 8]].concat();
    for (filter, what) in [
        (with(24, 0), "no function"),
        (with(24, u64::MAX), "functions without end"),
        (with(32, 0), "no bits"),
        (with(32, u64::MAX), "bits without end"),
        (with(32, 1 << 36), "more bits than there are"),
        (filter()[..50].to_vec(), "cut off"),
        (filter()[..20].to_vec(), "cut off in its header"),
        (full, "full"),
        (none, "empty"),
    ] {
        let taken = pack(&mut filter.as_slice(), &folder.0, &mut Vec::new());
        assert!(taken.is_err(), "{what}: {taken:?}");
        // Nor is it opened where somebody put it into the folder.
        if !matches!(what, "full" | "empty") {
            assert!(KnownFiles::open(&folder.keep(&filter)).is_err(), "{what}");
        }
    }
}
