//! The judge of a single observable: what sources say becomes a verdict with its reasons.
//!
//! Whose word it is comes before how much of it there is: an analyst's decision, then the organisation's own lists, then
//! curated lists, then the score. Benign evidence is shown beside and never subtracted. Not being known to anybody is no
//! verdict.

use super::score::Groups;
use super::{MALICIOUS, RULESET, SUSPICIOUS};
use std::collections::BTreeSet;
use watchfire_model::{
    Asked, Confidence, Enrichment, Grade, Judgement, ObservableType, Outcome, Rank, Reason, Score, Tag, Verdict,
    Weight, age as age_in_words,
};

/// A curated list's word suffices while age has left it at least this much.
const FRESH: Weight = Weight::from_thousandths(500);

/// Judges one observable by what sources say of it. `tags` are its neutral marks; `asked` counts the sources, with those
/// that are not worth a row of their own.
///
/// More bad evidence never lowers the verdict while decisions and lists stay the same; silence never makes anything benign.
pub fn judge_reputation(kind: ObservableType, tags: &[Tag], enrichments: &[Enrichment], asked: &Asked) -> Judgement {
    let evidence = Evidence::of(kind, tags, enrichments, asked);
    let verdict = evidence.verdict();
    Judgement {
        verdict,
        score: evidence.score,
        confidence: evidence.confidence(verdict),
        summary: evidence.summary(verdict),
        reasons: evidence.reasons(verdict),
        ruleset: RULESET,
    }
}

/// What speaks for and against, sorted once.
struct Evidence<'e> {
    enrichments: &'e [Enrichment],
    asked: &'e Asked,
    /// What counts in the score, the heaviest first.
    bad: Vec<&'e Enrichment>,
    groups: usize,
    score: Score,
    decision: Option<&'e Enrichment>,
    own: Option<&'e Enrichment>,
    curated_bad: Option<&'e Enrichment>,
    curated_good: Option<&'e Enrichment>,
    /// Many share this name or address: what one of them does is not all it does.
    shared: bool,
}

