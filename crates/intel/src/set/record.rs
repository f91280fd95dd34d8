//! One indicator in bytes: reach, what it asserts, confidence, times, label, type, reference, value.

use super::backing::Backing;
use super::layout::{Header, Section, push_number, take_number};
use watchfire_model::{Indicator, Moment, Observable, ObservableType, Reach, Untrusted, Verdict};

/// No record is larger: the longest value, the longest reference, and some numbers. Larger ones are not written.
const MOST: usize = 16 << 10;
/// What is read at first. Nearly all records are shorter.
const FIRST: usize = 256;

const REACHES: [Reach; 4] = [Reach::Exact, Reach::Network, Reach::Below, Reach::Prefix];
const VERDICTS: [Verdict; 4] = [
    Verdict::Benign,
    Verdict::Unknown,
    Verdict::Suspicious,
    Verdict::Malicious,
];

/// Appends the record of `indicator`, whose threat is label number `label`.
pub(super) fn push(indicator: &Indicator, label: u32, out: &mut Vec<u8>) {
    let place = |index: Option<usize>| index.and_then(|index| u8::try_from(index).ok()).unwrap_or_default();
    let reach = place(REACHES.iter().position(|reach| *reach == indicator.reach));
    let towards = place(VERDICTS.iter().position(|verdict| *verdict == indicator.towards));
    out.push(reach << 4 | towards);
    out.push(indicator.confidence.map_or(0xff, |percent| percent.min(100)));
    for moment in [indicator.first_seen, indicator.last_seen, indicator.valid_until] {
        // Zero is no time at all.
        let number = moment.map_or(0, |moment| zigzag(moment.unix()).saturating_add(1));
        push_number(number, out);
    }
    push_number(label.into(), out);
    // By name: a number would mean another type as soon as one is added.
    let kind = indicator.observable.kind().name();
    for text in [kind, indicator.reference.raw(), indicator.observable.raw()] {
        push_number(text.len() as u64, out);
        out.extend(text.as_bytes());
    }
}

/// Whether the record of `indicator` can be read back.
pub(super) fn fits(indicator: &Indicator) -> bool {
    indicator.observable.raw().len() + indicator.reference.raw().len() + 64 <= MOST
}

/// A record where it lies: nothing is copied, and its value is not checked yet.
pub(super) struct Record<'r> {
    shape: u8,
    confidence: u8,
    times: [Option<Moment>; 3],
    label: u64,
    pub(super) kind: ObservableType,
    reference: &'r str,
    pub(super) value: &'r str,
    /// The bytes of everything but the value.
    pub(super) said: &'r [u8],
}

/// Hands over the record at `offset` of the records, if there is one.
pub(super) fn with<T>(
    header: &Header,
    backing: &Backing,
    offset: u64,
    each: impl FnOnce(&Record<'_>) -> Option<T>,
) -> Option<T> {
    let start = header.section(Section::Records).checked_add(offset)?;
    let bytes = backing.up_to(start, FIRST)?;
    match Record::parse(&bytes) {
        Some(record) => each(&record),
        None => each(&Record::parse(&backing.up_to(start, MOST)?)?),
    }
}

impl<'r> Record<'r> {
    fn parse(whole: &'r [u8]) -> Option<Self> {
        let (shape, rest) = whole.split_first()?;
        let (confidence, mut bytes) = rest.split_first()?;
        let mut moment = || -> Option<Option<Moment>> {
            let number = take_number(&mut bytes)?;
            Some(number.checked_sub(1).map(|number| Moment::from_unix(unzigzag(number))))
        };
        let times = [moment()?, moment()?, moment()?];
        let label = take_number(&mut bytes)?;
        let kind = ObservableType::from_name(take_text(&mut bytes)?)?;
        let reference = take_text(&mut bytes)?;
        let said = whole.get(..whole.len() - bytes.len())?;
        Some(Self {
            shape: *shape,
            confidence: *confidence,
            times,
            label,
            kind,
            reference,
            value: take_text(&mut bytes)?,
            said,
        })
    }

    pub(super) fn reach(&self) -> Option<Reach> {
        REACHES.get(usize::from(self.shape >> 4)).copied()
    }

    /// The indicator, if its value is one.
    pub(super) fn indicator(&self, header: &Header, backing: &Backing) -> Option<Indicator> {
        let [first_seen, last_seen, valid_until] = self.times;
        Some(Indicator {
            observable: Observable::parse(self.kind, self.value).ok()?,
            reach: self.reach()?,
            towards: *VERDICTS.get(usize::from(self.shape & 0xf))?,
            confidence: Some(self.confidence).filter(|percent| *percent <= 100),
            first_seen,
            last_seen,
            valid_until,
            threat: label_text(header, backing, self.label)?,
            reference: self.reference.into(),
        })
    }
}

/// Labels: where each ends, `u32` for each, then their text. Label 0 is the empty one.
fn label_text(header: &Header, backing: &Backing, label: u64) -> Option<Untrusted> {
    let count = u64::from(header.labels);
    let start = header.section(Section::Labels);
    let end_of = |label: u64| -> Option<u64> {
        let bytes = backing.get(start + label.checked_mul(4)?, 4)?;
        bytes.first_chunk().map(|chunk| u32::from_le_bytes(*chunk).into())
    };
    if label == 0 {
        return Some(Untrusted::default());
    }
    if label > count {
        return None;
    }
    let from = if label == 1 { 0 } else { end_of(label - 2)? };
    let length = end_of(label - 1)?.checked_sub(from)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= MOST)?;
    let bytes = backing.get(start + count * 4 + from, length)?;
    Some(Untrusted::from_bytes(&bytes))
}

fn take_text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

/// Small numbers of either sign become small numbers.
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
