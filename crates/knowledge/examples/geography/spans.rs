//! Builds the tables that `src/packed/spans.rs` searches.

use crate::Result;
use crate::cuts::Cut;
use crate::packed::spans::Shape;
use std::cmp::Reverse;
use std::collections::BTreeMap;

// The same as in the reader, where their meaning is told.
const BLOCK: usize = 16;
const GAP: u8 = 0x80;
const SAME_COUNTRY: u8 = 0x40;
const SAME_NETWORK: u8 = 0x20;
const WRITTEN_OUT: u8 = 0x1F;
const SHORT: usize = 0x80;
const MIDDLE: usize = 0x4000;
/// What three bytes can hold.
const PLAIN: u32 = 1 << 22;

/// The shortest writing of each network's number.
pub(crate) struct Codes {
    ranks: BTreeMap<u32, usize>,
    frequent: Vec<u32>,
}

impl Codes {
    pub(crate) fn new<'c>(cuts: impl Iterator<Item = &'c Cut>) -> Self {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        cuts.for_each(|cut| *counts.entry(cut.network).or_default() += 1);
        let mut numbers: Vec<(u32, u64)> = counts.into_iter().collect();
        // Numbers that three bytes cannot hold need a shorter code.
        numbers.sort_by_key(|(number, count)| (Reverse(*number >= PLAIN && *count > 0), Reverse(*count), *number));
        let large = numbers.iter().filter(|(number, _)| *number >= PLAIN).count();
        // They are few and rare: the most frequent ones come first all the same.
        let usual = numbers.len().min(large + SHORT);
        if let Some(first) = numbers.get_mut(..usual) {
            first.rotate_left(large);
        }
        let frequent: Vec<u32> = numbers.iter().take(SHORT + MIDDLE).map(|(number, _)| *number).collect();
        let ranks = frequent
            .iter()
            .enumerate()
            .map(|(rank, number)| (*number, rank))
            .collect();
        Self { ranks, frequent }
    }

    pub(crate) fn table(&self) -> Vec<u8> {
        self.frequent.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) -> Result<()> {
        match self.ranks.get(&number) {
            Some(rank) if *rank < SHORT => out.push(u8::try_from(*rank)?),
            Some(rank) => {
                let rank = u16::try_from(rank - SHORT)?;
                out.extend((rank | 0x8000).to_be_bytes());
            }
            None if number < PLAIN => out.extend((number | 0xC0_0000).to_be_bytes().into_iter().skip(1)),
            None => return Err(format!("no code is left for AS{number}").into()),
        }
        Ok(())
    }
}

/// A table of `cuts`; `width` is the size of a start.
pub(crate) fn build(cuts: &[Cut], countries: &[[u8; 2]], codes: &Codes, shape: Shape, width: usize) -> Result<Vec<u8>> {
    let (mut starts, mut places, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for block in cuts.chunks(BLOCK) {
        places.extend(u32::try_from(blocks.len())?.to_le_bytes());
        let mut before: Option<&Cut> = None;
        for cut in block {
            if before.is_none() {
                starts.extend(cut.first.to_le_bytes().into_iter().take(width));
            }
            write(cut, before, countries, codes, shape.shift, &mut blocks)?;
            before = Some(cut);
        }
    }
    let mut table = u32::try_from(cuts.len().div_ceil(BLOCK))?.to_le_bytes().to_vec();
    if shape.top > 0 {
        let firsts: Vec<u64> = cuts.iter().step_by(BLOCK).map(|cut| cut.first).collect();
        for top in 0..1u64 << shape.top {
            let lowest = top << (8 * width as u32 - shape.top);
            table.extend(u16::try_from(firsts.partition_point(|first| *first < lowest))?.to_le_bytes());
        }
    }
    table.extend([starts, places, blocks].concat());
    Ok(table)
}

fn write(
    cut: &Cut,
    before: Option<&Cut>,
    countries: &[[u8; 2]],
    codes: &Codes,
    shift: u32,
    out: &mut Vec<u8>,
) -> Result<()> {
    let gap = before.map_or(0, |before| cut.first - before.last - 1);
    let length = cut.length();
    let exponent = length
        .ilog2()
        .checked_sub(shift)
        .filter(|exponent| length.is_power_of_two() && *exponent < u32::from(WRITTEN_OUT));
    let same_country = before.is_some_and(|before| before.country == cut.country);
    let same_network = before.is_some_and(|before| before.network == cut.network);
    let mut head = match exponent {
        Some(exponent) => u8::try_from(exponent)?,
        None => WRITTEN_OUT,
    };
    for (is, flag) in [
        (gap > 0, GAP),
        (same_country, SAME_COUNTRY),
        (same_network, SAME_NETWORK),
    ] {
        head |= if is { flag } else { 0 };
    }
    out.push(head);
    if gap > 0 {
        varint(gap, out);
    }
    if exponent.is_none() {
        varint(length, out);
    }
    if !same_country {
        let number = match cut.country {
            Some(code) => countries.iter().position(|country| *country == code),
            None => Some(0),
        };
        out.push(u8::try_from(number.ok_or("a country has no number")?)?);
    }
    if !same_network {
        codes.write(cut.network, out)?;
    }
    Ok(())
}

pub(crate) fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
