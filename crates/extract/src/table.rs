//! Every distinct observable of a text, once.
//!
//! Candidates are looked up by their clean text, so that a type's parser, with its checksums, sees each spelling once.
//! Several spellings of one value share an entry.

use crate::found::Found;
use crate::surroundings::Surroundings;
use crate::{Extraction, roles};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::cmp::Reverse;
use std::hash::BuildHasher;
use std::sync::Arc;
use watchfire_model::{Confidence, Location, Observable, ObservableType, Observed, Role, Span, Untrusted};

/// Where a block stands in its text, and how lines are counted in it.
pub(crate) struct Place<'t> {
    pub(crate) bytes: &'t [u8],
    /// Offset of the block's first byte in the text.
    pub(crate) base: u64,
    /// The context that is wanted.
    pub(crate) context: Surroundings,
    line: u64,
    counted: usize,
}

impl<'t> Place<'t> {
    /// A block whose byte `core` stands at `offset` and in `line` of the text.
    pub(crate) fn new(bytes: &'t [u8], core: usize, offset: u64, line: u64, context: Surroundings) -> Self {
        Self {
            bytes,
            base: offset - core as u64,
            context,
            line,
            counted: core,
        }
    }

    /// The line of byte `at`. Costs the distance from the last call.
    fn line_of(&mut self, at: usize) -> u64 {
        let (from, to) = (self.counted.min(at), self.counted.max(at));
        let newlines = memchr::memchr_iter(b'\n', self.bytes.get(from..to).unwrap_or(&[])).count() as u64;
        self.line = if at >= self.counted {
            self.line + newlines
        } else {
            self.line.saturating_sub(newlines)
        };
        self.counted = at;
        self.line
    }

    /// The text around an occurrence, where it was asked for.
    fn context_of(&self, start: usize, end: usize) -> Option<Untrusted> {
        self.context.of(self.bytes, start, end)
    }
}

/// A clean text that was met. Its hash is kept, so that a table that grows does not touch every text.
struct Key {
    hash: u64,
    start: usize,
    length: u32,
    entry: u32,
    kind: ObservableType,
}

/// An observable and its occurrences so far.
pub(crate) struct Entry {
    pub(crate) observed: Observed,
    /// Where the first of the surest occurrences begins: it gave the confidence and the reason.
    sure_at: u64,
    /// Some occurrence was defanged.
    pub(crate) ever_defanged: bool,
    /// First bytes of the first occurrences, in order; only kept where roles will be decided.
    pub(crate) places: Vec<u64>,
}

/// Occurrences per observable whose places are kept.
const MOST_PLACES: usize = 32;

/// What became of a candidate.
pub(crate) enum Outcome {
    /// Its type's parser refused it.
    Refused,
    /// A new observable, or another occurrence of entry number …
    Accepted(usize),
}

/// Counts candidates.
pub(crate) trait Tally {
    /// Counts a candidate.
    fn found(&mut self, found: &Found<'_>, place: &mut Place<'_>) -> Outcome;

    /// `times` further occurrences of what was accepted as number `entry`, found in the same way as before.
    fn counted(&mut self, entry: u32, times: u64);

    /// A match of a user's pattern.
    fn pattern(&mut self, name: &Arc<str>, start: usize, end: usize, place: &mut Place<'_>);

    /// Whether [`Tally::keep_place`] does anything.
    fn keeps_places(&self) -> bool {
        false
    }

    /// Keeps the place of a further occurrence that is counted elsewhere.
    fn keep_place(&mut self, _entry: u32, _start: u64) {}
}

#[derive(Default)]
pub(crate) struct Table {
    keys: HashTable<Key>,
    arena: Vec<u8>,
    /// The number of each value's entry, behind its hash.
    by_value: HashTable<(u64, u32)>,
    entries: Vec<Entry>,
    /// Occurrences of each entry, apart from the rest so that counting touches little memory.
    counts: Vec<u64>,
    hasher: RandomState,
    occurrences: u64,
    keep_places: bool,
}

impl Table {
    /// A table that keeps the first places of each observable as well, if asked.
    pub(crate) fn keeping_places(keep: bool) -> Self {
        Self {
            keep_places: keep,
            ..Self::default()
        }
    }

