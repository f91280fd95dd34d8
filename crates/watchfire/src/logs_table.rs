//! Rows of a table that are unlike the others: any CSV, lines of JSON, or lines of a few words each.

use crate::logs::opening::{Damage, Opened, open};
use crate::logs::unbounded;
use crate::triage::hints;
use crate::{Problem, Replacement, Watchfire, deadline};
use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use watchfire_analysis::logs::LogReading;
use watchfire_analysis::logs::table::{TableOptions, TableUsual, judge};
use watchfire_export::Style;
use watchfire_model::{Timestamp, Untrusted, agreeing, counted};
use watchfire_sources::{Found, Input, Links, Source, walk};

pub use watchfire_analysis::logs::table::{TableColumn, TableFindings, TableRow, TableWhy};

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
    pub fn judge_table(&self, request: &TableRequest) -> Result<TableFindings, Problem> {
        if !(request.alarms.is_finite() && request.alarms > 0.0) {
            return Err(
                Problem::new("a budget of no false alarms lets nothing through").hint("1 is one in the whole table")
            );
        }
        let usual = request.model.as_ref().map(load).transpose()?;
        let mut reading = LogReading::new(Timestamp::new(self.checked.as_of.unix(), 0));
        reading.threads = self.checked.threads.max(1);
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
        let mut rows = match open(Box::new(inner), &hints(&source), &packed, &damage).map_err(|error| unread(&error))? {
            Opened::Log(rows) => rows,
            Opened::Other(what) => return Err(Problem::new(format!("'{name}' is no table but {what}")).hint(ACCEPTED)),
        };
        let budget = unbounded();
        let judged = deadline::within(self.checked.time, &budget, || {
            judge(&mut rows, usual.as_ref(), &options, &reading, &budget)
        });
        let findings = judged.map_err(|error| unread(&error))?;
        if findings.columns.is_empty() {
            return Err(none_in(&name, &findings, &request.columns));
        }
        if let Some(path) = &request.save {
            let Some(usual) = &findings.usual else {
                return Err(Problem::new(
                    "there is nothing to learn from this table: too few rows, or no column that says anything",
                ));
            };
            let save = || {
                let mut file = Replacement::new(path)?;
                file.write_all(&usual.save())?;
                file.finish()
            };
            save().map_err(|error| Problem::of_file("write", path, &error))?;
        }
        Ok(findings)
    }
}

/// What a table may be.
const ACCEPTED: &str = "a table is a CSV, lines of JSON or of key=value, or lines of as many words each, packed or not; watchfire logs reads logs";

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

/// Formats of [`write_table`].
pub const TABLE_FORMATS: &[&str] = &["text", "json", "ndjson", "csv"];

/// Writes what was found in one of [`TABLE_FORMATS`]; what is none of them is text.
///
/// # Errors
/// Those of `out`.
pub fn write_table(findings: &TableFindings, format: &str, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        "json" => {
            let columns: Vec<_> = findings
                .columns
                .iter()
                .map(|column| serde_json::json!({"name": column.name.raw(), "kind": column.kind}))
                .collect();
            let document = serde_json::json!({
                "format": findings.format,
                "columns": columns,
                "records": findings.records,
                "rows": findings.rows,
                "left_out": findings.left_out,
                "unjudged": findings.unjudged,
                "raised": findings.raised_in_all,
                "anomalies": findings.raised.iter().map(row).collect::<Vec<_>>(),
            });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        }
        "ndjson" => {
            for raised in &findings.raised {
                serde_json::to_writer(&mut *out, &row(raised))?;
                writeln!(out)?;
            }
            Ok(())
        }
        "csv" => {
            writeln!(out, "line,p_value,text,reasons")?;
            for raised in &findings.raised {
                let cells = [raised.text.raw().to_owned(), words(raised).join("; ")];
                let [text, reasons] = cells.map(|cell| cell_of(&cell));
                writeln!(out, "{},{:e},{text},{reasons}", raised.line, raised.p_value)?;
            }
            Ok(())
        }
        _ => text(findings, style, out),
    }
}

fn row(row: &TableRow) -> serde_json::Value {
    let reasons: Vec<_> = row
        .reasons
        .iter()
        .map(|why| {
            serde_json::json!({
                "column": why.column.raw(),
                "words": why.words,
                "value": why.value,
                "typical": why.typical,
                "share": why.share,
            })
        })
        .collect();
    serde_json::json!({"line": row.line, "text": row.text.raw(), "p_value": row.p_value, "reasons": reasons})
}

fn words(row: &TableRow) -> Vec<&str> {
    row.reasons.iter().map(|why| why.words.as_str()).collect()
}

/// A cell that no spreadsheet takes for a formula, and that stays on its line.
fn cell_of(text: &str) -> String {
    let shown = Untrusted::from(text).to_string().replace('"', "\"\"");
    let is_formula = shown.starts_with(['=', '+', '-', '@', '\t']);
    format!("\"{}{shown}\"", if is_formula { "'" } else { "" })
}

fn text(findings: &TableFindings, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<String> = findings
        .columns
        .iter()
        .map(|column| format!("{} ({})", column.name.shown(40), column.kind))
        .collect();
    writeln!(
        out,
        " {} of {}: {}",
        counted(findings.rows, "row"),
        findings.format,
        columns.join(", ")
    )?;
    if findings.left_out > 0 {
        writeln!(
            out,
            " {} found no room and {} not judged",
            counted(findings.left_out, "more row"),
            agreeing(findings.left_out, "was", "were")
        )?;
    }
    match (&findings.unjudged, findings.raised_in_all) {
        (Some(why), _) => return writeln!(out, " nothing was judged: {why}"),
        (None, 0) => return writeln!(out, " no row is unlike the others"),
        (None, all) => writeln!(
            out,
            " {} {} unlike the others{}; what is rare is mostly innocent\n",
            counted(all, "row"),
            agreeing(all, "is", "are"),
            if all > findings.raised.len() as u64 {
                format!(", of which {} are shown", findings.raised.len())
            } else {
                String::new()
            }
        )?,
    }
    for raised in &findings.raised {
        let shown = match style.form {
            watchfire_export::Form::Raw => raised.text.shown(160),
            watchfire_export::Form::Defanged => watchfire_model::observable::defang(&raised.text.shown(160)),
        };
        writeln!(out, " line {}  p {:.1e}  {shown}", raised.line, raised.p_value)?;
        for why in &raised.reasons {
            writeln!(out, "     {:>3.0} %  {}", why.share * 100.0, why.words)?;
        }
    }
    Ok(())
}
