//! Blocks of bytes in, records out, in bounded memory.
//!
//! A reader is for one input. What its records are framed by (lines, elements of JSON, events of XML, chunks of EVTX) is
//! told by the first 64 KiB; what each line is, by the line itself, and the format of the line before is asked first. So a
//! file may hold lines of many formats. Nothing is lost: a line that no format knows is a record without fields, and counted.

use super::draft::{Draft, Table};
use super::encoding::Transcoder;
use super::frame::{Frame, Framing, Quotes};
use super::name::Names;
use super::record::{Fault, Record, Value, value_of};
use super::registry::{Format, LINES, Outcome};
use super::time::{Assumptions, Known};
use super::user::UserFormat;
use super::{auditd, evtx, journald, json, plain, transcript, xml};
use std::io::{self, Read};
use std::sync::Arc;
use watchfire_model::Timestamp;

/// What a reader has to be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// The time at which the log was collected, or now. Years that a log leaves out are counted back from it.
    pub as_of: Timestamp,
    /// Seconds east of Greenwich of times that state no zone; UTC where nobody knows.
    pub zone: Option<i32>,
    /// Bytes of one record at most. Longer ones are cut.
    pub longest: usize,
    /// Formats that the user described, asked before all others.
    pub user: Arc<[UserFormat]>,
}

impl Options {
    /// As of `as_of`, zones in UTC, records up to 1 MiB.
    pub fn new(as_of: Timestamp) -> Self {
        Self {
            as_of,
            zone: None,
            longest: 1 << 20,
            user: Arc::from([]),
        }
    }
}

/// What went through a reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes of the input.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// Of these, how many had no format among lines that have one.
    pub malformed: u64,
    /// How many were cut, broken off or read in parts only.
    pub incomplete: u64,
    /// How many held bytes of a code page.
    pub code_page: u64,
    /// How many have a time.
    pub timed: u64,
    /// Of these, how many did not state their zone.
    pub zone_assumed: u64,
    /// Of these, how many did not state their year.
    pub year_assumed: u64,
    /// How often a record is more than an hour older than the one before: a clock that was set, or files put together.
    pub jumps: u64,
    /// Bytes that were passed over because nothing in them could be read.
    pub skipped: u64,
    /// The earliest and the latest time.
    pub first: Option<Timestamp>,
    /// See `first`.
    pub last: Option<Timestamp>,
    /// Records of each format, in the order in which formats were met.
    pub formats: Vec<(&'static Format, u64)>,
}

impl Totals {
    fn add(&mut self, record: &Record<'_>, before: Option<Timestamp>) {
        self.records = self.records.saturating_add(1);
        let one = |count: &mut u64, is: bool| *count = count.saturating_add(u64::from(is));
        one(&mut self.malformed, record.fault == Some(Fault::Malformed));
        one(&mut self.code_page, record.fault == Some(Fault::CodePage));
        let parts = matches!(record.fault, Some(Fault::Cut | Fault::Truncated | Fault::Bounded));
        one(&mut self.incomplete, parts);
        if let Some(time) = record.time {
            one(&mut self.timed, true);
            one(&mut self.zone_assumed, time.zone == Known::Assumed);
            one(&mut self.year_assumed, time.year == Known::Assumed);
            self.first = Some(self.first.map_or(time.at, |first| first.min(time.at)));
            self.last = Some(self.last.map_or(time.at, |last| last.max(time.at)));
            one(
                &mut self.jumps,
                before.is_some_and(|before| before.since(time.at) > 3_600_000_000_000),
            );
        }
        match self
            .formats
            .iter_mut()
            .find(|(format, _)| std::ptr::eq(*format, record.format))
        {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.formats.push((record.format, 1)),
        }
    }
}

/// Takes records one by one.
pub type Sink<'a> = dyn FnMut(&Record<'_>) + 'a;

/// Bytes that are looked at before it is said what frames the records.
pub const HEAD: usize = 64 << 10;

/// See the module.
#[derive(Debug)]
pub struct Reader {
    longest: usize,
    draft: Draft,
    framing: Option<Framing>,
    transcoder: Transcoder,
    /// What is not read yet, in UTF-8 unless it is binary.
    carry: Vec<u8>,
    line: Lines,
}

