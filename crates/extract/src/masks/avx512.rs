//! The masks by AVX-512 with VBMI: one instruction looks sixty-four bytes up in a table of 128.
//!
//! That is all the rules ask for, so this is them, word for word, at a few instructions per sixty-four bytes.

#![expect(
    unsafe_code,
    reason = "a call that needs AVX-512, behind a run-time check, and loads from fixed arrays"
)]

use super::rules::{self, BEYOND, ENDS, FOREIGN, GROUPS, PLACES, TABLES};
use super::{LANES, Masks, Page, WINDOW, window};
use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpeq_epi8_mask, _mm512_cmpge_epu8_mask, _mm512_cmple_epu8_mask,
    _mm512_loadu_si512, _mm512_mask_mov_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_permutex2var_epi8,
    _mm512_set1_epi8, _mm512_test_epi8_mask,
};

/// The masks of a page, see [`super::fill`]; false if the processor cannot.
#[inline]
pub(super) fn fill(page: &mut Page, text: &[u8]) -> bool {
    let able = std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512bw")
        && std::is_x86_feature_detected!("avx512vbmi");
    if able {
        // SAFETY: the processor has what `all` is compiled for, as was just checked.
        unsafe { all(page, text) };
    }
    able
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn all(page: &mut Page, text: &[u8]) {
    let mut padded = [b' '; WINDOW];
    for (number, masks) in page.0.iter_mut().enumerate() {
        let Some(window) = window(text, number, &mut padded) else {
            return;
        };
        let at = [
            load::<0>(window),
            load::<1>(window),
            load::<2>(window),
            load::<3>(window),
            load::<4>(window),
            load::<5>(window),
        ];
        let [before, here, next, third, fourth, fifth] = at;
        if _mm512_movepi8_mask(_mm512_or_si512(before, fifth)) == 0 {
            *masks = decide(at);
            continue;
        }
        *masks = decide([
            beyond(before),
            beyond(here),
            beyond(next),
            beyond(third),
            beyond(fourth),
            beyond(fifth),
        ]);
        masks.triggers |= foreign(here, third);
    }
}

/// Bytes beyond ASCII replaced by what they count as.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn beyond(bytes: __m512i) -> __m512i {
    _mm512_mask_mov_epi8(bytes, _mm512_movepi8_mask(bytes), splat(BEYOND))
}

/// Dots and hyphens of other scripts.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn foreign(here: __m512i, third: __m512i) -> u64 {
    let mut found = 0;
    for (first, low, high) in FOREIGN {
        found |= _mm512_cmpeq_epi8_mask(here, splat(first))
            & _mm512_cmpge_epu8_mask(third, splat(low))
            & _mm512_cmple_epu8_mask(third, splat(high));
    }
    found
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn decide(at: [__m512i; PLACES]) -> Masks {
    let ends = look_up(&ENDS, at[1]);
    let mut fired = group::<0>(at);
    fired = _mm512_or_si512(fired, group::<1>(at));
    fired = _mm512_or_si512(fired, group::<2>(at));
    fired = _mm512_or_si512(fired, group::<3>(at));
    fired = _mm512_or_si512(fired, group::<4>(at));
    const { assert!(GROUPS == 5) }
    Masks {
        delimiters: _mm512_test_epi8_mask(ends, ends),
        triggers: _mm512_test_epi8_mask(fired, fired),
    }
}

/// The rules of a group that hold at each byte.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn group<const GROUP: usize>(at: [__m512i; PLACES]) -> __m512i {
    let [first, tables @ ..] = &TABLES[GROUP];
    let mut holds = look_up(first, at[0]);
    for (table, bytes) in tables
        .iter()
        .zip(at.into_iter().skip(1))
        .take(const { rules::width(GROUP) - 1 })
    {
        holds = _mm512_and_si512(holds, look_up(table, bytes));
    }
    holds
}

/// What `table` has for each byte. Bytes are below 128.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up(table: &[u8; 128], bytes: __m512i) -> __m512i {
    // SAFETY: the table has 128 bytes; the loads need no alignment.
    let (low, high) = unsafe {
        let start = table.as_ptr();
        (
            _mm512_loadu_si512(start.cast()),
            _mm512_loadu_si512(start.add(LANES).cast()),
        )
    };
    _mm512_permutex2var_epi8(low, bytes, high)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load<const OFFSET: usize>(bytes: &[u8; WINDOW]) -> __m512i {
    const { assert!(OFFSET + LANES <= WINDOW) }
    // SAFETY: the array has OFFSET + LANES bytes, as was just asserted; the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().add(OFFSET).cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn splat(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte.cast_signed())
}
