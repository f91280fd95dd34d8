//! NTP (RFC 5905), with its commands (RFC 9327) and those of implementations: who asks whom for the time, and who is used to
//! answer much to little.
//!
//! A question and its answer are one exchange. Servers that answer in many messages are heard until they say that there is no
//! more. Absent: what commands ask for and get, and whether signatures are right.

#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use watchfire_model::network::{Exchange, Ntp, NtpControl, NtpMessage, NtpMode, NtpPrivate, NtpSaying, NtpTime};
use watchfire_model::{Timestamp, Untrusted};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "ntp",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

const PORT: u16 = 123;
/// Questions that wait for an answer.
const MOST_OPEN: usize = 32;
/// Bytes of a message about the time, without what may follow.
const TIME: usize = 48;
/// Bytes of the longest signature.
const LONGEST_SIGNATURE: usize = 24;
/// Seconds from the beginning of 1900 to that of 1970.
const TO_1970: i64 = 2_208_988_800;

/// The header is weak, so that it counts on its port alone.
fn recognise(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    Guess::only_if(opening.port == PORT && Message::read(first).is_some())
}

/// A message, with what ties it to another.
#[derive(Debug)]
struct Message {
    version: u8,
    mode: NtpMode,
    says: NtpSaying,
    /// What an answer repeats of its question.
    asked: u64,
    /// What an answer to this will repeat.
    own: u64,
}

impl Message {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let first = cursor.u8()?;
        let (version, mode) = (first >> 3 & 0x07, first & 0x07);
        if !(1..=4).contains(&version) {
            return None;
        }
        let (says, asked, own) = match mode {
            1..=5 => time(bytes)?,
            6 => control(cursor)?,
            7 => private(first, cursor)?,
            _ => return None,
        };
        Some(Self {
            version,
            mode: NtpMode(mode),
            says,
            asked,
            own,
        })
    }

    fn is_answer(&self) -> bool {
        match &self.says {
            NtpSaying::Time(_) => matches!(self.mode.0, 2 | 4),
            NtpSaying::Control(control) => control.response,
            NtpSaying::Private(private) => private.response,
        }
    }

    /// Whether an answer goes on.
    const fn goes_on(&self) -> bool {
        match &self.says {
            NtpSaying::Time(_) => false,
            NtpSaying::Control(control) => control.more,
            NtpSaying::Private(private) => private.more,
        }
    }
}

fn time(bytes: &[u8]) -> Option<(NtpSaying, u64, u64)> {
    let mut cursor = Cursor::new(bytes.get(1..)?);
    let [stratum, poll, precision] = cursor.array()?;
    let (root_delay, root_dispersion) = (cursor.be32()?, cursor.be32()?);
    let reference = cursor.array::<4>()?;
    let mut instant = || Some(u64::from(cursor.be32()?) << 32 | u64::from(cursor.be32()?));
    let (set, origin, receive, transmit) = (instant()?, instant()?, instant()?, instant()?);
    let (extensions, signed) = behind(bytes.get(TIME..)?);
    let reference = if stratum > 1 {
        Untrusted::new(Ipv4Addr::from(reference).to_string())
    } else {
        Untrusted::from_bytes(&reference)
    };
    let says = NtpTime {
        stratum,
        poll: poll.cast_signed(),
        precision: precision.cast_signed(),
        root_delay,
        root_dispersion,
        reference,
        reference_time: moment(set),
        origin_time: moment(origin),
        receive_time: moment(receive),
        transmit_time: moment(transmit),
        extensions,
        signed,
    };
    Some((NtpSaying::Time(Box::new(says)), origin, transmit))
}

/// How many extensions there are, and whether a signature follows (RFC 7822).
fn behind(rest: &[u8]) -> (u32, bool) {
    let mut cursor = Cursor::new(rest);
    let mut extensions = 0;
    while cursor.rest().len() > LONGEST_SIGNATURE {
        let mut field = cursor;
        let length = field.be16().and_then(|_| field.be16()).map_or(0, usize::from);
        if length < 16 || !length.is_multiple_of(4) || cursor.take(length).is_none() {
            break;
        }
        extensions += 1;
    }
    (extensions, matches!(cursor.rest().len(), 20 | LONGEST_SIGNATURE))
}

