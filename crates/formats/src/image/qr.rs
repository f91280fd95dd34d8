//! QR codes (ISO/IEC 18004), found and read by the crate `rqrr`, which enters here and nowhere else.
//!
//! It tries every three corners that may belong together, each time on a copy of the picture, and fills areas anew that it
//! has forgotten: a thousand corners in a kilobyte cost it a minute. So what it would do is counted first (`survey`), and a
//! picture that takes too much of it is not searched, which is said.

use super::Grey;
use super::survey::{Survey, survey};
use watchfire_model::Budget;

/// Codes of one picture.
const MOST: usize = 20;
/// Bytes that trying corners may copy. A small picture may have 15 corners, one of eight million pixels nine.
const MOST_COPIED: u64 = 1_500_000_000;
/// What a try costs beside the copy, in bytes.
const TRY: u64 = 500_000;
/// Pixels that may be filled.
const MOST_FILLED: u64 = 64_000_000;

/// What the codes in a picture say, each once, in the order in which they are found; or why it was not searched.
pub fn codes(picture: &Grey, budget: &Budget) -> Result<Vec<String>, &'static str> {
    let found = search(picture, 0, budget)?;
    if !found.is_empty() {
        return Ok(found);
    }
    // Light on dark is not what the standard says, and telephones read it all the same.
    let sum: u64 = picture.pixels.iter().map(|pixel| u64::from(*pixel)).sum();
    let is_dark = sum / (picture.pixels.len() as u64).max(1) < 128;
    if is_dark {
        search(picture, 0xff, budget)
    } else {
        Ok(found)
    }
}

fn search(picture: &Grey, flip: u8, budget: &Budget) -> Result<Vec<String>, &'static str> {
    let pixel = |x: usize, y: usize| {
        let at = y.saturating_mul(picture.width).saturating_add(x);
        picture.pixels.get(at).map_or(0xff, |pixel| pixel ^ flip)
    };
    // A computation of a hash takes as long as laying out and looking at a pixel, filling sixteen, or copying 256.
    let size = picture.pixels.len() as u64;
    if !budget.effort(size) {
        return Err("the pictures together have too many pixels, and this one was not searched");
    }
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, pixel);
    let Survey { corners, filled } = survey(picture.width, picture.height, |x, y| {
        prepared.get_pixel_at(x, y) == 1_u8
    });
    if corners < 3 {
        return Ok(Vec::new());
    }
    // Each corner with every two others, one beside and one below it.
    let tries = corners.saturating_mul(corners / 2).saturating_mul(corners / 2);
    let copied = tries.saturating_mul(size + TRY);
    if copied > MOST_COPIED || filled > MOST_FILLED || !budget.effort(copied / 256 + filled / 16) {
        return Err("the picture has too much that looks like corners of QR codes to try it all");
    }
    let mut codes: Vec<String> = Vec::new();
    for grid in prepared.detect_grids().into_iter().take(MOST) {
        let mut bytes = Vec::new();
        if grid.decode_to(&mut bytes).is_ok() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !text.trim().is_empty() && !codes.contains(&text) {
                codes.push(text);
            }
        }
    }
    Ok(codes)
}
