//! Joins deeds that share a mark.

use super::deeds::Deed;
use super::marks::Mark;
use std::collections::BTreeMap;
use watchfire_model::{Tie, TieKind, Timestamp, Untrusted};

/// How long a machine or an account joins what is done with it. Nanoseconds.
const DAY: i64 = 86_400 * 1_000_000_000;
/// How long what happens on a machine may be of whoever got into it.
const HOUR: i64 = 3_600 * 1_000_000_000;
/// Ties that are told of one incident.
const MOST: usize = 50;

/// Deeds of one story, by their places, and what ties them.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) deeds: Vec<usize>,
    bonds: Vec<(TieKind, String, Vec<usize>)>,
}

pub(super) fn join(deeds: &[Deed]) -> Vec<Group> {
    let mut sets = Sets::new(deeds.len());
    let mut bonds = Vec::new();
    let mut by_mark: BTreeMap<&Mark, Vec<usize>> = BTreeMap::new();
    for (at, deed) in deeds.iter().enumerate() {
        for mark in &deed.marks {
            by_mark.entry(mark).or_default().push(at);
        }
    }
    for (mark, mut sharing) in by_mark {
        let (kind, value) = named(mark);
        let window = match kind {
            TieKind::Machine | TieKind::Account | TieKind::Tried => DAY,
            _ => i64::MAX,
        };
        sharing.sort_by_key(|at| deeds.get(*at).and_then(|deed| deed.seen));
        let mut run: Vec<usize> = Vec::new();
        // The latest end so far: a long deed reaches to what lies within it.
        let mut until: Option<Timestamp> = None;
        for at in sharing {
            let seen = deeds.get(at).and_then(|deed| deed.seen);
            let is_near = match (until, seen) {
                (Some(until), Some(seen)) => gap(until, seen.first) <= window,
                _ => true,
            };
            if !is_near {
                bond(&mut sets, &mut bonds, (kind, &value), std::mem::take(&mut run));
                until = None;
            }
            until = until.max(seen.map(|seen| seen.last));
            run.push(at);
        }
        bond(&mut sets, &mut bonds, (kind, &value), run);
    }
    entered(deeds, &mut sets, &mut bonds);
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for at in 0..deeds.len() {
        groups.entry(sets.root(at)).or_default().deeds.push(at);
    }
    for (kind, value, sharing) in bonds {
        let root = sharing.first().map(|at| sets.root(*at));
        if let Some(group) = root.and_then(|root| groups.get_mut(&root)) {
            group.bonds.push((kind, value, sharing));
        }
    }
    groups.into_values().collect()
}

/// What happened on a machine within the hour after somebody got into it.
fn entered(deeds: &[Deed], sets: &mut Sets, bonds: &mut Vec<(TieKind, String, Vec<usize>)>) {
    let mut on: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, deed) in deeds.iter().enumerate() {
        for machine in &deed.on {
            on.entry(machine).or_default().push(at);
        }
    }
    for (at, deed) in deeds.iter().enumerate() {
        let Some(since) = deed.seen else { continue };
        for machine in &deed.entered {
            let there = on.get(machine.as_str()).into_iter().flatten().copied();
            let after = there.filter(|other| {
                let seen = deeds.get(*other).and_then(|other| other.seen);
                *other != at && seen.is_some_and(|seen| seen.first >= since.last && gap(since.last, seen.first) <= HOUR)
            });
            let sharing: Vec<usize> = std::iter::once(at).chain(after).collect();
            bond(sets, bonds, (TieKind::Entered, machine), sharing);
        }
    }
}

/// What chapters share, the strongest first. `chapter_of` says in which chapter a deed is told.
pub(super) fn ties(group: &Group, chapter_of: &BTreeMap<usize, usize>) -> Vec<Tie> {
    let place = |at: &usize| group.deeds.iter().position(|own| own == at);
    let mut ties: Vec<Tie> = Vec::new();
    for (kind, value, sharing) in &group.bonds {
        let chapters = sharing.iter().filter_map(|at| chapter_of.get(&place(at)?).copied());
        let mut chapters: Vec<usize> = chapters.collect();
        chapters.sort_unstable();
        chapters.dedup();
        if chapters.len() > 1 {
            ties.push(Tie {
                by: *kind,
                value: Untrusted::new(value.as_str()),
                chapters,
            });
        }
    }
    ties.sort_by(|a, b| (a.by, &a.chapters, &a.value).cmp(&(b.by, &b.chapters, &b.value)));
    ties.truncate(MOST);
    ties
}

fn named(mark: &Mark) -> (TieKind, String) {
    match mark {
        Mark::File(id) => (TieKind::File, id.to_string()),
        Mark::Host(host) => (TieKind::Host, host.clone()),
        Mark::Machine(name) => (TieKind::Machine, name.clone()),
        Mark::Account(name) => (TieKind::Account, name.clone()),
        Mark::Tried(name) => (TieKind::Tried, name.clone()),
    }
}

fn bond(
    sets: &mut Sets,
    bonds: &mut Vec<(TieKind, String, Vec<usize>)>,
    (kind, value): (TieKind, &str),
    sharing: Vec<usize>,
) {
    let [first, rest @ ..] = sharing.as_slice() else { return };
    if rest.is_empty() {
        return;
    }
    for other in rest {
        sets.unite(*first, *other);
    }
    bonds.push((kind, value.to_owned(), sharing));
}

fn gap(from: Timestamp, to: Timestamp) -> i64 {
    to.nanoseconds().saturating_sub(from.nanoseconds())
}

/// Disjoint sets, by the place of their least member.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, at: usize) -> usize {
        let mut at = at;
        while let Some(&above) = self.0.get(at) {
            if above == at {
                break;
            }
            let next = self.0.get(above).copied().unwrap_or(above);
            if let Some(own) = self.0.get_mut(at) {
                *own = next;
            }
            at = next;
        }
        at
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(own) = self.0.get_mut(a.max(b)) {
            *own = a.min(b);
        }
    }
}
