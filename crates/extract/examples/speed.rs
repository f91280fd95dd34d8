//! Scans a file, repeated until a number of megabytes is reached, from memory: for profiles. The figures in the
//! documentation come from whole processes, see `benches/README.md`.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measuring tool, not library code"
)]

use std::io::{self, Read};
use std::time::Instant;
use watchfire_extract::{Extractor, Options};

/// A text over and over.
struct Repeat<'t> {
    text: &'t [u8],
    at: usize,
    left: usize,
}

impl Read for Repeat<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = self.text.get(self.at..).unwrap_or(&[]);
        let length = rest.len().min(out.len()).min(self.left);
        out.iter_mut().zip(rest).take(length).for_each(|(to, from)| *to = *from);
        self.left -= length;
        self.at = if self.at + length == self.text.len() {
            0
        } else {
            self.at + length
        };
        Ok(length)
    }
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let mut number = || arguments.next().and_then(|text| text.parse::<usize>().ok());
    let (megabytes, threads) = (number().unwrap_or(1000), number().unwrap_or(1));
    let text = std::fs::read(&path)?;
    let extractor = Extractor::new(Options::default());
    let start = Instant::now();
    let found = extractor.extract_reader(
        &mut Repeat {
            text: &text,
            at: 0,
            left: megabytes * 1_000_000,
        },
        threads,
    )?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.0} MB/s, {} distinct, {} occurrences",
        found.bytes as f64 / seconds / 1e6,
        found.observed.len(),
        found.occurrences
    );
    Ok(())
}
