//! Printable runs in bytes of no known format, as the `strings` tool finds them, in one pass.

use std::borrow::Cow;

/// A printable run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// Its first byte in the source.
    pub start: usize,
    /// One past its last byte in the source.
    pub end: usize,
    /// Its text, all ASCII: one byte here is one byte of the source, or two where `wide`.
    pub text: Cow<'a, str>,
    /// Whether it is UTF-16LE.
    pub wide: bool,
}

/// Finds runs of at least `min` printable ASCII characters, in single bytes or as UTF-16LE. Every byte belongs to at
/// most one run; runs come in order.
pub fn strings(bytes: &[u8], min: usize) -> Strings<'_> {
    Strings {
        bytes,
        at: 0,
        min: min.max(2),
    }
}

/// See [`strings`].
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    bytes: &'a [u8],
    at: usize,
    min: usize,
}

impl<'a> Strings<'a> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The end of a UTF-16LE run that begins at `start`.
    fn wide_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let units = rest
            .chunks_exact(2)
            .take_while(|unit| matches!(unit, [low, 0] if is_printable(*low)));
        start + 2 * units.count()
    }

    fn narrow_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|&&byte| is_printable(byte)).count()
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let start = self.at + rest.iter().position(|&byte| is_printable(byte))?;
            let end = self.narrow_end(start);
            let wide = end - start == 1 && self.byte(end) == Some(0);
            if wide {
                let end = self.wide_end(start);
                self.at = end;
                if (end - start) / 2 < self.min {
                    continue;
                }
                let text = self
                    .bytes
                    .get(start..end)?
                    .iter()
                    .step_by(2)
                    .map(|&byte| char::from(byte))
                    .collect();
                return Some(Run {
                    start,
                    end,
                    text: Cow::Owned(text),
                    wide,
                });
            }
            if end - start < self.min {
                // Noise, but its last character may be the first of a wide run.
                let next_is_wide = self.byte(end) == Some(0)
                    && self.byte(end + 1).is_some_and(is_printable)
                    && self.byte(end + 2) == Some(0);
                self.at = if next_is_wide { end - 1 } else { end };
                continue;
            }
            self.at = end;
            let text = std::str::from_utf8(self.bytes.get(start..end)?).ok()?;
            return Some(Run {
                start,
                end,
                text: Cow::Borrowed(text),
                wide,
            });
        }
    }
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}