/// Where the reader is, and what it has seen.
#[derive(Debug)]
struct Lines {
    /// Bytes of the input before what comes next.
    at: u64,
    /// Lines before it.
    line: u64,
    /// Who read the last line, in [`LINES`].
    current: usize,
    /// Whether any line had a format.
    has_format: bool,
    /// The end of something too long is being passed over.
    skipping: bool,
    last: Option<Timestamp>,
    totals: Totals,
    /// A line that had to be decoded.
    decoded: String,
    wide: bool,
}

impl Reader {
    /// A reader for one input.
    pub fn new(options: &Options) -> Self {
        let assumed = Assumptions::new(options.as_of, options.zone.unwrap_or_default());
        Self {
            longest: options.longest.clamp(1 << 10, 1 << 30),
            draft: Draft::new(assumed, Arc::clone(&options.user)),
            framing: None,
            transcoder: Transcoder::default(),
            carry: Vec::new(),
            line: Lines {
                at: 0,
                line: 0,
                current: 0,
                has_format: false,
                skipping: false,
                last: None,
                totals: Totals::default(),
                decoded: String::new(),
                wide: false,
            },
        }
    }

    /// The numbers of names, for programs that were compiled to them. Numbers stay.
    pub fn names_mut(&mut self) -> &mut Names {
        &mut self.draft.names
    }

    /// What went through so far.
    pub fn totals(&self) -> &Totals {
        &self.line.totals
    }

    /// Reads the next block of the input.
    pub fn push(&mut self, block: &[u8], sink: &mut Sink<'_>) {
        self.line.totals.bytes = self.line.totals.bytes.saturating_add(block.len() as u64);
        if self.framing.is_none() {
            self.carry.extend_from_slice(block);
            if self.carry.len() >= HEAD {
                self.decide(false);
                self.drain(false, sink);
            }
            return;
        }
        if self.line.wide {
            let mut text = String::new();
            self.transcoder.push(block, false, &mut text);
            self.feed(text.as_bytes(), sink);
        } else {
            self.feed(block, sink);
        }
    }

    /// Reads as far as records are whole, although more may come: whoever follows a log does not want to wait for it. What
    /// frames the records is decided by what is there, once that is a line.
    pub fn pause(&mut self, sink: &mut Sink<'_>) {
        if self.framing.is_none() {
            // Of UTF-16, too: one of the two bytes of a line end.
            if !self.carry.contains(&b'\n') {
                return;
            }
            self.decide(false);
        }
        // What ends an event of the audit log is that the next begins. Its lines are written at once.
        let is_whole = matches!(self.framing, Some(Framing::Audit)) && self.carry.ends_with(b"\n");
        self.drain(is_whole, sink);
    }

    /// Reads what is left: the input has ended.
    pub fn finish(&mut self, sink: &mut Sink<'_>) {
        if self.framing.is_none() {
            self.decide(true);
        } else if self.line.wide {
            let mut text = String::new();
            self.transcoder.push(&[], true, &mut text);
            self.carry.extend_from_slice(text.as_bytes());
        }
        self.drain(true, sink);
    }

