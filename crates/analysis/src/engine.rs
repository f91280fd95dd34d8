//! The engine: a root artifact in, an [`Analysis`] out.

use crate::Analysis;
use crate::analyzers::{Analyzer, FALLBACK, REGISTRY};
use crate::run::Run;
use crate::logs::{LogReading, LogRules, Told};
use crate::stream;
use crate::tagging::Tagger;
use rayon::prelude::*;
use std::io;
use std::sync::{Arc, OnceLock};
use watchfire_extract::{Extractor, Options};
use watchfire_formats::executable::authenticode::Trust;
use watchfire_model::dns::{DnsSnapshot, Resolver};
use watchfire_model::{Artifact, Budget, Hints, Limits, Local, Observed, Organisation, Origin, Timestamp};
use watchfire_phishing::Model;
use watchfire_yara::Rules;

/// Everything that shapes an analysis.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What one root may cost.
    pub limits: Limits,
    /// What the extractor looks for.
    pub extract: Options,
    /// Whose evidence it is.
    pub organisation: Organisation,
    /// What is known on this machine besides what is embedded.
    pub local: Option<Arc<dyn Local>>,
    /// Answers of the DNS by which mail is verified; without, it is not.
    pub dns: Option<Arc<DnsSnapshot>>,
    /// Who finds out what those answers leave open.
    pub resolver: Option<Arc<dyn Resolver>>,
    /// What mails are scored with; the model that ships where nothing else is given.
    pub phishing: Option<Arc<Model>>,
    /// Rules that every artifact is matched against.
    pub yara: Option<Arc<Rules>>,
    /// When logs were collected, or now: years that they leave out are counted back from it.
    pub as_of: Timestamp,
}

/// Makes rules for logs when the first log is met.
pub type GiveLogRules = Arc<dyn Fn() -> Arc<LogRules> + Send + Sync>;

/// Compiled settings. Cheap to share between threads.
pub struct Engine {
    pub(crate) limits: Limits,
    pub(crate) extractor: Extractor,
    pub(crate) organisation: Organisation,
    pub(crate) dns: Option<Arc<DnsSnapshot>>,
    pub(crate) resolver: Option<Arc<dyn Resolver>>,
    pub(crate) phishing: Arc<Model>,
    pub(crate) yara: Option<Arc<Rules>>,
    pub(crate) trust: Trust,
    log_rules: OnceLock<Arc<LogRules>>,
    given_log_rules: Option<GiveLogRules>,
    pub(crate) tagger: Tagger,
    as_of: Timestamp,
    pub(crate) analyzers: &'static [&'static dyn Analyzer],
    pub(crate) fallback: &'static dyn Analyzer,
}

impl Engine {
    /// Compiles `settings`.
    pub fn new(settings: Settings) -> Self {
        Self::with_analyzers(settings, REGISTRY)
    }

