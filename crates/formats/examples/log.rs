//! Reads logs and says what went through: `log [--repeat N] FILE…`, or `log --show FILE…` for every record.
//!
//! Files are read block by block, and every value is looked at. The figures are those of whoever measures the process; see
//! `tests/peers/logs`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "an example that opens files and prints"
)]

use watchfire_formats::log::{Options, Reader, Record, Value};
use watchfire_model::Timestamp;

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let is_shown = arguments.next_if(|argument| argument == "--show").is_some();
    let repeat = match arguments.next_if(|argument| argument == "--repeat") {
        Some(_) => arguments.next().and_then(|count| count.parse().ok()).unwrap_or(1),
        None => 1,
    };
    let options = Options::new(Timestamp::new(1_795_435_200, 0));
    for path in arguments {
        for _ in 0..repeat {
            let (mut fields, mut letters) = (0_u64, 0_u64);
            let mut reader = Reader::new(&options);
            let mut take = |record: &Record<'_>| {
                if is_shown {
                    show(record);
                }
                for field in record.fields() {
                    fields += 1;
                    if let Value::Text(text) = field.value {
                        letters += text.len() as u64;
                    }
                }
            };
            let mut file = std::fs::File::open(&path).expect("a file that can be opened");
            reader.read(&mut file, &mut take).expect("a file that can be read");
            let totals = reader.totals();
            println!(
                "{path}: {} bytes, {} records, {fields} fields with {letters} bytes, {} malformed, {} incomplete, {} with a time",
                totals.bytes, totals.records, totals.malformed, totals.incomplete, totals.timed
            );
            for format in &totals.formats {
                println!("  {}: {}", format.format, format.records);
            }
        }
    }
}

fn show(record: &Record<'_>) {
    println!(
        "{} {:?} {:?} {:?}",
        record.format.name, record.span, record.time, record.fault
    );
    for field in record.fields() {
        println!("  {}={}", field.name, field.value);
    }
}
