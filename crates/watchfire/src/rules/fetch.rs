//! Rules from an address: an archive or a file, fetched whole as feeds are, and only when asked.

use super::RuleSets;
use super::gather::{self, ARCHIVE, Gathered};
use super::set::{Kind, Member, RuleSet};
use crate::feeds::{Advice, Way};
use crate::{Config, Problem, network};
use std::collections::BTreeSet;
use std::io::{self, Read};
use watchfire_model::Untrusted;
use watchfire_store::FeedUrl;

/// What to do next where a server refuses.
static ADVICE: Advice = Advice {
    refused: "what needs a key or a log-in is downloaded by other means; watchfire rules import reads files",
    form: "name the address of one archive or file",
};

/// What came.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub(super) gathered: Gathered,
    pub(super) validators: [Option<Untrusted>; 2],
    pub(super) is_unchanged: bool,
}

/// Whether a person means an address and no path.
pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The last part of an address's path, by which a set is called.
pub(super) fn last_segment(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

impl RuleSets {
    /// Fetches what is at an address, unless it is what `known` was.
    pub(super) fn fetch(&self, url: &str, known: Option<&RuleSet>, config: &Config) -> Result<Fetched, Problem> {
        if self.offline {
            return Err(Problem::new("rules cannot be fetched: the network is forbidden")
                .hint("watchfire rules import reads files and folders"));
        }
        let url = FeedUrl::parse(url).map_err(|why| Problem::new(format!("'{url}' is {why}")))?;
        let url = url.as_str();
        let about = |problem: Problem| problem.about(&format!("'{url}'"));
        let http = network::http(&config.network()?, BTreeSet::new(), None)?;
        let runtime = network::runtime()?;
        let most = config.number("limits.feed").unwrap_or(ARCHIVE);
        let way = Way::new(&http, &runtime, url, most).advising(&ADVICE);
        let known = known.map(|known| &known.validators);
        let asked: Vec<(&'static str, &str)> = ["If-None-Match", "If-Modified-Since"]
            .into_iter()
            .zip(known.into_iter().flatten())
            .filter_map(|(name, value)| Some((name, value.as_ref()?.raw())))
            .collect();
        let answer = way.get(url, &asked).map_err(about)?;
        if answer.status == 304 {
            return Ok(Fetched {
                is_unchanged: true,
                ..Fetched::default()
            });
        }
        let validators = ["etag", "last-modified"].map(|name| answer.header(name).map(Untrusted::from));
        let mut bytes = Vec::new();
        let read = way.body(answer).read_to_end(&mut bytes);
        read.map_err(|error| about(broken(&way, &error)))?;
        Ok(Fetched {
            gathered: gathered(bytes, last_segment(url)),
            validators,
            is_unchanged: false,
        })
    }
}

/// An archive, or the text of one file.
fn gathered(bytes: Vec<u8>, name: &str) -> Gathered {
    if gather::is_archive(&bytes, name).is_some() {
        return gather::of_archive(&bytes, name);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut gathered = Gathered::default();
    gathered.members.push(Member {
        kind: Kind::Rule,
        name: name.to_owned(),
        text,
    });
    gathered
}

/// Why a body ended early.
fn broken(way: &Way<'_>, error: &io::Error) -> Problem {
    way.stopped().unwrap_or_else(|| match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::new("the transfer was cut off"),
        _ => Problem::new(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_path_and_names_its_set() {
        for (text, expected) in [
            ("https://a.test/x.zip", true),
            ("http/x", false),
            ("./https://x", false),
        ] {
            assert_eq!(is_url(text), expected, "{text}");
        }
        for (url, expected) in [
            ("https://a.test/b/sigma.zip?x=/y", "sigma.zip"),
            ("https://a.test/rules/", "rules"),
            ("https://a.test", "a.test"),
        ] {
            assert_eq!(last_segment(url), expected, "{url}");
        }
    }
}
