//! Who makes the device behind an address of Ethernet, and what the address says of itself.
//!
//! Registered are blocks of 24, 28 and 36 bits; the longest that fits names the vendor. Packed by `examples/vendors` from
//! IEEE's public listings, as of [`day`]. A device can call itself anything: an address is a hint.

use crate::packed::u32_at;
use watchfire_model::network::Mac;

const LARGE: &[u8] = include_bytes!("../data/vendors/large.bin");
const MEDIUM: &[u8] = include_bytes!("../data/vendors/medium.bin");
const SMALL: &[u8] = include_bytes!("../data/vendors/small.bin");
const NAMES: &str = include_str!("../data/vendors/names.txt");
const PLACES: &[u8] = include_bytes!("../data/vendors/places.bin");
const DAY: &str = include_str!("../data/vendors/day.txt");
/// Names of a block of [`PLACES`]: where the first begins, and how long each is.
const BLOCK: usize = 16;

/// What hypervisors and containers give out without having registered it, and since when a few bits tell it.
const GIVEN: &[([u8; 3], usize, &str)] = &[
    ([0x52, 0x54, 0x00], 3, "QEMU virtual machine"),
    ([0x02, 0x42, 0x00], 2, "Docker container"),
];

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Everybody on the link.
    Broadcast,
    /// Several.
    Group,
    /// One device, of this vendor.
    Registered(&'static str),
    /// One device; software chose the address, by chance mostly: telephones do so for each network.
    Local,
    /// One device, of a vendor that is not listed.
    Unlisted,
}

/// What an address is.
pub fn nature(mac: Mac) -> Nature {
    match vendor(mac) {
        _ if mac == Mac::BROADCAST => Nature::Broadcast,
        _ if mac.is_group() => Nature::Group,
        Some(vendor) => Nature::Registered(vendor),
        None if mac.is_local() => Nature::Local,
        None => Nature::Unlisted,
    }
}

/// Who makes the device with this address, as far as it is listed; nobody makes groups.
pub fn vendor(mac: Mac) -> Option<&'static str> {
    if mac.is_group() {
        return None;
    }
    let Mac([a, b, c, d, e, _]) = mac;
    let number = find::<5>(SMALL, [a, b, c, d, e & 0xf0])
        .or_else(|| find::<4>(MEDIUM, [a, b, c, d & 0xf0]))
        .or_else(|| find::<3>(LARGE, [a, b, c]));
    let given = || {
        let fits = |(prefix, length, _): &&([u8; 3], usize, &str)| [a, b, c].get(..*length) == prefix.get(..*length);
        GIVEN.iter().find(fits).map(|(_, _, name)| *name)
    };
    number.and_then(name).or_else(given)
}

/// The day of the listings, `2026-08-26`.
pub fn day() -> &'static str {
    DAY.trim_end()
}

/// Blocks that are listed.
pub(crate) const fn entries() -> usize {
    LARGE.len() / 5 + MEDIUM.len() / 6 + SMALL.len() / 7
}

/// Bytes of all tables.
pub(crate) const fn size() -> usize {
    LARGE.len() + MEDIUM.len() + SMALL.len() + NAMES.len() + PLACES.len()
}

/// The number behind a key of so many bytes, in a table of keys in order and numbers of two bytes.
fn find<const N: usize>(table: &[u8], key: [u8; N]) -> Option<u16> {
    let width = N + 2;
    let (mut low, mut high) = (0, table.len() / width);
    while low < high {
        let middle = low.midpoint(high);
        let entry = table.get(middle * width..)?;
        match entry.first_chunk::<N>()?.cmp(&key) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return entry.get(N..)?.first_chunk().copied().map(u16::from_le_bytes),
        }
    }
    None
}

fn name(number: u16) -> Option<&'static str> {
    let (block, at) = (usize::from(number) / BLOCK, usize::from(number) % BLOCK);
    let block = PLACES.get(block * (4 + BLOCK)..)?;
    let lengths = block.get(4..4 + BLOCK)?;
    let before: usize = lengths.iter().take(at).map(|length| usize::from(*length)).sum();
    let start = usize::try_from(u32_at(block, 0)?).ok()? + before;
    NAMES.get(start..start + usize::from(*lengths.get(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Mac {
        let bytes: Vec<u8> = text
            .split(':')
            .map(|byte| u8::from_str_radix(byte, 16).unwrap())
            .collect();
        Mac(bytes.try_into().unwrap())
    }

    #[test]
    fn vendors_are_known_by_their_blocks() {
        for (mac, vendor) in [
            ("00:00:00:12:34:56", "Xerox"),
            ("00:50:56:01:02:03", "VMware"),
            ("08:00:27:01:02:03", "PCS Systemtechnik"),
            ("00:1b:21:01:02:03", "Intel Corporate"),
            // A block of 36 bits, and one of 28, within one that is divided.
            ("70:b3:d5:2f:21:02", "Health Care Originals"),
            ("20:85:93:b1:02:03", "IOG Products"),
            ("52:54:00:01:02:03", "QEMU virtual machine"),
            ("02:42:ac:11:00:02", "Docker container"),
        ] {
            let found = super::vendor(at(mac)).unwrap_or("nobody");
            assert!(found.eq_ignore_ascii_case(vendor), "{mac}: {found}");
        }
        assert_eq!(vendor(at("70:b3:d5:ff:ff:ff")), vendor(at("70:b3:d5:ff:f0:00")));
    }

    #[test]
    fn addresses_say_what_they_are() {
        assert_eq!(nature(at("ff:ff:ff:ff:ff:ff")), Nature::Broadcast);
        assert_eq!(nature(at("01:00:5e:00:00:fb")), Nature::Group);
        assert_eq!(nature(at("da:a1:19:01:02:03")), Nature::Local);
        assert_eq!(nature(at("fc:ff:ff:01:02:03")), Nature::Unlisted);
        assert!(matches!(nature(at("00:50:56:01:02:03")), Nature::Registered(_)));
    }

    #[test]
    fn tables_are_in_order_and_every_number_has_a_name() {
        fn check<const N: usize>(table: &[u8]) {
            let keys: Vec<&[u8]> = table.chunks(N + 2).map(|entry| &entry[..N]).collect();
            assert!(keys.is_sorted_by(|one, other| one < other));
            for entry in table.chunks(N + 2) {
                let number = u16::from_le_bytes([entry[N], entry[N + 1]]);
                assert!(name(number).is_some_and(|name| !name.is_empty()), "{number}");
            }
        }
        check::<3>(LARGE);
        check::<4>(MEDIUM);
        check::<5>(SMALL);
        assert_eq!(name(u16::MAX), None);
    }
}
