//! TLS (RFC 5246, RFC 8446) and what came before it: what a handshake shows until it is encrypted.
//!
//! Messages may be cut over records, and records over segments. A handshake is one exchange, said once both ends went on to
//! what is encrypted, or when nothing more comes.

mod dtls;
mod fingerprint;
mod handshake;
mod hello;
#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
pub(super) use dtls::OVER_UDP;
pub(super) use handshake::Handshake;

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "ssl",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Records::default()),
};

/// Types of records.
const CHANGE: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;
/// Bytes of a record that are allowed, with what encryption adds (RFC 5246 6.2.3).
const LONGEST_RECORD: usize = (1 << 14) + 2_048;
/// Bytes of messages that wait for the rest of theirs.
const LONGEST_MESSAGE: usize = 256 << 10;

fn recognise(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8], message: u8| -> Guess {
        match bytes {
            [] => Guess::Perhaps,
            [HANDSHAKE, rest @ ..] => match rest {
                [3, 0..=4, high, low, kind, ..] => {
                    let length = usize::from(*high) << 8 | usize::from(*low);
                    Guess::only_if(*kind == message && (4..=LONGEST_RECORD).contains(&length))
                }
                [3, 0..=4, ..] | [3] | [] => Guess::Perhaps,
                _ => Guess::No,
            },
            // An alert is an answer, too.
            [ALERT, 3, 0..=4, 0, 2, ..] if message == 2 => Guess::Perhaps,
            _ => Guess::No,
        }
    };
    let (asks, answers) = (says(opening.originator, 1), says(opening.responder, 2));
    // Who seems to have begun is the server, where the capture did not see the beginning.
    let is_reversed = [says(opening.originator, 2), says(opening.responder, 1)].contains(&Guess::Yes);
    match (asks, answers) {
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ if is_reversed => Guess::Yes,
        (Guess::Perhaps, Guess::Perhaps) => Guess::Perhaps,
        _ => Guess::No,
    }
}

/// What one end said and was not read yet.
#[derive(Debug, Default)]
struct Speech {
    /// A record that is not whole.
    record: Vec<u8>,
    /// Messages of records, not whole.
    message: Vec<u8>,
    is_encrypted: bool,
}

/// A handshake in records.
#[derive(Debug, Default)]
struct Records {
    began: Option<Here>,
    speeches: [Speech; 2],
    handshake: Handshake,
}

impl Dissector for Records {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        let at = usize::from(side == Side::Responder);
        let Some(speech) = self.speeches.get_mut(at) else {
            return Heard::Enough;
        };
        let mut speech = std::mem::take(speech);
        speech.record.extend_from_slice(bytes);
        let mut cursor = Cursor::new(&speech.record);
        let mut done = 0;
        let mut is_broken = false;
        while let Some([kind, 3, _, high, low]) = cursor.array::<5>() {
            let length = usize::from(high) << 8 | usize::from(low);
            is_broken = length > LONGEST_RECORD || !(CHANGE..=24).contains(&kind);
            let Some(body) = cursor.take(length).filter(|_| !is_broken) else {
                break;
            };
            done = cursor.at();
            if speech.is_encrypted || kind == DATA {
                // From here on, nothing can be read.
                speech.is_encrypted = true;
                continue;
            }
            match kind {
                HANDSHAKE => speech.message.extend_from_slice(body),
                CHANGE => speech.is_encrypted = self.handshake.is_old(),
                ALERT => self.handshake.alert(body),
                _ => {}
            }
            is_broken |= speech.message.len() > LONGEST_MESSAGE;
            self.handshake.messages(side, &mut speech.message);
        }
        is_broken |= speech.record.get(done + 1).is_some_and(|major| *major != 3);
        speech.record.drain(..done);
        let is_encrypted = speech.is_encrypted;
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        let established = self.speeches.iter().all(|speech| speech.is_encrypted);
        self.handshake.tls.established = established;
        if is_broken || established || is_encrypted && self.handshake.is_empty() {
            return Heard::Enough;
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let began = self.began.unwrap_or(context.here);
        self.handshake.say(began, context);
    }
}
