//! tar: ustar and pax (POSIX.1-2017, pax), GNU's long names, and the format from before both.
//!
//! Links, devices and pipes are listed, with where they lead; only plain files are read, sparse ones as the holes-free data that is
//! stored.

use super::outlet::{Outlet, outside};
use crate::capped::{Codec, unpack};
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem, Untrusted};

pub(super) const BLOCK: usize = 512;

/// Longest name or pax header that is looked at.
pub(super) const MAX_EXTENDED: usize = 1 << 20;

/// Whether these 512 bytes are a header: its checksum says so, and it has a name.
pub(crate) fn is_header(header: &[u8]) -> bool {
    let Some(declared) = header.get(148..156).and_then(number) else {
        return false;
    };
    // The checksum is taken with blanks in its own place. Some old programs summed signed bytes.
    let sum = |value: fn(u8) -> i64| -> i64 {
        let blanks = 8 * i64::from(b' ');
        let rest = header.iter().take(148).chain(header.iter().skip(156).take(BLOCK - 156));
        blanks + rest.map(|&byte| value(byte)).sum::<i64>()
    };
    let is_named = header.first().is_some_and(|&byte| byte != 0);
    let declared = i64::try_from(declared).unwrap_or(-1);
    is_named && (declared == sum(i64::from) || declared == sum(|byte| i64::from(byte.cast_signed())))
}

/// An octal number with blanks and zeros around it, or GNU's binary one.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if let [first @ 0x80..=0xff, rest @ ..] = field {
        let start = u64::from(first & 0x3f);
        return rest.iter().try_fold(start, |value, &byte| {
            value.checked_mul(256)?.checked_add(u64::from(byte))
        });
    }
    let digits = field.trim_ascii_start();
    let end = digits
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'7'))
        .unwrap_or(digits.len());
    let (digits, rest) = digits.split_at_checked(end)?;
    if digits.is_empty() || rest.iter().any(|byte| !matches!(byte, 0 | b' ')) {
        return None;
    }
    digits.iter().try_fold(0u64, |value, &byte| {
        value.checked_mul(8)?.checked_add(u64::from(byte - b'0'))
    })
}

pub(super) fn text(field: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    field.get(..end).unwrap_or_default()
}

/// What headers before a member say about it.
#[derive(Debug, Default)]
pub(super) struct Extended {
    pub(super) name: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    is_sparse: bool,
}

impl Extended {
    /// Reads `length key=value` lines.
    pub(super) fn read_pax(&mut self, mut records: &[u8]) {
        while let Some(blank) = memchr::memchr(b' ', records) {
            let length = records
                .get(..blank)
                .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok());
            let Some((record, rest)) = length.and_then(|length| records.split_at_checked(length)) else {
                return;
            };
            if length.is_none_or(|length| length <= blank) {
                return;
            }
            let pair = record.get(blank + 1..).unwrap_or_default();
            let pair = pair.strip_suffix(b"\n").unwrap_or(pair);
            if let Some(equals) = memchr::memchr(b'=', pair) {
                let (key, value) = (pair.get(..equals), pair.get(equals + 1..).unwrap_or_default());
                match key.unwrap_or_default() {
                    b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                    b"linkpath" => self.link = Some(value.to_vec()),
                    b"size" => self.size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()),
                    key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                    _ => {}
                }
            }
            records = rest;
        }
    }
}

/// Reads a tar file.
pub fn read(
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut outlet = Outlet::new("tar", hints, sink);
    let mut reader = Reader {
        bytes,
        at: 0,
        global: Extended::default(),
    };
    while outlet.is_open() {
        if let Err(halt) = budget.check() {
            outlet.stop(halt);
        } else if !reader.step(&mut outlet, budget) {
            break;
        }
    }
    reader.trailing(&mut outlet, budget);
    outlet.finish("")
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// From pax headers that hold for all that follows. Only what cannot differ between members is of interest.
    global: Extended,
}

impl<'a> Reader<'a> {
    /// Reads one member with all headers before it. `false` at the end.
    fn step(&mut self, outlet: &mut Outlet<'_>, budget: &Budget) -> bool {
        let mut extended = Extended::default();
        loop {
            let Some(header) = self.header(outlet) else {
                return false;
            };
            let kind = header.get(156).copied().unwrap_or_default();
            let declared = header.get(124..136).and_then(number).unwrap_or_default();
            match kind {
                b'L' => extended.name = Some(text(self.take_extended(declared)).to_vec()),
                b'K' => extended.link = Some(text(self.take_extended(declared)).to_vec()),
                b'x' | b'X' => extended.read_pax(self.take_extended(declared)),
                b'g' => {
                    let records = self.take_extended(declared);
                    self.global.read_pax(records);
                }
                _ => {
                    self.member(header, kind, declared, extended, outlet, budget);
                    return true;
                }
            }
        }
    }

