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
            Ok(mut source) => match pump(&mut source.reader, &mut out, change, LONGEST)? {
                Ok(()) => read += 1,
                Err(error) => bar.failed(&source.failed(&error)),
            },
        }
    }
    Ok(Exit::of_inputs(met, read, 0))
}

/// A line longer than this is changed in parts. Bytes.
const LONGEST: usize = 8 << 20;

/// The outer error is that of the output, the inner one that of the input.
fn pump(
    reader: &mut dyn Read,
    out: &mut dyn Write,
    change: fn(&[u8]) -> Vec<u8>,
    longest: usize,
) -> io::Result<Result<(), io::Error>> {
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
            None if waiting.len() > longest => cut(&waiting),
            None => continue,
        };
        let rest = waiting.split_off(end);
        out.write_all(&change(&waiting))?;
        out.flush()?;
        waiting = rest;
    }
}

/// Where a line that is too long may be cut: behind a blank, else behind a slash that a name follows, so that neither
/// `hxxp://` nor `[.]` is cut in two.
fn cut(line: &[u8]) -> usize {
    if let Some(at) = line.iter().rposition(u8::is_ascii_whitespace) {
        return at + 1;
    }
    let name = |pair: &[u8]| matches!(pair, [b'/', next] if next.is_ascii_alphanumeric());
    line.windows(2).rposition(name).map_or(line.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pumped(text: &[u8], change: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut out = Vec::new();
        pump(&mut &*text, &mut out, change, 100_000).unwrap().unwrap();
        out
    }

    #[test]
    fn lines_that_are_cut_come_back_whole() {
        for unit in [
            "https://a.com/",
            "http://",
            "http://bob@203.0.113.7:80/?u=",
            "a.com/b.php?x=1&",
        ] {
            let line = unit.repeat(50_000);
            let safe = pumped(line.as_bytes(), watchfire::defang);
            // What has no host is no link.
            assert_eq!(safe != line.as_bytes(), unit.contains('.'), "{unit}");
            assert!(pumped(&safe, watchfire::refang) == line.as_bytes(), "{unit}");
        }
    }

    fn upper(text: &[u8]) -> Vec<u8> {
        text.to_ascii_uppercase()
    }

    #[test]
    fn every_byte_passes_once_and_in_order() {
        let text = "one\ntwo three\n\nfour".repeat(20_000);
        let mut out = Vec::new();
        pump(&mut text.as_bytes(), &mut out, upper, LONGEST).unwrap().unwrap();
        assert_eq!(out, text.to_ascii_uppercase().into_bytes());
    }
}
