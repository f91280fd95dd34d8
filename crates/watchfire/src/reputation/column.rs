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

    /// Rows that could not be read: those in the middle, and the one at which the table ended.
    pub(super) fn rows_lost(&self) -> u64 {
        self.values.not_read() + u64::from(self.fault.is_some())
    }

    /// What of the table could not be read. It is told at the end: what was read until then is checked.
    pub fn fault(&self) -> Option<Problem> {
        let ended = self.fault.as_ref().map(problem);
        ended.or_else(|| match self.values.not_read() {
            0 => None,
            1 => Some(Problem::new(
                "1 row of the table cannot be read: its line is too long, or a quote does not end",
            )),
            rows => Some(Problem::new(format!(
                "{rows} rows of the table cannot be read: their lines are too long, or a quote does not end"
            ))),
        })
    }

    /// Takes what values there are, and waits for the first of them only.
    fn fill(&mut self, most: usize) {
        self.line.clear();
        self.at = 0;
        if self.fault.is_some() {
            return;
        }
        let mut next = self.values.next_value();
        loop {
            match next {
                // A value is a line, whatever the cell is.
                Ok(Some(value)) => self.line.extend(
                    value
                        .bytes()
                        .map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte })
                        .chain([b'\n']),
                ),
                Ok(None) => return,
                Err(fault) => {
                    self.fault = Some(fault);
                    return;
                }
            }
            if self.line.len() >= most {
                return;
            }
            next = self.values.ready_value();
        }
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
            self.fill(buffer.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What each of some reads gives.
    #[track_caller]
    fn check(table: &str, buffer: usize, expected: &[&str], lost: u64) {
        let mut input = table.as_bytes();
        let mut column = Column::open(&mut input, "ip").unwrap();
        let mut buffer = vec![0; buffer];
        let mut reads = Vec::new();
        loop {
            let count = column.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            reads.push(String::from_utf8(buffer[..count].to_vec()).unwrap());
        }
        assert_eq!(
            (reads, column.rows_lost()),
            (expected.iter().map(|&read| read.to_owned()).collect(), lost)
        );
        assert_eq!(column.fault().is_some(), lost > 0);
    }

    #[test]
    fn what_is_there_is_given_at_once() {
        let table = "a,ip\nx,1.1.1.1\ny,\nz,\"1.1.\n1.2\"\n#\n";
        check(table, 100, &["1.1.1.1\n1.1. 1.2\n"], 0);
        check(table, 8, &["1.1.1.1\n", "1.1. 1.2", "\n"], 0);
    }

    #[test]
    fn rows_that_are_lost_are_counted_and_what_was_read_is_given() {
        check("a,ip\nx,1.1.1.1\n\"y,1.1.1.2\n", 100, &["1.1.1.1\n"], 1);
    }
}