    /// Reads all that `input` gives.
    pub fn read(&mut self, input: &mut dyn Read, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut block = vec![0; 256 << 10];
        loop {
            match input.read(&mut block) {
                Ok(0) => break,
                Ok(len) => self.push(block.get(..len).unwrap_or_default(), sink),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.finish(sink);
                    return Err(error);
                }
            }
        }
        self.finish(sink);
        Ok(())
    }

    fn decide(&mut self, is_whole: bool) {
        let head = std::mem::take(&mut self.carry);
        let (mark, wide) = Transcoder::detect(&head);
        self.line.at = mark as u64;
        let body = head.get(mark..).unwrap_or_default();
        if let Some(encoding) = wide {
            self.line.wide = true;
            self.transcoder = Transcoder::new(encoding);
            let mut text = String::new();
            self.transcoder.push(body, is_whole, &mut text);
            self.carry = text.into_bytes();
        } else {
            self.carry = body.to_vec();
        }
        // As much as is there however the input comes.
        let most = if self.line.wide { HEAD / 2 } else { HEAD };
        let framing = Framing::of(self.carry.get(..most).unwrap_or(&self.carry), is_whole);
        self.draft.header_next = matches!(framing, Framing::Lines(Quotes::HoldLines));
        self.framing = Some(framing);
    }

    /// More text behind what is carried.
    fn feed(&mut self, block: &[u8], sink: &mut Sink<'_>) {
        let mut block = block;
        if !self.carry.is_empty() {
            // Where lines frame records, only the line that was begun has to be put together; so it is with chunks.
            let cut = match self.framing {
                Some(Framing::Lines(_)) => memchr::memchr(b'\n', block).map(|at| at.saturating_add(1)),
                Some(Framing::Evtx(_)) => (evtx::CHUNK + 8).checked_sub(self.carry.len()),
                _ => None,
            };
            let (head, tail) = block
                .split_at_checked(cut.unwrap_or(block.len()))
                .unwrap_or((block, b""));
            self.carry.extend_from_slice(head);
            self.drain(false, sink);
            block = tail;
        }
        if self.carry.is_empty() && !block.is_empty() {
            let used = self.run(block, false, sink);
            self.carry.extend_from_slice(block.get(used..).unwrap_or_default());
        } else {
            self.carry.extend_from_slice(block);
            self.drain(false, sink);
        }
    }

    fn drain(&mut self, is_end: bool, sink: &mut Sink<'_>) {
        let mut text = std::mem::take(&mut self.carry);
        let used = self.run(&text, is_end, sink);
        text.drain(..used.min(text.len()));
        if self.carry.is_empty() {
            self.carry = text;
        }
    }

    /// Reads the records of `text` and returns how far that is.
    fn run(&mut self, text: &[u8], is_end: bool, sink: &mut Sink<'_>) -> usize {
        let Some(mut framing) = self.framing.take() else {
            return 0;
        };
        if let Framing::Evtx(file) = &mut framing {
            let used = file.run(text, is_end, &mut self.draft, &mut |draft, at, len| {
                let span = self.line.at.saturating_add(at as u64);
                self.line.line = self.line.line.saturating_add(1);
                self.line
                    .give(draft, "", (span, span.saturating_add(len as u64)), self.line.line, sink);
            });
            self.line.at = self.line.at.saturating_add(used as u64);
            self.line.totals.skipped = file.skipped();
            self.framing = Some(framing);
            return used;
        }
        let mut used = 0_usize;
        // Checked once for all its records, not once for each.
        let valid = match std::str::from_utf8(text) {
            Ok(valid) => valid,
            Err(error) => text
                .get(..error.valid_up_to())
                .and_then(|head| std::str::from_utf8(head).ok())
                .unwrap_or_default(),
        };
        loop {
            let rest = text.get(used..).unwrap_or_default();
            if self.line.skipping {
                let end = memchr::memchr(b'\n', rest);
                let len = end.map_or(rest.len(), |at| at.saturating_add(1));
                self.line.pass(rest.get(..len).unwrap_or_default());
                used = used.saturating_add(len);
                self.line.skipping = end.is_none();
                if self.line.skipping {
                    break;
                }
                continue;
            }
            let Some(frame) = framing.next(rest, is_end) else {
                if rest.len() <= self.longest {
                    break;
                }
                let len = cut(rest, self.longest);
                let piece = rest.get(..len).unwrap_or_default();
                self.record(
                    &framing,
                    piece,
                    valid.get(used..used.saturating_add(len)),
                    Some(Fault::Cut),
                    sink,
                );
                self.line.pass(piece);
                self.line.skipping = true;
                framing.reset();
                used = used.saturating_add(len);
                continue;
            };
            if frame.next == 0 {
                break;
            }
            used = used.saturating_add(self.frame(&framing, rest, valid.get(used..), frame, sink));
        }
        self.framing = Some(framing);
        used
    }

    /// Reads one frame at the beginning of `rest` and passes over it.
    #[inline]
    fn frame(
        &mut self,
        framing: &Framing,
        rest: &[u8],
        valid: Option<&str>,
        frame: Frame,
        sink: &mut Sink<'_>,
    ) -> usize {
        let Frame {
            start,
            end,
            next,
            is_broken,
        } = frame;
        let is_line = matches!(framing, Framing::Lines(Quotes::Letters));
        if start > 0 {
            self.line.pass(rest.get(..start).unwrap_or_default());
        }
        let piece = rest.get(start..end).unwrap_or_default();
        let fault = if piece.len() > self.longest {
            Some(Fault::Cut)
        } else if is_broken {
            Some(Fault::Truncated)
        } else {
            None
        };
        let shown = if fault == Some(Fault::Cut) {
            cut(piece, self.longest)
        } else {
            piece.len()
        };
        if !piece.is_empty() {
            let text = valid.and_then(|valid| valid.get(start..start.saturating_add(shown)));
            self.record(framing, piece.get(..shown).unwrap_or_default(), text, fault, sink);
        }
        let whole = rest.get(start..next).unwrap_or_default();
        if is_line && !self.line.wide {
            self.line.at = self.line.at.saturating_add(whole.len() as u64);
            self.line.line = self.line.line.saturating_add(u64::from(whole.ends_with(b"\n")));
        } else {
            self.line.pass(whole);
        }
        next
    }

    /// Reads one record.
    #[inline]
    fn record(
        &mut self,
        framing: &Framing,
        piece: &[u8],
        valid: Option<&str>,
        fault: Option<Fault>,
        sink: &mut Sink<'_>,
    ) {
        let from = self.line.at;
        let to = from.saturating_add(self.line.width(piece));
        let line = self.line.line.saturating_add(1);
        if matches!(framing, Framing::Journal) {
            // Its values are bytes behind their lengths, whatever they are.
            self.draft.begin(&[]);
            let text = std::str::from_utf8(piece).unwrap_or_default();
            if !journald::entry(piece, &mut self.draft) {
                self.draft.fault = Some(Fault::Malformed);
            }
            self.draft.fault = fault.or(self.draft.fault);
            return self.line.give(&mut self.draft, text, (from, to), line, sink);
        }
        match valid.map_or_else(|| std::str::from_utf8(piece), Ok) {
            Ok(text) => {
                if self.parse(framing, text, fault) {
                    self.line.give(&mut self.draft, text, (from, to), line, sink);
                }
            }
            Err(_) => {
                let mut text = std::mem::take(&mut self.line.decoded);
                text.clear();
                super::encoding::code_page(piece, &mut text);
                if self.parse(framing, &text, fault.or(Some(Fault::CodePage))) {
                    self.line.give(&mut self.draft, &text, (from, to), line, sink);
                }
                self.line.decoded = text;
            }
        }
    }

    /// Whether `text` is a record.
    #[inline]
    fn parse(&mut self, framing: &Framing, text: &str, fault: Option<Fault>) -> bool {
        let draft = &mut self.draft;
        draft.begin(text.as_bytes());
        let outcome = match framing {
            Framing::Lines(_) | Framing::Octets => self.line.line(text.as_bytes(), draft),
            Framing::Json(_) if json::object(text.as_bytes(), draft) => Outcome::Record,
            Framing::Xml if xml::event(text.as_bytes(), draft) => Outcome::Record,
            Framing::Audit if auditd::event(text.as_bytes(), draft) => Outcome::Record,
            Framing::Transcript if transcript::block(text.as_bytes(), draft) => Outcome::Record,
            _ => Outcome::No,
        };
        if outcome == Outcome::Header {
            return false;
        }
        if outcome == Outcome::No {
            draft.begin(text.as_bytes());
            plain::text(text.as_bytes(), draft);
            if self.line.has_format || !framing.is_lines() {
                draft.fault = Some(Fault::Malformed);
            }
        }
        // What is wrong with the whole says more than what is wrong with a part.
        if fault.is_some() && (draft.fault.is_none() || fault != Some(Fault::CodePage)) {
            draft.fault = fault;
        }
        true
    }

    /// A reader for another part of the same input, which begins at byte `at`, behind `line` lines: what this one learnt of
    /// the input so far, it knows too. Nothing, where a part cannot be read without the one before it. Parts begin behind a
    /// line end; of event logs of Windows, at a multiple of [`super::CHUNK`] behind [`super::EVTX_HEADER`], and the numbers of
    /// their records begin anew.
    pub fn fork(&self, options: &Options, at: u64, line: u64) -> Option<Self> {
        let stands_alone = matches!(self.framing, Some(Framing::Lines(Quotes::Letters) | Framing::Evtx(_)));
        if self.line.wide || !stands_alone {
            return None;
        }
        let mut other = Self::new(options);
        other.draft.table = Table::clone(&self.draft.table);
        other.draft.names = self.draft.names.clone();
        other.framing = self.framing.as_ref().map(|framing| match framing {
            Framing::Evtx(_) if at > 0 => Framing::Evtx(Box::new(evtx::File::inside())),
            Framing::Evtx(_) => Framing::Evtx(Box::default()),
            framing => framing.clone(),
        });
        other.line.at = at;
        other.line.line = line;
        other.line.current = self.line.current;
        other.line.has_format = self.line.has_format;
        Some(other)
    }

    /// Whether its records have lines; others are counted.
    pub fn has_lines(&self) -> bool {
        !matches!(self.framing, Some(Framing::Evtx(_)))
    }
}

