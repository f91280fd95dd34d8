//! Apache Parquet to lines of JSON, one for each row (<https://github.com/apache/parquet-format>, version 2.11.0).
//!
//! ```text
//! footer ─▶ schema ─▶ groups of rows ─▶ columns, each with one page ─▶ levels and values ─▶ row ─▶ line of JSON
//! ```
//!
//! - A file is read from many places at once: each column has its own, and holds one page and one dictionary. Memory is that of
//!   the pages, not of the groups.
//! - What a file says of itself is not believed: places, lengths and numbers of rows are those of the pages that are there.
//!   Rows before the damage are kept, and groups behind it are read.
//! - Columns of groups, lists and maps are objects and arrays; what is missing is left out. How values are written is told in
//!   `json.rs`.
//! - Pages of both versions in all encodings but `BIT_PACKED`, which is out of use; not packed, or with snappy, gzip, zstd or LZ4.
//!
//! Not read: Brotli and LZO, encrypted columns, columns in other files, indexes, statistics and Bloom filters.

mod assemble;
mod column;
mod encoding;
mod footer;
mod json;
mod schema;
mod thrift;

pub use column::Places;

use crate::bytes::le32;
use assemble::Assembly;
use column::{Damage, File};
use schema::Schema;
use std::io::{self, Read};
use watchfire_model::{Budget, Halt, Problem};

const MAGIC: &[u8; 4] = b"PAR1";
/// In front of and behind a file whose footer is encrypted.
const ENCRYPTED: &[u8; 4] = b"PARE";
/// The length of the footer, and the magic number.
const TAIL: u64 = 8;
/// Bytes of a footer at most.
const MOST_FOOTER: u64 = 64 << 20;
/// Bytes of rows that are written between two reads.
const BLOCK: usize = 256 << 10;
/// Problems that are told.
const MOST_PROBLEMS: usize = 8;

/// The rows of a file as lines of JSON. See the module.
pub struct Rows<'a> {
    file: File<'a>,
    schema: Schema,
    footer: Vec<u8>,
    /// Groups that are left, and where the next one is described.
    groups: usize,
    next: usize,
    group: Option<Assembly>,
    stated: u64,
    rows: u64,
    out: Vec<u8>,
    given: usize,
    problems: Vec<Problem>,
    halted: Option<Halt>,
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("rows", &self.rows).finish_non_exhaustive()
    }
}

fn problem(why: &str) -> Problem {
    Problem::warning("parquet-damaged", format!("the Parquet file is damaged: {why}"))
}

fn unread(why: &str) -> Problem {
    Problem::warning("parquet-unread", format!("the Parquet file cannot be read: {why}"))
}

impl<'a> Rows<'a> {
    /// Reads the end of a file, where it is said what it holds. The inner error is why there are no rows.
    ///
    /// # Errors
    /// Those of reading.
    pub fn open(source: Box<dyn Places + 'a>, budget: &'a Budget) -> io::Result<Result<Self, Problem>> {
        let mut file = File::new(source, budget)?;
        let (footer, about) = match footer(&mut file) {
            Ok(Ok(footer)) => footer,
            Ok(Err(problem)) => return Ok(Err(problem)),
            Err(Damage::Failed(error)) => return Err(error),
            Err(Damage::Column(why) | Damage::File(why)) => return Ok(Err(problem(&why))),
            Err(Damage::Unread(why)) => return Ok(Err(unread(&why))),
            Err(Damage::Halt(halt)) => return Ok(Err(unread(&halt.to_string()))),
        };
        if about.is_encrypted {
            return Ok(Err(unread(
                "it is encrypted; decrypt it with the program that wrote it",
            )));
        }
        let schema = match schema::build(&about.elements) {
            Ok(schema) => schema,
            Err(why) => return Ok(Err(problem(why))),
        };
        Ok(Ok(Self {
            file,
            schema,
            footer,
            groups: about.groups,
            next: about.groups_at,
            group: None,
            stated: about.rows,
            rows: 0,
            out: Vec::new(),
            given: 0,
            problems: Vec::new(),
            halted: None,
        }))
    }

    /// How many rows were read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What was wrong, as far as rows were read.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The limit that ended reading.
    pub fn halted(&self) -> Option<Halt> {
        self.halted
    }

