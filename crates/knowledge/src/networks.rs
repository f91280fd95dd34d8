//! Whose network an address is in, as far as tables say: for telling a host of a service from one that calls itself so.
//!
//! Names of holders come from the embedded table of networks. That table knows few networks of IPv6; those of the largest
//! mail services are added here, as the registries list them.

use crate::geography;
use std::net::IpAddr;

/// Holder, first 32 bits, bits that count.
const HELD: &[(&str, u32, u32)] = &[
    ("microsoft", 0x2603_1000, 24),
    ("microsoft", 0x2a01_0110, 31),
    ("google", 0x2001_4860, 32),
    ("google", 0x2607_f8b0, 32),
    ("google", 0x2a00_1450, 32),
    ("google", 0x2404_6800, 32),
];

/// Whether the holder of the network that `address` is in has `word`, lower case, in its name. Short words are too often
/// parts of others.
pub fn is_held_by(address: IpAddr, word: &str) -> bool {
    const SHORTEST: usize = 4;
    if word.len() < SHORTEST {
        return false;
    }
    if let IpAddr::V6(v6) = address {
        let [a, b, ..] = v6.segments();
        let bits = u32::from(a) << 16 | u32::from(b);
        let holds = |(holder, first, count): &(&str, u32, u32)| *holder == word && (bits ^ first) >> (32 - count) == 0;
        if HELD.iter().any(holds) {
            return true;
        }
    }
    let holder = geography::locate(address).network.and_then(geography::Network::holder);
    holder.is_some_and(|holder| holder.to_string().to_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_known_by_their_names() {
        for (address, word, expected) in [
            ("2603:10a6:10:232::20", "microsoft", true),
            ("2603:10a6:10:232::20", "google", false),
            ("148.163.135.10", "proofpoint", true),
            ("148.163.135.10", "mimecast", false),
            ("203.0.113.9", "microsoft", false),
            ("148.163.135.10", "inc", false),
        ] {
            assert_eq!(is_held_by(address.parse().unwrap(), word), expected, "{address} {word}");
        }
    }
}
