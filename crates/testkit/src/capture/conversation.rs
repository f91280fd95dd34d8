//! A whole conversation over TCP: it opens, both say something, it ends.

use super::packets::{Segment, frame, tcp};
use super::{Pcap, TimedFrame};
use std::net::SocketAddr;

/// Bytes of a segment.
const SEGMENT: usize = 1_460;

/// A conversation over TCP, with right numbers and acknowledgements.
#[derive(Clone, Debug)]
pub struct Conversation {
    client: SocketAddr,
    server: SocketAddr,
    client_next: u32,
    server_next: u32,
    time: u64,
    step: u64,
    frames: Vec<TimedFrame>,
}

impl Conversation {
    /// Between two addresses with their ports, as in `192.0.2.1:49152` or `[2001:db8::1]:443`. It begins on 2026-11-01
    /// at midnight, one millisecond between frames.
    pub fn new(client: &str, server: &str) -> Self {
        let address = |text: &str| text.parse().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
        Self {
            client: address(client),
            server: address(server),
            client_next: 1_000,
            server_next: 5_000,
            time: 1_793_491_200_000_000_000,
            step: 1_000_000,
            frames: Vec::new(),
        }
    }

    /// The next frame has this time, in nanoseconds since 1970.
    #[must_use]
    pub fn at(mut self, time: u64) -> Self {
        self.time = time;
        self
    }

    /// So many nanoseconds are between the frames that follow.
    #[must_use]
    pub fn every(mut self, nanoseconds: u64) -> Self {
        self.step = nanoseconds;
        self
    }

    /// The three frames with which it opens.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.send(true, 0x02, &[]);
        self.send(false, 0x12, &[]);
        self.send(true, 0x10, &[]);
        self
    }

    /// What the client says, in as many segments as are needed; the server acknowledges.
    #[must_use]
    pub fn client(self, payload: &[u8]) -> Self {
        self.say(true, payload)
    }

    /// What the server says.
    #[must_use]
    pub fn server(self, payload: &[u8]) -> Self {
        self.say(false, payload)
    }

    fn say(mut self, client: bool, payload: &[u8]) -> Self {
        for piece in payload.chunks(SEGMENT) {
            self.send(client, 0x18, piece);
        }
        self.send(!client, 0x10, &[]);
        self
    }

    /// Both end it.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.send(true, 0x11, &[]);
        self.send(false, 0x11, &[]);
        self.send(true, 0x10, &[]);
        self
    }

    /// The server ends it at once.
    #[must_use]
    pub fn reset(mut self) -> Self {
        self.send(false, 0x14, &[]);
        self
    }

    /// Its frames so far, of Ethernet.
    pub fn frames(&self) -> &[TimedFrame] {
        &self.frames
    }

    /// A file with it alone.
    pub fn pcap(&self) -> Vec<u8> {
        Pcap::new(1).frames(&self.frames).build()
    }

    fn send(&mut self, client: bool, flags: u8, payload: &[u8]) {
        let (source, destination, sequence, acknowledged) = if client {
            (self.client, self.server, self.client_next, self.server_next)
        } else {
            (self.server, self.client, self.server_next, self.client_next)
        };
        let acknowledged = if flags & 0x10 == 0 { 0 } else { acknowledged };
        let segment = Segment {
            sequence,
            acknowledged,
            flags,
        };
        let bytes = frame(&tcp(source, destination, segment, payload));
        self.frames.push(TimedFrame { time: self.time, bytes });
        self.time = self.time.wrapping_add(self.step);
        // SYN and FIN count like a byte.
        let used = u32::try_from(payload.len()).unwrap_or_default() + u32::from(flags & 0x03 != 0);
        let next = if client {
            &mut self.client_next
        } else {
            &mut self.server_next
        };
        *next = next.wrapping_add(used);
    }
}
