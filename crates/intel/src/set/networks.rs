//! Networks in order, each with the one around it: the narrowest that holds an address is found by halving, the others
//! by going outwards. Networks with a common prefix never overlap in part, so this is exact.

use super::backing::Backing;
use super::key::number;
use super::layout::{Header, Section, V4, V6};
use std::net::IpAddr;

/// The offsets of the records of all networks that hold the addresses from `first` to `last`, the narrowest first.
pub(super) fn find(header: &Header, backing: &Backing, first: IpAddr, last: IpAddr, mut each: impl FnMut(u64)) {
    let (first, last) = (first.to_canonical(), last.to_canonical());
    let table = match first {
        IpAddr::V4(_) => Table::v4(header, backing),
        IpAddr::V6(_) => Table::v6(header, backing),
    };
    let (first, last) = (number(first), number(last));
    // Invariant: networks before `low` begin at or before `first`, those from `high` on behind it.
    let (mut low, mut high) = (0, table.count);
    while low < high {
        let middle = low + (high - low) / 2;
        match table.get(middle) {
            Some(network) if network.first <= first => low = middle + 1,
            Some(_) => high = middle,
            None => return,
        }
    }
    let mut inner = low;
    // The way outwards is as long as networks are nested: at most one for each bit.
    for _ in 0..=128 {
        let Some(network) = inner.checked_sub(1).and_then(|at| table.get(at)) else {
            return;
        };
        if last <= network.last {
            each(network.record);
        }
        if network.around >= inner {
            return;
        }
        inner = network.around;
    }
}

struct Network {
    first: u128,
    last: u128,
    around: u32,
    record: u64,
}

struct Table<'t> {
    backing: &'t Backing,
    start: u64,
    count: u32,
    /// Bytes of an address.
    width: usize,
}

impl<'t> Table<'t> {
    fn v4(header: &Header, backing: &'t Backing) -> Self {
        Self {
            backing,
            start: header.section(Section::V4),
            count: header.v4,
            width: 4,
        }
    }

    fn v6(header: &Header, backing: &'t Backing) -> Self {
        Self {
            backing,
            start: header.section(Section::V6),
            count: header.v6,
            width: 16,
        }
    }

    fn get(&self, at: u32) -> Option<Network> {
        let size = if self.width == 4 { V4 } else { V6 };
        let bytes = self.backing.get(self.start + u64::from(at) * size as u64, size)?;
        let (first, rest) = bytes.split_at_checked(self.width)?;
        let (last, rest) = rest.split_at_checked(self.width)?;
        let (around, rest) = rest.split_first_chunk()?;
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u128::from(*byte))
        };
        Some(Network {
            first: number(first),
            last: number(last),
            around: u32::from_le_bytes(*around),
            record: u64::from_le_bytes(*rest.first_chunk()?),
        })
    }
}
