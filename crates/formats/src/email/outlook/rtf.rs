//! Rich text of mail: the page or the plain text that it was made from (MS-OXRTFEX), or else the text that it shows.
//!
//! Outlook keeps a page inside of rich text: markup in groups of their own, and what only rich text needs between
//! switches. Taking the one and leaving the other gives the page back. One pass; groups are a stack of bounded depth.
//! Absent: layout, pictures, objects.

use super::property::encoding;
use crate::rich_text::{Piece, Pieces};
use encoding_rs::{Encoding, WINDOWS_1252};
use std::collections::BTreeMap;

/// Groups in groups. What is nested deeper is passed over.
const DEEPEST: usize = 500;
/// Fonts that are remembered.
const FONTS: usize = 5_000;
/// Longest instruction of a field that is kept.
const INSTRUCTION: usize = 8 << 10;

/// What rich text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    /// The page, or the text.
    pub(crate) text: String,
    /// It is a page.
    pub(crate) is_html: bool,
    /// It carries objects: files that are no pictures.
    pub(crate) has_objects: bool,
}

/// Reads rich text.
pub(crate) fn read(rtf: &[u8]) -> Body {
    let head = rtf.get(..rtf.len().min(1000)).unwrap_or(rtf);
    let mut reader = Reader {
        out: Body {
            is_html: memchr::memmem::find(head, b"\\fromhtml").is_some(),
            ..Body::default()
        },
        state: State::default(),
        stack: Vec::new(),
        beyond: 0,
        base: WINDOWS_1252,
        fonts: BTreeMap::new(),
        defining: 0,
        pending: Vec::new(),
        skip: 0,
        starred: false,
        instruction: String::new(),
    };
    reader.run(rtf);
    reader.out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Destination {
    Body,
    /// Markup of the page.
    Markup,
    Fonts,
    /// What a field does, as `HYPERLINK "…"`.
    Instruction,
    Ignored,
}

#[derive(Clone, Copy)]
struct State {
    destination: Destination,
    /// Between `\htmlrtf` and `\htmlrtf0`: of use to rich text alone.
    only_rtf: bool,
    font: Option<u32>,
    /// Characters that follow each `\u` for readers who do not know it.
    substitutes: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            destination: Destination::Body,
            only_rtf: false,
            font: None,
            substitutes: 1,
        }
    }
}

struct Reader {
    out: Body,
    state: State,
    stack: Vec<State>,
    /// Groups open beyond the deepest.
    beyond: usize,
    base: &'static Encoding,
    fonts: BTreeMap<u32, &'static Encoding>,
    /// The font that is being defined.
    defining: u32,
    /// Bytes whose encoding is that of the font.
    pending: Vec<u8>,
    /// Substitutes still to pass over.
    skip: usize,
    /// `\*` was met: what follows is for those who know it.
    starred: bool,
    instruction: String,
}

impl Reader {
    fn run(&mut self, rtf: &[u8]) {
        for piece in Pieces::new(rtf) {
            match piece {
                Piece::Open => self.open(),
                Piece::Close => self.close(),
                Piece::Word(word, number) => self.word(word, number),
                Piece::Symbol(symbol) => self.symbol(symbol),
                Piece::Code(byte) => self.byte(byte),
                Piece::Binary(_) | Piece::Byte(b'\r' | b'\n' | 0) => {}
                Piece::Byte(byte) => self.byte(byte),
            }
        }
        self.flush();
    }

    fn open(&mut self) {
        self.flush();
        self.skip = 0;
        if self.stack.len() >= DEEPEST {
            self.beyond += 1;
        } else {
            self.stack.push(self.state);
        }
    }

