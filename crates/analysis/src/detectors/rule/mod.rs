//! Rules that the user gave.

pub(super) mod yara;
