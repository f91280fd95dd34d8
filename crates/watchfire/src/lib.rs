//! Watchfire as a library: configure once, then triage, extract and export.
//!
//! ```no_run
//! use watchfire::{Config, Input, Links, Silent, Style, Surroundings, Watchfire};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::load(None, Surroundings::of_process())?;
//! let watchfire = Watchfire::new(&config)?;
//! let report = watchfire.triage([Input::parse("suspicious.eml".as_ref())], Links::Skip, &Silent)?;
//! let text = watchfire::exporter("text").ok_or("no such format")?;
//! text.report(&report, &Style::default(), &mut std::io::stdout().lock())?;
//! # Ok(())
//! # }
//! ```
//!
//! This is the only crate that front ends import. It joins the siblings, which know nothing of one another, and it is
//! the only one below the front ends that asks for the time.

#![forbid(unsafe_code)]

mod assets;
mod bundles;
mod capture;
mod cases;
mod catalogue;
mod clock;
mod config;
mod contain;
mod deadline;
mod demo;
mod doctor;
mod extract;
mod feeds;
mod find;
mod follow;
mod knowledge;
pub mod live;
mod local;
mod logs;
mod logs_table;
mod mail;
mod network;
mod opened;
mod packed;
mod parquet;
mod problem;
mod progress;
mod reach;
mod replacement;
mod reputation;
mod resolver;
mod rules;
mod sequence;
mod signatures;
mod small;
mod store;
mod suppressions;
mod triage;
mod unpacked;
mod yara;

pub use assets::{Inventories, Taken, owned};
pub use bundles::{Exported, ImportedBundle, bundles, make_key, roll_back};
pub use capture::{CaptureRequest, Several, no_capture};
pub use cases::{
    CaseKept, Cases, ExportedCase, Period, Person, Redaction, WantedCases, description as case_description,
    resolution as case_resolution, restored as restored_case, status as case_status, tag as case_tag,
    tags as case_tags, times as case_times,
};
pub use catalogue::{Catalogue, Entry, catalogue};
pub use config::{Config, KEYS, Key, Kind, Place, Setting, Surroundings, Value, exporter_for, forget_key, keep_key};
pub use contain::{panics, quiet_panics};
pub use demo::{Demo, demo};
pub use doctor::{Check, State, doctor};
pub use extract::{Outcome, Scope};
pub use feeds::{FeedChoice, Feeds, Published, Took, Updated, due, half_life, is_stale, meets};
pub use find::{EVERY_KIND, Lines, Search, Searched, Wanted};
pub use knowledge::{
    ImportedKnowledge, KnowledgeTable, KnowledgeUpdate, Standing, import as import_knowledge, import_known_good,
    status as knowledge_status, update as update_knowledge,
};
pub use logs::{LogsRequest, no_log};
pub use logs_table::TableRequest;
pub use mail::no_mail;
pub use opened::Opened;
pub use problem::Problem;
pub use progress::{Progress, Silent};
pub use reach::reach;
pub use replacement::Replacement;
pub use reputation::{CheckOutcome, Column, decide};
pub use rules::{
    ExplainedMatch, ExplainedRule, Fired, LogsRead, RegressionCase, RegressionOutcome, RuleChanges, RuleCheck,
    RuleCounts, RuleOrigin, RuleSet, RuleSets, RuleTrial, RulesUpdated, RulesWanted, Sigma, TakenRules,
};
pub use store::{existing_store, store};
pub use suppressions::Suppressions;

pub use watchfire_analysis::inputs_cut;
pub use watchfire_export::{
    Anomalies, Colour, Detail, Document, EXPORTERS, EveLines, Exporter, ExporterInfo, Form, Glyphs, KEPT, ListedRule,
    ListedSet, Listing, ListingKind, ListingWriter, Matter, RuleDocument, RuleList, Side, Style, bytes, exporter,
    schema, sheet, short_digest, table,
};
pub use watchfire_extract::{defang, refang};
pub use watchfire_intel::feed::FORMATS as FEED_FORMATS;
pub use watchfire_intel::feed::catalogue::KNOWN as KNOWN_FEEDS;
pub use watchfire_intel::known::Taken as TakenFiles;
pub use watchfire_model as model;
pub use watchfire_sigma as sigma;
pub use watchfire_sources::{Input, Links, Skipped, SourceError};
pub use watchfire_store::{
    Arrival, Bundle, By, Case, Change, Checked, Erased, Feed, FeedVersion, Inventory, Listed, Mark, Name,
    State as VersionState, Store, StoreError,
};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use watchfire_analysis::{Engine, Settings};
use watchfire_formats::executable::authenticode::Trust;
use watchfire_model::{Date, Moment};

