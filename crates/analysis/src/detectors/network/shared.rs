//! What the detectors of networks share: who is inside, tables that are bounded, frames that are kept as evidence.

use crate::context::excerpt;
use crate::detectors::{DetectorInfo, Scene, weighed};
use crate::rows::Rows;
use std::cell::Cell;
use std::hash::Hash;
use std::net::IpAddr;
use watchfire_knowledge::reserved;
pub(super) use watchfire_model::counted;
use watchfire_model::observable::defang;
use watchfire_model::{Finding, Organisation, Target, Timestamp, Untrusted};

/// A table of at most so many rows. What comes when it is full has no row, unless there are some that are worth nothing.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    rows: Rows<K, V>,
    most: usize,
    /// What was refused since rows that are worth nothing were looked for.
    refused: usize,
}

impl<K: Hash + Ord, V: Default> Table<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            rows: Rows::default(),
            most,
            refused: 0,
        }
    }

    /// The row of `key`, new or not.
    pub(super) fn row(&mut self, key: K) -> Option<&mut V> {
        self.rows.row(key, self.most, V::default)
    }

    /// The same; rows that are `worthless` make room. Looking for them takes as long as all of them, and is not done for each.
    pub(super) fn row_or(&mut self, key: K, worthless: impl Fn(&V) -> bool) -> Option<&mut V> {
        if self.rows.len() >= self.most && self.rows.get(&key).is_none() {
            if self.refused.is_multiple_of(self.most / 4 + 1) {
                self.rows.retain(|_, row| !worthless(row));
            }
            self.refused += 1;
        }
        self.row(key)
    }

    /// The row of `key`, if there is one.
    pub(super) fn known(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(key)
    }

    /// The row of `key`, to look at it.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// All rows, by their keys.
    pub(super) fn rows(&self) -> Vec<(&K, &V)> {
        self.rows_where(|_| true)
    }

    /// Those that are worth a look, by their keys.
    pub(super) fn rows_where(&self, is_worth: impl Fn(&V) -> bool) -> Vec<(&K, &V)> {
        let mut rows: Vec<(&K, &V)> = self.rows.iter().filter(|(_, row)| is_worth(row)).collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows
    }
}

/// What the rows of a table may hold together: each may be large, and not all of them. Rows that go give back what they held.
#[derive(Debug)]
pub(super) struct Room(Cell<usize>);

impl Room {
    /// Members of all rows.
    pub(super) const MOST: usize = 1 << 20;

    pub(super) const fn new(most: usize) -> Self {
        Self(Cell::new(most))
    }

    /// Whether there is some for one more, which has it then.
    pub(super) fn take(&self) -> bool {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Whether a row is worthless; if so, what it held is free.
    pub(super) fn frees(&self, is_worthless: bool, held: usize) -> bool {
        if is_worthless {
            self.0.set(self.0.get().saturating_add(held));
        }
        is_worthless
    }
}

/// Frames to look at, the first ten that were met, with as much text as evidence shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames(Vec<(u64, String)>);

impl Frames {
    pub(super) const MOST: usize = 10;

    /// This one alone.
    pub(super) fn one(frame: u64, text: String) -> Self {
        let mut frames = Self::default();
        frames.met(frame, || text);
        frames
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Remembers one; `text` is asked only if there is room.
    pub(super) fn met(&mut self, frame: u64, text: impl FnOnce() -> String) {
        if self.0.len() < Self::MOST {
            self.0.push((frame, excerpt(&text()).raw().to_owned()));
        }
    }

    /// Takes those of another.
    pub(super) fn join(&mut self, other: Self) {
        other.0.into_iter().for_each(|(frame, text)| self.met(frame, || text));
    }

    /// Those of several: each has its share of the places, and what some leave free is for the first.
    pub(super) fn of_all(all: Vec<Self>) -> Self {
        let share = (Self::MOST / all.len().max(1)).max(1);
        let mut frames = Self::default();
        let mut later = Vec::new();
        for mut one in all {
            later.push(Self(one.0.split_off(share.min(one.0.len()))));
            frames.join(one);
        }
        later.into_iter().for_each(|one| frames.join(one));
        frames
    }
}

/// When something was seen the first time and the last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span(Option<(Timestamp, Timestamp)>);

impl Span {
    pub(super) fn met(&mut self, from: Timestamp, to: Timestamp) {
        let (first, last) = self.0.unwrap_or((from, to));
        self.0 = Some((first.min(from), last.max(to)));
    }

    /// Seconds between them.
    pub(super) fn seconds(&self) -> u64 {
        self.0.map_or(0, |(first, last)| last.since(first) / 1_000_000_000)
    }

    /// In words, `within 40 s`.
    pub(super) fn words(&self) -> String {
        format!("within {}", duration(self.seconds().max(1)))
    }
}

/// `40 s`, `12 min`, `3.5 h`.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{}.{} h", seconds / 3_600, seconds % 3_600 / 360),
    }
}

/// `512 bytes`, `40 kB`, `2.5 MB`, in powers of ten.
pub(super) fn amount(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000),
    }
}

/// Text of the capture for a title: cut, escaped and defanged.
pub(super) fn shown(text: &Untrusted) -> String {
    defang(&text.shown(60))
}

