//! Text in, observables out.
//!
//! One pass, linear time by construction, bounded memory, exact byte offsets. [`Extractor`] is compiled once from
//! [`Options`]; it reads whole texts ([`Extractor::extract`]), growing ones ([`Extractor::session`]) and readers
//! ([`Extractor::extract_reader`]).

mod agent;
mod block;
mod chain;
mod code;
mod columns;
mod crew;
mod cut;
mod dashed;
mod decode;
mod email;
mod escape;
mod file_url;
mod filter;
mod foreign;
mod found;
mod hash;
mod ids;
mod ip;
mod keyword;
mod masks;
mod memo;
mod name;
mod options;
mod path;
mod profile;
mod reader;
mod roles;
mod scan;
mod scheme;
mod separator;
mod shared;
mod six;
mod spelling;
mod stream;
mod surroundings;
mod table;
mod text;
mod url;
mod wallet;

pub use options::{Options, Pattern, PatternError, Policy};
pub use stream::Session;
pub use surroundings::Conceal;

use std::io::{self, Read};
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

/// Shorter texts do not repeat themselves enough to remember words.
const MEMO_FROM: usize = 1 << 18;

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

    /// Distinct observables of `text`, in order of first occurrence, with the role that a report gives them.
    pub fn extract(&self, text: &[u8]) -> Extraction {
        let table = table::Table::keeping_places(text.len() <= roles::MOST);
        let (mut extraction, places) = self.extract_into(table, text);
        roles::assign(text, &mut extraction.observed, &places);
        extraction
    }

    /// Distinct observables of `text`, which is of records and no report: only what is defanged has a role.
    pub fn extract_records(&self, text: &[u8]) -> Extraction {
        self.extract_into(table::Table::default(), text).0
    }

    fn extract_into(&self, table: table::Table, text: &[u8]) -> (Extraction, Vec<Vec<u64>>) {
        let memo = (text.len() > MEMO_FROM).then(|| memo::Memo::new(memo::Seen::default()));
        let mut scanner = stream::Scanner::new(table, memo);
        let (lines, cut_lines) = self.count_whole(text, &mut scanner);
        let (mut extraction, places) = scanner.finish().finish_with_places(text.len() as u64, lines, cut_lines);
        spelling::settle(&mut extraction);
        (extraction, places)
    }

    /// The naive twin of [`Extractor::extract`], for tests: each word is read anew, and no roles are given.
    #[doc(hidden)]
    pub fn extract_without_memory(&self, text: &[u8]) -> Extraction {
        let mut scanner = stream::Scanner::new(table::Table::default(), None);
        let (lines, cut_lines) = self.count_whole(text, &mut scanner);
        let mut extraction = scanner.finish().finish(text.len() as u64, lines, cut_lines);
        spelling::settle(&mut extraction);
        extraction
    }

    /// Every occurrence in `text`, in order of position; each has a count of 1.
    pub fn each(&self, text: &[u8], found: &mut dyn FnMut(Observed)) {
        let mut session = self.session();
        session.push(text, found);
        session.finish(found);
    }

    /// A text that arrives in pieces. The pieces' boundaries never change the result.
    pub fn session(&self) -> Session<'_> {
        Session::new(self)
    }

    /// Distinct observables of everything `reader` yields, with up to `threads` scanners. The result does not depend
    /// on `threads`.
    pub fn extract_reader(&self, reader: &mut (dyn io::Read + Send), threads: usize) -> io::Result<Extraction> {
        // What is short enough to be a report is read whole, for the roles.
        let mut head = Vec::new();
        io::Read::take(&mut *reader, roles::MOST as u64 + 1).read_to_end(&mut head)?;
        if head.len() <= roles::MOST {
            return Ok(self.extract(&head));
        }
        let mut extraction = self.count_reader(&mut head.as_slice().chain(reader), threads)?;
        spelling::settle(&mut extraction);
        Ok(extraction)
    }
}

/// Looks at bytes by this thread since the last call, for the proof that reading is linear.
#[cfg(feature = "count-visits")]
#[doc(hidden)]
pub fn take_visits() -> u64 {
    text::visits::take()
}

/// Text with every defanged form made live again: the filter `watchfire refang`. Everything else stays byte for byte.
pub fn refang(text: &[u8]) -> Vec<u8> {
    filter::refang(text)
}

/// Text with every network observable defanged: the filter `watchfire defang`. `refang(defang(x)) == x` for text
/// without defanged forms.
pub fn defang(text: &[u8]) -> Vec<u8> {
    filter::defang(text)
}
