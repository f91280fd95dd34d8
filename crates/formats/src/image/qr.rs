//! QR codes (ISO/IEC 18004), found and read by the crate `rqrr`, which enters here and nowhere else.

use super::Grey;

/// Codes of one picture.
const MOST: usize = 20;

/// What the codes in a picture say, each once, in the order in which they are found.
pub fn codes(picture: &Grey) -> Vec<String> {
    let found = search(picture, 0);
    if !found.is_empty() {
        return found;
    }
    // Light on dark is not what the standard says, and telephones read it all the same.
    let sum: u64 = picture.pixels.iter().map(|pixel| u64::from(*pixel)).sum();
    let is_dark = sum / (picture.pixels.len() as u64).max(1) < 128;
    if is_dark { search(picture, 0xff) } else { found }
}

fn search(picture: &Grey, flip: u8) -> Vec<String> {
    let pixel = |x: usize, y: usize| {
        let at = y.saturating_mul(picture.width).saturating_add(x);
        picture.pixels.get(at).map_or(0xff, |pixel| pixel ^ flip)
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, pixel);
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
    codes
}
