//! Inputs that are read one behind the other as one whole: in the order in which they begin, without what they are packed in,
//! and without those that are something else.

use crate::packed::{self, Member, is_archive};
use crate::parquet;
use crate::progress::{Counted, Progress};
use crate::triage::{Root, hints, unreadable};
use crate::unpacked::{Damage, Packing, peel};
use crate::{Problem, deadline};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::PoisonError;
use std::time::Duration;
use watchfire_analysis::Analysis;
use watchfire_formats::identify::{identify, media};
use watchfire_formats::parquet::Places;
use watchfire_model::{
    Budget, Diagnostic, DiagnosticSeverity, Hints, Limits, MediaType, Problem as Remark, Report, Timestamp, Untrusted,
};
use watchfire_sources::{Source, SourceError};

/// What a sequence is of.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What is looked at to tell what an input is. Bytes.
    pub(crate) head: usize,
    /// Whether a beginning of that type is one.
    pub(crate) is: fn(&[u8], MediaType) -> bool,
    /// The code of what is wrong with what it is packed in.
    pub(crate) packed: &'static str,
    /// The code of the remark that an input is none.
    pub(crate) none: &'static str,
    /// What is said of it.
    pub(crate) why: fn(MediaType) -> String,
}

/// What an input is.
pub(crate) enum Opened<'r> {
    /// One of those that are wanted, from its first byte.
    Wanted(Box<dyn Read + 'r>),
    /// Something else.
    Other(MediaType),
}

impl Kind {
    /// What is in an input, without what it is packed in; the rows of Parquet, where that is wanted, as lines.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn open<'r>(
        &self,
        mut source: Box<dyn Places + 'r>,
        hints: &Hints,
        budget: &'r Budget,
        damage: &Damage,
    ) -> io::Result<Opened<'r>> {
        let mut first = Vec::new();
        (&mut source)
            .take(parquet::MAGIC.len() as u64)
            .read_to_end(&mut first)?;
        if first == parquet::MAGIC {
            (&mut source)
                .take(self.head.saturating_sub(first.len()) as u64)
                .read_to_end(&mut first)?;
            let kind = identify(&first, hints).media_type;
            // Streams are read once.
            if kind == media::PARQUET && (self.is)(&first, kind) && source.stream_position().is_ok() {
                let lines = parquet::Lines::of_file(source, budget, damage);
                return Ok(Opened::Wanted(Box::new(lines)));
            }
        }
        let source = Box::new(io::Cursor::new(first).chain(source));
        let packing = Packing {
            budget,
            damage,
            code: self.packed,
        };
        let peeled = peel(source, (self.head, hints), packing, self.is)?;
        Ok(match peeled.is_it {
            true if peeled.kind == media::PARQUET => {
                Opened::Wanted(Box::new(parquet::Lines::of_stream(peeled.content, budget, damage)))
            }
            true => Opened::Wanted(peeled.content),
            false => Opened::Other(peeled.kind),
        })
    }

    /// Why a report says nothing: none of the inputs is one.
    pub(crate) fn refused(&self, report: &Report) -> Option<Problem> {
        let first: &Diagnostic = report.diagnostics.iter().find(|remark| remark.code == self.none)?;
        if report.coverage.inputs_read > 0 {
            return None;
        }
        let name = first.artifact.shown(200);
        Some(Problem::new(format!("'{name}' {}", first.message)).hint("watchfire triage reads anything"))
    }

    fn none_in(&self, name: &Untrusted, what: MediaType) -> Analysis {
        let mut analysis = Analysis::unreadable(name.clone(), (self.why)(what));
        for diagnostic in &mut analysis.diagnostics {
            diagnostic.code = self.none;
            diagnostic.severity = DiagnosticSeverity::Warning;
        }
        analysis
    }
}

/// One of several.
pub(crate) enum Piece {
    /// An input.
    Root(Root),
    /// A file of an archive.
    Member(Member),
}

/// Inputs in their order, and what is to be said of archives among them.
#[derive(Default)]
pub(crate) struct Ordered {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) remarks: Vec<Diagnostic>,
}

/// Says when something begins.
pub(crate) type Begins<'b> = dyn Fn(&mut dyn Read) -> Option<Timestamp> + 'b;

/// What is wanted to put inputs in order.
pub(crate) struct Ordering<'o> {
    pub(crate) kind: &'static Kind,
    pub(crate) budget: &'o Budget,
    /// When something begins; nothing, where the order is that of the names.
    pub(crate) begins: Option<&'o Begins<'o>>,
    /// What an archive may cost; nothing, where archives are none of those that are wanted.
    pub(crate) archives: Option<&'o dyn Fn() -> Budget>,
    pub(crate) time: Option<Duration>,
}

