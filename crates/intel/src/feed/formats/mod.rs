//! The formats, one file each. They share the readers beside this folder, and how entries are laid out.

pub(super) mod csv;
pub(super) mod drop;
mod entries;
pub(super) mod epss;
pub(super) mod feodo;
pub(super) mod ghsa;
pub(super) mod hosts;
pub(super) mod kev;
pub(super) mod malwarebazaar;
pub(super) mod misp;
pub(super) mod nvd;
pub(super) mod openioc;
pub(super) mod openphish;
pub(super) mod otx;
pub(super) mod phishtank;
pub(super) mod plain;
pub(super) mod sslbl;
pub(super) mod stix;
pub(super) mod suricata;
pub(super) mod threatfox;
pub(super) mod tor;
pub(super) mod urlhaus;

use super::lines::is_web_page;
use super::{FeedError, Place};

/// Whether `needle` stands in the beginning of an input.
fn has(head: &[u8], needle: &str) -> bool {
    memchr::memmem::find(head, needle.as_bytes()).is_some()
}

/// Whether an input begins as JSON does.
fn is_json(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The first lines of the beginning of an input that are neither empty nor comments. The last may be cut.
pub(in crate::feed) fn first_lines(head: &[u8]) -> impl Iterator<Item = &str> {
    head.split(|byte| *byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok())
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';', '!']) && !line.starts_with("//"))
}

/// Whether an input is text and no page.
fn is_text(head: &[u8]) -> bool {
    !head.contains(&0) && !is_web_page(head)
}

/// A table that has none of the columns of its format.
fn no_columns(wanted: &'static str, why: &str) -> FeedError {
    FeedError::Different {
        wanted,
        why: why.to_owned(),
    }
}

/// A feed that says how many entries it has, and has fewer.
fn hold_to_count(said: Option<u64>, read: u64, place: Place) -> Result<(), FeedError> {
    if said.is_some_and(|said| said > read) {
        return Err(FeedError::Truncated {
            place,
            why: "it has fewer entries than it says",
        });
    }
    Ok(())
}
