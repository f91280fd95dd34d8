//! Writes a capture of ordinary traffic to stdout: `cargo run --release -p watchfire-testkit --example captures -- [mixture]
//! BYTES [SEED] > file`. With `mixture`, it is the traffic by which speed is measured.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use watchfire_testkit::capture::{mixture, traffic};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let is_mixture = arguments.next_if_eq("mixture").is_some();
    let mut numbers = arguments.map(|text| text.replace('_', "").parse::<u64>());
    let (bytes, seed) = match (numbers.next(), numbers.next()) {
        (Some(Ok(bytes)), None) => (bytes, 1),
        (Some(Ok(bytes)), Some(Ok(seed))) => (bytes, seed),
        _ => {
            let _ = writeln!(io::stderr(), "usage: captures [mixture] BYTES [SEED]");
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let written = if is_mixture {
        mixture::write(seed, bytes, &mut out)
    } else {
        traffic::write(seed, bytes, &mut out)
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "error: cannot write: {problem}");
            ExitCode::from(2)
        }
    }
}
