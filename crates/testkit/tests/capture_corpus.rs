//! Every capture of the corpus opens, is read to its end, and has as many frames as other readers count; cut or damaged
//! it stays readable. `capture_counts.tsv` holds their counts, with the versions that made them.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, and it prints its figures"
)]

use std::collections::BTreeMap;
use std::fs;
use watchfire_capture::{Block, FrameReader, Packet, Reassembler, decode};
use watchfire_testkit::corpus::corpus_folder;
use watchfire_testkit::{Random, mutate};

const COUNTS: &str = include_str!("capture_counts.tsv");

/// Path, bytes (unpacked) and frames by another reader's count, of every capture that is at hand.
fn captures(test: &str) -> Vec<(&'static str, Vec<u8>, u64)> {
    let Some(folder) = corpus_folder(test, "pcap") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for line in COUNTS.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (Some(path), Some(count)) = (fields.next(), fields.next()) else {
            panic!("'{line}' is no count");
        };
        let bytes = fs::read(folder.join(path)).expect("the corpus holds what is counted");
        found.push((path, unpacked(bytes), count.parse().expect("a number")));
    }
    found
}

/// What is in a gzip file, whose header has a name at most.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let Some([0x1f, 0x8b, 8, flags]) = bytes.first_chunk() else {
        return bytes;
    };
    let named = flags & 0x08 != 0;
    let name = bytes[10..].iter().take_while(|byte| named && **byte != 0).count();
    let body = 10 + name + usize::from(named);
    miniz_oxide::inflate::decompress_to_vec(&bytes[body..]).expect("it can be unpacked")
}

/// What is in a capture.
#[derive(Default)]
struct Seen {
    frames: u64,
    packets: u64,
    /// Packets that were put together.
    whole: u64,
    skipped: u64,
    problems: Vec<String>,
}

fn read(bytes: &[u8]) -> Seen {
    let mut reader = FrameReader::new(bytes);
    let mut block = Block::default();
    let mut reassembler = Reassembler::default();
    let mut seen = Seen::default();
    while reader.next_block(&mut block) {
        for frame in block.frames() {
            let bytes = block.bytes_of(frame);
            assert_eq!(
                bytes.len(),
                frame.captured as usize,
                "frame {} is not there",
                frame.number
            );
            let Ok(packet) = decode(frame.link, bytes, frame.length) else {
                continue;
            };
            seen.packets += 1;
            lies_inside(&packet, bytes);
            if packet.fragment.is_some()
                && let Some(whole) = reassembler.add(frame.number, &packet, bytes)
            {
                lies_inside(&whole.packet, &whole.bytes);
                seen.whole += 1;
            }
        }
    }
    seen.frames = reader.frames();
    seen.skipped = reader.skipped();
    let message = |problem: &watchfire_model::Problem| problem.message.raw().to_owned();
    seen.problems = reader.problems().iter().map(message).collect();
    seen
}

fn lies_inside(packet: &Packet, bytes: &[u8]) {
    let payload = packet.payload.clone();
    assert!(payload.start <= payload.end && payload.end as usize <= bytes.len());
}

#[test]
fn every_capture_has_as_many_frames_as_others_count() {
    let mut folders = BTreeMap::<&str, [u64; 4]>::new();
    for (path, bytes, expected) in captures("counts of frames") {
        let seen = read(&bytes);
        assert_eq!(seen.frames, expected, "{path}: {:?}", seen.problems);
        // The only capture that is cut, by two bytes.
        let cut = path == "ndpi/fuzz-2021-10-13.pcap";
        assert_eq!(
            (seen.skipped, seen.problems.len()),
            if cut { (2, 1) } else { (0, 0) },
            "{path}"
        );
        let sums = folders.entry(path.split('/').next().unwrap_or_default()).or_default();
        for (sum, count) in sums.iter_mut().zip([1, seen.frames, seen.packets, seen.whole]) {
            *sum += count;
        }
    }
    for (folder, [files, frames, packets, whole]) in &folders {
        println!("{folder}: {files} files, {frames} frames, {packets} packets, {whole} put together");
    }
}

#[test]
fn cut_captures_keep_the_frames_before_the_cut() {
    for (path, bytes, expected) in captures("cut captures") {
        let mut before = 0;
        for part in 1..8 {
            let seen = read(&bytes[..bytes.len() * part / 8]);
            assert!(seen.frames >= before && seen.frames <= expected, "{path}: {part}/8");
            before = seen.frames;
        }
    }
}

#[test]
fn damaged_captures_are_read_to_their_end() {
    let (mut all, mut kept) = (0, 0);
    for (number, (path, bytes, expected)) in captures("damaged captures").into_iter().enumerate() {
        let mut random = Random::new(number as u64);
        for _ in 0..3 {
            let mut flipped = bytes.clone();
            mutate::flip_bits(&mut random, &mut flipped);
            let seen = read(&flipped);
            assert!(seen.problems.len() <= 64, "{path}: too many problems");
            // Where a header of a file was hit, there may be nothing left.
            all += expected;
            kept += seen.frames.min(expected);
            read(&mutate::mutate(&mut random, &bytes, b"\xd4\xc3\xb2\xa1\x02\0\x04\0"));
        }
    }
    if all > 0 {
        let share = 100.0 * kept as f64 / all as f64;
        println!("{kept} of {all} frames are left when up to 16 bits are flipped, {share:.2} %");
        assert!(share > 97.0, "{share:.2} % of the frames are left");
    }
}