    /// What hashes clean texts, for those who look them up elsewhere first.
    pub(crate) fn hasher(&self) -> RandomState {
        self.hasher.clone()
    }

    /// A further occurrence.
    #[inline]
    pub(crate) fn again(&mut self, entry: usize, found: &Found<'_>, place: &mut Place<'_>) {
        self.counted(entry as u32, 1);
        self.learn(entry, found, place);
    }

    /// What a further occurrence, counted elsewhere, says about its entry.
    #[inline]
    pub(crate) fn learn(&mut self, entry: usize, found: &Found<'_>, place: &mut Place<'_>) {
        let Some(entry) = self.entries.get_mut(entry) else {
            return;
        };
        entry.ever_defanged |= found.defanged;
        let start = place.base + found.start as u64;
        if self.keep_places && entry.places.len() < MOST_PLACES {
            entry.places.push(start);
        }
        if (found.confidence, Reverse(start)) > (entry.observed.confidence, Reverse(entry.sure_at)) {
            (entry.observed.confidence, entry.observed.reason) = (found.confidence, found.reason);
            entry.sure_at = start;
        }
        // Looking back, as for e-mail addresses, can find an earlier place later.
        if start < entry.observed.span.start {
            entry.observed.span = Span {
                start,
                end: place.base + found.end as u64,
            };
            entry.observed.raw = raw(found, place);
            entry.observed.line = place.line_of(found.start);
            entry.observed.context = place.context_of(found.start, found.end);
            (entry.observed.defanged, entry.observed.encoding, entry.observed.via) =
                (found.defanged, found.encoding, found.via);
        }
    }

    #[cold]
    fn first(&mut self, hash: u64, found: &Found<'_>, place: &mut Place<'_>) -> Outcome {
        let Some(observable) = Self::parse(found) else {
            return Outcome::Refused;
        };
        Outcome::Accepted(self.add(hash, observable, found, place))
    }

    /// The entry of a clean text with this hash, if it was met.
    #[inline]
    pub(crate) fn known(&self, hash: u64, found: &Found<'_>) -> Option<usize> {
        let arena = &self.arena;
        let same = |key: &Key| {
            key.hash == hash
                && key.kind == found.kind
                && key.length as usize == found.clean.len()
                && arena.get(key.start..key.start + key.length as usize) == Some(found.clean)
        };
        self.keys.find(hash, same).map(|key| key.entry as usize)
    }

    /// Takes in a clean text that was not met before, and counts it.
    pub(crate) fn add(&mut self, hash: u64, observable: Observable, found: &Found<'_>, place: &mut Place<'_>) -> usize {
        let entry = self.entry_of(observable, found, place);
        let key = Key {
            hash,
            kind: found.kind,
            start: self.arena.len(),
            length: found.clean.len() as u32,
            entry: entry as u32,
        };
        self.arena.extend_from_slice(found.clean);
        self.keys.insert_unique(hash, key, |key| key.hash);
        entry
    }

    /// What a candidate is, if its type's parser accepts it.
    pub(crate) fn parse(found: &Found<'_>) -> Option<Observable> {
        let text = std::str::from_utf8(found.clean).ok()?;
        Observable::parse(found.kind, text).ok()
    }

    /// The entry of a value, which another spelling may have made, with one more occurrence.
    fn entry_of(&mut self, observable: Observable, found: &Found<'_>, place: &mut Place<'_>) -> usize {
        let hash = self.hasher.hash_one(&observable);
        let entries = &self.entries;
        let known = self.by_value.find(hash, |(known, entry)| {
            *known == hash
                && entries
                    .get(*entry as usize)
                    .is_some_and(|entry| entry.observed.observable == observable)
        });
        if let Some((_, entry)) = known {
            let entry = *entry as usize;
            self.again(entry, found, place);
            return entry;
        }
        let start = place.base + found.start as u64;
        let observed = Observed {
            observable,
            raw: raw(found, place),
            span: Span {
                start,
                end: place.base + found.end as u64,
            },
            line: place.line_of(found.start),
            page: None,
            frame: None,
            met: None,
            defanged: found.defanged,
            count: 1,
            confidence: found.confidence,
            reason: found.reason,
            role: Role::Mentioned,
            role_reason: "",
            encoding: found.encoding,
            via: found.via,
            location: Location::NOWHERE,
            tags: Vec::new(),
            asset: None,
            judged: None,
            context: place.context_of(found.start, found.end),
        };
        self.insert(
            hash,
            Entry {
                observed,
                sure_at: start,
                ever_defanged: found.defanged,
                places: if self.keep_places { vec![start] } else { Vec::new() },
            },
        );
        self.occurrences += 1;
        self.entries.len() - 1
    }

