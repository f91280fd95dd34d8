//! The judge of a single observable: what sources say becomes a verdict with its reasons.
//!
//! Whose word it is comes before how much of it there is: an analyst's decision, then the organisation's own lists, then
//! curated lists, then the score. Benign evidence is shown beside and never subtracted. A name that everybody uses is not
//! malicious by the word of one source. Not being known to anybody is no verdict.

use super::score::Groups;
use super::{MALICIOUS, RULESET, SUSPICIOUS};
use crate::tagging::POPULAR;
use std::collections::BTreeSet;
use watchfire_model::{
    Asked, Confidence, Enrichment, Grade, Judgement, ObservableType, Outcome, Rank, Reason, Score, Tag, Verdict,
    Weight, age as age_in_words, agreeing, counted,
};

/// A curated list's word suffices while age has left it at least this much.
const FRESH: Weight = Weight::from_thousandths(500);

/// Judges one observable by what sources say of it. `tags` are its neutral marks; `asked` counts the sources, with those
/// that are not worth a row of their own.
///
/// More bad evidence never lowers the verdict while decisions and lists stay the same; silence never makes anything benign.
pub fn judge_reputation(kind: ObservableType, tags: &[Tag], enrichments: &[Enrichment], asked: &Asked) -> Judgement {
    let evidence = Evidence::of(kind, tags, enrichments, asked);
    let (verdict, decided_by) = evidence.verdict();
    Judgement {
        verdict,
        score: evidence.score,
        confidence: evidence.confidence(verdict),
        summary: evidence.summary(verdict),
        reasons: evidence.reasons(verdict),
        decided_by,
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
    /// The list that speaks for it identifies harmless things exactly.
    identified: bool,
    /// Many share this name or address: what one of them does is not all it does.
    shared: bool,
    /// So many use this name that one source may well be wrong about it.
    popular: bool,
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
        let curated_good = curated(Verdict::Benign);
        let is_tag = |good: &Enrichment| tags.iter().any(|tag| tag.0 == good.source.raw());
        Self {
            enrichments,
            asked,
            groups: groups.len(),
            score: groups.score(),
            decision: of_rank(Rank::Decision),
            own: of_rank(Rank::Own),
            curated_bad: curated(Verdict::Malicious),
            // Of what is on such a list it is a mark, too.
            identified: tags.contains(&Tag("known-good")) && curated_good.is_some_and(is_tag),
            curated_good,
            shared: many_behind_it && tags.contains(&Tag("shared-infrastructure")),
            popular: kind == T::Domain && tags.contains(&POPULAR),
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

    /// Sources that could have spoken: those that take a side, and those that do not know the value.
    fn answered(&self) -> usize {
        let sides = self.found().filter(|enrichment| enrichment.towards != Verdict::Unknown);
        distinct(sides) + self.asked.not_found as usize
    }

    /// The verdict, and the rule that decided.
    fn verdict(&self) -> (Verdict, String) {
        let name = |enrichment: &Enrichment| enrichment.source.shown(WORDS);
        if let Some(decision) = self.decision {
            let why = "the decision of an analyst, which outranks every source";
            return (decision.towards, why.to_owned());
        }
        if let Some(own) = self.own {
            return (
                own.towards,
                format!("an own list, which outranks every other: {}", name(own)),
            );
        }
        match (self.curated_bad, self.curated_good) {
            // Lists of equal rank contradict one another: somebody has to look.
            (Some(bad), Some(good)) => (
                Verdict::Suspicious,
                format!(
                    "curated lists that contradict one another: {}, {}",
                    name(bad),
                    name(good)
                ),
            ),
            (Some(bad), None) if self.popular && !self.is_agreed() => (
                Verdict::Suspicious,
                format!("a popular name, of which one curated list is not enough: {}", name(bad)),
            ),
            (Some(bad), None) => (
                Verdict::Malicious,
                format!("a fresh entry on a curated list: {}", name(bad)),
            ),
            (None, Some(good)) if self.identified => (
                Verdict::Benign,
                format!("a list of known-good identifiers: {}", name(good)),
            ),
            (None, Some(good)) => (
                Verdict::Benign,
                format!("a curated list that calls it benign: {}", name(good)),
            ),
            (None, None) => self.by_score(),
        }
    }

    /// Whether several that are independent make up a score that suffices.
    fn is_agreed(&self) -> bool {
        self.groups > 1 && self.score >= MALICIOUS
    }

    fn by_score(&self) -> (Verdict, String) {
        let one_suffices = !self.popular && self.bad.iter().any(|enrichment| enrichment.grade == Grade::A);
        let (verdict, why) = match self.score {
            score if score < SUSPICIOUS && self.accusations() == 0 => {
                (Verdict::Unknown, "nobody, for nobody takes a side")
            }
            score if score < SUSPICIOUS => (Verdict::Unknown, "the score, which is below 40"),
            score if score < MALICIOUS => (Verdict::Suspicious, "the score, from 40 on"),
            _ if self.shared => (Verdict::Suspicious, "the score, held back: many share it"),
            _ if self.groups > 1 => (Verdict::Malicious, "the score, from 80 on, where several groups agree"),
            _ if one_suffices => (Verdict::Malicious, "the score, from 80 on, with a source of grade A"),
            _ if self.popular => (
                Verdict::Suspicious,
                "the score, held back: a popular name, and one source alone",
            ),
            _ => (
                Verdict::Suspicious,
                "the score, held back: one source alone, and not of grade A",
            ),
        };
        (verdict, why.to_owned())
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
                let list = self.curated_good.map(|good| self.word_for(good)).unwrap_or_default();
                let overridden = match self.bad.len() {
                    0 => String::new(),
                    count => format!("; {} overridden", counted(count as u64, "accusation")),
                };
                format!("{list}{overridden}")
            }
            Verdict::Suspicious | Verdict::Malicious => {
                let what = self.bad.first().map(|heaviest| words(heaviest)).unwrap_or_default();
                let accusing = distinct(self.bad.iter().copied());
                let knowing = format!(
                    "{accusing} of {} {} bad{}",
                    counted(self.answered() as u64, "source"),
                    agreeing(accusing as u64, "says", "say"),
                    newest(&self.bad),
                );
                let but = self.reservation(verdict);
                match what.as_str() {
                    // That it is listed says nothing more.
                    "" | "listed" => format!("{knowing}{but}"),
                    _ => format!("{what}: {knowing}{but}"),
                }
            }
            Verdict::Unknown if self.accusations() > 0 => {
                format!("too little for a verdict: {}", self.too_little())
            }
            Verdict::Unknown => nothing_known(self.asked),
        }
    }

    /// Why accusations come to nothing: by their age, or by who makes them.
    fn too_little(&self) -> String {
        let accusing = || {
            let found = self.found().filter(|said| said.towards >= Verdict::Suspicious);
            // What is context for another reason than its age has never counted.
            found.filter(|said| said.rank > Rank::Context || said.weight == Weight::NONE)
        };
        let when_fresh = |said: &Enrichment| {
            let fresh = Enrichment {
                decay: Weight::from_thousandths(1000),
                ..said.clone()
            };
            fresh.weighed().weight
        };
        let fresh: Vec<(&str, Weight)> = accusing().map(|said| (said.group.raw(), when_fresh(said))).collect();
        if Groups::of(fresh).score() < SUSPICIOUS {
            let heaviest = accusing().max_by_key(|said| (when_fresh(said), std::cmp::Reverse(&said.source)));
            let grade = heaviest.map_or(Grade::F, |said| said.grade);
            return match distinct(accusing()) {
                0 | 1 => format!("one source of grade {grade} alone"),
                many => format!("{many} sources, the heaviest of grade {grade}"),
            };
        }
        let count = accusing().count();
        let age = match accusing().filter_map(|said| said.age).min().map(age_in_words) {
            Some(age) if count > 1 => format!("the newest {age}"),
            Some(age) => age,
            None => "old".to_owned(),
        };
        let accusations = counted(count as u64, "accusation");
        if accusing().all(|said| said.decay == Weight::NONE) {
            return format!("{accusations}, expired ({age})");
        }
        format!("{accusations}, {age}")
    }

    /// Whose word it is that it does no harm.
    fn word_for(&self, good: &Enrichment) -> String {
        let words = good.detail.shown(WORDS);
        if self.identified {
            return format!("known-good identifier: {words}");
        }
        let listed = format!("listed as benign by {}", good.source.shown(WORDS));
        match words.as_str() {
            "" | "listed" => listed,
            _ => format!("{listed}: {words}"),
        }
    }

    /// Why it is not worse.
    fn reservation(&self, verdict: Verdict) -> String {
        if let Some(good) = self.curated_bad.and(self.curated_good) {
            return format!("; but {}", self.word_for(good));
        }
        let held_back = verdict == Verdict::Suspicious && (self.curated_bad.is_some() || self.score >= MALICIOUS);
        match (held_back, self.shared && self.curated_bad.is_none(), self.popular) {
            (true, true, _) => "; but many share it".to_owned(),
            (true, _, true) => "; but a popular name, and nobody else says so".to_owned(),
            _ => String::new(),
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
        (0, 0) if silent > 0 => "no source answered".to_owned(),
        (0, 0) => "no source was asked".to_owned(),
        (0, 1) => "the one source asked does not know it".to_owned(),
        (0, count) => format!("none of {count} sources knows it"),
        (1, 0) => "the one source that knows it takes no side".to_owned(),
        (found, not_found) => format!("of {} sources none speaks for or against it", found + not_found),
    }];
    for (count, one, several) in [
        (asked.not_asked, "not asked", "not asked"),
        (asked.quota, "quota spent", "quotas spent"),
        (asked.authentication, "key refused", "keys refused"),
        (asked.failed, "gave no answer", "gave no answer"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {}", if count == 1 { one } else { several }));
        }
    }
    parts.join("; ")
}
