//! Lists of digests in text: what sha1sum, sha256sum, shasum and hashdeep write, the NSRL's RDS (`NSRLFile.txt`, and exports
//! of its databases), and plain digests, one in each line.
//!
//! A table with a header is read by its columns. Without one, the first field of a line is its digest and nothing else is:
//! what follows is a name, and names of samples are often digests. Of a line with both, the SHA-256 is taken and the SHA-1
//! is not.
//!
//! Sources: <https://www.nist.gov/itl/ssd/software-quality-group/national-software-reference-library-nsrl>, `hashdeep(1)`,
//! `sha256sum(1)`.

use super::sort::{CHUNK, Sorter};
use super::{Taken, packed};
use crate::feed::FeedError;
use crate::feed::lines::{Input, Lines};
use std::io::{Read, Write};
use std::path::Path;

/// Columns that are looked at.
const COLUMNS: usize = 64;
/// The digests of no bytes at all. An empty file is what is left when a download failed.
const EMPTY: [&[u8]; 2] = [
    b"da39a3ee5e6b4b0d3255bfef95601890afd80709",
    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

const WANTED: &str = "a list of SHA-1 or SHA-256";

/// What is in which column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Columns {
    md5: Option<usize>,
    sha1: Option<usize>,
    sha256: Option<usize>,
    /// The NSRL's mark for malicious and special files.
    mark: Option<usize>,
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Sha256([u8; 32]),
    Sha1([u8; 20]),
    Md5,
    Empty,
    Marked,
    Nothing,
}

/// Reads a list and writes it packed.
pub(super) fn pack(input: &mut dyn Read, scratch: &Path, out: &mut dyn Write) -> Result<Taken, FeedError> {
    pack_by(CHUNK, input, scratch, out)
}

/// The same with so many digests in memory at once.
pub(super) fn pack_by(
    most: usize,
    input: &mut dyn Read,
    scratch: &Path,
    out: &mut dyn Write,
) -> Result<Taken, FeedError> {
    let mut sha1 = Sorter::new(scratch, most);
    let mut sha256 = Sorter::new(scratch, most);
    let mut taken = Taken::default();
    let mut columns = None;
    let (mut first, mut read) = (true, 0_u64);
    let mut lines = Lines::new(Input::open(input, WANTED)?);
    while let Some(line) = lines.next()? {
        let text = line.bytes.trim_ascii();
        // hashdeep names its columns in a line that looks like a comment.
        let named = text.strip_prefix(b"%%%% ");
        if text.is_empty() || (named.is_none() && is_comment(text)) {
            continue;
        }
        if first || named.is_some() {
            let header = header(named.unwrap_or(text));
            first = first && named.is_some();
            if header.is_some() || named.is_some() {
                columns = header.or(columns);
                first = false;
                continue;
            }
        }
        let said = if line.is_cut {
            Said::Nothing
        } else {
            said(text, columns)
        };
        read += 1;
        match said {
            Said::Sha256(digest) => sha256.push(digest)?,
            Said::Sha1(digest) => sha1.push(digest)?,
            Said::Md5 => taken.md5 += 1,
            Said::Marked => taken.marked += 1,
            Said::Empty => {}
            Said::Nothing => taken.unread += 1,
        }
    }
    if taken.unread * 2 > read {
        return Err(different("more than half of its lines are no digests"));
    }
    (taken.sha1, taken.sha256) = packed::write(sha1, sha256, out)?;
    match (taken.sha1 + taken.sha256, taken.md5) {
        (0, 0) => Err(FeedError::Empty),
        (0, _) => Err(different(
            "it has MD5 alone, and files with the same MD5 as another can be made",
        )),
        _ => Ok(taken),
    }
}

fn different(why: &str) -> FeedError {
    FeedError::Different {
        wanted: WANTED,
        why: why.to_owned(),
    }
}

fn is_comment(text: &[u8]) -> bool {
    text.starts_with(b"#") || text.starts_with(b";") || text.starts_with(b"//") || text.starts_with(b"%%%%")
}