/// Seconds since 1900 and their 2^32ths; nothing where both are 0. Those that lie in the first half are after 2036.
fn moment(instant: u64) -> Option<Timestamp> {
    let (seconds, fraction) = ((instant >> 32) as u32, instant & 0xffff_ffff);
    let era = if seconds & 0x8000_0000 == 0 { 1_i64 << 32 } else { 0 };
    let nanoseconds = ((fraction * 1_000_000_000) >> 32) as u32;
    (instant != 0).then(|| Timestamp::new(i64::from(seconds) + era - TO_1970, nanoseconds))
}

fn control(mut cursor: Cursor<'_>) -> Option<(NtpSaying, u64, u64)> {
    let flags = cursor.u8()?;
    let sequence = cursor.be16()?;
    let says = NtpControl {
        operation: flags & 0x1f,
        sequence,
        status: cursor.be16()?,
        association: cursor.be16()?,
        response: flags & 0x80 != 0,
        error: flags & 0x40 != 0,
        more: flags & 0x20 != 0,
    };
    // The place of what follows, and how long it is.
    cursor.take(2)?;
    let length = cursor.be16()?;
    let tie = u64::from(says.operation) << 16 | u64::from(sequence);
    (usize::from(length) <= cursor.rest().len()).then_some((NtpSaying::Control(says), tie, tie))
}

fn private(first: u8, mut cursor: Cursor<'_>) -> Option<(NtpSaying, u64, u64)> {
    let [sequence, implementation, request] = cursor.array()?;
    let (items, size) = (cursor.be16()?, cursor.be16()?);
    let says = NtpPrivate {
        request,
        sequence: sequence & 0x7f,
        implementation,
        response: first & 0x80 != 0,
        more: first & 0x40 != 0,
        signed: sequence & 0x80 != 0,
        error: (items >> 12) as u8,
    };
    let length = usize::from(items & 0x0fff) * usize::from(size & 0x0fff);
    let tie = u64::from(implementation) << 8 | u64::from(request);
    // The reserved half of the size is 0.
    (size < 0x1000 && length <= cursor.rest().len()).then_some((NtpSaying::Private(says), tie, tie))
}

/// A question that waits.
#[derive(Debug)]
struct Open {
    began: Here,
    side: Side,
    tie: u64,
    ntp: Ntp,
}

/// The questions of a flow.
#[derive(Debug, Default)]
struct Talk {
    open: VecDeque<Open>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(message) = Message::read(bytes) else {
            return Heard::More;
        };
        let (is_answer, goes_on) = (message.is_answer(), message.goes_on());
        let said = NtpMessage {
            frame: context.here.frame,
            mode: message.mode,
            says: message.says,
        };
        let is_meant = |open: &Open| {
            let asked = open.ntp.asked.as_ref().or(open.ntp.answer.as_ref());
            // Symmetric peers ask one another in the same role.
            let is_alike = asked.is_some_and(|asked| (asked.mode.0 < 6) == (message.mode.0 < 6));
            open.side != side && open.tie == message.asked && is_alike
        };
        let at = if is_answer {
            self.open.iter().rposition(is_meant)
        } else {
            None
        };
        let mut open = at.and_then(|at| self.open.remove(at)).unwrap_or_else(|| Open {
            began: context.here,
            side: if is_answer { side.other() } else { side },
            tie: if is_answer { message.asked } else { message.own },
            ntp: Ntp {
                version: message.version,
                ..Ntp::default()
            },
        });
        let length = bytes.len() as u64;
        if is_answer {
            open.ntp.answers = open.ntp.answers.saturating_add(1);
            open.ntp.answer_bytes = open.ntp.answer_bytes.saturating_add(length);
            open.ntp.answer.get_or_insert(said);
            if !goes_on {
                context.say(open.began, Exchange::Ntp(Box::new(open.ntp)));
                return Heard::More;
            }
        } else {
            open.ntp.asked_bytes = length;
            open.ntp.asked = Some(said);
        }
        self.open.push_back(open);
        if self.open.len() > MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            context.say(oldest.began, Exchange::Ntp(Box::new(oldest.ntp)));
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for open in std::mem::take(&mut self.open) {
            context.say(open.began, Exchange::Ntp(Box::new(open.ntp)));
        }
    }
}
