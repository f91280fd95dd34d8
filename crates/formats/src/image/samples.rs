//! Pictures without a head of their own: rows of samples, as PDF keeps them (ISO 32000-2, section 8.9.5).

use super::png::samples;
use super::{Grey, luma, over_white};

/// What the samples of a pixel stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    /// One sample, 0 for black.
    Grey,
    /// Red, green and blue.
    Rgb,
    /// Cyan, magenta, yellow and black; more is darker.
    Cmyk,
    /// One ink; more is darker.
    Ink,
    /// One sample, the number of a colour; its grey stands here.
    Palette(Vec<u8>),
}

impl Colours {
    /// Samples to a pixel.
    pub(crate) fn samples(&self) -> usize {
        match self {
            Self::Grey | Self::Ink | Self::Palette(_) => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    /// The grey of a pixel whose samples have eight bits each.
    pub(crate) fn grey(&self, pixel: &[u8]) -> Option<u8> {
        Some(match (self, pixel) {
            (Self::Grey, [grey, ..]) => *grey,
            (Self::Ink, [ink, ..]) => u8::MAX - ink,
            (Self::Rgb, [red, green, blue, ..]) => luma(*red, *green, *blue),
            (Self::Cmyk, [cyan, magenta, yellow, black, ..]) => {
                let light = |ink: &u8| behind(u8::MAX - ink, u8::MAX - black);
                luma(light(cyan), light(magenta), light(yellow))
            }
            (Self::Palette(colours), [number, ..]) => colours.get(usize::from(*number)).copied()?,
            _ => return None,
        })
    }
}

/// How much of a light is seen through another ink.
fn behind(light: u8, ink: u8) -> u8 {
    u8::try_from(u16::from(light) * u16::from(ink) / 255).unwrap_or(u8::MAX)
}

/// A picture as it lies in memory.
#[derive(Clone, Debug)]
pub(crate) struct Samples<'a> {
    /// Pixels in a row.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// Bits of a sample: 1, 2, 4, 8 or 16. Rows begin at whole bytes.
    pub(crate) bits: u16,
    /// What samples stand for.
    pub(crate) colours: &'a Colours,
    /// Whether the greatest sample stands for what 0 otherwise would.
    pub(crate) inverted: bool,
    /// The rows. What is missing is white.
    pub(crate) data: &'a [u8],
}

impl Samples<'_> {
    /// Bytes of a row; nothing where that cannot be said.
    pub(crate) fn row(&self) -> Option<usize> {
        let bits = self.width.checked_mul(self.colours.samples())?;
        Some(bits.checked_mul(usize::from(self.bits))?.div_ceil(8))
    }

    /// The picture in grey. Dimensions are the caller's to bound.
    pub(crate) fn decode(&self) -> Grey {
        let pixels = self.width.saturating_mul(self.height);
        let mut grey = Grey {
            width: self.width,
            height: self.height,
            pixels: Vec::with_capacity(pixels),
        };
        let per_pixel = self.colours.samples();
        let is_palette = matches!(self.colours, Colours::Palette(_));
        let most = u8::try_from((1_u32 << self.bits.clamp(1, 8)) - 1).unwrap_or(u8::MAX);
        let eight = |sample: u8| match (is_palette, self.inverted) {
            (true, _) => sample,
            (false, false) => sample.saturating_mul(u8::MAX / most),
            (false, true) => u8::MAX - sample.saturating_mul(u8::MAX / most),
        };
        let mut pixel = Vec::with_capacity(per_pixel);
        for line in self.data.chunks(self.row().unwrap_or(0).max(1)).take(self.height) {
            let begin = grey.pixels.len();
            let wanted = self.width.saturating_mul(per_pixel);
            for sample in samples(line, self.bits).take(wanted) {
                pixel.push(eight(sample));
                if pixel.len() == per_pixel {
                    grey.pixels.push(self.colours.grey(&pixel).unwrap_or(u8::MAX));
                    pixel.clear();
                }
            }
            pixel.clear();
            grey.pixels.resize(begin.saturating_add(self.width), u8::MAX);
        }
        grey.pixels.resize(pixels, u8::MAX);
        grey
    }
}

