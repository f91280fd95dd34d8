//! `watchfire-standin [PORT]`: serves until it is killed, and says on standard output where.

use std::io::{self, Write};
use std::process::ExitCode;
use watchfire_standin::{Standin, providers};

fn main() -> ExitCode {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0);
    match run(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _told = writeln!(io::stderr(), "error: cannot serve on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(port: u16) -> io::Result<()> {
    let standin = Standin::start_at(port)?;
    let mut out = io::stdout();
    for provider in providers() {
        writeln!(out, "{provider}\t{}", standin.base(provider))?;
    }
    out.flush()?;
    loop {
        std::thread::park();
    }
}
