//! Small values that all formats share: digests, identifiers, entropy, and numbers with names.

use serde::{Serialize, Serializer};
use std::fmt;

/// A digest of any length, shown in hexadecimal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(Box<[u8]>);

impl Digest {
    /// These bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An identifier of 16 bytes as Windows stores it: three numbers in little endian, then eight bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub [u8; 16]);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, rest @ ..] = self.0;
        write!(f, "{d:02x}{c:02x}{b:02x}{a:02x}-{g:02x}{e:02x}-{i:02x}{h:02x}-")?;
        for (place, byte) in rest.iter().enumerate() {
            write!(f, "{}{byte:02x}", if place == 2 { "-" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Shannon's entropy of bytes in thousandths of a bit for each byte, from 0 to 8,000, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Entropy(pub u16);

/// A number that a format defines: shown by its name where it has one.
macro_rules! named_numbers {
    ($(#[$doc:meta])* $name:ident($width:ty) { $($value:literal $text:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $width);

        impl $name {
            /// Its name, where it has one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => write!(f, "{:#x}", self.0),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

/// Bits that a format defines: a list of names, and what is left as one number.
macro_rules! named_bits {
    ($(#[$doc:meta])* $name:ident($width:ty) { $($constant:ident $bit:literal $text:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $width);

        impl $name {
            $(
                #[doc = concat!("`", $text, "`")]
                pub const $constant: Self = Self($bit);
            )*
            const NAMES: &'static [($width, &'static str)] = &[$(($bit, $text),)*];

            /// Whether all bits of `other` are set.
            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// The names of the bits that have one.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                Self::NAMES
                    .iter()
                    .filter(move |(bit, _)| self.0 & bit == *bit)
                    .map(|(_, name)| *name)
            }

            /// The bits without a name.
            pub fn unnamed(self) -> $width {
                Self::NAMES.iter().fold(self.0, |left, (bit, _)| left & !bit)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let left = Some(self.unnamed()).filter(|left| *left != 0);
                let left = left.map(|left| format!("{left:#x}"));
                serializer.collect_seq(self.names().map(str::to_owned).chain(left))
            }
        }
    };
}

pub(super) use named_bits;
pub(super) use named_numbers;

#[cfg(test)]
mod tests {
    use super::*;

    named_numbers! {
        /// For the test.
        Number(u16) { 1 "one" }
    }
    named_bits! {
        /// For the test.
        Bits(u16) { ONE 0x1 "one" TWO 0x2 "two" }
    }

    #[test]
    fn unknown_numbers_and_bits_stay_values() {
        assert_eq!(Number(1).to_string(), "one");
        assert_eq!(Number(0x99).to_string(), "0x99");
        let bits = Bits(0x83);
        assert!(bits.has(Bits::ONE) && bits.has(Bits::TWO));
        assert_eq!(bits.names().collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(bits.unnamed(), 0x80);
    }

    #[test]
    fn identifiers_read_as_windows_writes_them() {
        let guid = Guid([
            0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
        ]);
        assert_eq!(guid.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(Digest::new(&[0, 0xab]).to_string(), "00ab");
    }
}
