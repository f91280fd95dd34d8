//! What the phishing model is shown of a mail: its header, its texts, and what a reader sees of its page.
//!
//! The trainer comes this way too, so that a model is asked about what it has learned. The bodies are laid out here once
//! more, and not taken from the artifacts that they become: a score belongs to the mail, and those come after it.

use crate::unwrap::unwrap;
use std::borrow::Cow;
use watchfire_formats::document::html;
use watchfire_formats::email::Message;
use watchfire_formats::email::transfer::Content;
use watchfire_formats::text::decode;
use watchfire_model::{Budget, Fact, Link, PartRole, PhishingReason, PhishingScore};
use watchfire_phishing::{Features, Letter, Model, Page, urls};

/// Bytes of a body that are looked at. Lures are short; what is longer is padding.
const LONGEST: usize = 256 << 10;
/// URLs of a text that are looked at.
const MOST_URLS: usize = 500;

/// What the model knows of a mail.
pub fn features(message: &Message<'_>, budget: &Budget) -> Features {
    let of = |role| -> Vec<(&Content<'_>, Option<&str>)> {
        let parts = message.parts.iter().zip(&message.facts.parts).zip(&message.contents);
        let bodies = parts.filter(|((_, told), _)| told.role == role);
        bodies
            .map(|((part, _), content)| (content, part.content_type.get("charset")))
            .collect()
    };
    let (texts, sources) = (of(PartRole::Text), of(PartRole::Html));
    let (text, source) = (laid_out(&texts), laid_out(&sources));
    let page = (!source.is_empty()).then(|| html::read(&source, budget));
    let links: Vec<Link> = match &page {
        Some(page) => page.links.iter().map(behind).collect(),
        None => urls(&text).take(MOST_URLS).map(named).collect(),
    };
    Features::of(&Letter {
        facts: &message.facts,
        text: text.trim(),
        page: page.as_ref().map(|page| Page {
            text: &page.text.text,
            hidden: &page.hidden.text,
            forms: page.forms.len(),
            scripted: page.behind.active,
        }),
        links: &links,
    })
}

/// Bodies of one kind, one after another. One alone, which is nearly always so, is not copied.
fn laid_out<'a>(contents: &[(&'a Content<'_>, Option<&str>)]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed("");
    for (content, charset) in contents {
        if text.len() >= LONGEST {
            break;
        }
        let bytes = content.bytes.get(..LONGEST).unwrap_or(&content.bytes);
        let body = decode(bytes, *charset).text;
        if text.is_empty() {
            text = body;
        } else {
            let text = text.to_mut();
            text.push('\n');
            text.push_str(&body);
        }
    }
    text
}

/// A link as it leads behind the services that stand in front of it.
fn behind(link: &Link) -> Link {
    let resolved = unwrap(link.target.raw()).filter(|behind| behind.resolved);
    let target = resolved.map_or_else(|| link.target.clone(), |behind| behind.target.into());
    Link { target, ..link.clone() }
}

/// A URL that stands in a text is a link that shows where it leads.
fn named(url: &str) -> Link {
    let resolved = unwrap(url).filter(|behind| behind.resolved);
    let target = resolved.map_or_else(|| url.to_owned(), |behind| behind.target);
    Link {
        text: target.as_str().into(),
        target: target.into(),
        loaded: false,
        unseen: false,
        in_outlook: false,
        span: None,
        page: None,
    }
}

/// What `model` says of a mail, as a fact about it.
pub(crate) fn fact(model: &Model, message: &Message<'_>, budget: &Budget) -> Fact {
    let scored = model.score(&features(message, budget));
    let reasons = scored.contributions.into_iter().map(|reason| PhishingReason {
        what: reason.what.into(),
        weight: reason.weight,
    });
    Fact::Phishing(PhishingScore {
        model: model.name().into(),
        thousandths: scored.thousandths,
        reasons: reasons.collect(),
    })
}
