//! Text in, observables out.
//!
//! One pass, linear time by construction, bounded memory, exact byte offsets. [`Extractor`] is compiled once from
//! [`Options`]; it reads whole texts ([`Extractor::extract`]), growing ones ([`Extractor::session`]) and readers
//! ([`Extractor::extract_reader`]).

#![forbid(unsafe_code)]

mod options;

pub use options::{Options, Pattern, PatternError, Policy};

use std::io;
use watchfire_model::Observed;

/// What one text contained.
#[derive(Clone, Debug, Default)]
pub struct Extraction {
    /// One entry per distinct observable, in order of first occurrence.
    pub observed: Vec<Observed>,
    /// Occurrences, all together.
    pub occurrences: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read; a last line without its newline counts.
    pub lines: u64,
    /// Lines longer than the window, which were read in pieces.
    pub cut_lines: u64,
}

/// A compiled set of options. Cheap to share between threads.
#[derive(Debug)]
pub struct Extractor {
    options: Options,
}

impl Extractor {
    /// Compiles `options`.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// Distinct observables of `text`, in order of first occurrence.
    pub fn extract(&self, text: &[u8]) -> Extraction {
        let _ = (&self.options, text);
        Extraction::default()
    }

    /// Every occurrence in `text`, in order of position; each has a count of 1.
    pub fn each(&self, text: &[u8], found: &mut dyn FnMut(Observed)) {
        let _ = (text, found);
    }

    /// A text that arrives in pieces. The pieces' boundaries never change the result.
    pub fn session(&self) -> Session<'_> {
        Session { extractor: self }
    }

    /// Distinct observables of everything `reader` yields, with up to `threads` scanners. The result does not depend
    /// on `threads`.
    pub fn extract_reader(&self, reader: &mut (dyn io::Read + Send), threads: usize) -> io::Result<Extraction> {
        let _ = (reader, threads);
        Ok(Extraction::default())
    }
}

/// See [`Extractor::session`].
#[derive(Debug)]
pub struct Session<'e> {
    extractor: &'e Extractor,
}

impl Session<'_> {
    /// More text. Observables that can no longer change are handed to `found` (each occurrence, count 1).
    pub fn push(&mut self, text: &[u8], found: &mut dyn FnMut(Observed)) {
        let _ = (&self.extractor, text, found);
    }

    /// The end of the text.
    pub fn finish(self, found: &mut dyn FnMut(Observed)) {
        let _ = found;
    }
}

/// Text with every defanged form made live again: the filter `watchfire refang`. Everything else stays byte for byte.
pub fn refang(text: &[u8]) -> Vec<u8> {
    text.to_vec()
}

/// Text with every network observable defanged: the filter `watchfire defang`. `refang(defang(x)) == x` for text
/// without defanged forms.
pub fn defang(text: &[u8]) -> Vec<u8> {
    text.to_vec()
}
