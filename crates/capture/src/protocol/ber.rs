//! The Basic Encoding Rules of ASN.1 (ITU-T X.690), as far as messages need them: elements with short tags and definite
//! lengths, without recursion.

/// An element: its tag with class and form, and its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'m> {
    pub(super) tag: u8,
    pub(super) content: &'m [u8],
}

/// Elements one behind another. The first that is none ends them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'m>(pub(super) &'m [u8]);

impl<'m> Elements<'m> {
    /// The content of the next element, if it has this tag.
    pub(super) fn with(&mut self, tag: u8) -> Option<&'m [u8]> {
        let next = self.next().filter(|element| element.tag == tag)?;
        Some(next.content)
    }

    /// The next element, a number that fits.
    pub(super) fn number(&mut self) -> Option<i64> {
        number(self.with(0x02)?)
    }
}

impl<'m> Iterator for Elements<'m> {
    type Item = Element<'m>;

    fn next(&mut self) -> Option<Element<'m>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = match first {
            0..=0x7f => usize::from(first),
            0x81..=0x84 => {
                let (digits, behind) = rest.split_at_checked(usize::from(first & 0x0f))?;
                rest = behind;
                digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
            }
            _ => return None,
        };
        // Tags of several bytes are in none of the protocols.
        let (content, behind) = rest.split_at_checked(length).filter(|_| tag & 0x1f != 0x1f)?;
        self.0 = behind;
        Some(Element { tag, content })
    }
}

/// The content of a number (8.3), if it fits.
pub(super) fn number(content: &[u8]) -> Option<i64> {
    let first = *content.first()?;
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    (content.len() <= 8).then(|| content.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
}

/// The content of a number that has no sign, whatever its highest bit.
pub(super) fn unsigned(content: &[u8]) -> Option<u64> {
    let digits = content.strip_prefix(&[0]).unwrap_or(content);
    (digits.len() <= 8).then(|| digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The content of an object's identifier (8.19) as numbers with dots between; at most so many bytes of it.
pub(super) fn identifier(content: &[u8], most: usize) -> Option<String> {
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
    fn elements_are_read_until_one_is_none() {
        let mut elements = Elements(&[0x02, 0x01, 0xff, 0x04, 0x81, 0x02, b'a', b'b', 0x04, 0x05, 0]);
        assert_eq!(elements.number(), Some(-1));
        assert_eq!(elements.with(0x04), Some(b"ab".as_slice()));
        assert_eq!(elements.next(), None);
        assert_eq!(Elements(&[0x30, 0x80, 0, 0]).next(), None);
        assert_eq!(Elements(&[0x02, 0x84, 0xff, 0xff, 0xff, 0xff]).next(), None);
        assert_eq!(Elements(&[0x1f, 0x01, 0x01]).next(), None);
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
}
