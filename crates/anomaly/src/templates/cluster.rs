//! Signatures that differ in one word become one template where that word has shown that it changes.
//!
//! Two kinds of evidence. Several signatures that are the same but for one place hold as many different words there: a name.
//! Or a signature with a value in that place is there already, and a word, or a word with brackets, is one more value. Rounds
//! repeat until nothing changes, so that lines with two names become one template as well. Sequences with a place left out
//! are compared by polynomial hashes, which take a step for each place and not one for each pair of signatures; what
//! hashes alike is compared in full.

#![expect(
    clippy::indexing_slicing,
    reason = "places come from the lengths of the same sequences; the tests cluster by comparing all pairs"
)]

use std::collections::BTreeMap;

/// The mark of a value among the words' numbers.
pub(super) const VALUE: u32 = 0;

/// Rounds end here at the latest.
const MOST_ROUNDS: u32 = 12;

/// Tokens that may be one value together with the word that they begin with.
const LONGEST_CHUNK: usize = 6;

/// A sequence of tokens, and how many lines had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) tokens: Vec<u32>,
    /// Whether each token follows the one before without a space.
    pub(super) glued: Vec<bool>,
    pub(super) lines: u64,
}

/// What is known of the words behind the numbers.
pub(super) trait Words {
    /// Whether the token is a word, which may turn out to be a value; separators never do.
    fn is_word(&self, token: u32) -> bool;
    /// Whether what follows this word is usually a name.
    fn names_something(&self, token: u32) -> bool;
}

/// Merges `sequences`, which are distinct and in an order of their own; returns the templates, and for each sequence the
/// number of its template. A place is a value with `distinct` words in it, or with half of them after a word that announces a name.
pub(super) fn cluster(sequences: Vec<Sequence>, words: &impl Words, distinct: usize) -> (Vec<Sequence>, Vec<u32>) {
    let mut of: Vec<u32> = (0..sequences.len() as u32).collect();
    let mut current = sequences;
    for _ in 0..MOST_ROUNDS {
        let Some(targets) = round(&current, words, distinct.max(2)) else {
            break;
        };
        let (merged, places) = apply(&current, &targets);
        for one in &mut of {
            *one = places[*one as usize];
        }
        current = merged;
    }
    (current, of)
}

/// For each sequence what it becomes, where anything changes.
fn round(current: &[Sequence], words: &impl Words, distinct: usize) -> Option<Vec<Option<Vec<u32>>>> {
    let powers = Powers::new(current.iter().map(|sequence| sequence.tokens.len()).max().unwrap_or(0));
    let mut known: BTreeMap<u64, u32> = BTreeMap::new();
    // The hash of each sequence, and of what stands before the place.
    let mut hashes: Vec<[u64; 2]> = Vec::with_capacity(current.len());
    for (number, sequence) in current.iter().enumerate() {
        let sums = powers.sums(&sequence.tokens);
        known.entry(powers.whole(&sums)).or_insert(number as u32);
        hashes.push([sums[sequence.tokens.len()], 0]);
    }
    let mut targets: Vec<Option<Vec<u32>>> = vec![None; current.len()];
    let mut candidates: Vec<(usize, u32, Vec<u32>)> = Vec::new();
    // One place at a time: what is remembered at once is as much as there are sequences, however long they are.
    let mut gaps: Vec<(u64, u32)> = Vec::new();
    for place in 0..powers.longest() {
        gaps.clear();
        for (number, (sequence, [whole, before])) in current.iter().zip(&mut hashes).enumerate() {
            let Some(token) = sequence.tokens.get(place) else {
                continue;
            };
            let after = powers.after(*before, *token, place);
            if words.is_word(*token) {
                let masked = powers.gap([*before, after, *whole], [place, place + 1], sequence.tokens.len());
                gaps.push((masked, number as u32));
            }
            *before = after;
        }
        gaps.sort_unstable();
        for members in gaps.chunk_by(|one, other| one.0 == other.0) {
            let (hash, first) = members[0];
            let first = &current[first as usize].tokens;
            let members = members.iter().map(|(_, member)| *member);
            let members: Vec<u32> = members
                .filter(|&member| differs_only_at(&current[member as usize].tokens, first, place))
                .collect();
            let announced = place > 0 && words.names_something(first[place - 1]);
            let enough = if announced { distinct.div_ceil(2) } else { distinct };
            let is_enough = place > 0 && members.len() >= enough;
            let mut there = false;
            if let Some(&at) = known.get(&hash) {
                let mut target = first.clone();
                target[place] = VALUE;
                there = current[at as usize].tokens == target;
            }
            if there || is_enough {
                candidates.push((
                    members.len() + usize::from(there) * current.len(),
                    place as u32,
                    members,
                ));
            }
        }
    }
    // What has most evidence first; a sequence takes part once in a round.
    candidates.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)).then(one.2.cmp(&other.2)));
    for (_, place, members) in candidates {
        for member in members {
            let target = &mut targets[member as usize];
            if target.is_none() {
                let mut tokens = current[member as usize].tokens.clone();
                tokens[place as usize] = VALUE;
                *target = Some(tokens);
            }
        }
    }
    for (sequence, target) in current.iter().zip(&mut targets) {
        if target.is_none() {
            *target = chunk(sequence, current, words, &known, &powers);
        }
    }
    targets.iter().any(Option::is_some).then_some(targets)
}

