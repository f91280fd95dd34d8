//! What a feed is, and what a version of one.

use crate::values::Name;
use std::fmt;
use watchfire_model::{ArtifactId, Grade, Invalid, Moment, Untrusted, Verdict};

/// Where a feed is fetched: an absolute URL without a name and a password in front of its host. Keys do not belong into
/// it either, as it is kept and shown; they come from the environment or the key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedUrl(Box<str>);

impl FeedUrl {
    /// Checks a URL.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> std::result::Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("not a URL like https://feeds.example/list.txt");
        let (scheme, rest) = text.split_once("://").ok_or(WRONG)?;
        let printable = text.len() <= 2048 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_lowercase()) || !printable {
            return Err(WRONG);
        }
        match rest.split(['/', '?', '#']).next() {
            None | Some("") => Err(WRONG),
            Some(host) if host.contains('@') => Err(Invalid("a URL with a password in it, which would be kept")),
            Some(_) => Ok(Self(text.into())),
        }
    }

    /// The URL, live.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The file of a version, by its name in the folder of feeds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetFile(Box<str>);

impl SetFile {
    /// Checks a name: 1 to 200 of `a-z A-Z 0-9 . _ -`, the first a letter or digit. It leads nowhere else.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> std::result::Result<Self, Invalid> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = text.len() <= 200 && text.bytes().all(inner) && !text.starts_with(['.', '_', '-']);
        if fits && !text.is_empty() {
            Ok(Self(text.into()))
        } else {
            Err(Invalid("not the name of a set file"))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SetFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A feed as it was set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// Its name.
    pub name: Name,
    /// Where it is fetched; nothing if it is imported only.
    pub url: Option<FeedUrl>,
    /// How it is read.
    pub format: Name,
    /// Options of the format, one a line.
    pub options: String,
    /// How far it can be trusted.
    pub grade: Grade,
    /// The family it belongs to: feeds of one family are not independent.
    pub group: Name,
    /// What it speaks for where a record does not say.
    pub towards: Verdict,
    /// After how many seconds it is to be fetched again.
    pub refresh: Option<u64>,
    /// For how many seconds an indicator holds that bears no end.
    pub lifetime: Option<u64>,
    /// Its licence and attribution.
    pub licence: Untrusted,
}

impl FeedSpec {
    /// Longest options. Bytes.
    pub const MAX_OPTIONS: usize = 64 << 10;
}

/// A feed and how it fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// As it was set up.
    pub spec: FeedSpec,
    /// When it was added.
    pub added: Moment,
    /// When it was last asked for, whatever came of it.
    pub checked: Option<Moment>,
    /// What went wrong then. Nothing if nothing did.
    pub problem: Option<Untrusted>,
    /// The version in use.
    pub current: Option<FeedVersion>,
}

/// The number of a version. Numbers are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(i64);

impl VersionId {
    pub(crate) const fn of(number: i64) -> Self {
        Self(number)
    }

    pub(crate) const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a version came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Fetched from the feed's URL.
    Url,
    /// Imported from a file.
    Import,
    /// Imported in a signed bundle.
    Bundle,
}

impl Arrival {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Import => "import",
            Self::Bundle => "bundle",
        }
    }
}

/// A version whose file is written and synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// When it was fetched.
    pub fetched: Moment,
    /// Its file.
    pub file: SetFile,
    /// The digest of the file.
    pub sha256: ArtifactId,
    /// How many indicators are in it.
    pub indicators: u64,
    /// How many records could not be read.
    pub rejected: u64,
    /// What to ask with next time (`ETag`).
    pub etag: Option<Untrusted>,
    /// What to ask with next time (`Last-Modified`).
    pub last_modified: Option<Untrusted>,
    /// How it came here.
    pub arrival: Arrival,
}

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In use.
    Current,
    /// Another one is in use.
    Kept,
    /// Somebody went back to one before it.
    Withdrawn,
}

/// A version of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedVersion {
    /// Its number.
    pub id: VersionId,
    /// What was published.
    pub version: NewVersion,
    /// What became of it.
    pub state: State,
}

/// What [`Feeds::publish`](super::Feeds::publish) did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The number of the new version, which is in use.
    pub id: VersionId,
    /// The one that was in use.
    pub replaced: Option<VersionId>,
    /// Files that no version names any more. Readers may still have them open.
    pub released: Vec<SetFile>,
}
