//! Sessions of POP3.

use crate::Untrusted;
use serde::Serialize;

/// A session in which mail is fetched (RFC 1939). Messages are files that it carries; passwords are log-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pop3 {
    /// How the server greets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<Untrusted>,
    /// Who logs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Whether he was let in; nothing where that was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Messages that were fetched whole.
    pub fetched: u64,
    /// Messages that are to be deleted.
    pub deleted: u64,
    /// Whether the session went on in TLS.
    pub tls: bool,
}
