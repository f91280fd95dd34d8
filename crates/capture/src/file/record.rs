//! pcapng: blocks that each say how long they are (`draft-ietf-opsawg-pcapng`).
//!
//! Read are section headers, interfaces, packets of all three kinds, names, statistics and decryption secrets, with the
//! options that matter. Others are passed over: custom blocks, journal entries, events of Sysdig.

use super::block::{self, COMMENT};
use super::description::{Format, Interface, Kinds, Secrets, Settings, written};
use super::{MOST_CAPTURED, MOST_LEARNED, Notes, Order, Stop, USUAL_CAPTURED, Walk, place};
use crate::KeyLog;
use crate::bytes::array;
use crate::frame::{Frame, LinkType};
use std::net::IpAddr;
use std::sync::Arc;
use watchfire_model::{Problem, Timestamp};

/// Interfaces of a section; the old packet block can name no more.
const MOST_INTERFACES: usize = 1 << 16;

/// Bytes of a block besides what was captured: options and the like.
const AROUND: u32 = 1 << 16;

/// Where a section stands.
pub(super) struct Records {
    order: Order,
    interfaces: Vec<Source>,
    /// How many of each kind there are.
    kinds: Kinds,
    /// When the last frame was captured, for those that do not say it.
    last: Timestamp,
}

/// What an interface says about its frames.
#[derive(Clone, Copy, Debug)]
struct Source {
    link: LinkType,
    number: u32,
    limit: u32,
    clock: Clock,
    /// Seconds to add.
    shift: i64,
}

/// What one step of a time is.
#[derive(Clone, Copy, Debug)]
enum Clock {
    /// So many nanoseconds.
    Multiply(u64),
    /// So many are one nanosecond.
    Divide(u64),
    /// 2 to this power are one second.
    Binary(u32),
}

impl Default for Records {
    fn default() -> Self {
        Self {
            order: Order::Little,
            interfaces: Vec::new(),
            kinds: Kinds::new(),
            last: Timestamp::default(),
        }
    }
}

impl Records {
    /// Goes over blocks as long as they are whole and make sense.
    pub(super) fn walk(&mut self, walk: &mut Walk<'_>) -> Stop {
        loop {
            let Some(bytes) = walk.bytes.get(walk.at..) else {
                return Stop::More(12);
            };
            let Some([a, b, c, d, e, f, g, h, ..]) = bytes.first_chunk::<12>().copied() else {
                return Stop::More(12);
            };
            if [a, b, c, d] == block::SECTION {
                match array(bytes, 8).and_then(section_order) {
                    Some(order) => self.order = order,
                    None => return Stop::Damage("is a section header of no byte order"),
                }
            }
            let kind = self.order.u32([a, b, c, d]);
            let Some(size) = self.size([e, f, g, h]) else {
                return Stop::Damage("is a block of impossible length");
            };
            let Some(whole) = bytes.get(..size) else {
                return if walk.ended && size > place(USUAL_CAPTURED + AROUND) {
                    Stop::Damage("is a block that goes beyond the end")
                } else {
                    Stop::More(size)
                };
            };
            if whole.last_chunk() != Some(&[e, f, g, h]) {
                match self.follows(bytes, size, walk.ended) {
                    Some(true) => walk.notes.warn(
                        "capture-block",
                        format!(
                            "the block at byte {} ends with another length than it begins with",
                            walk.here()
                        ),
                    ),
                    Some(false) => return Stop::Damage("is a block that does not end where it says"),
                    None => return Stop::More(size.saturating_add(12)),
                }
            }
            // Secrets are for what follows, whatever is in a block.
            if kind == block::SECRETS && !walk.frames.is_empty() && walk.notes.learned < MOST_LEARNED {
                return Stop::Pause;
            }
            let body = whole.get(8..size.saturating_sub(4)).unwrap_or_default();
            self.block(kind, body, walk);
            walk.at = walk.at.saturating_add(size);
        }
    }

