//! Context-triggered piecewise hashing (Kornblum, "Identifying almost identical files using context triggered piecewise
//! hashing", 2006; after Tridgell's spamsum), with the numbers of ssdeep, so that digests can be compared with its.
//!
//! A hash that rolls over seven bytes cuts the file into pieces, and each piece becomes a letter. Which block size gives
//! enough letters is known only at the end, so several go along at once: a larger one is begun where the next smaller one
//! makes its first cut, since until then both are alike, and a smaller one is left behind where the larger has enough.
//! One pass, linear in the length of the file.

/// Bytes that the rolling hash sees.
const WINDOW: usize = 7;
/// The smallest block.
const SMALLEST: u64 = 3;
/// Letters of a digest, and of its second half.
const LETTERS: usize = 64;
const HALF: usize = LETTERS / 2;
/// Block sizes that there are.
const SIZES: usize = 31;
/// Letters stand for six bits, so no more of the hash of a piece is kept.
const BEGIN: u8 = 0x27;
const PRIME: u8 = 0x13;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The hash that rolls.
#[derive(Clone, Copy, Debug, Default)]
struct Rolling {
    window: [u8; WINDOW],
    at: usize,
    sum: u32,
    weighted: u32,
    shifted: u32,
}

impl Rolling {
    fn take(&mut self, byte: u8) -> u32 {
        let new = u32::from(byte);
        self.weighted = self.weighted.wrapping_sub(self.sum).wrapping_add(new * 7);
        self.sum = self.sum.wrapping_add(new);
        if let Some(old) = self.window.get_mut(self.at) {
            self.sum = self.sum.wrapping_sub(u32::from(*old));
            *old = byte;
        }
        self.at = if self.at + 1 == WINDOW { 0 } else { self.at + 1 };
        self.shifted = self.shifted << 5 ^ new;
        self.value()
    }

    fn value(&self) -> u32 {
        self.sum.wrapping_add(self.weighted).wrapping_add(self.shifted)
    }
}

/// A block size and its letters so far.
#[derive(Clone, Debug)]
struct Level {
    /// Of the piece that is open.
    hash: u8,
    /// The same, for the digest of half the letters.
    half: u8,
    /// The letters; the last one is given again and again once there is no place for more.
    letters: Vec<u8>,
    last: Option<u8>,
    last_half: Option<u8>,
}

impl Level {
    fn new() -> Self {
        Self {
            hash: BEGIN,
            half: BEGIN,
            letters: Vec::new(),
            last: None,
            last_half: None,
        }
    }

    /// Ends a piece.
    fn cut(&mut self) {
        let (letter, half) = (letter(self.hash), letter(self.half));
        self.last_half = Some(half);
        if self.letters.len() < LETTERS - 1 {
            self.letters.push(letter);
            self.hash = BEGIN;
            if self.letters.len() < HALF {
                self.half = BEGIN;
                self.last_half = None;
            }
        } else {
            self.last = Some(letter);
        }
    }
}

fn letter(hash: u8) -> u8 {
    ALPHABET.get(usize::from(hash & 63)).copied().unwrap_or(b'A')
}

fn block(size: usize) -> u64 {
    SMALLEST << size
}

/// The digest of the bytes as ssdeep writes it: `96:letters:letters`.
pub fn piecewise(bytes: &[u8]) -> String {
    let length = bytes.len() as u64;
    let mut rolling = Rolling::default();
    let mut levels = vec![Level::new()];
    // Levels before this one have been left behind.
    let mut first = 0;
    for &byte in bytes {
        let value = rolling.take(byte);
        for level in levels.iter_mut().skip(first) {
            level.hash = level.hash.wrapping_mul(PRIME) ^ byte;
            level.half = level.half.wrapping_mul(PRIME) ^ byte;
        }
        let next = u64::from(value) + 1;
        if value == u32::MAX || next % block(first) != 0 {
            continue;
        }
        let mut at = first;
        while at < levels.len() && next % block(at) == 0 {
            if at + 1 == levels.len() && at + 1 < SIZES && levels.get(at).is_some_and(|level| level.letters.is_empty())
            {
                let open = levels.get(at).cloned();
                levels.extend(open);
            }
            if let Some(level) = levels.get_mut(at) {
                level.cut();
            }
            at += 1;
        }
        let enough = levels.get(first + 1).is_some_and(|level| level.letters.len() >= HALF);
        let is_full = levels.get(first).is_some_and(|level| level.last.is_some());
        if enough && is_full && block(first) * (LETTERS as u64) < length {
            first += 1;
        }
    }
    write(length, &levels, first, rolling.value() != 0)
}

