//! Formats that the user describes: a regular expression with named groups, or a pattern in the manner of grok.
//!
//! One format for each line of a file: a name, a blank or tab, and the pattern; lines that begin with `#` are remarks. In a
//! pattern `%{IP:src_ip}` stands for an address and names it, `%{NUMBER}` for a number without a name. The expressions are those
//! of the `regex` crate: their time is linear in the line, whatever the pattern.

use super::draft::Draft;
use super::registry::{Format, Outcome};
use super::time;
use regex::bytes::Regex;
use std::sync::Arc;

pub(crate) static FORMAT: Format = Format {
    name: "user",
    describes: "formats that the user describes by a regular expression or a grok pattern",
    recognised: "the user's patterns, before all others",
    time: "the group called `timestamp`, `time` or `date`, as it stands",
};

/// Memory that one compiled pattern may take, in bytes.
const MOST_MEMORY: usize = 8 << 20;

/// A format that the user described.
#[derive(Clone, Debug)]
pub struct UserFormat {
    name: Arc<str>,
    pattern: Regex,
    /// Groups with their names, and which of them is the time.
    groups: Vec<(usize, String)>,
    time: Option<usize>,
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFormat {
    /// The line of the file, from 1.
    pub line: usize,
    /// Why it cannot be used.
    pub why: String,
}

impl std::fmt::Display for BadFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for BadFormat {}

/// What grok's names stand for.
const PATTERNS: &[(&str, &str)] = &[
    ("WORD", r"\b\w+\b"),
    ("NOTSPACE", r"\S+"),
    ("SPACE", r"\s*"),
    ("DATA", r".*?"),
    ("GREEDYDATA", r".*"),
    ("INT", r"[+-]?\d+"),
    ("POSINT", r"\d+"),
    ("NONNEGINT", r"\d+"),
    ("NUMBER", r"[+-]?\d+(?:\.\d+)?"),
    ("BASE10NUM", r"[+-]?\d+(?:\.\d+)?"),
    ("BASE16NUM", r"(?:0[xX])?[0-9a-fA-F]+"),
    ("IPV4", r"\d{1,3}(?:\.\d{1,3}){3}"),
    ("IPV6", r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]+"),
    ("IP", r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]+)"),
    ("IPORHOST", r"[0-9A-Za-z:._-]+"),
    ("HOSTNAME", r"[0-9A-Za-z._-]+"),
    ("HOST", r"[0-9A-Za-z._-]+"),
    ("HOSTPORT", r"[0-9A-Za-z:._-]+:\d+"),
    ("USER", r"[a-zA-Z0-9._@-]+"),
    ("USERNAME", r"[a-zA-Z0-9._@-]+"),
    ("EMAILADDRESS", r"[^\s@]+@[^\s@]+"),
    ("UUID", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ("MAC", r"[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}"),
    ("PATH", r"(?:/[^\s]*|[A-Za-z]:\\[^\s]*)"),
    ("UNIXPATH", r"/[^\s]*"),
    ("WINPATH", r"[A-Za-z]:\\[^\s]*"),
    ("URI", r"[A-Za-z][A-Za-z0-9+.-]*://\S+"),
    ("URIPATH", r"/[^\s?#]*"),
    ("URIPATHPARAM", r"/[^\s]*"),
    ("QS", r#""(?:[^"\\]|\\.)*""#),
    ("QUOTEDSTRING", r#""(?:[^"\\]|\\.)*""#),
    (
        "LOGLEVEL",
        r"(?i:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg(?:ency)?|fatal|severe)",
    ),
    ("MONTH", r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"),
    ("YEAR", r"\d{4}"),
    ("TIME", r"\d{2}:\d{2}:\d{2}(?:[.,]\d+)?"),
    (
        "TIMESTAMP_ISO8601",
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?",
    ),
    (
        "SYSLOGTIMESTAMP",
        r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d{2}:\d{2}:\d{2}",
    ),
    (
        "HTTPDATE",
        r"\d{2}/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}",
    ),
    ("SYSLOGPROG", r"[^\s\[:]+(?:\[\d+\])?"),
    ("PROG", r"[^\s\[:]+"),
];

impl UserFormat {
    /// Reads a file of formats. Formats that cannot be used are named; the others can.
    pub fn read(file: &str) -> (Vec<Self>, Vec<BadFormat>) {
        let (mut formats, mut bad) = (Vec::new(), Vec::new());
        for (line, text) in (1..).zip(file.lines().take(10_000)) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let parsed = match text.split_once([' ', '\t']) {
                Some((name, pattern)) => Self::new(name, pattern.trim()),
                None => Err("a name and a pattern are wanted, with a blank between".to_owned()),
            };
            match parsed {
                Ok(format) => formats.push(format),
                Err(why) => bad.push(BadFormat { line, why }),
            }
        }
        (formats, bad)
    }

    /// A format of this name by this pattern.
    pub fn new(name: &str, pattern: &str) -> Result<Self, String> {
        let (expression, names) = expand(pattern)?;
        let pattern = regex::bytes::RegexBuilder::new(&expression)
            .size_limit(MOST_MEMORY)
            .dfa_size_limit(MOST_MEMORY)
            .build()
            .map_err(|error| error.to_string())?;
        let mut groups = Vec::new();
        for (index, group) in pattern.capture_names().enumerate() {
            let Some(group) = group else { continue };
            let name = names
                .iter()
                .find(|(own, _)| own == group)
                .map_or(group, |(_, name)| name.as_str());
            groups.push((index, name.to_owned()));
        }
        if groups.is_empty() {
            return Err("no group has a name: write (?<name>…) or %{PATTERN:name}".to_owned());
        }
        let time = groups
            .iter()
            .find(|(_, name)| matches!(name.as_str(), "timestamp" | "time" | "date" | "datetime" | "@timestamp"));
        Ok(Self {
            name: name.into(),
            time: time.map(|(index, _)| *index),
            pattern,
            groups,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn parse(&self, text: &[u8], draft: &mut Draft) -> bool {
        let Some(found) = self.pattern.captures(text) else {
            return false;
        };
        draft.is(&FORMAT);
        draft.text(super::name::key!("user_format"), self.name.as_bytes());
        for (index, name) in &self.groups {
            if let Some(value) = found.get(*index) {
                draft.named(name.as_bytes(), value.as_bytes());
                if self.time == Some(*index) {
                    draft.time = time::any(value.as_bytes(), &mut draft.assumed);
                }
            }
        }
        draft.say(text);
        true
    }
}

/// Replaces what stands for something by it. Names of groups that an expression would not take are numbered.
fn expand(pattern: &str) -> Result<(String, Vec<(String, String)>), String> {
    let mut out = String::with_capacity(pattern.len().saturating_mul(2));
    let mut names = Vec::new();
    let mut rest = pattern;
    while let Some((before, tail)) = rest.split_once("%{") {
        out.push_str(before);
        let (inside, tail) = tail.split_once('}').ok_or("a '%{' is not closed")?;
        rest = tail;
        let mut parts = inside.split(':');
        let wanted = parts.next().unwrap_or_default();
        let known = PATTERNS.iter().find(|(name, _)| *name == wanted);
        let (_, expression) = known.ok_or_else(|| format!("nothing is known of '%{{{wanted}}}'"))?;
        match parts.next() {
            Some(name) if !name.is_empty() => {
                let group = format!("g{}", names.len());
                out.push_str(&format!("(?<{group}>{expression})"));
                // `[source][ip]` is how grok writes `source.ip`.
                let name = name.trim_start_matches('[').trim_end_matches(']').replace("][", ".");
                names.push((group, name));
            }
            _ => out.push_str(&format!("(?:{expression})")),
        }
    }
    out.push_str(rest);
    Ok((out, names))
}

/// Offers a line to the user's formats.
#[inline]
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    if draft.user.is_empty() {
        return Outcome::No;
    }
    let formats = Arc::clone(&draft.user);
    let mark = draft.mark();
    for format in formats.iter() {
        if format.parse(text, draft) {
            return Outcome::Record;
        }
        draft.back(mark);
    }
    Outcome::No
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_named_groups_or_grok() {
        let file = "# remarks\nown %{IP:[source][ip]} %{USER:user} %{POSINT:port}\nother (?<a>\\d+)x\nbad (\nworse %{NOPE:x}\n";
        let (formats, bad) = UserFormat::read(file);
        assert_eq!(formats.len(), 2);
        assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [4, 5]);
    }
}
