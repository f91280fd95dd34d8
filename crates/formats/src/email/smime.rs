//! S/MIME (RFC 8551): what a signature is wrapped around. The text of an opaque signed mail is inside of the signature,
//! and whoever does not open it sees nothing.
//!
//! Read of CMS (RFC 5652) is only the way to the content, in BER with or without lengths. Absent: certificates,
//! verification, decryption.

/// What a CMS message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cms {
    /// Signed: the content, which is empty where it travels beside the signature.
    Signed(Vec<u8>),
    /// Encrypted.
    Encrypted,
    /// Something else.
    Other,
}

/// 1.2.840.113549.1.7.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";
/// Elements that are looked at on the way, and pieces that a content may come in.
const MOST: usize = 100_000;

/// Reads a CMS message; `None` where the bytes do not begin like one.
pub fn read(bytes: &[u8]) -> Option<Cms> {
    let outer = Element::read(bytes)?.filter(SEQUENCE)?;
    let oid = Element::read(outer.content)?.filter(OID)?;
    let kind = oid.content.strip_prefix(PKCS7)?;
    Some(match kind {
        [2] => Cms::Signed(signed(oid.rest).unwrap_or_default()),
        [3] => Cms::Encrypted,
        _ => Cms::Other,
    })
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const CONSTRUCTED_OCTETS: u8 = 0x24;
const EXPLICIT: u8 = 0xa0;

/// version, algorithms, then the content with its type.
fn signed(rest: &[u8]) -> Option<Vec<u8>> {
    let explicit = Element::read(rest)?.filter(EXPLICIT)?;
    let data = Element::read(explicit.content)?.filter(SEQUENCE)?;
    let version = Element::read(data.content)?.filter(INTEGER)?;
    let algorithms = Element::read(version.rest)?.filter(SET)?;
    let content = Element::read(algorithms.ended()?)?.filter(SEQUENCE)?;
    let kind = Element::read(content.content)?.filter(OID)?;
    let explicit = Element::read(kind.rest)?.filter(EXPLICIT)?;
    let mut out = Vec::new();
    octets(explicit.content, &mut out);
    Some(out)
}

/// A string of octets, in one piece or in several, which may themselves be in pieces. Walked flat: the heads of pieces
/// are passed over, and what is in them is taken.
fn octets(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    // How much of `rest` still belongs to the string: what the outermost piece says, where it says it.
    let mut depth = 0_usize;
    for _ in 0..MOST {
        let Some(element) = Element::read(rest) else { return };
        match element.tag {
            OCTETS => {
                out.extend_from_slice(element.content);
                rest = element.rest;
                if depth == 0 {
                    return;
                }
            }
            CONSTRUCTED_OCTETS => {
                depth += 1;
                // Everything behind the head, be the length known or not.
                rest = element.content;
            }
            _ => return,
        }
    }
}

/// A tag, a length, and what follows.
struct Element<'a> {
    tag: u8,
    /// What is in it; all that follows where the length is not told.
    content: &'a [u8],
    rest: &'a [u8],
    is_open: bool,
}

impl<'a> Element<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&tag, after) = bytes.split_first()?;
        let (&length, after) = after.split_first()?;
        if length == 0x80 {
            return Some(Self {
                tag,
                content: after,
                rest: &[],
                is_open: true,
            });
        }
        let (length, after) = if length < 0x80 {
            (usize::from(length), after)
        } else {
            let (digits, after) = after.split_at_checked(usize::from(length & 0x7f))?;
            if digits.len() > 8 {
                return None;
            }
            let length = digits
                .iter()
                .fold(0_u64, |length, digit| length << 8 | u64::from(*digit));
            (usize::try_from(length).ok()?, after)
        };
        // One that was cut is read as far as it goes.
        let (content, rest) = after.split_at_checked(length).unwrap_or((after, &[]));
        Some(Self {
            tag,
            content,
            rest,
            is_open: false,
        })
    }

    fn filter(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }

    /// What follows, where the length is told.
    fn ended(&self) -> Option<&'a [u8]> {
        (!self.is_open).then_some(self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82];
        out.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        out.extend(content);
        out
    }

    fn oid(last: u8) -> Vec<u8> {
        let mut out = vec![OID, 9];
        out.extend(PKCS7);
        out.push(last);
        out
    }

    fn signed_message(octets: &[u8]) -> Vec<u8> {
        let content = [oid(1), element(EXPLICIT, octets)].concat();
        let data = [
            vec![INTEGER, 1, 1],
            element(SET, b""),
            element(SEQUENCE, &content),
            element(SET, b"x"),
        ]
        .concat();
        element(
            SEQUENCE,
            &[oid(2), element(EXPLICIT, &element(SEQUENCE, &data))].concat(),
        )
    }

    #[test]
    fn the_signed_content_is_taken_out() {
        let whole = signed_message(&element(OCTETS, b"Content-Type: text/plain\r\n\r\nhi"));
        assert_eq!(
            read(&whole),
            Some(Cms::Signed(b"Content-Type: text/plain\r\n\r\nhi".to_vec()))
        );
        let pieces = [element(OCTETS, b"one "), element(OCTETS, b"two")].concat();
        assert_eq!(
            read(&signed_message(&element(CONSTRUCTED_OCTETS, &pieces))),
            Some(Cms::Signed(b"one two".to_vec()))
        );
        let mut open = vec![CONSTRUCTED_OCTETS, 0x80];
        open.extend([pieces, vec![0, 0]].concat());
        assert_eq!(read(&signed_message(&open)), Some(Cms::Signed(b"one two".to_vec())));
    }

    #[test]
    fn others_are_told_apart() {
        assert_eq!(read(&element(SEQUENCE, &oid(3))), Some(Cms::Encrypted));
        assert_eq!(read(&element(SEQUENCE, &oid(2))), Some(Cms::Signed(Vec::new())));
        assert_eq!(read(&element(SEQUENCE, b"\x02\x01\x01")), None);
        assert_eq!(read(b""), None);
    }

    #[test]
    fn damage_is_survived() {
        let whole = signed_message(&element(CONSTRUCTED_OCTETS, &element(OCTETS, b"content")));
        for at in 0..whole.len() {
            let _ = read(&whole[..at]);
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                let _ = read(&damaged);
            }
        }
        let nested = signed_message(&[CONSTRUCTED_OCTETS, 0x80].repeat(20_000));
        assert_eq!(read(&nested), Some(Cms::Signed(Vec::new())));
    }
}
