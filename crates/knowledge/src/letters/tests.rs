//! Names that were held back, and names that were drawn by lot.

use super::{TABLE, is_random, strangeness, train};
use crate::{host, infrastructure};

fn labels() -> (Vec<String>, Vec<String>) {
    let hosts = train::LISTS.iter().flat_map(|list| infrastructure::named_by(list));
    train::labels(hosts.map(|name| host::name(name).to_owned()))
}

/// How many of a thousand names look random.
#[track_caller]
fn check(what: &str, names: &[String], expected: std::ops::RangeInclusive<usize>) {
    let random = names.iter().filter(|name| is_random(name)).count() * 1_000 / names.len();
    assert!(expected.contains(&random), "{what}: {random} of 1,000");
}

/// Names of `lengths` out of `letters`, the same each time.
fn drawn(letters: &str, lengths: std::ops::Range<usize>) -> Vec<String> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    let letters = letters.as_bytes();
    let name = |_| {
        let length = lengths.start + next(lengths.len());
        (0..length).map(|_| char::from(letters[next(letters.len())])).collect()
    };
    (0..2_000).map(name).collect()
}

#[test]
fn the_table_is_what_is_learnt_from_the_lists() {
    let (learnt, held_back) = labels();
    assert!(learnt.len() > 10_000 && held_back.len() > 2_000);
    let table = train::table(&learnt);
    let same = table.iter().zip(TABLE).all(|(a, b)| a.abs_diff(*b) <= 1);
    assert!(
        same && table.len() == TABLE.len(),
        "learn it anew: cargo run -p watchfire-knowledge --example letters"
    );
}

#[test]
fn names_that_people_chose_are_not_random() {
    let (_, held_back) = labels();
    let long: Vec<String> = held_back.into_iter().filter(|name| name.len() >= 7).collect();
    check("held back", &long, 0..=25);
}

#[test]
fn names_that_were_drawn_by_lot_are_random() {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    check("letters", &drawn(LETTERS, 8..17), 950..=1_000);
    check(
        "letters and digits",
        &drawn(&format!("{LETTERS}0123456789"), 10..21),
        970..=1_000,
    );
    check("base 32", &drawn(&format!("{LETTERS}234567"), 24..40), 990..=1_000);
    check("base 16", &drawn("0123456789abcdef", 16..33), 970..=1_000);
}

#[test]
fn what_is_strange_takes_more() {
    assert!(strangeness("universitaet") < strangeness("qxzvkjwpfh"));
    for name in ["xn--mnchen-3ya", "abc", "windowsupdate", "123456789012"] {
        assert!(!is_random(name), "{name}");
    }
}