/// Where a piece of `most` bytes may end without breaking a letter.
fn cut(text: &[u8], most: usize) -> usize {
    let mut end = most.min(text.len());
    for _ in 0..3 {
        if text.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
            end = end.saturating_sub(1);
        }
    }
    end
}

impl Lines {
    /// Counts what was passed.
    #[inline]
    fn pass(&mut self, text: &[u8]) {
        let lines = match text {
            [] => 0,
            [b'\n'] => 1,
            [.., b'\n'] if memchr::memchr(b'\n', text) == Some(text.len().wrapping_sub(1)) => 1,
            _ => memchr::memchr_iter(b'\n', text).count(),
        };
        self.line = self.line.saturating_add(lines as u64);
        self.at = self.at.saturating_add(self.width(text));
    }

    /// Bytes of the input that `text` stood in.
    #[inline]
    fn width(&self, text: &[u8]) -> u64 {
        if !self.wide {
            return text.len() as u64;
        }
        let units = |byte: &u8| match byte {
            0x80..=0xbf => 0,
            0xf0.. => 2,
            _ => 1_u64,
        };
        text.iter().map(units).sum::<u64>().saturating_mul(2)
    }

    /// Offers a line to the formats, first to that of the line before.
    #[inline]
    fn line(&mut self, text: &[u8], draft: &mut Draft) -> Outcome {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Outcome::Header;
        }
        if draft.user.is_empty()
            && let Some(read) = LINES.get(self.current)
        {
            match read(text, draft) {
                Outcome::No => draft.begin(text),
                outcome => return outcome,
            }
        }
        for (index, read) in LINES.iter().enumerate() {
            match read(text, draft) {
                Outcome::No => draft.begin(text),
                outcome => {
                    // What is told by little does not come first for the next line.
                    self.current = if index < super::registry::LINES_SURE { index } else { 0 };
                    self.has_format = true;
                    return outcome;
                }
            }
        }
        Outcome::No
    }

    #[inline]
    fn give(&mut self, draft: &mut Draft, text: &str, span: (u64, u64), line: u64, sink: &mut Sink<'_>) {
        let draft = &*draft;
        let message = draft.message.and_then(|raw| match value_of(raw, text, &draft.scratch) {
            Value::Text("") => None,
            Value::Text(message) => Some(message),
            _ => None,
        });
        let record = Record {
            format: draft.format.unwrap_or(&plain::TEXT),
            envelope: draft.envelope,
            span,
            line,
            time: draft.time,
            message,
            fault: draft.fault,
            text,
            scratch: &draft.scratch,
            carried: &draft.carried,
            fields: &draft.fields,
            names: &draft.names,
        };
        self.totals.add(&record, self.last);
        self.last = record.time.map(|time| time.at).or(self.last);
        sink(&record);
    }
}

