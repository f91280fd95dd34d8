//! What the phishing model is shown of a mail: its header, its texts, and what a reader sees of its page.
//!
//! The trainer comes this way too, so that a model is asked about what it has learned. The bodies are laid out here once
//! more, and not taken from the artifacts that they become: a score belongs to the mail, and those come after it.

use watchfire_formats::document::html;
use watchfire_formats::email::Message;
use watchfire_formats::text::decode;
use watchfire_model::{Budget, Fact, PartRole, PhishingReason, PhishingScore};
use watchfire_phishing::{Features, Letter, Model, Page};

/// Bytes of a body that are looked at. Lures are short; what is longer is padding.
const LONGEST: usize = 256 << 10;

/// What the model knows of a mail.
pub fn features(message: &Message<'_>, budget: &Budget) -> Features {
    let (mut text, mut source) = (String::new(), String::new());
    let parts = message.parts.iter().zip(&message.facts.parts);
    for ((part, told), content) in parts.zip(&message.contents) {
        let body = match told.role {
            PartRole::Text => &mut text,
            PartRole::Html => &mut source,
            _ => continue,
        };
        if body.len() >= LONGEST {
            continue;
        }
        let bytes = content.bytes.get(..LONGEST).unwrap_or(&content.bytes);
        body.push_str(&decode(bytes, part.content_type.get("charset")).text);
        body.push('\n');
    }
    let text = text.trim();
    let page = (!source.is_empty()).then(|| html::read(&source, budget));
    Features::of(&Letter {
        facts: &message.facts,
        text,
        page: page.as_ref().map(|page| Page {
            text: &page.text.text,
            hidden: &page.hidden.text,
            links: &page.links,
            forms: page.forms.len(),
            scripted: page.behind.active,
        }),
    })
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
