//! Thrift's compact protocol, as far as footers and page headers of Parquet need it: structs, lists, numbers and text
//! (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>).

/// Types of fields and of the elements of lists.
const TRUE: u8 = 1;
pub(super) const I32: u8 = 5;
const I64: u8 = 6;
pub(super) const TEXT: u8 = 8;
const LIST: u8 = 9;
pub(super) const STRUCT: u8 = 12;

/// A struct that is written field by field, by growing numbers.
pub(super) struct Fields<'o> {
    out: &'o mut Vec<u8>,
    last: u8,
}

impl<'o> Fields<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out, last: 0 }
    }

    /// The head of a field: how far its number is from the last one, and its type.
    fn head(&mut self, number: u8, kind: u8) {
        self.out.push((number.saturating_sub(self.last) << 4) | kind);
        self.last = number;
    }

    pub(super) fn yes(&mut self, number: u8) -> &mut Self {
        self.head(number, TRUE);
        self
    }

    pub(super) fn i32(&mut self, number: u8, value: i32) -> &mut Self {
        self.head(number, I32);
        zigzag(self.out, i64::from(value));
        self
    }

    pub(super) fn i64(&mut self, number: u8, value: i64) -> &mut Self {
        self.head(number, I64);
        zigzag(self.out, value);
        self
    }

    pub(super) fn text(&mut self, number: u8, value: &str) -> &mut Self {
        self.head(number, TEXT);
        text(self.out, value);
        self
    }

    /// A struct within.
    pub(super) fn fields(&mut self, number: u8, write: impl FnOnce(&mut Fields<'_>)) -> &mut Self {
        self.head(number, STRUCT);
        structure(self.out, write);
        self
    }

    /// A list, each element of which is written by the caller.
    pub(super) fn list<T>(
        &mut self,
        number: u8,
        kind: u8,
        elements: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) -> &mut Self {
        self.head(number, LIST);
        match u8::try_from(elements.len()).ok().filter(|count| *count < 15) {
            Some(count) => self.out.push((count << 4) | kind),
            None => {
                self.out.push(0xf0 | kind);
                varint(self.out, elements.len() as u64);
            }
        }
        elements.for_each(|element| write(self.out, element));
        self
    }
}

/// A struct with its end.
pub(super) fn structure(out: &mut Vec<u8>, write: impl FnOnce(&mut Fields<'_>)) {
    write(&mut Fields::new(out));
    out.push(0);
}

pub(super) fn text(out: &mut Vec<u8>, value: &str) {
    varint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

/// Numbers near nought are short, whatever their sign.
pub(super) fn zigzag(out: &mut Vec<u8>, value: i64) {
    varint(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Seven bits a byte, the lowest first.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
