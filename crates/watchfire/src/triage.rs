//! Anything in, one report out.

use crate::progress::{Counted, Progress};
use crate::reputation::{Intelligence, Said};
use crate::{Problem, Replacement, Suppressions, VERSION, Watchfire, contain, deadline};
use std::path::{Path, PathBuf};
use watchfire_analysis::{Analysis, Assembly, Beside, Copies, Engine, askable, assemble, secrets, sightings};
use watchfire_model::{
    Artifact, ArtifactRecord, Hints, Observable, Origin, Rank, Report, Reputation, Search, Suppression, Untrusted,
    Verdict,
};
use watchfire_sources::{Content, Found, Input, Links, Skipped, Source, SourceError, walk};

/// Inputs up to this size are read whole; larger ones are streamed. Bytes.
pub(crate) const WHOLE: usize = 24 << 20;

/// Values of which something is known that a report tells.
const MOST_KNOWN: usize = 10_000;

/// An input, or why there is none.
pub(crate) enum Root {
    Source(Source),
    Failed(SourceError),
}

/// Everything that `inputs` lead to, in order. What was left out on purpose is told to `progress`.
pub(crate) fn roots(
    inputs: impl IntoIterator<Item = Input>,
    links: Links,
    left_out: &[PathBuf],
    progress: &dyn Progress,
) -> Vec<Root> {
    let is_result = |path: &Path, other: &Path| {
        let (Some(name), Some(result)) = (path.file_name(), other.file_name()) else {
            return false;
        };
        // Most files are told by their names; only alike ones cost a question to the file system.
        (name == result && path.canonicalize().is_ok_and(|path| path == other))
            || (Replacement::is_beside(name, result)
                && path.canonicalize().is_ok_and(|path| path.parent() == other.parent()))
    };
    let is_left_out = |source: &Source| {
        let path = source.path();
        path.is_some_and(|path| left_out.iter().any(|other| is_result(path, other)))
    };
    let mut roots = Vec::new();
    let mut total = 0_u64;
    for found in walk(inputs, links) {
        match found {
            Found::Source(source) if is_left_out(&source) => progress.skipped(&Skipped {
                name: source.name().clone(),
                reason: "the result goes there",
            }),
            Found::Source(source) => {
                total = total.saturating_add(source.size().unwrap_or(0));
                roots.push(Root::Source(source));
            }
            Found::Failed(error) => roots.push(Root::Failed(error)),
            Found::Skipped(skipped) => progress.skipped(&skipped),
        }
    }
    progress.total(total);
    roots
}

/// What is claimed about an input: its file name.
pub(crate) fn hints(source: &Source) -> Hints {
    let name = source.path().and_then(|path| path.file_name());
    Hints {
        name: name.map(|name| Untrusted::new(name.to_string_lossy().into_owned())),
        ..Hints::default()
    }
}

impl Watchfire {
    /// Takes everything apart, reads it, judges it. Inputs that cannot be read are counted, named in the report and
    /// told to `progress`; the rest is done.
    ///
    /// # Errors
    /// When there is nothing at all to read, or the list of suppressions cannot be read.
    pub fn triage(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        progress: &dyn Progress,
    ) -> Result<Report, Problem> {
        self.triage_as(None, inputs, links, progress)
    }

    /// The same for inputs of which somebody says what they are.
    pub(crate) fn triage_as(
        &self,
        claimed: Option<&'static str>,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        progress: &dyn Progress,
    ) -> Result<Report, Problem> {
        let suppressions = self.suppressions()?;
        let roots = roots(inputs, links, &self.left_out, progress);
        if roots.is_empty() {
            return Err(nothing());
        }
        // One large input may use every thread itself; the result does not depend on it.
        let inner = if roots.len() == 1 { self.checked.threads } else { 1 };
        let analyses = self
            .engine
            .analyze_all(roots, self.checked.threads, |engine, root| match root {
                Root::Failed(error) => unreadable(&error, progress),
                Root::Source(source) => contain::contained(|| self.one(engine, &source, claimed, inner, progress))
                    .unwrap_or_else(|| faulty(&source, progress)),
            });
        self.conclude(analyses.into_iter().collect(), &suppressions)
    }

    /// What shows only when everything was read: what lies beside what, what is a copy of what, what is known about it. Then
    /// the report.
    pub(crate) fn conclude(&self, analysis: Analysis, suppressions: &[Suppression]) -> Result<Report, Problem> {
        self.conclude_with(None, analysis, suppressions)
    }

    /// The same, with what is known where it was gathered before.
    pub(crate) fn conclude_with(
        &self,
        known: Option<Intelligence>,
        mut analysis: Analysis,
        suppressions: &[Suppression],
    ) -> Result<Report, Problem> {
        relate(&mut analysis);
        let (known, reputations) = match known {
            Some(known) => {
                let told = self.worth_telling(askable(&analysis.artifacts), &known);
                (known, told)
            }
            None => self.known_about(&analysis.artifacts)?,
        };
        analysis.findings.extend(sightings(&analysis.artifacts, &reputations));
        self.report(analysis, suppressions, None, reputations, &known)
    }

    /// The same, with what providers answer where this run may ask them.
    pub(crate) fn conclude_online(
        &self,
        mut analysis: Analysis,
        suppressions: &[Suppression],
        progress: &dyn Progress,
    ) -> Result<Report, Problem> {
        if self.permission.is_none() {
            return self.conclude(analysis, suppressions);
        }
        relate(&mut analysis);
        let answered = self.answers_about(&analysis.artifacts, progress)?;
        analysis.findings.extend(sightings(&analysis.artifacts, &answered.told));
        analysis.diagnostics.extend(answered.remarks);
        analysis.coverage.network_calls += answered.calls;
        self.report(analysis, suppressions, None, answered.told, &answered.known)
    }

