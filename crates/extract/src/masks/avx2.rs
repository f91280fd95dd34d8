//! The masks by AVX2: a look-up of sixteen entries for each half of a byte.
//!
//! Looking up halves allows more than the rules do: what the set "f or 1" allows by halves has "6" and "a" in it as well.
//! So what fires here is held against the rules themselves. Where a word has fired, the rest of it need not be, but that is
//! known to the caller only; most of what fires by halves fires.

#![expect(
    unsafe_code,
    reason = "a call that needs AVX2, behind a run-time check, loads from fixed arrays, and prefetches"
)]

use super::rules::{self, FOREIGN, GROUPS, Halves, PLACES};
use super::{Masks, Page, WINDOW, window};
use std::arch::x86_64::{
    __m128i, __m256i, _MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
};

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

#[target_feature(enable = "avx2")]
fn all(page: &mut Page, text: &[u8]) {
    let mut padded = [b' '; WINDOW];
    for (number, masks) in page.masks.iter_mut().enumerate() {
        let Some(window) = window(text, number, &mut padded) else {
            return;
        };
        let (low, high) = (half::<0>(window), half::<32>(window));
        let delimiters = u64::from(low.0) | u64::from(high.0) << 32;
        let mut fired = u64::from(low.1) | u64::from(high.1) << 32;
        let mut triggers = 0;
        while fired != 0 {
            let at = fired.trailing_zeros();
            let holds = window
                .get(at as usize..)
                .and_then(<[u8]>::first_chunk::<PLACES>)
                .is_some_and(|places| rules::holds(*places) || rules::is_foreign(places[1], places[3]));
            triggers |= u64::from(holds) << at;
            fired &= fired - 1;
        }
        *masks = Masks { delimiters, triggers };
    }
}

/// Where words end in thirty-two bytes, and where rules could hold.
#[inline]
#[target_feature(enable = "avx2")]
fn half<const OFFSET: usize>(window: &[u8; WINDOW]) -> (u32, u32) {
    let places = [
        place(window, OFFSET),
        place(window, OFFSET + 1),
        place(window, OFFSET + 2),
        place(window, OFFSET + 3),
        place(window, OFFSET + 4),
        place(window, OFFSET + 5),
    ];
    let mut fired = group::<0>(&places);
    fired = _mm256_or_si256(fired, group::<1>(&places));
    fired = _mm256_or_si256(fired, group::<2>(&places));
    fired = _mm256_or_si256(fired, group::<3>(&places));
    fired = _mm256_or_si256(fired, group::<4>(&places));
    const { assert!(GROUPS == 5) }
    let here = load(window, OFFSET + 1);
    if _mm256_movemask_epi8(here) != 0 {
        for (first, _, _) in FOREIGN {
            fired = _mm256_or_si256(fired, _mm256_cmpeq_epi8(here, splat(first)));
        }
    }
    (
        is_not_zero(look_up(&rules::ENDS_BY_HALVES, places[1])),
        is_not_zero(fired),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn is_not_zero(bytes: __m256i) -> u32 {
    !_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())).cast_unsigned()
}

/// Low and high halves of thirty-two bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn place(window: &[u8; WINDOW], offset: usize) -> (__m256i, __m256i) {
    let bytes = load(window, offset);
    let low = splat(0x0F);
    (
        _mm256_and_si256(bytes, low),
        _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low),
    )
}

/// The rules of a group that could hold at each byte.
#[inline]
#[expect(clippy::indexing_slicing, reason = "each caller names one of the groups")]
#[target_feature(enable = "avx2")]
fn group<const GROUP: usize>(places: &[(__m256i, __m256i); PLACES]) -> __m256i {
    let mut holds = splat(0xFF);
    for (table, halves) in rules::HALVES[GROUP]
        .iter()
        .zip(places)
        .take(const { rules::width(GROUP) })
    {
        holds = _mm256_and_si256(holds, look_up(table, *halves));
    }
    holds
}

/// What both halves of each byte allow.
#[inline]
#[target_feature(enable = "avx2")]
fn look_up(table: &Halves, (low, high): (__m256i, __m256i)) -> __m256i {
    _mm256_and_si256(
        _mm256_shuffle_epi8(broadcast(&table.low), low),
        _mm256_shuffle_epi8(broadcast(&table.high), high),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn broadcast(table: &[u8; 16]) -> __m256i {
    // SAFETY: the table has the 16 bytes that are loaded; the load needs no alignment.
    let table: __m128i = unsafe { _mm_loadu_si128(table.as_ptr().cast()) };
    _mm256_broadcastsi128_si256(table)
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(window: &[u8; WINDOW], offset: usize) -> __m256i {
    assert!(offset + 32 <= WINDOW);
    // SAFETY: the array has offset + 32 bytes, as was just asserted; the load needs no alignment.
    unsafe { _mm256_loadu_si256(window.as_ptr().add(offset).cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}
