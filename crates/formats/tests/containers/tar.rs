//! tar in its dialects.

use crate::common::{SHORT, note, read, survives};
use std::io::Read as _;
use watchfire_formats::archive::TarStream;
use watchfire_formats::capped::{Codec, unpack};
use watchfire_formats::identify::media::TAR;
use watchfire_model::Budget;

fn unpacked(codec: Codec, packed: &[u8]) -> Vec<u8> {
    unpack(codec, packed, &Budget::default()).bytes
}

fn gz(packed: &[u8]) -> Vec<u8> {
    unpacked(Codec::Gzip, packed)
}

fn long_name() -> String {
    format!("{}/{}", "d".repeat(80), "e".repeat(90))
}

#[test]
fn all_dialects_are_read() {
    let note = note();
    let ustar = read(TAR, &gz(data!("ustar.tar.gz")), &[]);
    assert_eq!(
        ustar.contents(),
        [("note.txt", note.as_slice()), ("folder/ünï.txt", SHORT)]
    );
    assert_eq!(ustar.facts.members.len(), 3);

    let long = long_name();
    let gnu = read(TAR, &unpacked(Codec::Xz, data!("gnu.tar.xz")), &[]);
    assert_eq!(gnu.contents(), [(long.as_str(), SHORT), ("short.txt", SHORT)]);
    let pax = read(TAR, &unpacked(Codec::Bzip2, data!("pax.tar.bz2")), &[]);
    assert_eq!(pax.contents(), [(long.as_str(), SHORT), ("folder/ünï.txt", SHORT)]);
    let v7 = read(TAR, &gz(data!("v7.tar.gz")), &[]);
    assert_eq!(v7.contents(), [("short.txt", SHORT)]);
    for archive in [ustar, gnu, pax, v7] {
        assert_eq!(archive.codes(), Vec::<&str>::new());
    }
}

#[test]
fn truncation_keeps_the_beginning() {
    let whole = gz(data!("ustar.tar.gz"));
    let cut = read(TAR, &whole[..5000], &[]);
    assert_eq!(cut.codes(), ["tar-truncated"]);
    assert!(note().starts_with(&cut.members[0].bytes) && cut.members[0].bytes.len() == 5000 - 512);
}

#[test]
fn damage_between_members_is_skipped() {
    let mut bent = gz(data!("ustar.tar.gz"));
    let second = bent.windows(7).position(|window| window == b"folder/").unwrap();
    bent[second] = b'F';
    let read = read(TAR, &bent, &[]);
    assert_eq!(read.names(), ["note.txt", "folder/ünï.txt"]);
    assert_eq!(read.codes(), ["tar-damaged"]);
}

#[test]
fn names_that_climb_are_data() {
    let mut header = [0; 512];
    header[..16].copy_from_slice(b"../../etc/passwd");
    header[124..136].copy_from_slice(b"00000000003\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let bytes = [&header[..], b"abc", &[0; 509]].concat();
    assert_eq!(
        read(TAR, &bytes, &[]).contents(),
        [("../../etc/passwd", b"abc".as_slice())]
    );
    assert_eq!(
        watchfire_formats::identify::identify(&bytes, &watchfire_model::Hints::default()).media_type,
        TAR
    );
}

#[test]
fn a_stream_of_tar_reads_the_same() {
    let packed = data!("ustar.tar.gz");
    let budget = Budget::default();
    let mut streamed = Vec::new();
    watchfire_formats::capped::reader(Codec::Gzip, Box::new(packed), &budget)
        .read_to_end(&mut streamed)
        .unwrap();
    assert_eq!(streamed, gz(packed));
}

#[test]
fn damaged_files_end_quietly() {
    survives(TAR, &unpacked(Codec::Xz, data!("gnu.tar.xz")));
    survives(TAR, &unpacked(Codec::Bzip2, data!("pax.tar.bz2")));
}

/// Files of an archive as they come, and whether something was wrong.
#[allow(clippy::unwrap_used, reason = "memory can always be read")]
fn streamed(bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, bool) {
    let mut stream = TarStream::new(bytes);
    let mut files = Vec::new();
    while let Ok(Some(member)) = stream.next_member() {
        let mut content = Vec::new();
        assert!(stream.read_to_end(&mut content).is_ok(), "memory can be read");
        if member.is_file {
            files.push((member.name.raw().to_owned(), content));
        }
    }
    (files, stream.problem().is_some())
}

#[test]
fn read_as_it_comes_an_archive_holds_the_same() {
    let archives = [
        gz(data!("ustar.tar.gz")),
        unpacked(Codec::Xz, data!("gnu.tar.xz")),
        unpacked(Codec::Bzip2, data!("pax.tar.bz2")),
        gz(data!("v7.tar.gz")),
    ];
    for bytes in &archives {
        let whole = read(TAR, bytes, &[]);
        let whole: Vec<(String, Vec<u8>)> = whole
            .contents()
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content.to_vec()))
            .collect();
        assert_eq!(streamed(bytes), (whole, false));
    }
    // What is not read of a member is passed over.
    let mut stream = TarStream::new(&archives[0][..]);
    assert_eq!(stream.next_member().unwrap().unwrap().name.raw(), "note.txt");
    let mut names = Vec::new();
    while let Some(member) = stream.next_member().unwrap() {
        names.push(member.name.raw().to_owned());
    }
    assert!(names.contains(&"folder/ünï.txt".to_owned()), "{names:?}");
}

#[test]
fn read_as_it_comes_damage_is_told() {
    let whole = gz(data!("ustar.tar.gz"));
    assert!(streamed(&whole[..5000]).1);
    let mut bent = whole.clone();
    let second = bent.windows(7).position(|window| window == b"folder/").unwrap();
    bent[second] = b'F';
    let (files, is_damaged) = streamed(&bent);
    assert!(is_damaged);
    assert_eq!(files.last().unwrap().0, "folder/ünï.txt");
    for end in (0..whole.len()).step_by(97) {
        streamed(&whole[..end]);
    }
}
