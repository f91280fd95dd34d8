//! Snappy blocks without frames ("Snappy compressed format description", <https://github.com/google/snappy>, 1.2): the length of
//! the output, then literals and copies of what came before. What was unpacked before the damage is kept.

use super::input::{damaged, truncated};
use std::io;

/// The longest output for each byte of input: a copy of 64 bytes takes three.
const MOST_FOR_EACH: usize = 22;

/// Unpacks a block into `out`, up to `most` bytes.
pub(super) fn unpack(packed: &[u8], most: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let mut input = packed;
    let stated = length(&mut input).ok_or_else(truncated)?;
    if stated > most {
        return Err(damaged("it is longer than it should be"));
    }
    out.reserve(stated.min(packed.len().saturating_mul(MOST_FOR_EACH)));
    while let Some((&tag, rest)) = input.split_first() {
        input = rest;
        let left = stated.saturating_sub(out.len());
        let (distance, count) = match tag & 3 {
            0 => {
                let count = literal(tag, &mut input).ok_or_else(truncated)?;
                let (letters, rest) = input.split_at_checked(count).ok_or_else(truncated)?;
                if count > left {
                    return Err(damaged("it is longer than it says"));
                }
                out.extend_from_slice(letters);
                input = rest;
                continue;
            }
            1 => {
                let low = number(&mut input, 1).ok_or_else(truncated)?;
                (usize::from(tag >> 5) << 8 | low, usize::from(tag >> 2 & 7) + 4)
            }
            2 => {
                let distance = number(&mut input, 2).ok_or_else(truncated)?;
                (distance, usize::from(tag >> 2) + 1)
            }
            _ => {
                let distance = number(&mut input, 4).ok_or_else(truncated)?;
                (distance, usize::from(tag >> 2) + 1)
            }
        };
        if count > left {
            return Err(damaged("it is longer than it says"));
        }
        copy(out, distance, count)?;
    }
    match out.len() == stated {
        true => Ok(()),
        false => Err(truncated()),
    }
}

/// Appends `count` bytes from `distance` bytes back, which may be those that are appended.
fn copy(out: &mut Vec<u8>, distance: usize, count: usize) -> io::Result<()> {
    let nowhere = || damaged("it refers to what is not there");
    let from = out
        .len()
        .checked_sub(distance)
        .filter(|_| distance > 0)
        .ok_or_else(nowhere)?;
    let mut left = count;
    while left > 0 {
        // What was copied repeats itself, so that each step may copy twice as much.
        let step = left.min(out.len().saturating_sub(from));
        out.extend_from_within(from..from.saturating_add(step));
        left = left.saturating_sub(step);
    }
    Ok(())
}

/// How many letters follow.
fn literal(tag: u8, input: &mut &[u8]) -> Option<usize> {
    match usize::from(tag >> 2) {
        short @ 0..60 => Some(short + 1),
        long => number(input, long - 59)?.checked_add(1),
    }
}

/// A number of some bytes, the lowest first.
fn number(input: &mut &[u8], bytes: usize) -> Option<usize> {
    let (number, rest) = input.split_at_checked(bytes)?;
    *input = rest;
    let joined = number.iter().rev().fold(0_u64, |all, &byte| all << 8 | u64::from(byte));
    usize::try_from(joined).ok()
}

/// The length of the output: seven bits a byte, the lowest first.
fn length(input: &mut &[u8]) -> Option<usize> {
    let mut length = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        length |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u32::try_from(length).ok().map(|length| length as usize);
        }
    }
    None
}
