//! Pictures on pages (ISO 32000-2, section 8.9), as far as it takes to read the QR codes in them.
//!
//! Samples in grey, colours, inks or of a palette, masks, and JPEG. Pages are read first: pictures wait, are looked at last,
//! and share an allowance of pixels. Absent: JPEG 2000, JBIG2, fax coding, and codes that are put together of strips.

use super::drawing::Drawing;
use super::file::{File, Unfiltered};
use super::lexer::{Item, Parser};
use super::object::{Dict, Object};
use crate::document::Code;
use crate::identify::media;
use crate::image::{self, Colours, Grey, MOST_PIXELS, Picture, Samples};
use memchr::memmem;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;
use watchfire_model::{Budget, Limits, Problem};

/// Modules on a side of the smallest code.
const SHORTEST_SIDE: usize = 21;
/// Pictures that are shorter are enlarged: a module may be one pixel.
const SMALL: usize = 200;
/// Times that they are.
const ENLARGED: usize = 4;
/// White around a picture, in pixels: the code may fill it.
const MARGIN: usize = 16;
/// Pictures of one document.
const MAX_PICTURES: usize = 2_000;
/// Bytes of pictures that stand in the midst of pages.
const MAX_INLINE: usize = 8 << 20;
/// Pixels of all pictures of a document together, and of all its drawings.
const MOST_IN_ALL: usize = 3 * MOST_PIXELS;
/// Codes of one document.
const MAX_CODES: usize = 100;

/// What a document shows besides text.
pub(super) struct Shown {
    pub(super) drawing: Drawing,
    waiting: Vec<Waiting>,
    /// Where the data of pictures begins that wait already, and whether mirrored.
    seen: BTreeSet<(usize, bool)>,
    inline: usize,
    /// Pixels that drawings may still have.
    left: usize,
    codes: Vec<Code>,
    page: u32,
}

/// A picture that is painted somewhere.
struct Waiting {
    page: u32,
    is_mirrored: bool,
    stands: Stands,
}

enum Stands {
    /// By itself.
    Alone(Rc<Object>),
    /// In the midst of what is painted.
    Inline(Dict, Vec<u8>),
}

impl Shown {
    pub(super) fn new() -> Self {
        Self {
            drawing: Drawing::default(),
            waiting: Vec::new(),
            seen: BTreeSet::new(),
            inline: 0,
            left: MOST_IN_ALL,
            codes: Vec::new(),
            page: 0,
        }
    }

    /// A page begins.
    pub(super) fn page(&mut self, file: &File<'_>, number: u32) {
        self.end_drawing(file);
        self.page = number;
    }

    /// What was drawn so far is one thing.
    pub(super) fn end_drawing(&mut self, file: &File<'_>) {
        let left = &mut self.left;
        let laid_out = self.drawing.finish(|pixels| {
            let allowed = left.checked_sub(pixels);
            if allowed.is_none() {
                let why = "there is much that is drawn; whether the rest of it shows a QR code is not known";
                file.problem(Problem::note("pdf-drawings-left", why));
            }
            *left = allowed.unwrap_or(0);
            allowed.is_some() && pay(file, pixels)
        });
        if let Some(grey) = laid_out {
            self.look(file, &grey, self.page);
        }
    }

    fn look(&mut self, file: &File<'_>, grey: &Grey, page: u32) {
        let found = image::codes(grey, file.budget).unwrap_or_else(|why| {
            let missed = format!("{why}; whether it shows a QR code is not known");
            file.problem(Problem::note("pdf-picture-unread", missed));
            Vec::new()
        });
        for text in found {
            if self.codes.len() < MAX_CODES {
                self.codes.push(Code { text, page });
            }
        }
    }

    /// A picture is painted; `is_mirrored` if it is so that it reads the other way round.
    pub(super) fn picture(&mut self, object: &Rc<Object>, is_mirrored: bool) {
        let Some(stream) = object.as_stream() else { return };
        if self.waiting.len() < MAX_PICTURES && self.seen.insert((stream.start, is_mirrored)) {
            self.waiting.push(Waiting {
                page: self.page,
                is_mirrored,
                stands: Stands::Alone(Rc::clone(object)),
            });
        }
    }

