//! The masks by AVX2: thirty-two bytes per instruction.
//!
//! Each byte is compared with every character that matters; what stands before and behind it is then a shift of bit
//! masks. This file holds the only `unsafe` of the crate. It pays: byte by byte, classifying costs more than everything
//! that follows it (see `benches/README.md`).

#![expect(
    unsafe_code,
    reason = "calls that need AVX2, behind a run-time check, loads from fixed arrays, and prefetches"
)]

use super::{BEFORE, BEHIND, LANES, Masks, PAGE, Page};
use std::arch::x86_64::{
    __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
    _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_sub_epi8,
};

/// Chunks of a page, and one in front and behind for its surroundings.
const CHUNKS: usize = PAGE / LANES;

/// The masks of a page, see [`super::fill`]; false if the processor cannot.
#[inline]
pub(super) fn fill(page: &mut Page, text: &[u8]) -> bool {
    if !std::is_x86_feature_detected!("avx2") {
        return false;
    }
    // SAFETY: the processor has AVX2, as was just checked.
    unsafe { all(page, text) };
    true
}

/// Asks for the memory of `item`.
#[inline]
pub(super) fn prefetch<T>(item: &T) {
    // SAFETY: a prefetch of a valid reference reads nothing and cannot fault.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
}

/// Where characters stand in one chunk: a bit per byte.
#[derive(Clone, Copy, Default)]
struct Seen {
    delimiters: u64,
    dots: u64,
    colons: u64,
    slashes: u64,
    percents: u64,
    brackets: u64,
    dashes: u64,
    /// `@` and backslash.
    always: u64,
    digits: u64,
    letters: u64,
    /// `t m a s n` in any case.
    numbered: u64,
    /// Characters beyond ASCII that act as dots and hyphens.
    foreign: u64,
}

#[target_feature(enable = "avx2")]
fn all(page: &mut Page, text: &[u8]) {
    let (first, rest) = text.split_at_checked(BEFORE).unwrap_or((text, &[]));
    let mut before = Seen::of_byte(first.first().copied().unwrap_or(b' '));
    let mut here = chunk(rest, 0);
    let chunks = rest.len().min(PAGE).div_ceil(LANES).min(CHUNKS);
    for (number, masks) in page.0.iter_mut().enumerate().take(chunks) {
        let behind = chunk(rest, (number + 1) * LANES);
        *masks = combine(&before, &here, &behind);
        (before, here) = (here, behind);
    }
}