/// Chooses the block size, and writes what stands for it and for the next.
fn write(length: u64, levels: &[Level], first: usize, is_open: bool) -> String {
    let mut chosen = 0;
    while chosen + 1 < SIZES && block(chosen) * (LETTERS as u64) < length {
        chosen += 1;
    }
    chosen = chosen.min(levels.len().saturating_sub(1));
    let letters_of = |chosen: usize| levels.get(chosen).map_or(0, |level| level.letters.len());
    while chosen > first && letters_of(chosen) < HALF {
        chosen -= 1;
    }
    let mut out = format!("{}:", block(chosen));
    let push = |out: &mut String, letter: u8| out.push(char::from(letter));
    let Some(level) = levels.get(chosen) else { return out };
    level.letters.iter().for_each(|letter| push(&mut out, *letter));
    match level.last {
        _ if is_open => push(&mut out, letter(level.hash)),
        Some(last) => push(&mut out, last),
        None => {}
    }
    out.push(':');
    match levels.get(chosen + 1) {
        Some(next) => {
            let most = HALF - 1;
            next.letters
                .iter()
                .take(most)
                .for_each(|letter| push(&mut out, *letter));
            match next.last_half {
                _ if is_open => push(&mut out, letter(next.half)),
                Some(last) => push(&mut out, last),
                None => {}
            }
        }
        // The next one would have made no cut: its only piece is the whole file, as here.
        None if is_open => push(&mut out, letter(level.hash)),
        None => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the paper has it: one block size after another, each from the beginning.
    fn naive(bytes: &[u8]) -> String {
        let mut size = SMALLEST;
        while size * 64 < bytes.len() as u64 {
            size *= 2;
        }
        loop {
            let (first, second, open) = both(bytes, size);
            if size > SMALLEST && first.len() < HALF {
                size /= 2;
                continue;
            }
            let (one, two) = open;
            return format!("{size}:{}{}:{}{}", text(&first), one, text(&second), two);
        }
    }

    fn text(letters: &[u8]) -> String {
        String::from_utf8(letters.to_vec()).unwrap()
    }

    fn both(bytes: &[u8], size: u64) -> (Vec<u8>, Vec<u8>, (String, String)) {
        let mut window = [0_u8; 7];
        let (mut one, mut two, mut three) = (0_u32, 0_u32, 0_u32);
        let (mut hash, mut half) = (0x2802_1967_u32, 0x2802_1967_u32);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut value = 0;
        let (mut tail, mut half_tail) = (None, None);
        for (at, &byte) in bytes.iter().enumerate() {
            let old = window[at % 7];
            window[at % 7] = byte;
            two = two.wrapping_sub(one).wrapping_add(7 * u32::from(byte));
            one = one.wrapping_add(u32::from(byte)).wrapping_sub(u32::from(old));
            three = (three << 5) ^ u32::from(byte);
            value = one.wrapping_add(two).wrapping_add(three);
            hash = hash.wrapping_mul(0x0100_0193) ^ u32::from(byte);
            half = half.wrapping_mul(0x0100_0193) ^ u32::from(byte);
            if value == u32::MAX {
                continue;
            }
            let digit = |hash: u32| ALPHABET[(hash % 64) as usize];
            if u64::from(value) % size == size - 1 {
                if first.len() < 63 {
                    first.push(digit(hash));
                    hash = 0x2802_1967;
                } else {
                    tail = Some(digit(hash));
                }
            }
            if u64::from(value) % (size * 2) == size * 2 - 1 {
                if second.len() < 31 {
                    second.push(digit(half));
                    half = 0x2802_1967;
                } else {
                    half_tail = Some(digit(half));
                }
            }
        }
        let end = |tail: Option<u8>, hash: u32| match tail {
            _ if value != 0 => text(&[ALPHABET[(hash % 64) as usize]]),
            Some(tail) => text(&[tail]),
            None => String::new(),
        };
        let ends = (end(tail, hash), end(half_tail, half));
        (first, second, ends)
    }

    #[test]
    fn known_files_have_the_digests_of_ssdeep() {
        assert_eq!(piecewise(b""), "3::");
        assert_eq!(piecewise(b"a"), "3:E:E");
        assert_eq!(piecewise(b"Hello, world!\n"), "3:a6/G:asG");
        assert_eq!(piecewise(&[0; 10_000]), "3::");
    }

    #[test]
    fn one_pass_is_as_good_as_many() {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for round in 0..240_usize {
            let length = round * round * 3;
            let few = [255, 1, 3, 15][round % 4];
            let mut bytes: Vec<u8> = (0..length).map(|_| next() & few).collect();
            if round % 5 == 0 {
                bytes.extend([0; 40]);
            }
            if round % 7 == 0 {
                bytes.splice(0..0, vec![b'x'; length * 3]);
            }
            assert_eq!(piecewise(&bytes), naive(&bytes), "round {round}");
        }
    }
}
