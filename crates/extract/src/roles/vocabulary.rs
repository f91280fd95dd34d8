//! The words by which reports say what a value is: headings, column titles, phrases near a value, and reference sites.
//!
//! English first, and the words of other languages that decide most. Everything is lower case, and capitals are added
//! where only ASCII is folded; phrases that end in `*` match any ending.

mod headings;
mod phrases;
mod sites;

pub(super) use headings::{COLUMN_PARTS, COLUMNS, HEADING_PARTS, HEADING_PREFIXES, HEADINGS};
pub(super) use phrases::{CUES, THREATS};
pub(super) use sites::{CONTACTS, PLATFORMS, REFERENCE_SITES};
