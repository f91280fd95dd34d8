//! Shortcuts to the internet: an INI file with the section `[InternetShortcut]` (Microsoft, "Internet Shortcuts").

use super::{Placed, Shortcut};
use crate::text::decode;
use watchfire_model::Span;

/// Reads a shortcut. Keys count in any case, and the first of a name wins, as for Windows; other addresses are kept beside.
pub fn read(bytes: &[u8]) -> Shortcut {
    let mut out = Shortcut::default();
    out.facts.format = "url";
    let decoded = decode(bytes, None);
    let mut in_section = false;
    let mut at = 0;
    for line in decoded.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix('[') {
            in_section = name
                .trim_end_matches(']')
                .trim()
                .eq_ignore_ascii_case("InternetShortcut");
        }
        let Some((key, value)) = trimmed.split_once('=').filter(|_| in_section) else {
            continue;
        };
        let (key, value) = (key.trim(), unquoted(value.trim()));
        let lead = line.find(value).unwrap_or_default();
        let span = Span {
            start: decoded.source_offset(start + lead) as u64,
            end: decoded.source_offset(start + lead + value.len()) as u64,
        };
        let facts = &mut out.facts;
        match key.to_ascii_lowercase().as_str() {
            "url" if !facts.target.is_empty() => facts.also.push(value.into()),
            "url" => facts.target = value.into(),
            "iconfile" if facts.icon.is_empty() => facts.icon = value.into(),
            "workingdirectory" if facts.working_folder.is_empty() => facts.working_folder = value.into(),
            "iconfile" | "workingdirectory" => {}
            "showcommand" => {
                facts.window = match value {
                    "3" => "maximized",
                    "7" => "minimized",
                    _ => "normal",
                }
            }
            _ => continue,
        }
        out.texts.push(Placed {
            text: value.to_owned(),
            span,
            is_wide: false,
        });
    }
    out
}

/// A value without the quotes around it, which Windows takes away.
fn unquoted(value: &str) -> &str {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(value)
}