    fn insert(&mut self, hash: u64, entry: Entry) {
        let number = self.entries.len() as u32;
        self.counts.push(entry.observed.count);
        self.entries.push(entry);
        self.by_value.insert_unique(hash, (hash, number), |(hash, _)| *hash);
    }

    /// A match of a user's pattern.
    pub(crate) fn match_of(
        &mut self,
        name: &Arc<str>,
        start: usize,
        end: usize,
        place: &mut Place<'_>,
    ) -> Option<usize> {
        let bytes = place.bytes.get(start..end)?;
        let text = String::from_utf8_lossy(bytes);
        let observable = Observable::of_pattern(Arc::clone(name), &text).ok()?;
        let found = Found::new(ObservableType::Pattern, bytes, start, end)
            .because(Confidence::High, "matches a pattern of yours");
        Some(self.entry_of(observable, &found, place))
    }

    /// One occurrence as it would stand alone.
    pub(crate) fn occurrence(&self, entry: usize, found: &Found<'_>, place: &mut Place<'_>) -> Option<Observed> {
        let entry = self.entries.get(entry)?;
        let (role, role_reason) = if found.defanged {
            (Role::Indicator, "defanged")
        } else {
            (Role::Mentioned, "")
        };
        Some(Observed {
            observable: entry.observed.observable.clone(),
            raw: raw(found, place),
            span: Span {
                start: place.base + found.start as u64,
                end: place.base + found.end as u64,
            },
            line: place.line_of(found.start),
            page: None,
            frame: None,
            met: None,
            defanged: found.defanged,
            count: 1,
            confidence: found.confidence,
            reason: found.reason,
            role,
            role_reason,
            encoding: found.encoding,
            via: found.via,
            location: Location::NOWHERE,
            tags: Vec::new(),
            asset: None,
            judged: None,
            context: place.context_of(found.start, found.end),
        })
    }

    /// Observables in order of first occurrence.
    pub(crate) fn finish(self, bytes: u64, lines: u64, cut_lines: u64) -> Extraction {
        self.finish_with_places(bytes, lines, cut_lines).0
    }

    /// [`Table::finish`], and for each observable the places that were kept.
    pub(crate) fn finish_with_places(self, bytes: u64, lines: u64, cut_lines: u64) -> (Extraction, Vec<Vec<u64>>) {
        let entries = self.entries;
        // Entries are large: their numbers are sorted, and each is moved once.
        let mut order: Vec<_> = (0..)
            .zip(&entries)
            .map(|(number, entry)| (entry.observed.span, entry.observed.observable.kind(), number))
            .collect();
        let value = |number: &usize| entries.get(*number).map(|entry| &entry.observed.observable);
        // Nearly in order as they are, which this sort makes use of.
        order.sort_by(|(span, kind, one), (other_span, other_kind, other)| {
            (span, kind)
                .cmp(&(other_span, other_kind))
                .then_with(|| value(one).cmp(&value(other)))
        });
        let counts = self.counts;
        let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
        let (observed, places) = order
            .into_iter()
            .filter_map(|(_, _, number)| {
                let entry = entries.get_mut(number)?.take()?;
                let mut observed = entry.observed;
                observed.count = counts.get(number).copied().unwrap_or(observed.count);
                if entry.ever_defanged && observed.role == Role::Mentioned {
                    (observed.role, observed.role_reason) = (Role::Indicator, roles::DEFANGED);
                }
                Some((observed, entry.places))
            })
            .unzip();
        let extraction = Extraction {
            observed,
            occurrences: self.occurrences,
            bytes,
            lines,
            cut_lines,
        };
        (extraction, places)
    }
}

impl Tally for Table {
    #[inline]
    fn found(&mut self, found: &Found<'_>, place: &mut Place<'_>) -> Outcome {
        let hash = self.hasher.hash_one((found.kind as u8, found.clean));
        if let Some(entry) = self.known(hash, found) {
            self.again(entry, found, place);
            return Outcome::Accepted(entry);
        }
        self.first(hash, found, place)
    }