/// The characters of one chunk; blanks behind the end of the text.
#[inline]
#[target_feature(enable = "avx2")]
fn chunk(text: &[u8], at: usize) -> Seen {
    match text.get(at..).and_then(<[u8]>::first_chunk::<{ LANES + BEHIND }>) {
        Some(bytes) => seen(bytes),
        None => {
            let mut padded = [b' '; LANES + BEHIND];
            padded
                .iter_mut()
                .zip(text.get(at..).unwrap_or(&[]))
                .for_each(|(to, from)| *to = *from);
            seen(&padded)
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load<const OFFSET: usize>(bytes: &[u8; LANES + BEHIND]) -> __m256i {
    const { assert!(OFFSET + 32 <= LANES + BEHIND) }
    // SAFETY: the array is longer than OFFSET + 32, as was just asserted; the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().add(OFFSET).cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}

/// The two halves of a chunk.
#[derive(Clone, Copy)]
struct Halves(__m256i, __m256i);

impl Halves {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn any<const N: usize>(self, of: [u8; N]) -> u64 {
        let (mut low, mut high) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for byte in of {
            low = _mm256_or_si256(low, _mm256_cmpeq_epi8(self.0, splat(byte)));
            high = _mm256_or_si256(high, _mm256_cmpeq_epi8(self.1, splat(byte)));
        }
        bits(low, high)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn within(self, low: u8, high: u8) -> u64 {
        let (a, b) = (_mm256_sub_epi8(self.0, splat(low)), _mm256_sub_epi8(self.1, splat(low)));
        let span = splat(high - low);
        bits(
            _mm256_cmpeq_epi8(_mm256_min_epu8(a, span), a),
            _mm256_cmpeq_epi8(_mm256_min_epu8(b, span), b),
        )
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn folded(self) -> Self {
        let fold = splat(0x20);
        Self(_mm256_or_si256(self.0, fold), _mm256_or_si256(self.1, fold))
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn bits(low: __m256i, high: __m256i) -> u64 {
    let (low, high) = (
        _mm256_movemask_epi8(low).cast_unsigned(),
        _mm256_movemask_epi8(high).cast_unsigned(),
    );
    u64::from(low) | u64::from(high) << 32
}

#[inline]
#[target_feature(enable = "avx2")]
fn seen(bytes: &[u8; LANES + BEHIND]) -> Seen {
    let text = Halves(load::<0>(bytes), load::<32>(bytes));
    let folded = text.folded();
    let high = bits(text.0, text.1);
    Seen {
        delimiters: text.within(0, b' ') | text.any([b'"', b'\'', b'`', b'<', b'>', b'|', 0x7F]),
        dots: text.any([b'.']),
        colons: text.any([b':']),
        slashes: text.any([b'/']),
        percents: text.any([b'%']),
        brackets: text.any([b'[', b'(', b'{']),
        dashes: text.any([b'-']),
        always: text.any([b'@', b'\\']),
        digits: text.within(b'0', b'9'),
        letters: folded.within(b'a', b'z'),
        numbered: folded.any([b't', b'm', b'a', b's', b'n']),
        foreign: if high == 0 { 0 } else { foreign(bytes, text) },
    }
}

/// Dots and hyphens of other scripts, see [`super::triggers`].
#[cold]
#[target_feature(enable = "avx2")]
fn foreign(bytes: &[u8; LANES + BEHIND], text: Halves) -> u64 {
    let third = Halves(load::<2>(bytes), load::<34>(bytes));
    (text.any([0xE3]) & third.any([0xBB, 0x82]))
        | (text.any([0xEF]) & third.any([0x8E, 0xA1]))
        | (text.any([0xE2]) & third.within(0x90, 0x95))
}

impl Seen {
    /// A chunk of which only the last byte matters.
    #[target_feature(enable = "avx2")]
    fn of_byte(byte: u8) -> Self {
        let mut bytes = [b' '; LANES + BEHIND];
        if let Some(last) = bytes.get_mut(LANES - 1) {
            *last = byte;
        }
        seen(&bytes)
    }
}

/// The rules of [`super::triggers`] on bit masks.
#[inline]
fn combine(before: &Seen, here: &Seen, behind: &Seen) -> Masks {
    let previous = |mine: u64, its: u64| mine << 1 | its >> 63;
    let next = |mine: u64, its: u64| mine >> 1 | its << 63;
    let third = |mine: u64, its: u64| mine >> 2 | its << 62;
    let fourth = |mine: u64, its: u64| mine >> 3 | its << 61;

    let ends_before = previous(here.delimiters, before.delimiters);
    let ends_next = next(here.delimiters, behind.delimiters);
    let digit_next = next(here.digits, behind.digits);
    let digit_third = third(here.digits, behind.digits);
    let letter_next = next(here.letters, behind.letters);
    let digit_before = previous(here.digits, before.digits);
    let letter_before = previous(here.letters, before.letters);

    let dots = here.dots & (!ends_next | ends_before);
    let pairs = next(here.colons | here.slashes, behind.colons | behind.slashes);
    let colons = here.colons & !ends_next & (!ends_before | pairs);
    let slashes = here.slashes & !ends_next;
    let percents = here.percents & digit_next;
    let mark = |seen: &Seen| seen.dots | seen.colons | seen.slashes | seen.always | seen.dashes | seen.brackets;
    let brackets = here.brackets & next(mark(here), mark(behind));
    let dashes = here.dashes
        & ((letter_before & (letter_next | digit_next))
            | (digit_before & fourth(here.dashes, behind.dashes))
            | (previous(here.dashes, before.dashes) & next(here.dashes, behind.dashes)));
    let numbered = here.numbered & digit_next & digit_third;
    let accounts =
        here.letters & letter_next & digit_third & fourth(here.digits, behind.digits) & !(digit_before | letter_before);
    Masks {
        delimiters: here.delimiters,
        triggers: here.always
            | dots
            | colons
            | slashes
            | percents
            | brackets
            | dashes
            | numbered
            | accounts
            | here.foreign,
    }
}
