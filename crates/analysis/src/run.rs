//! One root and everything below it: the breadth-first queue.
//!
//! A mail in a mailbox or an archive is taken for what it would be as a file in a folder: it has a queue of its own, with
//! artifacts, passwords and detectors of its own, when what it lies in was read. What is in a mail stays with that mail.

use crate::analyzers::{Analyzer, OF_NAMES};
use crate::context::{Context, Outcome};
use crate::detectors;
use crate::essentials::essentials;
use crate::passwords::Candidates;
use crate::{Analysis, Engine, matching, reported};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use watchfire_formats::identify::{identify, media, run_as};
use watchfire_model::{
    Artifact, ArtifactId, ArtifactRecord, Budget, Coverage, Diagnostic, DiagnosticSeverity, Fact, FactSet, Finding,
    Halt, Hints, LimitKind, MediaType, PartRole, Problem, Untrusted,
};

/// The state of one analysis.
pub(crate) struct Run<'e> {
    engine: &'e Engine,
    budget: &'e Budget,
    queue: VecDeque<Task>,
    /// Mails that wait until everything else was read.
    apart: VecDeque<Child>,
    /// Whether mails in it are taken by themselves: they are, unless they lie in another one.
    takes_apart: bool,
    entries: Vec<Entry>,
    /// The first entry with each identity, and with each way to read what a mail gives to read.
    seen: HashMap<(ArtifactId, Option<Shown>, Option<MediaType>), usize>,
    candidates: Candidates,
    limits_reached: BTreeSet<LimitKind>,
    bytes: u64,
}

/// How a mail says to show bytes: in another charset, or as a page, they are another text.
#[derive(PartialEq, Eq, Hash)]
struct Shown {
    role: PartRole,
    media_type: MediaType,
    charset: Option<Untrusted>,
}

/// An artifact that waits for its analyzers.
struct Task {
    entry: usize,
    artifact: Artifact,
}

/// What something is, and what went wrong while that was found out.
pub(crate) type Kind = (MediaType, Option<Problem>);

/// What an analyzer handed out.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) artifact: Artifact,
    /// Where it is known already.
    pub(crate) kind: Option<Kind>,
}

impl Child {
    /// Whether it was found to be a mail.
    pub(crate) fn is_mail(&self) -> bool {
        self.kind.as_ref().is_some_and(is_mail)
    }
}

/// An artifact and what is known about it so far.
struct Entry {
    record: ArtifactRecord,
    /// What went wrong while it was identified.
    identified: Option<Diagnostic>,
    /// What went wrong at the last attempt to read it.
    diagnostics: Vec<Diagnostic>,
    /// What was found while it was read.
    findings: Vec<Finding>,
    /// Index of the first artifact with the same bytes.
    duplicate_of: Option<usize>,
    /// Its children, by name and identity, so that a second attempt adds only what is new.
    children: Vec<(Untrusted, ArtifactId)>,
    /// Kept while something in it is encrypted.
    locked: Option<Locked>,
    /// How often its analyzers were asked.
    attempts: usize,
}

/// An artifact that may open when further passwords come to light.
struct Locked {
    artifact: Artifact,
    /// Passwords that were known at the last attempt.
    tried: usize,
}

/// Every attempt on an encrypted container costs a key derivation for each password.
const ATTEMPTS: usize = 3;

impl<'e> Run<'e> {
    pub(crate) fn new(engine: &'e Engine, budget: &'e Budget) -> Self {
        Self {
            engine,
            budget,
            queue: VecDeque::new(),
            apart: VecDeque::new(),
            takes_apart: false,
            entries: Vec::new(),
            seen: HashMap::new(),
            candidates: Candidates::default(),
            limits_reached: BTreeSet::new(),
            bytes: 0,
        }
    }

    /// Works through the queue that begins with `root`.
    pub(crate) fn root(mut self, root: Artifact) -> Analysis {
        self.budget.begin(root.bytes().len() as u64);
        self.candidates.give(&root.hints().passwords);
        let kind = what_is(root.bytes(), root.hints());
        self.takes_apart = !is_mail(&kind);
        self.enqueue(Child {
            artifact: root,
            kind: Some(kind),
        });
        let mails = self.work_off();
        let mut analysis = self.finish(1);
        for mail in mails {
            analysis.merge(mail);
        }
        analysis
    }

