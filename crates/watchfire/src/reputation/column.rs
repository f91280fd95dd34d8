//! The values to be checked as one column of a table, one on each line for whoever reads lines.

use crate::Problem;
use std::io::{self, Read};
use watchfire_intel::feed::{ColumnValues, FeedError};

/// Reads a column of a table as lines.
pub struct Column<'r> {
    values: ColumnValues<'r>,
    line: Vec<u8>,
    at: usize,
    fault: Option<FeedError>,
}

impl<'r> Column<'r> {
    /// The column that the header of a table calls `name`, or that has it for a number.
    ///
    /// # Errors
    /// When there is no such column, or no table.
    pub fn open(input: &'r mut dyn Read, name: &str) -> Result<Self, Problem> {
        let values = ColumnValues::open(input, name).map_err(|error| problem(&error))?;
        Ok(Self {
            values,
            line: Vec::new(),
            at: 0,
            fault: None,
        })
    }

    /// What of the table could not be read. It is told at the end: what was read until then is checked.
    pub fn fault(&self) -> Option<Problem> {
        let not_read = self.values.not_read();
        let damaged = || {
            Problem::new(format!(
                "{not_read} rows of the table cannot be read: a line is too long, or a quote does not end"
            ))
        };
        let ended = self.fault.as_ref().map(problem);
        ended.or_else(|| (not_read > 0).then(damaged))
    }
}

fn problem(error: &FeedError) -> Problem {
    let problem = Problem::new(format!("cannot read the table: {error}"));
    match error {
        FeedError::Columns(_) => problem.hint("--column takes a name from the header, or a number from 1"),
        FeedError::Packed(_) | FeedError::Utf16 => problem.hint(error.hint()),
        _ => problem,
    }
}

impl Read for Column<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            self.line.clear();
            self.at = 0;
            match self.values.next_value() {
                // A value is a line, whatever the cell is.
                Ok(Some(value)) => self
                    .line
                    .extend(value.replace(['\n', '\r'], " ").bytes().chain([b'\n'])),
                Ok(None) => {}
                Err(fault) => self.fault = Some(fault),
            }
        }
        let left = self.line.get(self.at..).unwrap_or_default();
        let count = left.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(left) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}