    /// The bytes of a block, if it can be that long. Blocks are multiples of four bytes; some writers forget it in
    /// what they say, not in what they write.
    #[inline]
    fn size(&self, length: [u8; 4]) -> Option<usize> {
        let length = self.order.u32(length);
        let padded = length.checked_add(3)? & !3;
        (12..=MOST_CAPTURED + AROUND).contains(&padded).then(|| place(padded))
    }

    /// Whether behind `size` bytes another block begins or the file ends. Nothing if that cannot be seen.
    fn follows(&self, bytes: &[u8], size: usize, ended: bool) -> Option<bool> {
        let next = bytes.get(size..).unwrap_or_default();
        if next.len() < 12 {
            return ended.then_some(next.is_empty());
        }
        let kind = self.order.at32(next, 0).unwrap_or_default();
        let size = array(next, 4).and_then(|length| self.size(length));
        Some(block::is_known(kind) && (kind == block::SECTION_HEADER || size.is_some()))
    }

    fn block(&mut self, kind: u32, body: &[u8], walk: &mut Walk<'_>) {
        match kind {
            block::ENHANCED_PACKET => self.enhanced(body, walk),
            block::SIMPLE_PACKET => self.simple(body, walk),
            block::OLD_PACKET => self.old(body, walk),
            block::SECTION_HEADER => self.section(body, walk.notes),
            block::INTERFACE => self.interface(body, walk.notes),
            block::NAMES => self.names(body, walk.notes),
            block::STATISTICS => self.statistics(body, walk.notes),
            block::SECRETS => self.secrets(body, walk.notes),
            _ => {}
        }
    }

