//! Bit masks of the bytes at which words end, and at which an observable could show itself.
//!
//! A page of the text is classified at once: by vector instructions where the processor has them, else byte by byte. All
//! ways apply the same [`rules`]; a test holds them equal.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod rules;

/// Bytes per mask.
pub(crate) const LANES: usize = 64;
/// Bytes classified at once.
pub(crate) const PAGE: usize = 64 * LANES;
/// Bytes in front of the first, and behind the last, that decide about them.
pub(crate) const BEFORE: usize = 1;
pub(crate) const BEHIND: usize = rules::PLACES - BEFORE - 1;
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
pub(crate) struct Page {
    masks: [Masks; PAGE / LANES],
    /// The classes of a page's bytes and of what surrounds it, while they are needed.
    #[cfg(target_arch = "x86_64")]
    classes: [[u8; LANES]; PAGE / LANES + 1],
}

impl Default for Page {
    fn default() -> Self {
        Self {
            masks: [Masks::default(); PAGE / LANES],
            #[cfg(target_arch = "x86_64")]
            classes: [[0; LANES]; PAGE / LANES + 1],
        }
    }
}

impl Page {
    pub(crate) fn get(&self, chunk: usize) -> Masks {
        self.masks.get(chunk).copied().unwrap_or_default()
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
    if avx512::fill(page, text) || avx2::fill(page, text) {
        return;
    }
    fill_byte_by_byte(page, text);
}

fn fill_byte_by_byte(page: &mut Page, text: &[u8]) {
    let mut padded = [b' '; WINDOW];
    for (number, masks) in page.masks.iter_mut().enumerate() {
        let Some(window) = window(text, number, &mut padded) else {
            return;
        };
        *masks = byte_by_byte(window);
    }
}

/// The bytes that decide about chunk `number` of the page whose surroundings are `text`; none behind its end.
#[inline(always)]
fn window<'w>(text: &'w [u8], number: usize, padded: &'w mut [u8; WINDOW]) -> Option<&'w [u8; WINDOW]> {
    let rest = text.get(number * LANES..)?;
    if let Some(window) = rest.first_chunk() {
        return Some(window);
    }
    padded.fill(b' ');
    padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    (rest.len() > BEFORE).then_some(padded)
}

fn byte_by_byte(window: &[u8; WINDOW]) -> Masks {
    let mut masks = Masks::default();
    for (i, places) in window.windows(rules::PLACES).enumerate() {
        let &[_, byte, _, third, ..] = places else { continue };
        masks.delimiters |= u64::from(rules::ends_word(byte)) << i;
        let holds = places.try_into().is_ok_and(rules::holds) || rules::is_foreign(byte, third);
        masks.triggers |= u64::from(holds) << i;
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Classifies a page; false where the processor cannot.
    type Way = fn(&mut Page, &[u8]) -> bool;

    const WAYS: &[(&str, Way)] = &[
        #[cfg(target_arch = "x86_64")]
        ("AVX-512", avx512::fill),
        #[cfg(target_arch = "x86_64")]
        ("AVX2", avx2::fill),
    ];

    #[test]
    fn all_ways_agree_on_every_byte_in_every_surrounding() {
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
            let mut slow = Page::default();
            fill_byte_by_byte(&mut slow, &text);
            for (name, way) in WAYS {
                let mut fast = Page::default();
                if !way(&mut fast, &text) {
                    continue;
                }
                for chunk in 0..(length - BEFORE).min(PAGE).div_ceil(LANES) {
                    let (fast, slow) = (fast.get(chunk), slow.get(chunk));
                    assert_eq!(fast, slow, "{name}, round {round}, chunk {chunk} of {text:?}");
                }
            }
        }
    }
}
