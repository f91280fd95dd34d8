//! Which spelling of a value is shown where capitals make no difference: the first in the text.
//!
//! Scanners that share a table meet spellings in any order; the place of the first is certain in the end, and what stands
//! there is the spelling.

use crate::{Extraction, file_url};
use watchfire_model::Observable;

/// Gives each value of `extraction` the spelling of its first occurrence.
pub(crate) fn settle(extraction: &mut Extraction) {
    for seen in &mut extraction.observed {
        if !seen.observable.ignores_case() {
            continue;
        }
        let raw = seen.raw.raw();
        let written = match file_url::path(raw.as_bytes()) {
            Some(path) => String::from_utf8_lossy(&path).into_owned(),
            // "<HKCU>\Software"
            None => raw.replacen(">\\", "\\", 1),
        };
        let spelled = [raw, &written].map(|text| Observable::parse(seen.observable.kind(), text).ok());
        if let Some(first) = spelled.into_iter().flatten().find(|first| *first == seen.observable) {
            seen.observable = first;
        }
    }
}
