//! The rules that Watchfire brings along, written for it.
//!
//! They lie in the program with each byte changed: antivirus programs take the words that rules look for for the thing
//! itself. Reading them is a matter of microseconds.

use crate::rule::Source;

/// What each byte is changed by, together with its place.
const MASK: u8 = 0xa7;

const fn change<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut changed = [0; N];
    let mut rest = bytes;
    let mut at = 0;
    let mut mask = MASK;
    while let [first, behind @ ..] = rest {
        let (_, places) = changed.split_at_mut(at);
        if let [place, ..] = places {
            *place = *first ^ mask;
        }
        rest = behind;
        at += 1;
        mask = mask.wrapping_mul(5).wrapping_add(3);
    }
    changed
}

macro_rules! packed {
    ($($name:literal),+ $(,)?) => {
        &[$((concat!("builtin:", $name, ".yml"), {
            const PLAIN: &[u8] = include_bytes!(concat!("../rules/", $name, ".yml"));
            const PACKED: [u8; PLAIN.len()] = change(PLAIN);
            static KEPT: [u8; PLAIN.len()] = PACKED;
            &KEPT
        })),+]
    };
}

static RULES: &[(&str, &[u8])] = packed![
    "accounts",
    "cloud",
    "credentials",
    "discovery",
    "evasion",
    "execution",
    "linux",
    "logons",
    "persistence",
    "web",
];

/// The rules that are built in, one source for each theme.
pub fn builtin() -> Vec<Source> {
    let unpack = |(name, packed): &(&str, &[u8])| {
        let mut mask = MASK;
        let bytes: Vec<u8> = packed
            .iter()
            .map(|byte| {
                let plain = byte ^ mask;
                mask = mask.wrapping_mul(5).wrapping_add(3);
                plain
            })
            .collect();
        Source::new(*name, String::from_utf8_lossy(&bytes))
    };
    RULES.iter().map(unpack).collect()
}
