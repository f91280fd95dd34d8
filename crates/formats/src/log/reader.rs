//! Blocks of bytes in, records out, in bounded memory.
//!
//! A reader is for one input. What its records are framed by (lines, elements of JSON, events of XML, chunks of EVTX) is
//! told by the first 64 KiB; what each line is, by the line itself, and the format of the line before is asked first. So a
//! file may hold lines of many formats. Nothing is lost: a line that no format knows is a record without fields, and counted.

use super::draft::{Draft, Table};
use super::encoding::Transcoder;
use super::frame::{Frame, Framing, Quotes};
use super::lines::Lines;
use super::name::Names;
use super::record::{Fault, Record};
use super::registry::Outcome;
use super::time::Assumptions;
use super::totals::Totals;
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
            line: Lines::new(),
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
            self.line.totals.log.skipped = file.skipped();
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
