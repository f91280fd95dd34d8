//! A mixture of traffic by which speed is measured: some 400 bytes a frame and twelve frames a flow, as in captures of
//! whole companies; names, pages, encrypted pages over TCP and QUIC, shares of files, mail, terminals, calls, clocks,
//! and those who knock at closed doors.
//!
//! Ten seconds at a time: five thousand conversations begin at random, their frames are put in order, and what reaches
//! beyond is kept for the next ten. One in nine is of IPv6; of segments, one in three hundred comes late and one in three
//! hundred twice. Workstations are in 10.20.0.0/16, what they visit in the documentation ranges.

use super::files::Pcap;
use super::messages::{client_hello, dns_answer, dns_question, encrypted, http_request, http_response, server_hello};
use super::office::payload::share;
use super::packets::{Segment, arp, frame, icmp_echo, tcp, udp};
use super::quic::quic_initial;
use super::{SOURCE, TimedFrame};
use crate::Random;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Conversations that begin in ten seconds.
const ROUND: u64 = 5_000;
/// Nanoseconds of a round.
const SPAN: u64 = 10_000_000_000;
/// 2026-11-02, a Monday, at eight.
const BEGIN: u64 = 1_793_606_400_000_000_000;
/// Bytes of a segment.
const SEGMENT: usize = 1_460;
/// Bytes of which what looks encrypted is cut.
const POOL: usize = 1 << 20;

/// Writes a pcap of at least `bytes` bytes, ever the same for one seed.
pub fn write(seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut random = Random::new(seed);
    let mut maker = Maker {
        pool: random.bytes(POOL),
        random,
    };
    let header = Pcap::new(1).build();
    out.write_all(&header)?;
    let mut written = header.len() as u64;
    let mut waiting: Vec<TimedFrame> = Vec::new();
    let mut end = BEGIN;
    while written < bytes {
        end = end.saturating_add(SPAN);
        for _ in 0..ROUND {
            let at = end.saturating_sub(maker.random.below(SPAN));
            maker.conversation(at, &mut waiting);
        }
        waiting.sort_by_key(|frame| frame.time);
        let later = waiting.split_off(waiting.partition_point(|frame| frame.time < end));
        let file = Pcap::new(1).frames(&waiting).build();
        let records = file.get(header.len()..).unwrap_or_default();
        out.write_all(records)?;
        written = written.saturating_add(records.len() as u64);
        waiting = later;
    }
    Ok(())
}

struct Maker {
    pool: Vec<u8>,
    random: Random,
}

/// Who talks to whom.
#[derive(Clone)]
struct Pair {
    client: SocketAddr,
    server: SocketAddr,
    name: String,
}

/// One connection over TCP.
struct Stream<'f> {
    pair: Pair,
    next: [u32; 2],
    time: u64,
    step: u64,
    frames: &'f mut Vec<TimedFrame>,
    random: Random,
}

impl Maker {
    fn conversation(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        match self.random.below(1_000) {
            0..500 => self.name(at, frames),
            500..730 => self.secret(at, frames),
            730..820 => self.page(at, frames),
            820..885 => self.quic(at, frames),
            885..897 => self.share(at, frames),
            897..902 => self.mail(at, frames),
            902..904 => self.terminal(at, frames),
            904..906 => self.call(at, frames),
            906..930 => self.clock(at, frames),
            930..970 => self.knock(at, frames),
            970..985 => self.echo(at, frames),
            _ => self.neighbour(at, frames),
        }
    }

    fn pair(&mut self, port: u16) -> Pair {
        let byte = |random: &mut Random, limit| u8::try_from(random.below(limit)).unwrap_or_default();
        let random = &mut self.random;
        let from = u16::try_from(random.between(32_768, 60_999)).unwrap_or(49_152);
        let (floor, desk) = (byte(random, 16), byte(random, 200).saturating_add(20));
        let (net, group, host) = (byte(random, 3), byte(random, 200), byte(random, 250).saturating_add(1));
        let (client, server): (IpAddr, IpAddr) = if random.chance(1, 9) {
            let of = |net: u16, a: u8, b: u8| Ipv6Addr::new(0x2001, 0xdb8, net, a.into(), 0, 0, 0, b.into()).into();
            (of(0x20, floor, desk), of(0x100 + u16::from(net), group, host))
        } else {
            let (one, two) = [(192, 0), (198, 51), (203, 0)]
                .get(usize::from(net))
                .copied()
                .unwrap_or((192, 0));
            (
                Ipv4Addr::new(10, 20, floor, desk).into(),
                Ipv4Addr::new(one, two, group, host).into(),
            )
        };
        Pair {
            client: SocketAddr::new(client, from),
            server: SocketAddr::new(server, port),
            name: format!("host{host}.group{group}.net{net}.example"),
        }
    }

