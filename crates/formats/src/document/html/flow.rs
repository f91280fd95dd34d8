//! What elements and text of a page do to the flow.

use super::element::Kind;
use super::reference::{Inside, at_start};
use super::tokenizer::TextKind;
use crate::document::flow::Flow;

pub(super) fn start(flow: &mut Flow, kind: Kind) {
    match kind {
        Kind::Row => flow.start_row(),
        Kind::Cell => flow.start_cell(),
        Kind::Table => flow.start_table(),
        _ => around(flow, kind),
    }
}

pub(super) fn end(flow: &mut Flow, kind: Kind) {
    match kind {
        Kind::Row => flow.end_row(),
        Kind::Cell => flow.end_cell(),
        Kind::Table => flow.end_table(),
        _ => around(flow, kind),
    }
}

pub(super) fn void(flow: &mut Flow, kind: Kind) {
    match kind {
        Kind::LineBreak => flow.line_break(),
        Kind::Rule => flow.break_lines(2),
        _ => {}
    }
}

fn around(flow: &mut Flow, kind: Kind) {
    match kind {
        Kind::Block | Kind::Item => flow.break_lines(1),
        Kind::Paragraph | Kind::P | Kind::Preformatted | Kind::List | Kind::Title => flow.break_lines(2),
        _ => {}
    }
}

/// Appends text that stands at `at` of the source.
pub(super) fn append(flow: &mut Flow, at: usize, text: &str, kind: TextKind, preformatted: bool) {
    let mut rest = text;
    while !rest.is_empty() {
        let source = at + (text.len() - rest.len());
        let word = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_graphic() && *byte != b'&')
            .count();
        let length = if word > 0 {
            flow.word(source, rest.get(..word).unwrap_or_default());
            word
        } else {
            character(flow, source, rest, kind, preformatted)
        };
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Appends the first character or reference of `rest`; how many bytes it takes.
fn character(flow: &mut Flow, source: usize, rest: &str, kind: TextKind, preformatted: bool) -> usize {
    let mut put = |c: char| {
        if preformatted {
            flow.preformatted(Some(source), c);
        } else {
            flow.character(Some(source), c);
        }
    };
    if rest.starts_with('&')
        && kind == TextKind::Plain
        && let Some((decoded, length)) = at_start(rest, Inside::Text)
    {
        decoded.each(put);
        return length;
    }
    let Some(c) = rest.chars().next() else {
        return rest.len();
    };
    put(c);
    c.len_utf8()
}
