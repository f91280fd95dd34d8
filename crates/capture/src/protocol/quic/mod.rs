//! QUIC (RFC 8999, RFC 9000, RFC 9369, drafts since 23, and Google's with TLS): who speaks to whom, and the handshake of TLS
//! in its first packets (RFC 9001). What follows them is encrypted with keys that nobody else has.
//!
//! A flow costs a few derivations of keys and a few dozen decryptions, whatever is in it. Absent: numbers of packets, which
//! matter to those who lose some; Google's own handshake (`Q046` and before).

mod initial;
mod packet;
#[cfg(test)]
mod tests;

use super::tls::Handshake;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use initial::{Frames, Keys, Stream, frames};
use packet::{Kind, LONGEST_NAME, Packet, dialect};
use watchfire_model::digest_hex;
use watchfire_model::network::{Exchange, Quic, QuicVersion, TlsCarrier};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "quic",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Connection::default()),
};

/// Packets of a datagram.
const MOST_PACKETS: usize = 16;
/// Keys that are derived for one flow.
const MOST_KEYS: u8 = 4;
/// First packets of one flow that are opened.
const MOST_OPENED: u8 = 48;
/// Letters of a history.
const MOST_LETTERS: usize = 100;

fn recognise(opening: &Opening<'_>) -> Guess {
    let datagram = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    let [first, version @ ..] = datagram else {
        return Guess::No;
    };
    let Some(version) = version.first_chunk().filter(|_| first & 0x80 != 0) else {
        return Guess::No;
    };
    let is_known = dialect(u32::from_be_bytes(*version)).is_some();
    match Packet::read(datagram) {
        Some(packet) if packet.kind == Kind::Negotiation => Guess::only_if(packet.names_versions()),
        // A client pads a version that it makes up as well (RFC 9000 14.1).
        Some(packet) if packet.kind == Kind::Unknown => {
            let is_made_up = packet.version & 0x0f0f_0f0f == 0x0a0a_0a0a;
            let is_named = (8..=LONGEST_NAME).contains(&packet.destination.len());
            Guess::only_if(is_made_up && is_named && datagram.len() >= 1_200)
        }
        Some(_) => Guess::only_if(first & 0x40 != 0),
        // A datagram that the capture cut.
        None => Guess::only_if(is_known && opening.port == 443 && first & 0x40 != 0),
    }
}

/// A connection as far as it was heard.
#[derive(Debug, Default)]
struct Connection {
    began: Option<Here>,
    /// Where the packets of the present attempt begin.
    attempt: Option<Here>,
    /// Who is the client, once its first packet was opened.
    client: Option<Side>,
    quic: Quic,
    keys: Option<Keys>,
    derived: u8,
    opened: u8,
    streams: [Stream; 2],
    /// Packets of data of both sides.
    data: [u64; 2],
    /// Who went on to keys that nobody else has.
    went_on: [bool; 2],
    handshake: Handshake,
}

impl Dissector for Connection {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        if self.began.is_none() {
            self.handshake = Handshake::new(TlsCarrier::Quic);
            self.began = Some(context.here);
        }
        let mut rest = bytes;
        for _ in 0..MOST_PACKETS {
            let Some(first) = rest.first() else { break };
            if first & 0xc0 == 0x40 {
                self.data(side);
                break;
            }
            let packet = Packet::read(rest).filter(|_| first & 0x80 != 0);
            // The second bit is set unless both agreed that it means nothing (RFC 9287).
            let packet = packet.filter(|packet| first & 0x40 != 0 || packet.kind != Kind::Unknown);
            let Some(packet) = packet else {
                if self.opened > 0 && first & 0x40 == 0 {
                    self.letter(side, 'X');
                }
                break;
            };
            self.packet(side, &packet, context);
            rest = rest.get(packet.whole.len()..).unwrap_or_default();
        }
        if self.handshake.tls.established {
            self.handshake.say(self.began.unwrap_or(context.here), context);
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let began = self.began.unwrap_or(context.here);
        self.say(context);
        self.handshake.say(began, context);
    }

    fn memory(&self) -> usize {
        self.streams.iter().map(Stream::memory).sum::<usize>() + self.handshake.memory()
    }
}

impl Connection {
    fn is_client(&self, side: Side) -> bool {
        self.client.unwrap_or(Side::Originator) == side
    }

