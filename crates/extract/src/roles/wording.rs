//! Phrases near a value that say what it is.
//!
//! Each unit of text (a paragraph, an item, a row) is searched once; a value takes the nearest phrase before it in its
//! sentence, else the nearest behind it.

use super::outline::Site;
use super::vocabulary::{CUES, THREATS};
use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::OnceLock;

/// What a phrase says about a value near it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// The sentence ends.
    Stop,
    /// Command and control.
    Command,
    /// Where malware or a lure comes from.
    Delivery,
    /// What malware leaves behind.
    Dropped,
    /// A file that somebody examined.
    Sample,
    /// Who sends, and who is paid.
    Sender,
    /// Bad in general.
    Malicious,
    /// Harmless.
    Legitimate,
    /// The one that is imitated.
    Imitated,
    /// Something to read.
    Reference,
    /// The writer speaks of themselves.
    Own,
}

impl Cue {
    /// Cues that may stand behind the value: "203.0.113.7, a C2 server".
    fn looks_back(self) -> bool {
        matches!(
            self,
            Self::Command | Self::Delivery | Self::Dropped | Self::Sample | Self::Malicious | Self::Legitimate
        )
    }

    /// Cues that present an indicator.
    pub(super) fn accuses(self) -> bool {
        matches!(
            self,
            Self::Command | Self::Delivery | Self::Dropped | Self::Sample | Self::Sender | Self::Malicious
        )
    }
}

/// How far a phrase before a value reaches, and one behind it, in bytes.
const BEFORE: usize = 200;
const BEHIND: usize = 80;

/// The cue of each site, in order. `is_hash` tells which observables are digests of files.
pub(super) fn cues(text: &[u8], sites: &[Site], is_hash: impl Fn(u32) -> bool) -> Vec<Option<Cue>> {
    let mut out = Vec::with_capacity(sites.len());
    let mut hits = Vec::new();
    let mut searched = (u32::MAX, u32::MAX);
    let (mut introduced, mut introduction) = ((u32::MAX, u32::MAX), None);
    for site in sites {
        if site.unit != searched {
            searched = site.unit;
            search(text, site.unit, &mut hits);
        }
        let own = nearest(&hits, site.at, is_hash(site.entry));
        if own.is_none() && site.intro != introduced && site.intro != (0, 0) {
            introduced = site.intro;
            let mut hits = Vec::new();
            search(text, site.intro, &mut hits);
            introduction = hits.last().map(|(_, _, cue)| *cue).filter(|cue| *cue != Cue::Stop);
        }
        out.push(own.or(introduction.filter(|_| site.intro != (0, 0))));
    }
    out
}

/// A phrase: where it begins and ends.
type Hit = (usize, usize, Cue);

fn search(text: &[u8], (start, end): (u32, u32), hits: &mut Vec<Hit>) {
    hits.clear();
    let (start, end) = (start as usize, end as usize);
    let (Some(phrases), Some(unit)) = (phrases(), text.get(start..end)) else {
        return;
    };
    for found in phrases.find_iter(unit) {
        let Some((phrase, cue)) = CUES.get(found.pattern().as_usize()) else {
            continue;
        };
        let word = |at: Option<usize>| {
            at.and_then(|at| unit.get(at))
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let begins = phrase.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        let ends = phrase.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric) && *cue != Cue::Stop;
        let open = HEADS.with_star(found.pattern().as_usize());
        let cut_before = begins && word(found.start().checked_sub(1));
        let cut_behind = ends && !open && word(Some(found.end()));
        let inside = *cue != Cue::Stop && in_a_value(unit, found.start(), found.end());
        if !cut_before && !cut_behind && !inside {
            hits.push((start + found.start(), start + found.end(), *cue));
        }
    }
}

/// Words inside addresses and paths say nothing: `/blog/`, `c2.example`. Looks a bounded way to both sides.
fn in_a_value(unit: &[u8], start: usize, end: usize) -> bool {
    const FAR: usize = 60;
    let before = unit.get(start.saturating_sub(FAR)..start).unwrap_or(&[]);
    let before = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or(&[]);
    let behind = unit.get(end..(end + FAR).min(unit.len())).unwrap_or(&[]);
    let behind = behind.split(u8::is_ascii_whitespace).next().unwrap_or(&[]);
    let joint = |byte: &u8| matches!(byte, b'/' | b'\\' | b'@' | b'.' | b'[' | b'_' | b'=');
    before.iter().any(|byte| joint(byte) && *byte != b'[')
        || behind
            .windows(2)
            .any(|pair| pair.first().is_some_and(joint) && pair.last().is_some_and(u8::is_ascii_alphanumeric))
}

/// Which phrases match any ending.
struct Heads;
const HEADS: Heads = Heads;

impl Heads {
    fn with_star(&self, number: usize) -> bool {
        CUES.get(number).is_some_and(|(phrase, _)| phrase.ends_with('*'))
    }
}

fn nearest(hits: &[Hit], at: usize, is_hash: bool) -> Option<Cue> {
    // How many phrases are passed over, so that each value costs the same.
    const TRIES: usize = 8;
    let speaks = |hit: &&Hit| is_hash || hit.2 != Cue::Sample;
    let split = hits.partition_point(|(_, end, _)| *end <= at);
    let (before, behind) = hits.split_at_checked(split)?;
    if let Some((_, end, cue)) = before.iter().rev().take(TRIES).find(speaks)
        && *cue != Cue::Stop
        && at - end <= BEFORE
    {
        return Some(*cue);
    }
    // A phrase inside the value itself says nothing about it; those begin where the value ends, at the earliest.
    let (start, _, cue) = behind
        .iter()
        .take(TRIES)
        .filter(speaks)
        .find(|(start, _, _)| *start > at)?;
    (*start - at <= BEHIND && cue.looks_back()).then_some(*cue)
}

/// How many different words of threats `text` uses at its beginning.
pub(super) fn threats(text: &[u8]) -> u32 {
    const BEGINNING: usize = 64 << 10;
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = WORDS.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(THREATS).ok());
    let mut seen = 0_u64;
    if let Some(words) = words {
        for found in words.find_iter(text.get(..BEGINNING).unwrap_or(text)) {
            seen |= 1 << found.pattern().as_u32().min(63);
        }
    }
    seen.count_ones()
}

fn phrases() -> Option<&'static AhoCorasick> {
    static PHRASES: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let phrases = PHRASES.get_or_init(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(CUES.iter().map(|(phrase, _)| phrase.trim_end_matches('*')))
            .ok()
    });
    phrases.as_ref()
}
