//! Mails made up for training: modern legitimate mail, of which nobody may share the real, and lures in many languages.
//!
//! The texts are templates in `data/`, written for this. What is random comes from a seed. A legitimate template is also
//! sent by a stranger, with a stranger's links: then the same words are a lure, and who sends and where links lead decides.

mod dress;
mod fill;
mod random;

use crate::corpus::Example;
use dress::{Kind, dress};
use fill::Filler;
use random::Random;

static LEGITIMATE: &str = include_str!("../../data/legitimate.txt");
static NEWSLETTERS: &str = include_str!("../../data/newsletters.txt");
static LURES: &str = include_str!("../../data/lures.txt");

/// Mails of each template, and how many of them a stranger copies.
const OF_EACH: usize = 10;
const COPIES: usize = 2;

/// What a made-up lure counts: it is only what we think lures to be.
const LURE: f64 = 0.5;

/// One template.
pub(crate) struct Template {
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) lines: Vec<String>,
}

fn templates(text: &str) -> Vec<Template> {
    let mut templates = Vec::new();
    let blocks = text
        .split("\n\n")
        .map(|block| block.lines().filter(|line| !line.starts_with('#')));
    for mut lines in blocks {
        let from = lines.next().and_then(|line| line.strip_prefix("From: "));
        let subject = lines.next().and_then(|line| line.strip_prefix("Subject: "));
        if let (Some(from), Some(subject)) = (from, subject) {
            templates.push(Template {
                from: from.to_owned(),
                subject: subject.to_owned(),
                lines: lines.map(str::to_owned).collect(),
            });
        }
    }
    templates
}

/// All that are made up from `seed`.
pub(crate) fn examples(seed: u64) -> Vec<Example> {
    let mut random = Random::new(seed);
    let mut examples = Vec::new();
    let mut group = 0;
    for (text, kinds) in [
        (LEGITIMATE, &[(Kind::Legitimate, OF_EACH), (Kind::Copied, COPIES)][..]),
        (LURES, &[(Kind::Lure, OF_EACH)]),
        (NEWSLETTERS, &[(Kind::Legitimate, OF_EACH), (Kind::Copied, COPIES)]),
    ] {
        for template in templates(text) {
            group += 1;
            for (kind, count) in kinds {
                for _ in 0..*count {
                    let mail = dress(&template, *kind, &mut Filler::new(&mut random));
                    let is_phish = *kind != Kind::Legitimate;
                    examples.push(Example {
                        weight: if is_phish { LURE } else { 1.0 },
                        group,
                        ..Example::read(mail.as_bytes(), is_phish)
                    });
                }
            }
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_filled_and_the_same_seed_gives_the_same_mails() {
        assert!(templates(LEGITIMATE).len() >= 55 && templates(LURES).len() >= 33);
        assert!(templates(NEWSLETTERS).len() >= 45);
        let made = |seed| -> Vec<String> {
            let mut random = Random::new(seed);
            let all = [
                (LEGITIMATE, Kind::Legitimate),
                (LEGITIMATE, Kind::Copied),
                (LURES, Kind::Lure),
                (NEWSLETTERS, Kind::Legitimate),
            ];
            let mails = all
                .into_iter()
                .flat_map(|(text, kind)| templates(text).into_iter().map(move |template| (template, kind)));
            mails
                .map(|(template, kind)| dress(&template, kind, &mut Filler::new(&mut random)))
                .collect()
        };
        let mails = made(7);
        assert_eq!(mails, made(7));
        assert_ne!(mails, made(8));
        for mail in &mails {
            assert!(!mail.contains(['{', '}']), "{mail}");
        }
    }
}
