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
    while let Some(c) = rest.chars().next() {
        let source = Some(at + (text.len() - rest.len()));
        let mut put = |c: char| {
            if preformatted {
                flow.preformatted(source, c)
            } else {
                flow.character(source, c)
            }
        };
        let reference = if c == '&' && kind == TextKind::Plain {
            at_start(rest, Inside::Text)
        } else {
            None
        };
        let length = match reference {
            Some((decoded, length)) => {
                decoded.each(put);
                length
            }
            None => {
                put(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
}
