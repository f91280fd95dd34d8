//! Which frames filters match: `cargo run --release -p watchfire-capture --example capture_filter -- EXPRESSION... -- FILE...`.
//!
//! Prints for each file and expression how many frames match and the time that all frames take, read and decoded included.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example that measures"
)]

use std::fs::File;
use std::time::Instant;
use watchfire_capture::{Block, Filter, FrameReader, decode};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut parts = arguments.split(|argument| argument == "--");
    let (expressions, files) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    for path in files {
        for expression in expressions {
            let filter = match Filter::parse(expression) {
                Ok(filter) => filter,
                Err(error) => {
                    eprintln!("error: '{expression}': {error}");
                    continue;
                }
            };
            let Ok(file) = File::open(path) else {
                eprintln!("error: cannot open '{path}'");
                break;
            };
            let begin = Instant::now();
            let matching = count(&filter, FrameReader::new(file));
            println!(
                "{path}\t{expression}\t{matching}\t{:.3} s",
                begin.elapsed().as_secs_f64()
            );
        }
    }
}

fn count(filter: &Filter, mut reader: FrameReader<File>) -> u64 {
    let mut block = Block::default();
    let mut matching = 0;
    while reader.next_block(&mut block) {
        for frame in block.frames() {
            let bytes = block.bytes_of(frame);
            let decoded = decode(frame.link, bytes, frame.length);
            matching += u64::from(filter.matches(decoded.as_ref(), frame, bytes));
        }
    }
    matching
}
