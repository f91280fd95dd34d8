//! What Outlook for Windows shows and browsers drop: comments with a condition that it meets, `<!--[if mso]>…<![endif]-->`.
//!
//! Buttons are drawn in them as shapes (VML), and lead where they like. Only links are taken, apart from those that everybody
//! sees; the text is a comment to everybody else, and stays one.

use super::flow;
use super::link::{Links, is_shape};
use super::tokenizer::{TextKind, Token, Tokenizer};
use crate::document::flow::Flow;

/// Takes the links of a comment that stands at `at` of what `page` walks over, if Outlook shows it.
pub(super) fn links(page: &Tokenizer<'_>, at: usize, comment: &str, links: &mut Links) {
    let Some(shown) = shown(comment) else { return };
    let begin = at + (comment.len() - shown.len());
    let mut tokens = page.within(begin, at + comment.len());
    let mut text = Flow::default();
    while let Some(token) = tokens.next() {
        match token {
            Token::Start { name, .. } => {
                if is_anchor(name) {
                    links.end_anchor(&text);
                }
                links.collect(name, tokens.attributes(), text.len(), false);
            }
            Token::End { name } if is_anchor(name) => links.end_anchor(&text),
            Token::End { name } if is_shape(name) => links.end_shape(&text),
            Token::Text { at, text: words, kind } if kind == TextKind::Plain => {
                flow::append(&mut text, at, words, kind, false);
            }
            _ => {}
        }
    }
    links.end_anchor(&text);
}

fn is_anchor(name: &str) -> bool {
    name.eq_ignore_ascii_case("a")
}

/// What stands behind the condition, where Outlook meets it: it knows itself as `mso`, and its shapes as `vml`.
fn shown(comment: &str) -> Option<&str> {
    let (condition, shown) = comment.trim_start().strip_prefix("[if")?.split_once("]>")?;
    let condition = condition.to_ascii_lowercase();
    let is_met = !condition.contains('!') && ["mso", "vml"].iter().any(|name| condition.contains(name));
    is_met.then_some(shown)
}
