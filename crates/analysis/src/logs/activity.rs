//! What each user, address and machine did in each window of time: rows of counts that batches carry and the collector adds
//! up.
//!
//! - Windows are as fine as there is room for, and become longer by a ladder whose steps divide one another; so rows of
//!   batches with other windows add up exactly.
//! - Of the values that a row was met with the lowest few fingerprints are kept (a bottom-k sketch: Bar-Yossef and others,
//!   RANDOM 2002): few are counted exactly, many are estimated, and in which order they came does not matter.
//! - Rows are bounded. When even the longest windows are too many, those with the fewest records go, and are counted.

use super::rules::cut;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use watchfire_anomaly::sketch::fingerprint;
use watchfire_model::log::{AnomalyKind, LogInOutcome};

/// Lengths of windows in seconds.
pub(super) const STEPS: [i64; 6] = [60, 300, 900, 3_600, 14_400, 86_400];
/// Rows of all batches together.
const MOST: usize = 60_000;
/// Rows of a batch, before its windows become longer.
const MOST_OF_BATCH: usize = 2_048;
/// Rows that a batch carries, and one that begins in the first lines of a file.
const OF_BATCH: usize = 1_024;
const OF_EARLY_BATCH: usize = 8_192;
const EARLY: u64 = 150_000;
/// The longest window of a batch, and of all.
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// A window of logs that grow, which is judged as it ends.
pub(super) const SHORT: i64 = 300;
/// Of fewer windows none is made longer.
const FEWEST_WINDOWS: i64 = 48;
/// Of a name.
const LONGEST: usize = 120;
/// Kinds of records that are counted apart.
const MOST_KINDS: usize = 65_536;

/// Who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    User,
    Address,
    Host,
}

/// Everybody whose deeds are counted; their places are those of the sets in a row.
pub(super) const ALL: [Who; 3] = [Who::User, Who::Address, Who::Host];
/// The place of kinds of records in a row's sets.
pub(super) const KINDS: usize = ALL.len();

impl Who {
    /// How a report calls what is unusual about it.
    pub(super) fn kind(self) -> AnomalyKind {
        match self {
            Self::User => AnomalyKind::User,
            Self::Address => AnomalyKind::Address,
            Self::Host => AnomalyKind::Host,
        }
    }
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed<'r> {
    /// In seconds since 1970.
    pub(super) time: i64,
    /// User, address and machine; empty where nobody says.
    pub(super) names: [&'r str; ALL.len()],
    /// What happened, as a fingerprint; 0 where nobody says.
    pub(super) kind: u64,
    /// Whether the kind is counted elsewhere, by the template of the line.
    pub(super) is_mined: bool,
    pub(super) outcome: Option<LogInOutcome>,
    /// Where it stands.
    pub(super) place: u64,
}

/// How long windows are: which of [`STEPS`], and whether they become no longer than [`SHORT`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Windows {
    step: usize,
    are_short: bool,
}

impl Windows {
    /// Those of logs that grow.
    pub(super) fn short() -> Self {
        Self {
            step: 0,
            are_short: true,
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Which of [`STEPS`] a window is long.
    step: usize,
    /// Whether windows become no longer than [`SHORT`].
    is_short: bool,
    entities: Vec<Entity>,
    /// Places in `entities`, by kind and name.
    index: HashTable<u32>,
    hasher: RandomState,
    /// The entities of the last record: the next one is often of the same.
    latest: [Option<u32>; ALL.len()],
    rows: usize,
    span: Option<(i64, i64)>,
    /// How often each kind of records came, where no template tells.
    kinds: HashTable<(u64, u64)>,
    records: u64,
    left_out: u64,
    /// The number of the first record.
    begins: u64,
}

/// Somebody and the windows in which something was done.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) who: Who,
    pub(super) name: Box<str>,
    pub(super) print: u64,
    /// By the number of the window; in order once everything was read.
    pub(super) rows: Vec<(i64, Row)>,
    /// Where the row of each window is, once one came behind a later one.
    places: BTreeMap<i64, usize>,
}

impl Entity {
    /// Where the row of a window is. Times mostly grow, and then the last one is it.
    fn place(&mut self, window: i64) -> usize {
        match self.rows.last() {
            Some((last, _)) if *last == window => return self.rows.len() - 1,
            Some((last, _)) if self.places.is_empty() && *last > window => {
                if let Ok(place) = self.rows.binary_search_by_key(&window, |(own, _)| *own) {
                    return place;
                }
                // Rows that are put between others one by one take the square of the time.
                self.places = self.rows.iter().map(|(own, _)| *own).zip(0..).collect();
            }
            Some(_) => {
                if let Some(place) = self.places.get(&window) {
                    return *place;
                }
            }
            None => {}
        }
        if !self.places.is_empty() {
            self.places.insert(window, self.rows.len());
        }
        self.rows.push((window, Row::default()));
        self.rows.len() - 1
    }

