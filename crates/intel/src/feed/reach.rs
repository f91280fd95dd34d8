//! What domains and URLs of a feed meet, where the user says so.
//!
//! A URL that has a query meets itself alone whatever is said, and so does one without a path: the URLs that begin with
//! the one would be another set than what its author wrote, and those of the other are all of a host, for which a domain
//! is the word.

use super::value;
use watchfire_model::{Indicator, ObservableType, Reach};

/// What domains and URLs of a feed meet, whatever its format says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserReach {
    /// Nothing leaves it to the format.
    domains: Option<Reach>,
    /// Nothing leaves it to the format.
    urls: Option<Reach>,
}

impl UserReach {
    /// The words for it: everything meets itself alone, domains meet the names below them, URLs those that begin so.
    pub const WORDS: &'static [&'static str] = &["exact", "below", "prefix"];

    /// Reads one word, or several with commas between them.
    ///
    /// # Errors
    /// The word that is none of [`UserReach::WORDS`].
    pub fn parse(text: &str) -> Result<Self, &str> {
        let mut reach = Self::default();
        for word in text.split(',').map(str::trim) {
            match word {
                "exact" => (reach.domains, reach.urls) = (Some(Reach::Exact), Some(Reach::Exact)),
                "below" => reach.domains = Some(Reach::Below),
                "prefix" => reach.urls = Some(Reach::Prefix),
                word => return Err(word),
            }
        }
        Ok(reach)
    }

    /// What an indicator meets.
    pub(super) fn of(self, indicator: &Indicator) -> Reach {
        let own = indicator.reach;
        match indicator.observable.kind() {
            ObservableType::Domain => self.domains.unwrap_or(own),
            ObservableType::Url => match self.urls {
                Some(Reach::Prefix) if !has_path(indicator.observable.raw()) => own,
                urls => urls.unwrap_or(own),
            },
            _ => own,
        }
    }
}

/// Whether a URL has a path and no query.
fn has_path(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map(|(_, path)| path.trim_matches('/'));
    value::is_beginning(url) && path.is_some_and(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, value: &str, expected: Reach) {
        let indicator = Indicator::new(Indicator::guess(value).unwrap());
        assert_eq!(
            UserReach::parse(said).unwrap().of(&indicator),
            expected,
            "{said} {value}"
        );
    }

    #[test]
    fn each_word_is_for_its_type() {
        check("below", "evil.example", Reach::Below);
        check("below", "http://evil.example/a", Reach::Exact);
        check("prefix", "evil.example", Reach::Exact);
        check("prefix", "http://evil.example/a", Reach::Prefix);
        check("below, prefix", "evil.example", Reach::Below);
        check("below, prefix", "http://evil.example/a/", Reach::Prefix);
        check("prefix", "203.0.113.0/24", Reach::Network);
        assert_eq!(UserReach::parse("below,above"), Err("above"));
    }

    #[test]
    fn no_url_becomes_more_than_its_author_can_have_meant() {
        for url in [
            "http://evil.example",
            "http://evil.example/",
            "http://evil.example/a?id=1",
        ] {
            check("prefix", url, Reach::Exact);
        }
    }
}
