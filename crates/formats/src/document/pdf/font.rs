//! Fonts: what the codes in a page's strings stand for, and how wide they are (ISO 32000-2, sections 9.5 to 9.10).
//!
//! Font programs are not read, save the encoding at the head of a Type 1 program. A composite font without ToUnicode
//! and with glyph numbers for codes has no text; that is a problem of the file, and said so.

use super::cmap::{CMap, code};
use super::encoding::{Base, glyph_text, push_readable};
use super::file::File;
use super::lexer::{Lexer, Token};
use super::object::{Dict, Object};
use super::standard_widths::{HELVETICA, HELVETICA_BOLD, TIMES, TIMES_BOLD, Widths};
use encoding_rs::Encoding;
use watchfire_model::Problem;

/// A font, ready to read strings with.
#[derive(Debug)]
pub(super) struct Font {
    codes: Codes,
    to_unicode: CMap,
    /// Text of the codes of a simple font.
    texts: Vec<String>,
    widths: FontWidths,
    pub(super) vertical: bool,
}

/// How a string is cut into codes.
#[derive(Debug)]
enum Codes {
    /// One byte each.
    Single,
    /// Two bytes each, which are glyph numbers.
    Identity,
    /// Two bytes each, which are UTF-16.
    Unicode,
    /// One or two bytes in a legacy encoding.
    Legacy(&'static Encoding),
    /// As an embedded CMap says.
    Mapped(Box<CMap>),
}

#[derive(Debug)]
enum FontWidths {
    /// By code, from the first; in thousandths of the font size.
    Simple { first: u32, widths: Vec<f32>, missing: f32 },
    /// By character identifier: ranges with one width each, sorted.
    Composite { ranges: Vec<(u32, u32, f32)>, default: f32 },
    /// A standard font.
    Standard(&'static Widths),
    /// All characters alike.
    Fixed(f32),
}

/// Ranges of widths in a composite font.
const MAX_RANGES: usize = 1 << 20;

/// One character of a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glyph {
    pub(super) code: u32,
    /// Bytes of the string that it takes.
    pub(super) length: usize,
    /// In units of the font size.
    pub(super) width: f64,
}

impl Font {
    pub(super) fn load(file: &File<'_>, dict: &Dict) -> Self {
        let to_unicode = file.get(dict, "ToUnicode");
        let to_unicode = to_unicode
            .as_stream()
            .map(|stream| CMap::parse(&file.decode(stream)))
            .unwrap_or_default();
        if file.get(dict, "Subtype").is_name("Type0") {
            composite(file, dict, to_unicode)
        } else {
            simple(file, dict, to_unicode)
        }
    }

    /// The first character of `bytes`, which are not empty.
    pub(super) fn first(&self, bytes: &[u8]) -> Glyph {
        let length = match &self.codes {
            Codes::Single => 1,
            Codes::Identity | Codes::Unicode => 2,
            Codes::Legacy(encoding) => match bytes.first() {
                Some(0..=0x80) => 1,
                Some(0xA0..=0xDF) if *encoding == encoding_rs::SHIFT_JIS => 1,
                _ => 2,
            },
            Codes::Mapped(map) => map.code_length(bytes).unwrap_or(2),
        };
        let length = length.min(bytes.len()).max(1);
        let code = code(bytes.get(..length).unwrap_or_default());
        Glyph {
            code,
            length,
            width: self.width(code),
        }
    }

    /// Whether word spacing applies to the glyph: to the single byte 32 only.
    pub(super) fn is_space(glyph: Glyph) -> bool {
        glyph.length == 1 && glyph.code == 32
    }

    /// Appends the text of `glyph`.
    pub(super) fn text(&self, glyph: Glyph, out: &mut String) {
        match &self.codes {
            Codes::Single => {
                let text = usize::try_from(glyph.code).ok().and_then(|code| self.texts.get(code));
                out.push_str(text.map(String::as_str).unwrap_or_default());
            }
            _ if self.to_unicode.text(glyph.code, out) => {}
            Codes::Unicode => {
                let units = [glyph.code as u16];
                let text = String::from_utf16_lossy(&units);
                push_readable(text.trim_matches('\u{FFFD}'), out);
            }
            Codes::Legacy(encoding) => {
                let bytes = glyph.code.to_be_bytes();
                let bytes = bytes.get(4 - glyph.length.min(4)..).unwrap_or_default();
                push_readable(&encoding.decode_without_bom_handling(bytes).0, out);
            }
            Codes::Identity | Codes::Mapped(_) => {}
        }
    }