    fn letter(&mut self, side: Side, letter: char) {
        if self.quic.history.len() < MOST_LETTERS {
            self.quic.history.push(if self.is_client(side) {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            });
        }
    }

    /// Says what was heard of this attempt to connect.
    fn say(&mut self, context: &mut Context<'_>) {
        if let Some(began) = self.attempt.take() {
            context.say(began, Exchange::Quic(Box::new(std::mem::take(&mut self.quic))));
        }
    }

    /// A packet with a short header, of which nothing can be read.
    fn data(&mut self, side: Side) {
        let count = self.data.get_mut(usize::from(side == Side::Responder));
        let count = count.map_or(0, |count| {
            *count += 1;
            *count
        });
        if count.is_power_of_two() && self.attempt.is_some() {
            self.letter(side, 'O');
        }
        self.goes_on(side);
    }

    fn goes_on(&mut self, side: Side) {
        if let Some(place) = self.went_on.get_mut(usize::from(side == Side::Responder)) {
            *place = true;
        }
        self.handshake.tls.established = self.went_on == [true; 2] && self.handshake.tls.server.is_some();
    }

    fn packet(&mut self, side: Side, packet: &Packet<'_>, context: &mut Context<'_>) {
        if self.attempt.is_none() {
            self.attempt = Some(context.here);
            self.quic.version = QuicVersion(packet.version);
        }
        match packet.kind {
            Kind::Initial => self.initial(side, packet, context),
            Kind::EarlyData => self.named(side, packet, 'Z'),
            Kind::Handshake => {
                self.named(side, packet, 'H');
                self.goes_on(side);
            }
            Kind::Retry => {
                self.letter(side, 'R');
                self.say(context);
                self.keys = None;
                self.streams = <[Stream; 2]>::default();
            }
            Kind::Negotiation | Kind::Unknown => self.letter(side, 'U'),
        }
    }

    /// Keeps how the ends are named.
    fn named(&mut self, side: Side, packet: &Packet<'_>, letter: char) {
        if self.is_client(side) {
            if !packet.destination.is_empty() {
                self.quic
                    .client_initial_dcid
                    .get_or_insert(digest_hex(packet.destination));
            }
            self.quic.client_scid = Some(digest_hex(packet.source));
        } else {
            self.quic.server_scid = Some(digest_hex(packet.source));
        }
        self.letter(side, letter);
    }

    fn initial(&mut self, side: Side, packet: &Packet<'_>, context: &mut Context<'_>) {
        let text = self.open(side, packet);
        if text.is_some() && self.opened == 1 {
            self.quic.version = QuicVersion(packet.version);
        }
        self.named(side, packet, 'I');
        let from_client = self.is_client(side);
        let Some((text, stream)) = text.zip(self.streams.get_mut(usize::from(!from_client))) else {
            return;
        };
        let Frames { closes } = frames(&text, stream);
        let message = stream.message();
        if closes {
            self.letter(side, 'C');
        }
        if self.streams.iter().all(|stream| stream.is_done) {
            // Nothing more is opened.
            self.keys = None;
        }
        let Some((kind, body)) = message else { return };
        self.handshake.message(side, kind, &body);
        if !self.handshake.is_empty() {
            context.serves("ssl");
        }
        if kind == 1 || kind == 2 {
            self.letter(side, 'S');
        }
        if let Some(client) = self.handshake.tls.client.as_ref().filter(|_| from_client) {
            self.quic.server_name = client.server_name.clone();
            self.quic.client_protocol = client.protocols.first().cloned();
        }
    }

    /// What is in a first packet.
    fn open(&mut self, side: Side, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let from_client = self.is_client(side);
        let is_done = self.streams.get(usize::from(!from_client))?.is_done;
        if is_done || self.opened >= MOST_OPENED {
            return None;
        }
        self.opened += 1;
        if let Some(keys) = &mut self.keys
            && let Some(text) = keys.open(from_client, packet)
        {
            return Some(text);
        }
        // The client begins, and names the connection as the keys have it.
        if self.client.is_some_and(|client| client != side) || self.derived >= MOST_KEYS {
            return None;
        }
        self.derived += 1;
        let mut keys = Keys::new(&dialect(packet.version)?, packet.destination)?;
        let text = keys.open(true, packet)?;
        self.keys = Some(keys);
        self.client = Some(side);
        self.streams = <[Stream; 2]>::default();
        Some(text)
    }
}