impl Grey {
    /// What is seen of it over white, where `alpha`, stretched to its size, says how much of each pixel is there.
    pub(crate) fn through(&mut self, alpha: &Self) {
        if alpha.width == 0 || alpha.height == 0 {
            return;
        }
        let rows = self.pixels.chunks_mut(self.width.max(1)).enumerate();
        for (y, row) in rows {
            let from = (y * alpha.height / self.height.max(1)).min(alpha.height - 1) * alpha.width;
            for (x, pixel) in row.iter_mut().enumerate() {
                let at = from + (x * alpha.width / self.width).min(alpha.width - 1);
                *pixel = over_white(*pixel, alpha.pixels.get(at).copied().unwrap_or(u8::MAX));
            }
        }
    }

    /// Turned upside down, so that what is shown mirrored is not.
    pub(crate) fn mirrored(&self) -> Self {
        let rows = self.pixels.chunks(self.width.max(1)).rev();
        Self {
            pixels: rows.flatten().copied().collect(),
            ..*self
        }
    }

    /// Each pixel `times` as wide and high, on white paper with a margin of so many pixels.
    pub(crate) fn framed(&self, times: usize, margin: usize) -> Self {
        let width = self.width * times + 2 * margin;
        let height = self.height * times + 2 * margin;
        let mut pixels = vec![u8::MAX; width * margin];
        pixels.reserve(width * height);
        for row in self.pixels.chunks(self.width.max(1)) {
            let begin = pixels.len();
            pixels.resize(begin + margin, u8::MAX);
            pixels.extend(row.iter().flat_map(|pixel| std::iter::repeat_n(*pixel, times)));
            pixels.resize(begin + width, u8::MAX);
            for _ in 1..times {
                pixels.extend_from_within(begin..begin + width);
            }
        }
        pixels.resize(width * height, u8::MAX);
        Self { width, height, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(colours: &Colours, bits: u16, inverted: bool, data: &[u8], expected: &[u8]) {
        let samples = Samples {
            width: 2,
            height: 2,
            bits,
            colours,
            inverted,
            data,
        };
        assert_eq!(samples.decode().pixels, expected, "{colours:?}");
    }

    #[test]
    fn samples_of_every_kind_become_grey() {
        check(&Colours::Grey, 1, false, &[0x40, 0x80], &[0, 255, 255, 0]);
        check(&Colours::Grey, 1, true, &[0x40, 0x80], &[255, 0, 0, 255]);
        check(&Colours::Grey, 16, false, &[1, 9, 2, 9, 3, 9, 4, 9], &[1, 2, 3, 4]);
        check(&Colours::Ink, 8, false, &[0, 255, 255, 0], &[255, 0, 0, 255]);
        check(&Colours::Palette(vec![7, 9]), 4, false, &[0x01, 0x12], &[7, 9, 9, 255]);
        check(
            &Colours::Rgb,
            8,
            false,
            &[0, 0, 0, 255, 255, 255, 9],
            &[0, 255, 255, 255],
        );
        check(
            &Colours::Cmyk,
            8,
            false,
            &[0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0],
            &[255, 0, 0, 255],
        );
    }

    #[test]
    fn frames_and_mirrors_keep_the_picture() {
        let grey = Grey {
            width: 2,
            height: 2,
            pixels: vec![1, 2, 3, 4],
        };
        assert_eq!(grey.mirrored().pixels, [3, 4, 1, 2]);
        let framed = grey.framed(2, 1);
        assert_eq!((framed.width, framed.height, framed.pixels.len()), (6, 6, 36));
        assert_eq!(&framed.pixels[6..12], &[255, 1, 1, 2, 2, 255]);
        assert_eq!(&framed.pixels[12..18], &[255, 1, 1, 2, 2, 255]);
        let mut seen = grey;
        seen.through(&Grey {
            width: 1,
            height: 2,
            pixels: vec![255, 0],
        });
        assert_eq!(seen.pixels, [1, 2, 255, 255]);
    }
}