    fn settings<'a>(&self, bytes: &'a [u8]) -> Settings<'a> {
        let order = self.order;
        Settings { bytes, order }
    }

    fn section(&mut self, body: &[u8], notes: &mut Notes) {
        self.interfaces.clear();
        self.kinds.clear();
        notes.description.format(Format::PcapNg);
        for (number, value) in self.settings(body.get(16..).unwrap_or_default()) {
            match number {
                COMMENT => notes.description.comment(None, value),
                3 => notes.description.system(value),
                4 => notes.description.application(value),
                _ => {}
            }
        }
    }

    fn interface(&mut self, body: &[u8], notes: &mut Notes) {
        let (Some(link), Some(limit)) = (self.order.at16(body, 0), self.order.at32(body, 4)) else {
            return;
        };
        if self.interfaces.len() >= MOST_INTERFACES {
            notes.description.left_out = notes.description.left_out.saturating_add(1);
            return;
        }
        let mut described = Interface::new(LinkType(link), limit);
        let mut clock = Clock::Multiply(1_000);
        let mut shift = 0;
        for (number, value) in self.settings(body.get(8..).unwrap_or_default()) {
            match number {
                COMMENT => notes.description.comment(None, value),
                2 => described.name = Some(written(value)),
                3 => described.description = Some(written(value)),
                9 => clock = value.first().map_or(clock, |step| Clock::new(*step)),
                // The first byte says how the filter is written: 0 is text.
                11 => described.filter = value.strip_prefix(&[0]).map(written),
                13 => described.checksum_bytes = value.first().copied(),
                14 => shift = self.order.at64(value, 0).map_or(0, u64::cast_signed),
                _ => {}
            }
        }
        self.interfaces.push(Source {
            link: described.link,
            number: notes.description.interface(described, &mut self.kinds),
            limit,
            clock,
            shift,
        });
    }

    /// Enhanced packet block: interface, time, captured, length, bytes, options.
    #[inline]
    fn enhanced(&mut self, body: &[u8], walk: &mut Walk<'_>) {
        let Some([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t]) = body.first_chunk::<20>().copied()
        else {
            return short(walk);
        };
        let order = self.order;
        let Some(source) = self.interfaces.get(place(order.u32([a, b, c, d]))).copied() else {
            return nameless(walk);
        };
        let ticks = u64::from(order.u32([e, f, g, h])) << 32 | u64::from(order.u32([i, j, k, l]));
        self.last = source.time(ticks);
        let captured = order.u32([m, n, o, p]);
        let options = self.push(body, 20, captured, order.u32([q, r, s, t]), source, walk);
        if !options.is_empty() {
            for (number, value) in self.settings(options) {
                remark(number, value, order, walk.notes);
            }
        }
    }

    /// Simple packet block: of the first interface, without a time. It gets that of the frame before.
    fn simple(&mut self, body: &[u8], walk: &mut Walk<'_>) {
        let Some(length) = self.order.at32(body, 0) else {
            return short(walk);
        };
        let Some(source) = self.interfaces.first().copied() else {
            return nameless(walk);
        };
        let limit = if source.limit == 0 { u32::MAX } else { source.limit };
        let there = crate::bytes::field(body.len().saturating_sub(4));
        self.push(body, 4, length.min(limit).min(there), length, source, walk);
    }

    /// Packet block of the first drafts: interface, drops, then like the enhanced one.
    fn old(&mut self, body: &[u8], walk: &mut Walk<'_>) {
        let order = self.order;
        let number = |at| order.at32(body, at);
        let (Some(interface), Some(high), Some(low), Some(captured), Some(length)) =
            (order.at16(body, 0), number(4), number(8), number(12), number(16))
        else {
            return short(walk);
        };
        let Some(source) = self.interfaces.get(usize::from(interface)).copied() else {
            return nameless(walk);
        };
        self.last = source.time(u64::from(high) << 32 | u64::from(low));
        let options = self.push(body, 20, captured, length, source, walk);
        for (number, value) in self.settings(options) {
            remark(number, value, order, walk.notes);
        }
    }

    /// One frame, whose bytes stand in the block's `body` at `at`. Gives the options behind it.
    #[inline]
    fn push<'a>(
        &self,
        body: &'a [u8],
        at: usize,
        captured: u32,
        length: u32,
        source: Source,
        walk: &mut Walk<'_>,
    ) -> &'a [u8] {
        let there = body.len().saturating_sub(at);
        let kept = captured.min(crate::bytes::field(there));
        if kept < captured {
            let here = walk.here();
            walk.notes.warn(
                "capture-block",
                format!("the frame at byte {here} says that it has {captured} bytes, and has {kept}"),
            );
        }
        walk.notes.number = walk.notes.number.wrapping_add(1);
        walk.frames.push(Frame {
            number: walk.notes.number,
            time: self.last,
            link: source.link,
            interface: source.number,
            length: length.max(kept),
            start: crate::bytes::field(walk.at.saturating_add(8).saturating_add(at)),
            captured: kept,
        });
        let padded = place(kept).saturating_add(3) & !3;
        body.get(at.saturating_add(padded)..).unwrap_or_default()
    }

    /// Name resolution block: kinds 1 and 2 are an address and its names, each with a NUL.
    fn names(&self, body: &[u8], notes: &mut Notes) {
        for (kind, value) in self.settings(body) {
            let (address, names): (IpAddr, _) = match kind {
                1 => match value.split_first_chunk::<4>() {
                    Some((address, names)) => ((*address).into(), names),
                    None => continue,
                },
                2 => match value.split_first_chunk::<16>() {
                    Some((address, names)) => ((*address).into(), names),
                    None => continue,
                },
                _ => continue,
            };
            for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
                notes.description.name(address, name);
            }
        }
    }

    /// Interface statistics block.
    fn statistics(&self, body: &[u8], notes: &mut Notes) {
        let interface = self.order.at32(body, 0).unwrap_or(u32::MAX);
        let Some(source) = self.interfaces.get(place(interface)) else {
            return;
        };
        let Some(interface) = notes.description.interfaces.get_mut(place(source.number)) else {
            return;
        };
        let mut dropped = None;
        for (number, value) in self.settings(body.get(12..).unwrap_or_default()) {
            let count = self.order.at64(value, 0);
            match number {
                4 => interface.received = count.or(interface.received),
                // What the interface dropped and what the system dropped. Some, as Watchfire itself, write the one number
                // under both.
                5 | 7 => dropped = dropped.max(count),
                _ => {}
            }
        }
        interface.dropped = dropped.or(interface.dropped);
    }

    /// Decryption secrets block.
    fn secrets(&self, body: &[u8], notes: &mut Notes) {
        if let (Some(kind), Some(length)) = (self.order.at32(body, 0), self.order.at32(body, 4)) {
            let there = body.get(8..).unwrap_or_default();
            let secrets = there.get(..place(length)).unwrap_or(there);
            let is_kept = notes.description.secret(kind, secrets);
            if is_kept && kind == Secrets::TLS && notes.learned < MOST_LEARNED {
                notes.learned += 1;
                let mut log = KeyLog::on(Arc::clone(&notes.secrets));
                log.add(secrets);
                notes.secrets = Arc::new(log);
            }
        }
    }

    /// The first of `places` at which a block ends with its own length, and another follows it or the end.
    pub(super) fn search(&self, bytes: &[u8], places: usize, ended: bool) -> Option<usize> {
        (0..places).find(|at| {
            let here = bytes.get(*at..).unwrap_or_default();
            self.is_block(here, ended)
        })
    }

    fn is_block(&self, bytes: &[u8], ended: bool) -> bool {
        let Some([a, b, c, d, e, f, g, h, i, j, k, l]) = bytes.first_chunk::<12>().copied() else {
            return false;
        };
        let mut order = self.order;
        if [a, b, c, d] == block::SECTION {
            match section_order([i, j, k, l]) {
                Some(found) => order = found,
                None => return false,
            }
        } else if !block::is_known(order.u32([a, b, c, d])) {
            return false;
        }
        let length = order.u32([e, f, g, h]);
        let size = place(length);
        if !length.is_multiple_of(4) || !(12..=USUAL_CAPTURED + AROUND).contains(&length) {
            return false;
        }
        let ends = size.checked_sub(4).and_then(|at| array(bytes, at)) == Some([e, f, g, h]);
        // The block is the first of a section perhaps, whose order is that of what follows.
        let section = Self {
            order,
            ..Self::default()
        };
        ends && section.follows(bytes, size, ended) == Some(true)
    }
}

