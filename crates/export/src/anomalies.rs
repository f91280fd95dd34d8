//! Rows of a table that are unlike the others, in every format.
//!
//! Rows are text that others wrote. Machine formats have it raw.

use crate::{Document, Form, Style, csv, json};
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::log::{TableColumn, TableFindings, TableRow};
use watchfire_model::observable::defang;
use watchfire_model::{Diagnostic, Untrusted, agreeing, counted};

/// What was found in one table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anomalies {
    /// `watchfire.anomalies/1`
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// The table.
    pub input: Untrusted,
    /// What was found in it.
    #[serde(flatten)]
    pub found: TableFindings,
    /// What of it could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// A line.
#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Anomaly(&'a TableRow),
    Table {
        version: &'static str,
        input: &'a Untrusted,
        format: &'static str,
        columns: &'a [TableColumn],
        records: u64,
        rows: u64,
        left_out: u64,
        raised_in_all: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        unjudged: Option<&'a str>,
        diagnostics: &'a [Diagnostic],
    },
}

impl Document for Anomalies {
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let found = &self.found;
        let columns: Vec<String> = found
            .columns
            .iter()
            .map(|column| format!("{} ({})", column.name.shown(40), column.kind))
            .collect();
        let rows = counted(found.rows, "row");
        writeln!(out, " {rows} of {}: {}", found.format, columns.join(", "))?;
        if found.left_out > 0 {
            let more = counted(found.left_out, "more row");
            let was = agreeing(found.left_out, "was", "were");
            writeln!(out, " {more} found no room and {was} not judged")?;
        }
        for remark in &self.diagnostics {
            writeln!(out, " {}", remark.message)?;
        }
        let all = found.raised_in_all;
        let shown = found.raised.len() as u64;
        match &found.unjudged {
            Some(why) => return writeln!(out, " nothing was judged: {why}"),
            None if all == 0 => return writeln!(out, " no row is unlike the others"),
            None => {
                let part = match all > shown {
                    true => format!(", of which {shown} {} shown", agreeing(shown, "is", "are")),
                    false => String::new(),
                };
                writeln!(
                    out,
                    " {} {} unlike the others{part}; what is rare is mostly innocent",
                    counted(all, "row"),
                    agreeing(all, "is", "are")
                )?;
                writeln!(out)?;
            }
        }
        for raised in &found.raised {
            let shown = raised.text.shown(160);
            let shown = match style.form {
                Form::Raw => shown,
                Form::Defanged => defang(&shown),
            };
            writeln!(out, " line {}  p {:.1e}  {shown}", raised.line, raised.p_value)?;
            for why in &raised.reasons {
                writeln!(out, "     {:>3.0} %  {}", why.share * 100.0, why.words)?;
            }
        }
        Ok(())
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(self, out)
    }

    /// A line for each row that was told, and one for the table.
    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        let found = &self.found;
        let table = Record::Table {
            version: self.version,
            input: &self.input,
            format: found.format,
            columns: &found.columns,
            records: found.records,
            rows: found.rows,
            left_out: found.left_out,
            raised_in_all: found.raised_in_all,
            unjudged: found.unjudged.as_deref(),
            diagnostics: &self.diagnostics,
        };
        let mut records = found.raised.iter().map(Record::Anomaly).chain([table]);
        records.try_for_each(|record| json::record(self.schema, &record, out))
    }

    /// A row for each row that was told.
    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.found.raised.iter().map(|row| {
            let reasons: Vec<&str> = row.reasons.iter().map(|why| why.words.as_str()).collect();
            vec![
                row.line.to_string(),
                format!("{:e}", row.p_value),
                row.text.raw().to_owned(),
                reasons.join("; "),
            ]
        });
        csv::plain(&["line", "p_value", "text", "reasons"], rows, out)
    }
}
