//! Where signatures stand in files, and the digest of a file that they are over.

use super::cms::{Hasher, Message};
use super::{Allowance, Trust, hashed, in_catalog, verify_message};
use crate::bytes::{le16, le32, piece, place};
use crate::executable::installer;
use crate::executable::pe::{CERTIFICATES, Headers};
use crate::executable::work::Work;
use std::collections::BTreeMap;
use watchfire_model::executable::{Authenticode, HashAlgorithm};

/// A PKCS #7 message in the table of certificates.
const PKCS7: u16 = 2;
/// Entries of the table that are read.
const MOST_ENTRIES: usize = 16;

/// The signatures of a PE file, and its digests.
pub(super) fn verify(bytes: &[u8], trust: &Trust, work: &mut Work<'_>) -> Option<Authenticode> {
    let layout = Layout::read(bytes)?;
    let mut digests = BTreeMap::new();
    for algorithm in [HashAlgorithm::Sha1, HashAlgorithm::Sha256] {
        digests.insert(algorithm, layout.digest(bytes, algorithm));
    }
    let mut found = Authenticode::default();
    let (messages, appended) = layout.messages(bytes, work);
    found.appended = appended;
    let mut allowance = Allowance::new();
    for message in messages {
        let mut digest = |algorithm| {
            let own = digests
                .entry(algorithm)
                .or_insert_with(|| layout.digest(bytes, algorithm));
            Some(own.clone())
        };
        verify_message(message, trust, &mut allowance, &mut digest, &mut found.signatures);
    }
    found.digests = hashed(digests);
    found.catalog = in_catalog(&found.digests, trust);
    Some(found)
}

/// The parts of a file that its digest leaves out.
#[derive(Debug)]
struct Layout {
    checksum: usize,
    /// The entry of the table in the list of directories.
    entry: Option<usize>,
    /// The table: where, and where it ends, inside of the file.
    table: Option<(usize, usize)>,
}

impl Layout {
    fn read(bytes: &[u8]) -> Option<Self> {
        let headers = Headers::read(bytes)?;
        let entry = headers.directories.checked_add(CERTIFICATES * 8)?;
        let has_entry = headers.directory_count > CERTIFICATES;
        let table = headers.directory(bytes, CERTIFICATES).and_then(|(at, size)| {
            let start = place(at);
            let end = start.checked_add(place(size))?.min(bytes.len());
            (start < end && start > entry + 8).then_some((start, end))
        });
        Some(Self {
            checksum: headers.optional.checked_add(64)?,
            entry: has_entry.then_some(entry),
            table,
        })
    }

    /// Everything but the checksum, the entry of the table, and as many bytes at the end as the table takes, filled up to
    /// eight with zeros. Where the table stands somewhere else, it is part of what is digested: whoever moved it, or put
    /// something behind it, has another file than the one that was signed.
    fn digest(&self, bytes: &[u8], algorithm: HashAlgorithm) -> Vec<u8> {
        let mut hasher = Hasher::new(algorithm);
        let size = self.table.map_or(0, |(start, end)| end.saturating_sub(start));
        let end = bytes.len().saturating_sub(size);
        let mut from = 0;
        for (start, length) in [(Some(self.checksum), 4), (self.entry, 8)] {
            if let Some(start) = start {
                hasher.update(bytes.get(from..start.min(end)).unwrap_or_default());
                from = start.saturating_add(length).min(end);
            }
        }
        hasher.update(bytes.get(from..end).unwrap_or_default());
        hasher.update(piece(&[0; 8], 0, (8 - end % 8) % 8));
        hasher.finish()
    }

    /// The messages in the table, and how many bytes in it belong to none and are not zero.
    fn messages<'a>(&self, bytes: &'a [u8], work: &mut Work<'_>) -> (Vec<Message<'a>>, u64) {
        let mut messages = Vec::new();
        let mut appended = 0;
        let Some((start, end)) = self.table else {
            return (messages, appended);
        };
        let mut at = start;
        while at < end && messages.len() < MOST_ENTRIES {
            let entry = bytes.get(at..end).unwrap_or_default();
            let Some(length) = le32(entry, 0).map(place).filter(|length| *length >= 8) else {
                break;
            };
            let content = piece(entry, 0, length).get(8..).unwrap_or_default();
            if le16(entry, 6) == Some(PKCS7) {
                match Message::read(content) {
                    Some(message) => {
                        appended += used(content.get(message.whole.len()..).unwrap_or_default());
                        messages.push(message);
                    }
                    None => work.warn("authenticode", "its signature is damaged and could not be read"),
                }
            } else {
                appended += used(content);
            }
            let Some(next) = length
                .checked_next_multiple_of(8)
                .and_then(|length| at.checked_add(length))
            else {
                return (messages, appended);
            };
            at = next;
        }
        appended += used(bytes.get(at..end).unwrap_or_default());
        (messages, appended)
    }
}

/// Bytes up to the last that is not zero.
fn used(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last as u64 + 1)
}

/// The signature of a package of Windows Installer.
pub(super) fn verify_installer(bytes: &[u8], trust: &Trust, work: &mut Work<'_>) -> Option<Authenticode> {
    let signed = installer::Signed::open(bytes)?;
    let mut found = Authenticode::default();
    let mut digests = BTreeMap::new();
    if let Some(stream) = &signed.signature {
        match Message::read(stream) {
            Some(message) => {
                found.appended = used(stream.get(message.whole.len()..).unwrap_or_default());
                let mut digest = |algorithm| {
                    let own = digests
                        .entry(algorithm)
                        .or_insert_with(|| package_digest(bytes, algorithm).unwrap_or_default());
                    Some(own.clone())
                };
                let mut allowance = Allowance::new();
                verify_message(message, trust, &mut allowance, &mut digest, &mut found.signatures);
            }
            None => work.warn("authenticode", "its signature is damaged and could not be read"),
        }
    }
    found.digests = hashed(digests);
    found.catalog = in_catalog(&found.digests, trust);
    Some(found)
}

/// The digest of a package: over its streams, and where names are signed, over a digest of those first. Opened anew for
/// each, since a compound file is read only so often.
fn package_digest(bytes: &[u8], algorithm: HashAlgorithm) -> Option<Vec<u8>> {
    let signed = installer::Signed::open(bytes)?;
    let mut hasher = Hasher::new(algorithm);
    if signed.signs_names {
        let mut names = Hasher::new(algorithm);
        signed.feed_names(&mut |bytes| names.update(bytes));
        hasher.update(&names.finish());
    }
    signed.feed(&mut |bytes| hasher.update(bytes));
    Some(hasher.finish())
}
