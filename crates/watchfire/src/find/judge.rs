//! A search that judges: every file that can act, or may hold one, goes through the engine, and what is wrong with it
//! becomes a report.
//!
//! Some threads walk and tell what each file is, others read and judge. What nothing is said of is counted and forgotten, so
//! that memory depends on what is found and not on the disk.

use super::content::{Content, Look};
use super::kept::{Kept, Told};
use super::place::Places;
use super::resume::Resume;
use super::sieve::Sieve;
use super::{EVERY_KIND, Search, too_long};
use crate::reputation::Intelligence;
use crate::triage::{WHOLE, unreadable};
use crate::{Problem, Progress, Watchfire, contain, deadline};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_analysis::{Analysis, askable, sightings};
use watchfire_formats::executable::similarity;
use watchfire_formats::identify::runnable::GLANCE;
use watchfire_model::{
    Artifact, Finding, Hints, Origin, Report, Reputation, Score, Stored, Suppression, Untrusted, Weight,
};
use watchfire_sources::tree::{Entry, Left, Visitor, visit};
use watchfire_sources::{SourceError, SourceProblem, shown};
use watchfire_store::FileMark;

/// Files that were told and wait to be judged. Each is open.
const WAITING: usize = 32;
/// Files after which progress is told.
const STEP: u64 = 64;
/// What could not be looked at and is named in the report.
const FAILURES: usize = 1_000;