    /// The next header. Zeros end the archive; anything else that is no header is skipped to the next that is one.
    fn header(&mut self, outlet: &mut Outlet<'_>) -> Option<&'a [u8]> {
        let start = self.at;
        loop {
            let header = self.bytes.get(self.at..)?.get(..BLOCK);
            let Some(header) = header else {
                if self.bytes.len() > self.at && self.bytes.iter().skip(self.at).any(|&byte| byte != 0) {
                    outlet.problem(Problem::warning(
                        "tar-truncated",
                        "the tar file ends in the middle of a header",
                    ));
                }
                return None;
            };
            if header.iter().all(|&byte| byte == 0) {
                return None;
            }
            self.at += BLOCK;
            if is_header(header) {
                if self.at - start > BLOCK {
                    let message = format!("{} bytes that are no header were skipped", self.at - start - BLOCK);
                    outlet.problem(Problem::warning("tar-damaged", message));
                }
                return Some(header);
            }
            if self.at >= self.bytes.len() {
                outlet.problem(Problem::warning(
                    "tar-damaged",
                    "no header was found where the next member should be",
                ));
                return None;
            }
        }
    }

    /// Hands on what stands behind the zeros that end the archive.
    fn trailing(&self, outlet: &mut Outlet<'_>, budget: &Budget) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(first) = rest.iter().position(|byte| *byte != 0) else {
            return;
        };
        let rest = rest.get(first..).unwrap_or_default();
        // What is no whole header was told already.
        if outlet.is_open() && first >= BLOCK {
            let at = self.at + first;
            let message = format!(
                "{} bytes stand behind the archive, at {at:#x}: they are no part of it",
                rest.len()
            );
            outlet.problem(Problem::note("tar-trailing", message));
            outlet.deliver(outside("trailing data", rest), unpack(Codec::Stored, rest, budget));
        }
    }

    /// The next `declared` bytes and the padding behind them; `false` if there are fewer.
    fn take(&mut self, declared: u64) -> (&'a [u8], bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let wanted = usize::try_from(declared).unwrap_or(usize::MAX);
        let data = rest.get(..wanted).unwrap_or(rest);
        self.at = self
            .at
            .saturating_add(wanted.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX))
            .min(self.bytes.len());
        (data, data.len() == wanted)
    }

    fn take_extended(&mut self, declared: u64) -> &'a [u8] {
        let (data, _) = self.take(declared);
        data.get(..MAX_EXTENDED).unwrap_or(data)
    }

    fn member(
        &mut self,
        header: &[u8],
        kind: u8,
        declared: u64,
        extended: Extended,
        outlet: &mut Outlet<'_>,
        budget: &Budget,
    ) {
        let name = extended
            .name
            .or_else(|| self.global.name.take())
            .unwrap_or_else(|| stored_name(header));
        let size = extended.size.unwrap_or(declared);
        let facts = MemberFacts {
            name: Untrusted::from_bytes(&name),
            size,
            packed: size,
            ..MemberFacts::default()
        };
        // Links have a size in some archives, and no data.
        if matches!(kind, b'1'..=b'6') {
            let target = extended
                .link
                .unwrap_or_else(|| text(header.get(157..257).unwrap_or_default()).to_vec());
            let target = Untrusted::from_bytes(&target);
            let what = special(kind, &target);
            let facts = MemberFacts {
                size: 0,
                packed: 0,
                links_to: matches!(kind, b'1' | b'2').then_some(target),
                ..facts
            };
            match kind {
                b'5' => outlet.list(facts, None),
                _ => outlet.list_special(facts, "tar-special", &what),
            }
            return;
        }
        if kind == b'S' {
            self.skip_sparse_map(header);
        }
        if kind == b'S' || extended.is_sparse {
            let message = format!(
                "member '{}' is sparse; its data was read without the holes",
                facts.name.raw()
            );
            outlet.problem(Problem::note("tar-sparse", message));
        }
        let (data, complete) = self.take(size);
        if size == 0 && name.ends_with(b"/") {
            outlet.list(facts, None);
            return;
        }
        let mut unpacked = unpack(Codec::Stored, data, budget);
        if !complete {
            unpacked.problem = Some(Problem::warning("tar-truncated", "the tar file ends before its data"));
        }
        outlet.deliver(facts, unpacked);
    }

    /// GNU's old sparse files put further blocks of their map between header and data.
    fn skip_sparse_map(&mut self, header: &[u8]) {
        let mut continues = header.get(482).is_some_and(|&byte| byte != 0);
        while continues {
            let Some(block) = self.bytes.get(self.at..).and_then(|rest| rest.get(..BLOCK)) else {
                return;
            };
            self.at += BLOCK;
            continues = block.get(504).is_some_and(|&byte| byte != 0);
        }
    }
}

/// What a member is that is no file.
pub(super) fn special(kind: u8, target: &Untrusted) -> String {
    match kind {
        b'1' => format!("a hard link to '{}'", target.raw()),
        b'2' => format!("a symbolic link to '{}'", target.raw()),
        b'3' => "a character device".to_owned(),
        b'4' => "a block device".to_owned(),
        _ => "a named pipe".to_owned(),
    }
}

/// The name in a header: ustar has a prefix for long ones.
pub(super) fn stored_name(header: &[u8]) -> Vec<u8> {
    let name = text(header.get(..100).unwrap_or_default());
    let is_posix = header.get(257..263) == Some(b"ustar\0");
    let prefix = if is_posix {
        text(header.get(345..500).unwrap_or_default())
    } else {
        b""
    };
    if prefix.is_empty() {
        name.to_vec()
    } else {
        [prefix, b"/", name].concat()
    }
}
