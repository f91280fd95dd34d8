//! pcap: a header, then records one after the other (`draft-ietf-opsawg-pcap`), and its variants.
//!
//! The variants are those that libpcap knows: nanoseconds, longer records of patched kernels, lengths in the other order
//! of old BSDs; and the two of Ixia that Wireshark knows. A file behind a file, as `cat` makes it, is read on.

use super::description::{Format, Interface, Kinds};
use super::{MOST_CAPTURED, Order, Stop, USUAL_CAPTURED, Walk, place};
use crate::bytes::array;
use crate::frame::{Frame, LinkType};
use watchfire_model::Timestamp;

/// Seconds by which times around a damaged place may differ: a year.
const NEAR: u32 = 366 * 86_400;

/// Before 1973 nothing was captured. Small numbers are frequent inside of frames, so they are no times there.
const FIRST: u32 = 100_000_000;

/// Bytes of zeros that are no records: what a file system leaves where nothing was written.
const HOLE: usize = 4096;

/// Records that must follow one another where reading goes on after damage.
const CHAIN: usize = 3;

/// What the header of a file says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pcap {
    order: Order,
    /// What one step of the second field of a time is, in nanoseconds: 1,000 or 1.
    step: u32,
    /// Bytes before the captured ones.
    header: usize,
    lengths: Lengths,
    link: LinkType,
    interface: u32,
    limit: u32,
    /// When the last good record was captured, in seconds.
    last: Option<u32>,
}

/// In which order a record gives its two lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    /// Captured, then on the wire.
    Usual,
    /// The other way round, in files before 2.3 and those of DG/UX.
    Swapped,
    /// Files of 2.3 were written both ways: the lower is what was captured.
    Lower,
}

/// The header of a record.
#[derive(Clone, Copy)]
struct Header {
    seconds: u32,
    part: u32,
    captured: u32,
    length: u32,
}

impl Pcap {
    /// Reads the header of a file. Nothing if it is another file's.
    pub(super) fn open(walk: &mut Walk<'_>) -> Result<Option<Self>, Stop> {
        let rest = walk.rest();
        let Some((order, layout)) = array(rest, 0).and_then(magic) else {
            return Ok(None);
        };
        let size = layout.file_header;
        let Some(head) = rest.get(..size) else {
            return Err(Stop::More(size));
        };
        let number16 = |at| order.at16(head, at).unwrap_or_default();
        let number32 = |at| order.at32(head, at).unwrap_or_default();
        let lengths = match (number16(4), number16(6)) {
            (2, 3) => Lengths::Lower,
            (2, ..3) | (543, 0) => Lengths::Swapped,
            _ => Lengths::Usual,
        };
        let limit = number32(16);
        let network = number32(20);
        let link = LinkType(u16::try_from(network & 0xffff).unwrap_or_default());
        let mut interface = Interface::new(link, limit);
        if network & 0x0400_0000 != 0 {
            interface.checksum_bytes = u8::try_from((network >> 28).saturating_mul(2)).ok();
        }
        let description = &mut walk.notes.description;
        description.format(layout.format);
        let interface = description.interface(interface, &mut Kinds::new());
        walk.at = walk.at.saturating_add(size);
        Ok(Some(Self {
            order,
            step: layout.step,
            header: layout.record_header,
            lengths,
            link,
            interface,
            limit,
            last: None,
        }))
    }

    /// Goes over records as long as they are whole and make sense.
    pub(super) fn walk(&mut self, walk: &mut Walk<'_>) -> Stop {
        loop {
            let Some(record) = walk.bytes.get(walk.at..) else {
                return Stop::More(self.header);
            };
            let Some(found) = self.read(record) else {
                return Stop::More(self.header);
            };
            let size = self.header.saturating_add(place(found.captured));
            if self.is_odd(found) {
                if let Some(stop) = self.doubt(record, found, size, walk.ended) {
                    return stop;
                }
            } else {
                self.last = Some(found.seconds);
            }
            if record.len() < size {
                return Stop::More(size);
            }
            walk.notes.number = walk.notes.number.wrapping_add(1);
            walk.frames.push(Frame {
                number: walk.notes.number,
                time: self.time(found),
                link: self.link,
                interface: self.interface,
                length: found.length.max(found.captured),
                // A block is far shorter than 4 GiB.
                start: crate::bytes::field(walk.at.saturating_add(self.header)),
                captured: found.captured,
            });
            walk.at = walk.at.saturating_add(size);
        }
    }

    #[inline]
    fn read(&self, record: &[u8]) -> Option<Header> {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *record.first_chunk::<16>()?;
        if record.len() < self.header {
            return None;
        }
        let one = self.order.u32([i, j, k, l]);
        let two = self.order.u32([m, n, o, p]);
        let (captured, length) = match self.lengths {
            Lengths::Usual => (one, two),
            Lengths::Swapped => (two, one),
            Lengths::Lower => (one.min(two), one.max(two)),
        };
        Some(Header {
            seconds: self.order.u32([a, b, c, d]),
            part: self.order.u32([e, f, g, h]),
            captured,
            length,
        })
    }

