//! The values of one column of a table, for whoever wants to know something about each: the same tables as feeds come in.
//!
//! One value at a time, as the table comes: nobody waits for more than the row of a value. Rows that are too damaged to be
//! read are counted.

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
        let input = Input::open_early(input, "a table")?;
        let delimiter = delimiter(input.head());
        let mut values = Self {
            table: Table::new(input, delimiter),
            field: 0,
            first: None,
            options: Options::default(),
            not_read: 0,
        };
        let Some(header) = values.record(Wait::ForMore)? else {
            return Err(FeedError::Empty);
        };
        // A variable that is not set, rather than the name of a column.
        if column.trim().is_empty() {
            return Err(FeedError::Columns(missing(column, &header)));
        }
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
        self.value(Wait::ForMore)
    }

    /// The next value, if its row has come already: the input is not asked for more.
    ///
    /// # Errors
    /// When the table cannot be read any more.
    pub fn ready_value(&mut self) -> Result<Option<String>, FeedError> {
        self.value(Wait::ForNothing)
    }

    fn value(&mut self, wait: Wait) -> Result<Option<String>, FeedError> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Ok(Some(first));
        }
        while let Some(record) = self.record(wait)? {
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

    fn record(&mut self, wait: Wait) -> Result<Option<Record>, FeedError> {
        let mut nothing = |_| {};
        let mut taker = Taker::new(&self.options, &mut nothing);
        let stand = (wait == Wait::ForNothing).then(|| self.table.hold());
        let record = self.table.next(&mut taker).map(|record| record.cloned());
        if stand.is_some_and(|stand| self.table.release(&stand)) {
            return Ok(None);
        }
        self.not_read += taker.finish().not_taken();
        record
    }
}

/// Whether to wait for an input that is slow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    ForMore,
    ForNothing,
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

    /// A reader that gives one piece at a time, and says whether there may be need of more.
    struct Pieces<'a>(std::vec::IntoIter<&'a str>, bool);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some(piece) = self.0.next() else {
                assert!(self.1, "nobody needed more");
                return Ok(0);
            };
            buffer[..piece.len()].copy_from_slice(piece.as_bytes());
            Ok(piece.len())
        }
    }

    #[test]
    fn a_value_waits_for_its_row_alone() {
        let rows = "# made today\na,ip\nx,9.9.9.8\ny,\n\"z\n\",9.9.9.9\n";
        let mut pieces = Pieces(vec![rows].into_iter(), false);
        let mut column = ColumnValues::open(&mut pieces, "ip").unwrap();
        assert_eq!(column.next_value().unwrap().as_deref(), Some("9.9.9.8"));
        assert_eq!(column.ready_value().unwrap().as_deref(), Some("9.9.9.9"));
        assert_eq!(column.ready_value().unwrap(), None);
        let mut header = Pieces(vec!["a,ip\n"].into_iter(), false);
        assert!(ColumnValues::open(&mut header, "ip").is_ok());
    }

    #[test]
    fn a_row_that_has_come_in_part_is_read_once_it_is_whole() {
        let table = format!(
            "ip,a\n9.9.9.8,\"b\nc\"\n{},long\n#c\n\n,\n9.9.9.9,\"open\nand\"\n9.9.9.10",
            "x".repeat(3 << 20)
        );
        // Pieces fit into the look at the beginning.
        for length in [1000, 1021] {
            let pieces: Vec<&str> = table
                .as_bytes()
                .chunks(length)
                .map(|piece| std::str::from_utf8(piece).unwrap())
                .collect();
            let mut pieces = Pieces(pieces.into_iter(), true);
            let mut column = ColumnValues::open(&mut pieces, "ip").unwrap();
            let mut all = Vec::new();
            while let Some(value) = column.next_value().unwrap() {
                all.push(value);
                while let Some(value) = column.ready_value().unwrap() {
                    all.push(value);
                }
            }
            assert_eq!(
                (all.as_slice(), column.not_read()),
                (&["9.9.9.8", "9.9.9.9", "9.9.9.10"].map(str::to_owned)[..], 1)
            );
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        for (column, why) in [
            ("md5", "there is no column 'md5' among file, sha256"),
            ("3", "there is no column '3' among file, sha256"),
            ("0", "there is no column '0'"),
            ("", "there is no column ''"),
            (" ", "there is no column ' '"),
        ] {
            let error = values("file,sha256\na,AA\n", column).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(values("", "1").is_err());
        assert!(matches!(values("a,b\n1,\"2\n", "b"), Err(FeedError::Truncated { .. })));
    }
}
