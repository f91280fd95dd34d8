//! What the codecs must bear: limits, damage, truncation.

use super::*;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use watchfire_model::{LimitKind, Limits};

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    out.extend_from_slice(b"note.txt\0");
    out.extend(compress_to_vec(data, 6));
    out.extend(crc32fast::hash(data).to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out
}

fn sample() -> Vec<u8> {
    (0..300_000u32)
        .flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 27).to_le_bytes())
        .collect()
}

/// Cut short anywhere and with flipped bits, a stream must end, without panic, in output no longer than the budget
/// allows. All of the first and last bytes are tried, where headers and checksums are, and samples between.
fn survives(codec: Codec, packed: &[u8]) {
    let limits = Limits {
        artifact_size: 1 << 20,
        dictionary: 16 << 20,
        ..Limits::default()
    };
    let is_tried = |&at: &usize| at < 64 || at + 32 > packed.len() || at % 41 == 0;
    for at in (0..packed.len()).filter(is_tried) {
        let out = unpack(codec, &packed[..at], &Budget::new(limits));
        assert!(out.consumed <= at, "{codec:?} took more than it was given");
        for bit in 0..8 {
            let mut bent = packed.to_vec();
            bent[at] ^= 1 << bit;
            let out = unpack(codec, &bent, &Budget::new(limits));
            assert!(out.bytes.len() <= (1 << 20) + CHUNK, "{codec:?} went past its limit");
        }
    }
}

/// What `tests/data/make.sh` packs.
fn note() -> Vec<u8> {
    let line = |n: u32| format!("{n}: {:x} watchfire 198.51.100.{}\n", n * n % 9973, n % 256);
    (0..600).map(line).collect::<String>().into_bytes()
}

fn code() -> Vec<u8> {
    let call = |n: u32| {
        let [a, b, c, d] = ((n * 64) & 0xffff).to_le_bytes();
        [0x55, 0x89, 0xe5, 0xe8, a, b, c, d, 0xc9, 0xc3, 0x90, 0x90]
    };
    (0..400).flat_map(call).collect()
}

fn check(codec: Codec, packed: &[u8], expected: &[u8]) {
    let budget = Budget::default();
    let mut with_tail = packed.to_vec();
    with_tail.extend_from_slice(b"tail");
    let out = unpack(codec, &with_tail, &budget);
    assert_eq!(out.problem, None, "{codec:?}");
    assert_eq!(out.halted, None, "{codec:?}");
    assert!(
        out.bytes == expected,
        "{codec:?}: {} bytes instead of {}",
        out.bytes.len(),
        expected.len()
    );
    assert_eq!(out.consumed, packed.len(), "{codec:?}");
    assert_eq!(budget.unpacked(), expected.len() as u64);

    let budget = Budget::default();
    let mut streamed = Vec::new();
    let mut reader = reader(codec, Box::new(packed), &budget);
    reader.read_to_end(&mut streamed).unwrap();
    assert!(
        streamed == expected && reader.problem().is_none(),
        "{codec:?} as a stream"
    );
}

#[test]
fn deflate_family_unpacks() {
    let data = sample();
    check(Codec::Deflate, &compress_to_vec(&data, 6), &data);
    check(Codec::Zlib, &compress_to_vec_zlib(&data, 6), &data);
    check(Codec::Gzip, &gzip(&data), &data);
    check(Codec::Gzip, &gzip(b""), b"");
}

#[test]
fn gzip_members_follow_one_another() {
    let packed = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
    check(Codec::Gzip, &packed, b"one two");
    let followed = unpack(Codec::Gzip, &[&packed, &[0x1f, 1][..]].concat(), &Budget::default());
    assert_eq!((followed.consumed, followed.problem), (packed.len(), None));
    assert_eq!(gzip_name(&packed).unwrap().raw(), "note.txt");
}

#[test]
fn a_wrong_checksum_does_not_hide_the_next_member() {
    let mut first = gzip(b"one ");
    let at = first.len() - 8;
    first[at] ^= 1;
    let out = unpack(Codec::Gzip, &[first, gzip(b"two")].concat(), &Budget::default());
    assert_eq!(out.bytes, b"one two");
    assert_eq!(out.problem.unwrap().code, "stream-checksum");
}

#[test]
fn truncation_keeps_what_came_before() {
    let data = sample();
    let packed = compress_to_vec(&data, 6);
    let out = unpack(Codec::Deflate, &packed[..packed.len() / 2], &Budget::default());
    assert_eq!(out.problem.unwrap().code, "stream-truncated");
    assert!(out.bytes.len() > data.len() / 3 && data.starts_with(&out.bytes));
}