    fn width(&self, code: u32) -> f64 {
        let thousandths = match &self.widths {
            FontWidths::Simple { first, widths, missing } => {
                let at = code.checked_sub(*first).and_then(|at| usize::try_from(at).ok());
                at.and_then(|at| widths.get(at)).copied().unwrap_or(*missing)
            }
            FontWidths::Composite { ranges, default } => {
                let identifier = match &self.codes {
                    Codes::Mapped(map) => map.identifier(code).unwrap_or(code),
                    _ => code,
                };
                let after = ranges.partition_point(|range| range.0 <= identifier);
                let range = after.checked_sub(1).and_then(|at| ranges.get(at));
                range
                    .filter(|range| identifier <= range.1)
                    .map_or(*default, |range| range.2)
            }
            FontWidths::Standard(widths) => {
                let at = code.checked_sub(32).and_then(|at| usize::try_from(at).ok());
                at.and_then(|at| widths.get(at))
                    .map_or(500.0, |width| f32::from(*width))
            }
            FontWidths::Fixed(width) => *width,
        };
        f64::from(thousandths) / 1000.0
    }
}

fn simple(file: &File<'_>, dict: &Dict, to_unicode: CMap) -> Font {
    let base_font = file
        .get(dict, "BaseFont")
        .as_name()
        .map(<[u8]>::to_vec)
        .unwrap_or_default();
    let encoding = file.get(dict, "Encoding");
    let descriptor = file.get(dict, "FontDescriptor");
    let mut base = Base::default();
    let mut texts: Option<Vec<String>> = None;
    let mut differences = Vec::new();
    match &*encoding {
        Object::Name(name) => base = Base::of_name(name).unwrap_or_default(),
        Object::Dict(encoding) => {
            let named = file.get(encoding, "BaseEncoding").as_name().and_then(Base::of_name);
            if named.is_none() {
                texts = built_in(file, descriptor.as_dict());
            }
            base = named.unwrap_or_default();
            differences = read_differences(file, encoding);
        }
        _ => {
            texts = built_in(file, descriptor.as_dict());
            // A TrueType font without an encoding is most often one of Windows.
            if file.get(dict, "Subtype").is_name("TrueType") {
                base = Base::WinAnsi;
            }
        }
    }
    let mut texts = texts.unwrap_or_else(|| (0..=255).map(|code| base.text(code)).collect());
    for (code, name) in differences {
        if let Some(text) = texts.get_mut(usize::from(code)) {
            *text = glyph_text(&name).unwrap_or_default();
        }
    }
    for (code, text) in (0_u32..).zip(&mut texts) {
        let mut readable = String::new();
        if !to_unicode.text(code, &mut readable) {
            push_readable(text, &mut readable);
        }
        *text = readable;
    }
    Font {
        codes: Codes::Single,
        texts,
        widths: simple_widths(file, dict, descriptor.as_dict(), &base_font),
        to_unicode,
        vertical: false,
    }
}

fn read_differences(file: &File<'_>, encoding: &Dict) -> Vec<(u8, Vec<u8>)> {
    let mut out = Vec::new();
    let mut code = 0_i64;
    let differences = file.get(encoding, "Differences");
    for item in differences.as_array().unwrap_or_default().iter().take(1024) {
        match &*file.resolve(item) {
            Object::Name(name) => {
                out.extend(u8::try_from(code).map(|code| (code, name.clone())));
                code = code.saturating_add(1);
            }
            other => code = other.as_integer().unwrap_or(code),
        }
    }
    out
}

/// The encoding in the clear part of a Type 1 program: `dup 65 /A put`.
fn built_in(file: &File<'_>, descriptor: Option<&Dict>) -> Option<Vec<String>> {
    let program = file.get(descriptor?, "FontFile");
    let data = file.decode(program.as_stream()?);
    let head = data.get(..data.len().min(32 << 10))?;
    let start = memchr::memmem::find(head, b"/Encoding")?;
    let mut lexer = Lexer::new(head, start + b"/Encoding".len());
    let mut texts = vec![String::new(); 256];
    let mut found = false;
    for _ in 0..4096 {
        match lexer.next()? {
            Token::Keyword(b"def" | b"readonly") if found => break,
            Token::Keyword(b"StandardEncoding" | b"eexec" | b"currentfile") => break,
            Token::Keyword(b"dup") => {
                let (Some(Token::Integer(code)), Some(Token::Name(name))) = (lexer.next(), lexer.next()) else {
                    continue;
                };
                if let Some(text) = usize::try_from(code).ok().and_then(|code| texts.get_mut(code)) {
                    *text = glyph_text(&name).unwrap_or_default();
                    found = true;
                }
            }
            _ => {}
        }
    }
    found.then_some(texts)
}

fn simple_widths(file: &File<'_>, dict: &Dict, descriptor: Option<&Dict>, base_font: &[u8]) -> FontWidths {
    // Widths of a Type 3 font are in its own units.
    let scale = if file.get(dict, "Subtype").is_name("Type3") {
        let matrix = file.get(dict, "FontMatrix");
        let horizontal = matrix
            .as_array()
            .and_then(|matrix| file.resolve(matrix.first()?).as_number());
        horizontal.unwrap_or(0.001) * 1000.0
    } else {
        1.0
    };
    let widths = file.get(dict, "Widths");
    if let Some(widths) = widths.as_array() {
        let number = |object: &Object| (file.resolve(object).as_number().unwrap_or(0.0) * scale) as f32;
        let missing = descriptor.and_then(|descriptor| file.get(descriptor, "MissingWidth").as_number());
        return FontWidths::Simple {
            first: file
                .get(dict, "FirstChar")
                .as_size()
                .and_then(|first| u32::try_from(first).ok())
                .unwrap_or(0),
            widths: widths.iter().take(256).map(number).collect(),
            missing: missing.unwrap_or(0.0) as f32,
        };
    }
    let name = String::from_utf8_lossy(base_font);
    let bold = name.contains("Bold");
    if name.contains("Courier") {
        FontWidths::Fixed(600.0)
    } else if name.contains("Times") {
        FontWidths::Standard(if bold { &TIMES_BOLD } else { &TIMES })
    } else {
        FontWidths::Standard(if bold { &HELVETICA_BOLD } else { &HELVETICA })
    }
}

fn composite(file: &File<'_>, dict: &Dict, to_unicode: CMap) -> Font {
    let descendants = file.get(dict, "DescendantFonts");
    let descendant = match &*descendants {
        Object::Array(items) => items.first().map(|item| file.resolve(item).keep()),
        _ => None,
    };
    let empty = Dict::new();
    let descendant = descendant
        .as_ref()
        .and_then(|object| object.as_dict())
        .unwrap_or(&empty);
    let encoding = file.get(dict, "Encoding");
    let (codes, vertical) = match &*encoding {
        Object::Name(name) => (predefined(name), name.ends_with(b"-V")),
        Object::Stream(stream) => {
            let map = CMap::parse(&file.decode(stream));
            let vertical = map.vertical;
            (Codes::Mapped(Box::new(map)), vertical)
        }
        _ => (Codes::Identity, false),
    };
    if matches!(codes, Codes::Identity | Codes::Mapped(_)) && !to_unicode.has_text() {
        file.problem(Problem::warning(
            "pdf-font-without-text",
            "a font gives glyph numbers and no text for them; what is set in it cannot be read",
        ));
    }
    Font {
        codes,
        to_unicode,
        texts: Vec::new(),
        widths: composite_widths(file, descendant),
        vertical,
    }
}

/// CMaps that every reader knows by name (section 9.7.5.2).
fn predefined(name: &[u8]) -> Codes {
    let name = String::from_utf8_lossy(name);
    let has = |part: &str| name.contains(part);
    if has("UCS2") || has("UTF16") {
        Codes::Unicode
    } else if has("RKSJ") {
        Codes::Legacy(encoding_rs::SHIFT_JIS)
    } else if has("GB") && !has("Identity") {
        Codes::Legacy(encoding_rs::GBK)
    } else if has("B5") || has("HKscs") {
        Codes::Legacy(encoding_rs::BIG5)
    } else if has("KSC") {
        Codes::Legacy(encoding_rs::EUC_KR)
    } else if has("EUC") {
        Codes::Legacy(encoding_rs::EUC_JP)
    } else {
        Codes::Identity
    }
}

/// `/W`: `c [w…]` and `c_first c_last w` in turn (section 9.7.4.3).
fn composite_widths(file: &File<'_>, descendant: &Dict) -> FontWidths {
    let default = file.get(descendant, "DW").as_number().unwrap_or(1000.0) as f32;
    let mut ranges = Vec::new();
    let array = file.get(descendant, "W");
    let mut items = array.as_array().unwrap_or_default().iter();
    while let (Some(first), Some(second)) = (items.next(), items.next()) {
        let Some(first) = file
            .resolve(first)
            .as_size()
            .and_then(|first| u32::try_from(first).ok())
        else {
            break;
        };
        match &*file.resolve(second) {
            Object::Array(widths) => {
                for (at, width) in (first..).zip(widths) {
                    ranges.push((at, at, file.resolve(width).as_number().unwrap_or(0.0) as f32));
                }
            }
            last => {
                let Some(last) = last.as_size().and_then(|last| u32::try_from(last).ok()) else {
                    break;
                };
                let Some(width) = items.next() else { break };
                ranges.push((first, last, file.resolve(width).as_number().unwrap_or(0.0) as f32));
            }
        }
        if ranges.len() > MAX_RANGES {
            break;
        }
    }
    ranges.sort_by_key(|range| range.0);
    FontWidths::Composite { ranges, default }
}
