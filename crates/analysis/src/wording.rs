//! What the parts of a mail give to read, for those who judge wording; and what their scripts make of what they carry.
//!
//! Only what came along with a mail is kept: its header declares a type for every part, and nobody else declares one.

use watchfire_model::{Artifact, Fact, Smuggling, Wording};

/// Bytes of visible text that are kept.
const SHOWN: usize = 8_000;
/// Bytes of hidden text that are kept.
const HIDDEN: usize = 2_000;

/// The words of a part of a mail; nothing for any other artifact.
pub(crate) fn of(artifact: &Artifact, shown: &str, hidden: &str) -> Option<Fact> {
    artifact.hints().media_type.as_ref()?;
    Some(Fact::Wording(Wording {
        shown: head(shown, SHOWN).into(),
        hidden: head(hidden, HIDDEN).into(),
        length: visible(shown),
        hidden_length: visible(hidden),
    }))
}

fn head(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Characters other than blanks.
pub(crate) fn visible(text: &str) -> u64 {
    text.chars().filter(|c| !c.is_whitespace()).count() as u64
}

/// What a page's scripts call to make a file or another page, in lower case.
const CALLS: &[(&str, &str)] = &[
    ("createobjecturl", "createObjectURL"),
    ("mssaveblob", "msSaveBlob"),
    ("mssaveoropenblob", "msSaveOrOpenBlob"),
    ("new blob", "Blob"),
    ("atob(", "atob"),
    ("document.write", "document.write"),
    ("fromcharcode", "fromCharCode"),
    ("unescape(", "unescape"),
    ("decodeuricomponent(", "decodeURIComponent"),
    ("eval(", "eval"),
    (".download", "download"),
    ("location.href", "location"),
    ("location.replace", "location"),
    ("window.location", "location"),
];

/// How the scripts of a page hand out what they carry, if they do.
pub(crate) fn smuggling(scripts: &str) -> Option<Fact> {
    if scripts.is_empty() {
        return None;
    }
    let lower = scripts.to_ascii_lowercase();
    let mut calls: Vec<&'static str> = CALLS
        .iter()
        .filter(|(call, _)| memchr::memmem::find(lower.as_bytes(), call.as_bytes()).is_some())
        .map(|(_, name)| *name)
        .collect();
    calls.dedup();
    let is_packed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '\\' | '-' | '_');
    let runs = scripts.split(|c: char| !is_packed(c)).map(str::len);
    let packed = runs.max().unwrap_or(0) as u64;
    (!calls.is_empty()).then_some(Fact::Smuggling(Smuggling { calls, packed }))
}
