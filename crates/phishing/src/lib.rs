//! How much a mail reads like phishing: a learned score that names its reasons.
//!
//! A logistic regression over what the mail says (words and pairs of words, hashed) and over what it does ([`SIGNS`] of
//! its header, links and page). The same [`Features`] are read when a model is trained and when it is asked.
//! What the servers on the way wrote, dates, and who collected the mail are no features: they tell where a training
//! mail came from, not what it wants. `docs/phishing-model.md` says what the model was trained on and how well it does.
//!
//! A score is never a verdict. Nothing here reads bytes of mails, and nothing depends on threads, clocks or the platform's
//! mathematics: only sums, products and square roots in a fixed order.

#![forbid(unsafe_code)]

mod features;
pub mod measure;
mod model;
mod signs;
mod text;

pub use features::{BUCKETS, Features};
pub use model::{Contribution, Invalid, Model, Scored};
pub use signs::SIGNS;
pub use text::urls;

use watchfire_model::{Link, MailFacts};

/// A mail as its reader meets it.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// Its header and the list of its parts.
    pub facts: &'a MailFacts,
    /// Its text bodies; empty where it has none.
    pub text: &'a str,
    /// Its HTML body, where it has one.
    pub page: Option<Page<'a>>,
    /// Links, pictures and everything else in the body that names a URL, in order: where they lead, and what they show.
    pub links: &'a [Link],
}

/// An HTML body.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What a reader sees.
    pub text: &'a str,
    /// What is there and hidden.
    pub hidden: &'a str,
    /// How many forms there are.
    pub forms: usize,
    /// Whether it would run scripts.
    pub scripted: bool,
}

impl<'a> Letter<'a> {
    /// The body that is read: the page, or the text where the page shows next to nothing.
    fn body(&self) -> &'a str {
        const NEXT_TO_NOTHING: usize = 20;
        match self.page {
            Some(page) if self.text.is_empty() || page.text.trim().len() > NEXT_TO_NOTHING => page.text,
            _ => self.text,
        }
    }
}

#[cfg(test)]
mod tests;
