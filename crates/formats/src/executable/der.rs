//! DER (ITU-T X.690): elements one after another, each a tag, a length and its content. A length that is not told (BER) is
//! refused, and nothing is descended into but by the caller, so that no nesting costs anything.

/// Tags.
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BITS: u8 = 0x03;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The tag of the context's element of that number, where it holds others.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// The tag of the context's element of that number, where it holds a value.
pub(crate) const fn context_value(number: u8) -> u8 {
    0x80 | number
}

/// An element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// Tag, length and content.
    pub(crate) whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements in it.
    pub(crate) fn inner(&self) -> Elements<'a> {
        Elements { rest: self.content }
    }
}

/// Elements one after another. What cannot be read ends them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next one, of this tag; else nothing is taken.
    pub(crate) fn tagged(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.next().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, after) = self.rest.split_first()?;
        let (&first, after) = after.split_first()?;
        // Tags beyond 30 take more bytes, and none of the formats here has them.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, after) = match first {
            0..=0x7f => (usize::from(first), after),
            0x81..=0x84 => {
                let (digits, after) = after.split_at_checked(usize::from(first & 0x7f))?;
                let length = digits
                    .iter()
                    .fold(0_u64, |length, digit| length << 8 | u64::from(*digit));
                (usize::try_from(length).ok()?, after)
            }
            _ => return None,
        };
        let (content, rest) = after.split_at_checked(length)?;
        let used = self.rest.len() - rest.len();
        let whole = self.rest.get(..used)?;
        self.rest = rest;
        Some(Element { tag, content, whole })
    }
}

/// The bytes of a string of bits that is whole bytes.
pub(crate) fn bits<'a>(element: &Element<'a>) -> Option<&'a [u8]> {
    element.content.strip_prefix(&[0])
}

/// A number without leading zeros.
pub(crate) fn number<'a>(element: &Element<'a>) -> &'a [u8] {
    let zeros = element.content.iter().take_while(|byte| **byte == 0).count();
    element.content.get(zeros..).unwrap_or_default()
}

/// An object identifier with dots.
pub(crate) fn dotted(oid: &[u8]) -> String {
    let mut parts: Vec<u64> = Vec::new();
    let mut part = 0_u64;
    // Identifiers are short; a longer one is none.
    for byte in oid.iter().take(64) {
        part = part.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if parts.is_empty() {
                let first = (part / 40).min(2);
                parts.push(first);
                part -= first * 40;
            }
            parts.push(part);
            part = 0;
        }
    }
    let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_taken_one_after_another() {
        let mut elements = Elements::new(b"\x30\x03\x02\x01\x05\x04\x81\x02ab\x05\x00");
        let sequence = elements.tagged(SEQUENCE).unwrap();
        assert_eq!(sequence.whole, b"\x30\x03\x02\x01\x05");
        assert_eq!(sequence.inner().next().unwrap().content, [5]);
        assert_eq!(elements.tagged(INTEGER), None);
        assert_eq!(elements.tagged(OCTETS).unwrap().content, b"ab");
        assert_eq!((elements.next().unwrap().tag, elements.next()), (0x05, None));
    }

    #[test]
    fn what_is_cut_or_open_is_refused() {
        for bytes in [
            b"\x30\x80\x00\x00".as_slice(),
            b"\x30\x05\x00",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x88\x00\x00\x00\x00\x00\x00\x00\x01a",
            b"\x3f\x01\x00",
            b"\x30",
            b"",
        ] {
            assert_eq!(Elements::new(bytes).next(), None, "{bytes:x?}");
        }
    }

    #[test]
    fn identifiers_have_dots() {
        assert_eq!(
            dotted(b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"),
            "1.3.6.1.4.1.311.2.1.4"
        );
        assert_eq!(dotted(b"\x55\x04\x03"), "2.5.4.3");
        assert_eq!(dotted(b"\x88\x37"), "2.999");
        assert_eq!(dotted(b""), "");
        let _ = dotted(&[0xff; 1000]);
    }
}
