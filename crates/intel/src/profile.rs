//! What a feed is worth, and what its indicators become when something meets them.
//!
//! Weight = strength × reliability × decay. Strength is what the indicator's author says (its confidence), reliability the
//! feed's grade, decay what age has left.

use crate::decay;
use crate::set::Met;
use watchfire_model::{
    Enrichment, Grade, Moment, ObservableType, Origination, Outcome, Rank, Untrusted, Verdict, Weight,
};

/// A feed as evidence sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedProfile {
    /// Its name, `urlhaus`.
    pub name: Untrusted,
    /// How far it can be trusted. A feed of grade A is curated: a fresh hit on it suffices.
    pub grade: Grade,
    /// Feeds of one group are not independent.
    pub group: Untrusted,
    /// Days after which its indicators are worth nothing; by type, where nobody says.
    pub lifetime: Option<u32>,
    /// When it was fetched: who is still on a list then is vouched for then, unless the indicator bears a time.
    pub fetched: Moment,
}

/// Strength of an assertion of malice by an author who does not say how sure they are.
const ASSERTED: Weight = Weight::from_thousandths(800);
/// The same for suspicion.
const SUSPECTED: Weight = Weight::from_thousandths(500);
const DAY: u64 = 86_400;

impl FeedProfile {
    /// How a fresh assertion of this feed counts.
    pub fn rank(&self, towards: Verdict) -> Rank {
        match (towards, self.grade) {
            (Verdict::Unknown, _) => Rank::Context,
            (_, Grade::A) => Rank::Curated,
            _ => Rank::Evidence,
        }
    }

    /// What meeting an indicator of this feed says, as of a moment.
    pub fn enrichment(&self, met: &Met, as_of: Moment) -> Enrichment {
        let indicator = &met.indicator;
        // Nobody has seen anything after the list was made that says so: a clock was wrong, or somebody wants to stay young.
        let seen = indicator.last_seen.max(indicator.first_seen);
        let observed = seen.map_or(self.fetched, |seen| seen.min(self.fetched));
        let age = as_of.since(observed);
        let expired = indicator.valid_until.filter(|until| *until < as_of);
        let decay = match expired {
            Some(_) => Weight::NONE,
            None => self.decay(indicator.observable.kind(), age),
        };
        let strength = match (indicator.confidence, indicator.towards) {
            (Some(percent), _) => Weight::from_thousandths(u16::from(percent.min(100)) * 10),
            (None, Verdict::Suspicious) => SUSPECTED,
            (None, _) => ASSERTED,
        };
        let takes_side = indicator.towards != Verdict::Unknown;
        let rank = self.rank(indicator.towards);
        let words = match (indicator.threat.is_empty(), expired) {
            (true, None) => "listed".into(),
            (false, None) => indicator.threat.clone(),
            (_, Some(until)) => {
                let threat = if indicator.threat.is_empty() {
                    "listed"
                } else {
                    indicator.threat.raw()
                };
                Untrusted::from(format!("{threat}; expired on {}", until.date()))
            }
        };
        let enrichment = Enrichment {
            towards: indicator.towards,
            rank,
            strength: if takes_side { strength } else { Weight::NONE },
            grade: self.grade,
            decay,
            group: self.group.clone(),
            from: Origination::Local,
            observed: Some(observed),
            age: Some(age),
            matched: (!met.itself).then(|| indicator.observable.raw().into()),
            reference: indicator.reference.clone(),
            ..Enrichment::silent(self.name.clone(), Outcome::Found, words)
        }
        .weighed();
        // What age has left nothing of is worth knowing, and no more.
        let rank = if enrichment.weight == Weight::NONE {
            Rank::Context
        } else {
            rank
        };
        Enrichment { rank, ..enrichment }
    }

    /// What `age` seconds have left of an assertion about a value of that type.
    fn decay(&self, kind: ObservableType, age: u64) -> Weight {
        match self.lifetime {
            Some(days) => decay::within(u64::from(days) * DAY, age),
            None => decay::decay(kind, age),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Indicator;

    fn profile(grade: Grade) -> FeedProfile {
        FeedProfile {
            name: "feed".into(),
            grade,
            group: "family".into(),
            lifetime: None,
            fetched: Moment::parse("2026-11-20").unwrap(),
        }
    }

    /// Decay and weight of an indicator, in thousandths.
    #[track_caller]
    fn check(grade: Grade, change: impl Fn(&mut Indicator), expected: (u16, u16)) -> Enrichment {
        let mut indicator = Indicator::new(Indicator::guess("203.0.113.7").unwrap());
        change(&mut indicator);
        let met = Met {
            indicator,
            itself: true,
        };
        let enrichment = profile(grade).enrichment(&met, Moment::parse("2026-11-22").unwrap());
        let found = (enrichment.decay.thousandths(), enrichment.weight.thousandths());
        assert_eq!(found, expected, "{}", enrichment.detail);
        enrichment
    }

    #[test]
    fn age_takes_its_share() {
        let seen = |day: &'static str| move |i: &mut Indicator| i.last_seen = Some(Moment::parse(day).unwrap());
        check(Grade::B, seen("2026-11-20"), (871, 522));
        check(Grade::B, seen("2026-10-23"), (500, 300));
        check(Grade::B, seen("2026-07-24"), (0, 0));
        check(Grade::B, seen("2020-01-01"), (0, 0));
        // Without a time, the day on which the list was fetched.
        let undated = check(Grade::B, |_| (), (871, 522));
        assert_eq!(undated.age, Some(2 * DAY));
        // What is said to be seen later than that was seen then at the latest, however late that is.
        for day in ["2026-11-22", "2036-01-01"] {
            assert_eq!(check(Grade::B, seen(day), (871, 522)).age, Some(2 * DAY));
        }
    }

    #[test]
    fn what_has_expired_is_told_and_weighs_nothing() {
        let expired = |i: &mut Indicator| {
            i.valid_until = Some(Moment::parse("2026-11-01").unwrap());
            i.threat = "botnet C2".into();
        };
        let told = check(Grade::A, expired, (0, 0));
        assert_eq!(told.detail.raw(), "botnet C2; expired on 2026-11-01");
    }

    #[test]
    fn its_author_says_how_sure_they_are() {
        check(Grade::B, |i| i.confidence = Some(50), (871, 326));
        check(Grade::E, |i| i.confidence = Some(100), (871, 0));
        let context = check(Grade::A, |i| i.towards = Verdict::Unknown, (871, 0));
        assert_eq!(context.rank, Rank::Context);
        assert_eq!(check(Grade::A, |_| (), (871, 627)).rank, Rank::Curated);
    }

    #[test]
    fn digests_do_not_age() {
        let met = Met {
            indicator: Indicator {
                last_seen: Some(Moment::parse("2010-01-01").unwrap()),
                ..Indicator::new(Indicator::guess("d41d8cd98f00b204e9800998ecf8427e").unwrap())
            },
            itself: true,
        };
        let enrichment = profile(Grade::B).enrichment(&met, Moment::parse("2026-11-22").unwrap());
        assert_eq!(enrichment.decay.thousandths(), 1000);
    }
}
