//! First packets (RFC 9001 5): their keys come from the name that the client gave the connection, so that everybody can read
//! them; and the frames in them (RFC 9000 19).

use super::packet::{Dialect, Packet, number};
use crate::crypto::{Aead, AeadKind, Block, Hash, expand_label, hmac};
use crate::cursor::Cursor;
use crate::protocol::pieces::Pieces;

/// Bytes of a handshake of one side that are put together.
const LONGEST_STREAM: usize = 16 << 10;
/// Frames of a packet.
const MOST_FRAMES: usize = 256;

/// What opens the first packets of one side.
#[derive(Debug)]
struct Key {
    aead: Aead,
    vector: [u8; 12],
    header: Block,
}

impl Key {
    fn new(dialect: &Dialect, secret: &[u8], side: &str) -> Option<Self> {
        let secret = expand_label(Hash::Sha256, secret, side, 32);
        let derive = |what: &str, length| {
            let label = [dialect.label, what].concat();
            expand_label(Hash::Sha256, &secret, &label, length)
        };
        Some(Self {
            aead: Aead::new(AeadKind::Aes128Gcm, &derive("key", 16))?,
            vector: derive("iv", 12).try_into().ok()?,
            header: Block::new(&derive("hp", 16))?,
        })
    }

    /// What is in a packet; none where the key does not fit.
    fn open(&self, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let (head, protected) = packet.whole.split_at_checked(packet.number)?;
        let sample: [u8; 16] = *protected.get(4..)?.first_chunk()?;
        let [mask, masks @ ..] = self.header.encrypt(sample);
        let mut head = head.to_vec();
        let first = head.first_mut()?;
        *first ^= mask & 0x0f;
        let length = usize::from(*first & 3) + 1;
        let (hidden, sealed) = protected.split_at_checked(length)?;
        let numbers = hidden.iter().zip(masks).map(|(byte, mask)| byte ^ mask);
        head.extend(numbers);
        // Numbers of first packets are small: they are not cut.
        let mut nonce = self.vector;
        let number = head.get(packet.number..)?;
        for (place, byte) in nonce.iter_mut().rev().zip(number.iter().rev()) {
            *place ^= byte;
        }
        self.aead.open(&nonce, &head, sealed)
    }
}

/// The keys of both sides, the client's first. The server's is derived when it says something.
#[derive(Debug)]
pub(super) struct Keys {
    dialect: Dialect,
    secret: Vec<u8>,
    client: Key,
    server: Option<Key>,
}

impl Keys {
    /// From the name that the client gave the connection.
    pub(super) fn new(dialect: &Dialect, name: &[u8]) -> Option<Self> {
        let secret = hmac(Hash::Sha256, &dialect.salt, &[name]);
        Some(Self {
            dialect: *dialect,
            client: Key::new(dialect, &secret, "client in")?,
            server: None,
            secret,
        })
    }

    pub(super) fn open(&mut self, from_client: bool, packet: &Packet<'_>) -> Option<Vec<u8>> {
        if from_client {
            return self.client.open(packet);
        }
        if self.server.is_none() {
            self.server = Key::new(&self.dialect, &self.secret, "server in");
        }
        self.server.as_ref()?.open(packet)
    }
}

/// What one side says of its handshake, from pieces that come in any order.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pieces: Pieces,
    /// Whether its first message was read.
    pub(super) is_done: bool,
}

impl Stream {
    fn add(&mut self, offset: u64, data: &[u8]) {
        if let Some(from) = usize::try_from(offset).ok().filter(|_| !self.is_done) {
            self.pieces.add(from, data, LONGEST_STREAM);
        }
    }

    /// Bytes of memory that it holds.
    pub(super) const fn memory(&self) -> usize {
        self.pieces.memory()
    }

    /// The first message, once it is whole.
    pub(super) fn message(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut cursor = Cursor::new(self.pieces.beginning());
        let message = (cursor.u8()?, cursor.behind24()?.to_vec());
        *self = Self {
            is_done: true,
            ..Self::default()
        };
        Some(message)
    }
}

/// What of a packet's frames is not of the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frames {
    /// The connection is closed.
    pub(super) closes: bool,
}

/// Goes through the frames of a packet.
pub(super) fn frames(bytes: &[u8], stream: &mut Stream) -> Frames {
    let mut cursor = Cursor::new(bytes);
    let mut frames = Frames::default();
    for _ in 0..MOST_FRAMES {
        // Padding is long.
        let padding = cursor.rest().iter().take_while(|byte| **byte == 0).count();
        cursor.take(padding);
        if frame(&mut cursor, stream, &mut frames).is_none() {
            break;
        }
    }
    frames
}

fn frame(cursor: &mut Cursor<'_>, stream: &mut Stream, frames: &mut Frames) -> Option<()> {
    match cursor.u8()? {
        0x00 | 0x01 => {}
        kind @ (0x02 | 0x03) => {
            number(cursor)?;
            number(cursor)?;
            let ranges = number(cursor)?;
            // The first range and pairs of a gap and a range.
            let ecn = if kind == 3 { 3 } else { 0 };
            for _ in 0..ranges.checked_mul(2)?.checked_add(1 + ecn)? {
                number(cursor)?;
            }
        }
        // Google has another number for it, which nothing else has in first packets.
        0x06 | 0x08 => {
            let offset = number(cursor)?;
            let length = usize::try_from(number(cursor)?).ok()?;
            stream.add(offset, cursor.take(length)?);
        }
        0x1c | 0x1d => {
            frames.closes = true;
            return None;
        }
        _ => return None,
    }
    Some(())
}
