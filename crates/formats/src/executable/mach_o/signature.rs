//! The signature of an image (Apple, `cs_blobs.h` of XNU): a list of blobs, among them code directories with the digests of
//! all pages, entitlements, and a CMS message over the first directory. The message is not verified.

use crate::bytes::{be32, be64, piece, place, until_zero};
use crate::executable::authenticode::{hash_of, signers_of};
use crate::executable::work::Work;
use watchfire_model::Untrusted;
use watchfire_model::executable::mach_o::{CodeDirectory, CodeFlags, CodeSignature};
use watchfire_model::executable::{Digest, HashAlgorithm};

/// Kinds of blobs.
const LIST: u32 = 0xfade_0cc0;
const DIRECTORY: u32 = 0xfade_0c02;
const ENTITLEMENTS: u32 = 0xfade_7171;
const WRAPPER: u32 = 0xfade_0b01;
/// Blobs that are read.
const MOST_BLOBS: u32 = 64;
/// Code directories that are kept.
const MOST_DIRECTORIES: usize = 8;
/// Longest text. Bytes.
const LONGEST: usize = 1024;
/// Longest entitlements. Bytes.
const LONGEST_LIST: usize = 64 << 10;
/// Bytes of a digest that stand for code.
const CDHASH: usize = 20;

pub(super) fn read(blob: &[u8], image: &[u8], work: &mut Work<'_>) -> Option<CodeSignature> {
    if be32(blob, 0) != Some(LIST) {
        work.warn("mach-o-signature", "its signature is damaged and could not be read");
        return None;
    }
    let mut found = CodeSignature::default();
    for number in 0..be32(blob, 8)?.min(MOST_BLOBS) {
        let at = be32(blob, 12 + place(number) * 8 + 4).map(place);
        let Some(rest) = at.and_then(|at| blob.get(at..)) else {
            break;
        };
        let length = be32(rest, 4).map_or(0, place);
        let part = piece(rest, 0, length);
        match be32(part, 0) {
            Some(DIRECTORY) if found.directories.len() < MOST_DIRECTORIES => {
                found.directories.extend(directory(part, image, work))
            }
            Some(ENTITLEMENTS) if found.entitlements.is_none() => {
                let list = piece(part, 8, LONGEST_LIST);
                found.entitlements = Some(Untrusted::from_bytes(list));
            }
            Some(WRAPPER) if found.cms == 0 => {
                let message = part.get(8..).unwrap_or_default();
                found.cms = message.len() as u64;
                if work.pay(message.len()) {
                    found.signers = signers_of(message);
                }
            }
            _ => {}
        }
    }
    Some(found)
}

fn directory(part: &[u8], image: &[u8], work: &mut Work<'_>) -> Option<CodeDirectory> {
    let version = be32(part, 8)?;
    let text = |at: u32| {
        let text = until_zero(part.get(place(at)..)?, LONGEST);
        Some(Untrusted::from_bytes(text))
    };
    let kind = match part.get(37)? {
        1 => Some((HashAlgorithm::Sha1, 20)),
        2 => Some((HashAlgorithm::Sha256, 32)),
        3 => Some((HashAlgorithm::Sha256, 20)),
        4 => Some((HashAlgorithm::Sha384, 48)),
        _ => None,
    };
    let algorithm = kind.map(|(algorithm, _)| algorithm);
    // Shorter digests would fit too easily.
    let kind = kind.filter(|(_, width)| part.get(36) == Some(width));
    let team = be32(part, 48).filter(|at| version >= 0x2_0200 && *at != 0);
    let cdhash = algorithm
        .filter(|_| work.pay(part.len()))
        .map(|algorithm| hash_of(algorithm, part));
    Some(CodeDirectory {
        identifier: text(be32(part, 20)?)?,
        team: team.and_then(text),
        flags: CodeFlags(be32(part, 12)?),
        algorithm,
        cdhash: cdhash.map(|digest| Digest::new(piece(&digest, 0, CDHASH))),
        pages_match: kind.and_then(|(algorithm, _)| pages(part, image, algorithm, version, work)),
    })
}

/// Whether each page has the digest that stands for it.
fn pages(part: &[u8], image: &[u8], algorithm: HashAlgorithm, version: u32, work: &mut Work<'_>) -> Option<bool> {
    let first = place(be32(part, 16)?);
    let count = place(be32(part, 28)?);
    let width = usize::from(*part.get(36)?);
    let shift = u32::from(*part.get(39)?);
    let limit = match be64(part, 56).filter(|limit| version >= 0x2_0300 && *limit != 0) {
        Some(limit) => place(limit),
        None => place(be32(part, 32)?),
    };
    let code = image.get(..limit)?;
    if width == 0 || code.is_empty() || !work.pay(code.len()) {
        return None;
    }
    let page = match shift {
        0 => code.len(),
        12..=20 => 1 << shift,
        _ => return None,
    };
    let pages = code.chunks(page.max(1));
    if pages.len() != count {
        return Some(false);
    }
    let digests = part.get(first..)?.chunks_exact(width);
    if digests.len() < count {
        return Some(false);
    }
    let mut both = pages.zip(digests);
    Some(both.all(|(page, digest)| hash_of(algorithm, page).starts_with(digest)))
}
