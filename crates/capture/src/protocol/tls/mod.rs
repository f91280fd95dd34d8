//! TLS (RFC 5246, RFC 8446) and what came before it: what a handshake shows until it is encrypted.
//!
//! Messages may be cut over records, and records over segments. A handshake is one exchange, said once both ends went on to
//! what is encrypted, or when nothing more comes. With the secrets of a key log, what follows is read as well.

mod dtls;
mod fingerprint;
mod handshake;
mod hello;
mod open;
#[cfg(test)]
mod tests;

use super::inner::Inner;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
pub(super) use dtls::OVER_UDP;
pub(super) use handshake::Handshake;
use open::Opener;
use watchfire_model::network::Exchange;

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

/// A handshake in records, and what follows it, where there are secrets.
#[derive(Debug, Default)]
struct Records {
    began: Option<Here>,
    speeches: [Speech; 2],
    handshake: Handshake,
    /// What opens the records, the client's first; nothing without secrets, which is the usual.
    opened: Option<Box<Opened>>,
}

/// What opens records, and what is inside of them.
#[derive(Debug, Default)]
struct Opened {
    now: [Option<Opener>; 2],
    /// From the end of the handshake on.
    then: [Option<Opener>; 2],
    inner: Inner,
    is_over: bool,
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
        let mut record = std::mem::take(&mut speech.record);
        let mut cursor = Cursor::new(&record);
        let mut done = 0;
        let mut is_broken = false;
        while let Some([kind, 3, _, high, low]) = cursor.array::<5>() {
            let length = usize::from(high) << 8 | usize::from(low);
            is_broken = length > LONGEST_RECORD || !(CHANGE..=24).contains(&kind);
            let Some(body) = cursor.take(length).filter(|_| !is_broken) else {
                break;
            };
            done = cursor.at();
            self.record(side, &mut speech, kind, body, context);
            is_broken = speech.message.len() > LONGEST_MESSAGE;
            if is_broken {
                break;
            }
        }
        is_broken |= record.get(done + 1).is_some_and(|major| *major != 3);
        record.drain(..done);
        speech.record = record;
        let is_encrypted = speech.is_encrypted;
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        let established = self.speeches.iter().all(|speech| speech.is_encrypted);
        self.handshake.tls.established = established;
        if is_broken || is_encrypted && self.handshake.is_empty() {
            return Heard::Enough;
        }
        match &self.opened {
            Some(opened) if established && !opened.is_over => {
                self.handshake.say(self.began.unwrap_or(context.here), context);
                Heard::More
            }
            _ if established => Heard::Enough,
            _ => Heard::More,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let began = self.began.unwrap_or(context.here);
        self.handshake.say(began, context);
        if let Some(mut opened) = self.opened.take() {
            // What is inside calls the client the originator.
            let is_reversed = self.role(Side::Originator) == 1;
            if is_reversed {
                context.ended.reverse();
            }
            inside(context, |context| opened.inner.finish(context));
            if is_reversed {
                context.ended.reverse();
            }
        }
    }

    fn memory(&self) -> usize {
        let speeches = self.speeches.iter();
        let held: usize = speeches
            .map(|speech| speech.record.capacity() + speech.message.capacity())
            .sum();
        let opened = self.opened.as_ref();
        held + self.handshake.memory() + opened.map_or(0, |opened| size_of::<Opened>() + opened.inner.memory())
    }
}

impl Records {
    /// A record is whole.
    fn record(&mut self, side: Side, speech: &mut Speech, kind: u8, body: &[u8], context: &mut Context<'_>) {
        if speech.is_encrypted || kind == DATA {
            // From here on, nothing can be read without secrets.
            speech.is_encrypted = true;
            self.encrypted(side, speech, kind, body, context);
            return;
        }
        match kind {
            HANDSHAKE => speech.message.extend_from_slice(body),
            CHANGE if self.handshake.is_old() => {
                speech.is_encrypted = true;
                self.changed(side);
            }
            ALERT => self.handshake.alert(body),
            _ => {}
        }
        let had_server = self.handshake.tls.server.is_some();
        self.handshake.messages(side, &mut speech.message);
        if !had_server && !context.said.secrets.is_empty() {
            self.know(context);
        }
    }

    /// Looks for secrets, once the server has chosen.
    fn know(&mut self, context: &Context<'_>) {
        let [random, _] = &self.handshake.randoms;
        let secrets = context.said.secrets.of(random);
        let Some((secrets, server)) = secrets.zip(self.handshake.tls.server.as_ref()) else {
            return;
        };
        let mut opened = Opened::default();
        if let Some(now) = open::behind_hellos(&self.handshake, secrets) {
            opened.now = now;
            let then = |secret: &Vec<u8>| Opener::new(server.cipher, secret);
            opened.then = secrets.traffic.each_ref().map(then);
        } else if let Some(then) = Opener::old(&self.handshake, secrets) {
            opened.then = then.map(Some);
        }
        self.opened = Some(Box::new(opened));
    }

    /// 0 for the client and 1 for the server.
    fn role(&self, side: Side) -> usize {
        usize::from(self.handshake.client.unwrap_or(Side::Originator) != side)
    }

    /// A side goes on with what was agreed on.
    fn changed(&mut self, side: Side) {
        let role = self.role(side);
        if let Some(opened) = &mut self.opened
            && let (Some(now), Some(then)) = (opened.now.get_mut(role), opened.then.get_mut(role))
        {
            *now = then.take();
        }
    }

    /// Reads what is encrypted, if that can be done.
    fn encrypted(&mut self, side: Side, speech: &mut Speech, kind: u8, body: &[u8], context: &mut Context<'_>) {
        let role = self.role(side);
        let Some(opened) = self
            .opened
            .as_deref_mut()
            .filter(|opened| !opened.is_over && kind != CHANGE)
        else {
            return;
        };
        let Some(Some(opener)) = opened.now.get_mut(role) else {
            return;
        };
        let Some((kind, text)) = opener.open(kind, body) else {
            // Before the handshake ends, it may be early data, which has a key of its own.
            let is_early = opened.then.get(role).is_some_and(Option::is_some);
            opened.is_over = !is_early;
            return;
        };
        match kind {
            DATA => {
                let from = if role == 0 { Side::Originator } else { Side::Responder };
                let heard = inside(context, |context| opened.inner.hear(from, &text, context));
                opened.is_over = heard == Heard::Enough;
            }
            HANDSHAKE => {
                speech.message.extend_from_slice(&text);
                let (finished, updates) = self.handshake.messages(side, &mut speech.message);
                if finished && !self.handshake.is_old() {
                    self.changed(side);
                }
                let opener = self.opened.as_mut().and_then(|opened| opened.now.get_mut(role));
                if let Some(opener) = opener.filter(|_| updates) {
                    *opener = opener.as_ref().and_then(Opener::update);
                }
            }
            _ => {}
        }
    }
}

/// Does something with what was encrypted. What is said there says so.
fn inside<T>(context: &mut Context<'_>, act: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let before = context.said.events.len();
    let done = act(context);
    for event in context.said.events.iter_mut().skip(before) {
        if let Exchange::Http(http) = &mut event.exchange {
            http.encrypted = true;
        }
    }
    done
}
