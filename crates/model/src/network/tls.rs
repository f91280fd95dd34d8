//! What a handshake of TLS shows before it is encrypted.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// A handshake (RFC 5246, RFC 8446), also that of QUIC and DTLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tls {
    /// What carries it.
    pub carrier: TlsCarrier,
    /// What the client said; none if that was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<TlsClient>,
    /// What the server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<TlsServer>,
    /// SHA-256 of the server's certificates in hexadecimal, its own first. Of TLS 1.3, they are encrypted.
    pub certificates: Vec<String>,
    /// SHA-256 of the client's certificates in hexadecimal.
    pub client_certificates: Vec<String>,
    /// The server's certificates as they were sent (DER), its own first; the first 64 KiB of them.
    #[serde(skip)]
    pub chain: Vec<Vec<u8>>,
    /// The client's.
    #[serde(skip)]
    pub client_chain: Vec<Vec<u8>>,
    /// Whether both ends went on to what is encrypted.
    pub established: bool,
    /// The last alert that was sent in clear, by IANA's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<u8>,
}

/// What carries a handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsCarrier {
    /// TCP.
    #[default]
    Tcp,
    /// QUIC (RFC 9001).
    Quic,
    /// DTLS (RFC 6347, RFC 9147).
    Dtls,
}

/// What a client offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TlsClient {
    /// The newest version that it offers.
    pub version: TlsVersion,
    /// Whom it wants to speak to (RFC 6066).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Untrusted>,
    /// What it wants to speak then, in its order (RFC 7301).
    pub protocols: Vec<Untrusted>,
    /// Whether it hides whom it really speaks to (RFC 9849); `server_name` is that of the front then.
    pub encrypted_hello: bool,
    /// Its fingerprint, <https://github.com/salesforce/ja3>.
    pub ja3: String,
    /// Its fingerprint, <https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md>.
    pub ja4: String,
}

/// What a server chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TlsServer {
    /// The version.
    pub version: TlsVersion,
    /// The suite of ciphers, by IANA's number.
    pub cipher: u16,
    /// What is spoken then; none where it did not say or that is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Untrusted>,
    /// Whether an older session goes on, as far as that can be seen.
    pub resumed: bool,
    /// Its fingerprint, <https://github.com/salesforce/ja3>.
    pub ja3s: String,
}

/// A version as it stands on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TlsVersion(pub u16);

/// As Zeek names them, or the number.
impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0x0002 => "SSLv2",
            0x0300 => "SSLv3",
            0x0301 => "TLSv10",
            0x0302 => "TLSv11",
            0x0303 => "TLSv12",
            0x0304 => "TLSv13",
            0xfeff => "DTLSv10",
            0xfefd => "DTLSv12",
            0xfefc => "DTLSv13",
            other => return write!(f, "{other:#06x}"),
        })
    }
}

impl Serialize for TlsVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