    /// Bytes that look like chance.
    fn some(&mut self, length: usize) -> Vec<u8> {
        let length = length.min(POOL / 2);
        let from = self.random.index(POOL - length);
        self.pool
            .get(from..from.saturating_add(length))
            .unwrap_or_default()
            .to_vec()
    }

    /// Most answers are short, few are long.
    fn size(&mut self) -> usize {
        match self.random.below(100) {
            0..60 => self.random.index(1_400),
            60..96 => self.random.index(7_000),
            _ => self.random.index(40_000),
        }
    }

    fn stream<'f>(&mut self, port: u16, at: u64, frames: &'f mut Vec<TimedFrame>) -> Stream<'f> {
        let pair = self.pair(port);
        let next = [self.random.bits(), self.random.bits()].map(|bits| u32::try_from(bits >> 32).unwrap_or_default());
        Stream {
            pair,
            next,
            time: at,
            step: self.random.between(50_000, 20_000_000),
            frames,
            random: self.random.fork("stream"),
        }
    }

    fn secret(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let (mine, yours) = (self.once(), self.once());
        let mut stream = self.stream(443, at, frames);
        let hello = client_hello(&stream.pair.name, mine);
        stream.open();
        stream.says(true, &hello);
        let certificates = 700 + self.random.index(2_500);
        let sealed = self.sealed(certificates);
        stream.says(false, &[server_hello(yours), sealed].concat());
        stream.says(true, &self.sealed(64));
        for _ in 0..self.random.between(1, 3) {
            let (asked, answered) = (40 + self.random.index(500), 40 + self.size());
            stream.says(true, &self.sealed(asked));
            stream.says(false, &self.sealed(answered));
        }
        stream.end(self.random.chance(1, 5));
    }

    fn once(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&self.random.bytes(32));
        bytes
    }

    /// Records of TLS, each of at most 16 KiB.
    fn sealed(&mut self, length: usize) -> Vec<u8> {
        let bytes = self.some(length.max(17));
        bytes.chunks(16_384).flat_map(encrypted).collect()
    }

    fn page(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let mut stream = self.stream(80, at, frames);
        stream.open();
        for number in 0..self.random.between(1, 3) {
            let is_page = self.random.chance(1, 2);
            let length = self.size();
            let (kind, body) = if is_page {
                (
                    "text/html",
                    b"<p>Words of a page.</p>\n"
                        .iter()
                        .copied()
                        .cycle()
                        .take(length)
                        .collect(),
                )
            } else {
                ("image/jpeg", self.some(length))
            };
            stream.says(true, &http_request(&stream.pair.name, &format!("/page/{number}.html")));
            stream.says(false, &http_response(kind, &body));
        }
        stream.end(false);
    }

    fn name(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let mut pair = self.pair(53);
        if pair.server.is_ipv4() {
            pair.server = SocketAddr::from(([10, 20, 0, 2], 53));
        }
        let id = u16::try_from(self.random.below(0x1_0000)).unwrap_or_default();
        let answer = dns_answer(id, &pair.name, [192, 0, 2, 7]);
        datagrams(
            &pair,
            at,
            12_000_000,
            &[(true, &dns_question(id, &pair.name)), (false, &answer)],
            frames,
        );
    }

    fn quic(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let pair = self.pair(443);
        let mine = self.once();
        let hello = client_hello(&pair.name, mine);
        let connection: [u8; 8] = mine.first_chunk().copied().unwrap_or_default();
        let mut messages = vec![(true, quic_initial(connection, hello.get(5..).unwrap_or_default()))];
        for number in 0..self.random.between(4, 22) {
            let mine = number % 3 == 0;
            let length = if mine {
                30 + self.random.index(90)
            } else {
                200 + self.random.index(1_050)
            };
            let mut bytes = self.some(length);
            // A short header with its fixed bit.
            bytes.splice(..1, [0x40]);
            messages.push((mine, bytes));
        }
        let messages: Vec<(bool, &[u8])> = messages.iter().map(|(mine, bytes)| (*mine, bytes.as_slice())).collect();
        datagrams(&pair, at, 3_000_000, &messages, frames);
    }

    /// A file is read from a share.
    fn share(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let mut stream = self.stream(445, at, frames);
        stream.open();
        // Negotiate, session setup, tree connect, create.
        for (number, command) in (0..).zip([0, 1, 3, 5]) {
            let body = self.some(90);
            stream.says(true, &share(command, false, number, &body));
            stream.says(false, &share(command, true, number, &body));
        }
        for number in (4..).take(self.random.between(1, 8) as usize) {
            let body = self.some(49);
            stream.says(true, &share(8, false, number, &body));
            let length = 16 + self.random.index(32_768);
            let body = self.some(length);
            stream.says(false, &share(8, true, number, &body));
        }
        stream.end(false);
    }

    fn mail(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let mut stream = self.stream(25, at, frames);
        stream.open();
        stream.says(false, b"220 mail.example ESMTP\r\n");
        for (asks, answers) in [
            ("EHLO desk.example\r\n", "250-mail.example\r\n250 SIZE\r\n"),
            ("MAIL FROM:<a@desk.example>\r\n", "250 OK\r\n"),
            ("RCPT TO:<b@mail.example>\r\n", "250 OK\r\n"),
            ("DATA\r\n", "354 go on\r\n"),
        ] {
            stream.says(true, asks.as_bytes());
            stream.says(false, answers.as_bytes());
        }
        let lines = self.random.index(600);
        let text = "Words of a mail that somebody writes.\r\n".repeat(lines);
        stream.says(true, format!("Subject: words\r\n\r\n{text}.\r\n").as_bytes());
        stream.says(false, b"250 OK\r\n");
        stream.says(true, b"QUIT\r\n");
        stream.says(false, b"221 bye\r\n");
        stream.end(false);
    }

    fn terminal(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let mut stream = self.stream(22, at, frames);
        stream.open();
        stream.says(true, b"SSH-2.0-OpenSSH_9.6\r\n");
        stream.says(false, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
        for _ in 0..self.random.between(20, 120) {
            let length = 36 + 8 * self.random.index(20);
            let (one, other) = (self.some(36), self.some(length));
            stream.says(true, &one);
            stream.says(false, &other);
        }
        stream.end(false);
    }

    /// A call over UDP: much comes, less goes.
    fn call(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let pair = self.pair(3_478);
        let mut messages = Vec::new();
        for number in 0..self.random.between(200, 800) {
            let mine = number % 4 == 0;
            let length = if mine { 172 } else { 700 + self.random.index(450) };
            let mut media = self.some(length);
            // RTP begins with its version and the kind of what it carries.
            media.splice(..2, [0x80, 0x60]);
            messages.push((mine, media));
        }
        let messages: Vec<(bool, &[u8])> = messages.iter().map(|(mine, bytes)| (*mine, bytes.as_slice())).collect();
        datagrams(&pair, at, 8_000_000, &messages, frames);
    }

    fn clock(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let pair = self.pair(123);
        let (mut asks, mut answers) = ([0; 48], [0; 48]);
        asks.iter_mut().take(1).for_each(|byte| *byte = 0x23);
        answers.iter_mut().take(1).for_each(|byte| *byte = 0x24);
        datagrams(&pair, at, 20_000_000, &[(true, &asks), (false, &answers)], frames);
    }

    /// Somebody knocks: half of the doors are closed, at the others is nobody.
    fn knock(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let port = u16::try_from(self.random.between(1, 9_999)).unwrap_or(1);
        let closed = self.random.chance(1, 2);
        let mut stream = self.stream(port, at, frames);
        stream.send(true, 0x02, &[]);
        if closed {
            stream.send(false, 0x14, &[]);
        } else {
            stream.time = stream.time.saturating_add(1_000_000_000);
            stream.next = stream.next.map(|next| next.wrapping_sub(1));
            stream.send(true, 0x02, &[]);
        }
    }

    fn echo(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let pair = self.pair(0);
        let (IpAddr::V4(client), IpAddr::V4(server)) = (pair.client.ip(), pair.server.ip()) else {
            return;
        };
        for number in 0..4_u16 {
            let time = at.saturating_add(u64::from(number) * 1_000_000_000);
            for (kind, from, to) in [(8, client, server), (0, server, client)] {
                let packet = icmp_echo(kind, from, to, pair.client.port(), number, &[7; 56]);
                frames.push(TimedFrame {
                    time,
                    bytes: frame(&packet),
                });
            }
        }
    }

    fn neighbour(&mut self, at: u64, frames: &mut Vec<TimedFrame>) {
        let IpAddr::V4(client) = self.pair(0).client.ip() else {
            return;
        };
        let bytes = arp(1, (SOURCE, client), ([0; 6], Ipv4Addr::new(10, 20, 0, 1)));
        frames.push(TimedFrame { time: at, bytes });
    }
}

