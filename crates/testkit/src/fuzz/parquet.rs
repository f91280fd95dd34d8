//! What the reader of Parquet promises: lines of JSON, as many as rows, within the budget.

use super::limits;
use std::io::{Cursor, Read};
use watchfire_export::parquet_entries;
use watchfire_formats::parquet::Rows;
use watchfire_model::Budget;
use watchfire_model::log::LogEntry;

/// Any bytes are rows, or a problem.
pub fn parquet(data: &[u8]) {
    let budget = Budget::new(limits());
    let Ok(Ok(mut rows)) = Rows::open(Box::new(Cursor::new(data)), &budget) else {
        return;
    };
    let mut text = Vec::new();
    let Ok(length) = rows.read_to_end(&mut text) else {
        return;
    };
    assert!(length <= 80 << 20, "rows without bounds");
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    assert!(
        lines
            .clone()
            .all(|line| line.starts_with(b"{") && line.ends_with(b"}\n")),
        "a row that is no line"
    );
    assert_eq!(lines.count() as u64, rows.rows(), "rows are miscounted");
    assert!(std::str::from_utf8(&text).is_ok(), "rows that are no text");
}

/// Files of Watchfire, of pyarrow and of DuckDB.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut own = Vec::new();
    let mut writer = parquet_entries(&mut own, true);
    for line in 0..3 {
        writer.sink().entry(&LogEntry {
            line,
            message: "Failed password".into(),
            ..LogEntry::default()
        });
    }
    // Memory does not fail.
    let _written = writer.finish();
    let others: [&[u8]; 4] = [
        include_bytes!("../../../formats/tests/data/parquet/delta-plain.parquet"),
        include_bytes!("../../../formats/tests/data/parquet/duckdb-v2.parquet"),
        include_bytes!("../../../formats/tests/data/parquet/kinds.parquet"),
        include_bytes!("../../../formats/tests/data/parquet/nested.parquet"),
    ];
    others.into_iter().map(<[u8]>::to_vec).chain([own]).collect()
}
