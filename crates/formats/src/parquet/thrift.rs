//! Thrift's compact protocol, as footers and page headers of Parquet are written in it
//! (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>).
//!
//! A walk over what is there: nothing is built of it, and whoever walks takes the fields that it knows. Every element of a list
//! takes at least one byte, so no list is longer than what is left to read.

/// Structs, lists and maps inside of one another at most.
const MOST_DEEP: u8 = 32;

/// What a field or an element of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Yes,
    No,
    Byte,
    Number,
    Double,
    Text,
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Yes,
            2 => Self::No,
            3 => Self::Byte,
            4..=6 => Self::Number,
            7 => Self::Double,
            8 => Self::Text,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return None,
        })
    }
}

/// Reads values one after another. `None` is damage, or an early end.
#[derive(Clone, Debug)]
pub(super) struct Thrift<'b> {
    rest: &'b [u8],
    depth: u8,
}

impl<'b> Thrift<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn deeper(&mut self) -> Option<()> {
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= MOST_DEEP)?;
        Some(())
    }

    /// A struct: `each` is called for every field with its number, and reads the field or [skips](Self::skip) it.
    pub(super) fn fields(&mut self, mut each: impl FnMut(&mut Self, i16, Kind) -> Option<()>) -> Option<()> {
        self.deeper()?;
        let mut last = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                self.depth -= 1;
                return Some(());
            }
            last = match head >> 4 {
                0 => i16::try_from(self.number()?).ok()?,
                more => last.checked_add(i16::from(more))?,
            };
            each(self, last, Kind::of(head & 15)?)?;
        }
    }

    /// A list: `each` is called for every element.
    pub(super) fn list(&mut self, mut each: impl FnMut(&mut Self, Kind) -> Option<()>) -> Option<()> {
        let (count, kind) = self.list_head()?;
        self.deeper()?;
        for _ in 0..count {
            each(self, kind)?;
        }
        self.depth -= 1;
        Some(())
    }

    /// How many elements of which kind follow.
    pub(super) fn list_head(&mut self) -> Option<(usize, Kind)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.size()?,
            count => usize::from(count),
        };
        let kind = Kind::of(head & 15)?;
        (count <= self.rest.len()).then_some((count, kind))
    }

    /// A number of any width.
    pub(super) fn number(&mut self) -> Option<i64> {
        let value = varint(&mut self.rest)?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(varint(&mut self.rest)?).ok()
    }

    /// Text or bytes.
    pub(super) fn text(&mut self) -> Option<&'b [u8]> {
        let length = self.size()?;
        self.take(length)
    }

    /// Passes over a field.
    pub(super) fn skip(&mut self, kind: Kind) -> Option<()> {
        match kind {
            Kind::Yes | Kind::No => Some(()),
            Kind::Byte => self.byte().map(drop),
            Kind::Number => varint(&mut self.rest).map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Uuid => self.take(16).map(drop),
            Kind::Text => self.text().map(drop),
            Kind::List => self.list(Self::skip_element),
            Kind::Struct => self.fields(|thrift, _, kind| thrift.skip(kind)),
            Kind::Map => {
                let count = self.size()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 15)?);
                if count > self.rest.len() {
                    return None;
                }
                self.deeper()?;
                for _ in 0..count {
                    self.skip_element(key)?;
                    self.skip_element(value)?;
                }
                self.depth -= 1;
                Some(())
            }
        }
    }

    /// In lists and maps, yes and no are bytes of their own.
    fn skip_element(&mut self, kind: Kind) -> Option<()> {
        match kind {
            Kind::Yes | Kind::No => self.byte().map(drop),
            kind => self.skip(kind),
        }
    }
}

/// Seven bits a byte, the lowest first.
#[inline]
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, left) = rest.split_first()?;
        *rest = left;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