impl Ordered {
    /// Inputs as they were named.
    pub(crate) fn as_they_are(roots: Vec<Root>) -> Self {
        Self {
            pieces: roots.into_iter().map(Piece::Root).collect(),
            remarks: Vec::new(),
        }
    }
}

impl Ordering<'_> {
    /// Puts inputs in the order in which they begin; those that begin at the same time stay as they are. What cannot be read
    /// twice, or does not say when it begins, keeps its place. Files of archives are inputs of their own.
    pub(crate) fn of(&self, roots: Vec<Root>) -> Ordered {
        let mut ordered = Ordered::default();
        for root in roots {
            match self.archive(&root) {
                Some(Ok(unpacked)) => {
                    ordered.remarks.extend(unpacked.remarks);
                    if unpacked.members.is_empty() {
                        ordered.pieces.push(Piece::Root(root));
                        continue;
                    }
                    ordered.pieces.extend(unpacked.members.into_iter().map(Piece::Member));
                }
                Some(Err(error)) => ordered.pieces.push(Piece::Root(Root::Failed(error))),
                None => ordered.pieces.push(Piece::Root(root)),
            }
        }
        if let Some(begins) = self.begins.filter(|_| ordered.pieces.len() > 1) {
            ordered.pieces = self.by_time(std::mem::take(&mut ordered.pieces), begins);
        }
        ordered
    }

    /// What is in an archive; nothing, where an input is none.
    fn archive(&self, root: &Root) -> Option<Result<packed::Unpacked, SourceError>> {
        let budget = self.archives?;
        let Root::Source(source) = root else { return None };
        // Pipes have no size, and can be read once.
        let size = source.size()?;
        let hints = hints(source);
        let file = Box::new(source.open().ok()?);
        match self.kind.open(file, &hints, self.budget, &Damage::default()) {
            Ok(Opened::Other(media_type)) if is_archive(media_type) => {}
            _ => return None,
        }
        let budget = budget();
        budget.begin(size);
        let unpacked = source.open().and_then(|mut file| {
            let unpacked = deadline::within(self.time, &budget, || {
                packed::unpack(source.name(), &mut file, &hints, &budget)
            });
            unpacked.map_err(|error| source.failed(&error))
        });
        Some(unpacked)
    }

    fn by_time(&self, pieces: Vec<Piece>, begins: &Begins<'_>) -> Vec<Piece> {
        let (mut timed, mut places) = (Vec::new(), Vec::new());
        for piece in pieces {
            match self.begins(&piece, begins) {
                Some(time) => {
                    timed.push((time, piece));
                    places.push(None);
                }
                None => places.push(Some(piece)),
            }
        }
        timed.sort_by_key(|(time, _)| *time);
        let mut timed = timed.into_iter().map(|(_, piece)| piece);
        places
            .into_iter()
            .filter_map(|place| place.or_else(|| timed.next()))
            .collect()
    }

    fn begins(&self, piece: &Piece, begins: &Begins<'_>) -> Option<Timestamp> {
        let (content, hints): (Box<dyn Places>, Hints) = match piece {
            Piece::Root(Root::Failed(_)) => return None,
            Piece::Root(Root::Source(source)) => {
                source.size()?;
                (Box::new(source.open().ok()?), hints(source))
            }
            Piece::Member(member) => (Box::new(member.open()), member.hints()),
        };
        // Whatever is wrong with it is said when it is read.
        match self.kind.open(content, &hints, self.budget, &Damage::default()) {
            Ok(Opened::Wanted(mut inside)) => begins(&mut inside),
            _ => None,
        }
    }
}

/// An input that is wanted: its name, and its content without what it is packed in.
pub(crate) type Part<'r> = (Untrusted, Box<dyn Read + 'r>);

/// Inputs that are still to be read.
pub(crate) struct Sequence<'w> {
    pub(crate) waiting: VecDeque<Piece>,
    kind: &'static Kind,
    budget: &'w Budget,
    pub(crate) progress: &'w dyn Progress,
    /// What could not be read, and what was none.
    failed: Vec<Analysis>,
    /// What was wrong with what each is packed in.
    damage: Vec<(Untrusted, Damage)>,
    /// How many were read.
    pub(crate) read: u64,
}

impl<'w> Sequence<'w> {
    pub(crate) fn new(
        kind: &'static Kind,
        waiting: Vec<Piece>,
        budget: &'w Budget,
        progress: &'w dyn Progress,
    ) -> Self {
        Self {
            waiting: waiting.into(),
            kind,
            budget,
            progress,
            failed: Vec::new(),
            damage: Vec::new(),
            read: 0,
        }
    }

