//! Bit masks of the bytes at which words end, and at which an observable could show itself.
//!
//! A page of the text is classified at once: by vector instructions where the processor has them, else byte by byte. The
//! two ways are twins; a test holds them equal.

#[cfg(target_arch = "x86_64")]
mod avx2;

/// Bytes per mask.
pub(crate) const LANES: usize = 64;
/// Bytes classified at once.
pub(crate) const PAGE: usize = 64 * LANES;
/// Bytes in front of the first, and behind the last, that decide about them.
pub(crate) const BEFORE: usize = 1;
pub(crate) const BEHIND: usize = 3;
/// Bytes that decide about [`LANES`] bytes.
const WINDOW: usize = BEFORE + LANES + BEHIND;

/// One bit per byte, the lowest for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Words end here: white space, controls, quotes, `<`, `>`, `|`.
    pub(crate) delimiters: u64,
    /// The word around this byte is worth reading.
    pub(crate) triggers: u64,
}

/// The masks of [`PAGE`] bytes.
#[derive(Clone)]
pub(crate) struct Page([Masks; PAGE / LANES]);

impl Default for Page {
    fn default() -> Self {
        Self([Masks::default(); PAGE / LANES])
    }
}

impl Page {
    pub(crate) fn get(&self, chunk: usize) -> Masks {
        self.0.get(chunk).copied().unwrap_or_default()
    }
}

/// Asks for the memory of `items[at]`, to be read a little later.
#[inline]
pub(crate) fn prefetch<T>(items: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(item) = items.get(at) {
        avx2::prefetch(item);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, at);
}

/// Classifies a page. `text` begins [`BEFORE`] bytes in front of it and goes on up to [`BEHIND`] bytes behind it; where it
/// ends earlier, blanks follow.
pub(crate) fn fill(page: &mut Page, text: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    if avx2::fill(page, text) {
        return;
    }
    fill_byte_by_byte(page, text);
}

fn fill_byte_by_byte(page: &mut Page, text: &[u8]) {
    let mut at = 0;
    for masks in &mut page.0 {
        let Some(rest) = text.get(at..).filter(|rest| rest.len() > BEFORE) else {
            return;
        };
        let mut window = [b' '; WINDOW];
        window.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        *masks = byte_by_byte(&window);
        at += LANES;
    }
}

fn byte_by_byte(window: &[u8; WINDOW]) -> Masks {
    let mut masks = Masks::default();
    for (i, five) in window.windows(5).enumerate() {
        let &[before, byte, next, third, fourth] = five else {
            continue;
        };
        masks.delimiters |= u64::from(delimits(byte)) << i;
        masks.triggers |= u64::from(triggers(before, byte, [next, third, fourth])) << i;
    }
    masks
}

fn delimits(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | 0x7F)
}

/// Whether an observable could show itself by `byte`, by what stands before it and after it. What shows itself only by
/// letters is looked for elsewhere, see [`crate::scan`].
fn triggers(before: u8, byte: u8, [next, third, fourth]: [u8; 3]) -> bool {
    match byte {
        b'@' | b'\\' => true,
        // Inside a name, or alone between blanks; not at the end of a sentence.
        b'.' => !delimits(next) || delimits(before),
        // "://", "a:b", "::1"; not behind a key, nor in front of a number in JSON.
        b':' => !delimits(next) && (!delimits(before) || matches!(next, b':' | b'/')),
        // A path.
        b'/' => !delimits(next),
        // Encoded "://" and backslash.
        b'%' => next.is_ascii_digit(),
        // "[.]", "[:]", "[://]", "[@]"
        b'[' | b'(' | b'{' => matches!(next, b'.' | b':' | b'/' | b'@' | b'-' | b'\\' | b'[' | b'(' | b'{'),
        // CVE-2026-1234, GTM-ABC: a hyphen inside a word; 01-23-45-67-89-01; armour.
        b'-' => {
            (before.is_ascii_alphabetic() && next.is_ascii_alphanumeric())
                || (before.is_ascii_digit() && fourth == b'-')
                || (before == b'-' && next == b'-')
        }
        // Dots of other scripts: U+30FB, U+3002, U+FF0E, U+FF61.
        0xE3 => matches!(third, 0xBB | 0x82),
        0xEF => matches!(third, 0x8E | 0xA1),
        // Hyphens of typesetters, U+2010–U+2015: "CVE‑2026‑1234".
        0xE2 => (0x90..=0x95).contains(&third),
        // T1059, M1036, TA0001, AS64496, ASN64496
        _ if matches!(byte | 0x20, b't' | b'm' | b'a' | b's' | b'n')
            && next.is_ascii_digit()
            && third.is_ascii_digit() =>
        {
            true
        }
        // IBAN: two letters, then two digits.
        _ => {
            byte.is_ascii_alphabetic()
                && next.is_ascii_alphabetic()
                && third.is_ascii_digit()
                && fourth.is_ascii_digit()
                && !before.is_ascii_alphanumeric()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_on_every_byte_in_every_surrounding() {
        let mut seed = 1u64;
        for round in 0..400usize {
            let length = if round % 3 == 0 {
                BEFORE + PAGE + BEHIND
            } else {
                2 + round * 11 % (PAGE + 2)
            };
            let text: Vec<u8> = (0..length)
                .map(|_| {
                    seed = seed
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    let any = (seed >> 33) as u8;
                    let likely =
                        b"tlpdotrulahRTM1A0sSnN-_ .:@/<%23cveCVE([{\"wpuat\xE3\x83\xBB\xEF\xBC\x8E\xE2\x80\x90Z9";
                    if round % 2 == 0 {
                        any
                    } else {
                        likely[any as usize % likely.len()]
                    }
                })
                .collect();
            let (mut fast, mut slow) = (Page::default(), Page::default());
            fill(&mut fast, &text);
            fill_byte_by_byte(&mut slow, &text);
            let chunks = (length - BEFORE).min(PAGE).div_ceil(LANES);
            for chunk in 0..chunks {
                assert_eq!(
                    fast.get(chunk),
                    slow.get(chunk),
                    "round {round}, chunk {chunk} of {text:?}"
                );
            }
        }
    }
}
