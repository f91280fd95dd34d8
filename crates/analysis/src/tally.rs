//! From the judgements of many observables to one over all of them.

use crate::RULESET;
use watchfire_model::{Confidence, Judgement, Observable, Reason, Score, Verdict, Weight};

/// Counts reputations as they come. Tallies of parts, put together in the order of the parts, are the tally of all.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    malicious: u64,
    suspicious: u64,
    unknown: u64,
    benign: u64,
    /// The worst, the first of equals.
    worst: Vec<(Verdict, Score, Judgement, String)>,
}

/// How many of the worst give the reasons of all.
const REASONS: usize = 8;

impl Tally {
    /// Counts one: what was judged, and how.
    pub fn add(&mut self, what: &Observable, judgement: &Judgement) {
        let counter = match judgement.verdict {
            Verdict::Malicious => &mut self.malicious,
            Verdict::Suspicious => &mut self.suspicious,
            Verdict::Unknown => &mut self.unknown,
            Verdict::Benign => &mut self.benign,
        };
        *counter += 1;
        let key = (judgement.verdict, judgement.score);
        let place = self
            .worst
            .partition_point(|(verdict, score, ..)| (*verdict, *score) >= key);
        if place < REASONS {
            let name = what.defanged();
            self.worst.insert(place, (key.0, key.1, judgement.clone(), name));
            self.worst.truncate(REASONS);
        }
    }

    /// Adds what comes behind.
    pub fn merge(&mut self, later: Self) {
        self.malicious += later.malicious;
        self.suspicious += later.suspicious;
        self.unknown += later.unknown;
        self.benign += later.benign;
        for entry in later.worst {
            let key = (entry.0, entry.1);
            let place = self
                .worst
                .partition_point(|(verdict, score, ..)| (*verdict, *score) >= key);
            self.worst.insert(place, entry);
        }
        self.worst.truncate(REASONS);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.malicious + self.suspicious + self.unknown + self.benign
    }

    /// The judgement over all: the worst of them. Benign only if every one is, and `complete`.
    pub fn judgement(&self, complete: bool) -> Judgement {
        let only = if self.count() == 1 { self.worst.first() } else { None };
        let verdict = match self.worst.first() {
            Some((worst, ..)) if *worst > Verdict::Unknown => *worst,
            Some((Verdict::Benign, ..)) if complete => Verdict::Benign,
            _ => Verdict::Unknown,
        };
        let confidence = match (only, verdict) {
            (Some((.., judgement, _)), _) => judgement.confidence,
            (None, Verdict::Unknown) => Confidence::Low,
            (None, _) => {
                let worst = self.worst.iter().filter(|(of, ..)| *of == verdict);
                worst
                    .map(|(.., judgement, _)| judgement.confidence)
                    .max()
                    .unwrap_or(Confidence::Low)
            }
        };
        Judgement {
            verdict,
            score: self.worst.iter().map(|(_, score, ..)| *score).max().unwrap_or_default(),
            confidence,
            summary: only.map_or_else(|| self.summary(), |(.., judgement, _)| judgement.summary.clone()),
            reasons: self.reasons(verdict),
            decided_by: String::new(),
            ruleset: RULESET,
        }
    }

    fn summary(&self) -> String {
        let parts: Vec<String> = [
            (self.malicious, "malicious"),
            (self.suspicious, "suspicious"),
            (self.unknown, "unknown"),
            (self.benign, "benign"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        match self.count() {
            0 => "nothing was checked".to_owned(),
            count => format!("of {count} values {}", parts.join(", ")),
        }
    }

    fn reasons(&self, verdict: Verdict) -> Vec<Reason> {
        let of_verdict = self.worst.iter().filter(|(of, ..)| *of == verdict);
        let mut reasons: Vec<Reason> = of_verdict
            .filter_map(|(.., judgement, name)| {
                let first = judgement.reasons.first()?;
                Some(Reason {
                    text: format!("{name}: {}", judgement.summary),
                    ..first.clone()
                })
            })
            .collect();
        if reasons.is_empty() {
            reasons.push(Reason {
                text: self.summary(),
                towards: Verdict::Unknown,
                weight: Weight::NONE,
                group: "coverage".into(),
                source: None,
                evidence: Vec::new(),
            });
        }
        reasons
    }
}