/// The version of Watchfire.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The attributions that the licences of embedded data ask for.
pub fn notices() -> &'static str {
    watchfire_knowledge::notices()
}

/// A day such as `2027-01-31`.
///
/// # Errors
/// When `text` is not one.
pub fn day(text: &str) -> Result<Date, Problem> {
    Date::parse(text).map_err(|why| Problem::new(format!("'{text}' is {why}")).hint("a day is written 2027-01-31"))
}

/// A checked configuration, ready to work. Cheap to share between threads.
#[derive(Debug)]
pub struct Watchfire {
    here: Arc<local::Here>,
    engine: Engine,
    extractor: watchfire_extract::Extractor,
    checked: config::Checked,
    left_out: Vec<PathBuf>,
    /// How many answers of a check its report holds.
    kept_answers: usize,
    permission: Option<reputation::Permission>,
    judging: Option<reputation::Judging>,
    live_dns: Option<Arc<resolver::LiveDns>>,
    remembers: bool,
    /// Rules that everything is matched against, as a report names them.
    yara: Option<model::DataSource>,
    /// What tells these rules from others.
    rules: Option<[u8; 32]>,
    /// Sigma rules that logs are asked.
    sigma: Option<rules::Sigma>,
    /// What tells the roots and catalogs that are believed from others.
    trusted: Option<[u8; 32]>,
    /// The bytes of inputs, where a case is to keep them.
    keeper: Option<cases::Keeper>,
}

impl Watchfire {
    /// Checks `config` and compiles it.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn new(config: &Config) -> Result<Self, Problem> {
        let checked = config.check()?;
        let here = Arc::new(local::Here::new(checked.data_folder.clone(), checked.as_of));
        let mut engine = Engine::new(Settings {
            limits: checked.limits,
            extract: checked.extract.clone(),
            organisation: checked.organisation.clone(),
            local: Some(here.clone()),
            dns: None,
            phishing: None,
            resolver: None,
            yara: None,
            as_of: watchfire_model::Timestamp::new(checked.as_of.unix(), 0),
        });
        engine.trust_by(Trust::at(checked.as_of));
        engine.detect_by(logs::kept_rules(checked.data_folder.clone()));
        Ok(Self {
            here,
            engine,
            extractor: watchfire_extract::Extractor::new(checked.extract.clone()),
            checked,
            left_out: Vec::new(),
            kept_answers: 0,
            permission: None,
            judging: None,
            live_dns: None,
            remembers: false,
            yara: None,
            rules: None,
            sigma: None,
            trusted: None,
            keeper: None,
        })
    }

    /// Does not read `path` when it is met below a folder, nor a [`Replacement`] on its way to it: a result goes there. Other
    /// results may go elsewhere.
    pub fn leave_out(&mut self, path: &Path) {
        self.left_out.push(replacement::resolved(path));
    }

    /// Keeps the bytes of what is read, for a case.
    pub fn keep_files(&mut self) {
        self.keeper = Some(cases::Keeper::default());
    }

    /// Keeps a report in the case of that name or number, which is opened if there is none.
    ///
    /// # Errors
    /// When the name is none, and when it cannot be written.
    pub fn keep_case(&self, config: &Config, called: &str, report: &model::Report) -> Result<CaseKept, Problem> {
        Cases::open(config)?.extend(called, report, self.keeper.as_ref())
    }

    /// Keeps so many of the first answers of [`Watchfire::check`] in its report, for whoever writes that beside them.
    pub fn keep_answers(&mut self, most: usize) {
        self.kept_answers = most;
    }

    /// The instant that expiry, decay and missing years refer to.
    pub fn as_of(&self) -> Moment {
        self.checked.as_of
    }

    /// Its day.
    pub fn today(&self) -> Date {
        self.checked.as_of.date()
    }
}