#[test]
fn a_bomb_ends_at_the_first_limit() {
    let packed = compress_to_vec(&vec![0; 40 << 20], 9);
    let tight = |limits| {
        let out = unpack(Codec::Deflate, &packed, &Budget::new(limits));
        (out.halted.unwrap().0, out.bytes.len() >> 20)
    };
    let limits = Limits::default();
    assert_eq!(tight(Limits { ratio: 100, ..limits }), (LimitKind::Ratio, 16));
    assert_eq!(
        tight(Limits {
            artifact_size: 3 << 20,
            ..limits
        }),
        (LimitKind::ArtifactSize, 3)
    );
    assert_eq!(
        tight(Limits {
            unpacked: 2 << 20,
            ..limits
        }),
        (LimitKind::Unpacked, 2)
    );
}

#[test]
fn damaged_deflate_streams_end_quietly() {
    let data = &sample()[..3000];
    survives(Codec::Deflate, &compress_to_vec(data, 6));
    survives(Codec::Zlib, &compress_to_vec_zlib(data, 6));
    survives(Codec::Gzip, &gzip(data));
}

#[test]
fn streams_of_other_tools_unpack() {
    check(Codec::Gzip, include_bytes!("../../tests/data/note.gz"), &note());
    check(Codec::Bzip2, include_bytes!("../../tests/data/note.bz2"), &note());
    check(Codec::Xz, include_bytes!("../../tests/data/note.xz"), &note());
    check(Codec::Xz, include_bytes!("../../tests/data/code.xz"), &code());
    check(Codec::LzmaAlone, include_bytes!("../../tests/data/note.lzma"), &note());
    check(Codec::Zstd, include_bytes!("../../tests/data/note.zst"), &note());
    check(Codec::Lz4, include_bytes!("../../tests/data/note.lz4"), &note());
    check(
        Codec::Lz4,
        include_bytes!("../../tests/data/linked.lz4"),
        &note().repeat(10),
    );
    let legacy = unpack(
        Codec::Lz4,
        include_bytes!("../../tests/data/legacy.lz4"),
        &Budget::default(),
    );
    assert_eq!((legacy.bytes, legacy.problem), (note(), None));
    assert_eq!(
        unpack(Codec::Stored, b"as it is", &Budget::default()).bytes,
        b"as it is"
    );
}

#[test]
fn streams_follow_one_another() {
    let files: [(Codec, &[u8]); 5] = [
        (Codec::Bzip2, include_bytes!("../../tests/data/note.bz2")),
        (Codec::Xz, include_bytes!("../../tests/data/note.xz")),
        (Codec::Zstd, include_bytes!("../../tests/data/note.zst")),
        (Codec::Lz4, include_bytes!("../../tests/data/note.lz4")),
        (Codec::Lz4, include_bytes!("../../tests/data/legacy.lz4")),
    ];
    for (codec, packed) in files {
        let out = unpack(codec, &packed.repeat(2), &Budget::default());
        assert_eq!((out.problem, out.consumed), (None, packed.len() * 2), "{codec:?}");
        assert_eq!(out.bytes, note().repeat(2), "{codec:?}");
    }
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    for (codec, packed) in [files[2], files[3]] {
        let out = unpack(codec, &[&skippable, packed, &skippable].concat(), &Budget::default());
        assert_eq!((out.problem, out.bytes), (None, note()), "{codec:?}");
    }
}

#[test]
fn truncated_streams_keep_what_came_before() {
    let files: [(Codec, &[u8]); 5] = [
        (Codec::Gzip, include_bytes!("../../tests/data/note.gz")),
        (Codec::Xz, include_bytes!("../../tests/data/note.xz")),
        (Codec::LzmaAlone, include_bytes!("../../tests/data/note.lzma")),
        (Codec::Lz4, include_bytes!("../../tests/data/linked.lz4")),
        (Codec::Bzip2, include_bytes!("../../tests/data/note.bz2")),
    ];
    let long = note().repeat(10);
    for (codec, packed) in files {
        let out = unpack(codec, &packed[..packed.len() - 13], &Budget::default());
        assert_eq!(out.problem.unwrap().code, "stream-truncated", "{codec:?}");
        assert!(long.starts_with(&out.bytes), "{codec:?}");
        // One block of bzip2 holds the whole note.
        assert!(
            out.bytes.len() > 20_000 || codec == Codec::Bzip2,
            "{codec:?} kept {}",
            out.bytes.len()
        );
    }
}

#[test]
fn dictionaries_are_checked_first() {
    let budget = Budget::new(Limits {
        dictionary: 1 << 20,
        ..Limits::default()
    });
    let halted = |codec, packed: &[u8]| unpack(codec, packed, &budget).halted;
    let dictionary = Some(Halt(LimitKind::Dictionary));
    let unsized_alone = [&[0x5d, 0, 0, 0, 0x80][..], &[0xff; 8], &[0; 20]].concat();
    assert_eq!(halted(Codec::LzmaAlone, &unsized_alone), dictionary);
    assert_eq!(halted(Codec::Lzma2 { property: 40 }, b""), dictionary);
    assert_eq!(
        halted(Codec::Xz, include_bytes!("../../tests/data/note.xz")),
        dictionary
    );
    // A frame with a window descriptor of 1 << 30.
    assert_eq!(
        halted(Codec::Zstd, &[0x28, 0xb5, 0x2f, 0xfd, 0, 0xa0, 1, 0, 0]),
        dictionary
    );
}

