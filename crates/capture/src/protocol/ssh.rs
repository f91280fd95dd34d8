//! SSH (RFC 4253): both banners, what both offer, what they agree on, and the server's key. A session is one exchange, said
//! once it is encrypted.
//!
//! Whether somebody was let in is encrypted; the lengths that hint at it depend on how the capture is cut, and nothing is
//! said of it. Of version 1, there are the banners alone.

#[cfg(test)]
mod tests;

use super::text::{Lines, begins};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use md5::{Digest, Md5};
use sha2::Sha256;
use watchfire_model::network::{Exchange, Ssh, SshEnd, SshProtection};
use watchfire_model::{Untrusted, digest_hex};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "ssh",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Bytes of a packet; servers have to take 35,000 (RFC 4253 6.1).
const LONGEST_PACKET: usize = 64 << 10;
/// Lines before a banner.
const MOST_LINES: u32 = 64;
/// Names of a list that are compared with those of the other end.
const MOST_NAMES: usize = 256;
/// Types of messages.
const KEX_INIT: u8 = 20;
const NEW_KEYS: u8 = 21;
const KEX_REPLY: u8 = 31;
const GROUP_REPLY: u8 = 33;

fn recognise(opening: &Opening<'_>) -> Guess {
    const MARKS: [&[u8]; 2] = [b"SSH-1.", b"SSH-2."];
    let says = |bytes: &[u8]| match bytes {
        [] => Guess::Perhaps,
        _ => begins(bytes, &MARKS),
    };
    match (says(opening.originator), says(opening.responder)) {
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        // A server may say other things before its banner (RFC 4253 4.2).
        (Guess::Perhaps, _) => Guess::Perhaps,
        _ => Guess::No,
    }
}

/// What one end offers (RFC 4253 7.1).
#[derive(Debug)]
struct Offer {
    lists: [Vec<u8>; 8],
}

/// Places of the lists of an offer.
const KEY_EXCHANGE: usize = 0;
const HOST_KEY: usize = 1;
/// Those of the direction to the server; those of the other one follow each.
const CIPHER: usize = 2;
const MAC: usize = 4;
const COMPRESSION: usize = 6;

impl Offer {
    fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        // A cookie against replay.
        cursor.take(16)?;
        let mut lists: [Vec<u8>; 8] = Default::default();
        for list in &mut lists {
            *list = string(&mut cursor)?.to_vec();
        }
        Some(Self { lists })
    }

    fn list(&self, at: usize) -> &[u8] {
        self.lists.get(at).map_or(&[], Vec::as_slice)
    }

    /// The fingerprint; `back` of a server.
    fn hassh(&self, back: usize) -> String {
        let places = [KEY_EXCHANGE, CIPHER + back, MAC + back, COMPRESSION + back];
        let text = places.map(|at| self.list(at)).join(&b';');
        digest_hex(&Md5::digest(text))
    }

    /// The names of a list, as many as are compared.
    fn names(&self, at: usize) -> impl Iterator<Item = &[u8]> {
        let names = self.list(at).split(|byte| *byte == b',');
        names.filter(|name| !name.is_empty()).take(MOST_NAMES)
    }

    /// The first of the client's list that is in the server's as well.
    fn agreed<'o>(&'o self, server: &Self, at: usize) -> Option<&'o [u8]> {
        let others: Vec<&[u8]> = server.names(at).collect();
        self.names(at).find(|name| others.contains(name))
    }

    fn protection(&self, server: &Self, back: usize) -> SshProtection {
        let text = |at| self.agreed(server, at + back).map(Untrusted::from_bytes);
        SshProtection {
            cipher: text(CIPHER),
            mac: text(MAC),
            compression: text(COMPRESSION),
        }
    }
}

/// What stands behind its length.
fn string<'b>(cursor: &mut Cursor<'b>) -> Option<&'b [u8]> {
    let length = cursor.be32()?;
    cursor.take(usize::try_from(length).ok()?)
}

/// One end.
#[derive(Debug, Default)]
struct Speech {
    lines: Lines,
    seen_lines: u32,
    banner: Option<Untrusted>,
    /// A packet that is not whole.
    packet: Vec<u8>,
    offer: Option<Offer>,
    is_encrypted: bool,
}

impl Speech {
    fn memory(&self) -> usize {
        let lists = self.offer.iter().flat_map(|offer| &offer.lists);
        self.lines.memory() + self.packet.capacity() + lists.map(Vec::capacity).sum::<usize>()
    }
}