impl Watchfire {
    /// Searches and judges what it finds: the report lists what something is said of, the worst first, and counts the rest.
    /// What cannot be read is counted, told to `progress` and named in the report.
    ///
    /// # Errors
    /// When there is nowhere to search, what is wanted makes no sense, or what is remembered cannot be read.
    pub fn find(&self, search: &Search, progress: &dyn Progress) -> Result<Report, Problem> {
        let suppressions = self.suppressions()?;
        let every = [EVERY_KIND.to_owned()];
        let kinds = if search.kinds.is_empty() {
            &every[..]
        } else {
            &search.kinds
        };
        let content = Content::new(kinds)?.map(|content| {
            if search.kinds.is_empty() && !search.without_archives {
                content.with_holders()
            } else {
                content
            }
        });
        let sieve = Sieve::new(search, content, self.checked.as_of)?;
        let (roots, rules) = search.way(progress)?;
        let places = Places::of(&roots);
        let resume = search.resume.then(|| self.resume()).transpose()?;
        let judge = Judge {
            watchfire: self,
            places: &places,
            known: self.known_here()?,
            resume: resume.as_ref(),
            suppressions: &suppressions,
            large: Mutex::new(()),
            progress,
        };
        let scouting = Scouting {
            sieve: &sieve,
            places: &places,
            resume: resume.as_ref(),
            left_out: &self.left_out,
            progress,
        };
        let threads = self.checked.threads.max(1);
        let mut kept = Kept::default();
        let mut failures = Vec::new();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(WAITING);
            // When all who judge are gone, so is the last receiver, and nobody waits for them.
            let receiver = Arc::new(Mutex::new(receiver));
            let judge = &judge;
            let judges: Vec<_> = (0..threads)
                .map(|_| {
                    let receiver = Arc::clone(&receiver);
                    scope.spawn(move || judge.work(&receiver))
                })
                .collect();
            drop(receiver);
            if progress.wants_count() {
                let (roots, rules, stop) = (&roots, &rules, &stop);
                scope.spawn(move || {
                    let counts = visit(roots, rules, 1, || Count(0, stop));
                    progress.counted(counts.into_iter().map(|count| count.0).sum());
                });
            }
            let scouts = visit(&roots, &rules, threads, || scouting.scout(sender.clone()));
            drop(sender);
            stop.store(true, Ordering::Relaxed);
            for scout in scouts {
                kept.search.merge(scout.search);
                failures.extend(scout.failures);
            }
            for judge in judges {
                // A thread that panicked is lost with what it judged; that is said.
                match judge.join() {
                    Ok(part) => kept.merge(part),
                    Err(_) => progress.note("a part of the search failed; please report it"),
                }
            }
        });
        if let Some(resume) = &resume {
            resume.finish()?;
        }
        kept.search.roots = roots.iter().map(|root| shown(root)).collect();
        self.told(kept, failures, &judge, &suppressions)
    }

    /// What is known on this machine, read once for all files.
    fn known_here(&self) -> Result<Intelligence, Problem> {
        match self.memory()? {
            Some(store) => self.intelligence(Some(&store), crate::reputation::Pace::Many),
            None => Ok(Intelligence::default()),
        }
    }

    /// The report.
    fn told(
        &self,
        mut kept: Kept,
        failures: Vec<SourceError>,
        judge: &Judge<'_>,
        suppressions: &[Suppression],
    ) -> Result<Report, Problem> {
        let mut told = kept.finish();
        let mut pairs = Vec::new();
        let mut unlisted = 0;
        for pair in std::mem::take(&mut kept.beside).pairs() {
            // Whoever is part of a pair has its place in the report, with all that is known of it.
            for record in pair.records.iter().filter(|record| record.depth == 0) {
                // What has changed since, or is another file whose name only looks the same, is not what was read.
                let again = || {
                    let again = judge.again(&kept.path_of(&record.path, record.sha256));
                    let same = again.filter(|told| told.is(record.sha256));
                    Some(same.unwrap_or_else(|| bare(record)))
                };
                let added = add(&mut told, &record.path, again);
                unlisted += u64::from(added);
            }
            pairs.push(pair.finding);
        }
        for finding in kept.names.findings() {
            for evidence in finding.evidence() {
                let id = Some(evidence.artifact);
                let again = || {
                    judge
                        .again(&kept.path_of(&evidence.path, id))
                        .filter(|told| told.is(id))
                };
                let added = add(&mut told, &evidence.path, again);
                unlisted += u64::from(added);
            }
            pairs.push(finding);
        }
        kept.search.unlisted = kept.search.unlisted.saturating_sub(unlisted);
        let mut reputations: Vec<Reputation> = Vec::new();
        let mut analysis = Analysis::default();
        for mut one in told {
            one.analysis.coverage = watchfire_model::Coverage::default();
            analysis.merge(one.analysis);
            reputations.extend(one.reputations);
        }
        reputations.sort_by(|a, b| a.observable.cmp(&b.observable));
        reputations.dedup_by(|a, b| a.observable == b.observable);
        analysis.findings.extend(pairs);
        analysis.coverage = std::mem::take(&mut kept.coverage);
        // Nothing is benign while something was not looked at.
        analysis.coverage.inputs += failures.len() as u64 + kept.search.unclear;
        let mut unread = std::mem::take(&mut kept.unread);
        for failure in failures {
            unread.extend(Analysis::unreadable(failure.name.clone(), failure.to_string()).diagnostics);
        }
        unread.sort_by(|a, b| a.artifact.cmp(&b.artifact).then_with(|| a.message.cmp(&b.message)));
        analysis.diagnostics.extend(unread.into_iter().take(FAILURES));
        let mut report = self.report(analysis, suppressions, Some(&kept.search), reputations, &judge.known)?;
        kept.count_copies(&mut report.files);
        Ok(report)
    }
}

/// Adds a file to those that are told, in their order, unless it is there. Whether it was added.
fn add(told: &mut Vec<Told>, path: &Untrusted, one: impl FnOnce() -> Option<Told>) -> bool {
    let Err(at) = told.binary_search_by(|other| other.path.cmp(path)) else {
        return false;
    };
    let one = one();
    let is_there = one.is_some();
    told.splice(at..at, one);
    is_there
}

/// A file that could not be read again, by what is known of it.
fn bare(record: &watchfire_model::ArtifactRecord) -> Told {
    Told {
        score: Score::default(),
        path: record.path.clone(),
        analysis: Analysis {
            artifacts: vec![record.clone()],
            ..Analysis::default()
        },
        reputations: Vec::new(),
    }
}

/// Counts files, until it is told to stop.
struct Count<'s>(u64, &'s AtomicBool);

impl Visitor for Count<'_> {
    fn file(&mut self, _: &Entry<'_>) {
        self.0 += 1;
    }

    fn left(&mut self, _: &Path, _: Left) {}

    fn goes_on(&self) -> bool {
        !self.1.load(Ordering::Relaxed)
    }
}

/// A file that waits to be judged.
struct Candidate {
    file: File,
    path: PathBuf,
    size: u64,
    stored: Stored,
    /// What stands for it, where searches are remembered.
    mark: Option<FileMark>,
}