    /// The next one that is there.
    pub(crate) fn next(&mut self) -> Option<Part<'w>> {
        loop {
            let part = match self.waiting.pop_front()? {
                Piece::Root(Root::Failed(error)) => {
                    self.fail(&error);
                    None
                }
                Piece::Root(Root::Source(source)) => self.source(&source),
                Piece::Member(member) => self.member(&member),
            };
            if let Some(part) = part {
                self.read += 1;
                return Some(part);
            }
        }
    }

    pub(crate) fn fail(&mut self, error: &SourceError) {
        self.failed.push(unreadable(error, self.progress));
    }

    fn source(&mut self, source: &Source) -> Option<Part<'w>> {
        let damage = self.damage_of(source.name());
        let opened = source.open().and_then(|inner| {
            let progress = self.progress;
            let counted = Box::new(Counted { inner, progress });
            let opened = self.kind.open(counted, &hints(source), self.budget, &damage);
            opened.map_err(|error| source.failed(&error))
        });
        match opened {
            Ok(opened) => self.wanted(source.name(), opened),
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }

    fn member(&mut self, member: &Member) -> Option<Part<'w>> {
        let damage = self.damage_of(&member.name);
        let content = Box::new(member.open());
        match self.kind.open(content, &member.hints(), self.budget, &damage) {
            Ok(opened) => self.wanted(&member.name, opened),
            Err(error) => {
                self.failed
                    .push(Analysis::unreadable(member.name.clone(), error.to_string()));
                None
            }
        }
    }

    fn wanted(&mut self, name: &Untrusted, opened: Opened<'w>) -> Option<Part<'w>> {
        match opened {
            Opened::Wanted(reader) => Some((name.clone(), reader)),
            Opened::Other(what) => {
                self.none(name, what);
                None
            }
        }
    }

    /// An input is none of those that are wanted.
    pub(crate) fn none(&mut self, name: &Untrusted, what: MediaType) {
        self.failed.push(self.kind.none_in(name, what));
    }

    fn damage_of(&mut self, name: &Untrusted) -> Damage {
        let damage = Damage::default();
        self.damage.push((name.clone(), Damage::clone(&damage)));
        damage
    }

    /// Adds what is to be said of inputs to the analysis of those that were read: what was wrong with what was unpacked, what
    /// could not be read or was none, and what there was no time for.
    pub(crate) fn finish(mut self, analysis: &mut Analysis) {
        for (name, damage) in self.damage {
            let problems = std::mem::take(&mut *damage.lock().unwrap_or_else(PoisonError::into_inner));
            if problems.is_empty() {
                continue;
            }
            for artifact in analysis.artifacts.iter_mut().filter(|one| one.read && one.path == name) {
                artifact.read = false;
                analysis.coverage.artifacts_read = analysis.coverage.artifacts_read.saturating_sub(1);
            }
            let remarks = problems.into_iter().map(|problem| diagnostic(problem, &name));
            analysis.diagnostics.extend(remarks);
        }
        if !analysis.coverage.limits_reached.is_empty() {
            let why = "was not read: the time was over before";
            let left = self.waiting.into_iter().map(|piece| match piece {
                Piece::Root(Root::Failed(error)) => Analysis::unreadable(error.name.clone(), error.to_string()),
                Piece::Root(Root::Source(source)) => Analysis::unreadable(source.name().clone(), why),
                Piece::Member(member) => Analysis::unreadable(member.name, why),
            });
            self.failed.extend(left);
        }
        for failed in self.failed {
            analysis.merge(failed);
        }
    }
}

/// What is streamed is as long as it is: what bounds the work is the time that it may take.
pub(crate) fn unbounded() -> Budget {
    Budget::new(Limits {
        unpacked: u64::MAX,
        artifact_size: u64::MAX,
        ratio: u64::MAX,
        ..Limits::default()
    })
}

/// Remarks about all of it.
pub(crate) fn remarks(analysis: &Analysis, problems: Vec<Remark>) -> Vec<Diagnostic> {
    let root = analysis
        .artifacts
        .first()
        .map(|root| root.path.clone())
        .unwrap_or_default();
    let remark = |problem| diagnostic(problem, &root);
    problems.into_iter().map(remark).collect()
}

/// A remark about an input.
pub(crate) fn diagnostic(problem: Remark, about: &Untrusted) -> Diagnostic {
    Diagnostic {
        severity: problem.severity,
        code: problem.code,
        message: problem.message,
        artifact: about.clone(),
    }
}
