//! TLS (RFC 5246, RFC 8446) and what came before it: what a handshake shows until it is encrypted.
//!
//! Messages may be cut over records, and records over segments. A handshake is one exchange, said once both ends went on to
//! what is encrypted, or when nothing more comes.

mod fingerprint;
mod hello;
#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use hello::{ClientHello, ENCRYPTED_HELLO, SESSION_KEY, ServerHello};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "ssl",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Handshake::default()),
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
/// Certificates of a chain that are kept.
const MOST_CERTIFICATES: usize = 32;

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

/// A handshake.
#[derive(Debug, Default)]
struct Handshake {
    began: Option<Here>,
    speeches: [Speech; 2],
    tls: Tls,
    session: Vec<u8>,
    /// Who is the client, as far as it was told.
    client: Option<Side>,
    /// The server wants another question, which there is since TLS 1.3.
    is_again: bool,
    is_said: bool,
}

impl Dissector for Handshake {
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
                CHANGE => speech.is_encrypted = self.is_old(),
                ALERT => self.tls.alert = body.get(1).copied().or(self.tls.alert),
                _ => {}
            }
            is_broken |= speech.message.len() > LONGEST_MESSAGE;
            self.messages(side, &mut speech.message);
        }
        is_broken |= speech.record.get(done + 1).is_some_and(|major| *major != 3);
        speech.record.drain(..done);
        let is_encrypted = speech.is_encrypted;
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        self.tls.established = self.speeches.iter().all(|speech| speech.is_encrypted);
        if is_broken || self.tls.established || is_encrypted && self.tls.client.is_none() && self.tls.server.is_none() {
            return Heard::Enough;
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let is_empty = self.tls.client.is_none() && self.tls.server.is_none();
        if is_empty || std::mem::replace(&mut self.is_said, true) {
            return;
        }
        let began = self.began.unwrap_or(context.here);
        context.say(began, Exchange::Tls(Box::new(std::mem::take(&mut self.tls))));
    }
}

impl Handshake {
    /// Whether a change of ciphers means that: in TLS 1.3, it means nothing.
    fn is_old(&self) -> bool {
        !self.is_again && self.tls.server.as_ref().is_none_or(|server| server.version.0 < 0x0304)
    }

    /// Reads the messages that are whole.
    fn messages(&mut self, side: Side, message: &mut Vec<u8>) {
        let mut cursor = Cursor::new(message);
        let mut done = 0;
        while let (Some(kind), Some(body)) = (cursor.u8(), cursor.behind24()) {
            self.message(side, kind, body);
            done = cursor.at();
        }
        message.drain(..done);
    }

    fn message(&mut self, side: Side, kind: u8, body: &[u8]) {
        match kind {
            1 if self.tls.client.is_none() => {
                if let Some(hello) = ClientHello::read(body, false) {
                    self.client = Some(side);
                    self.session = hello.session.to_vec();
                    self.tls.client = Some(client(&hello, TlsCarrier::Tcp));
                }
            }
            2 => {
                if let Some(hello) = ServerHello::read(body) {
                    self.client.get_or_insert(side.other());
                    self.is_again |= hello.is_retry();
                    if !hello.is_retry() {
                        self.tls.server = Some(self.server(&hello));
                    }
                }
            }
            11 => {
                let chain = if self.client.unwrap_or(Side::Originator) == side {
                    &mut self.tls.client_certificates
                } else {
                    &mut self.tls.certificates
                };
                if chain.is_empty() {
                    *chain = certificates(body);
                }
            }
            _ => {}
        }
    }

    fn server(&self, hello: &ServerHello<'_>) -> TlsServer {
        let version = hello.chosen();
        // Before TLS 1.3, a session goes on where its name comes back; since then, where a key of it is taken.
        let resumed = if version < 0x0304 {
            !hello.session.is_empty() && hello.session == self.session
        } else {
            hello.extension(SESSION_KEY).is_some()
        };
        TlsServer {
            version: TlsVersion(version),
            cipher: hello.cipher,
            protocol: hello.protocol().map(Untrusted::from_bytes),
            resumed,
            ja3s: fingerprint::ja3s(hello),
        }
    }
}

/// What a client says first, as facts.
fn client(hello: &ClientHello<'_>, carrier: TlsCarrier) -> TlsClient {
    let newest = hello
        .versions()
        .into_iter()
        .filter(|version| !fingerprint::is_grease(*version))
        .max();
    TlsClient {
        version: TlsVersion(newest.unwrap_or(hello.version)),
        server_name: hello.server_name().map(Untrusted::from_bytes),
        protocols: hello.protocols().into_iter().map(Untrusted::from_bytes).collect(),
        encrypted_hello: hello.extension(ENCRYPTED_HELLO).is_some(),
        ja3: fingerprint::ja3(hello),
        ja4: fingerprint::ja4(hello, carrier),
    }
}

/// The digests of a chain (RFC 5246 7.4.2).
fn certificates(body: &[u8]) -> Vec<String> {
    let mut cursor = Cursor::new(body);
    let Some(chain) = cursor.behind24() else {
        return Vec::new();
    };
    let mut cursor = Cursor::new(chain);
    let digests = std::iter::from_fn(|| {
        let certificate = cursor.behind24()?;
        Some(
            Sha256::digest(certificate)
                .iter()
                .fold(String::new(), |mut text, byte| {
                    let _ = write!(text, "{byte:02x}");
                    text
                }),
        )
    });
    digests.take(MOST_CERTIFICATES).collect()
}
