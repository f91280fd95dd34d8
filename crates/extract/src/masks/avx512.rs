//! The masks by AVX-512 with VBMI: one instruction looks sixty-four bytes up in a table.
//!
//! A first pass replaces each byte by its class, of which there are fewer than sixty-four. Then each group of rules is a
//! look-up per place, and that is all the rules ask for.

#![expect(
    unsafe_code,
    reason = "a call that needs AVX-512, behind a run-time check, and loads and stores of fixed arrays"
)]

use super::rules::{self, BEYOND, CLASSES, FOREIGN, GROUPS, PLACES};
use super::{BEFORE, LANES, Masks, Page, WINDOW, window};
use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpeq_epi8_mask, _mm512_cmpge_epu8_mask, _mm512_cmple_epu8_mask,
    _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_mask_mov_epi8, _mm512_movepi8_mask, _mm512_or_si512,
    _mm512_permutex2var_epi8, _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_storeu_si512,
    _mm512_test_epi8_mask,
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
    let beyond = classify(&mut page.classes, text);
    let chunks = text.len().saturating_sub(BEFORE).div_ceil(LANES);
    let classes = page.classes.as_flattened();
    for (number, masks) in page.masks.iter_mut().enumerate().take(chunks) {
        if let Some(window) = classes.get(number * LANES..).and_then(<[u8]>::first_chunk) {
            *masks = decide(window);
        }
    }
    if !beyond {
        return;
    }
    let mut padded = [b' '; WINDOW];
    for (number, masks) in page.masks.iter_mut().enumerate() {
        if let Some(window) = window(text, number, &mut padded) {
            masks.triggers |= foreign(window);
        }
    }
}

/// The class of each byte of a page and of what surrounds it, blanks behind its end. True if there are bytes beyond
/// ASCII.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn classify(classes: &mut [[u8; LANES]], text: &[u8]) -> bool {
    let (low, high) = CLASSES.of.split_at(LANES);
    let (Some(low), Some(high)) = (low.first_chunk(), high.first_chunk()) else {
        return false;
    };
    let (low, high) = (load(low), load(high));
    let mut beyond = _mm512_setzero_si512();
    for (number, classes) in classes.iter_mut().enumerate() {
        let rest = text.get(number * LANES..).unwrap_or(&[]);
        let bytes = match rest.first_chunk() {
            Some(bytes) => load(bytes),
            None => {
                let mut padded = [b' '; LANES];
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                load(&padded)
            }
        };
        beyond = _mm512_or_si512(beyond, bytes);
        let bytes = _mm512_mask_mov_epi8(bytes, _mm512_movepi8_mask(bytes), splat(BEYOND));
        store(classes, _mm512_permutex2var_epi8(low, bytes, high));
    }
    _mm512_movepi8_mask(beyond) != 0
}

/// The masks of a chunk, from the classes of its bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn decide(window: &[u8; WINDOW]) -> Masks {
    let at = [
        load_at::<0>(window),
        load_at::<1>(window),
        load_at::<2>(window),
        load_at::<3>(window),
        load_at::<4>(window),
        load_at::<5>(window),
    ];
    const { assert!(GROUPS == 5 && PLACES == 6) }
    let mut fired = group::<0>(at);
    fired = _mm512_or_si512(fired, group::<1>(at));
    fired = _mm512_or_si512(fired, group::<2>(at));
    fired = _mm512_or_si512(fired, group::<3>(at));
    fired = _mm512_or_si512(fired, group::<4>(at));
    Masks {
        delimiters: _mm512_cmplt_epu8_mask(at[BEFORE], splat(CLASSES.ending)),
        triggers: _mm512_test_epi8_mask(fired, fired),
    }
}

/// The rules of a group that hold at each byte.
#[inline]
#[expect(clippy::indexing_slicing, reason = "each caller names one of the groups")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn group<const GROUP: usize>(at: [__m512i; PLACES]) -> __m512i {
    let mut holds = splat(0xFF);
    for (table, classes) in CLASSES.tables[GROUP].iter().zip(at).take(const { rules::width(GROUP) }) {
        holds = _mm512_and_si512(holds, _mm512_permutexvar_epi8(classes, load(table)));
    }
    holds
}

/// Dots and hyphens of other scripts.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn foreign(window: &[u8; WINDOW]) -> u64 {
    let (here, third) = (load_at::<1>(window), load_at::<3>(window));
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
fn load(bytes: &[u8; LANES]) -> __m512i {
    // SAFETY: the array has the bytes that are loaded; the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load_at<const OFFSET: usize>(window: &[u8; WINDOW]) -> __m512i {
    const { assert!(OFFSET + LANES <= WINDOW) }
    // SAFETY: the array has OFFSET + LANES bytes, as was just asserted; the load needs no alignment.
    unsafe { _mm512_loadu_si512(window.as_ptr().add(OFFSET).cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn store(bytes: &mut [u8; LANES], vector: __m512i) {
    // SAFETY: the array has the bytes that are stored; the store needs no alignment.
    unsafe { _mm512_storeu_si512(bytes.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn splat(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte.cast_signed())
}
