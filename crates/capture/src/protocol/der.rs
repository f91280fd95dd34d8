//! A walk through BER and DER (ITU-T X.690), element by element: definite lengths and small tags, which is all that LDAP,
//! Kerberos, SNMP and SPNEGO use. Nothing here calls itself; who goes deeper makes another walk.

use crate::cursor::Cursor;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;

/// An element of the application's own kind, with others inside.
pub(crate) const fn application(number: u8) -> u8 {
    0x60 | number
}

/// An element whose kind is told by its place, with others inside.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// The beginning of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) tag: u8,
    /// Bytes of tag and length.
    pub(crate) size: usize,
    /// Bytes of what is inside.
    pub(crate) length: usize,
}

/// Why there is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoHeader {
    /// More bytes are needed.
    Short,
    /// It is none.
    Senseless,
}

/// How an element begins.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, NoHeader> {
    let &[tag, first, ..] = bytes else {
        return Err(NoHeader::Short);
    };
    if tag & 0x1f == 0x1f {
        return Err(NoHeader::Senseless);
    }
    if first < 0x80 {
        return Ok(Header {
            tag,
            size: 2,
            length: first.into(),
        });
    }
    let octets = usize::from(first & 0x7f);
    if !(1..=4).contains(&octets) {
        return Err(NoHeader::Senseless);
    }
    let number = bytes.get(2..2 + octets).ok_or(NoHeader::Short)?;
    let length = number
        .iter()
        .fold(0_u32, |length, octet| length << 8 | u32::from(*octet));
    Ok(Header {
        tag,
        size: 2 + octets,
        length: usize::try_from(length).map_err(|_| NoHeader::Senseless)?,
    })
}

/// Elements that follow one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a>(Cursor<'a>);

/// Those that are whole, each as its tag and what is inside.
pub(crate) const fn elements(bytes: &[u8]) -> Elements<'_> {
    Elements(Cursor::new(bytes))
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let header = header(self.0.rest()).ok()?;
        let mut cursor = self.0;
        cursor.take(header.size)?;
        let body = cursor.take(header.length)?;
        self.0 = cursor;
        Some((header.tag, body))
    }
}

impl<'a> Elements<'a> {
    /// What is inside the next element, if it has this tag.
    pub(crate) fn with(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, body)| body)
    }

    /// The next element, a number that fits.
    pub(crate) fn number(&mut self) -> Option<i64> {
        number(self.with(INTEGER)?)
    }
}

/// What is inside the first element with this tag.
pub(crate) fn first(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    elements(bytes).find(|(found, _)| *found == tag).map(|(_, body)| body)
}

/// What is inside after going into one element after another.
pub(crate) fn inside<'a>(bytes: &'a [u8], tags: &[u8]) -> Option<&'a [u8]> {
    tags.iter().try_fold(bytes, |bytes, tag| first(bytes, *tag))
}

/// A number with its sign.
pub(crate) fn number(body: &[u8]) -> Option<i64> {
    if body.is_empty() || body.len() > 8 {
        return None;
    }
    let sign = if body.first().is_some_and(|octet| *octet >= 0x80) {
        -1
    } else {
        0
    };
    Some(body.iter().fold(sign, |number, octet| number << 8 | i64::from(*octet)))
}

/// The content of a number that has no sign, whatever its highest bit.
pub(crate) fn unsigned(content: &[u8]) -> Option<u64> {
    let digits = content.strip_prefix(&[0]).unwrap_or(content);
    (digits.len() <= 8).then(|| digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The content of an object's identifier (8.19) as numbers with dots between; at most so many bytes of it.
pub(crate) fn identifier(content: &[u8], most: usize) -> Option<String> {
    use std::fmt::Write;

    let mut text = String::new();
    let mut number = 0_u64;
    let content = content.get(..most).unwrap_or(content);
    for byte in content {
        number = number.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            let first = (number / 40).min(2);
            let _ = write!(text, "{first}.{}", number - first * 40);
        } else {
            let _ = write!(text, ".{number}");
        }
        number = 0;
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_asked_for_by_their_tag() {
        let mut found = elements(&[0x02, 0x01, 0xff, 0x04, 0x81, 0x02, b'a', b'b', 0x04, 0x05, 0]);
        assert_eq!(found.number(), Some(-1));
        assert_eq!(found.with(OCTETS), Some(b"ab".as_slice()));
        assert_eq!(found.next(), None);
    }

    #[test]
    fn numbers_have_a_sign_or_none() {
        assert_eq!(number(&[0x80]), Some(-128));
        assert_eq!(number(&[0, 0x80]), Some(128));
        assert_eq!(number(&[1; 9]), None);
        assert_eq!(number(&[]), None);
        assert_eq!(unsigned(&[0xff, 0xff]), Some(65_535));
        assert_eq!(unsigned(&[0, 0xff, 0, 0, 0, 0, 0, 0, 0]), Some(0xff00_0000_0000_0000));
    }

    #[test]
    fn identifiers_are_numbers_with_dots() {
        let description = [0x2b, 6, 1, 2, 1, 1, 1, 0];
        assert_eq!(identifier(&description, 64).as_deref(), Some("1.3.6.1.2.1.1.1.0"));
        assert_eq!(identifier(&[0x88, 0x37, 3], 64).as_deref(), Some("2.999.3"));
        assert_eq!(identifier(&[0xff; 20], 64), None);
        assert_eq!(identifier(&[], 64), None);
    }

    #[test]
    fn elements_are_gone_through_one_by_one() {
        let bytes = [
            0x30, 0x06, 0x02, 0x01, 0xff, 0x04, 0x01, b'a', 0x84, 0x82, 0x00, 0x01, 7, 0x02, 0x05, 1,
        ];
        let found: Vec<_> = elements(&bytes).collect();
        assert_eq!(found, [(SEQUENCE, &bytes[2..8]), (0x84, &bytes[12..13])]);
        assert_eq!(inside(&bytes, &[SEQUENCE, OCTETS]), Some(&b"a"[..]));
        assert_eq!(inside(&bytes, &[SEQUENCE, INTEGER]).and_then(number), Some(-1));
        assert_eq!(inside(&bytes, &[SEQUENCE, ENUMERATED]), None);
    }

    #[test]
    fn a_length_is_believed_only_where_it_is_one() {
        assert_eq!(header(&[0x30]), Err(NoHeader::Short));
        assert_eq!(header(&[0x30, 0x82, 1]), Err(NoHeader::Short));
        assert_eq!(header(&[0x30, 0x80, 1]), Err(NoHeader::Senseless));
        assert_eq!(header(&[0x30, 0x85, 1, 1, 1, 1, 1]), Err(NoHeader::Senseless));
        assert_eq!(header(&[0x1f, 0x85]), Err(NoHeader::Senseless));
        assert_eq!(elements(&[4, 0x84, 0xff, 0xff, 0xff, 0xff, 0]).count(), 0);
    }
}
