//! Commands of FTP and their answers.

use crate::Untrusted;
use serde::Serialize;
use std::net::SocketAddr;

/// A command and what came back (RFC 959).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ftp {
    /// Who is logged in, or wants to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// The command in capitals; empty for the server's greeting, which nobody asks for.
    pub command: Untrusted,
    /// What stands behind it; of passwords, nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<Untrusted>,
    /// The file or folder that it is about, from the root on as far as the folder is known in which the session is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Untrusted>,
    /// The answer; none was captured otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<FtpReply>,
    /// Over what data goes: agreed by this command, or before it and used by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<FtpData>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FtpReply {
    /// The frame in which its last line begins.
    pub frame: u64,
    /// What it means; from 400 on, that the command failed.
    pub code: u16,
    /// Its last line.
    pub text: Untrusted,
}

/// A connection for data. The flow that goes to `listener` has what was transferred: it begins after the command that agreed
/// on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FtpData {
    /// Whether the server listens.
    pub passive: bool,
    /// Who listens, and where.
    pub listener: SocketAddr,
}
