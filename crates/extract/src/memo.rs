//! Words that were read before need not be read again.
//!
//! Real text repeats itself: hosts, addresses, user agents and whole lines. Once a word has been seen twice, what was
//! found in it is kept, and a third occurrence costs one look-up. This is exact, not a guess: the bytes of the word are
//! compared, and only words are kept whose reading did not look beyond their neighbours. Whatever could depend on more
//! (a keyword in front, a disguised dot behind) is checked anew or read in full. A test holds results with and without
//! the memory equal.
//!
//! Look-ups of a page's words are made together, step by step ([`Memo::begin`], [`Memo::approach`], [`Memo::recall`]),
//! so that the processor waits for memory once, not once for each. A known word is counted where it is kept; what that
//! means for what was found in it is added up at the end ([`Memo::settle`]).

use crate::keyword;
use crate::masks::prefetch;
use crate::table::Tally;
use crate::text::{ALNUM, BLANK, BRACKET, Text, is};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// Slots of the index at first, and at most; powers of two.
const FIRST_SLOTS: usize = 1 << 14;
const MOST_SLOTS: usize = 1 << 20;
/// Words kept before the memory starts afresh.
const MOST_WORDS: usize = MOST_SLOTS / 2;
/// Bytes kept.
const MOST_BYTES: usize = 48 << 20;
/// Longer words are read each time.
const LONGEST: usize = 512;
/// Places for the marks of words that were seen once, each for the last few of them; a power of two.
const SEEN: usize = 1 << 18;
/// Slots that are tried for a word.
const PROBES: usize = 4;
/// Bytes of a record before its findings: how often the word was met, the length of the key, what words in front said,
/// the number of findings, and whether those words matter.
const HEAD: usize = 10;
/// Bytes of a finding: entry number, and start within the word.
const FINDING: usize = 6;

/// Records begin at multiples of this.
const ALIGNMENT: usize = 8;

/// One more than the place of a record, in [`ALIGNMENT`]s, below some bits of its word's hash; 0 for an empty slot.
/// Small, since a look-up waits for little else.
#[derive(Clone, Copy, Default)]
struct Slot(u32);

impl Slot {
    const PLACE: u32 = (MOST_BYTES / ALIGNMENT).next_power_of_two() as u32 - 1;

    fn new(at: usize, hash: u64) -> Self {
        Self(((at / ALIGNMENT) as u32 + 1) | Self::tag(hash))
    }

    #[inline]
    fn tag(hash: u64) -> u32 {
        (hash >> 32) as u32 & !Self::PLACE
    }

    /// Where the record stands, if it may be that of a word with this hash.
    #[inline]
    fn at(self, hash: u64) -> Option<usize> {
        let place = (self.0 & Self::PLACE) as usize;
        (self.0 & !Self::PLACE == Self::tag(hash)).then(|| place.wrapping_sub(1) * ALIGNMENT)
    }
}

/// What a record says before its findings.
struct Head {
    at: usize,
    times: u32,
    /// Bytes of its key.
    length: usize,
    /// What the words in front said, if that mattered.
    context: Option<u16>,
    findings: usize,
}

impl Head {
    /// That of the record at `at`.
    #[inline]
    fn at(records: &[u8], at: usize) -> Option<Self> {
        let (times, rest) = records.get(at..)?.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (context, rest) = rest.split_first_chunk()?;
        let [findings, keyword] = rest.first_chunk()?;
        Some(Self {
            at,
            times: u32::from_le_bytes(*times),
            length: usize::from(u16::from_le_bytes(*length)),
            context: (*keyword != 0).then_some(u16::from_le_bytes(*context)),
            findings: usize::from(*findings),
        })
    }

    #[inline]
    fn key<'r>(&self, records: &'r [u8]) -> Option<&'r [u8]> {
        let from = self.at + HEAD + self.findings * FINDING;
        records.get(from..from + self.length)
    }

    /// Where the next record begins.
    fn next(&self) -> usize {
        (self.at + HEAD + self.findings * FINDING + self.length).next_multiple_of(ALIGNMENT)
    }
}

/// The heads of all records.
fn heads(records: &[u8]) -> impl Iterator<Item = Head> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let head = Head::at(records, at)?;
        at = head.next();
        Some(head)
    })
}

/// A word whose look-up goes on.
#[derive(Clone, Copy)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    hash: u64,
    /// How many slots behind its first one the first stands that may be its own.
    probe: usize,
    looked_up: bool,
}

/// A look-up's result.
pub(crate) enum Recall {
    /// The word is known.
    Known(Record),
    /// Read it, and [`Memo::keep`] it if nothing beyond its neighbours mattered.
    Keep,
    /// Read it.
    Read,
}

/// Where a word's record stands.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    at: usize,
    findings: usize,
}

