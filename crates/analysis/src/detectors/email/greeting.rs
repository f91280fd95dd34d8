//! A mail that knows nothing of its reader but the address: lists that are bought hold no names.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the greeting is the reader's address or its first half, or the subject holds the address, and nothing proves the sender | 0.18 | whoever has customers knows their names |
//! | the same, where nothing is known of the sender | 0.12 | machines that notify write so |
//! | the mail says that its reader sent it, and nothing proves that | 0.25 | filters let own mail pass, and threats claim to have one's mailbox |
//!
//! Senders that proved themselves are left alone: their machines greet so, too.

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::confusable;
use watchfire_model::{Confidence, Mailbox, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Greeting;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-greets-address"),
    describes: "the mail greets its reader by an address, or claims to come from it",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 250,
    group: "greeting",
    techniques: &[TechniqueId::new("T1566")],
    false_positives: "machines that notify people by their account's name",
};

/// Characters of the text in which a greeting stands.
const OPENING: usize = 400;
/// Shorter first halves of addresses are words.
const SHORTEST: usize = 5;

impl Detector for Greeting {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        if letter.is_vouched_for() || letter.is_bulk() {
            return;
        }
        let is_unproved = letter.proof.is_thorough();
        let recipients = letter.mail.to.iter().chain(&letter.mail.delivered_to);
        let readers: Vec<String> = recipients.filter_map(address).take(4).collect();
        let author = letter.author().and_then(address);
        if is_unproved && author.is_some_and(|author| readers.contains(&author)) {
            let title = "the mail says that its reader sent it, and nothing proves that".to_owned();
            scene.found(weighed(&INFO, title, 250, letter.header("From", &letter.domain)));
            return;
        }
        let weight = if is_unproved { 180 } else { 120 };
        let subject = letter.mail.subject.raw().to_lowercase();
        if readers.iter().any(|reader| subject.contains(reader.as_str())) {
            let title = "the subject holds the reader's address".to_owned();
            scene.found(weighed(&INFO, title, weight, letter.header("Subject", &subject)));
            return;
        }
        let opening = letter.bodies().next().map(|(_, wording)| wording.shown.raw());
        let opening: String = opening.unwrap_or_default().chars().take(OPENING).collect();
        if let Some(reader) = readers.iter().find(|reader| greets(&opening, reader)) {
            let title = "the mail greets its reader by an address".to_owned();
            scene.found(weighed(&INFO, title, weight, letter.words(reader)));
        }
    }
}

fn address(entry: &Mailbox) -> Option<String> {
    let address = entry.address.as_ref()?.raw().to_lowercase();
    (address.contains('@')).then_some(address)
}

/// Words that open letters, in the plain form.
const WORDS: &[&str] = &[
    "dear",
    "hi",
    "hello",
    "hey",
    "hallo",
    "guten tag",
    "liebe",
    "lieber",
    "sehr geehrte",
    "sehr geehrter",
    "bonjour",
    "cher",
    "chere",
    "hola",
    "estimado",
    "estimada",
    "querido",
    "ola",
    "caro",
    "cara",
    "prezado",
    "prezada",
    "gentile",
    "ciao",
    "beste",
    "geachte",
    "user",
    "attention",
    "attn",
    "dear user",
    "dear customer",
];

/// Whether a text greets an address or what stands before its `@`.
fn greets(opening: &str, reader: &str) -> bool {
    let plain = confusable::plain(opening);
    let mut names = vec![confusable::plain(reader)];
    let local = reader.split('@').next().unwrap_or_default();
    // A first name is a name.
    let is_name = local.chars().all(char::is_alphabetic);
    if local.len() >= SHORTEST && !is_name {
        names.push(confusable::plain(local));
    }
    // The plain form has a blank at each end.
    let greeted = |name: &String| WORDS.iter().any(|word| plain.contains(&format!(" {word}{name}")));
    names.iter().any(|name| name.len() > 2 && greeted(name))
}

#[cfg(test)]
mod tests {
    use super::greets;

    #[test]
    fn addresses_are_told_from_names() {
        let reader = "j.meyer22@corp.example";
        for opening in [
            "Dear j.meyer22@corp.example,\nyour mailbox is full",
            "Hello J.Meyer22, sign in",
            "Hola j.meyer22@corp.example",
        ] {
            assert!(greets(opening, reader), "{opening}");
        }
        for opening in [
            "Dear Ms Meyer, your mailbox j.meyer22@corp.example is full",
            "Hello, j. asked me",
            "",
        ] {
            assert!(!greets(opening, reader), "{opening}");
        }
        assert!(!greets("Hello meyer, are you there?", "meyer@corp.example"));
    }
}