/// The format of most of what `head` holds, where it is a log of a known format. `head` is the beginning of a file; what of
/// it ends in the middle of a record is left out.
pub fn recognise(head: &[u8]) -> Option<&'static Format> {
    if evtx::is(head) {
        return Some(&evtx::FORMAT);
    }
    let head = head.get(..HEAD).unwrap_or(head);
    let mut counts: Vec<(&'static Format, u64)> = Vec::new();
    let mut known = 0_u64;
    // The last line may be cut.
    let end = if head.len() == HEAD {
        head.len()
    } else {
        memchr::memrchr(b'\n', head).map_or(head.len(), |at| at + 1)
    };
    let mut reader = Reader::new(&Options::new(Timestamp::default()));
    let mut count = |record: &Record<'_>| {
        let format = record.format;
        let is_known = format.is_sure() && record.fault != Some(Fault::Malformed);
        known = known.saturating_add(u64::from(is_known));
        if is_known {
            match counts.iter_mut().find(|(other, _)| *other == format) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((format, 1)),
            }
        }
    };
    reader.push(head.get(..end).unwrap_or_default(), &mut count);
    reader.finish(&mut count);
    let all = reader.totals().records;
    let best = counts.iter().max_by_key(|(_, count)| *count).map(|(format, _)| *format);
    best.filter(|_| known.saturating_mul(10) >= all.saturating_mul(7))
}