/// Marks of words that were seen once, which several scanners of one text may share. A mark that is lost when two write
/// at once costs one more reading.
#[derive(Clone)]
pub(crate) struct Seen(Arc<[AtomicU32]>);

impl Default for Seen {
    fn default() -> Self {
        Self((0..SEEN).map(|_| AtomicU32::new(0)).collect())
    }
}

impl Seen {
    /// Whether the word was seen before. It is now.
    #[inline]
    fn again(&self, hash: u64) -> bool {
        let (place, mark) = mark(hash);
        self.0.get(place).is_some_and(|marks| {
            let before = marks.load(Relaxed);
            let again = before.to_ne_bytes().contains(&mark);
            if !again {
                marks.store(before << 8 | u32::from(mark), Relaxed);
            }
            again
        })
    }
}

/// Records that other scanners of the same text may learn.
pub(crate) struct News(Box<[u8]>);

pub(crate) struct Memo {
    index: Vec<Slot>,
    words: usize,
    records: Vec<u8>,
    /// How much of `records` the others know.
    told: usize,
    seen: Seen,
}

impl Memo {
    pub(crate) fn new(seen: Seen) -> Self {
        Self {
            // A look-up that begins at the last slot goes on behind it.
            index: vec![Slot::default(); FIRST_SLOTS + PROBES],
            words: 0,
            records: Vec::new(),
            told: 0,
            seen,
        }
    }

    /// Begins the look-up of the word `start..end`: asks for its slot.
    #[inline(always)]
    pub(crate) fn begin(&self, text: Text<'_>, start: usize, end: usize) -> Word {
        let looked_up = end - start <= LONGEST && start > 0 && end < text.len() && stands_alone(text, start, end);
        let mut hash = 0;
        if looked_up {
            hash = digest(key(text, start, end));
            prefetch(&self.index, self.place(hash));
        }
        Word {
            start,
            end,
            hash,
            probe: 0,
            looked_up,
        }
    }