/// Messages of both ends, in turn or not, so many nanoseconds apart.
fn datagrams(pair: &Pair, at: u64, step: u64, messages: &[(bool, &[u8])], frames: &mut Vec<TimedFrame>) {
    let mut time = at;
    for (mine, message) in messages {
        let (from, to) = if *mine {
            (pair.client, pair.server)
        } else {
            (pair.server, pair.client)
        };
        frames.push(TimedFrame {
            time,
            bytes: frame(&udp(from, to, message)),
        });
        time = time.saturating_add(step);
    }
}

impl Stream<'_> {
    fn open(&mut self) {
        self.send(true, 0x02, &[]);
        self.send(false, 0x12, &[]);
        self.send(true, 0x10, &[]);
    }

    /// What an end says, in segments; the other acknowledges every second.
    fn says(&mut self, client: bool, payload: &[u8]) {
        let mut segments = payload.chunks(SEGMENT).peekable();
        let mut number = 0_u32;
        while let Some(segment) = segments.next() {
            self.send(client, 0x18, segment);
            number = number.wrapping_add(1);
            if number.is_multiple_of(2) || segments.peek().is_none() {
                self.send(!client, 0x10, &[]);
            }
        }
    }

    fn end(&mut self, breaks: bool) {
        if breaks {
            self.send(true, 0x14, &[]);
            return;
        }
        self.send(true, 0x11, &[]);
        self.send(false, 0x11, &[]);
        self.send(true, 0x10, &[]);
    }

    fn send(&mut self, client: bool, flags: u8, payload: &[u8]) {
        let Pair {
            client: one,
            server: two,
            ..
        } = self.pair;
        let [mine, yours] = self.next;
        let (from, to, sequence, acknowledged) = if client {
            (one, two, mine, yours)
        } else {
            (two, one, yours, mine)
        };
        let acknowledged = if flags & 0x10 == 0 { 0 } else { acknowledged };
        let segment = Segment {
            sequence,
            acknowledged,
            flags,
        };
        let bytes = frame(&tcp(from, to, segment, payload));
        let late = if self.random.chance(1, 300) {
            self.step.saturating_mul(2)
        } else {
            0
        };
        if self.random.chance(1, 300) {
            let time = self.time.saturating_add(self.step);
            self.frames.push(TimedFrame {
                time,
                bytes: bytes.clone(),
            });
        }
        self.frames.push(TimedFrame {
            time: self.time.saturating_add(late),
            bytes,
        });
        self.time = self.time.saturating_add(self.step);
        // SYN and FIN count like a byte.
        let used = u32::try_from(payload.len()).unwrap_or_default() + u32::from(flags & 0x03 != 0);
        if let Some(next) = self.next.get_mut(usize::from(!client)) {
            *next = next.wrapping_add(used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_capture::Sink;
    use watchfire_model::network::{Event, Flow};

    struct Nobody;

    impl Sink for Nobody {
        fn event(&mut self, _: &Event) {}

        fn flow(&mut self, _: &Flow) {}
    }

    #[test]
    fn the_mixture_repeats_and_has_twelve_frames_a_flow() {
        let made = |seed| {
            let mut file = Vec::new();
            write(seed, 4_000_000, &mut file).expect("memory can be written");
            file
        };
        let file = made(3);
        assert_eq!(file, made(3));
        assert_ne!(file, made(4));
        let mut reader = watchfire_capture::FrameReader::new(&file[..]);
        let mut block = watchfire_capture::Block::default();
        let (mut last, mut bytes) = (None, 0);
        while reader.next_block(&mut block) {
            for frame in block.frames() {
                assert!(last <= Some(frame.time), "frame {} is too early", frame.number);
                last = Some(frame.time);
                bytes += u64::from(frame.captured);
            }
        }
        let mean = bytes / reader.frames();
        assert!(
            reader.problems().is_empty() && (350..450).contains(&mean),
            "{mean} bytes a frame"
        );
        let totals = watchfire_capture::read(
            &mut watchfire_capture::FrameReader::new(&file[..]),
            || None,
            &watchfire_capture::Options::default(),
            &mut Nobody,
        );
        let each = totals.frames as f64 / totals.flows as f64;
        assert!((11.0..14.0).contains(&each), "{each} frames a flow");
    }
}
