//! Makes a set. The same indicators in the same order give the same bytes.

use super::key::{self, Kind};
use super::layout::{HEADER, Header, OFFSET_MASK, mark, slot};
use super::record;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Write};
use watchfire_model::{Indicator, ObservableType, Reach, Untrusted};

/// More indicators than one set may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// Takes indicators, and writes them as a set.
///
/// Several indicators about one value that assert the same become one: seen first by the earliest, last by the latest,
/// valid for as long as any of them, with the words of the latest.
#[derive(Debug, Default)]
pub struct SetWriter {
    indicators: Vec<Indicator>,
    by_key: HashMap<Box<[u8]>, u32>,
    most: Option<usize>,
}

impl SetWriter {
    /// More do not go into one set. About 150 bytes of memory each while it is made.
    pub const MOST: usize = 50_000_000;

    /// With room for `most` indicators instead of [`SetWriter::MOST`].
    pub fn with_room_for(most: usize) -> Self {
        Self {
            most: Some(most),
            ..Self::default()
        }
    }

    /// How many there are so far.
    pub fn len(&self) -> usize {
        self.indicators.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.indicators.is_empty()
    }

    /// Adds one.
    ///
    /// # Errors
    /// When there is no room left.
    pub fn add(&mut self, indicator: Indicator) -> Result<(), TooMany> {
        if !record::fits(&indicator) {
            return Ok(());
        }
        let mut identity = vec![indicator.reach as u8, indicator.towards as u8];
        let mut key = Vec::with_capacity(40);
        key::of_indicator(parts(&indicator), &mut key, &mut |_, key| identity.extend(key));
        if identity.len() == 2 {
            identity.extend(indicator.observable.raw().as_bytes());
        }
        let known = self.by_key.get(identity.as_slice()).copied();
        if let Some(known) = known.and_then(|at| self.indicators.get_mut(at as usize)) {
            merge(known, indicator);
            return Ok(());
        }
        let at = u32::try_from(self.indicators.len()).map_err(|_| TooMany)?;
        if self.indicators.len() >= self.most.unwrap_or(Self::MOST) {
            return Err(TooMany);
        }
        self.by_key.insert(identity.into_boxed_slice(), at);
        self.indicators.push(indicator);
        Ok(())
    }

    /// Writes the set.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        let Self { indicators, by_key, .. } = self;
        drop(by_key);
        let mut labels = Labels::default();
        let mut records = Vec::with_capacity(indicators.len() * 32);
        let mut places = Vec::with_capacity(indicators.len());
        for indicator in &indicators {
            places.push(records.len() as u64);
            record::push(indicator, labels.number(&indicator.threat), &mut records);
        }
        let mut header = Header {
            seed: seed(&records),
            indicators: u32::try_from(indicators.len()).unwrap_or(u32::MAX),
            ..Header::default()
        };
        let table = table(&mut header, &indicators, &places);
        let (v4, v6) = networks(&mut header, &indicators, &places);
        header.labels = labels.count();
        let labels = labels.bytes();
        let fixed = HEADER + table.len() * 8 + v4.len() + v6.len() + labels.len();
        header.records_at = fixed as u64;
        header.end = (fixed + records.len()) as u64;
        out.write_all(&header.bytes())?;
        for slots in table.chunks(8192) {
            let bytes: Vec<u8> = slots.iter().flat_map(|slot| slot.to_le_bytes()).collect();
            out.write_all(&bytes)?;
        }
        for section in [&v4, &v6, &labels, &records] {
            out.write_all(section)?;
        }
        Ok(())
    }
}

/// The key of the hash, which nobody knows who does not know all indicators.
fn seed(records: &[u8]) -> [u64; 2] {
    let digest = Sha256::digest(records);
    let number = |at: usize| {
        let bytes = digest.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    [number(0), number(8)]
}

/// What the two together say.
fn merge(known: &mut Indicator, other: Indicator) {
    let newer = other.last_seen.max(other.first_seen) > known.last_seen.max(known.first_seen);
    known.first_seen = match (known.first_seen, other.first_seen) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    };
    known.last_seen = known.last_seen.max(other.last_seen);
    known.confidence = known.confidence.max(other.confidence);
    known.valid_until = match (known.valid_until, other.valid_until) {
        (Some(one), Some(two)) => Some(one.max(two)),
        // One of them holds for ever.
        _ => None,
    };
    if (newer && !other.threat.is_empty()) || known.threat.is_empty() {
        known.threat = other.threat;
    }
    if (newer && !other.reference.is_empty()) || known.reference.is_empty() {
        known.reference = other.reference;
    }
}