    /// The first slot of a word. There are as many as a power of two says, and a few behind the last.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        hash as usize & (self.index.len() - PROBES - 1)
    }

    /// Goes on with a look-up: finds the slot, asks for the record.
    #[inline(always)]
    pub(crate) fn approach(&self, word: &mut Word) {
        if !word.looked_up {
            return;
        }
        match self.slot(word.hash, 0) {
            Some((probe, at)) => {
                word.probe = probe;
                prefetch(&self.records, at);
                prefetch(&self.records, at + 64);
            }
            None => prefetch(&self.seen.0, mark(word.hash).0),
        }
    }

    /// The first slot from `probe` on that may be the word's, and where its record stands.
    #[inline(always)]
    fn slot(&self, hash: u64, probe: usize) -> Option<(usize, usize)> {
        let place = self.place(hash);
        let slots = self.index.get(place + probe..place + PROBES)?;
        for (number, slot) in slots.iter().enumerate() {
            if slot.0 == 0 {
                return None;
            }
            if let Some(at) = slot.at(hash) {
                return Some((probe + number, at));
            }
        }
        None
    }

    /// Ends a look-up: what is known about the word.
    #[inline(always)]
    pub(crate) fn recall(&mut self, text: Text<'_>, word: &Word) -> Recall {
        if !word.looked_up {
            return Recall::Read;
        }
        let mut known = false;
        let mut next = word.probe;
        while let Some((probe, at)) = self.slot(word.hash, next) {
            if let Some((record, context)) = self.record(at, key(text, word.start, word.end)) {
                known = true;
                if context.is_none_or(|context| context == keyword::context(text, word.start)) {
                    return Recall::Known(record);
                }
            }
            next = probe + 1;
        }
        if known {
            // Behind other words it was met before.
            return Recall::Keep;
        }
        // Once is no repetition.
        if self.seen.again(word.hash) {
            Recall::Keep
        } else {
            Recall::Read
        }
    }

    /// The record at `at`, if it is that of `key`, and what the words in front said, if that mattered.
    #[inline(always)]
    fn record(&self, at: usize, key: &[u8]) -> Option<(Record, Option<u16>)> {
        let head = Head::at(&self.records, at)?;
        // What was met as often as can be counted is read from now on.
        let known = head.key(&self.records) == Some(key) && head.times < u32::MAX;
        known.then_some((
            Record {
                at,
                findings: head.findings,
            },
            head.context,
        ))
    }

    /// Counts a known word.
    #[inline]
    pub(crate) fn count(&mut self, record: Record) {
        if let Some(times) = self.records.get_mut(record.at..).and_then(<[u8]>::first_chunk_mut) {
            *times = u32::from_le_bytes(*times).saturating_add(1).to_le_bytes();
        }
    }

    /// Entry number and start within the word of each finding of a known word.
    #[inline]
    pub(crate) fn findings(&self, record: Record) -> impl Iterator<Item = (u32, u16)> {
        let from = record.at + HEAD;
        let bytes = self.records.get(from..from + record.findings * FINDING).unwrap_or(&[]);
        bytes
            .as_chunks::<FINDING>()
            .0
            .iter()
            .map(|&[a, b, c, d, e, f]| (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f])))
    }

    /// Keeps what was found in a word.
    pub(crate) fn keep(
        &mut self,
        text: Text<'_>,
        word: &Word,
        found: &[(u32, usize)],
        keyword: bool,
        table: &mut impl Tally,
    ) {
        if self.is_full() {
            self.settle(table);
        }
        let key = key(text, word.start, word.end);
        let (Ok(findings), Ok(length)) = (u8::try_from(found.len()), u16::try_from(key.len())) else {
            return;
        };
        if !self.insert(word.hash) {
            return;
        }
        self.records.extend_from_slice(&[0; size_of::<u32>()]);
        self.records.extend_from_slice(&length.to_le_bytes());
        self.records
            .extend_from_slice(&keyword::context(text, word.start).to_le_bytes());
        self.records.extend_from_slice(&[findings, u8::from(keyword)]);
        for (entry, at) in found {
            self.records.extend_from_slice(&entry.to_le_bytes());
            self.records
                .extend_from_slice(&((at - word.start) as u16).to_le_bytes());
        }
        self.records.extend_from_slice(key);
        self.records.resize(self.records.len().next_multiple_of(ALIGNMENT), 0);
    }

    fn is_full(&self) -> bool {
        self.words >= MOST_WORDS || self.records.len() >= MOST_BYTES
    }

    /// Points a slot at the record that will be written next; false if there is none for it.
    fn insert(&mut self, hash: u64) -> bool {
        if self.words >= self.index.len() / 4 && self.index.len() < MOST_SLOTS {
            self.grow();
        }
        let inserted = self.point(hash, self.records.len());
        self.words += usize::from(inserted);
        inserted
    }

    fn point(&mut self, hash: u64, at: usize) -> bool {
        let place = self.place(hash);
        let slots = self.index.get_mut(place..place + PROBES);
        let Some(free) = slots.and_then(|slots| slots.iter_mut().find(|slot| slot.0 == 0)) else {
            return false;
        };
        *free = Slot::new(at, hash);
        true
    }

    /// Twice as many slots.
    fn grow(&mut self) {
        let slots = 2 * (self.index.len() - PROBES);
        self.index = vec![Slot::default(); slots + PROBES];
        let records = std::mem::take(&mut self.records);
        for head in heads(&records) {
            self.point(head.key(&records).map_or(0, digest), head.at);
        }
        self.records = records;
    }

    /// What was kept since this was asked last, for other scanners of the same text that count into the same table.
    pub(crate) fn news(&mut self) -> Option<News> {
        let news = self.records.get(self.told..).filter(|news| !news.is_empty())?;
        let news = News(news.into());
        self.told = self.records.len();
        Some(news)
    }

    /// Takes in what another scanner knows. Whoever does must have no text before it that is earlier than what that
    /// scanner had then.
    pub(crate) fn learn(&mut self, news: &News) {
        for head in heads(&news.0) {
            let (Some(key), Some(record)) = (head.key(&news.0), news.0.get(head.at..head.next())) else {
                continue;
            };
            let hash = digest(key);
            if self.is_full() || self.knows(hash, key, head.context) || !self.insert(hash) {
                continue;
            }
            let at = self.records.len();
            self.records.extend_from_slice(record);
            if let Some(times) = self.records.get_mut(at..at + size_of::<u32>()) {
                times.fill(0);
            }
        }
        self.told = self.records.len();
    }

    /// Whether a word is known behind words that say `context`.
    fn knows(&self, hash: u64, key: &[u8], context: Option<u16>) -> bool {
        let mut next = 0;
        while let Some((probe, at)) = self.slot(hash, next) {
            if self.record(at, key).is_some_and(|(_, known)| known == context) {
                return true;
            }
            next = probe + 1;
        }
        false
    }

    /// Adds what was counted to `table`, and starts afresh.
    pub(crate) fn settle(&mut self, table: &mut impl Tally) {
        for head in heads(&self.records) {
            let record = Record {
                at: head.at,
                findings: head.findings,
            };
            for (entry, _) in self.findings(record) {
                table.counted(entry, u64::from(head.times));
            }
        }
        self.records.clear();
        self.index.fill(Slot::default());
        (self.words, self.told) = (0, 0);
    }
}

/// The place and the mark of a word that was seen once.
#[inline]
fn mark(hash: u64) -> (usize, u8) {
    ((hash >> 24) as usize % SEEN, (hash >> 56) as u8 | 1)
}

