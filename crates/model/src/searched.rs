//! What a search of disks met, and the files of it that something is said about.

use crate::{ArtifactId, MediaType, Score, Stored, Untrusted, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// A file of a search, with a verdict of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JudgedFile {
    /// Its path, as the search met it.
    pub path: Untrusted,
    /// What is to be thought of it, by what was found in it, about its name and place, and beside it.
    pub verdict: Verdict,
    /// From 0 to 100.
    pub score: Score,
    /// One sentence.
    pub summary: String,
    /// What kind of thing that acts it is, `pe`, `elf`, `script`, …; `archive` for what holds such things.
    pub kind: &'static str,
    /// What it is, by content.
    pub media_type: MediaType,
    /// Bytes.
    pub size: u64,
    /// Its SHA-256, where it was read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ArtifactId>,
    /// How many other files of the search have the same bytes.
    #[serde(skip_serializing_if = "is_none")]
    pub copies: u64,
    /// Where some of them lie, by path.
    pub also: Vec<Untrusted>,
    /// How it was stored.
    pub stored: Stored,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What a search came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Where it began.
    pub roots: Vec<Untrusted>,
    /// Files that were met.
    pub files: u64,
    /// Files that can act, or hold what can: those that were read and judged.
    pub judged: u64,
    /// The judged files by their kind; archives under `archive`.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Judged files that are counted and not listed: nothing is said about them, or others weigh more.
    pub unlisted: u64,
    /// Judged files that alarm, and are not listed because others weigh more.
    pub beyond: u64,
    /// Judged files with the same bytes as an earlier one.
    pub copies: u64,
    /// Judged files that a list of known-good identities holds.
    pub known_good: u64,
    /// Files that were judged in an earlier search and have not changed since; they were not read again.
    pub unchanged: u64,
    /// Containers that are too long to say what is in them.
    pub unclear: u64,
    /// What could not be looked at.
    pub failed: u64,
    /// What was left out on purpose, by its reason.
    pub left: BTreeMap<&'static str, u64>,
}

impl Search {
    /// Both together: two parts of one search.
    pub fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.judged += other.judged;
        self.unlisted += other.unlisted;
        self.beyond += other.beyond;
        self.copies += other.copies;
        self.known_good += other.known_good;
        self.unchanged += other.unchanged;
        self.unclear += other.unclear;
        self.failed += other.failed;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        for (why, count) in other.left {
            *self.left.entry(why).or_default() += count;
        }
    }
}
