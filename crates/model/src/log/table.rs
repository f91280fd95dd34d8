//! Rows of a table that are unlike the others.

use crate::Untrusted;
use serde::Serialize;

/// A column and what its cells are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableColumn {
    /// Its name; `field 2` where the table has no names.
    pub name: Untrusted,
    /// `address`, `number`, `word`, `time`.
    pub kind: &'static str,
}

/// A row that is unlike the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableRow {
    /// Its line, from 1.
    pub line: u64,
    /// Its text.
    pub text: Untrusted,
    /// The chance that a usual row is as unusual.
    pub p_value: f64,
    /// Why, the weightiest first.
    pub reasons: Vec<TableWhy>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableWhy {
    /// The column, or two with `and` between them.
    pub column: Untrusted,
    /// In words that are safe to be shown.
    pub words: String,
    /// The number behind it: of a column of numbers its own, of words how rare they are, in bits.
    pub value: f64,
    /// The middle of the others.
    pub typical: f64,
    /// Its part of the whole, from 0 to 1.
    pub share: f64,
}

/// What was found in a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TableFindings {
    /// What its rows were read as.
    pub format: &'static str,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// Records that were read.
    pub records: u64,
    /// Of these, rows of the table.
    pub rows: u64,
    /// Rows for which there was no room, and that were not judged.
    pub left_out: u64,
    /// Rows that the budget lets through, the least likely first; cut.
    pub raised: Vec<TableRow>,
    /// How many there are of them.
    pub raised_in_all: u64,
    /// Why nothing was judged, where nothing was; in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<String>,
}
