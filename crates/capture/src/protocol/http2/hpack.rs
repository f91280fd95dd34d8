//! Header fields as HTTP/2 packs them (RFC 7541). What both ends remember is as much as the sender says, 64 KiB at most.

use super::huffman;
use crate::cursor::Cursor;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes that the table may take, whatever was agreed on.
const MOST_REMEMBERED: usize = 64 << 10;
/// What it may take unless something else is agreed on.
const USUALLY_REMEMBERED: usize = 4 << 10;
/// Bytes that a field takes beside its name and value (RFC 7541 4.1).
const OVERHEAD: usize = 32;
/// Bytes of a name or a value.
const LONGEST: usize = 64 << 10;
/// Fields of one head.
const MOST_FIELDS: usize = 512;

/// Fields that everybody knows (RFC 7541, appendix A).
const KNOWN: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

/// A field. A byte may name one that is long, so that what is named is not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: Arc<[u8]>,
    pub(super) value: Arc<[u8]>,
}

impl Field {
    fn size(&self) -> usize {
        self.name.len() + self.value.len() + OVERHEAD
    }
}

/// What one side remembers of the fields that it sent, the last first.
#[derive(Debug)]
pub(super) struct Unpacker {
    fields: VecDeque<Field>,
    size: usize,
    most: usize,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self {
            fields: VecDeque::new(),
            size: 0,
            most: USUALLY_REMEMBERED,
        }
    }
}

impl Unpacker {
    /// Bytes of memory that it holds.
    pub(super) const fn memory(&self) -> usize {
        self.size
    }

    /// The fields of a head; none where it is damaged. What comes behind cannot be unpacked then.
    pub(super) fn head(&mut self, block: &[u8]) -> Option<Vec<Field>> {
        let mut cursor = Cursor::new(block);
        let mut fields = Vec::new();
        while let Some(first) = cursor.rest().first() {
            let is_kept = fields.len() < MOST_FIELDS;
            let field = match first {
                0x80.. if !is_kept => {
                    integer(&mut cursor, 7)?;
                    continue;
                }
                0x00..=0x1f if !is_kept => {
                    skip(&mut cursor, 4)?;
                    continue;
                }
                0x80.. => self.known(integer(&mut cursor, 7)?)?,
                0x40..=0x7f => {
                    let field = self.named(&mut cursor, 6)?;
                    self.remember(field.clone());
                    field
                }
                0x20..=0x3f => {
                    let most = integer(&mut cursor, 5)?;
                    self.most = Some(most).filter(|most| *most <= MOST_REMEMBERED)?;
                    self.forget(0);
                    continue;
                }
                0x00..=0x1f => self.named(&mut cursor, 4)?,
            };
            if is_kept {
                fields.push(field);
            }
        }
        Some(fields)
    }

    /// A field whose value stands there, and whose name may.
    fn named(&self, cursor: &mut Cursor<'_>, bits: u32) -> Option<Field> {
        let index = integer(cursor, bits)?;
        let name = if index == 0 {
            string(cursor)?
        } else {
            self.known(index)?.name
        };
        let value = string(cursor)?;
        Some(Field { name, value })
    }

    fn known(&self, index: usize) -> Option<Field> {
        let index = index.checked_sub(1)?;
        if let Some((name, value)) = KNOWN.get(index) {
            return Some(Field {
                name: name.as_bytes().into(),
                value: value.as_bytes().into(),
            });
        }
        self.fields.get(index - KNOWN.len()).cloned()
    }

    fn remember(&mut self, field: Field) {
        let size = field.size();
        self.forget(size);
        if size <= self.most {
            self.size += size;
            self.fields.push_front(field);
        }
    }

    /// Forgets the oldest until so many bytes have a place.
    fn forget(&mut self, more: usize) {
        while self.size.saturating_add(more) > self.most {
            let Some(oldest) = self.fields.pop_back() else { break };
            self.size = self.size.saturating_sub(oldest.size());
        }
    }
}