    /// What the user does not want to see.
    pub(crate) fn suppressions(&self) -> Result<Vec<Suppression>, Problem> {
        match &self.checked.data_folder {
            Some(folder) => Ok(Suppressions::load(folder)?.list().to_vec()),
            None => Ok(Vec::new()),
        }
    }

    /// Judges, and puts together what leaves the house.
    pub(crate) fn report(
        &self,
        analysis: Analysis,
        suppressions: &[Suppression],
        search: Option<&Search>,
        reputations: Vec<Reputation>,
        known: &Intelligence,
    ) -> Result<Report, Problem> {
        let assembly = Assembly {
            as_of: self.checked.as_of,
            version: VERSION,
            tlp: self.checked.tlp,
            suppressions,
            organisation: self.engine.organisation(),
            search,
        };
        let mut report = assemble([analysis], &assembly);
        report.reputations = reputations;
        report.diagnostics.extend(self.here.remarks());
        if let Some(live) = &self.live_dns {
            live.tell(&mut report);
        }
        report.data = self.data_used(known);
        report.data.extend(self.yara.clone());
        if self.remembers {
            self.remember(&report, known)?;
        }
        if !self.checked.show_secrets {
            secrets::hide_in(&mut report);
        }
        Ok(report)
    }

    /// What is known on this machine about the values of `artifacts`, where somebody says that they are bad, or decided
    /// about them. Nothing where there is no feed and no decision.
    fn known_about(&self, artifacts: &[ArtifactRecord]) -> Result<(Intelligence, Vec<Reputation>), Problem> {
        let Some(store) = self.memory()? else {
            return Ok(Default::default());
        };
        let what = askable(artifacts);
        let known = self.intelligence_about(&store, &what)?;
        let told = self.worth_telling(what, &known);
        Ok((known, told))
    }

    /// What is known of these values, where it says that they are bad, or somebody decided about them.
    pub(crate) fn worth_telling(&self, what: Vec<Observable>, known: &Intelligence) -> Vec<Reputation> {
        if known.is_silent() {
            return Vec::new();
        }
        let known_of = |what| self.reputation(Untrusted::default(), what, known, Said::default());
        Self::worth(what.into_iter().filter(|what| known.may_hold(what)).map(known_of))
    }

    /// Those that say that a value is bad, or that somebody decided about.
    pub(crate) fn worth(known: impl Iterator<Item = Reputation>) -> Vec<Reputation> {
        let worth_telling = |reputation: &Reputation| {
            reputation.judgement.verdict >= Verdict::Suspicious
                || reputation.enrichments.iter().any(|source| source.rank >= Rank::Own)
        };
        known.filter(worth_telling).take(MOST_KNOWN).collect()
    }

    /// One input, read or said to be unreadable.
    fn one(
        &self,
        engine: &Engine,
        source: &Source,
        claimed: Option<&'static str>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Analysis {
        let size = source.size().unwrap_or(0);
        let analysis = self
            .analyze(engine, source, claimed, threads, progress)
            .unwrap_or_else(|error| unreadable(&error, progress));
        // Streams tell as they go; what was read whole is told at once.
        if usize::try_from(size).is_ok_and(|size| size <= WHOLE) {
            progress.advance(size);
        }
        analysis
    }

    fn analyze(
        &self,
        engine: &Engine,
        source: &Source,
        claimed: Option<&'static str>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Analysis, SourceError> {
        let budget = engine.budget();
        let origin = Origin::root(source.name().clone());
        let hints = Hints {
            media_type: claimed.map(Untrusted::from),
            ..hints(source)
        };
        let large = source.size().is_some_and(|size| size > WHOLE as u64);
        let streamed = |reader: &mut (dyn std::io::Read + Send), hints| {
            deadline::within(self.checked.time, &budget, || {
                engine
                    .analyze_stream(reader, origin.clone(), hints, threads, &budget)
                    .map_err(|error| source.failed(&error))
            })
        };
        if large {
            let inner = source.open()?;
            return streamed(&mut Counted { inner, progress }, hints);
        }
        match source.read(WHOLE)? {
            Content::Whole(bytes) => {
                let artifact = Artifact::new(bytes, origin.clone(), hints);
                if let Some(keeper) = &self.keeper {
                    keeper.keep(&artifact);
                }
                Ok(deadline::within(self.checked.time, &budget, || {
                    engine.analyze(artifact, &budget)
                }))
            }
            // A pipe, or a file that grew.
            Content::Larger { start, rest } => streamed(
                &mut std::io::Read::chain(&start[..], Counted { inner: rest, progress }),
                hints,
            ),
        }
    }
}

/// Adds what files say beside one another.
fn relate(analysis: &mut Analysis) {
    let pairs = Beside::of(&analysis.artifacts).pairs();
    analysis.findings.extend(pairs.into_iter().map(|pair| pair.finding));
    analysis.findings.extend(Copies::of(&analysis.artifacts).findings());
}

pub(crate) fn unreadable(error: &SourceError, progress: &dyn Progress) -> Analysis {
    progress.failed(error);
    Analysis::unreadable(error.name.clone(), error.to_string())
}

/// What the engine does not contain itself: a fault around its analyzers.
fn faulty(source: &Source, progress: &dyn Progress) -> Analysis {
    let name = source.name();
    progress.note(&contain::faulty(name));
    Analysis::faulty(name.clone())
}

pub(crate) fn nothing() -> Problem {
    Problem::new("there is nothing to read").hint("name files or folders that hold some, or pipe text into '-'")
}
