//! How strange the letters of a name are: whether people made it up, or a machine did.
//!
//! A table of how often a letter follows two others, learnt from four fifths of the names that are registered by popular
//! sites, universities and banks (`majestic_million`, `university_domains`, `bank-website` of
//! [`infrastructure`](crate::infrastructure)), some 15,000 in many languages. Digits count as one letter. The other fifth was
//! held back to measure by (`tests.rs`): one in fifty of those is as strange as what [`is_random`] calls random.
//! `cargo run -p watchfire-knowledge --example letters` learns it anew.
//!
//! Nothing here says that a name is bad: acronyms, hashes and numbers of customers are strange as well. Names that a machine
//! makes of words or syllables are not.

#[cfg(test)]
mod tests;
#[cfg(test)]
mod train;

/// What it takes to say that letter, in sixteenths of a bit, by the two before it and itself.
static TABLE: &[u8] = include_bytes!("trigrams.bin");

/// Letters, digits as one, what else there is as one, and the edge of a name.
const SYMBOLS: usize = 29;

/// From so many sixteenths of a bit for each letter on, a name is strange.
const STRANGE: u32 = 81;
/// Names that are shorter say nothing.
const SHORTEST: usize = 7;

/// Sixteenths of a bit that each letter of `label` takes, on average. What is common takes 48, letters at random 90.
pub fn strangeness(label: &str) -> u32 {
    let (mut sum, mut count) = (0, 0);
    let (mut first, mut second) = (0, 0);
    for next in label.bytes().map(symbol).chain([0]) {
        let at = (first * SYMBOLS + second) * SYMBOLS + next;
        sum += u32::from(TABLE.get(at).copied().unwrap_or_default());
        count += 1;
        (first, second) = (second, next);
    }
    sum / count
}

/// Whether `label` looks as if it were drawn by lot: letters that do not follow one another, or the digits of a long number in
/// base sixteen.
pub fn is_random(label: &str) -> bool {
    if label.len() < SHORTEST || label.starts_with("xn--") {
        return false;
    }
    is_hexadecimal(label) || strangeness(label) >= STRANGE
}

/// Long enough for nothing else, and digits among letters.
fn is_hexadecimal(label: &str) -> bool {
    let digits = label.bytes().filter(u8::is_ascii_digit).count();
    label.len() >= 12 && label.bytes().all(|b| b.is_ascii_hexdigit()) && digits >= 3 && digits + 2 <= label.len()
}

fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a') + 1,
        b'A'..=b'Z' => usize::from(byte - b'A') + 1,
        b'0'..=b'9' => 27,
        _ => 28,
    }
}