impl<'e> Evidence<'e> {
    fn of(kind: ObservableType, tags: &[Tag], enrichments: &'e [Enrichment], asked: &'e Asked) -> Self {
        let found = || {
            enrichments
                .iter()
                .filter(|enrichment| enrichment.outcome == Outcome::Found)
        };
        let accuses = |enrichment: &&Enrichment| enrichment.towards >= Verdict::Suspicious;
        let mut bad: Vec<&Enrichment> = found()
            .filter(accuses)
            .filter(|enrichment| enrichment.weight > Weight::NONE && enrichment.rank > Rank::Context)
            .collect();
        bad.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.source.cmp(&b.source)));
        let groups = Groups::of(bad.iter().map(|enrichment| (enrichment.group.raw(), enrichment.weight)));
        let of_rank = |rank| {
            // Of two that contradict one another, the worse.
            let takes_side = |enrichment: &&Enrichment| enrichment.towards != Verdict::Unknown;
            found()
                .filter(move |enrichment| enrichment.rank == rank)
                .filter(takes_side)
                .max_by(|a, b| a.towards.cmp(&b.towards).then_with(|| b.source.cmp(&a.source)))
        };
        let curated = |towards: Verdict| {
            let curated = found().filter(|enrichment| enrichment.rank == Rank::Curated);
            curated
                .filter(move |enrichment| enrichment.towards == towards && enrichment.decay >= FRESH)
                .filter(move |enrichment| towards == Verdict::Benign || enrichment.weight > Weight::NONE)
                .min_by(|a, b| a.source.cmp(&b.source))
        };
        use ObservableType as T;
        let many_behind_it = matches!(
            kind,
            T::Domain | T::Ipv4 | T::Ipv6 | T::Ipv4Cidr | T::Ipv6Cidr | T::Socket | T::Asn
        );
        Self {
            enrichments,
            asked,
            groups: groups.len(),
            score: groups.score(),
            decision: of_rank(Rank::Decision),
            own: of_rank(Rank::Own),
            curated_bad: curated(Verdict::Malicious),
            curated_good: curated(Verdict::Benign),
            shared: many_behind_it && tags.contains(&Tag("shared-infrastructure")),
            bad,
        }
    }

    fn found(&self) -> impl Iterator<Item = &'e Enrichment> {
        self.enrichments
            .iter()
            .filter(|enrichment| enrichment.outcome == Outcome::Found)
    }

    /// Accusations, however little age has left of them.
    fn accusations(&self) -> usize {
        self.found()
            .filter(|enrichment| enrichment.towards >= Verdict::Suspicious)
            .count()
    }

    fn verdict(&self) -> Verdict {
        if let Some(word) = self.decision.or(self.own) {
            return word.towards;
        }
        match (self.curated_bad, self.curated_good) {
            // Lists of equal rank contradict one another: somebody has to look.
            (Some(_), Some(_)) => Verdict::Suspicious,
            (Some(_), None) => Verdict::Malicious,
            (None, Some(_)) => Verdict::Benign,
            (None, None) => self.by_score(),
        }
    }

    fn by_score(&self) -> Verdict {
        let one_suffices = self.bad.iter().any(|enrichment| enrichment.grade == Grade::A);
        let agreed = self.groups > 1 || one_suffices;
        if self.score >= MALICIOUS && agreed && !self.shared {
            Verdict::Malicious
        } else if self.score >= SUSPICIOUS {
            Verdict::Suspicious
        } else {
            Verdict::Unknown
        }
    }

    fn confidence(&self, verdict: Verdict) -> Confidence {
        let decided = self.decision.or(self.own).is_some();
        let curated = self.curated_bad.is_some() != self.curated_good.is_some();
        match verdict {
            _ if decided => Confidence::High,
            Verdict::Unknown => Confidence::Low,
            Verdict::Benign | Verdict::Malicious if curated || self.groups > 1 => Confidence::High,
            _ if self.groups > 1 || self.bad.first().is_some_and(|heaviest| heaviest.grade <= Grade::B) => {
                Confidence::Medium
            }
            _ => Confidence::Low,
        }
    }

    /// One sentence for the first line.
    fn summary(&self, verdict: Verdict) -> String {
        let words = |enrichment: &Enrichment| enrichment.detail.shown(WORDS);
        if let Some(decision) = self.decision {
            return format!("decided: {}", words(decision));
        }
        if let Some(own) = self.own {
            return format!("on the own list '{}': {}", own.source.shown(WORDS), words(own));
        }
        match verdict {
            Verdict::Benign => {
                let list = self.curated_good.map(words).unwrap_or_default();
                let overridden = match self.bad.len() {
                    0 => String::new(),
                    count => format!("; {} overridden", sources(count, "accusation")),
                };
                format!("known-good identifier: {list}{overridden}")
            }
            Verdict::Suspicious | Verdict::Malicious => {
                let what = self.bad.first().map(|heaviest| words(heaviest)).unwrap_or_default();
                let accusing = distinct(self.bad.iter().copied());
                let knowing = format!(
                    "{accusing} of {} {} bad{}",
                    sources(distinct(self.found()), "source"),
                    if accusing == 1 { "says" } else { "say" },
                    newest(&self.bad),
                );
                let but = match (self.curated_bad.and(self.curated_good), self.shared) {
                    (Some(good), _) => format!("; but a known-good identifier: {}", words(good)),
                    (None, true) if self.score >= MALICIOUS && verdict == Verdict::Suspicious => {
                        "; but many share it".to_owned()
                    }
                    _ => String::new(),
                };
                if what.is_empty() {
                    format!("{knowing}{but}")
                } else {
                    format!("{what}: {knowing}{but}")
                }
            }
            Verdict::Unknown if self.accusations() > 0 => {
                format!(
                    "too little for a verdict: {} old or weak",
                    sources(self.accusations(), "accusation")
                )
            }
            Verdict::Unknown => nothing_known(self.asked),
        }
    }

    fn reasons(&self, verdict: Verdict) -> Vec<Reason> {
        let mut speaking: Vec<&Enrichment> = self
            .enrichments
            .iter()
            .filter(|enrichment| enrichment.outcome == Outcome::Found && enrichment.towards != Verdict::Unknown)
            .collect();
        speaking.sort_by(|a, b| {
            (b.rank, b.weight)
                .cmp(&(a.rank, a.weight))
                .then_with(|| a.source.cmp(&b.source))
        });
        let mut reasons: Vec<Reason> = speaking
            .into_iter()
            .map(|enrichment| Reason {
                text: enrichment.detail.to_string(),
                towards: enrichment.towards,
                weight: enrichment.weight,
                group: enrichment.group.to_string().into(),
                source: Some(enrichment.source.clone()),
                evidence: Vec::new(),
            })
            .collect();
        if verdict == Verdict::Unknown || reasons.is_empty() {
            reasons.push(Reason {
                text: nothing_known(self.asked),
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

/// Characters of a source's words in a summary.
const WORDS: usize = 60;

/// How many sources there are among them: one may know the value and the network around it.
fn distinct<'e>(enrichments: impl Iterator<Item = &'e Enrichment>) -> usize {
    let names: BTreeSet<_> = enrichments.map(|enrichment| &enrichment.source).collect();
    names.len()
}

fn sources(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How old the newest of them is, where that is known.
fn newest(bad: &[&Enrichment]) -> String {
    match bad.iter().filter_map(|enrichment| enrichment.age).min() {
        Some(age) => format!("; the newest {}", age_in_words(age)),
        None => String::new(),
    }
}

/// Why there is no verdict where nobody knows the value. It is not a word in its favour.
fn nothing_known(asked: &Asked) -> String {
    let silent = asked.quota + asked.authentication + asked.failed;
    let mut parts = vec![match (asked.found, asked.not_found) {
        (0, 0) => "no source was asked".to_owned(),
        (0, 1) => "the one source asked does not know it".to_owned(),
        (0, count) => format!("none of {count} sources knows it"),
        (found, not_found) => format!("of {} sources none speaks for or against it", found + not_found),
    }];
    if asked.not_asked > 0 {
        parts.push(format!("{} not asked", asked.not_asked));
    }
    if silent > 0 {
        parts.push(format!("{silent} gave no answer"));
    }
    parts.join("; ")
}