    /// Puts its rows in order.
    fn sort(&mut self) {
        if !self.places.is_empty() {
            self.rows.sort_unstable_by_key(|(window, _)| *window);
            self.places.clear();
        }
    }
}

/// What somebody did in one window.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) records: u64,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    /// Hours of the day in which something was done, a bit each.
    pub(super) hours: u32,
    /// The first record, and the first that let somebody in, with its time.
    first: u64,
    let_in: u64,
    pub(super) let_in_at: i64,
    /// Hours of the day in which somebody was let in, and from which addresses.
    pub(super) door_hours: u32,
    pub(super) doors: Doors,
    /// With which users, addresses, machines and kinds of records.
    pub(super) sets: [Few; KINDS + 1],
}

impl Default for Row {
    fn default() -> Self {
        Self {
            records: 0,
            accepted: 0,
            refused: 0,
            hours: 0,
            first: u64::MAX,
            let_in: u64::MAX,
            let_in_at: i64::MAX,
            door_hours: 0,
            doors: Doors::default(),
            sets: Default::default(),
        }
    }
}

impl Row {
    /// The time and the place of the first record that let somebody in.
    pub(super) fn let_in(&self) -> (i64, u64) {
        (self.let_in_at, self.let_in)
    }

    /// A record to look at: one that let somebody in, where there is one.
    pub(super) fn example(&self) -> u64 {
        if self.let_in == u64::MAX {
            self.first
        } else {
            self.let_in
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.records = self.records.saturating_add(other.records);
        self.accepted = self.accepted.saturating_add(other.accepted);
        self.refused = self.refused.saturating_add(other.refused);
        self.hours |= other.hours;
        self.first = self.first.min(other.first);
        if (other.let_in_at, other.let_in) < (self.let_in_at, self.let_in) {
            (self.let_in_at, self.let_in) = (other.let_in_at, other.let_in);
        }
        self.door_hours |= other.door_hours;
        for (from, first) in other.doors.all() {
            self.doors.insert(*from, *first);
        }
        for (own, others) in self.sets.iter_mut().zip(&other.sets) {
            others.0.iter().for_each(|value| own.insert(*value));
        }
    }
}

/// The lowest fingerprints of the values that were met, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Few(Vec<u64>);

impl Few {
    /// Fewer different values are counted exactly.
    pub(super) const MOST: usize = 32;

    pub(super) fn insert(&mut self, value: u64) {
        if self.0.len() >= Self::MOST && self.0.last().is_some_and(|last| value >= *last) {
            return;
        }
        if let Err(place) = self.0.binary_search(&value) {
            self.0.insert(place, value);
            self.0.truncate(Self::MOST);
        }
    }

    pub(super) fn values(&self) -> &[u64] {
        &self.0
    }