    fn tell(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Writes rows until there are enough for a while; whether there may be more.
    fn fill(&mut self) -> io::Result<bool> {
        self.out.clear();
        self.given = 0;
        while self.out.len() < BLOCK {
            let before = self.out.len();
            let done = match &mut self.group {
                Some(group) if group.left > 0 => group.row(&self.schema, &mut self.file, &mut self.out),
                _ => match self.begin() {
                    Ok(true) => continue,
                    Ok(false) => return Ok(false),
                    Err(damage) => Err(damage),
                },
            };
            let written = self.out.len().saturating_sub(before);
            let done = done.and_then(|()| {
                self.rows = self.rows.saturating_add(u64::from(written > 0));
                // Columns without a value take time, too.
                self.file.spend(written.saturating_add(self.schema.leaves.len() / 4))?;
                self.file.write(written)
            });
            if let Err(damage) = done {
                self.group = None;
                match damage {
                    Damage::Failed(error) => return Err(error),
                    Damage::Halt(halt) => {
                        self.groups = 0;
                        self.halted = Some(halt);
                    }
                    Damage::Column(why) | Damage::File(why) => self.tell(problem(&why)),
                    Damage::Unread(why) => self.tell(unread(&why)),
                }
            }
        }
        Ok(true)
    }

    /// Begins the next group of rows; whether there is one.
    fn begin(&mut self) -> Result<bool, Damage> {
        self.group = None;
        let Some(left) = self.groups.checked_sub(1) else {
            self.end();
            return Ok(false);
        };
        self.groups = left;
        // What is described in the footer takes time to read, too.
        self.file.spend(self.schema.leaves.len())?;
        let about = self.footer.get(self.next..).unwrap_or_default();
        let Some((group, taken)) = footer::group(about, self.schema.leaves.len()) else {
            self.groups = 0;
            return Err(Damage::File(
                "what it says of its groups of rows makes no sense".to_owned(),
            ));
        };
        self.next = self.next.saturating_add(taken);
        self.group = Some(Assembly::new(&self.schema, &group, &mut self.file)?);
        Ok(true)
    }

    fn end(&mut self) {
        self.stated = match self.stated {
            stated if stated > self.rows && self.problems.is_empty() && self.halted.is_none() => {
                let text = format!("it has {} rows and says {stated}", self.rows);
                self.tell(problem(&text));
                0
            }
            _ => 0,
        };
        let wrong = std::mem::take(&mut self.file.wrong);
        if wrong > 0 {
            let text = format!("checksums of its pages are wrong ({wrong}); what they say may be, too");
            self.tell(problem(&text));
        }
    }
}

impl Read for Rows<'_> {
    /// Damage and limits end rows early, and are told by [`Rows::problems`] and [`Rows::halted`].
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut left = self.out.get(self.given..).unwrap_or_default();
            if !left.is_empty() || into.is_empty() {
                let count = left.read(into)?;
                self.given = self.given.saturating_add(count);
                return Ok(count);
            }
            if !self.fill()? && self.out.is_empty() {
                return Ok(0);
            }
        }
    }
}

type Described = (Vec<u8>, footer::Footer);

/// The footer, as it stands and as far as it is read.
fn footer(file: &mut File<'_>) -> Result<Result<Described, Problem>, Damage> {
    let Some(end) = file.length.checked_sub(TAIL).filter(|end| *end >= MAGIC.len() as u64) else {
        return Ok(Err(problem("it is too short to have a footer")));
    };
    let tail = file.bytes(end, TAIL)?;
    if tail.ends_with(ENCRYPTED) {
        let why = "it is encrypted; decrypt it with the program that wrote it";
        return Ok(Err(unread(why)));
    }
    if !tail.ends_with(MAGIC) {
        return Ok(Err(problem(
            "it has no footer, so it was not written to its end or is cut",
        )));
    }
    let length = u64::from(le32(&tail, 0).unwrap_or_default());
    if length > MOST_FOOTER {
        return Ok(Err(problem("its footer is larger than 64 MiB")));
    }
    let Some(start) = end.checked_sub(length) else {
        return Ok(Err(problem("its footer is longer than the file")));
    };
    let bytes = file.bytes(start, length)?;
    Ok(match footer::read(&bytes) {
        Some(footer) => Ok((bytes, footer)),
        None => Err(problem("its footer makes no sense")),
    })
}

#[cfg(test)]
mod bombs;
#[cfg(test)]
mod tests;
