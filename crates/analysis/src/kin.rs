//! Who lies in whom among the artifacts of a report, and what of it a piece of evidence speaks of.
//!
//! Names do not tell: a mail may carry three files called `invoice.pdf`. A path and a SHA-256 together say which artifact
//! is meant, and where it came from says what it lies in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use watchfire_model::{ArtifactId, ArtifactRecord, BELOW, Evidence, Fact, FactSet, Finding, MailFacts, PartRole};

/// The artifacts of a report by their place in its list, with what each lies in and what lies in it.
pub(crate) struct Family<'a> {
    records: &'a [ArtifactRecord],
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Where bytes were read: those that are met again are only listed.
    read: HashMap<ArtifactId, Vec<usize>>,
}

impl<'a> Family<'a> {
    pub(crate) fn of(records: &'a [ArtifactRecord]) -> Self {
        let mut known = HashMap::new();
        let mut family = Self {
            records,
            parents: Vec::with_capacity(records.len()),
            children: vec![Vec::new(); records.len()],
            read: HashMap::new(),
        };
        for (at, record) in records.iter().enumerate() {
            let facts = record.facts.as_ref();
            // What something lies in stands before it.
            let parent = facts.and_then(|facts| known.get(&Arc::as_ptr(facts.origin.parent()?)).copied());
            family.parents.push(parent);
            if let Some(siblings) = parent.and_then(|parent| family.children.get_mut(parent)) {
                siblings.push(at);
            }
            let Some(facts) = facts else { continue };
            known.insert(Arc::as_ptr(&facts.origin), at);
            if record.duplicate_of.is_none() {
                family.read.entry(facts.artifact).or_default().push(at);
            }
        }
        family
    }

    pub(crate) fn places(&self) -> std::ops::Range<usize> {
        0..self.records.len()
    }

    pub(crate) fn record(&self, at: usize) -> Option<&'a ArtifactRecord> {
        self.records.get(at)
    }

    /// What is known about an artifact; of bytes that were met before, nothing: see `readings`.
    pub(crate) fn facts(&self, at: usize) -> Option<&'a FactSet> {
        self.record(at)?.facts.as_ref()
    }

    /// What lies in an artifact, in its order.
    pub(crate) fn children(&self, at: usize) -> impl Iterator<Item = usize> + Clone {
        self.children.get(at).into_iter().flatten().copied()
    }

    /// An artifact, and what it lies in, from the inside out.
    pub(crate) fn upwards(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(at), |at| *self.parents.get(*at)?)
    }

    /// What was read of the bytes of an artifact: where it stands itself, or where they were met before. What a mail gives
    /// to read may have been read in several ways, and each may be how it is shown.
    pub(crate) fn readings(&self, at: usize) -> impl Iterator<Item = &'a ArtifactRecord> {
        let facts = self.facts(at);
        let is_read = self.record(at).is_some_and(|record| record.duplicate_of.is_none());
        let all = facts.and_then(|facts| self.read.get(&facts.artifact));
        let same = all
            .into_iter()
            .flatten()
            .copied()
            .filter_map(|first| self.record(first));
        let role = facts.and_then(|facts| facts.role);
        let same = same.filter(move |first| first.facts.as_ref().and_then(|facts| facts.role) == role);
        let own = self.record(at).filter(|_| is_read);
        own.into_iter().chain(same.filter(move |_| !is_read))
    }
}

/// Artifacts, and what evidence speaks of among them.
pub(crate) struct Kin<'a> {
    pub(crate) family: Family<'a>,
    /// The outermost mail that each is or lies in, or the root that holds it.
    units: Vec<usize>,
    /// The first of the logs that were read together.
    logs: Option<usize>,
    /// Those that a path and a SHA-256 name.
    named: HashMap<(&'a str, ArtifactId), Vec<usize>>,
    /// Those with the same bytes and the same name as an earlier one, by what names that.
    twins: HashMap<(&'a str, ArtifactId), Vec<usize>>,
}

impl<'a> Kin<'a> {
    pub(crate) fn of(records: &'a [ArtifactRecord]) -> Self {
        let mut kin = Self {
            family: Family::of(records),
            units: Vec::with_capacity(records.len()),
            logs: None,
            named: HashMap::new(),
            twins: HashMap::new(),
        };
        for (at, record) in records.iter().enumerate() {
            let unit = kin.family.upwards(at).nth(1).and_then(|parent| kin.unit(parent));
            let is_inside = unit.is_some_and(|unit| kin.family.record(unit).is_some_and(|unit| mail(unit).is_some()));
            // Logs that were read together are one story.
            let together = kin.logs.filter(|_| is_streamed_log(record));
            if kin.logs.is_none() && is_streamed_log(record) {
                kin.logs = Some(at);
            }
            kin.units.push(match unit.or(together) {
                Some(unit) if is_inside || mail(record).is_none() => unit,
                _ => at,
            });
            let Some(facts) = &record.facts else { continue };
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

    /// The outermost mail that an artifact is or lies in, else the root that holds it.
    pub(crate) fn unit(&self, at: usize) -> Option<usize> {
        self.units.get(at).copied()
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
            for above in self.family.upwards(at) {
                if !met.insert(above) {
                    break;
                }
                let twins = self.family.record(above).and_then(|record| {
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

/// Whether it is a log that was read as one with others.
fn is_streamed_log(record: &ArtifactRecord) -> bool {
    record.log.is_some() && record.depth == 0 && record.sha256.is_none()
}

/// The last name of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit_once(BELOW).map_or(path, |(_, name)| name)
}

/// Whether a mail gives it to read, as text or page.
pub(crate) fn is_body(facts: &FactSet) -> bool {
    facts.role.is_some_and(PartRole::is_body)
}

/// What a mail says about itself, if the artifact is one.
pub(crate) fn mail(record: &ArtifactRecord) -> Option<&MailFacts> {
    record.facts.as_ref()?.facts.iter().find_map(|fact| match fact {
        Fact::Mail(mail) => Some(&**mail),
        _ => None,
    })
}