/// What all threads that walk share.
struct Scouting<'s> {
    sieve: &'s Sieve,
    places: &'s Places,
    resume: Option<&'s Resume>,
    /// Where results go.
    left_out: &'s [PathBuf],
    progress: &'s dyn Progress,
}

impl<'s> Scouting<'s> {
    fn scout(&'s self, sender: SyncSender<Candidate>) -> Scout<'s> {
        Scout {
            shared: self,
            head: [0; GLANCE],
            sender,
            search: watchfire_model::Search::default(),
            failures: Vec::new(),
            over: false,
        }
    }
}

/// One thread that walks.
struct Scout<'s> {
    shared: &'s Scouting<'s>,
    head: [u8; GLANCE],
    sender: SyncSender<Candidate>,
    search: watchfire_model::Search,
    failures: Vec<SourceError>,
    over: bool,
}

impl Scout<'_> {
    fn failed(&mut self, path: &Path, problem: SourceProblem) {
        self.search.failed += 1;
        let error = SourceError {
            name: shown(path),
            problem,
        };
        self.shared.progress.failed(&error);
        self.failures.push(error);
    }

    /// What is handed on, if the file is meant.
    fn candidate(&mut self, file: &Entry<'_>) -> io::Result<Option<Candidate>> {
        if !self.shared.sieve.means(file)? {
            return Ok(None);
        }
        let mut mark = None;
        if let Some(resume) = self.shared.resume {
            mark = resume.mark(&file.path(), self.shared.places, &file.status()?);
            if mark.is_some_and(|mark| resume.knows(mark)) {
                self.search.unchanged += 1;
                return Ok(None);
            }
        }
        match self.shared.sieve.look(file, &mut self.head)? {
            Look::Is(_) | Look::Unasked => {}
            Look::Other => return Ok(None),
            Look::Unclear => {
                self.search.unclear += 1;
                self.shared.progress.note(&too_long(&file.path()));
                return Ok(None);
            }
        }
        let path = file.path();
        let mut results = self.shared.left_out.iter();
        let is_result = |result: &PathBuf| {
            result.file_name() == Some(file.name()) && path.canonicalize().is_ok_and(|path| path == *result)
        };
        if results.any(is_result) {
            return Ok(None);
        }
        let status = file.status()?;
        Ok(Some(Candidate {
            file: file.open()?,
            size: status.size,
            stored: self.shared.places.stored(&path, &status, file.attributes()),
            path,
            mark,
        }))
    }
}

impl Visitor for Scout<'_> {
    fn file(&mut self, file: &Entry<'_>) {
        if self.shared.sieve.leaves_file(file) {
            return self.left(&file.path(), Left::Asked);
        }
        self.search.files += 1;
        if self.search.files.is_multiple_of(STEP) {
            self.shared.progress.searched(STEP);
        }
        match self.candidate(file) {
            Ok(None) => {}
            Ok(Some(candidate)) => self.over |= self.sender.send(candidate).is_err(),
            Err(error) => self.failed(&file.path(), SourceProblem::from_io(&error)),
        }
    }

    fn left(&mut self, path: &Path, why: Left) {
        let reason = why.as_str();
        if let Left::Failed(problem) = why {
            return self.failed(path, problem);
        }
        *self.search.left.entry(reason).or_default() += 1;
    }

    fn enters(&mut self, folder: &Path) -> bool {
        !self.shared.sieve.leaves_folder(folder)
    }

    fn goes_on(&self) -> bool {
        !self.over
    }
}

/// What all threads that judge share.
struct Judge<'j> {
    watchfire: &'j Watchfire,
    places: &'j Places,
    known: Intelligence,
    resume: Option<&'j Resume>,
    suppressions: &'j [Suppression],
    /// Held while a large file is in memory: of those, one at a time.
    large: Mutex<()>,
    progress: &'j dyn Progress,
}

