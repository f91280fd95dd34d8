//! What is known on this machine about values: feeds, decisions, the inventory. Gathered once for a run: of what is
//! remembered, all of it for many values, and what is about them for a few.

use super::cost::count as counted;
use super::online::Said;
use crate::{Problem, Watchfire, feeds};
use std::collections::HashMap;
use watchfire_analysis::{Standing, host_behind, judge_reputation};
use watchfire_intel::FeedProfile;
use watchfire_intel::set::{IndicatorSet, Met, Scratch};
use watchfire_model::{
    Asked, DataSource, Diagnostic, DiagnosticSeverity, Enrichment, Grade, KnownGood, Moment, Observable, Origination,
    Outcome as WhatCame, Rank, Reputation, Untrusted, Verdict, Weight, age,
};
use watchfire_store::{Decision, Name, SeenBefore, SeenTable, Store};

/// How many questions are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A few: the first answer should come soon. What is remembered about each has to be [looked up].
    ///
    /// [looked up]: Intelligence::look_up
    Few,
    /// Many: everything is read into memory first.
    Many,
}

impl Pace {
    /// Up to so many values are few.
    const FEW: usize = 128;

    /// The pace for so many values.
    pub(crate) fn of(values: usize) -> Self {
        if values <= Self::FEW { Self::Few } else { Self::Many }
    }
}

/// What is known on this machine.
#[derive(Debug, Default)]
pub(crate) struct Intelligence {
    feeds: Vec<(FeedProfile, IndicatorSet)>,
    /// What analysts decided, and still holds.
    decisions: HashMap<Observable, Decision>,
    /// Whose feeds they are.
    sources: Vec<DataSource>,
    /// What was met before, and is remembered.
    seen: SeenTable,
    /// What could not be opened; why.
    pub(crate) remarks: Vec<Diagnostic>,
}

impl Intelligence {
    #[cfg(test)]
    pub(crate) fn of_feeds(feeds: Vec<(FeedProfile, IndicatorSet)>) -> Self {
        Self {
            feeds,
            ..Self::default()
        }
    }

    /// Looks up what is remembered about a few values.
    pub(crate) fn look_up(&mut self, store: &Store, values: &[Observable], as_of: Moment) -> Result<(), Problem> {
        for what in values {
            for decided in [Some(what.clone()), host_behind(what)].into_iter().flatten() {
                if let Some(decision) = store.decisions().about(&decided, as_of)? {
                    self.decisions.insert(decided, decision);
                }
            }
            if let Some(seen) = store.sightings().before(what)? {
                self.seen.insert(what, seen);
            }
        }
        Ok(())
    }

    /// The decision about `what`; or else one against the host that it leads to. What was decided in favour of a host says
    /// nothing of what somebody put there.
    fn decision(&self, what: &Observable) -> Option<&Decision> {
        if self.decisions.is_empty() {
            return None;
        }
        let about_host = || {
            let decision = self.decisions.get(&host_behind(what)?)?;
            (decision.mark.towards() >= Verdict::Suspicious).then_some(decision)
        };
        self.decisions.get(what).or_else(about_host)
    }

    /// Whether something is known of `what` alone, which nobody would say of a value like it.
    pub(crate) fn singles_out(&self, what: &Observable) -> bool {
        self.decision(what).is_some() || self.seen.about(what).is_some()
    }

    /// Appends to `key` what decides what feeds say of `what`: of values with the same key they say the same.
    pub(crate) fn trace(&self, what: &Observable, scratch: &mut Scratch, key: &mut Vec<u8>) {
        for (_, set) in self.feeds.iter().filter(|(_, set)| set.is_about(what.kind())) {
            set.trace(what, scratch, key);
            // No record is empty.
            key.push(0);
        }
    }

    /// The feed of that name.
    pub(crate) fn has_feed(&self, name: &Untrusted) -> bool {
        self.feeds.iter().any(|(profile, _)| profile.name == *name)
    }

    /// Whether nobody here could know anything.
    pub(crate) fn is_silent(&self) -> bool {
        self.feeds.is_empty() && self.decisions.is_empty()
    }

    /// Whether somebody here may know `what`. Right but for one value in millions that nobody knows.
    pub(crate) fn may_hold(&self, what: &Observable) -> bool {
        self.decision(what).is_some() || self.feeds.iter().any(|(_, set)| set.may_hold(what))
    }