/// The sequence with a word and what is glued to it as one value, where more lines have that already.
fn chunk(
    sequence: &Sequence,
    current: &[Sequence],
    words: &impl Words,
    known: &BTreeMap<u64, u32>,
    powers: &Powers,
) -> Option<Vec<u32>> {
    let tokens = &sequence.tokens;
    let sums = powers.sums(tokens);
    for (begin, token) in tokens.iter().enumerate() {
        if !words.is_word(*token) {
            continue;
        }
        for end in begin + 2..=tokens.len().min(begin + LONGEST_CHUNK) {
            if !sequence.glued[end - 1] {
                break;
            }
            let Some(&at) = known.get(&powers.masked(&sums, begin, end)) else {
                continue;
            };
            let other = &current[at as usize];
            let target: Vec<u32> = tokens[..begin]
                .iter()
                .chain([&VALUE])
                .chain(&tokens[end..])
                .copied()
                .collect();
            if other.tokens == target && other.lines > sequence.lines {
                return Some(target);
            }
        }
    }
    None
}

fn differs_only_at(one: &[u32], other: &[u32], place: usize) -> bool {
    one.len() == other.len() && one[..place] == other[..place] && one[place + 1..] == other[place + 1..]
}

/// The sequences after a round, in the order of the first that became each, and where each went.
fn apply(current: &[Sequence], targets: &[Option<Vec<u32>>]) -> (Vec<Sequence>, Vec<u32>) {
    let mut merged: Vec<Sequence> = Vec::new();
    let mut at: BTreeMap<&[u32], u32> = BTreeMap::new();
    let mut places = Vec::with_capacity(current.len());
    for (sequence, target) in current.iter().zip(targets) {
        let tokens = target.as_deref().unwrap_or(&sequence.tokens);
        let place = *at.entry(tokens).or_insert_with(|| {
            let shorter = sequence.tokens.len() - tokens.len();
            let glued = if shorter == 0 {
                sequence.glued.clone()
            } else {
                vec![false; tokens.len()]
            };
            merged.push(Sequence {
                tokens: tokens.to_vec(),
                glued,
                lines: 0,
            });
            merged.len() as u32 - 1
        });
        let into = &mut merged[place as usize];
        into.lines = into.lines.saturating_add(sequence.lines);
        if into.tokens == sequence.tokens {
            into.glued.clone_from(&sequence.glued);
        }
        places.push(place);
    }
    (merged, places)
}

/// Powers of an odd number and of its inverse, modulo 2^64.
struct Powers {
    up: Vec<u64>,
    down: Vec<u64>,
}

impl Powers {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

