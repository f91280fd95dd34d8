//! A secret from the person at the terminal, who does not see it while typing, or from a pipe.
//!
//! Only where the system is Unix can the terminal be kept from showing it; elsewhere a pipe is asked for. A secret is
//! one line, and is neither kept nor shown here.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use watchfire::Problem;

/// No secret is longer. Bytes.
const LONGEST: u64 = 4096;

/// Asks for `what`, or reads it from a pipe.
pub(crate) fn read(what: &str) -> Result<String, Problem> {
    let input = io::stdin();
    let prompt = || io::stderr().write_all(format!("{what}, which is not shown: ").as_bytes());
    let line = || {
        let mut line = String::new();
        input.lock().take(LONGEST + 1).read_line(&mut line)?;
        match line.len() as u64 {
            // Half a key would be kept as if it were one.
            more if more > LONGEST => Err(io::Error::other(format!("it is longer than {LONGEST} bytes"))),
            _ => Ok(line),
        }
    };
    let read = if input.is_terminal() {
        unseen(|| prompt().and_then(|()| line()))
    } else {
        line()
    };
    read.map_err(|error| Problem::new(format!("cannot read the {what}: {error}")))
}

/// Reads while the terminal does not show what is typed, but for the end of the line.
#[cfg(unix)]
fn unseen(read: impl FnOnce() -> io::Result<String>) -> io::Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let input = io::stdin();
    let before = tcgetattr(&input)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    silent.local_modes.insert(LocalModes::ECHONL);
    tcsetattr(&input, OptionalActions::Flush, &silent)?;
    let line = read();
    tcsetattr(&input, OptionalActions::Now, &before)?;
    line
}

#[cfg(not(unix))]
fn unseen(_: impl FnOnce() -> io::Result<String>) -> io::Result<String> {
    Err(io::Error::other("this terminal would show it; pipe it in"))
}
