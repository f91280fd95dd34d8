//! Text for filters: words that nobody sees, and words that filters do not see.
//!
//! | case | weight | why |
//! |---|---|---|
//! | characters that take no room stand inside of five words or more | 0.25 | languages that need them are not written in Latin letters |
//! | a fifth of the words and more, a dozen at least, are numbers and letters in turns | 0.25 | listings of programs, which come as files |
//! | much hidden text, and next to none shown | 0.30 | a picture with words for filters |
//! | more hidden text than shown, and much of it | 0.20 | previews of newsletters are a line |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence};
use watchfire_knowledge::confusable;
use watchfire_model::{Confidence, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HiddenText;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-hidden-text"),
    describes: "the mail carries much text that a reader does not see, or breaks words with what takes no room",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "evasion",
    techniques: &[TechniqueId::new("T1027"), TechniqueId::new("T1564")],
    false_positives: "newsletters with long previews, and languages that join letters",
};

impl Detector for HiddenText {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        for (facts, wording) in letter.bodies() {
            let broken = broken_words(wording.shown.raw());
            let (title, weight) = match () {
                () if broken >= 5 => (
                    format!("{broken} words are broken by characters that take no room"),
                    250,
                ),
                () if fillers(wording.shown.raw()) => {
                    ("the text is stuffed with words that nobody can say".to_owned(), 250)
                }
                () if wording.hidden_length > 400 && wording.length < 100 => (
                    format!(
                        "{} characters are hidden, {} are shown",
                        wording.hidden_length, wording.length
                    ),
                    300,
                ),
                () if wording.hidden_length > 400 && wording.hidden_length > wording.length => (
                    format!(
                        "{} characters are hidden, {} are shown",
                        wording.hidden_length, wording.length
                    ),
                    200,
                ),
                () => continue,
            };
            scene.found(weighed(
                &INFO,
                title,
                weight,
                evidence(facts, Place::Whole, wording.hidden.raw()),
            ));
            return;
        }
    }
}

/// Whether the text is stuffed with words that change from mail to mail: digits and small letters in turns.
fn fillers(text: &str) -> bool {
    let words = text.split_whitespace().take(400).filter(|word| word.len() <= 40);
    let (mut all, mut odd) = (0_usize, 0_usize);
    for word in words {
        all += 1;
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let letters = word.bytes().filter(u8::is_ascii_lowercase).count();
        odd += usize::from(word.len() >= 5 && digits >= 2 && letters >= 2 && digits + letters == word.len());
    }
    odd >= 12 && odd * 5 >= all
}

/// Places where a character without room stands between two Latin letters.
fn broken_words(text: &str) -> usize {
    let mut broken = 0;
    let mut before = ' ';
    let mut gap = false;
    for c in text.chars() {
        if confusable::is_invisible(c) {
            // A soft hyphen is typography.
            gap |= before.is_ascii_alphabetic() && c != '\u{AD}';
            continue;
        }
        broken += usize::from(gap && c.is_ascii_alphabetic());
        gap = false;
        before = c;
    }
    broken
}
