//! The proof that reading is linear: looks at bytes, counted.
//!
//! `cargo test -p watchfire-extract --features count-visits --test linear`. Every adversarial pattern, and the worst that
//! a search by mutation finds, is read at two sizes: looks per byte stay under a bound that is stated here, and nearly
//! the same at ten times the size. Counts do not depend on the machine. Times are measured by the test kit's example
//! `linear`.

#![cfg(feature = "count-visits")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, and it prints its table"
)]

#[path = "../../testkit/src/adversarial.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "patterns of the test kit, which itself uses this crate"
)]
mod adversarial;
#[path = "../../testkit/src/random.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the generator of the test kit, which itself uses this crate"
)]
mod random;

use adversarial::PATTERNS;
use random::Random;
use watchfire_extract::{Extractor, Options, take_visits};
use watchfire_model::TypeSet;

/// No text costs more looks per byte.
const MOST: f64 = 100.0;
/// How much more per byte at ten times the size.
const GROWTH: f64 = 1.3;
const SMALL: usize = 100_000;
const LARGE: usize = 10 * SMALL;

/// Looks per byte, without the memory of words and with it, which looks at each word once more.
fn costs(text: &[u8]) -> (f64, f64) {
    let extractor = Extractor::new(Options {
        types: TypeSet::all(),
        ..Options::default()
    });
    take_visits();
    extractor.extract_without_memory(text);
    let plain = take_visits();
    extractor.extract(text);
    let remembering = take_visits();
    let per_byte = |looks: u64| looks as f64 / text.len().max(1) as f64;
    (per_byte(plain), per_byte(remembering))
}

fn cost(text: &[u8]) -> f64 {
    costs(text).0
}

/// Looks per byte at both sizes, and whether they are few and nearly the same.
fn measure(text: impl Fn(usize) -> Vec<u8>) -> (f64, f64, bool) {
    let (small, _) = costs(&text(SMALL));
    let (large, remembering) = costs(&text(LARGE));
    (small, large, large.max(remembering) <= MOST && large <= GROWTH * small)
}

#[test]
fn no_pattern_costs_more_at_ten_times_the_size() {
    let mut rows: Vec<_> = PATTERNS
        .iter()
        .map(|pattern| (pattern.name, measure(|length| pattern.text(length))))
        .collect();
    rows.sort_by(|one, other| other.1.1.total_cmp(&one.1.1));
    for (name, (small, large, _)) in &rows {
        println!("{name:<32}{small:>10.2}{large:>10.2}{:>8.2}", large / small);
    }
    assert!(rows.len() >= 60, "only {} patterns", rows.len());
    rows.retain(|(_, (_, _, good))| !good);
    assert!(rows.is_empty(), "looks per byte at {SMALL} and {LARGE}: {rows:?}");
}

/// What the search builds its units from. Key blocks have a budget of their own, which would hide everything else.
const PIECES: &[&str] = &[
    ".",
    "[.]",
    "[.",
    ".]",
    "(dot)",
    " dot ",
    "DOT",
    "-dot-",
    "@",
    "[at]",
    " at ",
    ":",
    "[:]",
    "://",
    "[://]",
    "/",
    "//",
    "\\",
    "\\\\",
    "%3A%2F%2F",
    "%",
    "%41",
    "http",
    "hxxp",
    "h**p",
    "__",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "\"",
    "'",
    " ",
    "  ",
    "\t",
    "\n",
    "-",
    "_",
    ",",
    ";",
    "=",
    "&",
    "?",
    "#",
    "^",
    "*",
    "a",
    "b",
    "com",
    "1",
    "10.",
    "f0",
    "2001:",
    "::",
    "00:",
    "00-",
    "T1059",
    "TA0001",
    "CVE-2024-",
    "CVE ",
    "CWE-7",
    "AS1",
    "HKLM\\",
    "C:\\",
    "/etc/",
    "~/",
    "%A%\\",
    "\\\\s\\",
    ".exe",
    ".py",
    "Mozilla/5.0 (",
    "User-Agent: a/1",
    "rule a {",
    "rule ",
    "condition:",
    "-----",
    "TLP:",
    "tlp ",
    "imphash ",
    "md5",
    "port ",
    "aHR0c",
    "aHR0cDovL2Eu",
    "687474703a2f2f",
    "747470",
    "DE89 3704 ",
    "4111 ",
    "+44 ",
    "arn:aws:",
    "arn:aws:a:::/ B",
    "cpe:/a:b",
    "live:.c",
    "skype:a",
    "t.me/a",
    "github.com/",
    "3:aaaaaaaaaaaa:aaaa",
    "\u{30fb}",
    "\u{3002}",
    "\u{ff0e}",
    "\u{2011}",
    "\u{a0}",
    "\u{e9}",
    "bc1q",
    "0x",
    "GHSA-",
    "G-",
    "GTM-",
    "UA-",
    "pub-",
    "x.y",
    "http://a.b/",
    "a@b.com",
    "1.1.1.1",
    "[2001[:]",
    "o'",
    "\0",
    "bitcoincash:",
    "t13d1516h2_",
];

/// A unit, repeated.
fn repeated(unit: &[&str], length: usize) -> Vec<u8> {
    let unit = unit.concat();
    let mut text = unit.repeat(length / unit.len().max(1) + 1).into_bytes();
    text.truncate(length);
    text
}

fn mutated<'p>(unit: &[&'p str], random: &mut Random) -> Vec<&'p str> {
    let mut unit = unit.to_vec();
    for _ in 0..1 + random.index(3) {
        let at = random.index(unit.len());
        match random.index(5) {
            0 if unit.len() > 1 => drop(unit.remove(at)),
            1 => unit[at] = random.pick(PIECES),
            2 if unit.len() < 24 => {
                let copy = unit[at];
                unit.insert(at, copy);
            }
            3 if unit.len() < 12 => unit.extend_from_within(..),
            _ => unit.insert(at, random.pick(PIECES)),
        }
    }
    unit.truncate(32);
    unit
}

/// Climbs from a random unit towards more looks per byte.
fn climb(seed: u64, steps: usize) -> (f64, Vec<&'static str>) {
    let mut random = Random::new(seed);
    let start: Vec<&str> = (0..1 + random.index(4)).map(|_| random.pick(PIECES)).collect();
    let mut best = (cost(&repeated(&start, 4_000)), start);
    for _ in 0..steps {
        let unit = mutated(&best.1, &mut random);
        let cost = cost(&repeated(&unit, 4_000));
        if cost >= best.0 {
            best = (cost, unit);
        }
    }
    best
}

/// `WATCHFIRE_LINEAR_STEPS` makes the search longer.
#[test]
fn a_search_for_the_worst_finds_nothing_worse() {
    let steps = option_env!("WATCHFIRE_LINEAR_STEPS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(60);
    let mut worst: Vec<_> = (0..30).map(|seed| climb(seed, steps)).collect();
    worst.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut bad = Vec::new();
    for (_, unit) in worst.iter().take(12) {
        let (small, large, good) = measure(|length| repeated(unit, length));
        println!("{small:>8.1}{large:>8.1}  {:?}", unit.concat());
        if !good {
            bad.push((small, large, unit.concat()));
        }
    }
    assert!(bad.is_empty(), "looks per byte: {bad:?}");
}
