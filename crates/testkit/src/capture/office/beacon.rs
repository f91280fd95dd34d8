//! A program that reports to its master at regular times, as a capture sees it.

use super::Places;
use super::wire::{SECOND, Talk, Wire};
use crate::Random;
use crate::capture::messages::{client_hello, encrypted, server_hello};
use std::net::{Ipv4Addr, SocketAddr};

/// How the times between two reports vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Evenly, by at most so many hundredths of the interval, up and down.
    Uniform(u64),
    /// Like a bell, of which so many hundredths of the interval are two standard deviations.
    Gaussian(u64),
}

/// A beacon over TLS. Its timer begins anew after each report, so that its times drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// Which workstation, counted from 0.
    pub host: usize,
    /// The name that it asks for.
    pub name: String,
    /// Where that is; of several, one each time.
    pub addresses: Vec<Ipv4Addr>,
    /// Seconds from one report to the next.
    pub interval: u64,
    /// How they vary.
    pub jitter: Jitter,
    /// Of a hundred reports, how many never come.
    pub missing: u64,
    /// Bytes of a report and of its answer.
    pub sizes: (usize, usize),
    /// Of a hundred reports, how many bring orders, and results go back.
    pub orders: u64,
    /// Seconds after the beginning of the capture when it starts and stops.
    pub from: u64,
    /// See `from`.
    pub until: u64,
}

impl Beacon {
    /// Every minute without jitter, from the first second to the last, to one address.
    pub fn new(host: usize, name: &str, address: Ipv4Addr) -> Self {
        Self {
            host,
            name: name.to_owned(),
            addresses: vec![address],
            interval: 60,
            jitter: Jitter::Uniform(0),
            missing: 0,
            sizes: (310, 240),
            orders: 4,
            from: 0,
            until: u64::MAX,
        }
    }

    /// The time until the next report, in nanoseconds.
    pub(super) fn wait(&self, random: &mut Random) -> u64 {
        let interval = self.interval.saturating_mul(SECOND);
        let part = interval / 100;
        match self.jitter {
            Jitter::Uniform(percent) => {
                let most = part.saturating_mul(percent);
                interval
                    .saturating_sub(most)
                    .saturating_add(random.below(most.saturating_mul(2).max(1)))
            }
            Jitter::Gaussian(percent) => {
                // Twelve draws have a variance of one (Irwin, Hall).
                let deviation = part.saturating_mul(percent) / 2;
                let sum: u64 = (0..12).map(|_| random.below(1_000)).sum();
                let above = interval.saturating_add((deviation / 1_000).saturating_mul(sum));
                above.saturating_sub(deviation.saturating_mul(6)).max(SECOND / 10)
            }
        }
    }

    /// One report, or none.
    pub(super) fn report(&self, wire: &mut Wire, places: &mut Places, at: u64, random: &mut Random) {
        if random.chance(self.missing, 100) {
            return;
        }
        let client = super::workstation(self.host);
        let address = random.pick_of(&self.addresses);
        let at = places.look_up(wire, at, client, random, (&self.name, address));
        let mut talk = Talk::new(client, SocketAddr::from((address, 443)), at, random);
        talk.open(wire);
        secure(&mut talk, wire, &self.name, random);
        let (sent, received) = self.sizes;
        let (sent, received) = if random.chance(self.orders, 100) {
            (
                sent.saturating_mul(random.between_sizes(2, 20)),
                received.saturating_mul(random.between_sizes(2, 40)),
            )
        } else {
            (sent, received)
        };
        // Padding and cookies differ a little.
        let sent = sent.saturating_add(random.index(24));
        let report = encrypted(&wire.noise(random, sent));
        talk.say(wire, true, &report);
        let answer = wire.noise(random, received);
        for record in answer.chunks(16_000) {
            talk.say(wire, false, &encrypted(record));
        }
        talk.close(wire);
    }
}

/// The handshake of TLS 1.3, as far as it is not encrypted, and about as many bytes as the rest takes.
pub(super) fn secure(talk: &mut Talk, wire: &mut Wire, name: &str, random: &mut Random) {
    let once = |random: &mut Random| {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&random.bytes(32));
        bytes
    };
    let (mine, yours) = (once(random), once(random));
    talk.say(wire, true, &client_hello(name, mine));
    // The length of a chain of certificates is the server's own.
    let chain = 1_900_usize.saturating_add(name.len().saturating_mul(37) % 1_500);
    let answer = [server_hello(yours), encrypted(&wire.noise(random, chain))].concat();
    talk.say(wire, false, &answer);
    let finished = encrypted(&wire.noise(random, 53));
    talk.say(wire, true, &finished);
}

/// Draws that are wanted here alone.
trait Draws {
    fn pick_of(&mut self, addresses: &[Ipv4Addr]) -> Ipv4Addr;
    fn between_sizes(&mut self, low: usize, high: usize) -> usize;
}

impl Draws for Random {
    fn pick_of(&mut self, addresses: &[Ipv4Addr]) -> Ipv4Addr {
        let at = self.index(addresses.len());
        addresses.get(at).copied().unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    fn between_sizes(&mut self, low: usize, high: usize) -> usize {
        low.saturating_add(self.index(high.saturating_sub(low).saturating_add(1)))
    }
}
