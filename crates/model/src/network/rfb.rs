//! How sessions on remote screens begin.

use crate::Untrusted;
use serde::Serialize;

/// The beginning of a session by RFB, which VNC speaks (RFC 6143).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rfb {
    /// The server's version as it stands there, `003.008`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_version: Option<Untrusted>,
    /// The client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<Untrusted>,
    /// How somebody proves who he is, by IANA's number: 1 not at all, 2 by a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<u32>,
    /// Whether the client was let in; nothing where that was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Whether others may look on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// What the screen is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// How many pixels wide it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
    /// How many high.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u16>,
}

impl Rfb {
    /// How somebody proves who he is, as Zeek writes it.
    pub const fn method(&self) -> Option<&'static str> {
        match self.security {
            Some(0) => Some("Invalid"),
            Some(1) => Some("None"),
            Some(2) => Some("VNC"),
            Some(16) => Some("Tight"),
            Some(17) => Some("Ultra"),
            Some(18) => Some("TLS"),
            Some(19) => Some("VeNCrypt"),
            Some(20) => Some("GTK-VNC SASL"),
            Some(21) => Some("MD5 hash authentication"),
            Some(22) => Some("Colin Dean xvp"),
            Some(30) => Some("Apple Remote Desktop"),
            _ => None,
        }
    }
}