/// A number whose first bits share their byte with others (RFC 7541 5.1).
fn integer(cursor: &mut Cursor<'_>, bits: u32) -> Option<usize> {
    let most = (1_usize << bits) - 1;
    let mut number = usize::from(cursor.u8()?) & most;
    if number < most {
        return Some(number);
    }
    for shift in (0..28).step_by(7) {
        let byte = cursor.u8()?;
        number = number.checked_add(usize::from(byte & 0x7f) << shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Passes over a field whose value stands there, and whose name may.
fn skip(cursor: &mut Cursor<'_>, bits: u32) -> Option<()> {
    if integer(cursor, bits)? == 0 {
        packed(cursor)?;
    }
    packed(cursor).map(drop)
}

/// A text as it stands there, and whether it is in Huffman's code.
fn packed<'b>(cursor: &mut Cursor<'b>) -> Option<(bool, &'b [u8])> {
    let is_packed = cursor.rest().first()? & 0x80 != 0;
    let length = integer(cursor, 7)?;
    Some((is_packed, cursor.take(length)?))
}

fn string(cursor: &mut Cursor<'_>) -> Option<Arc<[u8]>> {
    let (is_packed, bytes) = packed(cursor).filter(|(_, bytes)| bytes.len() <= LONGEST)?;
    if is_packed {
        huffman::decode(bytes, LONGEST).map(Arc::from)
    } else {
        Some(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(fields: Option<Vec<Field>>) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let fields = fields.unwrap().into_iter();
        fields
            .map(|field| format!("{}: {}", text(&field.name), text(&field.value)))
            .collect()
    }

    #[test]
    fn heads_that_follow_one_another_are_those_of_rfc_7541() {
        // C.4: requests with Huffman's code.
        let mut unpacker = Unpacker::default();
        let first = b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff";
        let known = [
            ":method: GET",
            ":scheme: http",
            ":path: /",
            ":authority: www.example.com",
        ];
        assert_eq!(lines(unpacker.head(first)), known);
        let second = b"\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf";
        let with_more: Vec<&str> = known.into_iter().chain(["cache-control: no-cache"]).collect();
        assert_eq!(lines(unpacker.head(second)), with_more);
        let third = b"\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf";
        assert_eq!(
            lines(unpacker.head(third)),
            [
                ":method: GET",
                ":scheme: https",
                ":path: /index.html",
                ":authority: www.example.com",
                "custom-key: custom-value",
            ]
        );
        assert_eq!((unpacker.size, unpacker.fields.len()), (164, 3));
    }

    #[test]
    fn what_has_no_place_is_forgotten() {
        let mut unpacker = Unpacker::default();
        let field = |name: u8| [&[0x40, 1, name, 100][..], &[b'v'; 100]].concat();
        for name in 0..200 {
            unpacker.head(&field(name)).unwrap();
        }
        assert_eq!(unpacker.fields.len(), 4_096 / 133);
        // Smaller, and then a field that is larger than everything.
        unpacker.head(&[0x3f, 0x00]).unwrap();
        assert_eq!((unpacker.size, unpacker.fields.len()), (0, 0));
        unpacker.head(&field(1)).unwrap();
        assert!(unpacker.fields.is_empty());
    }

    #[test]
    fn fields_beyond_those_that_are_kept_are_not_unpacked() {
        // What is no code of Huffman's says whether it was looked at.
        let no_code = b"\x00\x84\xff\xff\xff\xff\x01v";
        assert_eq!(Unpacker::default().head(no_code), None);
        let block = [&[0x82; MOST_FIELDS][..], no_code, &[0x82; 100]].concat();
        let fields = Unpacker::default().head(&block);
        assert_eq!(fields.map(|fields| fields.len()), Some(MOST_FIELDS));
        // What both ends remember of them counts still.
        let mut unpacker = Unpacker::default();
        unpacker.head(&[&[0x82; MOST_FIELDS][..], b"\x40\x01n\x01v"].concat());
        assert_eq!(lines(unpacker.head(&[0xbe])), ["n: v"]);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        // A field that nobody knows; a number without an end; a table that is too large; text that is cut.
        for block in [
            &[0x80][..],
            &[0xff, 0x40],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            &[0x3f, 0xff, 0xff, 0x7f],
            &[0x40, 5, b'a'],
            &[0x00],
        ] {
            assert_eq!(Unpacker::default().head(block), None, "{block:x?}");
        }
    }
}