impl Judge<'_> {
    /// Judges until nothing comes any more.
    fn work(&self, waiting: &Mutex<Receiver<Candidate>>) -> Kept {
        let mut kept = Kept::default();
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(candidate) = next else { return kept };
            let (size, mark, path) = (candidate.size, candidate.mark, candidate.path.clone());
            let (analysis, told) = self.one(candidate);
            kept.path(analysis.artifacts.first().and_then(|root| root.sha256), path);
            if kept.file(analysis, told)
                && let (Some(resume), Some(mark)) = (self.resume, mark)
                && let Err(problem) = resume.add(mark)
            {
                // The report is whole without it.
                self.progress
                    .note(&format!("what was searched is not remembered: {problem}"));
            }
            self.progress.advance(size);
        }
    }

    /// Judges one file. A score and what is known elsewhere where there is something to tell.
    fn one(&self, candidate: Candidate) -> (Analysis, Option<(Score, Vec<Reputation>)>) {
        let name = shown(&candidate.path);
        let large = (candidate.size > WHOLE as u64).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        let read = contain::contained(|| self.read(candidate));
        drop(large);
        let (mut analysis, artifact) = match read {
            Some(Ok(read)) => read,
            Some(Err(error)) => return (unreadable(&error, self.progress), None),
            None => {
                self.progress.note(&contain::faulty(&name));
                return (Analysis::faulty(name), None);
            }
        };
        let reputations = if self.known.is_silent() {
            Vec::new()
        } else {
            self.watchfire.worth_telling(askable(&analysis.artifacts), &self.known)
        };
        analysis.findings.extend(sightings(&analysis.artifacts, &reputations));
        let weighs = |finding: &Finding| finding.weight > Weight::NONE || self.is_suppressed(finding);
        if !analysis.findings.iter().any(weighs) {
            return (analysis, None);
        }
        if let Some(essentials) = analysis.artifacts.first_mut().and_then(|root| root.executable.as_mut()) {
            essentials.tlsh = similarity::tlsh(artifact.bytes());
            essentials.ssdeep = Some(similarity::piecewise(artifact.bytes()));
        }
        let score = watchfire_analysis::judge(&analysis.findings, &analysis.artifacts, &analysis.coverage).score;
        (analysis, Some((score, reputations)))
    }

    fn is_suppressed(&self, finding: &Finding) -> bool {
        let today = self.watchfire.today();
        self.suppressions
            .iter()
            .any(|suppression| suppression.hides(finding, today))
    }

    fn read(&self, candidate: Candidate) -> Result<(Analysis, Artifact), SourceError> {
        let engine = &self.watchfire.engine;
        let budget = engine.budget();
        let limit = budget.limits().artifact_size;
        let name = shown(&candidate.path);
        let failed = |error: &io::Error| SourceError {
            name: name.clone(),
            problem: SourceProblem::from_io(error),
        };
        let mut bytes = Vec::with_capacity(usize::try_from(candidate.size.min(limit)).unwrap_or(0).min(WHOLE));
        let read = (&candidate.file).take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| failed(&error))?;
        let is_cut = bytes.len() as u64 > limit;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let base = candidate.path.file_name().map(|base| shown(Path::new(base)));
        let hints = Hints {
            name: base,
            stored: Some(Box::new(candidate.stored)),
            ..Hints::default()
        };
        let artifact = Artifact::new(bytes, Origin::root(name.clone()), hints);
        let root = artifact.clone();
        let mut analysis = deadline::within(self.watchfire.checked.time, &budget, || engine.analyze(root, &budget));
        if is_cut {
            analysis.cut(limit);
        }
        Ok((analysis, artifact))
    }

    /// Reads a file of which something turned out later.
    fn again(&self, path: &Path) -> Option<Told> {
        struct Only<'p>(Option<Candidate>, &'p Places);
        impl Visitor for Only<'_> {
            fn file(&mut self, file: &Entry<'_>) {
                let (Ok(status), Ok(open)) = (file.status(), file.open()) else {
                    return;
                };
                let path = file.path();
                self.0 = Some(Candidate {
                    file: open,
                    size: status.size,
                    stored: self.1.stored(&path, &status, file.attributes()),
                    path,
                    mark: None,
                });
            }
            fn left(&mut self, _: &Path, _: Left) {}
        }
        let roots = [path.to_owned()];
        let met = visit(&roots, &watchfire_sources::tree::Rules::default(), 1, || {
            Only(None, self.places)
        });
        let candidate = met.into_iter().find_map(|only| only.0)?;
        let (analysis, told) = self.one(candidate);
        let (score, reputations) = told.unwrap_or_default();
        Some(Told {
            score,
            path: shown(path),
            analysis: analysis.of_findings(),
            reputations,
        })
    }
}