    /// What there is to ask, for the line that ends every answer.
    pub(crate) fn describe(&self, as_of: Moment) -> Diagnostic {
        let indicators: u64 = self.feeds.iter().map(|(_, set)| set.len()).sum();
        let newest = self.feeds.iter().map(|(profile, _)| profile.fetched).max();
        let message = match newest {
            // There are some, and what became of them is told beside it.
            None if self.remarks.iter().any(|remark| remark.code == UNREADABLE) => "no feed could be read".to_owned(),
            None => "no feed is loaded (watchfire feeds add)".to_owned(),
            Some(newest) => {
                let feeds = counted(self.feeds.len() as u64, "feed");
                let indicators = counted(indicators, "indicator");
                format!("{feeds} with {indicators}, the newest {}", age(as_of.since(newest)))
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

/// A decision that holds for `what`, as a source among others; nothing outranks it.
fn decided(decision: &Decision, what: &Observable, as_of: Moment) -> Enrichment {
    let until = match decision.expires {
        Some(expires) => format!(", until {}", expires.date()),
        None => String::new(),
    };
    let words = format!("{} (by {}{until})", decision.why.raw(), decision.by.who());
    Enrichment {
        towards: decision.mark.towards(),
        rank: Rank::Decision,
        grade: Grade::A,
        from: Origination::Local,
        observed: Some(decision.by.at),
        age: Some(as_of.since(decision.by.at)),
        // A host is never of the type of what leads to it.
        matched: (decision.observable.kind() != what.kind()).then(|| decision.observable.raw().into()),
        ..Enrichment::silent("own decision", WhatCame::Found, words)
    }
}

/// What was met before, worth knowing and no more: it may have been a mistake then.
fn seen(before: &SeenBefore, as_of: Moment) -> Option<Enrichment> {
    let SeenBefore {
        times,
        inputs,
        first,
        last,
    } = *before;
    let words = format!(
        "seen {} in {}, first {}, last {}",
        counted(times, "time"),
        counted(inputs, "input"),
        first.date(),
        last.date()
    );
    (first <= as_of).then(|| Enrichment {
        grade: Grade::A,
        from: Origination::Local,
        observed: Some(last),
        age: Some(as_of.since(last)),
        ..Enrichment::silent("own sightings", WhatCame::Found, words)
    })
}

/// A list of harmless files that holds a digest. Like an embedded list of known-good identifiers it is curated, but by the
/// user, who may have listed what is bad: where anybody accuses the file, it excuses nothing.
fn known_good(list: &KnownGood, others: &[Enrichment]) -> Enrichment {
    let is_accused = others.iter().any(|other| {
        other.outcome == WhatCame::Found
            && other.towards >= Verdict::Suspicious
            && (other.weight > Weight::NONE || other.rank > Rank::Curated)
    });
    let (towards, rank, words) = match (list.surely(), is_accused) {
        (Some(_), false) => (Verdict::Benign, Rank::Curated, "a file that is known good here"),
        (Some(_), true) => (
            Verdict::Unknown,
            Rank::Context,
            "listed as known good here, which excuses no file that is accused",
        ),
        (None, _) => (
            Verdict::Unknown,
            Rank::Context,
            "probably known: a filter, which is wrong for some",
        ),
    };
    Enrichment {
        towards,
        rank,
        grade: Grade::A,
        from: Origination::Local,
        ..Enrichment::silent(list.name().clone(), WhatCame::Found, words)
    }
}

/// The code of a feed that could not be asked.
const UNREADABLE: &str = "feed-unreadable";

/// A feed that could not be asked.
fn not_asked(name: &Name, why: &str) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        code: UNREADABLE,
        message: format!("feed '{name}' was not asked: its file cannot be read ({why})").into(),
        artifact: Untrusted::default(),
    }
}

/// What nobody has confirmed for too long: it is asked all the same, and what it says has aged.
fn stale(feeds: &[(Name, Moment)], as_of: Moment) -> Option<Diagnostic> {
    let told: Vec<String> = feeds
        .iter()
        .map(|(name, confirmed)| format!("{name} ({})", age(as_of.since(*confirmed))))
        .collect();
    (!told.is_empty()).then(|| Diagnostic {
        severity: DiagnosticSeverity::Note,
        code: "feed-stale",
        message: format!("stale: {} (watchfire feeds list)", told.join(", ")).into(),
        artifact: Untrusted::default(),
    })
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
    /// What this machine remembers, if it remembers anything. Nothing is made.
    pub(crate) fn memory(&self) -> Result<Option<Store>, Problem> {
        match &self.checked.data_folder {
            Some(folder) => Ok(Store::open_existing(folder)?),
            None => Ok(None),
        }
    }

    /// Gathers what is known on this machine.
    ///
    /// # Errors
    /// When what is remembered cannot be read. A single feed that cannot is a remark.
    pub(crate) fn intelligence(&self, store: Option<&Store>, pace: Pace) -> Result<Intelligence, Problem> {
        let mut known = Intelligence::default();
        let (Some(folder), Some(store)) = (&self.checked.data_folder, store) else {
            return Ok(known);
        };
        let loaded = feeds::load(store, folder, pace == Pace::Many, self.checked.as_of)?;
        known.feeds = loaded.sets;
        known.sources = loaded.sources;
        known.remarks = loaded
            .faults
            .into_iter()
            .map(|(name, why)| not_asked(&name, &why))
            .collect();
        known.remarks.extend(stale(&loaded.stale, self.checked.as_of));
        if pace == Pace::Many {
            let decisions = store.decisions().all(self.checked.as_of)?;
            known.decisions = decisions
                .into_iter()
                .map(|decision| (decision.observable.clone(), decision))
                .collect();
            known.seen = store.sightings().table()?;
        }
        Ok(known)
    }

    /// Gathers what is known on this machine about these values.
    pub(crate) fn intelligence_about(&self, store: &Store, values: &[Observable]) -> Result<Intelligence, Problem> {
        let pace = Pace::of(values.len());
        let mut known = self.intelligence(Some(store), pace)?;
        if pace == Pace::Few {
            known.look_up(store, values, self.checked.as_of)?;
        }
        Ok(known)
    }

    /// Whose data answers rest on: tables, lists, and feeds with their attributions.
    pub(crate) fn data_used(&self, known: &Intelligence) -> Vec<DataSource> {
        let mut data = self.here.sources();
        data.extend(known.sources.iter().cloned());
        data
    }

    /// Everything known about `what`: here, and by what others said. `input` is what it was written as, if that differs.
    pub(crate) fn reputation(
        &self,
        input: Untrusted,
        what: Observable,
        known: &Intelligence,
        said: Said,
    ) -> Reputation {
        let standing = self.engine.standing(&what);
        self.reputation_of((input, what), standing, known, said)
    }

    /// The same, where it is known already where the value belongs.
    pub(crate) fn reputation_of(
        &self,
        (input, what): (Untrusted, Observable),
        standing: Standing,
        known: &Intelligence,
        said: Said,
    ) -> Reputation {
        let as_of = self.checked.as_of;
        let mut enrichments: Vec<Enrichment> = known
            .decision(&what)
            .map(|decision| decided(decision, &what, as_of))
            .into_iter()
            .collect();
        let mut others = Asked::default();
        let mut met: Vec<Met> = Vec::new();
        for (profile, set) in known.feeds.iter().filter(|(_, set)| set.is_about(what.kind())) {
            set.find(&what, &mut met);
            if met.is_empty() {
                // Not worth a row of its own.
                others.sources += 1;
                others.not_found += 1;
            }
            enrichments.extend(met.drain(..).map(|met| profile.enrichment(&met, as_of)));
        }
        enrichments.extend(standing.enrichments(as_of));
        enrichments.extend(known.seen.about(&what).and_then(|before| seen(before, as_of)));
        enrichments.extend(said.enrichments);
        let listed = self.here.known_good_by(&what);
        enrichments.extend(listed.map(|list| known_good(&list, &enrichments)));
        enrichments.sort_by_key(|enrichment| std::cmp::Reverse((enrichment.rank, enrichment.weight)));
        let mut asked = Asked::of(&enrichments);
        asked.merge(&others);
        asked.calls = said.calls;
        let judgement = judge_reputation(what.kind(), &standing.tags, &enrichments, &asked);
        Reputation {
            input,
            judgement,
            location: standing.location,
            tags: standing.tags,
            asset: standing.asset,
            enrichments,
            asked,
            observable: what,
        }
    }
}