    /// A root that was read as it came, and what that gave: works through what lies in it. `size` is how many bytes it has.
    pub(crate) fn streamed(mut self, root: Artifact, media_type: MediaType, size: u64, outcome: Outcome) -> Analysis {
        self.budget.begin(size);
        self.takes_apart = true;
        let read = !outcome.partial;
        let record = ArtifactRecord {
            sha256: None,
            size,
            ..ArtifactRecord::of(FactSet {
                artifact: root.id(),
                origin: root.origin().clone(),
                media_type,
                role: None,
                facts: Vec::new(),
            })
        };
        self.entries.push(Entry {
            record,
            identified: None,
            diagnostics: Vec::new(),
            findings: Vec::new(),
            duplicate_of: None,
            children: Vec::new(),
            locked: None,
            attempts: 0,
        });
        let attempt = Locked {
            artifact: root,
            tried: 0,
        };
        self.keep(0, attempt, outcome, read);
        let mails = self.work_off();
        let mut analysis = self.finish(1);
        mails.into_iter().for_each(|mail| analysis.merge(mail));
        analysis
    }

    /// Works until nothing waits any more. The mails that were taken by themselves, in their order.
    fn work_off(&mut self) -> Vec<Analysis> {
        let mut mails = Vec::new();
        loop {
            while let Some(task) = self.queue.pop_front() {
                self.work(task);
            }
            while let Some(mail) = self.apart.pop_front() {
                mails.push(self.mail(mail));
            }
            if !self.retry_locked() {
                return mails;
            }
        }
    }

    /// Takes one mail by itself. Passwords that stand in it may open what lies beside it, and the other way round.
    fn mail(&mut self, mail: Child) -> Analysis {
        let budget = self.budget.share();
        let mut run = Run::new(self.engine, &budget);
        run.candidates = self.candidates.around();
        run.enqueue(mail);
        // In a mail nothing is taken apart, so that there is nothing besides.
        run.work_off();
        for candidate in run.candidates.found() {
            self.candidates.add(candidate.clone());
        }
        run.finish(0)
    }

    /// Lists an artifact, and queues it unless the same bytes were met before.
    fn enqueue(&mut self, child: Child) {
        let Child { artifact, kind } = child;
        let entry = self.entries.len();
        let mut kind = kind;
        let shown = artifact.hints().role.filter(|role| role.is_body()).map(|role| {
            let kind = kind.get_or_insert_with(|| what_is(artifact.bytes(), artifact.hints()));
            Shown {
                role,
                media_type: kind.0,
                charset: artifact.hints().charset.clone(),
            }
        });
        // What is run by its name is another thing than the same bytes under a name that nothing runs.
        let same = (artifact.id(), shown, run_as(artifact.hints()));
        let duplicate_of = self.seen.get(&same).copied();
        let first = duplicate_of.and_then(|first| self.entries.get(first));
        let (media_type, problem) = match first {
            Some(first) => (first.record.media_type, None),
            None => kind.unwrap_or_else(|| what_is(artifact.bytes(), artifact.hints())),
        };
        let tagger = &self.engine.tagger;
        let digests = first.map_or_else(|| tagger.digester().of(artifact.bytes()), |first| first.record.digests);
        let path = artifact.origin().path();
        let record = ArtifactRecord {
            size: artifact.bytes().len() as u64,
            duplicate_of: first.map(|first| first.record.path.clone()),
            known_good: tagger.known_good(artifact.id(), &digests, artifact.bytes().len() as u64),
            digests,
            ..ArtifactRecord::of(FactSet {
                artifact: artifact.id(),
                origin: artifact.origin().clone(),
                media_type,
                role: artifact.hints().role,
                facts: Vec::new(),
            })
        };
        self.entries.push(Entry {
            record,
            identified: problem.map(|problem| diagnostic(problem, path)),
            diagnostics: Vec::new(),
            findings: Vec::new(),
            duplicate_of,
            children: Vec::new(),
            locked: None,
            attempts: 0,
        });
        if duplicate_of.is_none() {
            self.seen.insert(same, entry);
            self.queue.push_back(Task { entry, artifact });
        }
    }

