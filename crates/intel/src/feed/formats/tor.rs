//! Exits of Tor: addresses from which anybody may come. Worth knowing, and no malice.
//!
//! | `exit-addresses` | bulk list | becomes |
//! |---|---|---|
//! | `ExitAddress 203.0.113.7 2026-11-21 05:10:11` | the line | the address, towards `unknown`, threat `Tor exit` |
//! | the time of that line | | last seen |
//! | `ExitNode` (the fingerprint) | | reference |
//! | `Published`, `LastStatus` | | nothing |
//!
//! Source: <https://2019.www.torproject.org/tordnsel/exitlist-spec.txt>, <https://check.torproject.org/torbulkexitlist>.

use crate::feed::intake::Taker;
use crate::feed::lines::{Input, Lines};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Tor;

static INFO: FormatInfo = FormatInfo {
    name: "tor",
    describes: "exits of Tor: exit-addresses or the bulk list",
    yields: "addresses",
    towards: "unknown: context, no malice",
    fields: "last seen, threat, reference (the relay's fingerprint)",
    reach: "exact",
    source: "https://2019.www.torproject.org/tordnsel/exitlist-spec.txt",
};

impl FeedFormat for Tor {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], name: &str) -> bool {
        head.starts_with(b"ExitNode ") || (name.contains("torbulkexitlist") && super::is_text(head))
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut lines = Lines::new(Input::open(input, "a list of Tor exits")?);
        let dates = taker.dates();
        let mut relay = String::new();
        while let Some(line) = lines.next()? {
            let text = line.text();
            let mut words = text.split_ascii_whitespace();
            let (address, seen) = match (words.next(), words.next()) {
                (Some("ExitNode"), Some(fingerprint)) => {
                    fingerprint.clone_into(&mut relay);
                    continue;
                }
                (Some("Published" | "LastStatus"), _) | (None, _) => continue,
                (Some("ExitAddress"), Some(address)) => (address, words.collect::<Vec<_>>().join(" ")),
                (Some(comment), _) if comment.starts_with('#') => continue,
                (Some(address), None) => (address, String::new()),
                _ => {
                    taker.reject(line.place(), Reason::Malformed, "no line of a list of exits", &text);
                    continue;
                }
            };
            match value::address_or_network(address) {
                Ok(observable) => taker.take(
                    line.place(),
                    Indicator {
                        towards: Verdict::Unknown,
                        last_seen: dates.read(&seen),
                        threat: "Tor exit".into(),
                        reference: value::reference(&relay),
                        ..Indicator::new(observable)
                    },
                ),
                Err(why) => taker.malformed(line.place(), why, address),
            }
        }
        Ok(taker.finish())
    }
}
