//! Notebooks of OneNote (MS-ONESTORE, MS-ONE): the files that were put into them, and their texts.
//!
//! Files stand in the notebook between two marks with their length (2.6.13) and are found by those, so that a damaged list
//! hides none. Names are texts of a property (MS-ONE 2.3.40); which file has which is told by order where there are as many
//! names as files that are no pictures, and left open otherwise. Absent: pages, layout, revisions, notebooks as a server
//! keeps them.

use super::outlet::Outlet;
use crate::bytes::{has, le16, le32, le64};
use crate::capped::{Codec, unpack};
use crate::email::outlook::wide;
use crate::identify::identify;
use memchr::memmem;
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem, Span};

/// What a file begins with, and what stands behind it.
const HEADER: &[u8; 16] = b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac";
const FOOTER: &[u8; 16] = b"\x22\xa7\xfb\x71\x79\x0f\x0b\x4a\xbb\x13\x89\x92\x56\x42\x6b\x24";
/// Bytes of the header: the mark, the length, and what is not used.
const HEAD: usize = 36;
/// Files of one notebook.
const MOST: usize = 10_000;

/// Properties whose value is text (MS-ONE 2.3).
const FILE_NAME: u32 = 0x1c00_1d9c;
const TEXTS: [u32; 4] = [0x1c00_1c22, 0x1c00_1cf3, 0x1c00_1e20, 0x1c00_1d75];
/// The one whose text is 8-bit.
const NARROW_TEXT: u32 = 0x1c00_3498;
/// Texts of one notebook.
const MOST_TEXTS: usize = 50_000;

/// Reads the files in a notebook.
pub(super) fn read(
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut outlet = Outlet::new("onenote", hints, sink);
    let files: Vec<(Stored<'_>, bool)> = stored(bytes)
        .take(MOST)
        .map(|file| {
            let is_picture = is_picture(file.bytes);
            (file, is_picture)
        })
        .collect();
    let mut left = bytes.len();
    let names = values(bytes, FILE_NAME, &mut left).take(MOST);
    let mut names = names.map(|(text, _)| text).collect::<Vec<_>>();
    names.dedup();
    let others = files.iter().filter(|(_, is_picture)| !is_picture).count();
    let mut names = if names.len() == others { names } else { Vec::new() }.into_iter();
    for (number, (file, is_picture)) in (1..).zip(&files) {
        if !outlet.is_open() {
            break;
        }
        let name = if *is_picture { None } else { names.next() };
        if !file.is_whole {
            let why = format!("the embedded file {number} ends early");
            outlet.problem(Problem::warning("onenote-truncated", why));
        }
        let facts = MemberFacts {
            name: name.unwrap_or_else(|| format!("embedded {number}")).into(),
            size: file.bytes.len() as u64,
            packed: file.bytes.len() as u64,
            ..MemberFacts::default()
        };
        outlet.deliver(facts, unpack(Codec::Stored, file.bytes, budget));
    }
    outlet.finish("")
}

fn is_picture(bytes: &[u8]) -> bool {
    identify(bytes, &Hints::default()).media_type.0.starts_with("image/")
}

/// A file in a notebook.
struct Stored<'a> {
    bytes: &'a [u8],
    is_whole: bool,
}

/// All files, in the order in which they stand.
fn stored(bytes: &[u8]) -> impl Iterator<Item = Stored<'_>> {
    let mut from = 0_usize;
    // Honest files stand one behind the other. What is said to be one may be laid around others to hide them, so those
    // inside are files too; these, and those without an end, claim so many bytes together.
    let mut left = bytes.len().saturating_mul(2);
    let mut covered = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + memmem::find(bytes.get(from..)?, HEADER)?;
            from = at + HEADER.len();
            let Some(length) = le64(bytes, at + 16).and_then(|length| usize::try_from(length).ok()) else {
                continue;
            };
            let start = at.saturating_add(HEAD);
            let end = start.saturating_add(length);
            // Up to seven bytes of filling stand before the footer.
            let is_whole = (0..8).any(|filling| has(bytes, end.saturating_add(filling), FOOTER));
            let Some(mut found) = bytes.get(start..end.min(bytes.len())).filter(|found| !found.is_empty()) else {
                continue;
            };
            if is_whole && at >= covered {
                covered = end;
            } else if let Some(rest) = left.checked_sub(found.len()) {
                left = rest;
            } else {
                let next = memmem::find(found, HEADER).unwrap_or(found.len());
                found = found.get(..next).unwrap_or(found);
            }
            return Some(Stored { bytes: found, is_whole });
        }
    })
}

