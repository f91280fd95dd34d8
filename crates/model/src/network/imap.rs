//! Sessions of IMAP.

use crate::Untrusted;
use serde::Serialize;

/// A session in which mail is read (RFC 9051). Messages that are fetched whole are files that it carries; passwords are
/// log-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imap {
    /// How the server greets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<Untrusted>,
    /// Who logs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Whether he was let in; nothing where that was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// What the client says of itself (RFC 2971), as it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Untrusted>,
    /// Mailboxes that were opened: the first ones.
    pub mailboxes: Vec<Untrusted>,
    /// Messages that were fetched whole.
    pub fetched: u64,
    /// Messages that were put there by the client.
    pub appended: u64,
    /// Whether the session went on in TLS.
    pub tls: bool,
}
