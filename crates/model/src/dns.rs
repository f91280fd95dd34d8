//! Questions to the DNS and their answers (RFC 1035), as data.
//!
//! Whoever verifies a mail asks a [`DnsSnapshot`] and nobody else, so that the same answers give the same result: those
//! of a file, of a recording, or of a resolver that somebody else asked. What a snapshot does not know is a [`Question`]
//! to be answered, and never a failure. Not here: messages as they travel, caching, validation of signatures (DNSSEC).

use crate::observable::punycode;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

/// Longest name. Bytes, without the dot at its end.
const LONGEST_NAME: usize = 253;
/// Longest label. Bytes.
const LONGEST_LABEL: usize = 63;
/// Most aliases that are followed from one name.
const MOST_ALIASES: usize = 8;

/// A name that can be asked about: printable ASCII in lower case, labels of 1 to 63 bytes, 253 bytes at most, no dot at
/// its end. The root is the empty name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Reads a name, with or without a dot at its end, in any case. Labels beyond ASCII become `xn--…`. Nothing for what
    /// the DNS cannot be asked about.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Some(Self::default());
        }
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            punycode::encode_host(text)?
        };
        let fits = ascii.len() <= LONGEST_NAME
            && ascii.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            && ascii.split('.').all(|label| (1..=LONGEST_LABEL).contains(&label.len()));
        fits.then(|| Self(ascii.into_boxed_str()))
    }

    /// The name as it is asked about.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// How many labels it has; the root has none.
    pub fn labels(&self) -> usize {
        if self.is_root() { 0 } else { self.0.split('.').count() }
    }

    /// The name without its first label. Nothing above the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let above = self.0.split_once('.').map_or("", |(_, above)| above);
        Some(Self(above.into()))
    }

    /// Whether `other` is this name or below it.
    pub fn covers(&self, other: &Self) -> bool {
        self.is_root()
            || other
                .0
                .strip_suffix(&*self.0)
                .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }

    /// The name one or more labels below this one. Nothing where it would not fit.
    pub fn below(&self, labels: &str) -> Option<Self> {
        Self::parse(&format!("{labels}.{}", self.0))
    }

    /// The name under which an address is looked up (RFC 1035, section 3.5; RFC 3596, section 2.5).
    pub fn reverse(address: IpAddr) -> Self {
        let text = match address {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(address) => {
                let digits = address.octets().into_iter().rev();
                let digits = digits.map(|byte| format!("{:x}.{:x}.", byte & 0xf, byte >> 4));
                digits.collect::<String>() + "ip6.arpa"
            }
        };
        Self(text.into_boxed_str())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.is_root() { "." } else { &self.0 })
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordKind {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Another name for the same thing.
    Cname,
    /// Hosts that take mail.
    Mx,
    /// The name of an address.
    Ptr,
    /// Text.
    Txt,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::A, Self::Aaaa, Self::Cname, Self::Mx, Self::Ptr, Self::Txt];

    /// Its name in zone files, `TXT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ptr => "PTR",
            Self::Txt => "TXT",
        }
    }

    /// The kind that zone files call so, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One question. Its order is that of names, then kinds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Question {
    /// About what.
    pub name: Name,
    /// What is wanted.
    pub kind: RecordKind,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.kind)
    }
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A and AAAA.
    Address(IpAddr),
    /// CNAME and PTR.
    Name(Name),
    /// MX.
    Mail {
        /// Lower numbers go first.
        preference: u16,
        /// The host; the root says that no mail is taken (RFC 7505).
        exchange: Name,
    },
    /// TXT: its strings joined, as bytes.
    Text(Vec<u8>),
}

/// How a question was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With records, in their order. None: the name exists and has none of this kind.
    Records(Vec<Record>),
    /// There is no such name.
    NoSuchName,
    /// Not this time: a timeout, a server's failure.
    Failed,
}

/// What a snapshot says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<'a> {
    /// These records, at least one.
    Records(&'a [Record]),
    /// There is no such name.
    NoSuchName,
    /// The name exists and has no such record.
    NoData,
    /// It could not be found out, or aliases lead in a circle.
    Failed,
    /// The snapshot does not know; this would have to be asked.
    Unknown(Question),
}

