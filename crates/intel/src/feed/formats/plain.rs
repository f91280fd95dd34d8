//! Plain lists: one value in each line.
//!
//! | in the line | becomes |
//! |---|---|
//! | `203.0.113.7`, `evil.example`, a URL, a digest, … | the value, of the type that it is of; defanged forms too |
//! | `203.0.113.0/24` | the network |
//! | `203.0.113.1-203.0.113.9` | the networks that cover the range exactly |
//! | `203.0.113.7:443` | the address, threat `port 443` |
//! | `http://evil.example/a/*` | the URL before the star, reach `prefix` |
//! | `*.evil.example`, `.evil.example`, `‖evil.example^` (two bars) | the domain, reach `below` |
//! | what follows a blank and `#`, `;` or `//` | threat |
//! | a line that begins with `#`, `;`, `!` or `//` | nothing |
//!
//! There is no specification. What firewalls call an external dynamic list, and the filter lists of ad blockers as far
//! as they name domains.

use crate::feed::intake::Taker;
use crate::feed::lines::{Input, Line, Lines};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, Observable, ObservableType, Reach};

/// See the head of this file.
pub(in crate::feed) struct Plain;

static INFO: FormatInfo = FormatInfo {
    name: "plain",
    describes: "a list with one value in each line",
    yields: "whatever type each value is of; ranges as networks",
    towards: "malicious",
    fields: "threat (the comment behind the value)",
    reach: "exact; `*.name`, `.name` and `||name^` below; `URL/*` URLs that begin so",
    source: "https://docs.paloaltonetworks.com/pan-os/11-1/pan-os-admin/policy/use-an-external-dynamic-list-in-policy/external-dynamic-list",
};

impl FeedFormat for Plain {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        // The last of the first lines may be cut.
        let mut lines: Vec<&str> = super::first_lines(head).take(11).collect();
        if lines.len() > 1 {
            lines.pop();
        }
        let readable = lines.iter().filter(|line| is_entry(line)).count();
        super::is_text(head) && !lines.is_empty() && readable * 2 > lines.len()
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut lines = Lines::new(Input::open(input, "a list")?);
        while let Some(line) = lines.next()? {
            read_line(&line, &mut taker);
        }
        Ok(taker.finish())
    }
}

fn is_entry(line: &str) -> bool {
    let (value, _) = split_comment(line);
    value::guess(value).is_ok() || below(value).is_some() || value::range(value).is_some()
}

pub(super) fn read_line(line: &Line<'_>, taker: &mut Taker<'_>) {
    let text = line.text();
    let text = text.trim();
    if text.is_empty() || text.starts_with(['#', ';', '!']) || text.starts_with("//") {
        return;
    }
    let place = line.place();
    if line.is_cut {
        return taker.reject(place, Reason::Malformed, "the line is too long", text);
    }
    let (value, comment) = split_comment(text);
    let complete = |observable: Observable| Indicator {
        threat: value::threat(&[comment]),
        ..Indicator::new(observable)
    };
    if let Some(name) = below(value) {
        return match value::typed(ObservableType::Domain, name) {
            Ok(domain) => taker.take(
                place,
                Indicator {
                    reach: Reach::Below,
                    ..complete(domain)
                },
            ),
            Err(why) => taker.malformed(place, why, value),
        };
    }
    match value::range(value) {
        Some(networks) if value::guess(value).is_err() => {
            for network in networks {
                taker.take(place, complete(network));
            }
        }
        _ => taker.take_guessed(place, value, complete),
    }
}

/// Value and comment. URLs hold `#` and `;`, so a comment begins behind a blank.
fn split_comment(text: &str) -> (&str, &str) {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find([' ', '\t'])) {
        let (value, rest) = text.split_at_checked(from + at).unwrap_or((text, ""));
        let rest = rest.trim_start();
        if let Some(comment) = [";", "//", "#"].iter().find_map(|sign| rest.strip_prefix(sign)) {
            return (value.trim_end(), comment.trim());
        }
        from += at + 1;
    }
    (text.trim_end_matches(','), "")
}

/// The name whose names below are meant.
fn below(value: &str) -> Option<&str> {
    if let Some(rule) = value.strip_prefix("||") {
        // What follows the caret are conditions that cannot be kept.
        return rule.strip_suffix('^');
    }
    let name = value.strip_prefix("*.").or_else(|| value.strip_prefix('.'))?;
    (!name.is_empty()).then_some(name)
}