#[derive(Debug, Default)]
struct Session {
    began: Option<Here>,
    speeches: [Speech; 2],
    host_key: Option<String>,
    /// What both agreed on asks for the group first; nothing where they agree on nothing. Not known before both offered.
    asks_for_group: Option<Option<bool>>,
    is_over: bool,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        let at = usize::from(side == Side::Responder);
        let mut speech = self.speeches.get_mut(at).map(std::mem::take).unwrap_or_default();
        self.speech(side, &mut speech, bytes, context);
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        let is_known = self.speeches.iter().all(|speech| speech.offer.is_some()) && self.host_key.is_some();
        let is_encrypted = self.speeches.iter().all(|speech| speech.is_encrypted);
        if self.is_over || is_known || is_encrypted {
            return Heard::Enough;
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, _: u64, context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        self.began.get_or_insert(context.here);
        // What is missing of one end does not make the other unreadable.
        if let Some(speech) = self.speeches.get_mut(at) {
            speech.is_encrypted = true;
        }
        if self.speeches.iter().all(|speech| speech.is_encrypted) {
            return Heard::Enough;
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let Self {
            began,
            speeches: [client, server],
            host_key,
            ..
        } = std::mem::take(self);
        let end = |speech: &Speech, back: usize| {
            Some(SshEnd {
                banner: speech.banner.clone()?,
                hassh: speech.offer.as_ref().map(|offer| offer.hassh(back)),
            })
        };
        let mut ssh = Ssh {
            client: end(&client, 0),
            server: end(&server, 1),
            host_key,
            ..Ssh::default()
        };
        if ssh.client.is_none() && ssh.server.is_none() {
            return;
        }
        if let (Some(client), Some(server)) = (client.offer, server.offer) {
            let text = |at| client.agreed(&server, at).map(Untrusted::from_bytes);
            ssh.key_exchange = text(KEY_EXCHANGE);
            ssh.host_key_algorithm = text(HOST_KEY);
            ssh.to_server = Some(client.protection(&server, 0));
            ssh.to_client = Some(client.protection(&server, 1));
        }
        context.say(began.unwrap_or(context.here), Exchange::Ssh(Box::new(ssh)));
    }

    fn memory(&self) -> usize {
        self.speeches.iter().map(Speech::memory).sum()
    }
}

impl Session {
    fn speech(&mut self, side: Side, speech: &mut Speech, bytes: &[u8], context: &mut Context<'_>) {
        let mut rest = bytes;
        while speech.banner.is_none() && !speech.is_encrypted {
            let Some(line) = speech.lines.next(&mut rest, context) else {
                return;
            };
            speech.seen_lines += 1;
            if line.text.starts_with(b"SSH-") {
                speech.is_encrypted = line.text.starts_with(b"SSH-1.") && !line.text.starts_with(b"SSH-1.99");
                speech.banner = Some(Untrusted::from_bytes(&line.text));
            } else if speech.seen_lines > MOST_LINES {
                speech.is_encrypted = true;
            }
        }
        if speech.is_encrypted {
            return;
        }
        speech.packet.extend_from_slice(rest);
        let mut cursor = Cursor::new(&speech.packet);
        let mut done = 0;
        while let Some(length) = cursor.be32() {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if !(2..=LONGEST_PACKET).contains(&length) {
                speech.is_encrypted = true;
                break;
            }
            let Some([padding, packet @ ..]) = cursor.take(length) else {
                break;
            };
            done = cursor.at();
            let payload = packet.len().saturating_sub(usize::from(*padding));
            if let Some([kind, body @ ..]) = packet.get(..payload) {
                match *kind {
                    KEX_INIT => speech.offer = speech.offer.take().or_else(|| Offer::read(body)),
                    KEX_REPLY | GROUP_REPLY if side == Side::Responder => {
                        self.reply(*kind, body, speech.offer.as_ref())
                    }
                    NEW_KEYS => speech.is_encrypted = true,
                    _ => {}
                }
            }
            if speech.is_encrypted {
                break;
            }
        }
        speech.packet.drain(..done);
        if speech.is_encrypted {
            speech.packet = Vec::new();
        }
    }

    /// The server's answer in the exchange of keys, which its own key begins (RFC 4253 8, RFC 5656 4). Where the group is
    /// asked for, that comes first, under the same number (RFC 4419 3).
    fn reply(&mut self, kind: u8, body: &[u8], server: Option<&Offer>) {
        let client = self.speeches.first().and_then(|client| client.offer.as_ref());
        if self.asks_for_group.is_none()
            && let Some((client, server)) = client.zip(server)
        {
            let agreed = client.agreed(server, KEY_EXCHANGE);
            self.asks_for_group = Some(agreed.map(|name| name.starts_with(b"diffie-hellman-group-exchange-")));
        }
        let is_key = self.asks_for_group.flatten() == Some(kind == GROUP_REPLY);
        if let Some(key) = string(&mut Cursor::new(body)).filter(|_| is_key && self.host_key.is_none()) {
            self.host_key = Some(format!("SHA256:{}", base64(&Sha256::digest(key))));
        }
    }
}

/// RFC 4648, without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..=group.len() {
            let at = (number >> (18 - 6 * digit) & 63) as usize;
            text.extend(DIGITS.get(at).map(|digit| char::from(*digit)));
        }
    }
    text
}
