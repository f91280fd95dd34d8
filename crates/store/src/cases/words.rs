//! The words of cases: how they are called, in which state they are, and how they end.

use std::fmt;
use watchfire_model::{Invalid, Untrusted};

/// Tells a case from all others, on whatever machine: it stays the same through export and import. Sixteen random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub [u8; 16]);

impl CaseId {
    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (at, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(id))
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What people call a case: 1 to 80 letters, digits, spaces and `. _ - # + @ : /`, the first a letter or digit. Upper and
/// lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseName(Box<str>);

impl CaseName {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let inner = |c: char| (c.is_alphanumeric() && !Untrusted::escapes(c)) || " ._-#+@:/".contains(c);
        let fits = text.chars().count() <= 80
            && text.chars().next().is_some_and(char::is_alphanumeric)
            && text.chars().all(inner);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Invalid(
                "not a name: 1 to 80 letters, digits, spaces and . _ - # + @ : /",
            ))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How far people are with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody has taken it up.
    New,
    /// Somebody has.
    InProgress,
    /// It does no more harm.
    Contained,
    /// It is over.
    Resolved,
}

impl Status {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::New, Self::InProgress, Self::Contained, Self::Resolved];

    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in-progress",
            Self::Contained => "contained",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What people decided that a case was. Never mixed with the verdict, which is the machine's. The words are those of OCSF
/// (`verdict_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// An attack, or what it was taken for.
    TruePositive,
    /// Not what it was taken for.
    FalsePositive,
    /// What it was taken for, and harmless.
    Benign,
    /// Nobody could tell for sure.
    Suspicious,
    /// Of no interest.
    Disregard,
    /// A test or an exercise.
    Test,
    /// Too little was there to tell.
    InsufficientData,
    /// No attack, and something to mend.
    SecurityRisk,
    /// Others look after it.
    ManagedExternally,
    /// Another case has it.
    Duplicate,
    /// None of these.
    Other,
}

impl Resolution {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::TruePositive,
        Self::FalsePositive,
        Self::Benign,
        Self::Suspicious,
        Self::Disregard,
        Self::Test,
        Self::InsufficientData,
        Self::SecurityRisk,
        Self::ManagedExternally,
        Self::Duplicate,
        Self::Other,
    ];

    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TruePositive => "true-positive",
            Self::FalsePositive => "false-positive",
            Self::Benign => "benign",
            Self::Suspicious => "suspicious",
            Self::Disregard => "disregard",
            Self::Test => "test",
            Self::InsufficientData => "insufficient-data",
            Self::SecurityRisk => "security-risk",
            Self::ManagedExternally => "managed-externally",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.as_str() == text)
    }
}