#[test]
fn damaged_streams_end_quietly() {
    survives(Codec::Bzip2, include_bytes!("../../tests/data/note.bz2"));
    survives(Codec::Xz, include_bytes!("../../tests/data/code.xz"));
    survives(Codec::LzmaAlone, include_bytes!("../../tests/data/note.lzma"));
    survives(Codec::Zstd, include_bytes!("../../tests/data/note.zst"));
    survives(Codec::Lz4, include_bytes!("../../tests/data/linked.lz4"));
    survives(Codec::Lz4, include_bytes!("../../tests/data/legacy.lz4"));
    survives(
        Codec::Deflate64,
        include_bytes!("../../tests/data/note.gz").get(10..).unwrap(),
    );
}

#[test]
fn filters_undo_themselves() {
    assert_eq!(unfilter(Filter::Delta(0), &[1, 1, 1, 255]).bytes, [1, 2, 3, 2]);
    for filter in [
        Filter::X86,
        Filter::Arm,
        Filter::ArmThumb,
        Filter::Arm64,
        Filter::PowerPc,
        Filter::Sparc,
        Filter::Ia64,
        Filter::RiscV,
    ] {
        assert_eq!(unfilter(filter, &code()).bytes.len(), code().len(), "{filter:?}");
    }
    let call_to_2 = [0xe8, 7, 0, 0, 0, 0x90, 0x90, 0x90, 0x90, 0x90];
    assert_eq!(unfilter(Filter::X86, &call_to_2).bytes[1], 2);
}

/// A block comes out whole, not longer than it should be, and however it is cut or bent, no longer either.
fn check_block(packing: Block, packed: &[u8], expected: &[u8]) {
    let unpacked = |packed: &[u8], size| unpack_block(packing, packed, size, &Budget::default());
    let whole = unpacked(packed, expected.len());
    assert_eq!((whole.bytes.as_slice(), whole.problem), (expected, None), "{packing:?}");
    let short = unpacked(packed, expected.len() - 1);
    assert!(
        short.bytes.len() < expected.len() && short.problem.is_some(),
        "{packing:?}"
    );
    assert!(unpacked(packed, expected.len() + 1).problem.is_some(), "{packing:?}");
    for at in 0..packed.len() {
        assert!(
            unpacked(&packed[..at], expected.len()).problem.is_some(),
            "{packing:?} cut at {at}"
        );
        let mut bent = packed.to_vec();
        for bit in 0..8 {
            bent[at] = packed[at] ^ 1 << bit;
            assert!(
                unpacked(&bent, expected.len()).bytes.len() <= expected.len(),
                "{packing:?}"
            );
        }
    }
}

/// LZ4 of nothing but letters, of which there are 15 at least.
fn literals(letters: &[u8]) -> Vec<u8> {
    let (full, rest) = ((letters.len() - 15) / 255, (letters.len() - 15) % 255);
    let length = [vec![0xf0], vec![255; full], vec![rest as u8]].concat();
    [&length, letters].concat()
}

#[test]
fn blocks_are_as_long_as_they_should_be() {
    let letters = b"Wikipedia is a free, web-based, collaborative, multilingual encyclopedia project.";
    let stored = [&[81, 0xf0, 80], &letters[..]].concat();
    check_block(Block::Snappy, &stored, letters);
    // A literal, copies with one, two and four bytes of distance, the first of them over itself.
    let copies = [
        20, 0x08, b'a', b'b', b'c', 0x05, 1, 0x12, 8, 0, 0x13, 3, 0, 0, 0, 0x00, b'!',
    ];
    let expected = b"abcccccc\0";
    let mut plain = expected[..8].to_vec();
    for (distance, count) in [(8, 5), (3, 5)] {
        for _ in 0..count {
            plain.push(plain[plain.len() - distance]);
        }
    }
    plain.push(b'!');
    let packed = [&[plain.len() as u8], &copies[1..]].concat();
    check_block(Block::Snappy, &packed, &plain);
    let nowhere = unpack_block(Block::Snappy, &[9, 0x00, b'a', 0x11, 9], 9, &Budget::default());
    assert!(
        nowhere
            .problem
            .is_some_and(|problem| problem.message.raw().contains("not there"))
    );

    let note = note().get(..500).unwrap().to_vec();
    let lz4 = literals(&note);
    check_block(Block::Lz4, &lz4, &note);
    check_block(Block::Lz4Hadoop, &lz4, &note);
    let piece = |part: &[u8]| {
        let packed = literals(part);
        let lengths = [(part.len() as u32).to_be_bytes(), (packed.len() as u32).to_be_bytes()].concat();
        [lengths, packed].concat()
    };
    check_block(
        Block::Lz4Hadoop,
        &[piece(&note[..300]), piece(&note[300..])].concat(),
        &note,
    );
    check_block(Block::Gzip, &gzip(&note), &note);
    check_block(Block::Stored, &note, &note);
}
