//! Small XML files of the shell that open something: libraries and search connectors (`.library-ms`, `.search-ms`,
//! `.searchConnector-ms`), which show a folder wherever it is, and links to settings (`.settingcontent-ms`), which name a
//! program.

use super::{Placed, Shortcut};
use crate::document::each_value;
use crate::identify::media;
use crate::text::decode;
use watchfire_model::{MediaType, Span, Untrusted};

/// Places that one file may name.
const MOST: usize = 100;

/// Reads one of them.
pub fn read(media_type: MediaType, bytes: &[u8]) -> Shortcut {
    let mut out = Shortcut::default();
    out.facts.format = match media_type {
        media::LIBRARY_MS => "library-ms",
        media::SETTING_CONTENT => "settingcontent-ms",
        _ => "searchconnector-ms",
    };
    let decoded = decode(bytes, None);
    let mut targets: Vec<Untrusted> = Vec::new();
    each_value(&decoded.text, |name, value| {
        let is_target = matches!(name, "url" | "DeepLink");
        let is_icon = matches!(name, "iconReference" | "Icon");
        if !(is_target || is_icon) || targets.len() >= MOST {
            return;
        }
        if is_target {
            targets.push(value.into());
        } else {
            out.facts.icon = value.into();
        }
        // References in the text would have been replaced: then the whole file is the place.
        let at = decoded.text.find(value);
        let span = Span {
            start: at.map_or(0, |at| decoded.source_offset(at)) as u64,
            end: at.map_or(bytes.len(), |at| decoded.source_offset(at + value.len())) as u64,
        };
        out.texts.push(Placed {
            text: value.to_owned(),
            span,
            is_wide: false,
        });
    });
    let mut targets = targets.into_iter();
    let first = targets.next().unwrap_or_default();
    if media_type == media::SETTING_CONTENT {
        // The program and its arguments stand in one text.
        let (program, arguments) = split_command(first.raw());
        out.facts.blanks = super::blanks(arguments);
        out.facts.arguments = arguments.into();
        out.facts.target = program.into();
    } else {
        out.facts.target = first;
    }
    out.facts.also = targets.collect();
    out
}

/// A program and what it is started with.
fn split_command(command: &str) -> (&str, &str) {
    let command = command.trim();
    let split = match command.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => command.split_once(char::is_whitespace),
    };
    split.map_or((command, ""), |(program, arguments)| (program, arguments.trim_start()))
}
