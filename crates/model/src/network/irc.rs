//! What is said in IRC.

use crate::Untrusted;
use serde::Serialize;
use std::net::SocketAddr;

/// A message of IRC (RFC 2812): names that are taken, channels that are entered, and what is said there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Irc {
    /// `NICK`, `USER`, `JOIN`, `PRIVMSG`, or `DCC` for a file that is offered.
    pub command: &'static str,
    /// By which name the client goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick: Option<Untrusted>,
    /// Its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Whether the server sent it.
    pub received: bool,
    /// Who sent it, as the server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Untrusted>,
    /// The name, the user, the channel, whom it is said to.
    pub value: Untrusted,
    /// What is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Untrusted>,
    /// A file that is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<IrcFile>,
}

/// A file that is offered: the flow that goes to `listener` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IrcFile {
    /// Its name.
    pub name: Untrusted,
    /// Its bytes, as far as that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Who listens for whoever wants it.
    pub listener: SocketAddr,
}