    #[inline]
    fn counted(&mut self, entry: u32, times: u64) {
        self.occurrences += times;
        if let Some(count) = self.counts.get_mut(entry as usize) {
            *count += times;
        }
    }

    fn keep_place(&mut self, entry: u32, start: u64) {
        if let Some(entry) = self.entries.get_mut(entry as usize)
            && entry.places.len() < MOST_PLACES
        {
            entry.places.push(start);
        }
    }

    fn pattern(&mut self, name: &Arc<str>, start: usize, end: usize, place: &mut Place<'_>) {
        self.match_of(name, start, end, place);
    }

    fn keeps_places(&self) -> bool {
        self.keep_places
    }
}

fn raw(found: &Found<'_>, place: &Place<'_>) -> Untrusted {
    Untrusted::from_bytes(place.bytes.get(found.start..found.end).unwrap_or(&[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::Shared;
    use std::sync::Mutex;

    type Occurrence = (u64, Confidence, &'static str);

    fn count(tally: &mut impl Tally, occurrences: &[Occurrence]) {
        let bytes = b"203.0.113.7";
        for (offset, confidence, reason) in occurrences {
            let found = Found::new(ObservableType::Ipv4, bytes, 0, bytes.len()).because(*confidence, reason);
            tally.found(&found, &mut Place::new(bytes, 0, *offset, 1, Surroundings::default()));
        }
    }

    #[test]
    fn whoever_read_what_the_first_of_the_surest_gives_the_reason() {
        let (weak, sure, later) = (
            (0, Confidence::Medium, "weak"),
            (100, Confidence::High, "sure"),
            (200, Confidence::High, "later"),
        );
        let check = |parts: &[&[Occurrence]]| {
            let common = Mutex::new(Table::default());
            // Scanners end in any order, long after they began.
            let mut scanners: Vec<_> = parts.iter().map(|_| Shared::new(&common)).collect();
            for (scanner, part) in scanners.iter_mut().zip(parts) {
                count(scanner, part);
            }
            scanners.into_iter().for_each(Shared::finish);
            let found = common.into_inner().unwrap().finish(300, 1, 0);
            let [seen] = found.observed.as_slice() else {
                panic!("one observable, not {:?}", found.observed)
            };
            assert_eq!((seen.reason, seen.span.start, seen.count), ("sure", 0, 3), "{parts:?}");
        };
        check(&[&[weak, sure, later]]);
        check(&[&[weak], &[sure], &[later]]);
        check(&[&[later], &[weak], &[sure]]);
        check(&[&[weak, later], &[sure]]);
        check(&[&[sure], &[weak, later]]);
    }

    #[test]
    fn a_scanner_alone_finds_the_same() {
        let occurrences = [(0, Confidence::Medium, "weak"), (100, Confidence::High, "sure")];
        let mut alone = Table::default();
        count(&mut alone, &occurrences);
        let common = Mutex::new(Table::default());
        let mut scanner = Shared::new(&common);
        count(&mut scanner, &occurrences);
        scanner.finish();
        let (one, other) = (alone.finish(300, 1, 0), common.into_inner().unwrap().finish(300, 1, 0));
        assert_eq!((one.observed, one.occurrences), (other.observed, other.occurrences));
    }

    #[test]
    fn what_one_scanner_has_met_another_knows() {
        let common = Mutex::new(Table::default());
        let (mut one, mut other) = (Shared::new(&common), Shared::new(&common));
        count(&mut one, &[(0, Confidence::Medium, "weak")]);
        other.learn(&one.news().unwrap());
        assert!(one.news().is_none() && other.news().is_none(), "told once, and not on");
        count(
            &mut other,
            &[(100, Confidence::Medium, "weak"), (200, Confidence::High, "sure")],
        );
        [one, other].into_iter().for_each(Shared::finish);
        let found = common.into_inner().unwrap().finish(300, 1, 0);
        let seen = &found.observed[0];
        assert_eq!((seen.reason, seen.span.start, seen.count), ("sure", 0, 3));
    }
}