/// The byte order of a section, by its mark.
fn section_order(mark: [u8; 4]) -> Option<Order> {
    match mark {
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Order::Little),
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Order::Big),
        _ => None,
    }
}

/// An option of a packet: a remark, or flags, whose lowest two bits say which way it went.
fn remark(number: u16, value: &[u8], order: Order, notes: &mut Notes) {
    match number {
        COMMENT => notes.description.comment(Some(notes.number), value),
        2 => match order.at32(value, 0).map(|flags| flags & 3) {
            Some(1) => notes.description.incoming = notes.description.incoming.saturating_add(1),
            Some(2) => notes.description.outgoing = notes.description.outgoing.saturating_add(1),
            _ => {}
        },
        _ => {}
    }
}

fn short(walk: &mut Walk<'_>) {
    let here = walk.here();
    walk.notes.warn(
        "capture-block",
        format!("the block at byte {here} is too short for a frame"),
    );
}

fn nameless(walk: &mut Walk<'_>) {
    let here = walk.here();
    walk.notes.problem(Problem::warning(
        "capture-interface",
        format!("the frame at byte {here} is of an interface that is not described"),
    ));
}

impl Clock {
    /// Option `if_tsresol`: the highest bit says whether the others are a power of 2 or of 10.
    fn new(step: u8) -> Self {
        let power = u32::from(step & 0x7f);
        if step & 0x80 != 0 {
            Self::Binary(power)
        } else if power <= 9 {
            Self::Multiply(10_u64.pow(9 - power))
        } else {
            Self::Divide(10_u64.checked_pow(power - 9).unwrap_or(u64::MAX))
        }
    }
}

impl Source {
    #[inline]
    fn time(&self, ticks: u64) -> Timestamp {
        let nanoseconds = match self.clock {
            Clock::Multiply(by) => i128::from(ticks) * i128::from(by),
            Clock::Divide(by) => i128::from(ticks / by),
            Clock::Binary(power) => (i128::from(ticks) * 1_000_000_000)
                .checked_shr(power)
                .unwrap_or_default(),
        };
        let nanoseconds = nanoseconds.saturating_add(i128::from(self.shift) * 1_000_000_000);
        let least = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
        Timestamp::from_nanoseconds(i64::try_from(nanoseconds).unwrap_or(least))
    }
}
