//! What a provider's answer comes to, and the one place where it becomes an [`Enrichment`].

use super::ProviderInfo;
use crate::decay::decay;
use watchfire_model::transport::Request;
use watchfire_model::{
    Enrichment, Grade, Indicator, Moment, ObservableType, Origination, Outcome, Rank, Untrusted, Verdict, Weight,
};

/// Something else that the provider said, by name: `country`, `asn`, `ports`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub name: &'static str,
    /// What was said.
    pub value: Untrusted,
}

/// What a provider knows about a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it knows the value at all.
    pub known: bool,
    /// What it speaks for.
    pub towards: Verdict,
    /// Whose word that is.
    pub rank: Rank,
    /// How strongly.
    pub strength: Weight,
    /// When it last vouched for that.
    pub observed: Option<Moment>,
    /// In a few words.
    pub detail: Untrusted,
    /// Where to read on.
    pub reference: Untrusted,
    /// What else it said, in a fixed order.
    pub notes: Vec<Note>,
}

/// Most notes that are kept of one answer.
const MAX_NOTES: usize = 24;

impl Answer {
    /// The provider does not know the value. That is all it says.
    pub fn unknown(detail: &str) -> Self {
        Self {
            known: false,
            ..Self::known(detail)
        }
    }

    /// The provider knows the value and takes no side.
    pub fn known(detail: impl Into<String>) -> Self {
        Self {
            known: true,
            towards: Verdict::Unknown,
            rank: Rank::Context,
            strength: Weight::NONE,
            observed: None,
            detail: cut(detail.into(), Indicator::MAX_THREAT),
            reference: Untrusted::default(),
            notes: Vec::new(),
        }
    }

    /// It takes a side, with a strength in thousandths. A strength of nothing takes none.
    #[must_use]
    pub fn says(mut self, towards: Verdict, thousandths: u16) -> Self {
        if thousandths > 0 && towards != Verdict::Unknown {
            self.towards = towards;
            self.rank = Rank::Evidence;
            self.strength = Weight::from_thousandths(thousandths);
        }
        self
    }

    /// Its keepers looked at it: its word suffices.
    #[must_use]
    pub fn curated(mut self) -> Self {
        if self.towards == Verdict::Malicious {
            self.rank = Rank::Curated;
        }
        self
    }

    /// When it vouched for that.
    #[must_use]
    pub fn at(mut self, observed: Option<Moment>) -> Self {
        self.observed = observed;
        self
    }

    /// Where to read on.
    #[must_use]
    pub fn see(mut self, reference: impl Into<String>) -> Self {
        self.reference = cut(reference.into(), Indicator::MAX_REFERENCE);
        self
    }

    /// What else it said; nothing is no note.
    #[must_use]
    pub fn note(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.trim().is_empty() && self.notes.len() < MAX_NOTES {
            self.notes.push(Note {
                name,
                value: cut(value, Indicator::MAX_THREAT),
            });
        }
        self
    }

    /// How the look-up ended.
    pub fn outcome(&self) -> Outcome {
        if self.known { Outcome::Found } else { Outcome::NotFound }
    }

    /// The enrichment that `check` weighs and shows. The age is that of the provider's own observation; where it names
    /// none, that of the question.
    pub fn enrichment(&self, source: Source<'_>, as_of: Moment) -> Enrichment {
        let observed = self.observed.unwrap_or(source.asked).min(as_of);
        let age = as_of.since(observed);
        let mut enrichment = Enrichment::silent(source.info.name, self.outcome(), self.detail.clone());
        enrichment.group = source.info.group.into();
        enrichment.from = source.from;
        enrichment.observed = Some(observed);
        enrichment.age = Some(age);
        if self.known {
            enrichment.towards = self.towards;
            enrichment.rank = self.rank;
            enrichment.strength = self.strength;
            enrichment.grade = source.grade;
            enrichment.decay = decay(source.kind, age);
            enrichment.reference = self.reference.clone();
        }
        enrichment.weighed()
    }
}

/// Who gave an answer, when, and about what.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// Who.
    pub info: &'s ProviderInfo,
    /// How far they are trusted here.
    pub grade: Grade,
    /// Whether they were asked now.
    pub from: Origination,
    /// When they were asked.
    pub asked: Moment,
    /// The type of the value.
    pub kind: ObservableType,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// [`Outcome::Quota`], [`Outcome::Authentication`] or [`Outcome::Failed`].
    pub outcome: Outcome,
    /// In a few words; a provider's message may be part of it.
    pub why: Untrusted,
}

impl Fault {
    /// The key was not accepted.
    pub fn authentication(why: impl Into<String>) -> Self {
        Self::new(Outcome::Authentication, why)
    }

    /// Too many questions.
    pub fn quota(why: impl Into<String>) -> Self {
        Self::new(Outcome::Quota, why)
    }

    /// No answer that can be read.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::new(Outcome::Failed, why)
    }

    fn new(outcome: Outcome, why: impl Into<String>) -> Self {
        Self {
            outcome,
            why: cut(why.into(), Indicator::MAX_THREAT),
        }
    }
}

/// What a provider makes of what came back.
#[derive(Debug)]
pub enum Reading {
    /// That is it.
    Answer(Answer),
    /// One more question is needed, within [`ProviderInfo::steps`].
    Again(Request),
    /// There is no answer.
    Failed(Fault),
}

impl From<Result<Answer, Fault>> for Reading {
    fn from(result: Result<Answer, Fault>) -> Self {
        match result {
            Ok(answer) => Self::Answer(answer),
            Err(fault) => Self::Failed(fault),
        }
    }
}

/// `text` up to `most` bytes, at a character's boundary, with `…` where something was left out.
pub(crate) fn cut(mut text: String, most: usize) -> Untrusted {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most.saturating_sub('…'.len_utf8())));
        text.push('…');
    }
    Untrusted::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_between_characters() {
        assert_eq!(cut("é".repeat(10), 9).raw(), "ééé…");
        assert_eq!(cut("short".to_owned(), 5).raw(), "short");
        let answer = Answer::known("x".repeat(10 << 20)).see("y".repeat(10 << 20));
        assert_eq!(answer.detail.raw().len(), Indicator::MAX_THREAT);
        assert_eq!(answer.reference.raw().len(), Indicator::MAX_REFERENCE);
    }

    #[test]
    fn only_a_known_value_is_spoken_about() {
        let silent = Answer::unknown("nothing known");
        assert_eq!(
            (silent.outcome(), silent.towards),
            (Outcome::NotFound, Verdict::Unknown)
        );
        let none = Answer::known("0 of 70").says(Verdict::Malicious, 0);
        assert_eq!((none.towards, none.rank), (Verdict::Unknown, Rank::Context));
    }
}
