//! Mails that are handed in as text: the original is written out of what the forwarder's program quotes of it.
//!
//! It becomes an artifact of its own with everything that the carrier carries, so that it is judged like any other mail; the
//! note in front of it stays with the carrier. Nothing that it says of itself is verified.

use crate::context::Context;
use crate::reported;
use std::borrow::Cow;
use watchfire_formats::document::html;
use watchfire_formats::email::Message;
use watchfire_formats::email::forwarded::{self, Quoted};
use watchfire_formats::text;
use watchfire_model::{Budget, Hints, Member, PartRole, Problem};

/// Texts that quote the same mail: one plain, one as a page, seldom more.
const MOST: usize = 8;
/// Bytes of a text that is searched.
const LONGEST: usize = 4 << 20;

/// A mail that stands in the text of another.
pub(crate) struct Inline {
    /// The note in front of it, by the place of the part.
    notes: Vec<(usize, String)>,
    /// The mail, written out.
    mail: Vec<u8>,
}

impl Inline {
    /// What of a part stays with the mail that hands in: nothing where all of it goes along.
    pub(crate) fn note(&self, part: usize) -> Option<&str> {
        let found = self.notes.iter().find(|(at, _)| *at == part);
        found.map(|(_, note)| note.as_str())
    }

    /// Whether a part goes along with the original.
    pub(crate) fn takes(role: PartRole) -> bool {
        matches!(role, PartRole::Attachment | PartRole::Inline)
    }

    /// The original as something inside.
    pub(crate) fn member(self) -> Member {
        Member {
            name: "forwarded mail".into(),
            bytes: self.mail,
            hints: Hints {
                media_type: Some("message/rfc822".into()),
                quoted: true,
                ..Hints::default()
            },
        }
    }
}

/// A text of the carrier, and where in it the original stands.
struct Found {
    part: usize,
    kind: &'static str,
    note: String,
    words: String,
    quoted: Quoted,
}

/// The mail that `message` hands in as text, if it does.
pub(crate) fn find(message: &Message<'_>, seed: &str, cx: &mut Context<'_>) -> Option<Inline> {
    let mail = &message.facts;
    // Who attaches a mail means that one.
    let attaches = mail.parts.iter().any(|part| part.role == PartRole::Message);
    if attaches || mail.quoted || !reported::may_hand_in(mail, cx.organisation()) {
        return None;
    }
    let bodies = message.parts.iter().zip(&mail.parts).zip(&message.contents).enumerate();
    let found: Vec<Found> = bodies
        .filter_map(|(at, ((part, told), content))| {
            let kind = match told.role {
                PartRole::Text => "plain",
                PartRole::Html => "html",
                _ => return None,
            };
            let head = content.bytes.get(..LONGEST).unwrap_or(&content.bytes);
            let decoded = text::decode(head, part.content_type.get("charset")).text;
            let found = if kind == "html" {
                in_page(&decoded, cx.budget())
            } else {
                in_text(&decoded)
            };
            let (quoted, note, words) = found?;
            Some(Found {
                part: at,
                kind,
                note,
                words,
                quoted,
            })
        })
        .take(MOST)
        .collect();
    let first = found.first()?;
    let note = match first.kind {
        "html" => Cow::Owned(html::read(&first.note, cx.budget()).text.text),
        _ => Cow::Borrowed(first.note.as_str()),
    };
    if !reported::hands_in(mail, &first.quoted, &note, cx.organisation()) {
        return None;
    }
    let texts: Vec<(&'static str, &str)> = found.iter().map(|text| (text.kind, text.words.as_str())).collect();
    let written = first.quoted.compose(message, &texts, seed);
    let why = "it hands in a mail by quoting it: the original's header is lost with all that could prove it, and what stands in \
               its place is what the forwarder's program wrote; ask for the mail as an attachment";
    cx.report(Problem::note("mail-forwarded-inline", why));
    Some(Inline {
        notes: found.into_iter().map(|text| (text.part, text.note)).collect(),
        mail: written,
    })
}

fn in_text(text: &str) -> Option<(Quoted, String, String)> {
    let quoted = forwarded::find(text)?;
    let note = text.get(..quoted.at)?.to_owned();
    let words = quoted.words(text).into_owned();
    Some((quoted, note, words))
}

/// The same in a page: its text is searched, and its source divided where that leads to.
fn in_page(source: &str, budget: &Budget) -> Option<(Quoted, String, String)> {
    let text = html::read(source, budget).text;
    let quoted = forwarded::find(&text.text)?;
    let place = |at: usize| usize::try_from(text.source_at(at)?).ok();
    let note = source.get(..place(quoted.at)?)?.to_owned();
    // Behind the last letter of the header, and not before the first of the text: that may stand in a link.
    let last = text.text.get(..quoted.body)?.trim_end();
    let last = place(last.char_indices().next_back()?.0)?;
    let rest = source.get(last..)?;
    let words = rest
        .find('<')
        .and_then(|tag| rest.get(tag..))
        .unwrap_or_default()
        .to_owned();
    Some((quoted, note, words))
}