/// Texts of pages, titles and links, with their places.
pub fn texts(bytes: &[u8]) -> Vec<(String, Span)> {
    let mut left = bytes.len();
    let mut all: Vec<(String, Span)> = Vec::new();
    for property in TEXTS {
        let most = MOST_TEXTS.saturating_sub(all.len());
        all.extend(values(bytes, property, &mut left).take(most));
    }
    let most = MOST_TEXTS.saturating_sub(all.len());
    let narrow = raw_values(bytes, NARROW_TEXT, &mut left).take(most).map(|(raw, at)| {
        let text = crate::text::decode(raw, Some("windows-1252")).text.into_owned();
        (text.trim_end_matches('\0').to_owned(), at)
    });
    all.extend(narrow);
    all.sort_by_key(|(_, span)| span.start);
    all
}

/// Texts of a property in UTF-16, with their places.
fn values(bytes: &[u8], property: u32, left: &mut usize) -> impl Iterator<Item = (String, Span)> {
    raw_values(bytes, property, left).map(|(raw, at)| (wide(raw).trim_end_matches('\0').to_owned(), at))
}

/// Values of a property with a length (2.6.9): its number stands among those of a set, whose data follow them in order.
/// Honest values do not overlap, so all together claim `left` bytes; beyond that only their beginnings are taken.
fn raw_values<'a>(bytes: &'a [u8], property: u32, left: &mut usize) -> impl Iterator<Item = (&'a [u8], Span)> {
    let needle = property.to_le_bytes();
    let mut from = 0_usize;
    std::iter::from_fn(move || {
        loop {
            let at = from + memmem::find(bytes.get(from..)?, &needle)?;
            from = at + 4;
            if let Some((value, at)) = (0..SET).find_map(|before| value(bytes, at, before)) {
                let value = value.get(..BEGINNING.max(*left)).unwrap_or(value);
                *left = left.saturating_sub(value.len());
                let span = Span {
                    start: at as u64,
                    end: at.saturating_add(value.len()) as u64,
                };
                return Some((value, span));
            }
        }
    })
}

/// What is taken of a value that overlaps others. Bytes.
const BEGINNING: usize = 256;

/// Properties of one set that are looked through.
const SET: usize = 48;

/// The value of the property at `at`, if `before` properties stand before it in its set.
fn value(bytes: &[u8], at: usize, before: usize) -> Option<(&[u8], usize)> {
    let first = at.checked_sub(before * 4)?;
    let count = usize::from(le16(bytes, first.checked_sub(2)?)?);
    if count <= before || count > SET {
        return None;
    }
    let mut data = first.checked_add(count * 4)?;
    for number in 0..before {
        let kind = le32(bytes, first + number * 4)? >> 26 & 0x1f;
        data = data.checked_add(match kind {
            0x1 | 0x2 | 0x8 | 0xa | 0xc => 0,
            0x3 => 1,
            0x4 => 2,
            0x5 | 0x9 | 0xb | 0xd => 4,
            0x6 => 8,
            0x7 => 4 + usize::try_from(le32(bytes, data)?).ok()?,
            // Sets inside of sets are not looked through.
            _ => return None,
        })?;
    }
    let length = usize::try_from(le32(bytes, data)?)
        .ok()
        .filter(|length| (1..1 << 20).contains(length))?;
    let value = bytes.get(data + 4..(data + 4).checked_add(length)?)?;
    let is_text = value.iter().any(|byte| byte.is_ascii_graphic());
    is_text.then_some((value, data + 4))
}
