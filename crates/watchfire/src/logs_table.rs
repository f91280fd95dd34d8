//! Rows of a table that are unlike the others: any CSV, lines of JSON, or lines of a few words each.

use crate::{Problem, Replacement, Watchfire, clock};
use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use watchfire_analysis::logs::LogReading;
use watchfire_analysis::logs::table::{TableOptions, TableUsual, judge};
use watchfire_export::Style;
use watchfire_formats::capped::{Codec, reader};
use watchfire_formats::identify::{identify, media};
use watchfire_model::{Budget, Hints, Limits, Timestamp, Untrusted};
use watchfire_sources::Input;

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
/// What is looked at to tell how a table is packed. Bytes.
const HEAD: usize = 64 << 10;

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
        let unread = |why: &dyn std::fmt::Display| Problem::new(why.to_string());
        let mut opened = Self::open([request.input.clone()]);
        let source = opened.next().ok_or_else(|| Problem::new("there is nothing to read"))?;
        let mut source = source.map_err(|error| unread(&error))?;
        let budget = Budget::new(Limits::default());
        let mut reading = LogReading::new(Timestamp::new(clock::now().unix(), 0));
        reading.threads = self.checked.threads.max(1);
        reading.show_secrets = self.checked.show_secrets;
        let options = TableOptions {
            alarms: request.alarms,
            most: request.most,
            columns: request.columns.clone(),
            learns: request.save.is_some(),
        };
        let mut head = Vec::new();
        let taken = (&mut source.reader).take(HEAD as u64).read_to_end(&mut head);
        taken.map_err(|error| unread(&source.failed(&error)))?;
        let codec = match identify(&head, &Hints::default()).media_type {
            media::GZIP => Some(Codec::Gzip),
            media::ZSTD => Some(Codec::Zstd),
            media::XZ => Some(Codec::Xz),
            media::BZIP2 => Some(Codec::Bzip2),
            _ => None,
        };
        let whole = io::Cursor::new(head).chain(&mut source.reader);
        let judged = match codec {
            Some(codec) => judge(
                &mut reader(codec, Box::new(whole), &budget),
                usual.as_ref(),
                &options,
                &reading,
                &budget,
            ),
            None => judge(&mut { whole }, usual.as_ref(), &options, &reading, &budget),
        };
        let findings = judged.map_err(|error| unread(&source.failed(&error)))?;
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
                "remarks": findings.remarks,
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
        " {} rows of {}: {}",
        findings.rows,
        findings.format,
        columns.join(", ")
    )?;
    if findings.left_out > 0 {
        writeln!(
            out,
            " {} more rows found no room and were not judged",
            findings.left_out
        )?;
    }
    for remark in &findings.remarks {
        writeln!(out, " {remark}")?;
    }
    match (&findings.unjudged, findings.raised_in_all) {
        (Some(why), _) => return writeln!(out, " nothing was judged: {why}"),
        (None, 0) => return writeln!(out, " no row is unlike the others"),
        (None, all) => writeln!(
            out,
            " {all} rows are unlike the others{}; what is rare is mostly innocent\n",
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
