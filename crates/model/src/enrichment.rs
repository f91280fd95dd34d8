//! What others know about an observable, and what is made of it.

use crate::{Location, Moment, Observable, Tag, Untrusted, Verdict, Weight};
use serde::Serialize;
use std::fmt;

/// How a look-up ended. None of these but [`Outcome::Found`] says anything about the value; none at all means clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The source knows the value.
    Found,
    /// The source does not know it.
    NotFound,
    /// The source was not asked: no key, no permission, not about such a value. The detail says why.
    NotAsked,
    /// Too many questions for now.
    Quota,
    /// The key was missing, wrong or not good for this.
    Authentication,
    /// The source did not answer in time, or not in its own language.
    Failed,
}

impl Outcome {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not-found",
            Self::NotAsked => "not-asked",
            Self::Quota => "quota",
            Self::Authentication => "authentication",
            Self::Failed => "failed",
        }
    }
}

/// How far a source can be trusted: the Admiralty letters, with the weights of the MISP taxonomy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Grade {
    /// Completely reliable.
    A,
    /// Usually reliable.
    B,
    /// Fairly reliable.
    C,
    /// Not usually reliable.
    D,
    /// Unreliable: it counts for nothing.
    E,
    /// Cannot be judged.
    F,
}

impl Grade {
    /// Reads a letter.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "A" | "a" => Self::A,
            "B" | "b" => Self::B,
            "C" | "c" => Self::C,
            "D" | "d" => Self::D,
            "E" | "e" => Self::E,
            "F" | "f" => Self::F,
            _ => return None,
        })
    }

    /// The letter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
        }
    }

    /// What it is worth: A 0.9, B 0.75, C 0.5, D 0.25, E 0, F 0.5.
    pub const fn reliability(self) -> Weight {
        Weight::from_thousandths(match self {
            Self::A => 900,
            Self::B => 750,
            Self::C | Self::F => 500,
            Self::D => 250,
            Self::E => 0,
        })
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whose word it is. A higher rank overrides what all lower ones add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rank {
    /// Worth knowing; speaks neither for nor against.
    Context,
    /// Counts in the score.
    Evidence,
    /// A list that its keepers curate: a hit on it suffices.
    Curated,
    /// The organisation's own list.
    Own,
    /// An analyst decided it.
    Decision,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origination {
    /// Embedded or imported: nobody was asked.
    Local,
    /// Asked earlier.
    Cache,
    /// Asked now.
    Live,
    /// Nowhere: it was not asked.
    #[serde(rename = "none")]
    Nowhere,
}

impl Origination {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cache => "cache",
            Self::Live => "live",
            Self::Nowhere => "none",
        }
    }
}

/// What one source says about one observable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enrichment {
    /// The feed, provider or list, `urlhaus`.
    pub source: Untrusted,
    /// How the look-up ended.
    pub outcome: Outcome,
    /// What it speaks for. [`Verdict::Unknown`] where it takes no side.
    pub towards: Verdict,
    /// Whose word it is.
    pub rank: Rank,
    /// How strongly the source puts it.
    pub strength: Weight,
    /// How far the source can be trusted.
    pub grade: Grade,
    /// What age has left of it: 1 is fresh.
    pub decay: Weight,
    /// Strength × reliability × decay.
    pub weight: Weight,
    /// Sources of one group are not independent: only the heaviest counts.
    pub group: Untrusted,
    /// Where the answer comes from.
    pub from: Origination,
    /// The moment that the age counts from: when the source last vouched for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Moment>,
    /// How old that is, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u64>,
    /// The indicator that was met, where it is not the value itself: a network, a domain above, the beginning of a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<Untrusted>,
    /// What the source says, or why it says nothing, in a few words.
    pub detail: Untrusted,
    /// Where to read on.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub reference: Untrusted,
}

