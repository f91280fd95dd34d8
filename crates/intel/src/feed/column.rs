//! The values of one column of a table, for whoever wants to know something about each: the same tables as feeds come in.
//!
//! One value at a time, as the table comes. Rows that are too damaged to be read are counted.

use super::formats::csv::delimiter;
use super::intake::Taker;
use super::lines::Input;
use super::table::{Record, Table};
use super::{FeedError, Options};
use std::io::Read;
use watchfire_model::Indicator;

/// See the module.
pub struct ColumnValues<'r> {
    table: Table<'r>,
    field: usize,
    /// A value of the first row, which is no header.
    first: Option<String>,
    options: Options,
    not_read: u64,
}

impl<'r> ColumnValues<'r> {
    /// Finds the column by what the header calls it, or by its number from 1. Where it is given by its number, a first row
    /// that has a word there is a header.
    ///
    /// # Errors
    /// When there is no such column, and when the input is no table.
    pub fn open(input: &'r mut dyn Read, column: &str) -> Result<Self, FeedError> {
        let input = Input::open(input, "a table")?;
        let delimiter = delimiter(input.head());
        let mut values = Self {
            table: Table::new(input, delimiter),
            field: 0,
            first: None,
            options: Options::default(),
            not_read: 0,
        };
        let Some(header) = values.record()? else {
            return Err(FeedError::Empty);
        };
        let number = column.trim().parse::<usize>().ok();
        // Tables of abuse.ch have their header in a comment.
        let comment = values.table.comment();
        let (field, is_header) = match (header.find(&[column]), comment.find(&[column]), number) {
            (Some(field), ..) => (field, true),
            (None, Some(field), _) => (field, false),
            (None, None, Some(number)) if (1..=header.len()).contains(&number) => {
                (number - 1, is_word(header.get(number - 1)))
            }
            _ => return Err(FeedError::Columns(missing(column, &header))),
        };
        values.field = field;
        values.first = (!is_header).then(|| header.get(field).to_owned());
        Ok(values)
    }

    /// The next value; empty cells are left out.
    ///
    /// # Errors
    /// When the table ends in the middle, or cannot be read any more.
    pub fn next_value(&mut self) -> Result<Option<String>, FeedError> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Ok(Some(first));
        }
        while let Some(record) = self.record()? {
            let value = record.get(self.field);
            if !value.is_empty() {
                return Ok(Some(value.to_owned()));
            }
        }
        Ok(None)
    }

    /// Rows that could not be read so far.
    pub fn not_read(&self) -> u64 {
        self.not_read
    }

    fn record(&mut self) -> Result<Option<Record>, FeedError> {
        let mut nothing = |_| {};
        let mut taker = Taker::new(&self.options, &mut nothing);
        let record = self.table.next(&mut taker).map(|record| record.cloned());
        self.not_read += taker.finish().not_taken();
        record
    }
}

/// Whether a cell names a column rather than a value.
fn is_word(cell: &str) -> bool {
    !cell.contains(['.', ':', '/', '[', '@']) && Indicator::guess(cell).is_err()
}

fn missing(column: &str, header: &Record) -> String {
    const MOST: usize = 12;
    let names: Vec<&str> = (0..header.len().min(MOST)).map(|field| header.get(field)).collect();
    let more = if header.len() > MOST { ", …" } else { "" };
    format!("there is no column '{column}' among {}{more}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, column: &str) -> Result<Vec<String>, FeedError> {
        let mut bytes = text.as_bytes();
        let mut column = ColumnValues::open(&mut bytes, column)?;
        let mut values = Vec::new();
        while let Some(value) = column.next_value()? {
            values.push(value);
        }
        Ok(values)
    }

    #[test]
    fn a_column_is_found_by_name_and_by_number() {
        let table = "file,sha256,size\r\n\"a, b\",\"AA\",1\n,,\nc,BB,2\n";
        for column in ["sha256", "SHA256", "2"] {
            assert_eq!(values(table, column).unwrap(), ["AA", "BB"], "{column}");
        }
        assert_eq!(values("x;9.9.9.8\ny;9.9.9.9\n", "2").unwrap(), ["9.9.9.8", "9.9.9.9"]);
        assert_eq!(
            values("# \"when\",\"ip\"\n1,9.9.9.8\n", "ip").unwrap(),
            ["9.9.9.8"],
            "a header may be a comment"
        );
    }

    #[test]
    fn what_is_not_there_is_said() {
        for (column, why) in [
            ("md5", "there is no column 'md5' among file, sha256"),
            ("3", "there is no column '3' among file, sha256"),
            ("0", "there is no column '0'"),
        ] {
            let error = values("file,sha256\na,AA\n", column).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(values("", "1").is_err());
        assert!(matches!(values("a,b\n1,\"2\n", "b"), Err(FeedError::Truncated { .. })));
    }
}
