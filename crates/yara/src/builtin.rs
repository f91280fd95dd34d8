//! The rules that ship: few, and each silent on what is found on an ordinary system.

use crate::Source;

/// Name and text of each file in `rules`.
const FILES: &[(&str, &str)] = &[
    ("builtin/notes.yar", include_str!("../rules/notes.yar")),
    ("builtin/programs.yar", include_str!("../rules/programs.yar")),
    ("builtin/scripts.yar", include_str!("../rules/scripts.yar")),
];

/// The rules that ship, ready to compile.
pub fn builtin() -> Vec<Source> {
    FILES.iter().map(|(name, text)| Source::new(*name, *text)).collect()
}
