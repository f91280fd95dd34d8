//! Packages of Windows Installer (MSI): compound files whose streams have packed names (documented by Wine and msitools),
//! with a summary of properties (MS-OLEPS). Tables are read by `installer_tables.rs`, and what is in a package by
//! `installer_members.rs`.

use super::work::Work;
use crate::bytes::{le16, le32, place, until_zero};
use crate::ole::{Compound, Kind};
use watchfire_model::Untrusted;
use watchfire_model::executable::{Guid, Installer};

/// The stream of the signature, and the one that says that names are signed too.
const SIGNATURE: &str = "\u{5}DigitalSignature";
const SIGNATURE_EX: &str = "\u{5}MsiDigitalSignatureEx";
const SUMMARY: &str = "\u{5}SummaryInformation";
/// Classes of roots, by their first bytes; the rest is the same.
const CLASSES: &[([u8; 4], &str)] = &[
    ([0x84, 0x10, 0x0c, 0], "package"),
    ([0x82, 0x10, 0x0c, 0], "transform"),
    ([0x86, 0x10, 0x0c, 0], "patch"),
];
/// Properties of the summary that are told, by their numbers.
const PROPERTIES: &[(u32, &str)] = &[
    (2, "title"),
    (3, "subject"),
    (4, "author"),
    (5, "keywords"),
    (6, "comments"),
    (7, "template"),
    (8, "last-author"),
    (9, "revision"),
    (18, "application"),
];
/// Properties that are looked through.
const MOST_PROPERTIES: usize = 64;
/// Longest text. Bytes.
const LONGEST: usize = 4096;
/// Storages in storages that a digest goes through.
const DEEPEST: usize = 32;

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<Installer> {
    let file = Compound::open(bytes)?;
    let root = file.entry(0)?;
    let class = CLASSES.iter().find(|(start, _)| root.class.starts_with(start));
    let mut facts = Installer {
        kind: class.map(|(_, kind)| *kind),
        class: Some(Guid(root.class)),
        signed: file.find(0, SIGNATURE).is_some(),
        ..Installer::default()
    };
    let streams = file.entries().iter().filter(|entry| entry.kind == Kind::Stream);
    let streams = streams
        .take(work.most())
        .map(|entry| (Untrusted::new(decode(&entry.name)), entry.size));
    facts.streams = streams.collect();
    facts.streams.sort();
    if let Some(number) = file.find(0, SUMMARY) {
        facts.summary = summary(&file.stream(number));
    }
    if file.is_damaged() {
        work.warn("installer", "the package is damaged; what could be read is listed");
    }
    Some(facts)
}

/// Names are packed two letters into one, from an alphabet of 64; a table has a mark before its name.
pub(super) fn decode(name: &str) -> String {
    const ALPHABET: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let mut out = String::new();
    let push = |out: &mut String, digit: u32| {
        out.extend(ALPHABET.get(place(digit & 63)).map(|letter| char::from(*letter)));
    };
    for letter in name.chars() {
        match u32::from(letter) {
            packed @ 0x3800..=0x47ff => {
                push(&mut out, packed - 0x3800);
                push(&mut out, (packed - 0x3800) >> 6);
            }
            single @ 0x4800..=0x483f => push(&mut out, single - 0x4800),
            0x4840 => out.push('!'),
            _ => out.push(letter),
        }
    }
    out
}

/// The texts of the first set of properties.
fn summary(bytes: &[u8]) -> Vec<(&'static str, Untrusted)> {
    let read = || {
        let section = bytes.get(place(le32(bytes, 44)?)..)?;
        let count = place(le32(section, 4)?).min(MOST_PROPERTIES);
        let list = section.get(8..)?.as_chunks::<8>().0.iter().take(count);
        let properties = list.filter_map(|entry| {
            let number = le32(entry, 0)?;
            let (_, name) = PROPERTIES.iter().find(|(known, _)| *known == number)?;
            let value = section.get(place(le32(entry, 4)?)..)?;
            // Only texts are of interest here.
            if le16(value, 0)? != 30 {
                return None;
            }
            let text = until_zero(value.get(8..)?, place(le32(value, 4)?).min(LONGEST));
            Some((*name, Untrusted::from_bytes(text)))
        });
        Some(properties.collect())
    };
    read().unwrap_or_default()
}

/// A package and its signature, for verifying.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    file: Compound<'a>,
    /// The signature, where there is one.
    pub(super) signature: Option<Vec<u8>>,
    /// Whether names are signed too: a digest over them is digested before the rest.
    pub(super) signs_names: bool,
}

/// What is left to do in a walk through storages.
enum Left {
    Open(usize, usize),
    Close(usize),
}

impl<'a> Signed<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let file = Compound::open(bytes)?;
        let signature = file.find(0, SIGNATURE).map(|number| file.stream(number));
        let signs_names = file.find(0, SIGNATURE_EX).is_some();
        Some(Self {
            file,
            signature,
            signs_names,
        })
    }

    /// Hands out what the digest is over: the streams of each storage in the order of their names, and its class behind
    /// them. The signature itself is left out.
    pub(super) fn feed(&self, each: &mut dyn FnMut(&[u8])) {
        self.walk(&mut |step| match step {
            Step::Stream(number) => each(&self.file.stream(number)),
            Step::Storage(_) => {}
            Step::End(number) => each(&self.file.entry(number).map_or([0; 16], |entry| entry.class)),
        });
    }

    /// Hands out what the digest over names is over: of each storage and stream its name, its class or length, and what was
    /// kept with it; of the root no name and no times.
    pub(super) fn feed_names(&self, each: &mut dyn FnMut(&[u8])) {
        self.walk(&mut |step| {
            let (Step::Stream(number) | Step::Storage(number)) = step else {
                return;
            };
            let Some(entry) = self.file.entry(number) else { return };
            let name = key(&entry.name);
            let (state, times) = entry.kept.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
            if number != 0 {
                each(name.get(..name.len().saturating_sub(2)).unwrap_or_default());
            }
            if entry.kind == Kind::Stream {
                each(entry.size.to_le_bytes().get(..4).unwrap_or_default());
            } else {
                each(&entry.class);
            }
            each(state);
            if number != 0 {
                each(times);
            }
        });
    }

    /// Goes through storages and streams in the order of their names.
    fn walk(&self, each: &mut dyn FnMut(Step)) {
        let mut open = vec![Left::Open(0, 0)];
        while let Some(step) = open.pop() {
            let (number, depth) = match step {
                Left::Open(number, depth) => (number, depth),
                Left::Close(number) => {
                    each(Step::End(number));
                    continue;
                }
            };
            if self.file.entry(number).is_some_and(|entry| entry.kind == Kind::Stream) {
                each(Step::Stream(number));
                continue;
            }
            each(Step::Storage(number));
            open.push(Left::Close(number));
            if depth >= DEEPEST {
                continue;
            }
            let mut children: Vec<(Vec<u8>, usize)> = self
                .file
                .children(number)
                .filter(|(_, entry)| number != 0 || !matches!(entry.name.as_str(), SIGNATURE | SIGNATURE_EX))
                .map(|(number, entry)| (key(&entry.name), number))
                .collect();
            children.sort_by(|one, other| other.cmp(one));
            open.extend(children.into_iter().map(|(_, number)| Left::Open(number, depth + 1)));
        }
    }
}

/// What is met on a walk through storages, by its number.
enum Step {
    Stream(usize),
    Storage(usize),
    /// The end of a storage.
    End(usize),
}

/// A name as its bytes are compared, with the zero behind it.
fn key(name: &str) -> Vec<u8> {
    name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}