    /// Reads one artifact and queues its children.
    fn work(&mut self, task: Task) {
        let Task { entry, artifact } = task;
        let Some(media_type) = self.entries.get(entry).map(|entry| entry.record.media_type) else {
            return;
        };
        let tried = self.candidates.len();
        let (outcome, read) = self.read(&artifact, media_type);
        self.keep(entry, Locked { artifact, tried }, outcome, read);
    }

    /// Asks every analyzer that handles the type. Also says whether one of them understood all of it.
    fn read(&mut self, artifact: &Artifact, media_type: MediaType) -> (Outcome, bool) {
        let engine = self.engine;
        let candidates = self.candidates.for_artifact(artifact);
        let mut cx = Context::new(artifact, media_type, self.budget, engine, &candidates);
        cx.take_mails_apart(self.takes_apart);
        if let Some(stored) = &artifact.hints().stored {
            cx.fact(Fact::Stored(stored.clone()));
        }
        let mut understood = artifact.bytes().is_empty();
        let mut asked = false;
        // Windows goes by the name of some files, whatever is in them.
        let runs = run_as(artifact.hints()).filter(|runs| *runs != media_type);
        let goes_by_name = |analyzer: &&dyn Analyzer| {
            let mut named = OF_NAMES.iter().map(|named| named.info().name);
            runs.is_some_and(|runs| analyzer.handles(runs)) && named.any(|name| name == analyzer.info().name)
        };
        if !understood {
            for analyzer in engine.analyzers.iter().filter(|analyzer| analyzer.handles(media_type)) {
                asked = true;
                if !goes_by_name(analyzer) {
                    understood |= self.ask(*analyzer, artifact, &mut cx);
                }
            }
            if !asked {
                self.ask(engine.fallback, artifact, &mut cx);
            }
            for analyzer in engine.analyzers.iter().filter(|analyzer| goes_by_name(analyzer)) {
                cx.take_as(runs.unwrap_or(media_type));
                self.ask(*analyzer, artifact, &mut cx);
            }
            cx.take_as(media_type);
        }
        self.match_rules(artifact, &mut cx);
        let outcome = cx.into_outcome();
        let read = understood && !outcome.partial;
        (outcome, read)
    }

    /// Asks the rules that were given, if there are any and time is left. Faults of their engine are contained there.
    fn match_rules(&self, artifact: &Artifact, cx: &mut Context<'_>) {
        let Some(rules) = &self.engine.yara else { return };
        if let Err(halt) = self.budget.check() {
            cx.report(stopped(halt));
            return;
        }
        let (facts, problems) =
            matching::matches(rules, artifact.bytes(), artifact.origin(), cx.media_type(), self.budget);
        facts.into_iter().for_each(|fact| cx.fact(fact));
        problems.into_iter().for_each(|problem| cx.report(problem));
    }

    /// One analyzer, with its panics and halts turned into diagnostics. Whether it came to its end.
    fn ask(&mut self, analyzer: &dyn Analyzer, artifact: &Artifact, cx: &mut Context<'_>) -> bool {
        let result = self.budget.check().and_then(|()| {
            match catch_unwind(AssertUnwindSafe(|| analyzer.analyze(artifact, cx))) {
                Ok(result) => result.map(|()| true),
                Err(_) => {
                    cx.report(panicked(analyzer.info().name));
                    Ok(false)
                }
            }
        });
        match result {
            Ok(understood) => understood,
            Err(halt) => {
                cx.report(stopped(halt));
                cx.fact(Fact::Halted { limit: halt.0 });
                false
            }
        }
    }