/// A word with the bytes on both sides, which decide about it.
#[inline]
fn key(text: Text<'_>, start: usize, end: usize) -> &[u8] {
    text.slice(start - 1, end + 1)
}

/// A number for a key, from its ends and its middle. Words that differ elsewhere only share a number, and then a few
/// slots; at worst they are read each time.
#[inline]
fn digest(key: &[u8]) -> u64 {
    const MULTIPLIERS: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03, 0xAEF1_7502_108E_F2D9];
    let number = |bytes: Option<&[u8; 8]>| u64::from_le_bytes(*bytes.unwrap_or(&[0; 8]));
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let [first, second, third] = MULTIPLIERS;
    let length = key.len();
    if length < 8 {
        let mut short = [0; 8];
        short.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        return fold(u64::from_le_bytes(short) ^ first, length as u64 ^ second);
    }
    let ends = fold(
        number(key.first_chunk()) ^ first,
        number(key.last_chunk()) ^ second ^ length as u64,
    );
    if length <= 16 {
        return ends;
    }
    let inner = key.get(8..length - 8).unwrap_or(&[]);
    if inner.len() < 8 {
        return fold(ends ^ third, number(key.get(8..).and_then(<[u8]>::first_chunk)) ^ first);
    }
    let middle = inner.get(inner.len() / 2 - 4..).unwrap_or(&[]);
    let inner = fold(
        number(inner.first_chunk()) ^ third,
        number(inner.last_chunk()) ^ number(middle.first_chunk()).rotate_left(29) ^ first,
    );
    fold(ends ^ third, inner ^ second)
}

/// Whether nothing before or behind the word can change what is in it, keywords aside.
#[inline]
fn stands_alone(text: Text<'_>, start: usize, end: usize) -> bool {
    // "name @host", "name [at] host", and quotation marks before them: what is before belongs to them.
    let first = text.at(start);
    if first == b'@' || (is(first, BRACKET) && may_be_at_sign(text, start)) {
        return false;
    }
    if is(text.before(start), BLANK) {
        let from = text.skip_back(start, start.saturating_sub(4), BLANK);
        match text.before(from) {
            b'@' => return false,
            // "user (at) host", "user ( @ ) host"
            b']' | b')' | b'}'
                if matches!(
                    text.before(from - 1),
                    b't' | b'T' | b'a' | b'A' | b'@' | b' ' | b'\t' | b']' | b')' | b'}'
                ) =>
            {
                return false;
            }
            b't' | b'T' if matches!(text.before(from - 1), b'a' | b'A') => return false,
            _ => {}
        }
    }
    if !is(text.at(end), BLANK) {
        // "host<.>tld"
        return text.at(end) != b'<' || text.at(end + 1) != b'.';
    }
    let next = text.skip(end, end + 4, BLANK);
    let after = text.at(next + 1);
    match text.at(next) {
        b'.' | b']' | b')' | b'}' | b'\\' | b'_' | b'@' | b',' | 0xE3 | 0xEF => return false,
        // "host [.] tld", "host (dot) tld", "http [:] //"
        b'[' | b'(' | b'{' if !is(after, ALNUM) || matches!(after, b'd' | b'D' | b'p' | b'P') => return false,
        b':' if !is(after, BLANK) => return false,
        b'/' => return false,
        b'd' | b'D' if text.is_word(next, b"dot") => return false,
        b'p' | b'P' if is(text.before(end), BRACKET) => return false,
        _ => {}
    }
    // "http:// host", "evil [": the word is not over.
    match text.before(end) {
        b'[' | b'(' | b'{' => false,
        b'/' | b'\\' | b'_' => !matches!(text.before(end - 1), b'/' | b'\\' | b'_'),
        // "evil[.] example", "user(at) host", "http[://] host"
        b']' | b')' | b'}' => {
            let inner = text.before(end - 1);
            let behind = |bytes: &[u8]| {
                text.slice(end.saturating_sub(MOST_DISGUISE), end)
                    .iter()
                    .any(|byte| bytes.contains(byte))
            };
            match inner {
                b'/' => !behind(b":"),
                b't' | b'T' | b'd' | b'D' | b'o' | b'O' | b'a' | b'A' => !behind(b"[({"),
                _ => is(inner, ALNUM),
            }
        }
        _ => true,
    }
}

/// Longer than any disguise of a separator in one word.
const MOST_DISGUISE: usize = 16;

/// Whether the brackets at `start` could enclose an at sign.
#[inline]
fn may_be_at_sign(text: Text<'_>, start: usize) -> bool {
    let core = text.skip(start, start + 8, BRACKET);
    let word = [b"at".as_slice(), b"et", b"arroba"];
    !is(text.at(core), ALNUM) || word.iter().any(|word| text.is_word(core, word))
}