    /// Reads the inline picture that begins at `parser`, behind `BI`, and goes to its end. Its data is binary, so a chance
    /// `EI` is possible; what follows then is passed over as unknown operators.
    pub(super) fn inline(&mut self, parser: &mut Parser<'_>, content: &[u8], is_mirrored: bool) {
        const LONGEST_HEAD: usize = 4 << 10;
        let begin = parser.lexer.position();
        let head = content.get(..content.len().min(begin.saturating_add(LONGEST_HEAD)));
        let mut ahead = Parser::of_content(head.unwrap_or_default());
        ahead.lexer.seek(begin);
        let mut dict = Dict::new();
        let mut key = None;
        loop {
            match (ahead.item(), key.take()) {
                (Some(Item::Operand(value)), Some(name)) => drop(dict.insert(name, value)),
                (Some(Item::Operand(Object::Name(name))), None) => key = Some(long(&name).to_vec()),
                (Some(Item::Operand(_)), None) => {}
                (Some(Item::Operator(b"ID")), _) => {
                    parser.lexer.seek(ahead.lexer.position().saturating_add(1));
                    break;
                }
                _ => {
                    dict.clear();
                    break;
                }
            }
        }
        let start = parser.lexer.position();
        let rest = content.get(start..).unwrap_or_default();
        let is_space = |at: Option<&u8>| at.is_none_or(|byte| super::lexer::is_space(*byte));
        let end = memmem::find_iter(rest, b"EI").find(|at| {
            at.checked_sub(1).is_some_and(|before| is_space(rest.get(before))) && is_space(rest.get(at + 2))
        });
        parser.lexer.seek(start + end.map_or(rest.len(), |end| end + 2));
        let data = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let grown = self.inline.saturating_add(data.len());
        if self.waiting.len() < MAX_PICTURES && grown <= MAX_INLINE && !dict.is_empty() {
            self.inline = grown;
            self.waiting.push(Waiting {
                page: self.page,
                is_mirrored,
                stands: Stands::Inline(dict, data.to_vec()),
            });
        }
    }

    /// Looks at what waits; the codes of all pages, in the order of the pages.
    pub(super) fn finish(mut self, file: &File<'_>) -> Vec<Code> {
        self.end_drawing(file);
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut left = MOST_IN_ALL;
        // Codes are square; what is not may be a scanned page, which has many pixels.
        waiting.sort_by_key(|picture| !picture.is_square(file));
        for picture in waiting {
            if file.halted().is_some() {
                break;
            }
            let missed = match picture.grey(file, &mut left) {
                Ok(Some(grey)) => {
                    self.look(file, &grey, picture.page);
                    continue;
                }
                Ok(None) => continue,
                Err(why) => format!("{why}; whether it shows a QR code is not known"),
            };
            file.problem(Problem::note("pdf-picture-unread", missed));
        }
        self.codes.sort_by_key(|code| code.page);
        let mut told = BTreeSet::new();
        self.codes.retain(|code| told.insert(code.text.clone()));
        self.codes
    }
}

/// Pays for pixels, in pieces, so that what is too much is told before it is had.
fn pay(file: &File<'_>, pixels: usize) -> bool {
    const PIECE: usize = 1 << 20;
    (0..pixels).step_by(PIECE).all(|paid| {
        let piece = (pixels - paid).min(PIECE) as u64;
        let done = file.budget.unpack(piece, piece, u64::MAX);
        done.map_err(|halt| file.halt(halt)).is_ok()
    })
}

impl Waiting {
    fn dict(&self) -> Option<&Dict> {
        match &self.stands {
            Stands::Alone(object) => object.as_dict(),
            Stands::Inline(dict, _) => Some(dict),
        }
    }

    fn is_square(&self, file: &File<'_>) -> bool {
        let side = |key: &str| self.dict().and_then(|dict| file.get(dict, key).as_size()).unwrap_or(0);
        let (width, height) = (side("Width"), side("Height"));
        width.saturating_mul(2) < height.saturating_mul(3) && height.saturating_mul(2) < width.saturating_mul(3)
    }

