//! Logs: every file that is one, packed or not, read as one whole in the order of their first records.

use crate::capture::slip;
use crate::packed::is_archive;
use crate::progress::Progress;
use crate::rules::{RuleWatch, Sigma};
use crate::sequence::{Kind, Ordered, Ordering, Sequence, unbounded};
use crate::triage::{Root, nothing, roots};
use crate::{Input, Links, Problem, Watchfire, deadline, replacement};
use follow::News;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use timeline::EntriesTo;
use watchfire_analysis::GiveLogRules;
use watchfire_analysis::logs::{LogChoice, LogReading, LogRules, Told};
use watchfire_formats::identify::media;
use watchfire_formats::log::{Options, Reader, UserFormat, recognise};
use watchfire_model::log::{EntrySink, RuleLevel};
use watchfire_model::{Budget, DataSource, MediaType, Moment, Report, Timestamp};
use watchfire_sources::live::Stop;
use zone::Zone;

mod follow;
mod timeline;
mod zone;

/// What is wanted of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsRequest {
    /// Records before this time are not looked at: RFC 3339, a day, or so long ago (`2d`).
    pub from: Option<String>,
    /// Records from this time on are not looked at.
    pub to: Option<String>,
    /// Expressions over fields, which all have to hold for a record to be looked at.
    pub chosen: Vec<String>,
    /// The zone of times that state none: `+02:00`, `UTC`.
    pub timezone: Option<String>,
    /// Fields whose values are counted.
    pub top: Vec<String>,
    /// Files and folders with further Sigma rules.
    pub rules: Vec<PathBuf>,
    /// A file with formats of the user's.
    pub formats: Option<PathBuf>,
    /// Rules below this level are counted and not told.
    pub level: Option<String>,
    /// Rules that are tested less are counted and not told: `stable`, `test`, `experimental`.
    pub status: Option<String>,
    /// The file where the timeline goes.
    pub timeline: Option<PathBuf>,
    /// Whether all records go there, and not only those that something is said of.
    pub all: bool,
}

/// Bytes of a file with formats.
const LONGEST_FORMATS: u64 = 1 << 20;

/// Bytes of a log in which its first time is looked for.
const BEGINNING: u64 = 128 << 10;

/// Logs, as inputs that are read as one whole.
pub(crate) static LOGS: Kind = Kind {
    head: 64 << 10,
    is: is_log,
    packed: "log-packed",
    none: "no-log",
    why: |what| format!("is no log but {what}"),
};

/// Whatever is text may be a log; of what is not, event logs and Parquet are. Archives hold some.
fn is_log(head: &[u8], media_type: MediaType) -> bool {
    if is_archive(media_type) {
        return false;
    }
    if matches!(media_type, media::LOG | media::EVTX | media::PARQUET) {
        return true;
    }
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let is_text = is_wide || !head.contains(&0);
    let is_document = matches!(media_type, media::HTML | media::PDF | media::RTF | media::EML);
    // To look for a format takes longest.
    is_text && !is_document || recognise(head).is_some()
}

impl Watchfire {
    /// Reads logs, all of them as one whole in the order of their first records, and judges what is in them. Records for the
    /// timeline go to `entries` as they come. Inputs that are no logs are named in the report; the rest is done.
    ///
    /// # Errors
    /// When there is nothing at all to read, a time, zone, level or file of formats makes no sense, or the list of
    /// suppressions cannot be read.
    pub fn read_logs(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        request: &LogsRequest,
        entries: Option<&mut dyn EntrySink>,
        progress: &dyn Progress,
    ) -> Result<Report, Problem> {
        self.logs((inputs, links), request, entries, progress, None)
    }