    fn time(&self, header: Header) -> Timestamp {
        let part = header.part.saturating_mul(self.step).min(999_999_999);
        Timestamp::new(i64::from(header.seconds), part)
    }

    /// Whether a record is one that writers do not write. Such are read where what follows makes sense.
    #[inline]
    fn is_odd(&self, header: Header) -> bool {
        header.part >= 1_000_000_000 / self.step
            || header.captured == 0
            || header.captured > USUAL_CAPTURED.min(self.limit.max(1))
            || header.captured > header.length
    }

    /// Why an odd record is not read, if it is not.
    fn doubt(&self, record: &[u8], found: Header, size: usize, ended: bool) -> Option<Stop> {
        if found.captured > MOST_CAPTURED {
            return Some(Stop::Damage("says that it has more bytes than any has"));
        }
        if found.captured == 0 && is_file_header(record) {
            return Some(Stop::Another);
        }
        if found.captured == 0 && found.seconds == 0 {
            // A few records of zeros are what libpcap takes them for, empty frames; many are a hole in the file.
            let hole = record.get(..HOLE).unwrap_or(record);
            let zeros = hole.iter().all(|byte| *byte == 0);
            if zeros && hole.len() == HOLE {
                return Some(Stop::Damage("is nothing but zeros"));
            }
            if zeros && !ended {
                return Some(Stop::More(HOLE));
            }
        }
        let Some(next) = record.get(size..).filter(|next| next.len() >= self.header) else {
            // At the end there is nothing that could make sense; libpcap reads such a record, too.
            let whole = record.len() >= size;
            return match (ended, whole) {
                (true, true) => None,
                (true, false) if found.captured > USUAL_CAPTURED => Some(Stop::Damage("goes beyond the end")),
                (true, false) => Some(Stop::More(size)),
                (false, _) => Some(Stop::More(size.saturating_add(self.header))),
            };
        };
        match self.read(next) {
            Some(next_header) if next_header.captured <= USUAL_CAPTURED || is_file_header(next) => None,
            _ => Some(Stop::Damage("makes no sense, nor does what would follow")),
        }
    }

    /// The first of `places` at which records follow one another, or one ends the file.
    pub(super) fn search(&self, bytes: &[u8], places: usize, ended: bool) -> Option<usize> {
        (0..places).find(|at| self.is_chain(bytes.get(*at..).unwrap_or_default(), ended))
    }

    fn is_chain(&self, bytes: &[u8], ended: bool) -> bool {
        let mut rest = bytes;
        let mut near = self.last;
        for _ in 0..CHAIN {
            let Some(header) = self.read(rest).filter(|header| self.is_usual(*header, near)) else {
                return false;
            };
            near = Some(header.seconds);
            let size = self.header.saturating_add(place(header.captured));
            rest = match rest.get(size..) {
                Some([]) => return ended,
                Some(rest) => rest,
                None => return false,
            };
        }
        true
    }

    /// Stricter than what is read: what stands in the middle of a frame must not look like a record.
    fn is_usual(&self, header: Header, near: Option<u32>) -> bool {
        !self.is_odd(header)
            && header.length <= MOST_CAPTURED
            && header.seconds >= FIRST
            && near.is_none_or(|near| near.abs_diff(header.seconds) <= NEAR)
    }
}

/// How a file with a known mark is laid out.
struct Layout {
    /// Nanoseconds of one step.
    step: u32,
    record_header: usize,
    file_header: usize,
    format: Format,
}

/// Whether a file may begin so.
pub(super) fn is_magic(bytes: [u8; 4]) -> bool {
    magic(bytes).is_some()
}

fn magic(bytes: [u8; 4]) -> Option<(Order, Layout)> {
    for order in [Order::Little, Order::Big] {
        let (step, record_header, file_header, format) = match order.u32(bytes) {
            0xa1b2_c3d4 => (1_000, 16, 24, Format::Pcap),
            // The second is Navtel's.
            0xa1b2_3c4d | 0xa12b_3c4d => (1, 16, 24, Format::PcapNanosecond),
            // Ixia's hardware and software, which add the length of the file.
            0x1c00_01ac | 0x1c00_01ab => (1, 16, 28, Format::PcapNanosecond),
            0xa1b2_cd34 => (1_000, 24, 24, Format::PcapModified),
            _ => continue,
        };
        let layout = Layout {
            step,
            record_header,
            file_header,
            format,
        };
        return Some((order, layout));
    }
    None
}

/// Whether a whole file begins here: its mark, version 2.4, and the two fields that are always 0.
fn is_file_header(bytes: &[u8]) -> bool {
    let Some((order, _)) = array(bytes, 0).and_then(magic) else {
        return false;
    };
    order.at16(bytes, 4) == Some(2) && order.at16(bytes, 6) == Some(4) && order.at64(bytes, 8) == Some(0)
}
