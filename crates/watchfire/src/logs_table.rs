//! Rows of a table that are unlike the others: any CSV or Parquet, lines of JSON, or lines of a few words each.

use crate::logs::LOGS;
use crate::sequence::{Opened, diagnostic, unbounded};
use crate::triage::hints;
use crate::unpacked::Damage;
use crate::{Problem, Replacement, VERSION, Watchfire, deadline};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use watchfire_analysis::logs::LogReading;
use watchfire_analysis::logs::table::{TableOptions, TableUsual, judge};
use watchfire_export::Anomalies;
use watchfire_model::log::TableFindings;
use watchfire_model::{Problem as Remark, Timestamp};
use watchfire_sources::{Found, Input, Links, Source, walk};

/// What is asked of a table.
#[derive(Clone, Debug)]
pub struct TableRequest {
    /// The table.
    pub input: Input,
    /// Columns that are looked at; all, where none is named.
    pub columns: Vec<String>,
    /// False alarms that are accepted in the whole table.
    pub alarms: f64,
    /// Rows that are told at most.
    pub most: usize,
    /// Judge by what was learnt from another table, in this file.
    pub model: Option<PathBuf>,
    /// Keep what is usual in this table in this file.
    pub save: Option<PathBuf>,
}

/// A model is not larger. Bytes.
const LARGEST_MODEL: u64 = 256 << 20;

impl Watchfire {
    /// Says which rows of a table are unlike the others, and why.
    ///
    /// # Errors
    /// When the table cannot be read, the model is none, or it cannot be written.
    pub fn judge_table(&self, request: &TableRequest) -> Result<Anomalies, Problem> {
        if !(request.alarms.is_finite() && request.alarms > 0.0) {
            return Err(
                Problem::new("a budget of no false alarms lets nothing through").hint("1 is one in the whole table")
            );
        }
        let usual = request.model.as_ref().map(load).transpose()?;
        let mut reading = LogReading::new(Timestamp::new(self.checked.as_of.unix(), 0));
        reading.threads = self.checked.threads.max(1);
        reading.show_secrets = self.checked.show_secrets;
        let options = TableOptions {
            alarms: request.alarms,
            most: request.most,
            columns: request.columns.clone(),
            learns: request.save.is_some(),
        };
        let source = table_in(&request.input)?;
        let name = source.name().shown(200);
        let (packed, damage) = (unbounded(), Damage::default());
        let unread = |error: &io::Error| Problem::new(source.failed(error).to_string());
        let inner = source.open().map_err(|error| Problem::new(error.to_string()))?;
        let opened = LOGS.open(Box::new(inner), &hints(&source), &packed, &damage);
        let mut rows = match opened.map_err(|error| unread(&error))? {
            Opened::Wanted(rows) => rows,
            Opened::Other(what) => return Err(Problem::new(format!("'{name}' is no table but {what}")).hint(ACCEPTED)),
        };
        let budget = unbounded();
        let judged = deadline::within(self.checked.time, &budget, || {
            judge(&mut rows, usual.as_ref(), &options, &reading, &budget)
        });
        drop(rows);
        let judged = judged.map_err(|error| unread(&error))?;
        let found = judged.found;
        let damage = std::mem::take(&mut *damage.lock().unwrap_or_else(PoisonError::into_inner));
        if found.columns.is_empty() {
            return Err(match damage.first() {
                Some(why) if found.records == 0 => Problem::new(format!("cannot read '{name}': {}", why.message)),
                _ => none_in(&name, &found, &request.columns),
            });
        }
        if let Some(path) = &request.save {
            save(judged.usual.as_ref(), path)?;
        }
        let halted = budget
            .check()
            .err()
            .map(|halt| Remark::warning("table-cut", format!("{halt}; its end was not read")));
        let told = judged.remarks.into_iter().map(|told| Remark::note("table", told));
        let remarks = damage.into_iter().chain(halted).chain(told);
        Ok(Anomalies {
            schema: "watchfire.anomalies/1",
            version: VERSION,
            input: source.name().clone(),
            found,
            diagnostics: remarks.map(|remark| diagnostic(remark, source.name())).collect(),
        })
    }
}

/// Keeps what is usual in a table.
fn save(learnt: Option<&TableUsual>, path: &Path) -> Result<(), Problem> {
    let Some(usual) = learnt else {
        let why = "there is nothing to learn from this table: too few rows, or no column that says anything";
        return Err(Problem::new(why));
    };
    let save = || {
        let mut file = Replacement::new(path)?;
        file.write_all(&usual.save())?;
        file.finish()
    };
    save().map_err(|error| Problem::of_file("write", path, &error))
}

/// What a table may be.
const ACCEPTED: &str = "a table is a CSV, Parquet, lines of JSON or of key=value, or lines of as many words each, packed or not; watchfire logs reads logs";

/// The one file that is named.
fn table_in(input: &Input) -> Result<Source, Problem> {
    if let Input::Path(path) = input
        && path.is_dir()
    {
        let problem = Problem::new(format!("'{}' is a folder", path.display()));
        return Err(problem.hint("name one table; watchfire logs reads folders of logs"));
    }
    let found = walk([input.clone()], Links::Skip).next();
    match found {
        Some(Found::Source(source)) => Ok(source),
        Some(Found::Failed(error)) => Err(Problem::new(error.to_string())),
        Some(Found::Skipped(skipped)) => Err(Problem::new(format!(
            "'{}': {}",
            skipped.name.shown(200),
            skipped.reason
        ))),
        None => Err(Problem::new("there is nothing to read")),
    }
}

/// Why there is no row to judge.
fn none_in(name: &str, findings: &TableFindings, columns: &[String]) -> Problem {
    match &findings.unjudged {
        _ if findings.records == 0 => Problem::new(format!("there is no row in '{name}'")).hint(ACCEPTED),
        _ if !columns.is_empty() => {
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            Problem::new(format!("'{name}' has no column '{}'", names.join("', '")))
                .hint("without --columns, all of them are looked at and named")
        }
        Some(why) => Problem::new(format!("there is no table in '{name}': {why}")).hint(ACCEPTED),
        None => Problem::new(format!("there is no table in '{name}'")).hint(ACCEPTED),
    }
}

fn load(path: &PathBuf) -> Result<TableUsual, Problem> {
    let problem = |error: io::Error| Problem::of_file("read", path, &error);
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(problem)?;
    file.take(LARGEST_MODEL).read_to_end(&mut bytes).map_err(problem)?;
    TableUsual::load(&bytes).map_err(|why| {
        Problem::new(format!("cannot use '{}': {why}", path.display())).hint("--save writes a model of a table")
    })
}
