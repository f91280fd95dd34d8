//! Files without a log-in.

use crate::Untrusted;
use serde::Serialize;

/// What one flow of TFTP shows (RFC 1350, RFC 2347).
///
/// A request goes to port 69, and the file comes from a port of its own: two flows, of which one knows the name and the other
/// the content. They belong together where the client's address and port are the same and the server's address is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tftp {
    /// Whether a file is read or written; none where the flow does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<TftpOperation>,
    /// The file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// How it is sent: `octet`, `netascii`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Untrusted>,
    /// What both agreed on, or what was asked for: `blksize=1468`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Untrusted>,
    /// Bytes of the file that passed.
    pub bytes: u64,
    /// Whether its last block did.
    pub complete: bool,
    /// What went wrong, by its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<u16>,
    /// What is said of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<Untrusted>,
}

/// Where a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TftpOperation {
    /// To the client.
    Read,
    /// To the server.
    Write,
}
