//! How values and levels are written one behind the other (`Encodings.md` of the specification).
//!
//! Each is read value by value: a run of two thousand million values takes five bytes of a page, and no memory here. Readers
//! hold places in the page, which is handed to them with every call. `None` is the end of the page, or damage.

use super::footer::{Meaning, Physical};
use super::json::{self, Value};
use super::thrift::varint;
use crate::bytes::{array, le32, place};

/// Numbers of a fixed width in groups of eight, and runs of the same one.
#[derive(Clone, Debug)]
pub(super) struct Hybrid {
    at: usize,
    end: usize,
    width: usize,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    Same { left: u64, value: u32 },
    Packed { left: u64, bit: usize },
}

impl Hybrid {
    /// From `at` to `end`, numbers of `width` bits; none, where no number is as wide.
    pub(super) fn new(at: usize, end: usize, width: usize) -> Option<Self> {
        (width <= 32).then_some(Self {
            at,
            end,
            width,
            run: Run::Same { left: 0, value: 0 },
        })
    }

    #[inline]
    pub(super) fn next(&mut self, page: &[u8]) -> Option<u32> {
        loop {
            match &mut self.run {
                Run::Same { left, value } if *left > 0 => {
                    *left -= 1;
                    return Some(*value);
                }
                Run::Packed { left, bit } if *left > 0 => {
                    *left -= 1;
                    let value = bits(page, *bit, self.width)?;
                    *bit = bit.saturating_add(self.width);
                    return u32::try_from(value).ok();
                }
                _ => self.run = self.next_run(page)?,
            }
        }
    }

    #[cold]
    fn next_run(&mut self, page: &[u8]) -> Option<Run> {
        let mut rest = page.get(self.at..self.end)?;
        let before = rest.len();
        let head = varint(&mut rest)?;
        let from = self.at.saturating_add(before - rest.len());
        if head & 1 == 0 {
            let bytes = self.width.div_ceil(8);
            let value = rest.get(..bytes)?;
            let value = value.iter().rev().fold(0, |all: u32, &byte| all << 8 | u32::from(byte));
            self.at = from.saturating_add(bytes);
            return Some(Run::Same { left: head >> 1, value });
        }
        let groups = usize::try_from(head >> 1).ok()?;
        self.at = from.saturating_add(groups.saturating_mul(self.width)).min(self.end);
        let bit = from.checked_mul(8)?;
        Some(Run::Packed {
            left: (head >> 1).saturating_mul(8),
            bit,
        })
    }
}

/// A number of `width` bits, the lowest first; 64 at most. What is behind the end of the page is nought, but not all of it.
#[inline]
fn bits(page: &[u8], bit: usize, width: usize) -> Option<u64> {
    if width == 0 {
        return Some(0);
    }
    let (at, shift) = (bit / 8, bit % 8);
    let mask = u64::MAX >> (64_usize.saturating_sub(width).min(63));
    if width <= 56
        && let Some(eight) = array::<8>(page, at)
    {
        return Some(u64::from_le_bytes(eight) >> shift & mask);
    }
    let rest = page.get(at..).filter(|rest| !rest.is_empty())?;
    let all = rest
        .iter()
        .take(9)
        .rev()
        .fold(0, |all: u128, &byte| all << 8 | u128::from(byte));
    u64::try_from(all >> shift & u128::from(mask)).ok()
}

/// Numbers as differences from the one before, in blocks (`DELTA_BINARY_PACKED`).
#[derive(Clone, Debug)]
pub(super) struct Delta {
    at: usize,
    minis: usize,
    of_mini: usize,
    /// Values that are still to come, and the last one.
    left: u64,
    last: i64,
    is_first: bool,
    least: i64,
    /// Where the widths of this block are, and how many of them were used.
    widths: usize,
    used: usize,
    width: usize,
    bit: usize,
    of_mini_left: usize,
}

impl Delta {
    pub(super) fn new(page: &[u8], at: usize) -> Option<Self> {
        let whole = page.get(at..)?;
        let mut rest = whole;
        let block = usize::try_from(varint(&mut rest)?).ok()?;
        let minis = usize::try_from(varint(&mut rest)?).ok()?;
        let left = varint(&mut rest)?;
        let last = zigzag(&mut rest)?;
        let of_mini = block.checked_div(minis)?;
        if of_mini == 0 || of_mini % 8 != 0 || of_mini > 1 << 30 {
            return None;
        }
        Some(Self {
            at: at.saturating_add(whole.len() - rest.len()),
            minis,
            of_mini,
            left,
            last,
            is_first: true,
            least: 0,
            widths: 0,
            used: minis,
            width: 0,
            bit: 0,
            of_mini_left: 0,
        })
    }

