//! Modbus over TCP (Modbus Messaging on TCP/IP 1.0b): what machines are told to do, and whether they do.
//!
//! A request and its answer are one exchange. After bytes that are missing, a message is looked for where the next begin.
//! Absent: values of registers.

#[cfg(test)]
mod tests;

use super::field::text;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Modbus, ModbusException, ModbusFunction};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "modbus",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Talk::default()),
};

const PORT: u16 = 502;
/// Bytes before the unit.
const HEADER: usize = 6;
/// Requests that wait for an answer: devices work on a few at a time.
const MOST_OPEN: usize = 64;
/// What a device says of itself.
const MOST_IDENTIFICATIONS: usize = 8;

/// A message (3.1.3).
#[derive(Clone, Copy, Debug)]
struct Message<'m> {
    transaction: u16,
    unit: u8,
    function: u8,
    data: &'m [u8],
}

/// What a message begins with.
enum Begins<'m> {
    Message(Message<'m>, usize),
    /// Not all of it came.
    Partly,
    /// None.
    Otherwise,
}

fn message(bytes: &[u8]) -> Begins<'_> {
    let mut cursor = Cursor::new(bytes);
    let (transaction, protocol, length) = (cursor.be16(), cursor.be16(), cursor.be16());
    // A unit, a function, and at most 252 bytes about it.
    let is_possible = protocol.unwrap_or_default() == 0 && (2..=254).contains(&length.unwrap_or(2));
    let body = length.map(usize::from).and_then(|length| cursor.take(length));
    match (transaction, body) {
        _ if !is_possible
            || bytes.get(2).is_some_and(|high| *high != 0)
            || bytes.get(4).is_some_and(|high| *high != 0) =>
        {
            Begins::Otherwise
        }
        (_, Some([_, 0 | 0x80, ..])) => Begins::Otherwise,
        (Some(transaction), Some([unit, function, data @ ..])) => Begins::Message(
            Message {
                transaction,
                unit: *unit,
                function: *function,
                data,
            },
            HEADER + data.len() + 2,
        ),
        _ => Begins::Partly,
    }
}

/// On its port, a message is enough; elsewhere, a request of known length has to be answered.
fn recognise(opening: &Opening<'_>) -> Guess {
    if opening.port == PORT {
        let first = if opening.originator.is_empty() {
            opening.responder
        } else {
            opening.originator
        };
        return match message(first) {
            Begins::Message(..) => Guess::Yes,
            Begins::Partly => Guess::Perhaps,
            Begins::Otherwise => Guess::No,
        };
    }
    match (message(opening.originator), message(opening.responder)) {
        (Begins::Otherwise, _) | (_, Begins::Otherwise) => Guess::No,
        (Begins::Message(asked, _), _) if !(matches!(asked.function, 1..=6) && asked.data.len() == 4) => Guess::No,
        (Begins::Message(asked, _), Begins::Message(answer, _)) => Guess::only_if(
            (asked.transaction, asked.unit, asked.function)
                == (answer.transaction, answer.unit, answer.function & 0x7f),
        ),
        _ => Guess::Perhaps,
    }
}

/// A connection.
#[derive(Debug, Default)]
struct Talk {
    held: [Vec<u8>; 2],
    open: VecDeque<(Here, Modbus)>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let Some(mut held) = self.held.get_mut(at).map(std::mem::take) else {
            return Heard::Enough;
        };
        held.extend_from_slice(bytes);
        let mut done = 0;
        loop {
            match message(held.get(done..).unwrap_or_default()) {
                Begins::Message(message, length) => {
                    done += length;
                    match side {
                        Side::Originator => self.asked(&message, context),
                        Side::Responder => self.answered(&message, context),
                    }
                }
                Begins::Partly => break,
                Begins::Otherwise => return Heard::Enough,
            }
        }
        held.drain(..done);
        if let Some(place) = self.held.get_mut(at) {
            *place = held;
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, _: u64, _: &mut Context<'_>) -> Heard {
        if let Some(held) = self.held.get_mut(usize::from(side == Side::Responder)) {
            held.clear();
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for (began, modbus) in std::mem::take(&mut self.open) {
            context.say(began, Exchange::Modbus(Box::new(modbus)));
        }
    }
}

impl Talk {
    fn asked(&mut self, message: &Message<'_>, context: &mut Context<'_>) {
        let mut data = Cursor::new(message.data);
        let has_place = matches!(message.function, 1..=6 | 0x0f | 0x10 | 0x16..=0x18);
        let (address, quantity) = if has_place {
            (data.be16(), data.be16())
        } else {
            (None, None)
        };
        let modbus = Modbus {
            transaction: message.transaction,
            unit: message.unit,
            function: ModbusFunction(message.function),
            asked: true,
            address,
            quantity: quantity.filter(|_| !matches!(message.function, 0x16 | 0x18)),
            ..Modbus::default()
        };
        if self.open.len() >= MOST_OPEN
            && let Some((began, oldest)) = self.open.pop_front()
        {
            context.say(began, Exchange::Modbus(Box::new(oldest)));
        }
        self.open.push_back((context.here, modbus));
    }

    fn answered(&mut self, message: &Message<'_>, context: &mut Context<'_>) {
        let function = ModbusFunction(message.function & 0x7f);
        let is_meant = |(_, open): &(Here, Modbus)| {
            (open.transaction, open.unit, open.function) == (message.transaction, message.unit, function)
        };
        let asked = self.open.iter().position(is_meant).and_then(|at| self.open.remove(at));
        let (began, mut modbus) = asked.unwrap_or_else(|| {
            let unasked = Modbus {
                transaction: message.transaction,
                unit: message.unit,
                function,
                ..Modbus::default()
            };
            (context.here, unasked)
        });
        modbus.reply_frame = Some(context.here.frame);
        if message.function & 0x80 != 0 {
            modbus.exception = message.data.first().copied().map(ModbusException);
        }
        modbus.identification = identification(message);
        context.say(began, Exchange::Modbus(Box::new(modbus)));
    }
}

/// What a device says of itself (6.21): a number, a length and a text, several times.
fn identification(message: &Message<'_>) -> Vec<Untrusted> {
    let (0x2b, [0x0e, _, _, _, _, _, objects @ ..]) = (message.function, message.data) else {
        return Vec::new();
    };
    let mut cursor = Cursor::new(objects);
    let objects = std::iter::from_fn(|| cursor.u8().and_then(|_| cursor.behind8()));
    objects.take(MOST_IDENTIFICATIONS).map(text).collect()
}
