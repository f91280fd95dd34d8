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

/// Every prefix and every flipped bit must end, without panic, in output no longer than the budget allows.
fn survives(codec: Codec, packed: &[u8]) {
    let limits = Limits {
        artifact_size: 1 << 20,
        dictionary: 16 << 20,
        ..Limits::default()
    };
    for cut in 0..packed.len() {
        let out = unpack(codec, &packed[..cut], &Budget::new(limits));
        assert!(out.consumed <= cut, "{codec:?} took more than it was given");
    }
    for bit in 0..packed.len() * 8 {
        let mut bent = packed.to_vec();
        bent[bit / 8] ^= 1 << (bit % 8);
        let out = unpack(codec, &bent, &Budget::new(limits));
        assert!(out.bytes.len() <= (1 << 20) + CHUNK, "{codec:?} went past its limit");
    }
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
