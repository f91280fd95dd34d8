//! Addresses on a link.

use serde::{Serialize, Serializer};
use std::fmt;

/// An address of Ethernet and its kin (IEEE 802).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Everybody on the link.
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// Whether several listen to it.
    pub const fn is_group(self) -> bool {
        let Self([first, ..]) = self;
        first & 0x01 != 0
    }

    /// Whether it is nobody's by IEEE's registry: chosen by an operating system, by chance mostly, or by a hypervisor.
    pub const fn is_local(self) -> bool {
        let Self([first, ..]) = self;
        first & 0x02 != 0
    }
}

/// Pairs of digits with colons between.
impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([a, b, c, d, e, g]) = self;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
