//! Who lies in whom among the artifacts of a report, and what of it a piece of evidence speaks of.
//!
//! Names do not tell: a mail may carry three files called `invoice.pdf`. A path and a SHA-256 together say which artifact
//! is meant, and where it came from says what it lies in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use watchfire_model::{ArtifactId, ArtifactRecord, Evidence, Fact, Finding, MailFacts};

/// The artifacts of a report by their place in its list.
pub(crate) struct Kin<'a> {
    records: &'a [ArtifactRecord],
    /// What each lies in.
    parents: Vec<Option<usize>>,
    /// The outermost mail that each is or lies in, or the root that holds it.
    units: Vec<usize>,
    /// Those that a path and a SHA-256 name.
    named: HashMap<(&'a str, ArtifactId), Vec<usize>>,
    /// Those with the same bytes and the same name as an earlier one, by what names that.
    twins: HashMap<(&'a str, ArtifactId), Vec<usize>>,
}

impl<'a> Kin<'a> {
    pub(crate) fn of(records: &'a [ArtifactRecord]) -> Self {
        let mut known = HashMap::new();
        let mut kin = Self {
            records,
            parents: Vec::with_capacity(records.len()),
            units: Vec::with_capacity(records.len()),
            named: HashMap::new(),
            twins: HashMap::new(),
        };
        for (at, record) in records.iter().enumerate() {
            let facts = record.facts.as_ref();
            // What something lies in stands before it.
            let parent = facts.and_then(|facts| known.get(&Arc::as_ptr(facts.origin.parent()?)).copied());
            let unit = parent.and_then(|parent| kin.units.get(parent).copied());
            let is_inside = unit.is_some_and(|unit| kin.record(unit).is_some_and(|unit| mail(unit).is_some()));
            kin.units.push(match unit {
                Some(unit) if is_inside || mail(record).is_none() => unit,
                _ => at,
            });
            kin.parents.push(parent);
            let Some(facts) = facts else { continue };
            known.insert(Arc::as_ptr(&facts.origin), at);
            let id = facts.artifact;
            kin.named.entry((record.path.raw(), id)).or_default().push(at);
            if let Some(first) = &record.duplicate_of
                && last(first.raw()) == last(record.path.raw())
            {
                kin.twins.entry((first.raw(), id)).or_default().push(at);
            }
        }
        kin
    }

    pub(crate) fn record(&self, at: usize) -> Option<&'a ArtifactRecord> {
        self.records.get(at)
    }

    /// The outermost mail that an artifact is or lies in, else the root that holds it.
    pub(crate) fn unit(&self, at: usize) -> Option<usize> {
        self.units.get(at).copied()
    }

    /// An artifact, and what it lies in, from the inside out.
    pub(crate) fn upwards(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(at), |at| *self.parents.get(*at)?)
    }

    /// What a finding speaks of: the artifacts of its evidence, those with the same bytes and name, and all that they lie
    /// in. Also the units that this touches.
    pub(crate) fn spoken_of(&self, finding: &Finding) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let mut met = BTreeSet::new();
        let mut units = BTreeSet::new();
        let mut waiting: Vec<usize> = finding
            .evidence()
            .iter()
            .flat_map(|evidence| self.at(evidence))
            .collect();
        while let Some(at) = waiting.pop() {
            units.extend(self.unit(at));
            for above in self.upwards(at) {
                if !met.insert(above) {
                    break;
                }
                let twins = self.record(above).and_then(|record| {
                    let facts = record.facts.as_ref()?;
                    self.twins.get(&(record.path.raw(), facts.artifact))
                });
                waiting.extend(twins.into_iter().flatten());
            }
        }
        (met, units)
    }

    fn at(&self, evidence: &Evidence) -> Vec<usize> {
        let named = self.named.get(&(evidence.path.raw(), evidence.artifact));
        named.cloned().unwrap_or_default()
    }
}

/// The last name of a path.
fn last(path: &str) -> &str {
    path.rsplit_once(" ▸ ").map_or(path, |(_, name)| name)
}

/// What a mail says about itself, if the artifact is one.
pub(crate) fn mail(record: &ArtifactRecord) -> Option<&MailFacts> {
    record.facts.as_ref()?.facts.iter().find_map(|fact| match fact {
        Fact::Mail(mail) => Some(&**mail),
        _ => None,
    })
}
