//! What is known on this machine about values: feeds, decisions, the inventory. Gathered once for a run.

use crate::{Problem, Watchfire};
use watchfire_analysis::judge_reputation;
use watchfire_intel::FeedProfile;
use watchfire_intel::set::{IndicatorSet, Met};
use watchfire_model::{Asked, Diagnostic, DiagnosticSeverity, Moment, Observable, Reputation, Untrusted, age};

/// How many questions are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A few: the first answer should come soon.
    Few,
    /// Many: everything is read into memory first.
    Many,
}

/// A feed that can be asked.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) profile: FeedProfile,
    pub(crate) set: IndicatorSet,
}

/// What is known on this machine.
#[derive(Debug, Default)]
pub(crate) struct Intelligence {
    pub(crate) feeds: Vec<Loaded>,
    /// Feeds that could not be opened; why.
    pub(crate) remarks: Vec<Diagnostic>,
}

impl Intelligence {
    /// What there is to ask, for the line that ends every answer.
    pub(crate) fn describe(&self, as_of: Moment) -> Diagnostic {
        let count: u64 = self.feeds.iter().map(|feed| feed.set.len()).sum();
        let newest = self.feeds.iter().map(|feed| feed.profile.fetched).max();
        let message = match newest {
            None => "no feed is loaded (watchfire feeds add)".to_owned(),
            Some(newest) => {
                let feeds = if self.feeds.len() == 1 { "feed" } else { "feeds" };
                format!(
                    "{} {feeds} with {} indicators, the newest {}",
                    self.feeds.len(),
                    grouped(count),
                    age(as_of.since(newest))
                )
            }
        };
        Diagnostic {
            severity: DiagnosticSeverity::Note,
            code: "feeds",
            message: message.into(),
            artifact: Untrusted::default(),
        }
    }
}

/// `1,204,112`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Watchfire {
    /// Gathers what is known on this machine.
    pub(crate) fn intelligence(&self, _pace: Pace) -> Result<Intelligence, Problem> {
        Ok(Intelligence::default())
    }

    /// Everything known about `what` without asking anybody. `input` is what it was written as, if that differs.
    pub(crate) fn reputation(&self, input: Untrusted, what: Observable, known: &Intelligence) -> Reputation {
        let as_of = self.checked.as_of;
        let standing = self.engine.standing(&what);
        let mut enrichments = Vec::new();
        let mut others = Asked::default();
        let mut met: Vec<Met> = Vec::new();
        for feed in known.feeds.iter().filter(|feed| feed.set.is_about(what.kind())) {
            feed.set.find(&what, &mut met);
            if met.is_empty() {
                // Not worth a row of its own.
                others.sources += 1;
                others.not_found += 1;
            }
            enrichments.extend(met.drain(..).map(|met| feed.profile.enrichment(&met, as_of)));
        }
        enrichments.extend(standing.enrichments(as_of));
        enrichments.sort_by(|a, b| (b.rank, b.weight).cmp(&(a.rank, a.weight)));
        let mut asked = Asked::of(&enrichments);
        asked.merge(&others);
        let judgement = judge_reputation(what.kind(), &standing.tags, &enrichments, &asked);
        Reputation {
            input,
            judgement,
            location: standing.location,
            tags: standing.tags,
            asset: None,
            enrichments,
            asked,
            observable: what,
        }
    }
}
