//! Strings of a program that say what it may be for.

use crate::Untrusted;
use serde::Serialize;

/// What a string is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SayingKind {
    /// A command line that starts an interpreter or changes the system.
    Command,
    /// A place from which things start by themselves.
    StartUp,
    /// The name of a tool that attackers bring along, or a part of one.
    AttackTool,
    /// Where passwords, cookies and wallets are kept.
    Secrets,
    /// What looks whether it is watched, or blinds who watches.
    Evasion,
    /// The protocol of those who mine currencies.
    Mining,
    /// Deletes copies of files, so that they cannot be brought back.
    DestroysCopies,
    /// A name that keeps a program from running twice.
    Mutex,
}

impl SayingKind {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::StartUp => "start-up",
            Self::AttackTool => "attack-tool",
            Self::Secrets => "secrets",
            Self::Evasion => "evasion",
            Self::Mining => "mining",
            Self::DestroysCopies => "destroys-copies",
            Self::Mutex => "mutex",
        }
    }
}

/// One such string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Saying {
    /// What it is about.
    pub kind: SayingKind,
    /// It, with some of what stands around it.
    pub text: Untrusted,
    /// Where it begins. Bytes from the beginning of the file.
    pub at: u64,
}
