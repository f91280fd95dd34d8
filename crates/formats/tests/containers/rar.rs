//! RAR in both of its formats, as far as it is read.

use crate::common::{read, survives};
use watchfire_formats::identify::media::RAR;
use watchfire_model::Untrusted;

/// A number of seven bits a byte.
fn number(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A block of RAR 5: its fields, what stands behind them, its data. Checksums are not looked at.
fn block(kind: u64, fields: &[u64], behind: &[u8], extra: &[u8], data: &[u8]) -> Vec<u8> {
    let flags = u64::from(!extra.is_empty()) | u64::from(!data.is_empty()) << 1;
    let mut head = [number(kind), number(flags)].concat();
    if !extra.is_empty() {
        head.extend(number(extra.len() as u64));
    }
    if !data.is_empty() {
        head.extend(number(data.len() as u64));
    }
    fields.iter().for_each(|field| head.extend(number(*field)));
    head.extend(behind);
    head.extend(extra);
    [vec![0; 4], number(head.len() as u64), head, data.to_vec()].concat()
}

/// A member of RAR 5. `method` 0 is stored.
fn member(name: &str, size: u64, method: u64, extra: &[u8], data: &[u8]) -> Vec<u8> {
    let named = [number(name.len() as u64), name.as_bytes().to_vec()].concat();
    block(2, &[0, size, 0x20, method << 7, 0], &named, extra, data)
}

fn new(blocks: &[Vec<u8>]) -> Vec<u8> {
    let begin = [b"Rar!\x1a\x07\x01\0".to_vec(), block(1, &[0], b"", b"", b"")].concat();
    [begin, blocks.concat(), block(5, &[0], b"", b"", b"")].concat()
}

/// A member of RAR 1.5 to 4.
fn old_member(name: &[u8], flags: u16, method: u8, data: &[u8]) -> Vec<u8> {
    let size = (data.len() as u32).to_le_bytes();
    let mut head = vec![0, 0, 0x74];
    head.extend((flags | 0x8000).to_le_bytes());
    head.extend((32 + name.len() as u16).to_le_bytes());
    head.extend(size);
    head.extend(size);
    head.extend([0; 10]);
    head.push(method);
    head.extend((name.len() as u16).to_le_bytes());
    head.extend([0; 4]);
    head.extend(name);
    [head, data.to_vec()].concat()
}

fn old(blocks: &[Vec<u8>]) -> Vec<u8> {
    let begin = b"Rar!\x1a\x07\0\0\0\x73\0\0\x0d\0\0\0\0\0\0\0";
    [begin.to_vec(), blocks.concat(), b"\0\0\x7b\0\x40\x07\0".to_vec()].concat()
}

/// Names with what is known of them: encrypted, read.
#[track_caller]
fn check(archive: &[u8], expected: &[(&str, bool, bool)], codes: &[&str]) {
    let found = read(RAR, archive, &[]);
    let members = found.facts.members.iter();
    let told: Vec<(&str, bool, bool)> = members
        .map(|member| (member.name.raw(), member.encrypted, member.read))
        .collect();
    assert_eq!((told.as_slice(), found.codes().as_slice()), (expected, codes));
}

#[test]
fn members_are_listed_and_stored_ones_come_out() {
    let encrypted = [&number(4)[..], &number(1), b"\0\0\0"].concat();
    let archive = new(&[
        member("a/stored.txt", 4, 0, b"", b"text"),
        member("invoice.pdf.exe", 90_000, 3, b"", b"packed"),
        member("locked.txt", 4, 0, &encrypted, b"????"),
    ]);
    let expected = [
        ("a/stored.txt", false, true),
        ("invoice.pdf.exe", false, false),
        ("locked.txt", true, false),
    ];
    check(&archive, &expected, &["not-opened", "archive-encrypted"]);
    assert_eq!(read(RAR, &archive, &[]).contents(), [("a/stored.txt", &b"text"[..])]);
    let archive = old(&[
        old_member(b"stored.txt", 0, 0x30, b"text"),
        old_member(b"packed.exe", 0, 0x33, b"packed"),
        old_member(b"locked.exe", 0x04, 0x33, b"packed"),
        old_member(b"folder", 0xe0, 0x30, b""),
    ]);
    let expected = [
        ("stored.txt", false, true),
        ("packed.exe", false, false),
        ("locked.exe", true, false),
        ("folder", false, false),
    ];
    check(&archive, &expected, &["not-opened", "archive-encrypted"]);
}

#[test]
fn old_names_are_unicode_where_they_say_so() {
    // "?a", and the same with a Greek letter: one unit of the other half, one as it stands.
    let archive = old(&[old_member(b"?a\0\x03\x40\xb1\x61", 0x200, 0x33, b"x")]);
    check(&archive, &[("\u{3b1}a", false, false)], &["not-opened"]);
}

#[test]
fn a_list_that_is_encrypted_is_said_to_be() {
    let locked = new(&[block(4, &[0, 0, 15], b"", b"", b""), vec![7; 64]]);
    check(&locked, &[], &["archive-encrypted"]);
    assert!(read(RAR, &locked, &[]).facts.encrypted_listing);
    let locked = [b"Rar!\x1a\x07\0\0\0\x73\x80\0\x0d\0\0\0\0\0\0\0".to_vec(), vec![7; 64]].concat();
    check(&locked, &[], &["archive-encrypted"]);
}

#[test]
fn damage_keeps_the_beginning() {
    let whole = new(&[member("a", 4, 0, b"", b"text"), member("b", 4, 0, b"", b"text")]);
    let cut = read(RAR, &whole[..whole.len() - 12], &[]);
    assert_eq!(cut.facts.members[0].name, Untrusted::from("a"));
    assert!(cut.codes().contains(&"rar-truncated"), "{:?}", cut.codes());
    survives(RAR, &whole);
    survives(RAR, &old(&[old_member(b"?a\0\x03\x40\xb1\x61", 0x300, 0x30, b"x")]));
    // Blocks that claim more than there is, and as much as there can be.
    let huge = new(&[member("a", u64::MAX >> 1, 0, b"", b"text")]);
    assert_eq!(read(RAR, &huge, &[]).members.len(), 1);
}

#[test]
fn a_few_bytes_for_each_member_fill_no_memory() {
    let many = member("a", 1, 3, b"", b"").repeat(250_100);
    let found = read(RAR, &new(&[many]), &[]);
    assert_eq!(found.facts.members.len(), 250_000);
    assert!(found.codes().contains(&"rar-members"), "{:?}", found.codes());
    // A header in which no member fits is damage.
    let short = b"\0\0\x74\0\0\x07\0".repeat(1_000);
    check(&old(&[short]), &[], &["rar-truncated"]);
}
