//! The demo: one morning at a company, an attack in it, and a lot of ordinary life.
//!
//! Everything is inert and comes from one seed: addresses are from the documentation ranges (RFC 5737), names are
//! reserved (RFC 2606), people are roles. `expected.json` states what must be seen and what must not.

mod expected;
mod feeds;
mod host;
mod life;
mod log;
mod lure;
mod mailbox;
mod net;
mod post;
mod report;
mod story;

use crate::Random;

/// The seed of the demo that ships.
pub const SEED: u64 = 20_261_102;
/// The instant at which the story is told.
pub const AS_OF: &str = "2026-11-02T12:00:00Z";

pub use feeds::{DemoFeed, FEEDS};

/// One file of the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoFile {
    /// Path below the demo's folder, with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl DemoFile {
    fn new(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.to_owned(),
            bytes: bytes.into(),
        }
    }
}

/// The demo's files, in the order of their paths.
pub fn files() -> Vec<DemoFile> {
    from_seed(SEED)
}

/// What a mirror port of the office saw that morning, which is among [`files`].
pub fn capture() -> DemoFile {
    net::file(&mut Random::new(SEED).fork("net"))
}

/// The demo told from another seed: other hashes, ports and minutes, the same story.
pub fn from_seed(seed: u64) -> Vec<DemoFile> {
    let mut random = Random::new(seed);
    let mut files = Vec::new();
    files.extend(report::files(&mut random.fork("report")));
    files.extend(feeds::files(&mut random.fork("feeds")));
    files.extend(mailbox::files(&mut random.fork("mail")));
    files.extend(lure::files());
    files.extend(life::files(&mut random.fork("life")));
    files.extend(log::files(&mut random.fork("logs")));
    let capture = net::file(&mut random.fork("net"));
    files.extend(host::files(&mut random.fork("host"), &net::opened(&capture.bytes)));
    files.push(capture);
    files.extend(post::files(&mut random.fork("post")));
    files.push(expected::file());
    files.push(expected::configuration());
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_same_story_to_the_byte() {
        assert_eq!(files(), files());
        assert_ne!(files(), from_seed(1));
    }

    #[test]
    fn paths_are_distinct_and_relative() {
        let files = files();
        assert!(files.windows(2).all(|pair| pair[0].path < pair[1].path));
        assert!(
            files
                .iter()
                .all(|file| !file.path.starts_with('/') && !file.path.contains(".."))
        );
    }

    #[test]
    fn ordinary_mails_outnumber_the_lure_twenty_five_to_one() {
        let mails = files().into_iter().filter(|file| file.path.starts_with("mail/"));
        let (lures, ordinary): (Vec<_>, Vec<_>) = mails.partition(|file| file.path == lure::PATH);
        assert_eq!((lures.len(), ordinary.len()), (1, 25));
    }

    #[test]
    fn it_is_neither_a_toy_nor_a_burden() {
        let size: usize = files().iter().map(|file| file.bytes.len()).sum();
        assert!((1 << 20..25 << 20).contains(&size), "{size} bytes");
    }

    #[test]
    fn only_reserved_names_and_documentation_addresses_occur() {
        for file in files() {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            if [".pdf", ".zip", ".jpg", ".pcapng", ".evtx"]
                .iter()
                .any(|end| file.path.ends_with(end))
            {
                continue;
            }
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')) {
                let parts: Vec<&str> = word.split('.').collect();
                let octets: Vec<u8> = parts.iter().filter_map(|part| part.parse().ok()).collect();
                if parts.len() == 4 && octets.len() == 4 {
                    let known = matches!(octets[..3], [10, 0, _] | [192, 0, 2] | [198, 51, 100] | [203, 0, 113]);
                    // Versions look like addresses, as in life.
                    let version = octets[1..3] == [0, 0] || word == "2.4.0.1";
                    assert!(known || version, "{} in {}", word, file.path);
                }
                let last = parts.last().copied().unwrap_or_default();
                // What the lure shows, and nothing leads to it.
                let is_shown = file.path == lure::PATH && word == "www.docusign.com";
                assert!(
                    parts.len() < 2
                        || !matches!(last, "com" | "net" | "org" | "io")
                        || word.contains("example.")
                        || is_shown,
                    "{} in {}",
                    word,
                    file.path
                );
            }
        }
    }
}
