//! DTLS (RFC 6347, RFC 9147): the same handshake in datagrams. Messages come in pieces, more than once, and in any order.

#[cfg(test)]
mod tests;

use super::{ALERT, CHANGE, DATA, HANDSHAKE, Handshake};
use crate::cursor::Cursor;
use crate::protocol::pieces::Pieces;
use crate::protocol::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use watchfire_model::network::TlsCarrier;

pub(in crate::protocol) static OVER_UDP: Protocol = Protocol {
    name: "dtls",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Datagrams::default()),
};

/// Bytes of a message that are put together.
const LONGEST_MESSAGE: usize = 64 << 10;
/// Messages of a side that may be in pieces at a time.
const MOST_MESSAGES: usize = 3;
/// Records of a datagram.
const MOST_RECORDS: usize = 32;

/// A record.
#[derive(Clone, Copy, Debug)]
struct Record<'d> {
    kind: u8,
    epoch: u16,
    body: &'d [u8],
}

impl<'d> Record<'d> {
    /// The next one. `0x0100` is what OpenSSL once wrote for version 1.
    fn read(cursor: &mut Cursor<'d>) -> Option<Self> {
        let kind = cursor.u8()?;
        if !matches!(cursor.be16()?, 0xfeff | 0xfefd | 0xfefc | 0x0100) {
            return None;
        }
        let epoch = cursor.be16()?;
        cursor.take(6)?;
        let body = cursor.behind16()?;
        Some(Self { kind, epoch, body })
    }
}

/// A piece of a message.
#[derive(Clone, Copy, Debug)]
struct Piece<'d> {
    kind: u8,
    length: usize,
    number: u16,
    from: usize,
    data: &'d [u8],
}

impl<'d> Piece<'d> {
    fn read(cursor: &mut Cursor<'d>) -> Option<Self> {
        let kind = cursor.u8()?;
        let length = cursor.be24()? as usize;
        let number = cursor.be16()?;
        let from = cursor.be24()? as usize;
        let data = cursor.behind24()?;
        let is_inside = from.saturating_add(data.len()) <= length;
        is_inside.then_some(Self {
            kind,
            length,
            number,
            from,
            data,
        })
    }
}

fn recognise(opening: &Opening<'_>) -> Guess {
    let is = |datagram: &[u8]| {
        let mut cursor = Cursor::new(datagram);
        let Some(record) = Record::read(&mut cursor) else {
            return false;
        };
        let is_hello = || {
            let piece = Piece::read(&mut Cursor::new(record.body));
            piece.is_some_and(|piece| matches!(piece.kind, 1..=3))
        };
        if record.kind == HANDSHAKE && record.epoch == 0 && is_hello() {
            return true;
        }
        // Without its beginning, it is told by records that fill the datagram to its last byte.
        let mut is_whole = (CHANGE..=DATA).contains(&record.kind) && !record.body.is_empty();
        for _ in 1..MOST_RECORDS {
            if cursor.is_empty() {
                return is_whole;
            }
            is_whole &= Record::read(&mut cursor).is_some_and(|record| (CHANGE..=DATA).contains(&record.kind));
        }
        false
    };
    Guess::only_if(is(opening.originator) || is(opening.responder))
}

/// A message that is not whole.
#[derive(Debug)]
struct Message {
    number: u16,
    pieces: Pieces,
}

/// What one side said.
#[derive(Debug, Default)]
struct Speech {
    messages: Vec<Message>,
    /// Numbers below this were read.
    next: u16,
    is_encrypted: bool,
}

/// A handshake in datagrams.
#[derive(Debug, Default)]
struct Datagrams {
    began: Option<Here>,
    speeches: [Speech; 2],
    handshake: Handshake,
}

impl Dissector for Datagrams {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        if self.began.is_none() {
            self.handshake = Handshake::new(TlsCarrier::Dtls);
            self.began = Some(context.here);
        }
        let mut cursor = Cursor::new(bytes);
        for _ in 0..MOST_RECORDS {
            // Since version 1.3, headers of what is encrypted begin otherwise (RFC 9147 4).
            if cursor.rest().first().is_some_and(|first| first >> 5 == 1) {
                self.encrypted(side);
                break;
            }
            let Some(record) = Record::read(&mut cursor) else { break };
            match record.kind {
                _ if record.epoch > 0 => self.encrypted(side),
                HANDSHAKE => self.pieces(side, record.body),
                ALERT => self.handshake.alert(record.body),
                _ => {}
            }
        }
        self.handshake.tls.established = self.speeches.iter().all(|speech| speech.is_encrypted);
        if self.handshake.tls.established {
            return Heard::Enough;
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let began = self.began.unwrap_or(context.here);
        self.handshake.say(began, context);
    }

    fn memory(&self) -> usize {
        let messages = self.speeches.iter().flat_map(|speech| &speech.messages);
        messages.map(|message| message.pieces.memory()).sum::<usize>() + self.handshake.memory()
    }
}

impl Datagrams {
    fn encrypted(&mut self, side: Side) {
        if let Some(speech) = self.speeches.get_mut(usize::from(side == Side::Responder)) {
            speech.is_encrypted = true;
        }
    }

    /// Takes the pieces of a record in.
    fn pieces(&mut self, side: Side, body: &[u8]) {
        let Some(speech) = self.speeches.get_mut(usize::from(side == Side::Responder)) else {
            return;
        };
        let mut cursor = Cursor::new(body);
        for _ in 0..MOST_RECORDS {
            let Some(piece) = Piece::read(&mut cursor) else { break };
            if piece.length > LONGEST_MESSAGE || piece.number < speech.next {
                continue;
            }
            if piece.data.len() == piece.length {
                speech.next = piece.number.saturating_add(1);
                self.handshake.message(side, piece.kind, piece.data);
                continue;
            }
            let known = speech
                .messages
                .iter()
                .position(|message| message.number == piece.number);
            let place = known.unwrap_or_else(|| {
                if speech.messages.len() >= MOST_MESSAGES {
                    speech.messages.remove(0);
                }
                speech.messages.push(Message {
                    number: piece.number,
                    pieces: Pieces::default(),
                });
                speech.messages.len() - 1
            });
            let Some(message) = speech.messages.get_mut(place) else {
                continue;
            };
            message.pieces.add(piece.from, piece.data, piece.length);
            if message.pieces.beginning().len() == piece.length {
                let message = speech.messages.remove(place);
                speech.next = piece.number.saturating_add(1);
                self.handshake.message(side, piece.kind, message.pieces.beginning());
            }
        }
    }
}
