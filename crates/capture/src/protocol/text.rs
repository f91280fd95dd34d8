//! What protocols of text have in common: lines, replies that begin with a number, messages that end with a dot.

#[cfg(test)]
mod tests;

use super::{Context, Here};
use watchfire_model::Untrusted;

/// Bytes of a line that are kept.
const LONGEST_LINE: usize = 4 << 10;

/// A line without its end.
#[derive(Debug)]
pub(super) struct Line {
    /// Its text, cut to what is kept.
    pub(super) text: Vec<u8>,
    /// Where it began.
    pub(super) began: Here,
}

/// One side's line that is not whole.
#[derive(Debug, Default)]
pub(super) struct Lines {
    held: Vec<u8>,
    began: Option<Here>,
}

impl Lines {
    /// Takes bytes until a line is whole; it ends with a line feed, and often a carriage return before.
    pub(super) fn next(&mut self, bytes: &mut &[u8], context: &Context<'_>) -> Option<Line> {
        if bytes.is_empty() {
            return None;
        }
        self.began.get_or_insert(context.here);
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (part, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len()))?;
        let room = LONGEST_LINE.saturating_sub(self.held.len()).min(part.len());
        self.held.extend_from_slice(part.get(..room).unwrap_or_default());
        *bytes = rest.get(usize::from(end.is_some())..).unwrap_or_default();
        end?;
        let mut text = std::mem::take(&mut self.held);
        if text.last() == Some(&b'\r') {
            text.pop();
        }
        Some(Line {
            text,
            began: self.began.take().unwrap_or(context.here),
        })
    }

    /// Bytes of memory that it holds.
    pub(super) const fn memory(&self) -> usize {
        self.held.capacity()
    }

    /// Whether it stands between lines.
    pub(super) fn is_between(&self) -> bool {
        self.began.is_none()
    }
}

/// The first word of a line, and what is behind the blanks that follow it.
pub(super) fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let line = line.trim_ascii_start();
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
    (word, rest.trim_ascii())
}

/// What stands behind a mark, in whatever case.
pub(super) fn behind<'l>(line: &'l [u8], mark: &[u8]) -> Option<&'l [u8]> {
    let (head, rest) = line.split_at_checked(mark.len())?;
    head.eq_ignore_ascii_case(mark).then_some(rest)
}

/// Whether bytes begin with one of the marks, in whatever case, or may once there are more of them.
pub(super) fn begins(bytes: &[u8], marks: &[&[u8]]) -> super::Guess {
    let mut guess = super::Guess::No;
    for mark in marks {
        let length = mark.len().min(bytes.len());
        let (head, start) = (bytes.get(..length), mark.get(..length));
        if head
            .zip(start)
            .is_some_and(|(head, start)| head.eq_ignore_ascii_case(start))
        {
            if length == mark.len() {
                return super::Guess::Yes;
            }
            guess = super::Guess::Perhaps;
        }
    }
    guess
}

/// Text, where there is some.
pub(super) fn some(text: &[u8]) -> Option<Untrusted> {
    (!text.is_empty()).then(|| Untrusted::from_bytes(text))
}

/// A number of digits alone.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

/// An answer of SMTP or FTP: three digits and a text, of its last line (RFC 5321 4.2, RFC 959 4.2).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) text: Vec<u8>,
}

/// Lines of answers, which may have several.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// The code of an answer whose last line has not come.
    open: Option<u16>,
}

impl Replies {
    /// Takes a line. The answer, if that is its last; what is no answer at all is one with the code 0.
    pub(super) fn line(&mut self, line: &[u8]) -> Option<Reply> {
        let code = line.first_chunk::<3>().and_then(|digits| number(digits));
        let code = code.and_then(|code| u16::try_from(code).ok());
        let (mark, text) = (line.get(3), line.get(4..).unwrap_or_default());
        match (self.open, code, mark) {
            (None, Some(code), Some(b'-')) => {
                self.open = Some(code);
                None
            }
            (Some(open), Some(code), Some(b' ') | None) if open == code => {
                self.open = None;
                Some(Reply {
                    code,
                    text: text.to_vec(),
                })
            }
            (Some(_), ..) => None,
            (None, Some(code), Some(b' ') | None) => Some(Reply {
                code,
                text: text.to_vec(),
            }),
            (None, ..) => Some(Reply {
                code: 0,
                text: line.to_vec(),
            }),
        }
    }
}

/// A message that ends with a line of one dot, in which dots at the beginning of lines are doubled (RFC 5321 4.5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dots {
    /// At the beginning of a line.
    #[default]
    Start,
    /// Behind a dot there.
    Dot,
    /// Behind that and a carriage return.
    DotReturn,
    /// Within a line.
    Middle,
}

impl Dots {
    /// Hands on what is the message's. What is behind its end, once that has come.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8], mut out: impl FnMut(&[u8])) -> Option<&'b [u8]> {
        let (mut rest, mut from) = (bytes, 0);
        // `from` counts the bytes of `rest` that are the message's and were not handed on.
        while let Some(byte) = rest.get(from) {
            match (*self, byte) {
                (Self::Start, b'.') => {
                    hand(rest, from, &mut out);
                    rest = rest.get(from + 1..).unwrap_or_default();
                    from = 0;
                    *self = Self::Dot;
                }
                (Self::Dot, b'\r') => {
                    rest = rest.get(1..).unwrap_or_default();
                    *self = Self::DotReturn;
                }
                (Self::Dot | Self::DotReturn, b'\n') => return rest.get(1..),
                (Self::DotReturn, _) => {
                    out(b"\r");
                    *self = Self::Middle;
                }
                (Self::Start | Self::Dot | Self::Middle, _) => {
                    let line = rest.get(from..).unwrap_or_default();
                    match line.iter().position(|byte| *byte == b'\n') {
                        Some(end) => {
                            from += end + 1;
                            *self = Self::Start;
                        }
                        None => {
                            from = rest.len();
                            *self = Self::Middle;
                        }
                    }
                }
            }
        }
        hand(rest, from, &mut out);
        None
    }
}

fn hand(bytes: &[u8], until: usize, out: &mut impl FnMut(&[u8])) {
    if let Some(part) = bytes.get(..until).filter(|part| !part.is_empty()) {
        out(part);
    }
}

/// RFC 4648, as far as it is that.
pub(super) fn base64(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let (mut group, mut bits) = (0_u32, 0);
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        group = (group << 6 | u32::from(digit)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push((group >> bits & 0xff) as u8);
        }
    }
    decoded
}
