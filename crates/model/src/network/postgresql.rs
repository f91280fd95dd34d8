//! Commands of PostgreSQL and their answers.

use crate::Untrusted;
use serde::Serialize;

/// A log-in or a command, and what came back (<https://www.postgresql.org/docs/current/protocol.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Postgresql {
    /// `login`, `query`, or `parse` for one that is made ready.
    pub command: &'static str,
    /// Who logs in, or what is asked, cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<Untrusted>,
    /// Whether it succeeded; nothing where no answer was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// What the server says: what was done, `SELECT 1`, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Untrusted>,
    /// The database that is wanted, with log-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Untrusted>,
    /// With which software, with log-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Untrusted>,
}
