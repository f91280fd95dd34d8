//! Ordinary traffic of an office, as much as is asked for: names are asked for, pages are read in clear and encrypted,
//! somebody watches a video, clocks are set.
//!
//! Ten seconds at a time: conversations begin at random, their frames are put in order, and what reaches beyond is kept
//! for the next ten. Workstations are in 10.20.0.0/16, what they visit in the documentation ranges.

use super::conversation::Conversation;
use super::files::Pcap;
use super::messages::{client_hello, dns_answer, dns_question, encrypted, http_request, http_response, server_hello};
use super::packets::{arp, frame, udp};
use super::{SOURCE, TimedFrame};
use crate::Random;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};

/// Conversations that begin in ten seconds.
const ROUND: u64 = 1_500;

/// Nanoseconds of a round.
const SPAN: u64 = 10_000_000_000;

/// 2026-11-02, a Monday, at eight.
const BEGIN: u64 = 1_793_606_400_000_000_000;

/// Writes a pcap of at least `bytes` bytes, ever the same for one seed.
pub fn write(seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut random = Random::new(seed);
    let header = Pcap::new(1).build();
    out.write_all(&header)?;
    let mut written = header.len() as u64;
    let mut waiting: Vec<TimedFrame> = Vec::new();
    let mut end = BEGIN;
    while written < bytes {
        end = end.saturating_add(SPAN);
        for _ in 0..ROUND {
            let at = end.saturating_sub(random.below(SPAN));
            waiting.extend(conversation(&mut random, at));
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

/// Who talks to whom.
struct Pair {
    client: SocketAddr,
    server: Ipv4Addr,
    name: String,
}

impl Pair {
    fn new(random: &mut Random) -> Self {
        let byte = |random: &mut Random, limit| u8::try_from(random.below(limit)).unwrap_or_default();
        let port = u16::try_from(random.between(32_768, 60_999)).unwrap_or(49_152);
        let (floor, desk) = (byte(random, 4), byte(random, 200).saturating_add(20));
        let (net, host) = (random.index(3), byte(random, 250).saturating_add(1));
        let server = match net {
            0 => Ipv4Addr::new(192, 0, 2, host),
            1 => Ipv4Addr::new(198, 51, 100, host),
            _ => Ipv4Addr::new(203, 0, 113, host),
        };
        Self {
            client: SocketAddr::from(([10, 20, floor, desk], port)),
            server,
            name: format!("host{host}.net{net}.example"),
        }
    }

    fn talk(&self, port: u16, at: u64, random: &mut Random) -> Conversation {
        let server = SocketAddr::from((self.server, port));
        Conversation::new(&self.client.to_string(), &server.to_string())
            .at(at)
            .every(random.between(50_000, 20_000_000))
    }
}

fn conversation(random: &mut Random, at: u64) -> Vec<TimedFrame> {
    let pair = Pair::new(random);
    match random.below(100) {
        0..40 => ask(&pair, at, random),
        40..62 => page(&pair, at, random),
        62..92 => secret(&pair, at, random),
        92..93 => video(&pair, at, random),
        93..97 => clock(&pair, at),
        _ => neighbour(&pair, at),
    }
}

/// Most are short, few are long.
fn size(random: &mut Random) -> usize {
    let most = if random.chance(1, 20) { 60_000 } else { 2_500 };
    random.index(most)
}

fn exchange(one: SocketAddr, other: SocketAddr, at: u64, question: &[u8], answer: &[u8]) -> Vec<TimedFrame> {
    let timed = |time, packet: &[u8]| TimedFrame {
        time,
        bytes: frame(packet),
    };
    let there = timed(at, &udp(one, other, question));
    let back = timed(at.saturating_add(12_000_000), &udp(other, one, answer));
    vec![there, back]
}

fn ask(pair: &Pair, at: u64, random: &mut Random) -> Vec<TimedFrame> {
    let resolver = SocketAddr::from(([10, 20, 0, 2], 53));
    let id = u16::try_from(random.below(0x1_0000)).unwrap_or_default();
    let answer = dns_answer(id, &pair.name, pair.server.octets());
    exchange(pair.client, resolver, at, &dns_question(id, &pair.name), &answer)
}

fn page(pair: &Pair, at: u64, random: &mut Random) -> Vec<TimedFrame> {
    let mut talk = pair.talk(80, at, random).open();
    for number in 0..random.between(1, 3) {
        let body = vec![b'a'; size(random)];
        let request = http_request(&pair.name, &format!("/page/{number}.html"));
        talk = talk.client(&request).server(&http_response("text/html", &body));
    }
    talk.close().frames().to_vec()
}

fn secret(pair: &Pair, at: u64, random: &mut Random) -> Vec<TimedFrame> {
    let mut once = || {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&random.bytes(32));
        bytes
    };
    let (mine, yours) = (once(), once());
    let mut talk = pair
        .talk(443, at, random)
        .open()
        .client(&client_hello(&pair.name, mine));
    talk = talk.server(&server_hello(yours));
    for _ in 0..random.between(1, 3) {
        // A record has a kind and a checksum at least.
        let (asked, answered) = (17 + random.index(600), 17 + size(random));
        let (question, answer) = (encrypted(&random.bytes(asked)), encrypted(&random.bytes(answered)));
        talk = talk.client(&question).server(&answer);
    }
    talk.close().frames().to_vec()
}

/// A call over UDP: much comes, little goes.
fn video(pair: &Pair, at: u64, random: &mut Random) -> Vec<TimedFrame> {
    let server = SocketAddr::from((pair.server, 3478));
    let mut frames = Vec::new();
    for number in 0..random.between(100, 500) {
        let time = at.saturating_add(number.saturating_mul(8_000_000));
        let length = 900_usize.saturating_add(random.index(250));
        // RTP begins with its version and the kind of what it carries.
        let mut media = random.bytes(length);
        media.splice(..2, [0x80, 0x60]);
        let packet = if number % 5 == 0 {
            udp(pair.client, server, media.get(..160).unwrap_or_default())
        } else {
            udp(server, pair.client, &media)
        };
        frames.push(TimedFrame {
            time,
            bytes: frame(&packet),
        });
    }
    frames
}

fn clock(pair: &Pair, at: u64) -> Vec<TimedFrame> {
    let server = SocketAddr::from((pair.server, 123));
    let mut message = [0; 48];
    let mut with = |first: u8| {
        message.iter_mut().take(1).for_each(|byte| *byte = first);
        message
    };
    let (question, answer) = (with(0x23), with(0x24));
    exchange(pair.client, server, at, &question, &answer)
}

fn neighbour(pair: &Pair, at: u64) -> Vec<TimedFrame> {
    let SocketAddr::V4(client) = pair.client else {
        return Vec::new();
    };
    let bytes = arp(1, (SOURCE, *client.ip()), ([0; 6], Ipv4Addr::new(10, 20, 0, 1)));
    vec![TimedFrame { time: at, bytes }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_repeats_and_goes_forward_in_time() {
        let made = |seed| {
            let mut file = Vec::new();
            write(seed, 1_000_000, &mut file).expect("memory can be written");
            file
        };
        let file = made(3);
        assert_eq!(file, made(3));
        assert_ne!(file, made(4));
        let mut reader = watchfire_capture::FrameReader::new(&file[..]);
        let mut block = watchfire_capture::Block::default();
        let mut last = None;
        while reader.next_block(&mut block) {
            for frame in block.frames() {
                assert!(last <= Some(frame.time), "frame {} is too early", frame.number);
                last = Some(frame.time);
            }
        }
        assert!(reader.problems().is_empty() && reader.frames() > 1_000);
    }
}
