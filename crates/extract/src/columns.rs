//! Columns of digests: thirty-two digits can be an MD5, an imphash or a JA3, and in a table the title of the column tells.
//!
//! Titles are looked for in the lines above, within [`REACH`] bytes, so that a text may be cut anywhere behind that. Rows
//! further down have to be called by a word in front. Each line is looked at once.

use crate::text::Text;
use watchfire_model::ObservableType;

/// How far above a digest its title may stand. A block carries as much of the text before it.
const REACH: usize = 2304;
/// Longer lines are no titles.
const LONGEST: usize = 512;
/// Longer cells are no titles.
const LONGEST_TITLE: usize = 40;

/// What is known about the lines above.
#[derive(Clone, Copy, Default)]
pub(crate) struct Columns {
    /// Lines before this have been looked at.
    scanned: usize,
    /// Where the titles begin, and what separates them.
    head: Option<(usize, u8)>,
}

impl Columns {
    /// The type that the title of its column gives to the digest at `at`.
    pub(crate) fn kind(&mut self, text: Text<'_>, at: usize) -> Option<ObservableType> {
        let (line, first) = match at.checked_sub(REACH) {
            None => (memchr::memrchr(b'\n', text.slice(0, at)).map_or(0, |end| end + 1), 0),
            Some(floor) => {
                let window = text.slice(floor, at);
                let line = memchr::memrchr(b'\n', window)?;
                (floor + line + 1, floor + memchr::memchr(b'\n', window)? + 1)
            }
        };
        if self.scanned < first {
            *self = Self {
                scanned: first,
                head: None,
            };
        }
        while self.scanned < line {
            let rest = text.slice(self.scanned, line);
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.pass(rest.get(..end).unwrap_or(rest));
            self.scanned += end + 1;
        }
        let (start, separator) = self.head.filter(|(start, _)| *start >= first)?;
        let titles = text.slice(start, (start + LONGEST).min(line));
        let titles = titles.split(|byte| *byte == b'\n').next()?;
        let number = cells(text.slice(line, at), separator).count().checked_sub(1)?;
        title(cells(titles, separator).nth(number)?)
    }

    /// Takes note of a line: titles, a further row, or the end of a table.
    fn pass(&mut self, line: &[u8]) {
        if let Some(separator) = separator_of_titles(line) {
            self.head = Some((self.scanned, separator));
        } else if self.head.is_some_and(|(_, separator)| !line.contains(&separator)) {
            self.head = None;
        }
    }
}

/// Whether what stands at `start..end` fills a cell: a separator on one side, and nothing but that or the line's end on
/// the other.
pub(crate) fn is_cell(text: Text<'_>, start: usize, end: usize) -> bool {
    let padding = |byte: u8| matches!(byte, b' ' | b'"' | b'\'' | b'`' | b'*');
    let before = (0..4)
        .find(|i| *i >= start || !padding(text.before(start - i)))
        .unwrap_or(4);
    let behind = (0..4).find(|i| !padding(text.at(end + i))).unwrap_or(4);
    let (before, behind) = (text.before(start - before.min(start)), text.at(end + behind));
    let separates = |byte: u8| matches!(byte, b',' | b';' | b'|' | b'\t');
    let ends = |byte: u8| matches!(byte, b'\n' | b'\r' | 0) || separates(byte);
    ends(before) && ends(behind) && (separates(before) || separates(behind))
}

/// What separates the cells of `line`, if one of them is called like a digest and none of them is one.
fn separator_of_titles(line: &[u8]) -> Option<u8> {
    let separator = [b'|', b'\t', b';', b',']
        .into_iter()
        .find(|separator| line.contains(separator))?;
    if line.len() > LONGEST {
        return None;
    }
    let mut known = false;
    for cell in cells(line, separator) {
        let cell = cell.trim_ascii();
        if cell.len() > LONGEST_TITLE || (cell.len() >= 32 && cell.iter().all(u8::is_ascii_hexdigit)) {
            return None;
        }
        known |= title(cell).is_some();
    }
    known.then_some(separator)
}

/// The cells of a line; separators in quotation marks are none.
fn cells(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |byte| {
        quoted ^= *byte == b'"';
        *byte == separator && !quoted
    })
}

/// The digest that a title names; letters and digits alone count.
fn title(cell: &[u8]) -> Option<ObservableType> {
    use ObservableType as T;
    let mut word = [0; 24];
    let mut length = 0;
    for byte in cell.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        *word.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    let word = word.get(..length)?;
    let word = [b"hash".as_slice(), b"file", b"pe", b"tls", b"ssh", b"ssl"]
        .iter()
        .find_map(|start| word.strip_prefix(*start).filter(|rest| !rest.is_empty()))
        .unwrap_or(word);
    let ends: [&[u8]; 7] = [b"hash", b"hashes", b"sum", b"digest", b"fingerprint", b"pe", b"value"];
    let name = ends
        .iter()
        .find_map(|end| word.strip_suffix(*end))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(word);
    match name {
        b"md5" => Some(T::Md5),
        b"imp" | b"imphash" | b"import" | b"importhash" => Some(T::Imphash),
        b"ja3" => Some(T::Ja3),
        b"ja3s" => Some(T::Ja3s),
        b"hassh" | b"hasshserver" => Some(T::Hassh),
        b"sha1" => Some(T::Sha1),
        b"sha256" => Some(T::Sha256),
        _ => None,
    }
}
