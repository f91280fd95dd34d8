//! Reads one word at a time and decides what stands in it.
//!
//! Reading goes from left to right; whatever was recognised is not read again, and every look back or ahead is bounded
//! by a constant or by what was recognised last. That is why the whole is linear.

mod address;
mod host;

use crate::chain::Chain;
use crate::columns::Columns;
use crate::found::{Found, Sink};
use crate::keyword::{self, Before};
use crate::options::Policy;
use crate::scan::Words;
use crate::scheme;
use crate::separator::{self, Form};
use crate::text::{ALNUM, BLANK, BRACKET, DIGIT, HIGH, HOST, Text, is};
use crate::{agent, block, code, dashed, decode, email, escape, file_url, foreign, hash, ids, ip, path, six, wallet};
use watchfire_model::{ObservableType, TypeSet};

/// What begins a control sequence of a terminal.
const ESCAPE: u8 = 0x1B;

/// The state of reading one block.
pub(crate) struct Reader<'r, 't, S> {
    pub(crate) text: Text<'t>,
    pub(crate) sink: &'r mut S,
    pub(crate) types: TypeSet,
    pub(crate) policy: Policy,
    /// Clean text under construction.
    pub(crate) scratch: &'r mut Vec<u8>,
    /// Nothing before this is read again.
    pub(crate) floor: usize,
    /// The text was decoded from another: nothing is decoded again.
    pub(crate) nested: bool,
    /// Reading the current word looked beyond it: the result holds here only.
    pub(crate) outside: bool,
    /// A keyword before the current word would have mattered; there was none.
    pub(crate) keyword: bool,
    /// The titles of the table around, if there is one.
    pub(crate) columns: Columns,
    word: (usize, usize),
    origin: usize,
    ahead: usize,
}

impl<'r, 't, S: Sink> Reader<'r, 't, S> {
    /// A reader of the words from `origin` on.
    pub(crate) fn new(
        text: Text<'t>,
        origin: usize,
        sink: &'r mut S,
        options: (TypeSet, Policy),
        scratch: &'r mut Vec<u8>,
    ) -> Self {
        Self {
            text,
            sink,
            types: options.0,
            policy: options.1,
            scratch,
            floor: origin,
            nested: false,
            outside: false,
            keyword: false,
            columns: Columns::default(),
            word: (0, 0),
            origin,
            ahead: 0,
        }
    }

    /// A reader of decoded text.
    pub(crate) fn nested(
        text: Text<'t>,
        sink: &'r mut S,
        types: TypeSet,
        policy: Policy,
        scratch: &'r mut Vec<u8>,
    ) -> Self {
        Self {
            nested: true,
            ..Self::new(text, 0, sink, (types, policy), scratch)
        }
    }