    /// The picture as it is seen, ready to be searched; nothing where it is too small to show anything.
    fn grey(&self, file: &File<'_>, left: &mut usize) -> Result<Option<Grey>, &'static str> {
        let Some(dict) = self.dict() else { return Ok(None) };
        let Some(mut grey) = self.decoded(file, dict, left)? else {
            return Ok(None);
        };
        if let Some(alpha) = mask(file, dict, left)? {
            grey.through(&alpha);
        }
        if self.is_mirrored {
            grey = grey.mirrored();
        }
        let is_small = grey.width.min(grey.height) < SMALL && grey.width.max(grey.height) < 4 * SMALL;
        let times = if is_small { ENLARGED } else { 1 };
        let pixels = (grey.width * times + 2 * MARGIN) * (grey.height * times + 2 * MARGIN);
        *left = left.checked_sub(pixels).ok_or(MANY)?;
        Ok(pay(file, pixels).then(|| grey.framed(times, MARGIN)))
    }

    fn decoded(&self, file: &File<'_>, dict: &Dict, left: &mut usize) -> Result<Option<Grey>, &'static str> {
        match &self.stands {
            Stands::Alone(object) => match object.as_stream() {
                Some(stream) => decode(file, dict, || file.stored(stream), left),
                None => Ok(None),
            },
            Stands::Inline(_, data) => decode(file, dict, || Cow::Borrowed(data), left),
        }
    }
}

/// How much of each pixel of a picture is there, where another picture says so.
fn mask(file: &File<'_>, dict: &Dict, left: &mut usize) -> Result<Option<Grey>, &'static str> {
    let soft = file.get(dict, "SMask");
    if let Some(stream) = soft.as_stream() {
        return decode(file, &stream.dict, || file.stored(stream), left);
    }
    let hard = file.get(dict, "Mask");
    let Some(stream) = hard.as_stream() else {
        return Ok(None);
    };
    let mut grey = decode(file, &stream.dict, || file.stored(stream), left)?;
    // What is painted of a stencil is black, and there.
    if let Some(grey) = &mut grey {
        grey.pixels.iter_mut().for_each(|pixel| *pixel = u8::MAX - *pixel);
    }
    Ok(grey)
}

/// Decodes one picture whose dimensions are bounded, and takes its pixels from what is left.
fn decode<'d>(
    file: &File<'_>,
    dict: &Dict,
    stored: impl FnOnce() -> Cow<'d, [u8]>,
    left: &mut usize,
) -> Result<Option<Grey>, &'static str> {
    let size = |key: &str| file.get(dict, key).as_size().unwrap_or(0);
    let (width, height) = (size("Width"), size("Height"));
    if width.min(height) < SHORTEST_SIDE {
        return Ok(None);
    }
    let pixels = width.saturating_mul(height);
    if pixels > MOST_PIXELS {
        return Err("a picture has too many pixels");
    }
    *left = left.checked_sub(pixels).ok_or(MANY)?;
    let is_stencil = matches!(*file.get(dict, "ImageMask"), Object::Bool(true));
    let bits = if is_stencil {
        1
    } else {
        file.get(dict, "BitsPerComponent").as_size().unwrap_or(8)
    };
    let bits = u16::try_from(bits)
        .ok()
        .filter(|bits| matches!(bits, 1 | 2 | 4 | 8 | 16))
        .unwrap_or(8);
    let stored = stored();
    // By row, with what predictors put before each.
    let most = pixels.saturating_mul(8).saturating_add(height).max(1 << 16) as u64;
    let own = Budget::new(Limits {
        artifact_size: most.saturating_add(4 * stored.len() as u64),
        ratio: u64::MAX,
        ..*file.budget.limits()
    });
    let Unfiltered { data, codec, .. } = file.unfilter(dict, stored, &own);
    match codec.as_deref() {
        Some(b"DCTDecode" | b"DCT") => {
            // It has a head of its own, which need not say what the page does.
            let own = image::size(media::JPEG, &data).map_or(0, |(width, height)| width.saturating_mul(height));
            *left = left.checked_sub(own.saturating_sub(pixels)).ok_or(MANY)?;
            jpeg(file, &data)
        }
        Some(_) => Err("a picture is in JPEG 2000, JBIG2 or fax coding, which is not decoded"),
        None if !pay(file, pixels) => Ok(None),
        None => {
            let colours = if is_stencil {
                Colours::Grey
            } else {
                colours(file, dict)?
            };
            let samples = Samples {
                width,
                height,
                bits,
                colours: &colours,
                inverted: is_inverted(file, dict),
                data: &data,
            };
            Ok(Some(samples.decode()))
        }
    }
}

fn jpeg(file: &File<'_>, data: &[u8]) -> Result<Option<Grey>, &'static str> {
    match image::read(media::JPEG, data, file.budget) {
        Ok(Picture::Decoded(grey)) => Ok(Some(grey)),
        Ok(Picture::TooSmall) => Ok(None),
        Ok(Picture::TooLarge) => Err("a picture has too many pixels"),
        Ok(Picture::Unread(why)) => Err(why),
        Err(halt) => {
            file.halt(halt);
            Ok(None)
        }
    }
}

/// Whether the greatest sample stands for what 0 stands for otherwise.
fn is_inverted(file: &File<'_>, dict: &Dict) -> bool {
    let decode = file.get(dict, "Decode");
    let range = decode.as_array().unwrap_or_default();
    let at = |at: usize| range.get(at).and_then(|bound| file.resolve(bound).as_number());
    matches!((at(0), at(1)), (Some(first), Some(last)) if first > last)
}

fn colours(file: &File<'_>, dict: &Dict) -> Result<Colours, &'static str> {
    let space = file.get(dict, "ColorSpace");
    let Object::Array(parts) = &*space else {
        return simple(&space).ok_or(UNKNOWN);
    };
    let part = |at: usize| parts.get(at).map(|part| file.resolve(part).keep()).unwrap_or_default();
    let kind = part(0);
    match kind.as_name() {
        Some(b"Indexed" | b"I") => {
            let base = of_space(file, &part(1)).ok_or(UNKNOWN)?;
            let table = part(3);
            let table = match &*table {
                Object::String(bytes) => Cow::Borrowed(bytes.as_slice()),
                Object::Stream(stream) => file.decode(stream),
                _ => return Err(UNKNOWN),
            };
            let colours = table.chunks_exact(base.samples()).take(256);
            let greys = colours.map(|colour| base.grey(colour).unwrap_or(u8::MAX));
            Ok(Colours::Palette(greys.collect()))
        }
        _ => of_space(file, &space).ok_or(UNKNOWN),
    }
}

const MANY: &str = "there are many pictures, and the rest of them were not looked at";
const UNKNOWN: &str = "the colours of a picture are not known";

/// A colour space that is no palette.
fn of_space(file: &File<'_>, space: &Object) -> Option<Colours> {
    let Object::Array(parts) = space else {
        return simple(space);
    };
    let part = |at: usize| parts.get(at).map(|part| file.resolve(part).keep()).unwrap_or_default();
    let kind = part(0);
    match kind.as_name()? {
        b"ICCBased" => match file.get(part(1).as_dict()?, "N").as_size()? {
            1 => Some(Colours::Grey),
            3 => Some(Colours::Rgb),
            4 => Some(Colours::Cmyk),
            _ => None,
        },
        b"Separation" => Some(Colours::Ink),
        b"Lab" => None,
        _ => simple(&kind),
    }
}

fn simple(space: &Object) -> Option<Colours> {
    match space.as_name()? {
        b"DeviceGray" | b"G" | b"CalGray" => Some(Colours::Grey),
        b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Colours::Rgb),
        b"DeviceCMYK" | b"CMYK" => Some(Colours::Cmyk),
        _ => None,
    }
}

/// The whole name of a key that inline pictures may shorten (ISO 32000-2, table 91).
fn long(key: &[u8]) -> &[u8] {
    match key {
        b"W" => b"Width",
        b"H" => b"Height",
        b"BPC" => b"BitsPerComponent",
        b"CS" => b"ColorSpace",
        b"D" => b"Decode",
        b"DP" => b"DecodeParms",
        b"F" => b"Filter",
        b"IM" => b"ImageMask",
        other => other,
    }
}
