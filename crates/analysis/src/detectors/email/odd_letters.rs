//! Words that read right and are written wrong.
//!
//! | case | weight | why |
//! |---|---|---|
//! | letters of two alphabets in one word of the sender's name or the subject | 0.35 | no keyboard does it by accident |
//! | styled letters there (`𝐃𝐨𝐜𝐮`) | 0.20 | marketing likes them too |
//! | letters of two alphabets in three words of the text or more | 0.30 | the same |
//! | a capital I for l, a digit for a letter: `CouId`, `N0TlCE` | 0.25 | the same |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::confusable;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OddLetters;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-odd-letters"),
    describes: "words are written with letters of other alphabets, styled letters or digits in their place",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "evasion",
    techniques: &[TechniqueId::new("T1027"), TechniqueId::new("T1036")],
    false_positives: "names of bands, and people who like styled letters",
};

impl Detector for OddLetters {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let name = letter.shown_name();
        let head = format!("{name} {}", letter.mail.subject.raw());
        let text: String = letter
            .bodies()
            .map(|(_, wording)| wording.shown.raw())
            .next()
            .unwrap_or_default()
            .to_owned();
        let mixed = |text: &str| {
            text.split_whitespace()
                .filter(|word| confusable::is_mixed(word))
                .count()
        };
        let swapped = |text: &str| {
            text.split(|c: char| !c.is_alphanumeric())
                .filter(|word| is_swapped(word))
                .count()
        };
        let (what, weight) = match () {
            () if mixed(&head) > 0 => ("a word of the header is written with letters of two alphabets", 350),
            () if mixed(&text) >= 3 => ("words of the text are written with letters of two alphabets", 300),
            () if swapped(&head) > 0 || swapped(&text) >= 3 => {
                ("letters are exchanged for others that look like them", 250)
            }
            () if head.chars().filter(|c| confusable::is_styled(*c)).count() >= 3 => {
                ("the header is written in styled letters", 200)
            }
            () => return,
        };
        let sample = head.split_whitespace().chain(text.split_whitespace());
        let odd = sample
            .flat_map(|word| std::iter::once(word).chain(word.split(|c: char| !c.is_alphanumeric())))
            .find(|word| confusable::is_mixed(word) || is_swapped(word) || word.chars().any(confusable::is_styled))
            .unwrap_or_default();
        let title = format!("{what}: '{}'", Untrusted::new(odd).shown(40));
        scene.found(weighed(&INFO, title, weight, letter.header("Subject", &head)));
    }
}

/// `CouId`, `AIert`, `lmportant`, `N0RT0N`.
fn is_swapped(word: &str) -> bool {
    if word.len() > 16 || !word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let letters: Vec<char> = word.chars().collect();
    // `lRS`: an I that is none before capitals.
    let begins = letters.first() == Some(&'l') && (3..=12).contains(&letters.len());
    if begins && letters.iter().skip(1).all(char::is_ascii_uppercase) {
        return true;
    }
    if !(4..=16).contains(&letters.len()) || !word.is_ascii() {
        return false;
    }
    let lower = |c: Option<&char>| c.is_some_and(char::is_ascii_lowercase);
    let upper = |c: Option<&char>| c.is_some_and(char::is_ascii_uppercase);
    let consonant =
        |c: Option<&char>| c.is_some_and(|c| matches!(c, 'b' | 'c' | 'd' | 'f' | 'g' | 'k' | 'p' | 's' | 't' | 'v'));
    let rest_is_upper = letters.iter().filter(|c| c.is_ascii_uppercase()).count() >= 3;
    letters.iter().enumerate().any(|(at, c)| {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        match c {
            // Within small letters, and followed by what no word has after an I that begins a part of it.
            'I' => {
                // `orderId` is how programs write; `couId` is no program's.
                let is_name = letters.get(at + 1..) == Some(&['d'])
                    && !before.is_some_and(|c| matches!(c, 'a' | 'i' | 'o' | 'u'));
                let others = letters.iter().skip(1).filter(|c| c.is_ascii_uppercase()).count();
                lower(before) && (consonant(after) || after.is_none()) && at >= 2 && others == 1 && !is_name
            }
            '0' => {
                rest_is_upper
                    && upper(before)
                    && upper(after)
                    && letters.iter().filter(|c| c.is_ascii_digit() && **c != '0').count() == 0
            }
            'l' => {
                rest_is_upper
                    && (upper(before) && upper(after))
                    && letters.iter().filter(|c| c.is_ascii_lowercase()).count() <= 2
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::is_swapped;

    #[test]
    fn letters_are_exchanged_or_are_not() {
        for word in ["CouId", "lRS", "N0RT0N", "N0TlCE", "C0NSUMER"] {
            assert!(is_swapped(word), "{word}");
        }
        for word in [
            "WiFi",
            "McIntosh",
            "AppleID",
            "iOS",
            "PDF417",
            "A4B2",
            "2FA",
            "eBay",
            "OpenAI",
            "LinkedIn",
            "X0Y",
            "LTD",
            "GmbH",
            "CO2E",
            "orderId",
            "orderIdLink",
            "messageId",
        ] {
            assert!(!is_swapped(word), "{word}");
        }
    }
}
