//! Character codes of simple fonts to Unicode (ISO 32000-2, annex D).

use super::glyph_names::GLYPHS;
use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// A predefined encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Base {
    #[default]
    Standard,
    WinAnsi,
    MacRoman,
}

impl Base {
    pub(super) fn of_name(name: &[u8]) -> Option<Self> {
        match name {
            b"StandardEncoding" => Some(Self::Standard),
            b"WinAnsiEncoding" => Some(Self::WinAnsi),
            b"MacRomanEncoding" => Some(Self::MacRoman),
            _ => None,
        }
    }

    /// The text of a code; empty for one that is not defined.
    pub(super) fn text(self, code: u8) -> String {
        match self {
            Self::WinAnsi => match code {
                0x7F | 0x81 | 0x8D | 0x8F | 0x90 | 0x9D => "\u{2022}".to_owned(),
                _ => of_encoding(WINDOWS_1252, code),
            },
            Self::MacRoman => of_encoding(MACINTOSH, code),
            Self::Standard => match code {
                b'\'' => "\u{2019}".to_owned(),
                b'`' => "\u{2018}".to_owned(),
                0x20..=0x7E => char::from(code).to_string(),
                _ => STANDARD
                    .binary_search_by_key(&code, |(code, _)| *code)
                    .ok()
                    .and_then(|at| STANDARD.get(at))
                    .map(|(_, text)| (*text).to_owned())
                    .unwrap_or_default(),
            },
        }
    }
}

fn of_encoding(encoding: &'static Encoding, code: u8) -> String {
    match code {
        0..0x20 => String::new(),
        _ => encoding.decode_without_bom_handling(&[code]).0.into_owned(),
    }
}

/// StandardEncoding above ASCII.
#[rustfmt::skip]
static STANDARD: &[(u8, &str)] = &[
    (161, "¡"), (162, "¢"), (163, "£"), (164, "⁄"), (165, "¥"), (166, "ƒ"), (167, "§"), (168, "¤"), (169, "'"),
    (170, "“"), (171, "«"), (172, "‹"), (173, "›"), (174, "fi"), (175, "fl"), (177, "–"), (178, "†"), (179, "‡"),
    (180, "·"), (182, "¶"), (183, "•"), (184, "‚"), (185, "„"), (186, "”"), (187, "»"), (188, "…"), (189, "‰"),
    (191, "¿"), (193, "`"), (194, "´"), (195, "ˆ"), (196, "˜"), (197, "¯"), (198, "˘"), (199, "˙"), (200, "¨"),
    (202, "˚"), (203, "¸"), (205, "˝"), (206, "˛"), (207, "ˇ"), (208, "—"), (225, "Æ"), (227, "ª"), (232, "Ł"),
    (233, "Ø"), (234, "Œ"), (235, "º"), (241, "æ"), (245, "ı"), (248, "ł"), (249, "ø"), (250, "œ"), (251, "ß"),
];

/// PDFDocEncoding, for text strings outside pages.
pub(super) fn pdf_doc(code: u8) -> char {
    const LOW: &str = "˘ˇˆ˙˝˛˚˜";
    const HIGH: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™\u{FB01}\u{FB02}ŁŒŠŸŽıłœšž\u{FFFD}€";
    match code {
        0x18..=0x1F => LOW.chars().nth(usize::from(code - 0x18)).unwrap_or('\u{FFFD}'),
        0x80..=0xA0 => HIGH.chars().nth(usize::from(code - 0x80)).unwrap_or('\u{FFFD}'),
        _ => char::from(code),
    }
}

/// The text that a glyph's name stands for (Adobe Glyph List specification, section 2).
pub(super) fn glyph_text(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    let mut out = String::new();
    for part in name.split('_').take(16) {
        out.push_str(&component(part)?);
    }
    Some(out)
}

fn component(name: &str) -> Option<String> {
    if name.len() == 1 && name.is_ascii() {
        return Some(name.to_owned());
    }
    if let Ok(at) = GLYPHS.binary_search_by(|(known, _)| (*known).cmp(name)) {
        return GLYPHS.get(at).map(|(_, text)| (*text).to_owned());
    }
    if let Some(digits) = name.strip_prefix("uni")
        && digits.len() >= 4
        && digits.len() % 4 == 0
        && digits.len() <= 64
    {
        let unit = |digits: &[u8]| u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let units = digits.as_bytes().chunks(4).map(unit).collect::<Option<Vec<_>>>()?;
        return String::from_utf16(&units).ok();
    }
    let digits = name
        .strip_prefix('u')
        .filter(|digits| (4..=6).contains(&digits.len()))?;
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
        .map(String::from)
}

/// Appends `text` as it is to be read: ligatures in letters, no controls, no invisible characters.
pub(super) fn push_readable(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\u{FB00}' => out.push_str("ff"),
            '\u{FB01}' => out.push_str("fi"),
            '\u{FB02}' => out.push_str("fl"),
            '\u{FB03}' => out.push_str("ffi"),
            '\u{FB04}' => out.push_str("ffl"),
            '\u{FB05}' | '\u{FB06}' => out.push_str("st"),
            // A soft hyphen that was set in type is a hyphen on the page.
            '\u{AD}' | '\u{2010}' | '\u{2011}' => out.push('-'),
            '\t' | '\n' | '\r' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
                out.push(' ')
            }
            c if c.is_control() || crate::document::text::is_invisible(c) => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(GLYPHS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(STANDARD.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn glyphs_by_name() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(glyph_text(name.as_bytes()).as_deref(), expected);
        check("A", Some("A"));
        check("eacute", Some("é"));
        check("fi", Some("fi"));
        check("f_f_i.alt", Some("ffi"));
        check("uni20AC", Some("€"));
        check("u1F600", Some("😀"));
        check("afii10071", Some("ё"));
        check("g123", None);
        check(".notdef", None);
        check("uniD800", None);
    }

    #[test]
    fn codes_by_encoding() {
        assert_eq!(
            (
                Base::WinAnsi.text(0x80),
                Base::MacRoman.text(0x8E),
                Base::Standard.text(0xAE)
            ),
            ("€".into(), "é".into(), "fi".into())
        );
        assert_eq!(
            (pdf_doc(0xA0), pdf_doc(0x84), pdf_doc(0x1F), pdf_doc(0xE9)),
            ('€', '—', '˜', 'é')
        );
    }
}
