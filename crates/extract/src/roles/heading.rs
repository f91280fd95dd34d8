//! Headings: what marks a line as one, how deep it is, and what it promises.

use super::outline::Topic;
use super::vocabulary::{HEADING_PARTS, HEADING_PREFIXES, HEADINGS};
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Longer lines are no headings, in bytes.
pub(super) const LONGEST: usize = 120;
/// The level of headings that nothing but their words marks.
const PLAIN: u8 = 8;

/// A line that opens a part.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// 1 is the highest.
    pub(super) level: u8,
    /// What its words promise, where they are known.
    pub(super) topic: Option<Topic>,
    /// Nothing but its looks (capitals, brevity) marks it.
    pub(super) plain: bool,
}

/// What stands around a line.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// An empty line before it.
    pub(super) alone: bool,
    /// The line before it was complete.
    pub(super) ended: bool,
    /// Values follow at once.
    pub(super) leads: bool,
}

/// Reads a line without values.
pub(super) fn read(line: &[u8], next: &[u8], around: Around) -> Option<Heading> {
    let Around { alone, ended, leads } = around;
    if is_plainly_none(line) {
        return None;
    }
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Some((level, words)) = marked(text) {
        return Some(Heading {
            level,
            topic: topic(words, true, true),
            plain: false,
        });
    }
    if let Some(level) = underlined(text, next) {
        return Some(Heading {
            level,
            topic: topic(text, true, true),
            plain: false,
        });
    }
    let (depth, words) = numbered(text);
    let is_short = !words.ends_with(['.', ',', ';', '!', '?']) && words.split_whitespace().nth(9).is_none();
    if !is_short || words.is_empty() {
        return None;
    }
    let bold = words
        .strip_prefix("**")
        .or_else(|| words.strip_prefix("__"))
        .is_some_and(|rest| rest.trim_end_matches(':').ends_with(['*', '_']));
    let capitals = in_capitals(words);
    let topic = if ended || alone || capitals || bold {
        topic(words, false, leads)
    } else {
        None
    };
    let level = match depth {
        _ if bold => 7,
        0 if capitals => 2,
        0 => PLAIN,
        depth => depth + 1,
    };
    let begins_large = words.chars().next().is_some_and(|first| !first.is_lowercase());
    match topic {
        Some(_) => Some(Heading {
            level,
            topic,
            plain: level >= 7,
        }),
        None if capitals || bold || (depth > 0 && alone && begins_large) => Some(Heading {
            level,
            topic,
            plain: true,
        }),
        None => None,
    }
}

/// Values and rows, which are the most frequent short lines.
fn is_plainly_none(line: &[u8]) -> bool {
    let letters = line.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let words = line.contains(&b' ');
    // One word with a dot or slash in it, or one that is as long as a digest.
    let value =
        !words && (line.len() >= 32 || line.iter().any(|byte| matches!(byte, b'.' | b'/' | b'@' | b',' | b';')));
    !letters || value || line.windows(3).any(|three| three == b"://" || three == b"[.]")
}

/// `## Words`, `== Words`, `h2. Words`: level and words.
fn marked(text: &str) -> Option<(u8, &str)> {
    for mark in ['#', '='] {
        let rest = text.trim_start_matches(mark);
        let level = text.len() - rest.len();
        if (1..=6).contains(&level) && rest.starts_with(' ') && rest.chars().any(char::is_alphanumeric) {
            return Some((level as u8, rest.trim().trim_end_matches(mark).trim()));
        }
    }
    let level = text
        .strip_prefix('h')
        .and_then(|rest| rest.chars().next()?.to_digit(10))?;
    let words = text.get(2..)?.strip_prefix(". ")?;
    (1..=6).contains(&level).then_some((level as u8, words))
}

/// `Words` above `=====`.
fn underlined(text: &str, next: &[u8]) -> Option<u8> {
    let first = *next.first()?;
    let level = match first {
        b'=' => 1,
        b'-' => 2,
        b'~' => 3,
        b'^' => 4,
        _ => return None,
    };
    let fits = next.len() >= 3 && next.len() + 3 >= text.chars().count() && next.iter().all(|byte| *byte == first);
    (fits && text.chars().any(char::is_alphabetic)).then_some(level)
}

