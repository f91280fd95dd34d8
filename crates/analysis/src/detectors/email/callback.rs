//! A charge that never was, and a number to call about it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | several words of a charge, a telephone number, no link to whoever charges, and the sender is a free mailbox, not proved, or shows another's name | 0.40 | real invoices lead to an account |
//! | the same in a document that is attached, with next to nothing in the mail | 0.40 | filters read mails |
//! | the same from a sender that proved its own domain | 0.20 | small firms do so |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence};
use watchfire_knowledge::wording::{self, Theme};
use watchfire_knowledge::{brand, confusable};
use watchfire_model::{Confidence, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct CallbackScam;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-callback-scam"),
    describes: "a mail about a charge wants to be called, and leads nowhere",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 400,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1566.003"), TechniqueId::new("T1684.001")],
    false_positives: "small firms that write invoices with a telephone number from a free mailbox",
};

impl Detector for CallbackScam {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        let mut numbers = letter
            .bodies()
            .filter_map(|(_, wording)| telephone(wording.shown.raw()));
        let number = numbers.next().or_else(|| telephone(letter.mail.subject.raw()));
        let own = letter.links.iter().any(|led| led.site() == letter.site());
        let unproved = letter.is_free() || !letter.is_vouched_for();
        let foreign = || {
            brand::shown_in(
                letter
                    .plain
                    .get(..letter.plain.floor_char_boundary(400))
                    .unwrap_or_default(),
            )
            .is_some_and(|shown| !brand::belongs(shown.brand, &letter.domain))
        };
        if let Some(number) = number
            && found.count(Theme::Charge) >= 3
            && (found.has(Theme::Call) || found.count(Theme::Charge) >= 6)
            && letter.links.len() <= 3
            && !own
            && !letter.is_bulk()
        {
            let weight = if unproved && letter.proof.is_looked_for() || letter.is_free() || foreign() {
                400
            } else {
                200
            };
            let title = format!("a charge, and a number to call about it: {number}");
            scene.found(weighed(&INFO, title, weight, letter.words(&number)));
            return;
        }
        if letter.visible() > 1500 || letter.is_bulk() {
            return;
        }
        for part in letter.parts.iter().filter(|part| !part.is_body) {
            let Some(wording) = part.wording() else { continue };
            let said = wording::themes(&confusable::plain(wording.shown.raw()));
            let Some(number) = telephone(wording.shown.raw()) else {
                continue;
            };
            if said.count(Theme::Charge) >= 4
                && said.has(Theme::Call)
                && (letter.is_free() || letter.proof.is_looked_for() && !letter.is_vouched_for())
            {
                let title = format!(
                    "'{}' is about a charge, with a number to call: {number}",
                    part.facts.origin.name().shown(40)
                );
                scene.found(weighed(&INFO, title, 400, evidence(part.facts, Place::Whole, &number)));
                return;
            }
        }
    }
}

/// The first run of digits that is a telephone number of ten or eleven digits in groups, as such mails write it, with the
/// letters that stand for digits.
fn telephone(text: &str) -> Option<String> {
    let mut digits = 0;
    let mut groups = 0;
    let mut start = None;
    let mut in_group = false;
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), '\n'))) {
        match c {
            '0'..='9' => {
                start.get_or_insert(at);
                digits += 1;
                groups += usize::from(!in_group);
                in_group = true;
            }
            '+' | '(' if start.is_none() => start = Some(at),
            ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2010}'..='\u{2015}' | '~' | '*' | '_' | '/'
                if start.is_some() =>
            {
                in_group = false
            }
            _ if watchfire_knowledge::confusable::is_invisible(c) => {}
            _ => {
                if let Some(begin) = start
                    && (10..=12).contains(&digits)
                    && (3..=5).contains(&groups)
                {
                    let number: String = text
                        .get(begin..at)?
                        .trim()
                        .chars()
                        .filter(|c| c.is_ascii_graphic() || *c == ' ')
                        .collect();
                    return Some(number);
                }
                (digits, groups, start, in_group) = (0, 0, None, false);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::telephone;

    #[test]
    fn numbers_to_call_are_found_and_others_are_not() {
        for (text, expected) in [
            ("call +1 (888) 555-0123 now", Some("+1 (888) 555-0123")),
            ("call 888-555-0123.", Some("888-555-0123.")),
            ("order 405-5236882-9395563", None),
            ("on 2026-11-02 at 10", None),
            ("1234567890", None),
        ] {
            assert_eq!(telephone(text).as_deref(), expected, "{text}");
        }
    }
}