    fn close(&mut self) {
        self.flush();
        self.skip = 0;
        self.starred = false;
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let was = self.state.destination;
        self.state = self.stack.pop().unwrap_or_default();
        if was == Destination::Instruction && self.state.destination != Destination::Instruction {
            let instruction = std::mem::take(&mut self.instruction);
            if let Some(target) = hyperlink(&instruction) {
                self.write(&format!(" <{target}> "));
            }
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.starred = true,
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'~' => self.text("\u{a0}"),
            b'_' => self.text("\u{2011}"),
            b'\r' | b'\n' => self.text("\r\n"),
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i64>) {
        let starred = std::mem::take(&mut self.starred);
        let font = || number.and_then(|number| u32::try_from(number).ok());
        match word {
            b"htmltag" if starred => self.enter(Destination::Markup),
            b"fldinst" => self.enter(Destination::Instruction),
            b"fonttbl" => self.enter(Destination::Fonts),
            b"object" | b"objdata" | b"objocx" => {
                self.out.has_objects = true;
                if starred {
                    self.enter(Destination::Ignored);
                }
            }
            b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"header" | b"headerl" | b"headerr" | b"headerf"
            | b"footer" | b"footerl" | b"footerr" | b"footerf" | b"themedata" | b"filetbl" => {
                self.enter(Destination::Ignored);
            }
            _ if starred => self.enter(Destination::Ignored),
            b"htmlrtf" => {
                self.flush();
                self.state.only_rtf = number != Some(0);
            }
            b"ansicpg" => self.base = font().and_then(encoding).unwrap_or(self.base),
            b"f" if self.state.destination == Destination::Fonts => self.defining = font().unwrap_or_default(),
            b"fcharset" if self.state.destination == Destination::Fonts => {
                if let Some(charset) = font().and_then(of_charset)
                    && self.fonts.len() < FONTS
                {
                    self.fonts.insert(self.defining, charset);
                }
            }
            b"f" => {
                self.flush();
                self.state.font = font();
            }
            b"plain" => {
                self.flush();
                self.state.font = None;
            }
            b"uc" => self.state.substitutes = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            b"u" => {
                // Negative numbers are those above 32,767.
                let unit = u16::try_from(number.unwrap_or_default().rem_euclid(1 << 16)).unwrap_or_default();
                self.unit(unit);
                self.skip = self.state.substitutes;
            }
            _ => self.text(sign(word)),
        }
    }

    fn enter(&mut self, destination: Destination) {
        self.flush();
        if self.beyond == 0 && self.state.destination != Destination::Ignored {
            self.state.destination = destination;
        }
    }

    /// One byte of text.
    fn byte(&mut self, byte: u8) {
        self.starred = false;
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.is_shown() {
            self.pending.push(byte);
        }
    }

    /// One unit of UTF-16. Pairs come as two, and are joined in the text.
    fn unit(&mut self, unit: u16) {
        self.flush();
        if !self.is_shown() {
            return;
        }
        if (0xdc00..0xe000).contains(&unit) {
            // The first of the pair was kept as a private sign.
            let high = self.out.text.chars().next_back().map(u32::from);
            if let Some(high) = high.filter(|high| (0x10_f400..0x10_f800).contains(high)) {
                let high = high - 0x10_f400;
                self.out.text.pop();
                let code = 0x1_0000 + (high << 10) + u32::from(unit - 0xdc00);
                self.write(
                    char::from_u32(code)
                        .unwrap_or(char::REPLACEMENT_CHARACTER)
                        .encode_utf8(&mut [0; 4]),
                );
            }
        } else if (0xd800..0xdc00).contains(&unit) {
            let held = char::from_u32(0x10_f400 + u32::from(unit - 0xd800)).unwrap_or(char::REPLACEMENT_CHARACTER);
            self.write(held.encode_utf8(&mut [0; 4]));
        } else {
            let letter = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
            self.write(letter.encode_utf8(&mut [0; 4]));
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.flush();
        if self.is_shown() {
            self.write(text);
        }
    }

    fn is_shown(&self) -> bool {
        if self.beyond > 0 {
            return false;
        }
        match self.state.destination {
            Destination::Body => !(self.out.is_html && self.state.only_rtf),
            Destination::Markup => self.out.is_html,
            Destination::Instruction => !self.out.is_html,
            Destination::Fonts | Destination::Ignored => false,
        }
    }

    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let font = self.state.font.and_then(|font| self.fonts.get(&font).copied());
        let (text, _) = font.unwrap_or(self.base).decode_without_bom_handling(&bytes);
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        if self.state.destination == Destination::Instruction {
            if self.instruction.len() < INSTRUCTION {
                self.instruction.push_str(text);
            }
        } else {
            self.out.text.push_str(text);
        }
    }
}

/// What a word stands for in text.
fn sign(word: &[u8]) -> &'static str {
    match word {
        b"par" | b"line" | b"sect" | b"page" | b"row" => "\r\n",
        b"tab" | b"cell" => "\t",
        b"lquote" => "\u{2018}",
        b"rquote" => "\u{2019}",
        b"ldblquote" => "\u{201c}",
        b"rdblquote" => "\u{201d}",
        b"bullet" => "\u{2022}",
        b"endash" => "\u{2013}",
        b"emdash" => "\u{2014}",
        _ => "",
    }
}

