//! Packets of QUIC as they stand in datagrams: what is said before anything is decrypted (RFC 8999, RFC 9000 17.2, RFC 9369
//! 3.2).

use crate::cursor::Cursor;

/// Bytes of a name of a connection (RFC 9000 17.2).
pub(super) const LONGEST_NAME: usize = 20;

/// What a long header opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    EarlyData,
    Handshake,
    Retry,
    /// The server names the versions that it knows.
    Negotiation,
    /// Of a version that is not read.
    Unknown,
}

/// A packet with a long header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'d> {
    pub(super) kind: Kind,
    pub(super) version: u32,
    pub(super) destination: &'d [u8],
    pub(super) source: &'d [u8],
    /// From its first byte to its last.
    pub(super) whole: &'d [u8],
    /// Where its protected number begins.
    pub(super) number: usize,
}

/// How a version of QUIC differs from others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// What keys of first packets are salted with.
    pub(super) salt: [u8; 20],
    /// The kinds by their two bits.
    kinds: [Kind; 4],
    /// What the labels of keys begin with.
    pub(super) label: &'static str,
}

const USUAL: [Kind; 4] = [Kind::Initial, Kind::EarlyData, Kind::Handshake, Kind::Retry];

/// How a version is written; none where it is not read.
pub(super) const fn dialect(version: u32) -> Option<Dialect> {
    const SALT_23: [u8; 20] = *b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02";
    const SALT_29: [u8; 20] = *b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99";
    const SALT_1: [u8; 20] = *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a";
    const SALT_2: [u8; 20] = *b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9";
    const SALT_Q050: [u8; 20] = *b"\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45";
    const SALT_T050: [u8; 20] = *b"\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10";
    const SALT_T051: [u8; 20] = *b"\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d";
    let (salt, kinds, label) = match version {
        0x0000_0001 | 0xff00_0021..=0xff00_0022 => (SALT_1, USUAL, "quic "),
        0x6b33_43cf => (
            SALT_2,
            [Kind::Retry, Kind::Initial, Kind::EarlyData, Kind::Handshake],
            "quicv2 ",
        ),
        // Drafts of version 1; and what Facebook made of them.
        0xff00_001d..=0xff00_0020 | 0xface_b010..=0xface_b013 => (SALT_29, USUAL, "quic "),
        0xff00_0017..=0xff00_001c | 0xface_b002 | 0xface_b00e => (SALT_23, USUAL, "quic "),
        // Google's `Q050`, `T050` and `T051`.
        0x5130_3530 => (SALT_Q050, USUAL, "quic "),
        0x5430_3530 => (SALT_T050, USUAL, "quic "),
        0x5430_3531 => (SALT_T051, USUAL, "quic "),
        _ => return None,
    };
    Some(Dialect { salt, kinds, label })
}

/// A number of one, two, four or eight bytes (RFC 9000 16).
pub(super) fn number(cursor: &mut Cursor<'_>) -> Option<u64> {
    let first = cursor.u8()?;
    let more = (1_usize << (first >> 6)) - 1;
    let rest = cursor.take(more)?.iter();
    Some(rest.fold(u64::from(first & 0x3f), |number, byte| number << 8 | u64::from(*byte)))
}

impl<'d> Packet<'d> {
    /// Reads the packet that a datagram, or what is left of it, begins with, if its header is a long one. None where it
    /// contradicts itself or is cut.
    pub(super) fn read(datagram: &'d [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(datagram);
        let first = cursor.u8().filter(|first| first & 0x80 != 0)?;
        let version = cursor.be32()?;
        let destination = cursor.behind8()?;
        let source = cursor.behind8()?;
        let mut packet = Self {
            kind: Kind::Unknown,
            version,
            destination,
            source,
            whole: datagram,
            number: 0,
        };
        if version == 0 {
            packet.kind = Kind::Negotiation;
            return Some(packet);
        }
        let Some(dialect) = dialect(version) else {
            return Some(packet);
        };
        if destination.len().max(source.len()) > LONGEST_NAME {
            return None;
        }
        packet.kind = *dialect.kinds.get(usize::from(first >> 4 & 3))?;
        if packet.kind == Kind::Retry {
            return Some(packet);
        }
        if packet.kind == Kind::Initial {
            let token = number(&mut cursor)?;
            cursor.take(usize::try_from(token).ok()?)?;
        }
        let length = usize::try_from(number(&mut cursor)?).ok()?;
        packet.number = cursor.at();
        // What hides the number is computed from 16 bytes behind the longest of numbers.
        if length < 20 {
            return None;
        }
        cursor.take(length)?;
        packet.whole = datagram.get(..cursor.at())?;
        Some(packet)
    }

    /// Whether it is a list of versions, at least one of which is known or is there to be unknown (RFC 9000 15).
    pub(super) fn names_versions(&self) -> bool {
        let mut cursor = Cursor::new(self.whole);
        cursor.take(5);
        cursor.behind8();
        cursor.behind8();
        let (versions, rest) = cursor.rest().as_chunks::<4>();
        let is_known = |version: &[u8; 4]| {
            let version = u32::from_be_bytes(*version);
            dialect(version).is_some() || version & 0x0f0f_0f0f == 0x0a0a_0a0a
        };
        self.kind == Kind::Negotiation && rest.is_empty() && versions.iter().take(64).any(is_known)
    }
}
