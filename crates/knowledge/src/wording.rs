//! The wording of lures: what mails say that want something they should not get.
//!
//! Phrases of seven languages, each under the theme that it speaks of. One phrase says nothing: honest mails threaten,
//! thank and ask for payments too. What follows from which themes together is decided by detectors.
//!
//! Texts are looked at in their [plain](crate::confusable::plain) form, so that accents, styled letters and letters of other
//! alphabets do not hide a phrase.

mod table;

use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::LazyLock;

/// What a phrase speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Theme {
    /// Something will be, or was, taken away: an account, mails, space, a parcel.
    Threat,
    /// Somebody is to confirm, update or open something.
    Demand,
    /// Something was won.
    Prize,
    /// Millions, legacies, loans from strangers.
    Windfall,
    /// Money is to be moved, or accounts for it changed.
    Payment,
    /// Cards that are money are to be bought.
    GiftCard,
    /// A task from somebody who cannot talk now.
    Errand,
    /// Something was ordered, renewed or charged.
    Charge,
    /// A telephone is to be used.
    Call,
    /// Pictures, recordings and access that somebody claims to have.
    Extortion,
    /// Little time is left.
    Urgency,
    /// Cures, pills, games, company: what nobody asked for.
    Promotion,
}

/// How many themes there are.
const THEMES: usize = 12;

/// What a text speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    counts: [usize; THEMES],
    first: [Option<&'static str>; THEMES],
}

impl Found {
    /// How many different phrases of a theme there are.
    pub fn count(&self, theme: Theme) -> usize {
        self.counts.get(theme as usize).copied().unwrap_or(0)
    }

    /// The first of them, as the table writes it.
    pub fn first(&self, theme: Theme) -> Option<&'static str> {
        self.first.get(theme as usize).copied().flatten()
    }

    /// Whether it speaks of that at all.
    pub fn has(&self, theme: Theme) -> bool {
        self.count(theme) > 0
    }
}

struct Phrases {
    automaton: AhoCorasick,
    /// The theme of each pattern and its phrase.
    themes: Vec<(Theme, &'static str)>,
}

static PHRASES: LazyLock<Option<Phrases>> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    let mut themes = Vec::new();
    for (theme, phrases) in table::TABLE {
        for phrase in *phrases {
            // A star stands for any end of the word.
            patterns.push(match phrase.strip_suffix('*') {
                Some(stem) => format!(" {stem}"),
                None => format!(" {phrase} "),
            });
            themes.push((*theme, *phrase));
        }
    }
    let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns);
    automaton.ok().map(|automaton| Phrases { automaton, themes })
});

/// What `plain` speaks of: a text in its [plain](crate::confusable::plain) form. Linear in its length.
pub fn themes(plain: &str) -> Found {
    let mut found = Found::default();
    let Some(phrases) = PHRASES.as_ref() else { return found };
    let mut seen = vec![false; phrases.themes.len()];
    for hit in phrases.automaton.find_overlapping_iter(plain) {
        let at = hit.pattern().as_usize();
        let (Some(seen), Some((theme, phrase))) = (seen.get_mut(at), phrases.themes.get(at)) else {
            continue;
        };
        if std::mem::replace(seen, true) {
            continue;
        }
        if let Some(count) = found.counts.get_mut(*theme as usize) {
            *count += 1;
        }
        if let Some(first) = found.first.get_mut(*theme as usize) {
            first.get_or_insert(phrase);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confusable::plain;

    #[test]
    fn phrases_are_whole_words_in_any_letters() {
        let found = themes(&plain("Yоur ассоunt has been suspеnded. Vérifiez  votre compte!"));
        assert!(found.has(Theme::Threat) && found.has(Theme::Demand));
        assert!(!themes(&plain("unsuspended accounting")).has(Theme::Threat));
    }

    #[test]
    fn every_phrase_is_in_its_plain_form_and_stands_once() {
        let mut all: Vec<(Theme, &str)> = Vec::new();
        for (theme, phrases) in table::TABLE {
            for phrase in *phrases {
                let stem = phrase.trim_end_matches('*');
                assert_eq!(plain(stem).trim(), stem);
                assert!(!all.contains(&(*theme, phrase)), "{phrase}");
                all.push((*theme, phrase));
            }
        }
        assert!(all.len() > 300);
        assert_eq!(table::TABLE.len(), THEMES);
    }
}