/// `3.1 Words`, `A. Words`, `IV. Words`, `Appendix B: Words`: how deep, and the words.
fn numbered(text: &str) -> (u8, &str) {
    let mut rest = text;
    let mut depth = 0;
    for prefix in HEADING_PREFIXES {
        if let Some(after) = strip_any_case(rest, prefix).filter(|after| after.starts_with(' ')) {
            let (label, words) = after.trim_start().split_once(' ').unwrap_or((after.trim_start(), ""));
            if label.len() <= 5 {
                let words = words.trim_start_matches(['-', ':', '–', '—', '.', ' ']);
                return (1, words);
            }
        }
    }
    let number = rest.split_whitespace().next().unwrap_or_default();
    let core = number.trim_end_matches(['.', ')', ':']);
    let digits = !core.is_empty() && core.chars().all(|c| c.is_ascii_digit() || c == '.');
    let roman = core.len() < number.len() && !core.is_empty() && core.chars().all(|c| "IVX".contains(c));
    let letter = core.len() < number.len() && core.len() == 1 && core.chars().all(|c| c.is_ascii_uppercase());
    if (digits && core.len() <= 8) || roman || letter {
        depth = 1 + core.matches('.').count().min(4) as u8;
        rest = rest.get(number.len()..).unwrap_or_default().trim_start();
    }
    (depth, rest)
}

fn strip_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..))?
}

fn in_capitals(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 4
        && letters * 2 >= text.chars().count()
        && !text.chars().any(char::is_lowercase)
        && text.chars().any(char::is_uppercase)
}

/// What the words promise. `marked`: it is certain that they are a heading; `likely`: it may well be one, though it
/// reads like a sentence.
fn topic(words: &str, marked: bool, likely: bool) -> Option<Topic> {
    let (_, words) = if marked { numbered(words) } else { (0, words) };
    let words = words.trim_matches(|c: char| {
        matches!(c, '*' | '_' | ':' | '#' | '=' | '-' | '–' | '—' | '.' | '：') || c.is_whitespace()
    });
    let lower = words.to_lowercase();
    let (bare, _) = lower.split_once(" (").unwrap_or((&lower, ""));
    let phrases = Phrases::get();
    if let Some(topic) = phrases.exact.get(bare) {
        return Some(*topic);
    }
    // Without marks around them, a sentence may begin with these words.
    if (likely || begins_large_words(words))
        && let Some(topic) = phrases.beginning(bare)
    {
        return Some(topic);
    }
    let many = words.split_whitespace().count();
    if !marked && (many > 8 || words.chars().next().is_none_or(char::is_lowercase)) {
        return None;
    }
    let part = phrases.parts.as_ref()?.find(&lower)?;
    HEADING_PARTS.get(part.pattern().as_usize()).map(|(_, topic)| *topic)
}

/// The table of headings, for looking up.
struct Phrases {
    exact: HashMap<&'static str, Topic>,
    /// Those that other words may follow.
    open: HashMap<&'static str, Topic>,
    parts: Option<AhoCorasick>,
}

impl Phrases {
    fn get() -> &'static Self {
        static PHRASES: OnceLock<Phrases> = OnceLock::new();
        PHRASES.get_or_init(|| {
            let (open, exact): (Vec<_>, Vec<_>) = HEADINGS.iter().partition(|(phrase, _)| phrase.ends_with('*'));
            let parts = HEADING_PARTS.iter().map(|(phrase, _)| phrase);
            Self {
                exact: exact.into_iter().copied().collect(),
                open: open
                    .into_iter()
                    .map(|(phrase, topic)| (phrase.trim_end_matches('*'), *topic))
                    .collect(),
                parts: AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostFirst)
                    .build(parts)
                    .ok(),
            }
        })
    }

    /// The longest phrase that `words` begin with, if few words follow.
    fn beginning(&self, words: &str) -> Option<Topic> {
        const MOST_ENDS: usize = 4;
        let ends = words.match_indices([' ', ':', '/', ',']).map(|(at, _)| at);
        let ends: Vec<usize> = ends.take(MOST_ENDS).chain([words.len()]).collect();
        ends.iter().rev().find_map(|end| {
            let (head, rest) = words.split_at_checked(*end)?;
            let topic = self.open.get(head)?;
            (rest.split_whitespace().count() <= 4).then_some(*topic)
        })
    }
}

/// Every longer word begins with a capital, or the line stands in a script without them.
fn begins_large_words(words: &str) -> bool {
    words
        .split_whitespace()
        .filter(|word| word.len() > 3)
        .all(|word| word.chars().next().is_some_and(|first| !first.is_lowercase()))
}
