//! Mail, by its header: fields that mail has, from the first byte on.
//!
//! It is asked for before signatures are, because whoever writes a mail can put any signature into it: a sender called
//! `%PDF-`, a field so long that "ustar" stands where tar has it, a last line that a disk image ends with. A header that
//! programs for mail read is content as well. What is named as the other format stays that: a PDF may begin with a header.

use super::media::*;
use super::{binary, hints};
use crate::email::field::{self, Fields};
use watchfire_model::{Hints, MediaType};

/// A declared type that says: a mail, if it begins like one. Text without a header stays text.
pub const CLAIM: &str = "message/*";

/// How much of a header is looked at.
const HEADER: usize = 64 << 10;

/// A mail, or many in one file.
pub(super) fn identify(bytes: &[u8], hints: &Hints) -> Option<MediaType> {
    let fields = field::split(bytes.get(..HEADER).unwrap_or(bytes));
    let known = fields
        .fields
        .iter()
        .filter(|field| field::is_of_mail(field.name))
        .count();
    if known == 0 {
        return None;
    }
    let (media_type, enough) = if bytes.starts_with(b"From ") {
        (MBOX, 2)
    } else {
        (EML, 3)
    };
    let is_claimed = hints
        .media_type
        .as_ref()
        .is_some_and(|declared| declared.raw() == CLAIM);
    if is_claimed || matches!(hints::text(hints), Some(EML | MBOX)) {
        return (media_type == EML || known >= enough).then_some(media_type);
    }
    let is_header = known >= enough && is_unbroken(&fields);
    (is_header && !(is_named_otherwise(hints) && binary::identify(bytes).is_some())).then_some(media_type)
}

/// Whether every line of it is a field, as far as it goes.
fn is_unbroken(fields: &Fields<'_>) -> bool {
    fields.problems.iter().all(|problem| problem.code != "mail-stray-line")
}

/// Whether the name has an extension that is neither that of a text nor a part of a number.
fn is_named_otherwise(hints: &Hints) -> bool {
    let extension = hints.extension().unwrap_or_default();
    let is_word = extension.len() <= 5 && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word && extension.bytes().any(|byte| byte.is_ascii_alphabetic()) && !matches!(extension.as_str(), "txt" | "text")
}