/// The columns, if the line names some.
fn header(text: &[u8]) -> Option<Columns> {
    let mut columns = Columns::default();
    for (at, field) in Fields(text).take(COLUMNS).enumerate() {
        let name: Vec<u8> = field
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect();
        match name.as_slice() {
            b"md5" => columns.md5 = Some(at),
            b"sha1" => columns.sha1 = Some(at),
            b"sha256" => columns.sha256 = Some(at),
            b"specialcode" => columns.mark = Some(at),
            _ => {}
        }
    }
    let has_digest = columns.md5.or(columns.sha1).or(columns.sha256).is_some();
    has_digest.then_some(columns)
}

fn said(text: &[u8], columns: Option<Columns>) -> Said {
    // sha256sum marks a line whose name it had to escape.
    let text = text.strip_prefix(b"\\").unwrap_or(text);
    if let Some(columns) = columns {
        return of_columns(text, columns);
    }
    if [&b"MD5 ("[..], b"SHA1 (", b"SHA256 ("]
        .iter()
        .any(|tag| text.starts_with(tag))
    {
        let start = text
            .windows(3)
            .rposition(|three| three == b" = ")
            .map_or(text.len(), |at| at + 3);
        return digest(text.get(start..).unwrap_or_default());
    }
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_hexdigit())
        .unwrap_or(text.len());
    match text.get(end) {
        None | Some(b'"' | b',' | b';' | b' ' | b'\t' | b'|') => digest(text.get(..end).unwrap_or_default()),
        _ => Said::Nothing,
    }
}

fn of_columns(text: &[u8], columns: Columns) -> Said {
    let wanted = [columns.sha256, columns.sha1, columns.md5, columns.mark];
    let last = wanted.iter().flatten().max().copied().unwrap_or(0);
    let mut found: [&[u8]; 4] = [&[]; 4];
    for (at, field) in Fields(text).take(last + 1).enumerate() {
        for (place, _) in found.iter_mut().zip(wanted).filter(|(_, column)| *column == Some(at)) {
            *place = field;
        }
    }
    let [sha256, sha1, md5, mark] = found;
    if !mark.is_empty() {
        return Said::Marked;
    }
    let each = [(sha256, 64), (sha1, 40), (md5, 32)].into_iter();
    each.filter(|(field, length)| field.len() == *length)
        .map(|(field, _)| digest(field))
        .find(|said| *said != Said::Nothing)
        .unwrap_or(Said::Nothing)
}

/// A digest in hexadecimal digits.
fn digest(text: &[u8]) -> Said {
    if EMPTY.iter().any(|empty| text.eq_ignore_ascii_case(empty)) {
        return Said::Empty;
    }
    match text.len() {
        64 => bytes(text).map_or(Said::Nothing, Said::Sha256),
        40 => bytes(text).map_or(Said::Nothing, Said::Sha1),
        32 => bytes::<16>(text).map_or(Said::Nothing, |_| Said::Md5),
        _ => Said::Nothing,
    }
}

fn bytes<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let nibble = |digit: &u8| {
        char::from(*digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Some(out)
}

/// The fields of a line of a table, without their quotation marks. A doubled mark inside of a field ends nothing.
struct Fields<'l>(&'l [u8]);

impl<'l> Iterator for Fields<'l> {
    type Item = &'l [u8];

    fn next(&mut self) -> Option<&'l [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (field, rest) = match self.0.strip_prefix(b"\"") {
            Some(quoted) => {
                let mut end = 0;
                loop {
                    let more = quoted.get(end..).unwrap_or_default();
                    end += more.iter().position(|byte| *byte == b'"').unwrap_or(more.len());
                    if quoted.get(end + 1) != Some(&b'"') {
                        break;
                    }
                    end += 2;
                }
                let behind = quoted.get(end..).unwrap_or_default();
                let comma = behind.iter().position(|byte| *byte == b',');
                let rest = comma.and_then(|at| behind.get(at + 1..));
                (quoted.get(..end).unwrap_or_default(), rest)
            }
            None => {
                let comma = self.0.iter().position(|byte| *byte == b',');
                let end = comma.unwrap_or(self.0.len());
                let rest = comma.and_then(|at| self.0.get(at + 1..));
                (self.0.get(..end).unwrap_or_default().trim_ascii(), rest)
            }
        };
        self.0 = rest.unwrap_or_default();
        Some(field)
    }
}
