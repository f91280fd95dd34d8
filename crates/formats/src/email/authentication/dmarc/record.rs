//! The policies that DMARC publishes (RFC 9989, section 4.7; RFC 7489, section 6.3).
//!
//! Tolerant as the standard wants it: what is not understood counts as not said, and unknown tags mean nothing.

use super::super::tags::trimmed;
use watchfire_model::{Alignment, DmarcPolicy};

/// Longest policy that is read. Bytes.
const LONGEST: usize = 16 << 10;

/// Whether names below a name belong to others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Suffix {
    /// They do: it is a public suffix (`psd=y`).
    Public,
    /// They do not: it is an organisation (`psd=n`).
    Organisation,
    /// It does not say.
    #[default]
    Unsaid,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) policy: Option<DmarcPolicy>,
    /// For names below.
    pub(crate) below: Option<DmarcPolicy>,
    /// For names below that do not exist.
    pub(crate) absent: Option<DmarcPolicy>,
    pub(crate) dkim: Alignment,
    pub(crate) spf: Alignment,
    /// `pct=`, which RFC 9989 dropped.
    pub(crate) percent: u8,
    /// `t=y`
    pub(crate) testing: bool,
    pub(crate) suffix: Suffix,
    /// Whether it names somebody to report to.
    pub(crate) reports: bool,
}

/// Whether a text is a policy of this version at all.
pub(crate) fn is_policy(text: &[u8]) -> bool {
    let first = text.split(|byte| *byte == b';').next().unwrap_or_default();
    tag(first).is_some_and(|(name, value)| name.eq_ignore_ascii_case(b"v") && value == b"DMARC1")
}

/// Reads a policy.
pub(crate) fn read(text: &[u8]) -> Record {
    let text = text.get(..text.len().min(LONGEST)).unwrap_or_default();
    let value = |wanted: &str| {
        let mut tags = text.split(|byte| *byte == b';').filter_map(tag);
        let found = tags.find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
        found.map(|(_, value)| value)
    };
    let policy = |name: &str| value(name).and_then(policy);
    let alignment = |name: &str| match value(name) {
        Some(b"s" | b"S") => Alignment::Strict,
        _ => Alignment::Relaxed,
    };
    Record {
        policy: policy("p"),
        below: policy("sp"),
        absent: policy("np"),
        dkim: alignment("adkim"),
        spf: alignment("aspf"),
        percent: value("pct")
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
            .filter(|percent| *percent <= 100)
            .unwrap_or(100),
        testing: matches!(value("t"), Some(b"y" | b"Y")),
        suffix: match value("psd") {
            Some(b"y" | b"Y") => Suffix::Public,
            Some(b"n" | b"N") => Suffix::Organisation,
            _ => Suffix::Unsaid,
        },
        reports: value("rua").is_some_and(|value| value.contains(&b':')),
    }
}

fn tag(piece: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = memchr::memchr(b'=', piece)?;
    let (name, value) = piece.split_at_checked(equals)?;
    Some((trimmed(name), trimmed(value.get(1..)?)))
}

fn policy(value: &[u8]) -> Option<DmarcPolicy> {
    let policies = [DmarcPolicy::None, DmarcPolicy::Quarantine, DmarcPolicy::Reject];
    policies
        .into_iter()
        .find(|policy| policy.name().as_bytes().eq_ignore_ascii_case(value))
}
