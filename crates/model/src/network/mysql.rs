//! Commands of MySQL and their answers.

use crate::Untrusted;
use serde::Serialize;

/// A log-in or a command, and what came back
/// (<https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mysql {
    /// `login`, or the command in small letters: `query`, `init_db`; its number where it has no name.
    pub command: Untrusted,
    /// Who logs in, or what is asked, cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<Untrusted>,
    /// Whether it succeeded; nothing where no answer was captured or none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// How many rows it changed, where it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Untrusted>,
    /// The version of the server, with log-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Untrusted>,
    /// The database that is wanted, with log-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Untrusted>,
    /// Whether the session goes on in TLS, with log-ins; who logs in is not known then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tls: bool,
}
