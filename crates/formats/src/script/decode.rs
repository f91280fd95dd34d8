//! What scripts carry in base64 and in hexadecimal digits.
//!
//! A run of such letters is only taken for encoded where what comes out is text or of a known format: names and long
//! words are made of the same letters.

use super::{Language, Payload, is_powershell};
use crate::capped::{Codec, unpack};
use crate::email::outlook::wide;
use crate::identify::{By, identify};
use std::collections::BTreeSet;
use watchfire_model::{Budget, Hints, Layer};

/// Payloads of one script.
const MOST: usize = 100;
/// Shortest literal that is tried.
pub(super) const SHORTEST: usize = 40;

/// Everything encoded in a script, each once.
pub(super) fn payloads(
    text: &str,
    plain: &str,
    literals: &[String],
    language: Language,
    budget: &Budget,
) -> Vec<Payload> {
    let mut found = Found {
        out: Vec::new(),
        seen: BTreeSet::new(),
        inflates: has(text, "deflatestream") || has(plain, "deflatestream"),
        language,
        budget,
    };
    for source in [text, plain] {
        if is_powershell(source) {
            found.commands(source);
        }
    }
    literals.iter().for_each(|literal| found.literal(literal));
    for source in [text, plain] {
        for run in source.split(|c: char| !is_base64(c)).filter(|run| run.len() >= 200) {
            found.literal(run);
        }
    }
    found.out
}

fn has(text: &str, word: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    memchr::memmem::find(lower.as_bytes(), word.as_bytes()).is_some()
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

struct Found<'b> {
    out: Vec<Payload>,
    seen: BTreeSet<Vec<u8>>,
    inflates: bool,
    language: Language,
    budget: &'b Budget,
}

impl Found<'_> {
    fn add(&mut self, bytes: Vec<u8>, layer: Layer, extension: &str) {
        if self.out.len() >= MOST || bytes.is_empty() || self.seen.contains(&bytes) {
            return;
        }
        let kind = match layer {
            Layer::EncodedCommand => "command",
            _ => "payload",
        };
        self.out.push(Payload {
            name: format!("{kind}-{}.{extension}", self.out.len() + 1),
            bytes: bytes.clone(),
            layer,
        });
        self.seen.insert(bytes);
    }

    /// `-EncodedCommand` in any of its short forms, and what follows: a word, or all that stands in quotes.
    fn commands(&mut self, text: &str) {
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | ',');
        let is_quote = |c: char| matches!(c, '"' | '\'');
        let mut rest = text;
        loop {
            rest = rest.trim_start_matches(|c| is_blank(c) || is_quote(c));
            if rest.is_empty() {
                return;
            }
            let end = rest.find(|c| is_blank(c) || is_quote(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = after;
            if !is_encoded_switch(word) {
                continue;
            }
            let after = after.trim_start_matches(|c| is_blank(c) || is_quote(c));
            let is_quoted = rest.len() > after.len() && text_before(rest, after).ends_with(is_quote);
            let end = after
                .find(|c| is_quote(c) || !is_quoted && is_blank(c))
                .unwrap_or(after.len());
            let word = after.get(..end).unwrap_or_default();
            if word.len() >= 8
                && let Some(command) = base64_bytes(word).and_then(|bytes| command_text(&bytes))
            {
                self.add(command.into_bytes(), Layer::EncodedCommand, "ps1");
            }
        }
    }

    fn literal(&mut self, literal: &str) {
        let literal = literal.trim();
        if literal.len() < SHORTEST || self.out.len() >= MOST {
            return;
        }
        if literal.len().is_multiple_of(2) && literal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            if let Some((bytes, extension)) = hex(literal).and_then(|bytes| self.worth(bytes)) {
                self.add(bytes, Layer::CharacterCodes, extension);
            }
            return;
        }
        let Some(bytes) = base64_bytes(literal) else { return };
        if self.inflates
            && let Some(inner) = self.inflated(&bytes)
        {
            let extension = self.worth(inner.clone()).map_or("bin", |(_, extension)| extension);
            self.add(inner, Layer::Compressed, extension);
        } else if let Some((bytes, extension)) = self.worth(bytes) {
            self.add(bytes, Layer::Base64, extension);
        }
    }

    /// What raw deflate gives, where the script says that it inflates.
    fn inflated(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if bytes.starts_with(b"\x1f\x8b") {
            return None;
        }
        let unpacked = unpack(Codec::Deflate, bytes, self.budget);
        (unpacked.problem.is_none() && unpacked.bytes.len() > 8).then_some(unpacked.bytes)
    }

    /// The bytes, text in UTF-8, and the ending of their name; nothing where they are neither text nor of a known format.
    fn worth(&self, bytes: Vec<u8>) -> Option<(Vec<u8>, &'static str)> {
        if let Some(text) = text_of(&bytes) {
            return Some((text.into_bytes(), self.language.extension()));
        }
        let identified = identify(&bytes, &Hints::default());
        (identified.by == By::Content).then_some((bytes, "bin"))
    }
}

/// What of `whole` stands before its end `rest`.
fn text_before<'a>(whole: &'a str, rest: &str) -> &'a str {
    whole.get(..whole.len().saturating_sub(rest.len())).unwrap_or_default()
}

/// Whether a word is `-EncodedCommand` or short for it.
fn is_encoded_switch(word: &str) -> bool {
    let Some(name) = word.strip_prefix(['-', '/', '\u{2013}', '\u{2014}', '\u{2015}']) else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    name == "ec" || (!name.is_empty() && name != "ex" && "encodedcommand".starts_with(&name))
}

/// A command line as PowerShell takes it: UTF-16.
fn command_text(bytes: &[u8]) -> Option<String> {
    let text = wide(bytes);
    let plausible = text.chars().filter(|c| !c.is_control() || c.is_whitespace()).count();
    let known = text.chars().filter(char::is_ascii).count();
    (bytes.len() >= 4 && plausible == text.chars().count() && known * 2 >= plausible).then_some(text)
}

/// Text, in UTF-16 or UTF-8; nothing where it is no text that anybody wrote.
pub(super) fn text_of(bytes: &[u8]) -> Option<String> {
    if bytes.len() >= 8
        && bytes
            .iter()
            .skip(1)
            .step_by(2)
            .take(64)
            .filter(|byte| **byte == 0)
            .count()
            * 2
            > bytes.len().min(128) / 2
    {
        return command_text(bytes);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let is_written = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (text.len() >= 4 && text.chars().all(is_written)).then(|| text.to_owned())
}

/// Bytes out of base64, standard or for URLs; nothing where another letter is in it. Blanks do not count.
pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held, mut letters) = (0_u32, 0_u32, 0_usize);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        letters += 1;
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
    }
    (letters % 4 != 1).then_some(out)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8; 2]| u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok();
    pairs.iter().map(byte).collect()
}

/// Percent signs with two digits, or with `u` and four, as their characters.
pub(super) fn percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let wide = after.strip_prefix(['u', 'U']).and_then(|after| after.get(..4));
        let wide = wide.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let narrow = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (wide.and_then(char::from_u32), narrow) {
            (Some(c), _) => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after.get(5..).unwrap_or_default();
            }
            (None, Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (None, None) => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => error.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    }
}
