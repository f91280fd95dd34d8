//! Writes the traffic by which speed is measured as a capture to stdout: `cargo run --release -p watchfire-testkit --example
//! captures -- BYTES [SEED] > file`.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use watchfire_testkit::capture::mixture;

fn main() -> ExitCode {
    let arguments = std::env::args().skip(1);
    let mut numbers = arguments.map(|text| text.replace('_', "").parse::<u64>());
    let (bytes, seed) = match (numbers.next(), numbers.next()) {
        (Some(Ok(bytes)), None) => (bytes, 1),
        (Some(Ok(bytes)), Some(Ok(seed))) => (bytes, seed),
        _ => {
            let _ = writeln!(io::stderr(), "usage: captures BYTES [SEED]");
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match mixture::write(seed, bytes, &mut out).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "error: cannot write: {problem}");
            ExitCode::from(2)
        }
    }
}