    /// How many different values were met, about.
    pub(super) fn count(&self) -> f64 {
        match self.0.last() {
            Some(last) if self.0.len() >= Self::MOST => {
                (Self::MOST - 1) as f64 / ((*last as f64 + 1.0) / u64::MAX as f64)
            }
            _ => self.0.len() as f64,
        }
    }
}

/// From where somebody was let in: the lowest fingerprints of addresses, in order, each with the time and the place of its
/// first log-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doors(Vec<(u64, (i64, u64))>);

impl Doors {
    fn insert(&mut self, from: u64, first: (i64, u64)) {
        if self.0.len() >= Few::MOST && self.0.last().is_some_and(|(last, _)| from > *last) {
            return;
        }
        match self.0.binary_search_by_key(&from, |(own, _)| *own) {
            Ok(place) => {
                if let Some((_, own)) = self.0.get_mut(place) {
                    *own = first.min(*own);
                }
            }
            Err(place) => {
                self.0.insert(place, (from, first));
                self.0.truncate(Few::MOST);
            }
        }
    }

    pub(super) fn all(&self) -> &[(u64, (i64, u64))] {
        &self.0
    }
}

/// A number for a name, and never 0.
pub(super) fn print(name: &str) -> u64 {
    fingerprint(&[name.as_bytes()]) | 1
}

fn window(time: i64, step: usize) -> i64 {
    time.div_euclid(STEPS.get(step).copied().unwrap_or(86_400))
}

/// Not of the fingerprint: names whose fingerprints are the same can be made.
fn hash(hasher: &RandomState, who: Who, name: &str) -> u64 {
    hasher.hash_one((who as u8, name))
}

impl Activity {
    /// Nothing yet. Windows that became longer for what came before need not be made shorter for what comes then.
    pub(super) fn new(windows: Windows) -> Self {
        Self {
            step: windows.step,
            is_short: windows.are_short,
            ..Self::default()
        }
    }

    /// How long windows are by now.
    pub(super) fn windows_now(&self) -> Windows {
        Windows {
            step: self.step,
            are_short: self.is_short,
        }
    }

    /// The longest window of a batch.
    fn longest(&self) -> i64 {
        if self.is_short { SHORT } else { HOUR }
    }

    /// Counts a record.
    pub(super) fn add(&mut self, deed: &Deed<'_>) {
        if self.records == 0 {
            self.begins = super::collect::place(deed.place).number;
        }
        self.records += 1;
        if deed.kind != 0 && !deed.is_mined {
            self.count_kind(deed.kind, 1);
        }
        let mut met = [0; KINDS + 1];
        for (print_of, name) in met.iter_mut().zip(deed.names) {
            if !name.is_empty() {
                *print_of = print(cut(name, LONGEST));
            }
        }
        if let Some(kind) = met.get_mut(KINDS) {
            *kind = deed.kind;
        }
        let window = window(deed.time, self.step);
        let hour = deed.time.rem_euclid(86_400) / 3_600;
        for (own, (who, name)) in ALL.into_iter().zip(deed.names).enumerate() {
            if name.is_empty() {
                continue;
            }
            let print = met.get(own).copied().unwrap_or_default();
            let place = self.entity(who, cut(name, LONGEST), print);
            let Some(row) = self.row(place, window) else { continue };
            row.records += 1;
            row.hours |= 1 << hour;
            row.first = row.first.min(deed.place);
            match deed.outcome {
                Some(LogInOutcome::Accepted) => {
                    row.accepted += 1;
                    if (deed.time, deed.place) < (row.let_in_at, row.let_in) {
                        (row.let_in_at, row.let_in) = (deed.time, deed.place);
                    }
                    row.door_hours |= 1 << hour;
                    if let Some(from) = met.get(Who::Address as usize).filter(|from| **from != 0) {
                        row.doors.insert(*from, (deed.time, deed.place));
                    }
                }
                Some(LogInOutcome::Refused) => row.refused += 1,
                None => {}
            }
            for (other, (set, value)) in row.sets.iter_mut().zip(met).enumerate() {
                if other != own && value != 0 {
                    set.insert(value);
                }
            }
        }
        self.span = join(self.span, Some((deed.time, deed.time)));
        if self.rows > MOST_OF_BATCH {
            self.lengthen(MOST_OF_BATCH, self.longest());
        }
    }

