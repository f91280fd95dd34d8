//! Pictures, as far as it takes to read the QR codes in them: PNG, JPEG, GIF (the first picture) and BMP, in grey.
//!
//! Dimensions are looked at before anything is decoded, and every pixel is paid for. Absent: colours, animation, WebP,
//! interlaced PNG, and everything that needs a picture to be understood.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod qr;
mod samples;
mod survey;

pub use qr::codes;
pub(crate) use samples::{Colours, Samples};

use crate::identify::media;
use watchfire_model::{Budget, Halt, MediaType};

/// Pictures with more pixels are not decoded: nobody mails them to show a code.
pub const MOST_PIXELS: usize = 8_000_000;
/// Pictures that are narrower or lower show nothing.
pub const SHORTEST_SIDE: usize = 40;

/// A picture in grey, row by row from the top, one byte to a pixel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grey {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width` × `height` bytes, 0 for black.
    pub pixels: Vec<u8>,
}

/// What became of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// It was decoded.
    Decoded(Grey),
    /// It is too small to show anything.
    TooSmall,
    /// It has too many pixels.
    TooLarge,
    /// It is damaged, or of a kind that is not decoded.
    Unread(&'static str),
}

/// Whether [`read`] knows the type.
pub fn handles(media_type: MediaType) -> bool {
    matches!(
        media_type,
        media::PNG | media::JPEG | media::GIF | media::BMP | media::WEBP
    )
}

/// Columns and rows of a picture, by its own head.
pub(crate) fn size(media_type: MediaType, bytes: &[u8]) -> Option<(usize, usize)> {
    match media_type {
        media::PNG => png::size(bytes),
        media::JPEG => jpeg::size(bytes),
        media::GIF => gif::size(bytes),
        media::BMP => bmp::size(bytes),
        _ => None,
    }
}

/// Decodes a picture.
pub fn read(media_type: MediaType, bytes: &[u8], budget: &Budget) -> Result<Picture, Halt> {
    if !matches!(media_type, media::PNG | media::JPEG | media::GIF | media::BMP) {
        return Ok(Picture::Unread("pictures of this kind are not decoded"));
    }
    let Some((width, height)) = size(media_type, bytes) else {
        return Ok(Picture::Unread("the picture's head is damaged"));
    };
    if width < SHORTEST_SIDE || height < SHORTEST_SIDE {
        return Ok(Picture::TooSmall);
    }
    let pixels = width.saturating_mul(height);
    if pixels > MOST_PIXELS {
        return Ok(Picture::TooLarge);
    }
    budget.unpack(pixels as u64, pixels as u64, bytes.len() as u64)?;
    let decoded = match media_type {
        media::PNG => png::decode(bytes, budget),
        media::JPEG => jpeg::decode(bytes),
        media::GIF => gif::decode(bytes),
        _ => bmp::decode(bytes),
    };
    Ok(match decoded {
        Ok(grey) if grey.pixels.len() == pixels => Picture::Decoded(grey),
        Ok(_) => Picture::Unread("the picture is cut short"),
        Err(why) => Picture::Unread(why),
    })
}

/// How bright a colour looks (ITU-R BT.601).
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    u8::try_from((299 * red + 587 * green + 114 * blue + 500) / 1000).unwrap_or(u8::MAX)
}

/// A colour of which some of the white behind it shows through.
fn over_white(grey: u8, alpha: u8) -> u8 {
    let (grey, alpha) = (u32::from(grey), u32::from(alpha));
    u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
