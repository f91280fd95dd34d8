//! What a search remembers of the files it judged: little about all of them, much about those that something is said about.

use std::collections::HashMap;
use std::path::PathBuf;
use watchfire_analysis::{Analysis, Beside, Copies, SUSPICIOUS, kind_of};
use watchfire_model::{ArtifactId, Coverage, Diagnostic, JudgedFile, KnownGood, Reputation, Score, Search, Untrusted};
use watchfire_sources::shown;

/// Files of which something is said that are kept. Of more, those that weigh most.
const MOST: usize = 2_000;
/// How many more are gathered before the lightest go.
const SLACK: usize = 500;

/// One file of which something is said.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) score: Score,
    pub(super) path: Untrusted,
    pub(super) analysis: Analysis,
    pub(super) reputations: Vec<Reputation>,
}

impl Told {
    /// Whether it is about a file with this digest.
    pub(super) fn is(&self, sha256: Option<ArtifactId>) -> bool {
        let root = self.analysis.artifacts.first();
        sha256.is_some() && root.and_then(|root| root.sha256) == sha256
    }
}

/// What one thread remembers, and all of them together.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) search: Search,
    pub(super) coverage: Coverage,
    pub(super) beside: Beside,
    pub(super) names: Copies,
    told: Vec<Told>,
    /// What is said of files that could be opened and not be read.
    pub(super) unread: Vec<Diagnostic>,
    /// Where files are whose path is no text, by how it is shown and by their digest.
    unspeakable: HashMap<(Untrusted, ArtifactId), PathBuf>,
    /// How often the same bytes were met.
    copies: HashMap<ArtifactId, u64>,
}

impl Kept {
    /// Takes in a judged file. `told` where something is said of it. Whether it may be forgotten: nothing is said of it, and
    /// nothing of it matters to what lies beside it.
    pub(super) fn file(&mut self, analysis: Analysis, told: Option<(Score, Vec<Reputation>)>) -> bool {
        self.coverage.merge(&analysis.coverage);
        let mut matters = false;
        for artifact in &analysis.artifacts {
            matters |= self.beside.note(artifact);
        }
        let Some(root) = analysis.artifacts.first() else {
            self.search.failed += 1;
            if self.unread.len() < MOST {
                self.unread.extend(analysis.diagnostics);
            }
            return false;
        };
        self.search.judged += 1;
        *self.search.kinds.entry(kind_of(root)).or_default() += 1;
        self.search.known_good += u64::from(root.known_good.as_ref().and_then(KnownGood::surely).is_some());
        self.names.note(root);
        if let Some(id) = root.sha256 {
            *self.copies.entry(id).or_default() += 1;
        }
        let Some((score, reputations)) = told else {
            self.search.unlisted += 1;
            return !matters && root.sha256.is_some() && analysis.coverage.limits_reached.is_empty();
        };
        self.told.push(Told {
            score,
            path: root.path.clone(),
            analysis: analysis.of_findings(),
            reputations,
        });
        if self.told.len() >= MOST + SLACK {
            self.cut();
        }
        false
    }

    /// Forgets the lightest. Which those are does not depend on the order in which files were met.
    fn cut(&mut self) {
        self.told
            .sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.path.cmp(&b.path)));
        let beyond = self.told.drain(self.told.len().min(MOST)..);
        for told in beyond {
            self.search.unlisted += 1;
            self.search.beyond += u64::from(told.score >= SUSPICIOUS);
        }
    }

    /// Remembers where a judged file is, if its path is no text.
    pub(super) fn path(&mut self, sha256: Option<ArtifactId>, path: PathBuf) {
        if let Some(id) = sha256.filter(|_| path.to_str().is_none()) {
            self.unspeakable.insert((shown(&path), id), path);
        }
    }

    /// Where a file is that is shown so and has this digest.
    pub(super) fn path_of(&self, path: &Untrusted, sha256: Option<ArtifactId>) -> PathBuf {
        let odd = sha256.and_then(|id| self.unspeakable.get(&(path.clone(), id)));
        odd.cloned().unwrap_or_else(|| path.raw().into())
    }

    /// Both together.
    pub(super) fn merge(&mut self, other: Self) {
        self.unspeakable.extend(other.unspeakable);
        self.unread.extend(other.unread);
        self.search.merge(other.search);
        self.coverage.merge(&other.coverage);
        self.beside.merge(other.beside);
        self.names.merge(other.names);
        self.told.extend(other.told);
        for (id, count) in other.copies {
            *self.copies.entry(id).or_default() += count;
        }
        self.cut();
    }

    /// What was kept, in the order of paths; with how many files are copies of others.
    pub(super) fn finish(&mut self) -> Vec<Told> {
        self.cut();
        self.search.copies = self.copies.values().map(|count| count - 1).sum();
        let mut told = std::mem::take(&mut self.told);
        told.sort_by(|a, b| a.path.cmp(&b.path));
        told
    }

    /// Says of each file how many others have its bytes, and where some of them lie.
    pub(super) fn count_copies(&self, files: &mut [JudgedFile]) {
        for file in files {
            let met = file.sha256.and_then(|id| self.copies.get(&id)).copied();
            file.copies = met.unwrap_or_default().saturating_sub(1);
            if let (Some(id), 1..) = (file.sha256, file.copies) {
                file.also = self.names.besides(id, &file.path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_fails_while_it_is_read_is_counted_and_named() {
        let mut kept = Kept::default();
        assert!(!kept.file(Analysis::unreadable("disk/a.exe", "input/output error"), None));
        let mut all = Kept::default();
        all.merge(kept);
        assert_eq!((all.search.failed, all.search.judged), (1, 0));
        let named: Vec<&str> = all.unread.iter().map(|said| said.artifact.raw()).collect();
        assert_eq!(named, ["disk/a.exe"]);
    }
}
