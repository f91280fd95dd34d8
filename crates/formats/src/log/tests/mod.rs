//! What records of each family are: a line or a file, and what it says.

mod files;
mod hostile;
mod hosts;
mod network;
mod objects;
mod reading;
mod services;

use super::*;
use watchfire_model::{Moment, Timestamp};

/// What tests say of times.
const AS_OF: &str = "2026-11-23T12:00:00Z";

fn options() -> Options {
    let as_of = Moment::parse(AS_OF).expect("a time");
    Options::new(Timestamp::new(as_of.unix(), 0))
}

/// A record, as tests write it: `format time message` and then its fields, `name=value` each on a line of its own.
fn shown(record: &Record<'_>) -> String {
    let time = record.time.map_or("-".to_owned(), |time| {
        let mark = |known, mark: &'static str| if known == Known::Assumed { mark } else { "" };
        format!("{}{}{}", time.at, mark(time.zone, "?z"), mark(time.year, "?y"))
    });
    let format = match record.envelope {
        Some(envelope) => format!("{}/{}", envelope.name, record.format.name),
        None => record.format.name.to_owned(),
    };
    let mut out = format!("{format} {time}");
    if let Some(fault) = record.fault {
        out.push_str(&format!(" {fault:?}"));
    }
    for field in record.fields() {
        let value = field.value.to_string().replace('\r', "\\r").replace('\n', "\\n");
        out.push_str(&format!("\n{}={value}", field.name));
    }
    out
}

/// All records of an input, and what went through.
fn read_with(input: &[u8], block: usize, options: &Options) -> (Vec<String>, Totals) {
    let mut reader = Reader::new(options);
    let mut records = Vec::new();
    for piece in input.chunks(block.max(1)) {
        reader.push(piece, &mut |record| records.push(shown(record)));
    }
    reader.finish(&mut |record| records.push(shown(record)));
    (records, reader.totals().clone())
}

fn read(input: &[u8]) -> Vec<String> {
    let (whole, totals) = read_with(input, input.len(), &options());
    for block in [1, 7, 4096] {
        let (cut, others) = read_with(input, block, &options());
        assert_eq!(whole, cut, "blocks of {block} bytes changed what was read");
        assert_eq!(totals, others);
    }
    whole
}

/// The records of an input, without the blanks in front of expected lines.
fn check(input: &[u8], expected: &[&str]) {
    let expected: Vec<String> = expected
        .iter()
        .map(|record| {
            record
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    let found = read(input);
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "record {index}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

/// Whether each of `parts` is among what a line says, its first line included.
fn says(line: &str, parts: &[&str]) {
    let found = read(line.as_bytes());
    let [record] = found.as_slice() else {
        panic!("{found:#?}")
    };
    for part in parts {
        assert!(record.lines().any(|line| line == *part), "no '{part}' in\n{record}");
    }
}

#[test]
fn formats_have_names_of_their_own() {
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