    pub(crate) fn with_analyzers(settings: Settings, analyzers: &'static [&'static dyn Analyzer]) -> Self {
        Self {
            limits: settings.limits,
            extractor: Extractor::new(settings.extract),
            tagger: Tagger::new(settings.organisation.clone(), settings.local),
            organisation: settings.organisation,
            dns: settings.dns,
            resolver: settings.resolver,
            as_of: settings.as_of,
            phishing: settings.phishing.unwrap_or_else(Model::embedded),
            yara: settings.yara,
            trust: Trust::default(),
            log_rules: OnceLock::new(),
            given_log_rules: None,
            analyzers,
            fallback: FALLBACK,
        }
    }

    /// Verifies where mails come from by these answers.
    pub fn verify_by(&mut self, dns: DnsSnapshot) {
        self.dns = Some(Arc::new(dns));
    }

    /// Scores mails by this model instead of the one that ships.
    pub fn score_by(&mut self, model: Arc<Model>) {
        self.phishing = model;
    }

    /// Matches every artifact against these rules.
    pub fn match_by(&mut self, rules: Arc<Rules>) {
        self.yara = Some(rules);
    }

    /// Whether there are rules that everything is matched against.
    pub fn has_rules(&self) -> bool {
        self.yara.is_some()
    }

    /// Asks these Sigma rules about logs instead of those that ship. They are made when the first log is met.
    pub fn detect_by(&mut self, rules: GiveLogRules) {
        self.log_rules = OnceLock::new();
        self.given_log_rules = Some(rules);
    }

    /// How logs are read that lie among other things.
    pub(crate) fn log_reading(&self) -> LogReading {
        LogReading::new(self.as_of)
    }

    /// The rules that logs are asked.
    pub(crate) fn log_rules(&self) -> Arc<LogRules> {
        let make = || match &self.given_log_rules {
            Some(give) => give(),
            None => Arc::new(LogRules::embedded(Told::default())),
        };
        Arc::clone(self.log_rules.get_or_init(make))
    }

    /// Judges signatures of programs by these roots and catalogs, at the time that they give. Nobody is trusted otherwise.
    pub fn trust_by(&mut self, trust: Trust) {
        self.trust = trust;
    }

    /// Has what those answers leave open found out by `resolver`.
    pub fn resolve_by(&mut self, resolver: Arc<dyn Resolver>) {
        self.resolver = Some(resolver);
    }

    /// A fresh account for one root. Whoever holds the clock keeps a reference and cancels it.
    pub fn budget(&self) -> Budget {
        Budget::new(self.limits)
    }

    /// Whose evidence it is.
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// Where one value belongs: what is known about it without asking anybody.
    pub fn standing(&self, what: &watchfire_model::Observable) -> crate::Standing {
        let mut marks = crate::Marks::default();
        self.mark(what, &mut marks);
        self.standing_of(&marks)
    }

    /// Says in `marks` where one value belongs, in place of what they said before.
    pub fn mark(&self, what: &watchfire_model::Observable, marks: &mut crate::Marks) {
        self.tagger.mark(what, marks);
    }

    /// What `marks` say, in words.
    pub fn standing_of(&self, marks: &crate::Marks) -> crate::Standing {
        self.tagger.standing(marks)
    }

    /// Appends to `key` what decides what `marks` say: those with the same key, and no [asset](crate::Marks::is_owned),
    /// have the same standing.
    pub fn append_key(&self, marks: &crate::Marks, key: &mut Vec<u8>) {
        self.tagger.append_key(marks, key);
    }

    /// Marks observables with what is known about where they belong, as the analysis does for those that it finds.
    pub fn tag(&self, observed: &mut [Observed]) {
        self.tagger.tag(observed);
    }

    /// Takes `root` apart and reads everything in it. Never fails: what could not be read is a diagnostic, and what an
    /// analyzer found before it gave up stays.
    pub fn analyze(&self, root: Artifact, budget: &Budget) -> Analysis {
        Run::new(self, budget).root(root)
    }

    /// Reads a root that may be too large for memory. Text goes through the extractor as it comes, with up to `threads`
    /// scanners, and is hashed on the way; anything else is read up to [`Limits::artifact_size`] and then analysed as
    /// [`Engine::analyze`] does. Fails only where `reader` does.
    pub fn analyze_stream(
        &self,
        reader: &mut (dyn io::Read + Send),
        origin: Arc<Origin>,
        hints: Hints,
        threads: usize,
        budget: &Budget,
    ) -> io::Result<Analysis> {
        stream::analyze(self, reader, origin, hints, threads, budget)
    }

    /// Analyses many roots with up to `threads` threads. `one` opens and analyses one root, usually with
    /// [`Engine::analyze`], or says that it is [unreadable](Analysis::unreadable). Results come in the given order.
    pub fn analyze_all<R, F>(&self, roots: Vec<R>, threads: usize, one: F) -> Vec<Analysis>
    where
        R: Send,
        F: Fn(&Self, R) -> Analysis + Sync,
    {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
        match pool {
            Ok(pool) if threads > 1 => pool.install(|| roots.into_par_iter().map(|root| one(self, root)).collect()),
            // Without threads, because none are wanted or none can be had, the work is done all the same.
            _ => roots.into_iter().map(|root| one(self, root)).collect(),
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