/// What an indicator is filed by.
fn parts(indicator: &Indicator) -> (ObservableType, &str, Reach) {
    let observable = &indicator.observable;
    (observable.kind(), observable.raw(), indicator.reach)
}

fn table(header: &mut Header, indicators: &[Indicator], places: &[u64]) -> Vec<u64> {
    let mut keys: Vec<(u64, u64)> = Vec::with_capacity(indicators.len());
    let mut key = Vec::with_capacity(40);
    for (indicator, place) in indicators.iter().zip(places) {
        key::of_indicator(parts(indicator), &mut key, &mut |kind, key| {
            header.present |= kind.bit();
            keys.push((header.hash(key), *place));
        });
    }
    if keys.is_empty() {
        return Vec::new();
    }
    // A quarter stays empty, so that a search in vain ends soon.
    let slots = u32::try_from(keys.len() + keys.len() / 3 + 1).unwrap_or(u32::MAX);
    header.slots = slots;
    let mut table = vec![0u64; slots as usize];
    for (hash, place) in keys {
        let mut at = slot(hash, slots.into()) as usize;
        while table.get(at).is_some_and(|slot| *slot != 0) {
            at = if at + 1 == table.len() { 0 } else { at + 1 };
        }
        if let Some(slot) = table.get_mut(at) {
            *slot = mark(hash) << super::layout::OFFSET_BITS | ((place + 1) & OFFSET_MASK);
        }
    }
    table
}

/// The networks of either kind in order, each with the one around it.
fn networks(header: &mut Header, indicators: &[Indicator], places: &[u64]) -> (Vec<u8>, Vec<u8>) {
    let mut all = [Vec::new(), Vec::new()];
    for (indicator, place) in indicators.iter().zip(places) {
        if indicator.reach != Reach::Network {
            continue;
        }
        let Some((first, last)) = key::ends(indicator.observable.raw()) else {
            continue;
        };
        header.present |= Kind::Networks.bit();
        let [v4, v6] = &mut all;
        if first.is_ipv4() { v4 } else { v6 }.push((key::number(first), key::number(last), *place));
    }
    let [v4, v6] = all;
    let (v4, v4_count) = nested(v4, 4);
    let (v6, v6_count) = nested(v6, 16);
    header.v4 = v4_count;
    header.v6 = v6_count;
    (v4, v6)
}

fn nested(mut networks: Vec<(u128, u128, u64)>, width: usize) -> (Vec<u8>, u32) {
    networks.sort_by(|a, b| (a.0, b.1, a.2).cmp(&(b.0, a.1, b.2)));
    let mut bytes = Vec::with_capacity(networks.len() * 44);
    // The networks around the current one, the widest first: their last address and their number from one.
    let mut around: Vec<(u128, u32)> = Vec::new();
    for (number, (first, last, place)) in (1u32..).zip(&networks) {
        while around.last().is_some_and(|(end, _)| end < first) {
            around.pop();
        }
        bytes.extend(first.to_le_bytes().iter().take(width));
        bytes.extend(last.to_le_bytes().iter().take(width));
        bytes.extend(around.last().map_or(0, |(_, number)| *number).to_le_bytes());
        bytes.extend(place.to_le_bytes());
        around.push((*last, number));
    }
    (bytes, u32::try_from(networks.len()).unwrap_or(u32::MAX))
}

/// Threats, each once. Number 0 is the empty one.
#[derive(Default)]
struct Labels {
    numbers: HashMap<Box<str>, u32>,
    ends: Vec<u32>,
    text: Vec<u8>,
}

impl Labels {
    /// Labels beyond this much text are left out. Bytes.
    const MOST: usize = 1 << 30;

    fn number(&mut self, label: &Untrusted) -> u32 {
        let label = label.raw();
        if label.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(label) {
            return *number;
        }
        let (Ok(number), Ok(end)) = (
            u32::try_from(self.ends.len() + 1),
            u32::try_from(self.text.len() + label.len()),
        ) else {
            return 0;
        };
        if end as usize > Self::MOST {
            return 0;
        }
        self.text.extend(label.as_bytes());
        self.ends.push(end);
        self.numbers.insert(label.into(), number);
        number
    }

    fn count(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    fn bytes(self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.ends.iter().flat_map(|end| end.to_le_bytes()).collect();
        bytes.extend(self.text);
        bytes
    }
}