    /// Reads logs as they grow, until all have ended, which files never do, or somebody asks to end. What would be a finding
    /// goes to `entries` as an alert as soon as it is known. The report is about all that was read. Packed logs do not grow,
    /// and are named in the report as no logs.
    ///
    /// # Errors
    /// Those of [`Watchfire::read_logs`].
    pub fn follow_logs(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        request: &LogsRequest,
        entries: Option<&mut dyn EntrySink>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Report, Problem> {
        self.logs((inputs, links), request, entries, progress, Some(stop))
    }

    fn logs(
        &self,
        (inputs, links): (impl IntoIterator<Item = Input>, Links),
        request: &LogsRequest,
        entries: Option<&mut dyn EntrySink>,
        progress: &dyn Progress,
        stop: Option<&Stop>,
    ) -> Result<Report, Problem> {
        let suppressions = self.suppressions()?;
        let reading = LogReading {
            suppressions: suppressions.clone().into(),
            ..self.log_reading(request)?
        };
        let tells = Self::told_rules(request)?;
        let mut used = Vec::new();
        let format = request.timeline.as_deref().map(timeline::Format::of).transpose()?;
        let left_out: Vec<PathBuf> = self
            .left_out
            .iter()
            .cloned()
            .chain(request.timeline.as_deref().map(replacement::resolved))
            .collect();
        let waiting = roots(inputs, links, &left_out, progress);
        if waiting.is_empty() {
            return Err(nothing());
        }
        let mut file = request.timeline.as_deref().map(timeline::File::create).transpose()?;
        let packed = unbounded();
        let ordered = match stop {
            Some(_) => Ordered::as_they_are(waiting),
            None => self.logs_in_order(waiting, &packed, &reading),
        };
        let mut sequence = Sequence::new(&LOGS, ordered.pieces, &packed, progress);
        let budget = self.engine.budget();
        let mut written = Ok(());
        let mut analysis = {
            let mut writer = match (&mut file, format) {
                (Some(file), Some(format)) => format.entries(&mut file.out, request.all),
                _ => None,
            };
            let mut sinks = EntriesTo::default();
            if let Some(entries) = entries {
                sinks.add(entries);
            }
            if let Some(writer) = &mut writer {
                sinks.add(writer.sink());
            }
            let analysis = match stop {
                Some(stop) => {
                    let data = self.checked.data_folder.as_deref();
                    let rules = self.sigma.clone();
                    let rules = rules.map(|sigma| RuleWatch::new(sigma, data, &request.rules));
                    let mut news = News::new(&mut sequence, stop, rules, tells);
                    let analysis = self.engine.follow_logs(|| news.next(), &reading, sinks.sink(), &budget);
                    used = news.used;
                    analysis
                }
                None => deadline::within(self.checked.time, &budget, || {
                    self.engine
                        .read_logs(|| sequence.next(), &reading, sinks.sink(), &budget)
                }),
            };
            if let Some(writer) = writer {
                written = writer.finish();
            }
            analysis
        };
        if let Some(file) = file {
            file.finish(written)?;
        }
        analysis.diagnostics.extend(ordered.remarks);
        sequence.finish(&mut analysis);
        let mut report = self.conclude_online(analysis, &suppressions, progress)?;
        report.data.extend(self.rules_used(&report, &used));
        Ok(report)
    }

    /// Logs in the order of their first records, so that what is rotated comes before what is not; those of archives among
    /// them.
    pub(crate) fn logs_in_order(&self, roots: Vec<Root>, packed: &Budget, reading: &LogReading) -> Ordered {
        let options = Options {
            zone: reading.zone,
            user: reading.formats.clone(),
            ..Options::new(reading.as_of)
        };
        let ordering = Ordering {
            kind: &LOGS,
            budget: packed,
            begins: Some(&|log: &mut dyn Read| {
                let mut head = Vec::new();
                log.take(BEGINNING).read_to_end(&mut head).ok()?;
                let mut reader = Reader::new(&options);
                reader.push(&head, &mut |_| ());
                reader.finish(&mut |_| ());
                reader.totals().first
            }),
            archives: Some(&|| self.engine.budget()),
            time: self.checked.time,
        };
        ordering.of(roots)
    }

    /// Whose rules hold, but for those that ship: of those of the start, and of those that took their place.
    fn rules_used(&self, report: &Report, later: &[Arc<Sigma>]) -> Vec<DataSource> {
        let Some(log) = &report.log else { return Vec::new() };
        let all: Vec<&Sigma> = self.sigma.iter().chain(later.iter().map(Arc::as_ref)).collect();
        let mut used: Vec<DataSource> = Vec::new();
        for rule in log.rules.iter().filter(|rule| !rule.rule.is_shipped()) {
            let mut sources = all.iter().rev();
            if let Some(source) = sources.find_map(|sigma| sigma.source_named(rule.rule.source.raw()))
                && !used.contains(source)
            {
                used.push(source.clone());
            }
        }
        used
    }

    fn log_reading(&self, request: &LogsRequest) -> Result<LogReading, Problem> {
        let zone = request.timezone.as_deref().map(Zone::parse).transpose()?;
        let instant = |text: &Option<String>| -> Result<Option<Timestamp>, Problem> {
            text.as_deref().map(|text| self.instant(text, zone)).transpose()
        };
        let formats = match &request.formats {
            Some(path) => formats(path)?,
            None => Arc::from([]),
        };
        let (from, to) = (instant(&request.from)?, instant(&request.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            return Err(Problem::new("--from is not before --to").hint("--to names the first moment that is left out"));
        }
        Ok(LogReading {
            threads: self.checked.threads,
            zone: zone.map(Zone::seconds),
            formats,
            from,
            to,
            choice: choice(&request.chosen)?,
            top: request.top.clone(),
            show_secrets: self.checked.show_secrets,
            ..LogReading::new(Timestamp::new(self.checked.as_of.unix(), 0))
        })
    }

    /// An instant as a person writes it.
    fn instant(&self, text: &str, zone: Option<Zone>) -> Result<Timestamp, Problem> {
        let wrong = || {
            Problem::new(format!("'{text}' is no time"))
                .hint("write 2026-11-02T08:00:00Z, 2026-11-02 08:00, 2026-11-02, or how long ago it is: 90m, 12h, 2d")
        };
        if let Some(ago) = zone::ago(text) {
            return Ok(Timestamp::new(self.checked.as_of.unix().saturating_sub(ago), 0));
        }
        let offset = i64::from(zone.map_or(0, Zone::seconds));
        let padded = match text.len() {
            10 => format!("{text}T00:00:00Z"),
            16 => format!("{}:00Z", text.replacen(' ', "T", 1)),
            19 => format!("{}Z", text.replacen(' ', "T", 1)),
            _ => text.to_owned(),
        };
        let states_zone = padded == text;
        let moment = Moment::parse(&padded).map_err(|_| wrong())?;
        let seconds = if states_zone {
            moment.unix()
        } else {
            moment.unix().saturating_sub(offset)
        };
        Ok(Timestamp::new(seconds, 0))
    }

    /// Which rules are told.
    fn told_rules(request: &LogsRequest) -> Result<Told, Problem> {
        let mut told = Told::default();
        if let Some(level) = &request.level {
            let known = RuleLevel::ALL.into_iter().find(|known| known.as_str() == level);
            told.level = known.ok_or_else(|| {
                Problem::new(format!("'{level}' is no level of a rule"))
                    .hint("levels are informational, low, medium, high, critical")
            })?;
        }
        if let Some(status) = &request.status {
            told.tested = match status.as_str() {
                "stable" => 3,
                "test" => 2,
                "experimental" => 1,
                "any" => 0,
                _ => {
                    return Err(Problem::new(format!("'{status}' is no status of a rule"))
                        .hint("it is stable, test, experimental, or any"));
                }
            };
        }
        Ok(told)
    }

    /// Asks Sigma rules about logs: those that ship, imported sets, and those that `request` names; and tells those matches
    /// that it asks for. Returns what to tell the user about the rules.
    ///
    /// # Errors
    /// When a level or status is none, or rules that the request names cannot be read.
    pub fn ask_sigma(&mut self, request: &LogsRequest) -> Result<Vec<String>, Problem> {
        let told = Self::told_rules(request)?;
        let sigma = Sigma::load(self, &request.rules)?;
        let rules = Arc::new(LogRules::new(Arc::clone(&sigma.program), told));
        self.engine.detect_by(Arc::new(move || Arc::clone(&rules)));
        let said = sigma.told.clone();
        self.sigma = Some(sigma);
        Ok(said)
    }
}

/// The rules that ship and those that were imported, made when the first log is met. What is wrong with them, `rules list` and
/// `logs` tell.
pub(crate) fn kept_rules(data: Option<PathBuf>) -> GiveLogRules {
    Arc::new(move || {
        let rules = Sigma::of_data(data.as_deref(), &[]);
        Arc::new(rules.map_or_else(
            |_| LogRules::embedded(Told::default()),
            |sigma| LogRules::new(sigma.program, Told::default()),
        ))
    })
}

/// Reads what stands behind `--where`.
fn choice(expressions: &[String]) -> Result<Option<Arc<LogChoice>>, Problem> {
    if expressions.is_empty() {
        return Ok(None);
    }
    let choice = LogChoice::parse(expressions).map_err(|(number, error)| {
        let text = expressions.get(number).map(String::as_str).unwrap_or_default();
        slip("--where", text, error.at, &error.message)
            .hint("write 'user = admin* and not src in 10.0.0.0/8' or 'status >= 500'; docs/logs.md has the rest")
    })?;
    Ok(Some(Arc::new(choice)))
}

fn formats(path: &PathBuf) -> Result<Arc<[UserFormat]>, Problem> {
    let file = std::fs::File::open(path).map_err(|error| Problem::of_file("read", path, &error))?;
    let mut text = String::new();
    file.take(LONGEST_FORMATS)
        .read_to_string(&mut text)
        .map_err(|error| Problem::of_file("read", path, &error))?;
    let (formats, bad) = UserFormat::read(&text);
    match bad.first() {
        Some(bad) => Err(Problem::new(format!("cannot use '{}': {bad}", path.display()))
            .hint("a line is a name, a blank, and a regular expression with named groups")),
        None if formats.is_empty() => Err(Problem::new(format!("there is no format in '{}'", path.display()))
            .hint("a line is a name, a blank, and a regular expression with named groups")),
        None => Ok(formats.into()),
    }
}

/// Why a report about logs says nothing: none of the inputs is one.
pub fn no_log(report: &Report) -> Option<Problem> {
    LOGS.refused(report)
}