impl Enrichment {
    /// A source that says nothing, and why.
    pub fn silent(source: impl Into<Untrusted>, outcome: Outcome, why: impl Into<Untrusted>) -> Self {
        let source = source.into();
        Self {
            group: source.clone(),
            source,
            outcome,
            towards: Verdict::Unknown,
            rank: Rank::Context,
            strength: Weight::NONE,
            grade: Grade::F,
            decay: Weight::from_thousandths(1000),
            weight: Weight::NONE,
            from: Origination::Nowhere,
            observed: None,
            age: None,
            matched: None,
            detail: why.into(),
            reference: Untrusted::default(),
        }
    }

    /// Sets [`Enrichment::weight`] from its factors. Whole numbers, rounded down.
    #[must_use]
    pub fn weighed(mut self) -> Self {
        let factors = [self.strength, self.grade.reliability(), self.decay];
        let product = factors
            .iter()
            .fold(1u64, |product, factor| product * u64::from(factor.thousandths()));
        let thousandths = u16::try_from(product / 1_000_000).unwrap_or(1000);
        self.weight = Weight::from_thousandths(thousandths);
        self
    }
}

/// How the sources fared, for the line that ends every answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Sources there are for such a value.
    pub sources: u32,
    /// Those that know it.
    pub found: u32,
    /// Those that do not.
    pub not_found: u32,
    /// Those that were not asked.
    pub not_asked: u32,
    /// Those that had had enough questions.
    pub quota: u32,
    /// Those that did not accept the key.
    pub authentication: u32,
    /// Those that did not answer.
    pub failed: u32,
    /// Calls that left this machine.
    pub calls: u32,
}

impl Asked {
    /// Adds what others counted.
    pub fn merge(&mut self, other: &Self) {
        self.sources += other.sources;
        self.found += other.found;
        self.not_found += other.not_found;
        self.not_asked += other.not_asked;
        self.quota += other.quota;
        self.authentication += other.authentication;
        self.failed += other.failed;
        self.calls += other.calls;
    }

    /// Counts `enrichments`; calls are for whoever makes them to count.
    pub fn of(enrichments: &[Enrichment]) -> Self {
        let mut asked = Self::default();
        for enrichment in enrichments {
            asked.sources += 1;
            let counter = match enrichment.outcome {
                Outcome::Found => &mut asked.found,
                Outcome::NotFound => &mut asked.not_found,
                Outcome::NotAsked => &mut asked.not_asked,
                Outcome::Quota => &mut asked.quota,
                Outcome::Authentication => &mut asked.authentication,
                Outcome::Failed => &mut asked.failed,
            };
            *counter += 1;
        }
        asked
    }
}

/// An owner known to the organisation: whose host is this?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// Its name.
    pub name: Untrusted,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub owner: Untrusted,
    /// What it is for, how critical it is, and whatever else the inventory says, `role: file server`.
    pub notes: Vec<Untrusted>,
    /// When the inventory was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Moment>,
}

/// Everything known about one observable: the answer of `check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reputation {
    /// What was asked, where it was written otherwise: defanged, in capitals.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub input: Untrusted,
    /// Type and normalised value.
    #[serde(flatten)]
    pub observable: Observable,
    /// What is made of it.
    pub judgement: crate::Judgement,
    /// Where it is.
    #[serde(flatten)]
    pub location: Location,
    /// Neutral marks, sorted.
    pub tags: Vec<Tag>,
    /// Whose host it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<Asset>,
    /// What each source says, in the order of their weight.
    pub enrichments: Vec<Enrichment>,
    /// How the sources fared.
    pub asked: Asked,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_the_product_of_its_factors() {
        let check = |strength, grade, decay, weight| {
            let mut enrichment = Enrichment::silent("feed", Outcome::Found, "");
            enrichment.strength = Weight::from_thousandths(strength);
            enrichment.grade = grade;
            enrichment.decay = Weight::from_thousandths(decay);
            assert_eq!(enrichment.weighed().weight.thousandths(), weight);
        };
        check(1000, Grade::A, 1000, 900);
        check(800, Grade::B, 500, 300);
        check(1000, Grade::E, 1000, 0);
        check(1000, Grade::A, 0, 0);
        check(1, Grade::D, 1, 0);
    }
}
