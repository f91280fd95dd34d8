//! What a connection of QUIC shows beside its handshake of TLS.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// A connection (RFC 9000). Its handshake is an exchange of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quic {
    /// The version of the client's first packet.
    pub version: QuicVersion,
    /// The connection as the client named it first, in hexadecimal; keys of first packets come from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_initial_dcid: Option<String>,
    /// How the client wants to be named, in hexadecimal; it may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_scid: Option<String>,
    /// How the server wants to be named, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_scid: Option<String>,
    /// Whom the client wants to speak to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Untrusted>,
    /// What it wants to speak first of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_protocol: Option<Untrusted>,
    /// Packets in their order, the client's in capitals, as Zeek writes them: `I` first, `H` handshake, `Z` early data, `R`
    /// another attempt is wanted, `C` close, `S` a hello of TLS, `U` a version that is not read, `X` bytes that are no packet,
    /// `O` the first, second, fourth and so on of data. At most 100.
    pub history: String,
}

/// A version as it stands on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuicVersion(pub u32);

/// As Zeek names them, or as Google does, or the number.
impl fmt::Display for QuicVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1"),
            0x6b33_43cf => f.write_str("quicv2"),
            draft @ 0xff00_0001..=0xff00_00ff => write!(f, "draft-{}", draft & 0xff),
            other => match other.to_be_bytes() {
                name @ [b'Q' | b'T', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9'] => {
                    name.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
                }
                _ => write!(f, "{other:#010x}"),
            },
        }
    }
}

impl Serialize for QuicVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