    pub(super) fn next(&mut self, page: &[u8]) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        if std::mem::take(&mut self.is_first) {
            return Some(self.last);
        }
        if self.of_mini_left == 0 {
            self.next_mini(page)?;
        }
        self.of_mini_left -= 1;
        let more = bits(page, self.bit, self.width)?;
        self.bit = self.bit.saturating_add(self.width);
        self.last = self.last.wrapping_add(self.least).wrapping_add(more.cast_signed());
        Some(self.last)
    }

    fn next_mini(&mut self, page: &[u8]) -> Option<()> {
        if self.used == self.minis {
            let whole = page.get(self.at..)?;
            let mut rest = whole;
            self.least = zigzag(&mut rest)?;
            self.widths = self.at.saturating_add(whole.len() - rest.len());
            self.at = self.widths.checked_add(self.minis).filter(|at| *at <= page.len())?;
            self.used = 0;
        }
        self.width = usize::from(*page.get(self.widths.saturating_add(self.used))?);
        if self.width > 64 {
            return None;
        }
        self.used += 1;
        self.bit = self.at.checked_mul(8)?;
        self.at = self.at.checked_add(self.of_mini.checked_mul(self.width)? / 8)?;
        self.of_mini_left = self.of_mini;
        Some(())
    }

    /// Where what follows the last number begins. Every step takes a byte of the page at least.
    fn end(&self, page: &[u8]) -> Option<usize> {
        let mut walker = self.clone();
        let mut left = walker.left.saturating_sub(1);
        while left > 0 {
            walker.next_mini(page)?;
            left = left.saturating_sub(walker.of_mini as u64);
        }
        Some(walker.at)
    }
}

fn zigzag(rest: &mut &[u8]) -> Option<i64> {
    let value = varint(rest)?;
    Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

/// The values of a page, written in one of the ways that there are.
#[derive(Clone, Debug)]
pub(super) enum Values {
    Plain {
        at: usize,
    },
    Bits {
        bit: usize,
    },
    Runs(Hybrid),
    Dictionary(Hybrid),
    Delta(Delta),
    DeltaLengths {
        lengths: Delta,
        at: usize,
    },
    DeltaTexts {
        prefixes: Delta,
        lengths: Delta,
        at: usize,
        last: Vec<u8>,
    },
    Split {
        at: usize,
        each: usize,
    },
}

impl Values {
    /// The values from `at` on, in the encoding of that number.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(super) fn new(encoding: i64, physical: Physical, page: &[u8], at: usize) -> Result<Self, &'static str> {
        const DAMAGED: &str = "its values do not begin as they should";
        if at >= page.len() {
            // All of them are missing.
            return Ok(Self::Plain { at });
        }
        let values = match (encoding, physical) {
            (0, Physical::Boolean) => at.checked_mul(8).map(|bit| Self::Bits { bit }),
            (0, _) => Some(Self::Plain { at }),
            (2 | 8, _) => page
                .get(at)
                .and_then(|&width| Hybrid::new(at.saturating_add(1), page.len(), usize::from(width)))
                .map(Self::Dictionary),
            (3, Physical::Boolean) => {
                let from = at.saturating_add(4);
                let length = le32(page, at).map(place);
                let end = length.map(|length| from.saturating_add(length).min(page.len()));
                end.and_then(|end| Hybrid::new(from, end, 1)).map(Self::Runs)
            }
            (5, Physical::Int32 | Physical::Int64) => Delta::new(page, at).map(Self::Delta),
            (6, Physical::Bytes) => Self::lengths(page, at),
            (7, Physical::Bytes | Physical::Fixed(_)) => Self::texts(page, at),
            (9, _) => width_of(physical).map(|width| Self::Split {
                at,
                each: page.len().saturating_sub(at).checked_div(width).unwrap_or_default(),
            }),
            (4, _) => return Err("its values are in the encoding BIT_PACKED, which is out of use and not read"),
            _ => return Err("its values are in an encoding that does not belong to their type"),
        };
        values.ok_or(DAMAGED)
    }

    fn lengths(page: &[u8], at: usize) -> Option<Self> {
        let lengths = Delta::new(page, at)?;
        let at = lengths.end(page)?;
        Some(Self::DeltaLengths { lengths, at })
    }

    fn texts(page: &[u8], at: usize) -> Option<Self> {
        let prefixes = Delta::new(page, at)?;
        let lengths = Delta::new(page, prefixes.end(page)?)?;
        let at = lengths.end(page)?;
        Some(Self::DeltaTexts {
            prefixes,
            lengths,
            at,
            last: Vec::new(),
        })
    }

    /// Writes the next value as JSON.
    #[inline]
    pub(super) fn write(
        &mut self,
        page: &[u8],
        (physical, meaning): (Physical, Meaning),
        dictionary: &Dictionary,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        if let Self::Dictionary(numbers) = self {
            let number = numbers.next(page)?;
            out.extend_from_slice(dictionary.text(place(number))?);
            return Some(());
        }
        self.read(page, physical, |value| json::value(out, value, meaning))
    }

    fn read(&mut self, page: &[u8], physical: Physical, take: impl FnOnce(Value<'_>)) -> Option<()> {
        let value = match self {
            Self::Plain { at } => plain(page, physical, at)?,
            Self::Bits { bit } => {
                let value = bits(page, *bit, 1)?;
                *bit += 1;
                Value::Boolean(value == 1)
            }
            Self::Runs(runs) => Value::Boolean(runs.next(page)? == 1),
            Self::Delta(numbers) if physical == Physical::Int32 => {
                let [a, b, c, d, ..] = numbers.next(page)?.to_le_bytes();
                Value::Int32(i32::from_le_bytes([a, b, c, d]))
            }
            Self::Delta(numbers) => Value::Int64(numbers.next(page)?),
            Self::DeltaLengths { lengths, at } => {
                let length = usize::try_from(lengths.next(page)?).ok()?;
                Value::Bytes(taken(page, at, length)?)
            }
            Self::DeltaTexts {
                prefixes,
                lengths,
                at,
                last,
            } => {
                let same = usize::try_from(prefixes.next(page)?).ok()?;
                let length = usize::try_from(lengths.next(page)?).ok()?;
                if same > last.len() {
                    return None;
                }
                last.truncate(same);
                last.extend_from_slice(taken(page, at, length)?);
                Value::Bytes(last)
            }
            Self::Split { at, each } => {
                let width = width_of(physical)?;
                let mut joined = Vec::with_capacity(width);
                for stream in 0..width {
                    joined.push(*page.get(stream.checked_mul(*each)?.checked_add(*at)?)?);
                }
                *at += 1;
                return plain(&joined, physical, &mut 0).map(take);
            }
            Self::Dictionary(_) => return None,
        };
        take(value);
        Some(())
    }
}

/// Bytes of a value, where all have as many.
fn width_of(physical: Physical) -> Option<usize> {
    match physical {
        Physical::Int32 | Physical::Float => Some(4),
        Physical::Int64 | Physical::Double => Some(8),
        // No value is as long as a page.
        Physical::Fixed(length) if length <= 1 << 20 => Some(length),
        _ => None,
    }
}

fn taken<'p>(page: &'p [u8], at: &mut usize, length: usize) -> Option<&'p [u8]> {
    let end = at.checked_add(length)?;
    let bytes = page.get(*at..end)?;
    *at = end;
    Some(bytes)
}

