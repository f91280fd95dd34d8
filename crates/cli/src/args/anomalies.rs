//! The arguments of `watchfire logs anomalies`.

use super::OutputArgs;
use clap::{Args, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;
use watchfire::{Input, TableRequest};

/// Rows of a table that are unlike the others, and why: a CSV, lines of JSON, `address user port` lines.
#[derive(Debug, Args)]
pub(crate) struct AnomaliesArgs {
    /// The table; '-' is standard input.
    #[arg(value_name = "TABLE", value_hint = ValueHint::FilePath)]
    table: OsString,

    /// Accept so many false alarms in the whole table.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    budget: f64,

    /// Look at these columns only; without a header they are called 'field 1', 'field 2'.
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,

    /// Keep what is usual in this table in a file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) save: Option<PathBuf>,

    /// Judge by what --save kept of another table.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    model: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl AnomaliesArgs {
    /// What is asked of the table.
    pub(crate) fn request(&self) -> TableRequest {
        TableRequest {
            input: Input::parse(&self.table),
            columns: self.columns.clone(),
            alarms: self.budget,
            most: match self.output.rows() {
                None => 20,
                Some(0) => usize::MAX,
                Some(top) => top,
            },
            model: self.model.clone(),
            save: self.save.clone(),
        }
    }
}
