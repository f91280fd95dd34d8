//! What a parameter of a template is: a number, an address, a path, told by its bytes alone.

/// Kinds that a parameter was seen to have, as a set: one place of a template may hold numbers in one line and names in
/// another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kinds(pub u16);

impl Kinds {
    /// Decimal digits, perhaps with a sign, a point or a unit.
    pub const NUMBER: Self = Self(1);
    /// An IPv4, IPv6 or MAC address, perhaps with a port or a prefix.
    pub const ADDRESS: Self = Self(1 << 1);
    /// A path of a file, or of a URL without its host.
    pub const PATH: Self = Self(1 << 2);
    /// Hexadecimal digits.
    pub const HEX: Self = Self(1 << 3);
    /// A UUID.
    pub const UUID: Self = Self(1 << 4);
    /// A time, a date or a part of one.
    pub const TIME: Self = Self(1 << 5);
    /// A name with several dots: of a host, or of a class.
    pub const NAME: Self = Self(1 << 6);
    /// A URL.
    pub const URL: Self = Self(1 << 7);
    /// Something with an at sign.
    pub const MAIL: Self = Self(1 << 8);
    /// Letters and digits: names of blocks, nodes, sessions.
    pub const IDENTIFIER: Self = Self(1 << 9);
    /// A word that differs from line to line.
    pub const WORD: Self = Self(1 << 10);
    /// Several values, one after another.
    pub const LIST: Self = Self(1 << 11);

    const NAMES: [(Self, &'static str); 12] = [
        (Self::NUMBER, "number"),
        (Self::ADDRESS, "address"),
        (Self::PATH, "path"),
        (Self::HEX, "hex"),
        (Self::UUID, "uuid"),
        (Self::TIME, "time"),
        (Self::NAME, "name"),
        (Self::URL, "url"),
        (Self::MAIL, "mail"),
        (Self::IDENTIFIER, "identifier"),
        (Self::WORD, "word"),
        (Self::LIST, "list"),
    ];

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The one word for the set: `*` where it holds more than one kind, hexadecimal digits that were all decimal once
    /// excepted.
    pub fn name(self) -> &'static str {
        let set = if self == Self::HEX.and(Self::NUMBER) {
            Self::HEX
        } else {
            self
        };
        let named = Self::NAMES.iter().find(|(kind, _)| *kind == set);
        named.map_or("*", |(_, name)| name)
    }
}

/// What a run of bytes without spaces and brackets consists of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    pub(super) digits: u32,
    pub(super) hex_letters: u32,
    pub(super) dots: u32,
    pub(super) slashes: u32,
    pub(super) dashes: u32,
    pub(super) ats: u32,
    /// Anything else.
    pub(super) others: u32,
}

impl Shape {
    #[inline]
    pub(super) fn of(word: &[u8]) -> Self {
        let mut shape = Self::default();
        for byte in word {
            match byte {
                b'0'..=b'9' => shape.digits += 1,
                b'a'..=b'f' | b'A'..=b'F' => shape.hex_letters += 1,
                b'.' => shape.dots += 1,
                b'/' => shape.slashes += 1,
                b'-' => shape.dashes += 1,
                b'@' => shape.ats += 1,
                _ => shape.others += 1,
            }
        }
        shape
    }

    /// The kind of `word`, which has this shape; `None` where it is a word of the template.
    #[inline]
    pub(super) fn kind(self, word: &[u8]) -> Option<Kinds> {
        let first = word.first().copied().unwrap_or_default();
        if self.slashes > 1 || (first == b'/' && word.len() > 1) {
            // Dates and networks have slashes too.
            let number = self.digits > 0 && self.others + self.hex_letters == 0;
            return Some(if number { Kinds::TIME } else { Kinds::PATH });
        }
        if self.ats > 0 && word.len() > 2 {
            return Some(Kinds::MAIL);
        }
        if self.digits == 0 {
            let name =
                self.dots >= 2 && !word.windows(2).any(|pair| pair == b"..") && self.others + self.hex_letters > 0;
            return name.then_some(Kinds::NAME);
        }
        Some(self.with_digits(word, first))
    }

    fn with_digits(self, word: &[u8], first: u8) -> Kinds {
        let letters = self.others + self.hex_letters;
        if letters == 0 && self.slashes == 0 {
            return match (self.dots, self.dashes) {
                (3, 0) => Kinds::ADDRESS,
                (_, 2) if first != b'-' => Kinds::TIME,
                _ => Kinds::NUMBER,
            };
        }
        if letters == 0 && self.slashes == 1 && self.dots == 3 {
            return Kinds::ADDRESS;
        }
        let length = word.len();
        if self.others == 0 && self.dots + self.slashes == 0 {
            if self.dashes == 4 && length == 36 {
                return Kinds::UUID;
            }
            if self.dashes == 0 && length >= 4 {
                return Kinds::HEX;
            }
        }
        let hexadecimal = word.strip_prefix(b"0x").or_else(|| word.strip_prefix(b"0X"));
        if hexadecimal.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return Kinds::HEX;
        }
        let unit = word
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'%')
            .count();
        if unit <= 3 && unit == letters as usize && self.dots <= 1 && self.dashes + self.slashes == 0 {
            return Kinds::NUMBER;
        }
        if self.dots >= 2 { Kinds::NAME } else { Kinds::IDENTIFIER }
    }
}

/// Names of months and days, which belong to a time where a number or another of them is beside.
pub(super) fn names_a_time(word: &[u8]) -> bool {
    matches!(
        word,
        b"Jan"
            | b"Feb"
            | b"Mar"
            | b"Apr"
            | b"May"
            | b"Jun"
            | b"Jul"
            | b"Aug"
            | b"Sep"
            | b"Oct"
            | b"Nov"
            | b"Dec"
            | b"Mon"
            | b"Tue"
            | b"Wed"
            | b"Thu"
            | b"Fri"
            | b"Sat"
            | b"Sun"
            | b"AM"
            | b"PM"
            | b"UTC"
            | b"GMT"
            | b"PDT"
            | b"PST"
            | b"EDT"
            | b"EST"
            | b"CDT"
            | b"CST"
            | b"CET"
            | b"CEST"
    )
}

/// Units, which belong to the number before them: the same line says `B` once and `KB` later.
pub(super) fn is_unit(word: &[u8]) -> bool {
    matches!(
        word,
        b"B" | b"KB"
            | b"MB"
            | b"GB"
            | b"TB"
            | b"kB"
            | b"kb"
            | b"Kb"
            | b"mb"
            | b"gb"
            | b"KiB"
            | b"MiB"
            | b"GiB"
            | b"K"
            | b"M"
            | b"G"
            | b"k"
            | b"b"
            | b"byte"
            | b"bytes"
            | b"Bytes"
            | b"ns"
            | b"us"
            | b"ms"
            | b"s"
            | b"sec"
            | b"secs"
            | b"second"
            | b"seconds"
            | b"m"
            | b"min"
            | b"mins"
            | b"minutes"
            | b"h"
            | b"hour"
            | b"hours"
            | b"Hz"
            | b"kHz"
            | b"MHz"
            | b"GHz"
            | b"%"
    )
}