/// The encoding of a font's character set.
fn of_charset(charset: u32) -> Option<&'static Encoding> {
    encoding(match charset {
        77 => 10_000,
        128 => 932,
        129 | 130 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// The target of `HYPERLINK "…"`.
fn hyperlink(instruction: &str) -> Option<&str> {
    let (_, rest) = instruction.split_once("HYPERLINK")?;
    let rest = rest.trim_start();
    let target = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split_whitespace().next()?,
    };
    (!target.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rtf: &str, expected: &str, is_html: bool) {
        let body = read(rtf.as_bytes());
        assert_eq!((body.text.as_str(), body.is_html), (expected, is_html));
    }

    #[test]
    fn a_page_comes_out_as_it_went_in() {
        check(
            "{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}{\\f1\\fcharset204 Arial;}}\
             {\\colortbl\\red0;}\r\n{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hello\\htmlrtf\\par}\\htmlrtf0\r\n\
             {\\*\\htmltag84 <a href=\"https://a.example/\\{x\\}\">}\\f1\\'cf\\'f0{\\*\\htmltag92 </a>}{\\*\\mhtmltag84 <no>}\
             {\\*\\htmltag84 &nbsp;}\\par\\u8364 ?x{\\*\\generator y;}}",
            "<p>Hello<a href=\"https://a.example/{x}\">Пр</a>&nbsp;\r\n€x",
            true,
        );
    }

    #[test]
    fn text_comes_out_with_its_links() {
        check(
            "{\\rtf1\\ansi\\fromtext{\\fonttbl{\\f0 A;}}\\f0 one\\par two\\tab\\ldblquote x\\rdblquote\\line \\u-10179?\\u-8704?}",
            "one\r\ntwo\t\u{201c}x\u{201d}\r\n\u{1f600}",
            false,
        );
        check(
            "{\\rtf1 see {\\field{\\*\\fldinst HYPERLINK \"https://a.example/\"}{\\fldrslt here}}.{\\pict 00ff}}",
            "see  <https://a.example/> here.",
            false,
        );
        check("{\\rtf1 a\\bin4 {{{{b}", "ab", false);
    }

    #[test]
    fn objects_are_told() {
        assert!(read(b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105}{\\result x}}}").has_objects);
        assert!(!read(b"{\\rtf1 x}").has_objects);
    }

    #[test]
    fn groups_without_end_are_bounded() {
        for rtf in [
            "{".repeat(100_000),
            "}".repeat(100_000),
            "{\\*".repeat(50_000),
            "\\u".repeat(50_000),
        ] {
            let _ = read(rtf.as_bytes());
        }
        let deep = format!("{}x{}y", "{".repeat(DEEPEST + 5), "}".repeat(DEEPEST + 5));
        check(&deep, "y", false);
    }
}