    fn new(longest: usize) -> Self {
        // Newton's iteration doubles the bits that are right.
        let mut inverse = Self::BASE;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(Self::BASE.wrapping_mul(inverse)));
        }
        let series = |base: u64| {
            std::iter::successors(Some(1_u64), move |power| Some(power.wrapping_mul(base)))
                .take(longest + 1)
                .collect()
        };
        Self {
            up: series(Self::BASE),
            down: series(inverse),
        }
    }

    fn spread(token: u32) -> u64 {
        crate::random::mix(u64::from(token) + 1)
    }

    /// Tokens of the longest sequence.
    fn longest(&self) -> usize {
        self.up.len() - 1
    }

    /// The hash of a beginning, of which that without its last token is `before`.
    fn after(&self, before: u64, token: u32, place: usize) -> u64 {
        before.wrapping_add(Self::spread(token).wrapping_mul(self.up[place]))
    }

    /// The hash of every beginning of `tokens`.
    fn sums(&self, tokens: &[u32]) -> Vec<u64> {
        let mut sums = vec![0];
        for (place, token) in tokens.iter().enumerate() {
            sums.push(self.after(sums[place], *token, place));
        }
        sums
    }

    fn whole(&self, sums: &[u64]) -> u64 {
        let length = sums.len() - 1;
        sums[length].wrapping_add(self.up[length])
    }

    /// The hash with one value in place of the tokens from `begin` to `end`.
    fn masked(&self, sums: &[u64], begin: usize, end: usize) -> u64 {
        let length = sums.len() - 1;
        self.gap([sums[begin], sums[end], sums[length]], [begin, end], length)
    }

    /// The same of a sequence of so many tokens, by the hashes of what ends there, and of all.
    fn gap(&self, [before, through, whole]: [u64; 3], [begin, end]: [usize; 2], length: usize) -> u64 {
        let after = whole.wrapping_sub(through).wrapping_mul(self.down[end - begin - 1]);
        let value = Self::spread(VALUE).wrapping_mul(self.up[begin]);
        let shorter = length - (end - begin - 1);
        before
            .wrapping_add(value)
            .wrapping_add(after)
            .wrapping_add(self.up[shorter])
    }
}

#[cfg(test)]
mod tests {
    use super::{Powers, Sequence, VALUE, Words, cluster};

    struct All;

    impl Words for All {
        fn is_word(&self, token: u32) -> bool {
            (1..100).contains(&token)
        }

        fn names_something(&self, token: u32) -> bool {
            token == 99
        }
    }

    fn check(sequences: &[&[u32]], expected: &[&[u32]]) {
        let given = sequences.iter().map(|tokens| Sequence {
            tokens: tokens.to_vec(),
            glued: tokens.iter().map(|&token| token >= 100 || token == 0).collect(),
            lines: 2 - u64::from(tokens.iter().any(|&token| token >= 100)),
        });
        let (templates, of) = cluster(given.collect(), &All, 4);
        let found: Vec<&[u32]> = of.iter().map(|&at| templates[at as usize].tokens.as_slice()).collect();
        assert_eq!(found, expected);
        assert_eq!(templates.iter().map(|template| template.lines).sum::<u64>(), {
            sequences
                .iter()
                .map(|tokens| 2 - u64::from(tokens.iter().any(|&token| token >= 100)))
                .sum::<u64>()
        });
    }

    #[test]
    fn four_words_in_one_place_are_a_value_and_three_are_not() {
        check(&[&[1, 2], &[1, 3], &[1, 4], &[1, 5]], &[&[1, VALUE][..]; 4]);
        check(&[&[1, 2], &[1, 3], &[1, 4]], &[&[1, 2], &[1, 3], &[1, 4]]);
    }

    #[test]
    fn two_are_where_a_name_is_announced() {
        check(&[&[99, 2], &[99, 3]], &[&[99, VALUE][..]; 2]);
    }

    #[test]
    fn a_word_where_a_value_was_seen_is_one() {
        check(&[&[1, VALUE, 3], &[1, 2, 3]], &[&[1, VALUE, 3][..]; 2]);
    }

    #[test]
    fn a_word_with_brackets_where_a_value_was_seen_is_one() {
        check(&[&[1, VALUE, 3], &[1, 2, 100, 0, 101, 3]], &[&[1, VALUE, 3][..]; 2]);
    }

    #[test]
    fn two_places_take_two_rounds() {
        let mut given: Vec<Vec<u32>> = Vec::new();
        for one in 10..14 {
            for other in 20..24 {
                given.push(vec![1, one, 2, other]);
            }
        }
        let given: Vec<&[u32]> = given.iter().map(Vec::as_slice).collect();
        check(&given, &[&[1, VALUE, 2, VALUE][..]; 16]);
    }

    #[test]
    fn hashes_with_a_gap_are_hashes_of_the_sequence_with_the_gap() {
        let powers = Powers::new(10);
        let sums = powers.sums(&[5, 6, 7, 8, 9]);
        assert_eq!(powers.masked(&sums, 1, 4), powers.whole(&powers.sums(&[5, VALUE, 9])));
        assert_eq!(
            powers.masked(&sums, 0, 1),
            powers.whole(&powers.sums(&[VALUE, 6, 7, 8, 9]))
        );
    }
}