/// A host for a title.
pub(super) fn host(scene: &Scene<'_>, address: IpAddr) -> String {
    scene.capture().map_or_else(
        || defang(&address.to_string()),
        |capture| capture.hosts().shown(address),
    )
}

/// Whether somebody in the capture called it by a name.
pub(super) fn is_named(scene: &Scene<'_>, address: IpAddr) -> bool {
    let known = scene.capture().and_then(|capture| capture.hosts().get(address));
    known.is_some_and(|host| host.names().next().is_some())
}

/// How many hosts began to speak to one and were answered, up to four; nothing where it may have been more, since hosts were
/// forgotten.
pub(super) fn callers(scene: &Scene<'_>, address: IpAddr) -> Option<usize> {
    let hosts = scene.capture()?.hosts();
    let callers = hosts.get(address)?.callers();
    (callers > 1 || hosts.forgotten() == 0).then_some(callers)
}

/// Whether an address is one of the organisation's, or can be reached only from where it is.
pub(crate) fn is_inside(organisation: &Organisation, address: IpAddr) -> bool {
    organisation.owns_address(address) || range(address).is_some_and(reserved::Range::is_internal)
}

/// Whether an address belongs to one host of somebody else.
pub(super) fn is_outside(organisation: &Organisation, address: IpAddr) -> bool {
    let nobody = |range| {
        matches!(
            range,
            reserved::Range::Multicast | reserved::Range::Broadcast | reserved::Range::Reserved
        )
    };
    !is_inside(organisation, address) && !range(address).is_some_and(nobody)
}

/// Whether an address is that of one host, and not of many.
pub(super) fn is_one(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !address.is_multicast() && !address.octets().ends_with(&[255]) && !address.is_unspecified()
        }
        IpAddr::V6(address) => !address.is_multicast() && !address.is_unspecified(),
    }
}

fn range(address: IpAddr) -> Option<reserved::Range> {
    match address {
        IpAddr::V4(address) => reserved::ipv4(address),
        IpAddr::V6(address) => reserved::ipv6(address),
    }
}

/// Says what was found: who did it, and what is to be acted on. Nothing where there is no frame to show.
pub(super) fn say(
    scene: &mut Scene<'_>,
    info: &DetectorInfo,
    (title, weight): (String, u16),
    frames: &Frames,
    (by, about): (&[IpAddr], &[IpAddr]),
) {
    let about = about.iter().map(|address| Target::Host(address.to_string().into()));
    say_about(scene, info, (title, weight), frames, (by, about.collect()));
}

/// The same about what may be known by something else than its address.
pub(super) fn say_about(
    scene: &mut Scene<'_>,
    info: &DetectorInfo,
    (title, weight): (String, u16),
    frames: &Frames,
    (by, about): (&[IpAddr], Vec<Target>),
) {
    let Some(capture) = scene.capture() else { return };
    let mut evidence = frames.0.iter().map(|(frame, text)| capture.frame(*frame, text));
    let Some(first) = evidence.next() else { return };
    let finding = weighed(info, title, weight, first);
    let finding = evidence.fold(finding, Finding::and_at);
    let finding = by
        .iter()
        .fold(finding, |finding, by| finding.on_machine(by.to_string()));
    scene.found(about.into_iter().fold(finding, Finding::about));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_what_evidence_shows_and_no_more() {
        let mut frames = Frames::one(1, "é".repeat(10_000));
        frames.met(2, || "short".to_owned());
        let lengths: Vec<usize> = frames.0.iter().map(|(_, text)| text.len()).collect();
        assert!(lengths[0] <= 240 && lengths[0] > 200, "{lengths:?}");
        assert_eq!(lengths[1], 5);
    }

    #[test]
    fn each_of_several_has_its_share_of_the_places() {
        let some = |from: u64, count: u64| {
            let mut frames = Frames::default();
            (from..from + count).for_each(|frame| frames.met(frame, String::new));
            frames
        };
        let kept =
            |all: Vec<Frames>| -> Vec<u64> { Frames::of_all(all).0.into_iter().map(|(frame, _)| frame).collect() };
        assert_eq!(kept(vec![]), Vec::<u64>::new());
        assert_eq!(
            kept(vec![some(1, 10), some(21, 10)]),
            [1, 2, 3, 4, 5, 21, 22, 23, 24, 25]
        );
        assert_eq!(kept(vec![some(1, 10), some(21, 1)]), [1, 2, 3, 4, 5, 21, 6, 7, 8, 9]);
        assert_eq!(kept((0..12).map(|one| some(one * 10, 2)).collect()).len(), Frames::MOST);
    }

    #[test]
    fn rows_that_go_give_their_room_back() {
        let room = Room::new(3);
        let mut rows: Table<u8, Vec<u8>> = Table::new(2);
        let mut put = |key: u8| {
            let worthless = |row: &Vec<u8>| room.frees(row.len() < 2, row.len());
            let row = rows.row_or(key, worthless)?;
            room.take().then(|| row.push(key))
        };
        assert!(put(1).is_some() && put(1).is_some() && put(2).is_some());
        assert!(put(1).is_none(), "three are there");
        assert!(put(3).is_some(), "the second row went, and its member with it");
        assert!(put(3).is_none());
    }
}
