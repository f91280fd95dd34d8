//! What belongs together of all that a report tells: one story out of mails, files, captures and logs.

use crate::{Evidence, Period, Score, Untrusted, Verdict};
use serde::Serialize;

/// Findings of several inputs that share what an incident leaves behind, and what they tell together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// What is to be thought of all of it.
    pub verdict: Verdict,
    /// From 0 to 100.
    pub score: Score,
    /// What happened, in one line without a full stop. Values that it names are defanged.
    pub summary: String,
    /// From its first trace to its last, as far as times are known.
    #[serde(flatten)]
    pub seen: Option<Period>,
    /// What happened, in order.
    pub story: Vec<Chapter>,
    /// Why it is one story: what its chapters share.
    pub ties: Vec<Tie>,
    /// Inputs that tell of it, by their paths.
    pub inputs: Vec<Untrusted>,
    /// Places where others write about what it left behind, `advisory.txt:31`.
    pub written_about: Vec<Untrusted>,
    /// What was found, by its place in the report's list of findings, from 0.
    pub findings: Vec<usize>,
}

/// One sentence of a story, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// What tells of it.
    pub witness: Witness,
    /// When it happened.
    #[serde(flatten)]
    pub seen: Option<Period>,
    /// What happened, in one sentence without a full stop. Values that it names are defanged.
    pub text: String,
    /// Towards which verdict it speaks.
    pub towards: Verdict,
    /// Where to look; never empty.
    pub evidence: Vec<Evidence>,
}

/// What tells of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Witness {
    /// A mail, with what it carries.
    Mail,
    /// A file that came by itself.
    File,
    /// A capture of a network.
    Network,
    /// A log.
    Log,
}

impl Witness {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mail, Self::File, Self::Network, Self::Log];

    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::File => "file",
            Self::Network => "network",
            Self::Log => "log",
        }
    }
}

/// What chapters of a story share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// What it is.
    pub by: TieKind,
    /// The value: a SHA-256, a name, an address. Of whom somebody got into, the machine.
    pub value: Untrusted,
    /// The chapters, by their numbers from 1.
    pub chapters: Vec<usize>,
}

/// What may join findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TieKind {
    /// The same file.
    File,
    /// The same host or page of somebody else.
    Host,
    /// The same machine of the organisation, within a day.
    Machine,
    /// The same account, within a day.
    Account,
    /// The same machine, which strangers try to get into, within a day.
    Tried,
    /// A machine that somebody got into, and what happened there within the hour.
    Entered,
}

impl TieKind {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Host => "host",
            Self::Machine => "machine",
            Self::Account => "account",
            Self::Tried => "tried",
            Self::Entered => "entered",
        }
    }
}