fn fixed<const N: usize>(page: &[u8], at: &mut usize) -> Option<[u8; N]> {
    let bytes = array(page, *at)?;
    *at += N;
    Some(bytes)
}

fn plain<'p>(page: &'p [u8], physical: Physical, at: &mut usize) -> Option<Value<'p>> {
    Some(match physical {
        Physical::Boolean => return None,
        Physical::Int32 => Value::Int32(i32::from_le_bytes(fixed(page, at)?)),
        Physical::Int64 => Value::Int64(i64::from_le_bytes(fixed(page, at)?)),
        Physical::Int96 => Value::Int96(fixed(page, at)?),
        Physical::Float => Value::Float(f32::from_le_bytes(fixed(page, at)?)),
        Physical::Double => Value::Double(f64::from_le_bytes(fixed(page, at)?)),
        Physical::Bytes => {
            let length = place(u32::from_le_bytes(fixed(page, at)?));
            Value::Bytes(taken(page, at, length)?)
        }
        Physical::Fixed(length) => Value::Bytes(taken(page, at, length)?),
    })
}

/// Values that others refer to by their numbers, as JSON: what comes often is written once.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Dictionary {
    /// Reads `count` values, as far as they are there and take no more than `most` bytes.
    pub(super) fn new(page: &[u8], kind: (Physical, Meaning), count: usize, most: usize) -> Self {
        let mut dictionary = Self::default();
        let mut at = 0;
        // A value takes a byte at least; one that takes none is there once.
        for _ in 0..count.min(page.len().saturating_add(1)) {
            let Some(value) = plain(page, kind.0, &mut at) else {
                break;
            };
            json::value(&mut dictionary.text, value, kind.1);
            if dictionary.text.len() > most {
                break;
            }
            dictionary.ends.push(dictionary.text.len());
        }
        dictionary
    }

    #[inline]
    fn text(&self, number: usize) -> Option<&[u8]> {
        let end = *self.ends.get(number)?;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// Bytes that it takes.
    pub(super) fn held(&self) -> usize {
        self.text
            .capacity()
            .saturating_add(self.ends.capacity().saturating_mul(size_of::<usize>()))
    }
}
