//! Files that pyarrow and DuckDB wrote (`tests/data/parquet/make.py`), whole, cut and damaged; and files made to exhaust.

use super::*;
use serde_json::Value;
use std::io::Cursor;

/// All rows of a file, and what was wrong.
fn read(file: &[u8]) -> (String, Vec<Problem>) {
    let budget = Budget::default();
    let rows = Rows::open(Box::new(Cursor::new(file)), &budget).expect("memory does not fail");
    let mut rows = match rows {
        Ok(rows) => rows,
        Err(problem) => return (String::new(), vec![problem]),
    };
    let mut text = Vec::new();
    rows.read_to_end(&mut text).expect("memory does not fail");
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(rows.rows(), lines as u64, "a row is a line");
    (String::from_utf8(text).expect("UTF-8"), rows.problems().to_vec())
}

#[expect(clippy::disallowed_methods, reason = "tests read their files")]
fn data(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/parquet/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a file of this test")
}

fn values(text: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    text.lines().map(line).collect()
}

/// The rows of a file are those that were written; however it is damaged, what comes out is lines of JSON.
fn check(name: &str) {
    let file = data(&format!("{name}.parquet"));
    let expected = String::from_utf8(data(&format!("{name}.ndjson"))).expect("UTF-8");
    let (text, problems) = read(&file);
    assert_eq!(problems, [], "{name}");
    for (number, (row, expected)) in values(&text).iter().zip(values(&expected)).enumerate() {
        assert_eq!(row, &expected, "{name}, row {number}");
    }
    assert_eq!(text.lines().count(), expected.lines().count(), "{name}");
    survives(name, &file);
}

/// Cut at every byte, and with every bit of the footer and of every fifth byte elsewhere turned.
fn survives(name: &str, file: &[u8]) {
    for at in 0..file.len() {
        let (text, problems) = read(&file[..at]);
        assert!(text.is_empty() && !problems.is_empty(), "{name} cut at {at}");
    }
    let length = le32(file, file.len() - 8).unwrap_or_default() as usize;
    let footer = file.len().saturating_sub(length + 8);
    for at in (0..file.len()).filter(|at| *at >= footer || at % 5 == 0) {
        let mut bent = file.to_vec();
        for bit in 0..8 {
            bent[at] = file[at] ^ 1 << bit;
            values(&read(&bent).0);
        }
    }
}

#[test]
fn values_are_those_that_others_wrote() {
    for name in ["plain", "required", "snappy", "gzip", "checksums", "empty"] {
        check(name);
    }
}

#[test]
fn differences_and_streams_are_read() {
    check("delta");
    check("delta-plain");
}

#[test]
fn nested_columns_are_objects_and_arrays() {
    check("nested");
    check("nested-v2");
}

#[test]
fn types_mean_what_the_schema_says() {
    check("kinds");
    check("int96");
}

#[test]
fn files_of_duckdb_are_read() {
    check("duckdb-snappy");
    check("duckdb-v2");
}

#[test]
fn what_is_not_read_is_named_with_the_next_step() {
    let refused = |name: &str, expected: &str| {
        let (text, problems) = read(&data(name));
        let said: Vec<String> = problems
            .iter()
            .map(|problem| problem.message.raw().to_owned())
            .collect();
        assert!(
            text.is_empty() && said.iter().any(|said| said.contains(expected)),
            "{name}: {said:?}"
        );
    };
    refused(
        "brotli.parquet",
        "packed with Brotli, which is not read; write the file anew",
    );
    refused(
        "duckdb-encrypted.parquet",
        "encrypted; decrypt it with the program that wrote it",
    );
}