/// Somebody who finds out what a snapshot does not know. Whoever may ask the network passes one in; those who verify do
/// not know whether anybody was asked.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// Answers to these questions, in their order; nothing for those that are not asked any more. What could not be found
    /// out is [`Answer::Failed`].
    fn resolve(&self, questions: &[Question]) -> Vec<Option<Answer>>;
}

/// What is known of the DNS, at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsSnapshot {
    answers: BTreeMap<Name, BTreeMap<RecordKind, Answer>>,
    /// Names at and below which everything is known.
    complete: BTreeSet<Name>,
}

impl DnsSnapshot {
    /// A snapshot that knows nothing; what it does not hold is not known.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on what is not held at and below `apex` does not exist. With the root: nothing else exists.
    pub fn complete(&mut self, apex: Name) {
        self.complete.insert(apex);
    }

    /// Takes the answer to a question, in place of an earlier one.
    pub fn insert(&mut self, question: Question, answer: Answer) {
        self.answers
            .entry(question.name)
            .or_default()
            .insert(question.kind, answer);
    }

    /// Adds one record to what is held.
    pub fn add(&mut self, name: Name, kind: RecordKind, record: Record) {
        let held = self.answers.entry(name).or_default().entry(kind);
        match held.or_insert_with(|| Answer::Records(Vec::new())) {
            Answer::Records(records) => records.push(record),
            other => *other = Answer::Records(vec![record]),
        }
    }

    /// How many questions are answered.
    pub fn len(&self) -> usize {
        self.answers.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.complete.is_empty()
    }

    /// The answer to a question, through aliases.
    pub fn look_up(&self, question: &Question) -> Known<'_> {
        let mut name = &question.name;
        for _ in 0..=MOST_ALIASES {
            let at = self.answers.get(name);
            match at.and_then(|kinds| kinds.get(&question.kind)) {
                Some(Answer::Records(records)) if !records.is_empty() => return Known::Records(records),
                Some(Answer::NoSuchName) => return Known::NoSuchName,
                Some(Answer::Failed) => return Known::Failed,
                Some(Answer::Records(_)) | None => {}
            }
            match at.and_then(|kinds| kinds.get(&RecordKind::Cname)) {
                Some(Answer::Records(records)) if !records.is_empty() => match records.first() {
                    Some(Record::Name(target)) => name = target,
                    _ => return Known::Failed,
                },
                _ => return self.nothing_at(name, question.kind),
            }
        }
        Known::Failed
    }

    /// What it means that nothing of this kind is held for a name.
    fn nothing_at(&self, name: &Name, kind: RecordKind) -> Known<'_> {
        let kinds = self.answers.get(name);
        if let Some(kinds) = kinds {
            if kinds.contains_key(&kind) {
                return Known::NoData;
            }
            // A name that does not exist has no records of any kind.
            if kinds.values().any(|answer| *answer == Answer::NoSuchName) {
                return Known::NoSuchName;
            }
        }
        if !self.is_complete_at(name) {
            return Known::Unknown(Question {
                name: name.clone(),
                kind,
            });
        }
        if kinds.is_some() {
            Known::NoData
        } else {
            Known::NoSuchName
        }
    }

    fn is_complete_at(&self, name: &Name) -> bool {
        if self.complete.is_empty() {
            return false;
        }
        std::iter::successors(Some(name.clone()), Name::parent).any(|above| self.complete.contains(&above))
    }
}

/// Bytes of a text as zone files and resolvers write it: `\DDD` is a byte, `\` before anything else is that
/// (RFC 1035, section 5.1).
pub fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let digits = rest
            .first_chunk::<3>()
            .filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let number = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        if let Some(byte) = number {
            out.push(byte);
            rest = rest.get(3..).unwrap_or_default();
        } else if let Some((escaped, after)) = rest.split_first() {
            out.push(*escaped);
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests;
