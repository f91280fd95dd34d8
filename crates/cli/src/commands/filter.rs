//! Text in, text out: what `defang` and `refang` share. Works in pieces, so that it can stand in a pipe for days.

use crate::args::{FilterArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::progress::{Bar, Talk};
use std::io::{self, Read, Write};
use watchfire::{Input, Progress, Watchfire};

/// Applies `change` to every line of the inputs.
pub(super) fn run(args: &FilterArgs, global: &GlobalArgs, change: fn(&[u8]) -> Vec<u8>) -> Result<Exit, Failure> {
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let inputs = if args.paths.is_empty() {
        vec![Input::Stdin]
    } else {
        args.paths.iter().map(|path| Input::parse(path)).collect()
    };
    let mut out = io::stdout().lock();
    let (mut met, mut read) = (0, 0);
    for opened in Watchfire::open(inputs) {
        met += 1;
        match opened {
            Err(error) => bar.failed(&error),
            Ok(mut source) => match pump(&mut source.reader, &mut out, change)? {
                Ok(()) => read += 1,
                Err(error) => bar.failed(&source.failed(&error)),
            },
        }
    }
    Ok(Exit::of_inputs(met, read))
}

/// A line longer than this is changed in parts. Bytes.
const LONGEST: usize = 8 << 20;

/// The outer error is that of the output, the inner one that of the input.
fn pump(reader: &mut dyn Read, out: &mut dyn Write, change: fn(&[u8]) -> Vec<u8>) -> io::Result<Result<(), io::Error>> {
    let mut block = vec![0; 64 << 10];
    let mut waiting: Vec<u8> = Vec::new();
    loop {
        let count = match reader.read(&mut block) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                out.write_all(&change(&waiting))?;
                return Ok(Err(error));
            }
        };
        if count == 0 {
            out.write_all(&change(&waiting))?;
            out.flush()?;
            return Ok(Ok(()));
        }
        let fresh = block.get(..count).unwrap_or_default();
        let from = waiting.len();
        waiting.extend_from_slice(fresh);
        // Only the new part can hold a line end that was not seen before.
        let end = match fresh.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => from + at + 1,
            None if waiting.len() > LONGEST => {
                let blank = waiting.iter().rposition(u8::is_ascii_whitespace);
                blank.map_or(waiting.len(), |at| at + 1)
            }
            None => continue,
        };
        let rest = waiting.split_off(end);
        out.write_all(&change(&waiting))?;
        out.flush()?;
        waiting = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upper(text: &[u8]) -> Vec<u8> {
        text.to_ascii_uppercase()
    }

    #[test]
    fn every_byte_passes_once_and_in_order() {
        let text = "one\ntwo three\n\nfour".repeat(20_000);
        let mut out = Vec::new();
        pump(&mut text.as_bytes(), &mut out, upper).unwrap().unwrap();
        assert_eq!(out, text.to_ascii_uppercase().into_bytes());
    }
}