    fn entity(&mut self, who: Who, name: &str, print: u64) -> u32 {
        let Self {
            entities,
            index,
            hasher,
            latest,
            ..
        } = self;
        let is_it = |place: u32| {
            let entity = entities.get(place as usize);
            entity.is_some_and(|own| own.who == who && own.print == print && *own.name == *name)
        };
        let latest = latest.get_mut(who as usize);
        if let Some(Some(place)) = &latest
            && is_it(*place)
        {
            return *place;
        }
        let hashed = hash(hasher, who, name);
        let place = match index.find(hashed, |place| is_it(*place)) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(entities.len()).unwrap_or(u32::MAX);
                entities.push(Entity {
                    who,
                    name: name.into(),
                    print,
                    rows: Vec::new(),
                    places: BTreeMap::new(),
                });
                index.insert_unique(hashed, place, |place| {
                    entities
                        .get(*place as usize)
                        .map_or(0, |own| hash(hasher, own.who, &own.name))
                });
                place
            }
        };
        if let Some(latest) = latest {
            *latest = Some(place);
        }
        place
    }

    fn row(&mut self, entity: u32, window: i64) -> Option<&mut Row> {
        let entity = self.entities.get_mut(entity as usize)?;
        let before = entity.rows.len();
        let place = entity.place(window);
        self.rows += entity.rows.len() - before;
        entity.rows.get_mut(place).map(|(_, row)| row)
    }

    fn count_kind(&mut self, kind: u64, count: u64) {
        let is_full = self.kinds.len() >= MOST_KINDS;
        match self.kinds.find_mut(kind, |(own, _)| *own == kind) {
            Some((_, own)) => *own = own.saturating_add(count),
            None if is_full => {}
            None => {
                self.kinds.insert_unique(kind, (kind, count), |(kind, _)| *kind);
            }
        }
    }

    /// Adds what comes behind it.
    pub(super) fn merge(&mut self, mut other: Self) {
        while other.step < self.step {
            other.double();
        }
        while self.step < other.step {
            self.double();
        }
        self.records = self.records.saturating_add(other.records);
        self.left_out = self.left_out.saturating_add(other.left_out);
        self.span = join(self.span, other.span);
        let mut kinds: Vec<(u64, u64)> = other.kinds.into_iter().collect();
        kinds.sort_unstable();
        kinds.into_iter().for_each(|(kind, count)| self.count_kind(kind, count));
        for entity in other.entities {
            let place = self.entity(entity.who, &entity.name, entity.print);
            for (window, row) in entity.rows {
                if let Some(own) = self.row(place, window) {
                    if own.records == 0 {
                        *own = row;
                    } else {
                        own.merge(&row);
                    }
                }
            }
        }
        if self.rows > MOST {
            self.lengthen(MOST, DAY);
            if self.rows > MOST {
                self.thin(MOST / 4 * 3, 3);
            }
        }
    }

    /// Makes windows longer until rows are few enough, as long as many windows are left.
    fn lengthen(&mut self, most: usize, longest: i64) {
        let may = |step: usize| STEPS.get(step + 1).is_some_and(|next| *next <= longest);
        while self.rows > most && may(self.step) && self.windows(self.step) > FEWEST_WINDOWS {
            self.double();
        }
    }

    /// Windows from the first record to the last.
    fn windows(&self, step: usize) -> i64 {
        self.span.map_or(0, |(first, last)| {
            window(last, step).saturating_sub(window(first, step))
        })
    }

    /// The next longer windows.
    fn double(&mut self) {
        let Some(longer) = STEPS.get(self.step + 1) else { return };
        let factor = longer / STEPS.get(self.step).copied().unwrap_or(*longer).max(1);
        self.step += 1;
        self.rows = 0;
        for entity in &mut self.entities {
            entity.sort();
            let mut rows: Vec<(i64, Row)> = Vec::new();
            for (window, row) in std::mem::take(&mut entity.rows) {
                let window = window.div_euclid(factor);
                match rows.last_mut().filter(|(last, _)| *last == window) {
                    Some((_, last)) => last.merge(&row),
                    None => rows.push((window, row)),
                }
            }
            self.rows += rows.len();
            entity.rows = rows;
        }
    }

    /// Leaves out the rows with the fewest records until there are few enough: first of addresses that nobody was let in
    /// from, which come from everywhere, then of all where nobody was, then of all.
    fn thin(&mut self, most: usize, passes: u8) {
        self.entities.iter_mut().for_each(Entity::sort);
        for pass in 0..passes {
            let mut least = 2;
            while self.rows > most && least < 1 << 20 {
                let mut gone = 0;
                for entity in &mut self.entities {
                    let before = entity.rows.len();
                    let is_address = entity.who == Who::Address;
                    entity.rows.retain(|(_, row)| {
                        let may_go = match pass {
                            0 => is_address && row.accepted == 0,
                            1 => row.accepted == 0,
                            _ => true,
                        };
                        !may_go || row.records >= least
                    });
                    gone += before - entity.rows.len();
                }
                self.rows -= gone;
                self.left_out = self.left_out.saturating_add(gone as u64);
                least *= 2;
            }
        }
        self.forget_idle();
    }

    /// A batch is whole: it carries no more than the collector, which all of them go through, has time for.
    pub(super) fn pack(&mut self) {
        // Of short logs everything is kept.
        let most = if self.begins < EARLY { OF_EARLY_BATCH } else { OF_BATCH };
        if self.rows > most {
            self.lengthen(most, self.longest());
            self.thin(most, 2);
        }
    }

    /// Forgets entities without rows.
    fn forget_idle(&mut self) {
        self.entities.retain(|entity| !entity.rows.is_empty());
        self.latest = [None; ALL.len()];
        self.index.clear();
        let Self {
            entities,
            index,
            hasher,
            ..
        } = self;
        let hashed = |place: &u32| {
            let own = entities.get(*place as usize);
            own.map_or(0, |own| hash(hasher, own.who, &own.name))
        };
        for place in 0..u32::try_from(entities.len()).unwrap_or(u32::MAX) {
            index.insert_unique(hashed(&place), place, hashed);
        }
    }

    /// Counts the places of its records from `before` on.
    pub(super) fn number_from(&mut self, before: u64) {
        let later = |place: &mut u64| {
            if *place != u64::MAX {
                *place = place.saturating_add(before);
            }
        };
        for (_, row) in self.entities.iter_mut().flat_map(|entity| &mut entity.rows) {
            later(&mut row.first);
            later(&mut row.let_in);
            row.doors.0.iter_mut().for_each(|(_, (_, place))| later(place));
        }
    }

    /// Everything was read: windows become as long as the time is worth that was seen.
    pub(super) fn settle(&mut self) {
        while STEPS.get(self.step + 1).is_some_and(|longer| *longer <= 3_600)
            && self.windows(self.step + 1) >= FEWEST_WINDOWS
        {
            self.double();
        }
        self.entities.iter_mut().for_each(Entity::sort);
    }

    /// Makes windows longer, where that leaves enough of them. Whether it did.
    pub(super) fn coarser(&mut self) -> bool {
        let may = self.step + 1 < STEPS.len() && self.windows(self.step + 1) >= FEWEST_WINDOWS / 2;
        if may {
            self.double();
        }
        may
    }

    /// Somebodies, in the order in which they were met.
    pub(super) fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// How long a window is, in seconds.
    pub(super) fn length(&self) -> i64 {
        STEPS.get(self.step).copied().unwrap_or(86_400)
    }

    /// The first time and the last, in seconds since 1970.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// Records that were counted.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Rows for which there was no room.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How often a kind of records came that no template tells.
    pub(super) fn kind(&self, kind: u64) -> Option<u64> {
        self.kinds.find(kind, |(own, _)| *own == kind).map(|(_, count)| *count)
    }
}

fn join(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