    /// Writes down what an attempt gave. A second attempt replaces the first.
    fn keep(&mut self, at: usize, attempt: Locked, outcome: Outcome, read: bool) {
        for candidate in outcome.candidates {
            self.candidates.add(candidate);
        }
        for fact in &outcome.facts {
            if let Fact::Halted { limit } = fact {
                self.limits_reached.insert(*limit);
            }
        }
        let Some(entry) = self.entries.get_mut(at) else {
            return;
        };
        if entry.attempts == 0 {
            self.bytes = self.bytes.saturating_add(entry.record.size);
        }
        entry.attempts += 1;
        let mut observed = outcome.observed;
        self.engine.tagger.tag(&mut observed);
        entry.record.observables = observed;
        entry.record.read = read;
        if let Some(facts) = &mut entry.record.facts {
            // What is said of a capture is large, and no detector of facts asks for it.
            facts.facts.clear();
            for fact in outcome.facts {
                match fact {
                    Fact::Capture(capture) => entry.record.capture = Some(capture),
                    fact => facts.facts.push(fact),
                }
            }
            entry.record.executable = essentials(facts);
            entry.record.log = facts.log().map(|(file, _)| Box::new(file.clone()));
        }
        entry.diagnostics = outcome.diagnostics;
        entry.findings = outcome.findings;
        entry.locked = outcome.locked.then_some(attempt);
        let mut fresh = Vec::new();
        for child in outcome.children {
            let key = (child.artifact.origin().name().clone(), child.artifact.id());
            if entry.attempts > 1 && entry.children.contains(&key) {
                continue;
            }
            entry.children.push(key);
            fresh.push(child);
        }
        for child in fresh {
            if child.is_mail() {
                self.apart.push_back(child);
            } else {
                self.enqueue(child);
            }
        }
    }

    /// Tries encrypted artifacts again for which passwords came to light since their last attempt. Whether there was one.
    fn retry_locked(&mut self) -> bool {
        let mut tried = false;
        for at in 0..self.entries.len() {
            let known = self.candidates.len();
            let Some(entry) = self.entries.get_mut(at) else { break };
            let Some(locked) = entry.locked.take_if(|locked| locked.tried < known) else {
                continue;
            };
            if entry.attempts < ATTEMPTS {
                tried = true;
                self.work(Task {
                    entry: at,
                    artifact: locked.artifact,
                });
            }
        }
        tried
    }

    /// What came of it; `inputs` says whether it was one by itself.
    fn finish(mut self, inputs: u64) -> Analysis {
        let read: Vec<bool> = self.entries.iter().map(|entry| entry.record.read).collect();
        for entry in &mut self.entries {
            if let Some(first) = entry.duplicate_of {
                entry.record.read = read.get(first).copied().unwrap_or(false);
            }
        }
        let mut analysis = Analysis {
            coverage: Coverage {
                inputs,
                inputs_read: inputs,
                artifacts: self.entries.len() as u64,
                artifacts_read: self.entries.iter().filter(|entry| entry.record.read).count() as u64,
                bytes: self.bytes,
                limits_reached: self.limits_reached.into_iter().collect(),
                network_calls: 0,
            },
            ..Analysis::default()
        };
        for entry in &mut self.entries {
            let facts = entry.record.facts.as_mut();
            if let Some(summary) = facts.and_then(FactSet::take_log_summary) {
                analysis.merge(Analysis {
                    log: Some(summary),
                    ..Analysis::default()
                });
            }
        }
        for entry in self.entries {
            analysis.diagnostics.extend(entry.identified);
            analysis.diagnostics.extend(entry.diagnostics);
            analysis.findings.extend(entry.findings);
            analysis.artifacts.push(entry.record);
        }
        reported::settle(&mut analysis.artifacts, &self.engine.organisation);
        detectors::run(&mut analysis, &self.engine.organisation);
        analysis
    }
}

/// What an artifact is. A fault in finding out is contained like those of analyzers.
pub(crate) fn what_is(bytes: &[u8], hints: &Hints) -> Kind {
    match catch_unwind(|| identify(bytes, hints).media_type) {
        Ok(media_type) => (media_type, None),
        Err(_) => (MediaType::UNKNOWN, Some(panicked("identify"))),
    }
}

fn is_mail(kind: &Kind) -> bool {
    matches!(kind.0, media::EML | media::MSG)
}

pub(crate) fn diagnostic(problem: Problem, artifact: Untrusted) -> Diagnostic {
    Diagnostic {
        severity: problem.severity,
        code: problem.code,
        message: problem.message,
        artifact,
    }
}

pub(crate) fn panicked(analyzer: &str) -> Problem {
    Problem {
        severity: DiagnosticSeverity::Error,
        code: "analyzer-panic",
        message: format!("the {analyzer} analyzer failed on this artifact; please report it").into(),
    }
}

pub(crate) fn stopped(halt: Halt) -> Problem {
    Problem::warning("limit-reached", format!("not read to its end: {halt}"))
}
