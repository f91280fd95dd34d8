//! How fast a capture is gone through: `cargo run --release -p watchfire-capture --example capture_speed -- FILE...`.
//!
//! Prints frames, bytes and CPU time of the walk over records. The file should be in the page cache, and large.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example that measures"
)]

use std::fs::File;
use std::time::Instant;
use watchfire_capture::{Block, FrameReader};

fn main() {
    let verbose = std::env::var_os("VERBOSE").is_some();
    for path in std::env::args_os().skip(1) {
        let Ok(file) = File::open(&path) else {
            eprintln!("error: cannot open '{}'", path.display());
            continue;
        };
        let begin = Instant::now();
        let mut reader = FrameReader::new(file);
        let mut block = Block::default();
        let mut captured = 0;
        while reader.next_block(&mut block) {
            captured += block
                .frames()
                .iter()
                .map(|frame| u64::from(frame.captured))
                .sum::<u64>();
        }
        let took = begin.elapsed();
        println!(
            "{}\t{} frames\t{captured} bytes\t{} skipped\t{} problems\t{:.3} s\t{:.1} ns a frame",
            path.display(),
            reader.frames(),
            reader.skipped(),
            reader.problems().len(),
            took.as_secs_f64(),
            took.as_nanos() as f64 / reader.frames().max(1) as f64,
        );
        if verbose {
            for problem in reader.problems() {
                println!("\t{}: {}", problem.code, problem.message);
            }
            println!("{:?}", reader.description());
        }
    }
}