    /// The words of `range` that are worth reading.
    pub(crate) fn words(&self, range: std::ops::Range<usize>) -> Words<'t> {
        let digits = TypeSet::EMPTY.with(ObservableType::Card).with(ObservableType::Phone);
        Words::new(self.text, range.start, range.end).every(self.types.intersects(digits))
    }

    /// Whether looking far ahead is still cheap against what has been read. Keeps the whole linear.
    pub(crate) fn may_look_ahead(&self) -> bool {
        self.ahead <= 2 * block::MOST + 8 * (self.floor - self.origin)
    }

    /// Notes that `bytes` were looked at ahead of reading.
    pub(crate) fn looked_ahead(&mut self, bytes: usize) {
        self.ahead += bytes;
    }

    /// Reads the word `start..end`; returns the index up to which the text has been read.
    #[inline]
    pub(crate) fn word(&mut self, start: usize, end: usize) -> usize {
        (self.outside, self.keyword, self.word) = (false, false, (start, end));
        self.text = self.text.behind(0);
        let mut at = self.joined_start(start);
        while at < end {
            let next = match self.text.at(at) {
                // What ended a label.
                0x80.. if foreign::is_mark(self.text, at) => at,
                byte if is(byte, HOST) => self.chain(at),
                _ => self.mark(at),
            };
            // Punctuation beyond ASCII makes a label of no length.
            at = next.max(at + 1);
            self.floor = at;
        }
        at
    }

    /// Where the word `start` begins behind the sequence that an escape character began: a colour, the end of a title.
    #[cold]
    fn behind_control_sequence(&mut self, start: usize) -> usize {
        let ends_string = start + usize::from(self.text.at(start) == b'\\');
        let at = escape::control_sequence(self.text, start).unwrap_or(ends_string);
        self.text = self.text.behind(at);
        at
    }

    /// Where the word `start` begins behind an escape of PowerShell: "`n". In Markdown nothing stands before the mark that opens,
    /// and a mark that closes stands behind.
    #[cold]
    fn behind_backtick(&mut self, start: usize) -> usize {
        let text = self.text;
        let opens = text.before(start - 1);
        self.outside = true;
        if text.at(self.word.1) == b'`' && !is(text.at(self.word.1 + 1), ALNUM) || !(is(opens, ALNUM) || opens == b'"')
        {
            return start;
        }
        self.text = text.behind(start + 1);
        start + 1
    }

    /// Reads on behind what ends at `end` and says nothing about what follows.
    fn apart(&mut self, end: usize) -> Option<usize> {
        self.text = self.text.behind(end);
        Some(end)
    }

    /// A path of Windows, or an escape.
    fn backslash(&mut self, at: usize) -> Option<usize> {
        if let Some(end) = path::unc(self, at) {
            return Some(end);
        }
        let escape = escape::read(self.text, self.word.0, at)?;
        self.outside |= escape.outside;
        if escape.end > at { self.apart(escape.end) } else { None }
    }

    /// Reads on from a byte that cannot begin a name.
    #[inline]
    fn mark(&mut self, at: usize) -> usize {
        let end = match self.text.at(at) {
            b'/' | b'~' => path::unix(self, at),
            b'\\' => self.backslash(at),
            b'%' => path::environment(self, at).or_else(|| Some(decode::escaped_separator(self.text, at)?.1)),
            b':' if self.text.at(at + 1) == b':' => ip::six(self, at),
            b'[' | b'(' | b'{' if self.text.at(at + 1) == b':' => six::defanged(self, at),
            b'[' if is(self.text.at(at + 1), DIGIT) => escape::colour(self.text, at).and_then(|end| self.apart(end)),
            b'^' if self.text.at(at + 1) == b'[' => {
                escape::control_sequence(self.text, at + 2).and_then(|end| self.apart(end))
            }
            b'#' => escape::numbered(self.text, at).and_then(|end| self.apart(end)),
            b'+' if self.types.contains(ObservableType::Phone) => ids::phone(self, at),
            _ => None,
        };
        end.unwrap_or(at + 1)
    }

    /// Reads on from the first byte of a label.
    #[inline]
    fn chain(&mut self, start: usize) -> usize {
        // Hyphens in front belong to the sentence or to an option, except in armour.
        if self.text.at(start) == b'-' {
            return block::armour(self, start).unwrap_or(start + 1);
        }
        let mut start = start;
        if is(self.text.at(start), HIGH)
            && let Some(digits) = Chain::glued_address(self.text, start)
        {
            self.text = self.text.behind(digits);
            start = digits;
        }
        let chain = Chain::read(self.text, start);
        self.half(&chain);
        if let Some(end) = self.url(&chain) {
            return end;
        }
        if !self.policy.refang && !chain.is_plain() {
            // Only the labels before the first disguised dot.
            let end = chain.first_end(self.text);
            return if chain.labels > 1 && end < chain.end {
                self.single(start, end)
            } else {
                self.named_or_single(chain)
            };
        }
        self.named_or_single(chain)
    }

    /// Whether a bracket before a dot disguises it can depend on where the other half stands.
    #[inline]
    fn half(&mut self, chain: &Chain) {
        self.outside |= chain.half;
        if separator::closes_before_dot(self.text, chain.end) {
            self.outside |= separator::opener(self.text, chain.end).is_none_or(|open| open < self.word.0);
        }
    }

    #[inline]
    fn named_or_single(&mut self, chain: Chain) -> usize {
        if chain.labels == 1 {
            return self.single(chain.start, chain.end);
        }
        if (chain.numeric || is(self.text.at(chain.start), DIGIT))
            && let Some(end) = ip::four(self, &chain)
        {
            return end;
        }
        self.named(chain)
    }

    /// A URL whose scheme is the last label of `chain`.
    #[inline]
    fn url(&mut self, chain: &Chain) -> Option<usize> {
        let text = self.text;
        let next = text.at(chain.end);
        if matches!(next, b'\\' | b'&')
            && let Some(host) = email::escaped_sign(text, chain.end)
        {
            return decode::email(self, chain.end, host);
        }
        // "http__a[.]b": the underscores make scheme and host one label.
        let glued = matches!(text.at(chain.start), b'h' | b'H' | b'f' | b'F')
            && (3..=5).any(|i| text.at(chain.start + i) == b'_' && text.at(chain.start + i + 1) == b'_');
        // Most names end before a delimiter, a comma or a dot; none of them can follow a scheme.
        let possible = glued
            || match next {
                b':' if text.at(chain.end + 1) == b'%' => return decode::percent(self, chain.last, chain.end),
                b':' => matches!(
                    text.at(chain.end + 1),
                    b'/' | b'\\' | b'_' | b'[' | b']' | b')' | b'}' | b' ' | b'('
                ),
                b'[' | b'(' | b'{' if text.at(chain.end + 1) == b':' => true,
                b'[' | b'(' | b'{' | b')' | b']' | b'}' | b'!' | b'@' | b'&' | b'/' | b'\\' | b' ' | b'\t' | b'*' => {
                    matches!(
                        text.at(chain.last),
                        b'h' | b'H' | b'f' | b'F' | b'm' | b'x' | b's' | b't' | b'u' | b'w'
                    )
                }
                b'%' => return decode::percent(self, chain.last, chain.end),
                _ => false,
            };
        if !possible {
            return None;
        }
        if next == b':' && file_url::begins(text, chain.last) {
            return Some(file_url::read(self, chain.last));
        }
        let (from, to) = if glued {
            (chain.start, text.skip(chain.start, chain.end, HOST))
        } else {
            (chain.last, chain.end)
        };
        let scheme = scheme::read(text, from, to)?;
        if !self.policy.refang && scheme.form != Form::Plain {
            return None;
        }
        self.read_url(&scheme)
    }

    /// A word that begins with a dot, or is one in words, continues the word before it: "example .com", "example dot
    /// com". That word had nothing in it to be read for.
    #[inline]
    fn joined_start(&mut self, start: usize) -> usize {
        let text = self.text;
        let before = text.before(start);
        if before == ESCAPE {
            return self.behind_control_sequence(start);
        }
        if before == b'`' && matches!(text.at(start), b'n' | b'r' | b't' | b'0') {
            return self.behind_backtick(start);
        }
        let scheme = text.at(start) == b':' && text.at(start + 1) == b'/';
        let word = || {
            [b"dot".as_slice(), b"punto", b"punkt"]
                .iter()
                .any(|word| text.is_word(start, word))
        };
        let joins = scheme || matches!(text.at(start), b'.' | b'[' | b'(' | b'{') || word();
        if text.at(start) == b'.' && before == b'<' && text.at(start + 1) == b'>' {
            self.outside = true;
            let lowest = start.saturating_sub(65).max(self.floor);
            return text.skip_back(start - 1, lowest.min(start - 1), HOST);
        }
        if !joins || !is(before, BLANK) {
            return start;
        }
        let end = text.skip_back(start, start.saturating_sub(12), BLANK | BRACKET);
        let joined = scheme || separator::dot(text, end).is_some();
        // Brackets alone may be closed by the next word, and behind another word a dot might have joined.
        self.outside |= joined || self.word.1 - start <= 2 || separator::may_be_dot(text, start);
        let word = text.skip_back(end, end.saturating_sub(64).max(self.floor), HOST);
        if word < end && joined { word } else { start }
    }

    /// Reads only what begins with a scheme; for decoded text, where a bare name would be chance.
    pub(crate) fn urls_only(&mut self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end {
            let label = self.text.skip(at, end, HOST);
            let scheme = if label > at {
                scheme::read(self.text, at, label)
            } else {
                None
            };
            let read = scheme.and_then(|scheme| self.read_url(&scheme));
            at = read.unwrap_or(label.max(at + 1));
            self.floor = at;
        }
        at
    }

    pub(crate) fn emit(&mut self, found: Found<'_>) -> bool {
        self.types.contains(found.kind) && self.sink.found(found)
    }

    /// A chain of several labels that is no address: a domain, an e-mail address, a file name.
    fn named(&mut self, chain: Chain) -> usize {
        if let Some(local) = self.local_before(&chain)
            && let Some(end) = self.email(&chain, &local)
        {
            return end;
        }
        if let Some(end) = ids::chain(self, &chain) {
            return end;
        }
        if agent::begins(self.text, &chain)
            && let Some(end) = agent::read(self, chain.start)
        {
            return end;
        }
        if code::is_detection(self.text, &chain) {
            // "Exploit.CVE-2015-2424.a"
            return self.after_labels(&chain);
        }
        match chain.domain(self.text) {
            Some(domain) => self.domain(&domain),
            None => {
                self.file_name(&chain);
                self.after_labels(&chain)
            }
        }
    }

    /// Labels that form nothing together may each be something.
    fn after_labels(&mut self, chain: &Chain) -> usize {
        let text = self.text;
        let mut at = chain.start;
        while at < chain.end {
            let end = text.label(at).0.min(chain.end);
            if end > at {
                let read = self.single(at, end);
                if read > chain.end {
                    return read;
                }
                at = end;
            } else {
                at += 1;
            }
        }
        chain.end
    }

    /// One label alone: hashes, wallets, catalogue numbers, and the starts of longer things.
    #[inline]
    pub(crate) fn single(&mut self, start: usize, end: usize) -> usize {
        let text = self.text;
        // A letter of another script in front is the sentence's: identifiers are of ASCII.
        let start = if is(text.at(start), HIGH) {
            text.skip(start, end, HIGH)
        } else {
            start
        };
        let length = end - start;
        match text.at(end) {
            b':' => {
                if let Some(read) = ids::before_colon(self, start, end) {
                    return read;
                }
            }
            b'\\' => {
                if let Some(read) = path::after_name(self, start, end) {
                    return read;
                }
            }
            b'/' => {
                if let Some(read) = agent::read(self, start).or_else(|| agent::fetcher(self, start, end)) {
                    return read;
                }
            }
            b'[' | b'(' | b'{' if length <= 4 && text.at(end + 1) == b':' => {
                if let Some(read) = six::defanged(self, start) {
                    return read;
                }
            }
            b'@' => return end,
            b'=' | b'"' | b'\'' if agent::is_header(text, start, end) => {
                if let Some(read) = agent::header(self, end) {
                    return read;
                }
            }
            _ => {}
        }
        if length >= 24 {
            if let Some(read) = decode::run(self, start, end) {
                return read;
            }
            if hash::label(self, start, end) || wallet::label(self, start, end) {
                return end;
            }
        } else if length >= decode::SHORTEST && decode::begins(text, start) {
            if let Some(read) = decode::run(self, start, end) {
                return read;
            }
        } else if length <= 6 {
            if let Some(read) = block::word(self, start, end) {
                return read;
            }
            if let Some(read) = decode::split_base64(self, start, end) {
                return read;
            }
        }
        if dashed::label(self, start, end) {
            return end;
        }
        ids::label(self, start, end).unwrap_or(end)
    }

    /// The words before `at`.
    pub(crate) fn before(&mut self, at: usize) -> Before {
        let start = self.word.0;
        let before = Before::read(self.text, at);
        // An escape may hide letters.
        self.outside |= self.text.is_walled();
        // Words before are not looked for further away than this.
        let start = start.max(at.saturating_sub(keyword::REACH));
        if at > start && self.text.slice(start, at).iter().any(|byte| is(*byte, ALNUM)) {
            self.outside |= keyword::points_back(before.nearest());
        } else {
            self.keyword = true;
            // Marks in front of the value take from the reach of a keyword.
            self.outside |= at > start && keyword::context(self.text, start) != 0;
        }
        before
    }

    /// Notes that something was looked for behind the word, if it could go on there.
    pub(crate) fn looks_behind(&mut self) {
        self.outside |= is(self.text.at(self.word.1), BLANK) || self.text.at(self.word.1) == b'<';
    }
}

/// Whether `byte` may stand directly before or after an identifier.
pub(crate) fn is_edge(byte: u8) -> bool {
    !is(byte, ALNUM) && byte != b'_'
}
