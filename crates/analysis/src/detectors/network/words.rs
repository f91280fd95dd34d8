//! Words that are looked for in a text all at once, in any case: names of tools in what programs say of themselves.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// See the module.
#[derive(Debug)]
pub(super) struct Words {
    words: &'static [&'static str],
    /// There is always one for as few words as detectors have.
    search: Option<AhoCorasick>,
}

impl Words {
    pub(super) fn new(words: &'static [&'static str]) -> Self {
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words);
        Self {
            words,
            search: search.ok(),
        }
    }

    /// The one that ends first in `text`, if any does.
    pub(super) fn find(&self, text: &str) -> Option<&'static str> {
        let found = self.search.as_ref()?.find(text)?;
        self.words.get(found.pattern().as_usize()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[&str] = &[
        "curl/",
        "wget/",
        "microsoft bits/",
        "winhttp",
        "winhttprequest",
        "nikto",
    ];

    #[test]
    fn words_are_found_in_any_case_and_say_which_they_are() {
        let words = Words::new(WORDS);
        assert_eq!(words.find("Mozilla/5.00 (Nikto/2.5.0)"), Some("nikto"));
        assert_eq!(words.find("Microsoft BITS/7.8"), Some("microsoft bits/"));
        assert_eq!(words.find("WGET"), None);
    }

    #[test]
    fn one_search_finds_what_a_search_for_each_finds() {
        let words = Words::new(WORDS);
        let mut numbers = crate::tests::Numbers(7);
        let pieces = [
            "cu",
            "RL/",
            "wg",
            "et/",
            "Microsoft ",
            "bits/",
            "WinHttp",
            "Request",
            "nik",
            "To",
            " ",
            "é",
        ];
        for _ in 0..5_000 {
            let text: String = (0..4).map(|_| pieces[numbers.next(12) as usize]).collect();
            let lower = text.to_ascii_lowercase();
            let each = WORDS.iter().any(|word| lower.contains(word));
            assert_eq!(words.find(&text).is_some(), each, "{text}");
            assert!(words.find(&text).is_none_or(|word| lower.contains(word)), "{text}");
        }
    }
}
