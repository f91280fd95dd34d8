//! Credentials that a capture shows.

use crate::{Secret, Untrusted};
use serde::Serialize;

/// Somebody proves who he is, and the proof can be read or guessed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// To what: the name of a service, `ftp`, `http`, `ntlm`, `kerberos`.
    pub service: &'static str,
    /// How.
    pub method: LoginMethod,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Of which domain or realm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Untrusted>,
    /// His password, where it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// What a password can be guessed by, offline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hashcat: Option<Hashcat>,
    /// Whether the other end let him in; nothing where that was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
}

/// How somebody proves who he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginMethod {
    /// By a password that everybody can read.
    Clear,
    /// By an answer to a challenge, which can be guessed at.
    Challenge,
    /// By a ticket that is encrypted with the hash of a password.
    Ticket,
}

/// A line as hashcat reads it, <https://hashcat.net/wiki/doku.php?id=example_hashes>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hashcat {
    /// Which kind of line it is: hashcat's `-m`.
    pub mode: u32,
    /// The line.
    pub line: Secret,
}

impl Login {
    /// A password that everybody could read.
    pub fn clear(service: &'static str, user: Option<Untrusted>, password: impl Into<Untrusted>) -> Self {
        Self {
            service,
            method: LoginMethod::Clear,
            user,
            domain: None,
            secret: Some(Secret::new(password)),
            hashcat: None,
            accepted: None,
        }
    }

    /// Lets its secrets be seen.
    pub fn reveal(&mut self) {
        self.secret.iter_mut().for_each(Secret::reveal);
        self.hashcat.iter_mut().for_each(|hashcat| hashcat.line.reveal());
    }
}
