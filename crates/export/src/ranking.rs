//! What of a report comes first where not all of it is shown.

use std::cmp::{Ordering, Reverse};
use std::collections::{HashMap, HashSet};
use watchfire_model::{
    ArtifactRecord, BELOW, Observable, ObservableType, Observed, Reason, Report, Role, Verdict, Weight,
};

/// An observable of a report, wherever it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distinct<'r> {
    /// Type and value.
    pub(crate) observable: &'r Observable,
    /// The role that interests a responder most.
    pub(crate) role: Role,
    /// Occurrences in all artifacts.
    pub(crate) count: u64,
    /// Where it is seen in that role first.
    pub(crate) seen: &'r Observed,
    /// The numbers of that artifact and of what is observed in it.
    pub(crate) at: (usize, usize),
}

/// Every observable of a report once, in the order in which they appear.
pub(crate) fn distinct(report: &Report) -> Vec<Distinct<'_>> {
    let most = report.artifacts.iter().map(|artifact| artifact.observables.len()).max();
    let mut places: HashMap<&Observable, usize> = HashMap::with_capacity(most.unwrap_or_default());
    let mut all: Vec<Distinct<'_>> = Vec::with_capacity(most.unwrap_or_default());
    for (number, artifact) in report.artifacts.iter().enumerate() {
        for (place, seen) in artifact.observables.iter().enumerate() {
            let known = *places.entry(&seen.observable).or_insert(all.len());
            let Some(entry) = all.get_mut(known) else {
                all.push(Distinct {
                    observable: &seen.observable,
                    role: seen.role,
                    count: seen.count,
                    seen,
                    at: (number, place),
                });
                continue;
            };
            entry.count += seen.count;
            if rank(seen.role) < rank(entry.role) {
                (entry.role, entry.seen, entry.at) = (seen.role, seen, (number, place));
            }
        }
    }
    all
}

/// What a text presents as indicators comes first, and what is tagged as private, reserved or everybody's behind what is not.
pub(crate) fn by_interest(one: &Distinct<'_>, other: &Distinct<'_>) -> Ordering {
    let order = |entry: &Distinct<'_>| {
        (
            rank(entry.role),
            !entry.seen.defanged,
            !can_be_blocked(entry.observable.kind()),
            !entry.seen.tags.is_empty(),
            Reverse(entry.count),
            entry.observable.kind(),
        )
    };
    order(one)
        .cmp(&order(other))
        .then_with(|| one.observable.cmp(other.observable))
}

/// Moves the first so many to the front, sorted: there may be hundreds of thousands, and a screen shows the first.
pub(crate) fn sort_first<T>(all: &mut [T], rows: usize, order: impl Fn(&T, &T) -> Ordering) {
    let rows = rows.min(all.len());
    if let Some(last) = rows.checked_sub(1) {
        all.select_nth_unstable_by(last, &order);
    }
    let (first, _) = all.split_at_mut(rows);
    first.sort_unstable_by(&order);
}

/// What interests a responder first.
const fn rank(role: Role) -> u8 {
    match role {
        Role::Indicator => 0,
        Role::Mentioned => 1,
        Role::Reference => 2,
        Role::Publisher => 3,
    }
}

/// Whether a responder can search for it and block it: places on the network, addresses, digests. Names of files, texts
/// of browsers and numbers of weaknesses are many and say less.
const fn can_be_blocked(kind: ObservableType) -> bool {
    use ObservableType as T;
    !matches!(
        kind,
        T::Asn
            | T::Mac
            | T::Cve
            | T::Cwe
            | T::Cpe
            | T::Ghsa
            | T::AttackTechnique
            | T::AttackTactic
            | T::AttackMitigation
            | T::RegistryKey
            | T::FilePath
            | T::FileName
            | T::UserAgent
            | T::Tlp
            | T::Uuid
            | T::Phone
            | T::Card
            | T::YaraRule
    )
}

/// The paths of what weighs against the input.
pub(crate) fn accused(report: &Report) -> HashSet<&str> {
    let weighs = |reason: &&Reason| reason.weight > Weight::NONE && reason.towards > Verdict::Benign;
    let reasons = report.judgement.reasons.iter().filter(weighs);
    reasons
        .flat_map(|reason| &reason.evidence)
        .map(|evidence| evidence.path.raw())
        .collect()
}

/// Artifacts come in the order of the queue, level by level. A tree has children below their parents.
pub(crate) fn tree(artifacts: &[ArtifactRecord]) -> Vec<&ArtifactRecord> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); artifacts.len()];
    let mut latest: HashMap<&str, usize> = HashMap::new();
    let mut roots = Vec::new();
    for (at, artifact) in artifacts.iter().enumerate() {
        let path = artifact.path.raw();
        let parent = path.rsplit_once(BELOW).and_then(|(parent, _)| latest.get(parent));
        match parent.and_then(|parent| children.get_mut(*parent)) {
            Some(siblings) if artifact.depth > 0 => siblings.push(at),
            _ => roots.push(at),
        }
        latest.insert(path, at);
    }
    let mut order = Vec::with_capacity(artifacts.len());
    let mut open: Vec<usize> = roots.into_iter().rev().collect();
    while let Some(at) = open.pop() {
        order.extend(artifacts.get(at));
        open.extend(children.get(at).into_iter().flatten().rev());
    }
    order
}
