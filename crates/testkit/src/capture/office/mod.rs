//! An office at work, hour after hour: whoever looks for what is odd has to find it among this.
//!
//! Workstations get their addresses, log in, ask for names, read pages with the pauses that people make, fetch mail, set clocks,
//! look for updates and report to those who made their programs; some call others, some watch their prices, printers are
//! asked whether they have paper. [`Beacon`]s and [`Upload`]s are mixed in. Workstations are in 10.0.5.0/24 and the networks
//! above, servers in 10.0.1.0/24, the world in the documentation ranges (RFC 5737), so that many names share an address.
//!
//! Frames come one by one, in the order of time, for as many hours as are asked for: memory holds what goes on, and not
//! what was. The same seed gives the same frames, on every machine. Payloads of Kerberos, SMB and mail are noise behind the
//! beginning by which they are told.

mod actor;
mod beacon;
pub(super) mod payload;
mod wire;

pub use beacon::{Beacon, Jitter};
pub use wire::Captured;

use super::{Order, PcapNg};
use crate::Random;
use actor::Actor;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::net::Ipv4Addr;
use wire::{SECOND, Wire};

/// The controller of the domain, which knows all names and the time.
pub const CONTROLLER: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 1);
/// Where files lie.
pub const FILES: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 2);
/// Who looks after the printers.
pub const PRINTS: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 3);

/// 2026-11-02, a Monday, at eight.
const BEGIN: u64 = 1_793_606_400 * SECOND;
/// Nanoseconds of frames that are put in order at a time.
const ROUND: u64 = 10 * SECOND;
/// How long a client remembers where a name is.
const REMEMBERED: u64 = 300 * SECOND;
/// Names that clients remember.
const MOST_REMEMBERED: usize = 200_000;

/// A workstation, counted from 0: the fourth is 10.0.5.23.
pub fn workstation(number: usize) -> Ipv4Addr {
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    Ipv4Addr::new(10, 0, byte(5 + number / 200), byte(20 + number % 200))
}

/// Something large that is sent out, of which the capture sees the headers alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Which workstation, counted from 0.
    pub host: usize,
    /// The name that it asks for.
    pub name: String,
    /// Where that is.
    pub address: Ipv4Addr,
    /// Seconds after the beginning of the capture.
    pub at: u64,
    /// How long it takes, in seconds.
    pub takes: u64,
    /// How much it is.
    pub bytes: u64,
}

/// What is to be captured.
#[derive(Clone, Debug)]
pub struct Office {
    seed: u64,
    hosts: usize,
    seconds: u64,
    snap: usize,
    pace: u64,
    has_rare: bool,
    programs: usize,
    names: BTreeMap<usize, String>,
    beacons: Vec<Beacon>,
    uploads: Vec<Upload>,
    gap: Option<(u64, u64)>,
}

impl Office {
    /// Twenty-five workstations and eight hours from 2026-11-02 08:00 UTC on, whole frames.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            hosts: 25,
            seconds: 8 * 3_600,
            snap: 262_144,
            pace: 100,
            has_rare: true,
            programs: usize::MAX,
            names: BTreeMap::new(),
            beacons: Vec::new(),
            uploads: Vec::new(),
            gap: None,
        }
    }

    /// So many workstations.
    #[must_use]
    pub fn hosts(mut self, hosts: usize) -> Self {
        self.hosts = hosts;
        self
    }

    /// For so many minutes.
    #[must_use]
    pub fn minutes(mut self, minutes: u64) -> Self {
        self.seconds = minutes * 60;
        self
    }

    /// Of each frame, at most so many bytes.
    #[must_use]
    pub fn snap(mut self, bytes: usize) -> Self {
        self.snap = bytes;
        self
    }

    /// People do so many hundredths of what they usually do; programs do what they always do.
    #[must_use]
    pub fn pace(mut self, percent: u64) -> Self {
        self.pace = percent.max(1);
        self
    }

    /// Of the programs that report to their makers from every workstation, so many: the first four do so every five minutes
    /// and less often, the fifth every minute.
    #[must_use]
    pub fn programs(mut self, number: usize) -> Self {
        self.programs = number;
        self
    }

    /// Without programs that one host alone has, and that ask for what is new all day.
    #[must_use]
    pub fn without_rare_programs(mut self) -> Self {
        self.has_rare = false;
        self
    }

    /// A workstation with a name of its own.
    #[must_use]
    pub fn named(mut self, host: usize, name: &str) -> Self {
        self.names.insert(host, name.to_owned());
        self
    }

    /// With a beacon in it.
    #[must_use]
    pub fn beacon(mut self, beacon: Beacon) -> Self {
        self.beacons.push(beacon);
        self
    }

    /// With an upload in it.
    #[must_use]
    pub fn upload(mut self, upload: Upload) -> Self {
        self.uploads.push(upload);
        self
    }

    /// Nothing is captured between two minutes after the beginning.
    #[must_use]
    pub fn gap(mut self, from: u64, to: u64) -> Self {
        self.gap = Some((from * 60, to * 60));
        self
    }

    /// The frames, in the order of time.
    pub fn frames(&self) -> Frames {
        let mut random = Random::new(self.seed);
        let wire = Wire::new(self.snap, &mut random.fork("noise"));
        let places = Places::new(self);
        let mut frames = Frames {
            wire,
            places,
            actors: Vec::new(),
            agenda: BTreeSet::new(),
            end: BEGIN.saturating_add(self.seconds.saturating_mul(SECOND)),
            until: BEGIN,
            ready: Vec::new().into_iter(),
            gap: self.gap.map(|(from, to)| (BEGIN + from * SECOND, BEGIN + to * SECOND)),
        };
        for (kind, host, begins) in actor::everybody(self, &mut random) {
            let number = frames.actors.len();
            // Each draws for itself, so that one more changes nothing for the others. Seeds beside one another are far apart.
            let random = Random::new(Random::new(self.seed).bits()).fork(&format!("{host} {}", kind.name()));
            frames.actors.push(Actor { kind, host, random });
            frames.agenda.insert((begins, number));
        }
        frames
    }

    /// The capture as a file of pcap with microseconds, which is made while it is read.
    pub fn pcap(&self) -> impl Read + use<> {
        let header = super::Pcap::new(1)
            .limit(u32::try_from(self.snap).unwrap_or(u32::MAX))
            .build();
        Stream {
            frames: self.frames(),
            bytes: header,
            at: 0,
        }
    }

    /// The capture as a file of pcapng, with a remark.
    pub fn pcapng(&self, remark: &str) -> Vec<u8> {
        let limit = u32::try_from(self.snap).unwrap_or(u32::MAX);
        let file = PcapNg::new(Order::Little).interface(1, limit, &[(2, b"mirror0"), (1, remark.as_bytes())]);
        self.frames()
            .fold(file, |file, frame| {
                file.cut_frame(0, frame.time / 1_000, &frame.bytes, frame.length)
            })
            .build()
    }
}

/// Where names are, and who remembers that.
#[derive(Debug)]
struct Places {
    names: BTreeMap<usize, String>,
    beacons: Vec<Beacon>,
    uploads: Vec<Upload>,
    pace: u64,
    end: u64,
    remembered: BTreeMap<(Ipv4Addr, u64), u64>,
}

impl Places {
    fn new(office: &Office) -> Self {
        Self {
            names: office.names.clone(),
            beacons: office.beacons.clone(),
            uploads: office.uploads.clone(),
            pace: office.pace,
            end: BEGIN.saturating_add(office.seconds.saturating_mul(SECOND)),
            remembered: BTreeMap::new(),
        }
    }

    /// What a workstation is called.
    fn name(&self, host: usize) -> String {
        let own = || format!("ws-{host:03}");
        self.names.get(&host).map_or_else(own, |name| name.to_ascii_lowercase())
    }

    /// Asks where a name is, unless the client knows. When it knows.
    fn look_up(
        &mut self,
        wire: &mut Wire,
        at: u64,
        client: Ipv4Addr,
        random: &mut Random,
        (name, is): (&str, Ipv4Addr),
    ) -> u64 {
        let key = (client, hash(name));
        if self.remembered.get(&key).is_some_and(|until| *until > at) {
            return at;
        }
        if self.remembered.len() > MOST_REMEMBERED {
            self.remembered.retain(|_, until| *until > at);
        }
        self.remembered.insert(key, at.saturating_add(REMEMBERED));
        wire.ask(at, client, random, name, is)
    }
}

/// Where a name is: many are in the same place.
fn place(name: &str) -> Ipv4Addr {
    let number = hash(name);
    let host = u8::try_from(number / 3 % 254).unwrap_or_default().saturating_add(1);
    match number % 3 {
        0 => Ipv4Addr::new(192, 0, 2, host),
        1 => Ipv4Addr::new(198, 51, 100, host),
        _ => Ipv4Addr::new(203, 0, 113, host),
    }
}

/// Fowler, Noll, Vo.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) >> 8
}

/// Frames in the order of time.
#[derive(Debug)]
pub struct Frames {
    wire: Wire,
    places: Places,
    actors: Vec<Actor>,
    /// When whose turn is.
    agenda: BTreeSet<(u64, usize)>,
    end: u64,
    until: u64,
    ready: std::vec::IntoIter<Captured>,
    gap: Option<(u64, u64)>,
}

impl Iterator for Frames {
    type Item = Captured;

    fn next(&mut self) -> Option<Captured> {
        loop {
            let (from, to) = self.gap.unwrap_or((0, 0));
            if let Some(frame) = self.ready.find(|frame| !(from..to).contains(&frame.time)) {
                return Some(frame);
            }
            if self.until >= self.end {
                return None;
            }
            self.round();
        }
    }
}

impl Frames {
    fn round(&mut self) {
        self.until = self.until.saturating_add(ROUND).min(self.end);
        while let Some((at, number)) = self.agenda.first().copied().filter(|(at, _)| *at < self.until) {
            self.agenda.remove(&(at, number));
            let Some(actor) = self.actors.get_mut(number) else {
                continue;
            };
            if let Some(next) = actor.act(at, &mut self.wire, &mut self.places) {
                self.agenda.insert((next.max(at + 1), number));
            }
        }
        let mut waiting = std::mem::take(&mut self.wire.waiting);
        waiting.sort_by_key(|frame| frame.time);
        self.wire.waiting = waiting.split_off(waiting.partition_point(|frame| frame.time < self.until));
        self.ready = waiting.into_iter();
    }
}

/// A file of pcap that is made while it is read.
struct Stream {
    frames: Frames,
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.bytes.len() {
            self.bytes.clear();
            self.at = 0;
            while self.bytes.len() < 1 << 18 {
                let Some(frame) = self.frames.next() else { break };
                record(&mut self.bytes, &frame);
            }
        }
        let left = self.bytes.get(self.at..).unwrap_or_default();
        let length = left.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(left) {
            *to = *from;
        }
        self.at = self.at.saturating_add(length);
        Ok(length)
    }
}

fn record(out: &mut Vec<u8>, frame: &Captured) {
    let number = |number: u64| u32::try_from(number).unwrap_or_default().to_le_bytes();
    out.extend(number(frame.time / SECOND));
    out.extend(number(frame.time % SECOND / 1_000));
    out.extend(number(frame.bytes.len() as u64));
    out.extend(frame.length.to_le_bytes());
    out.extend_from_slice(&frame.bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_repeats_and_goes_forward_in_time() {
        let office = |seed| {
            Office::new(seed)
                .hosts(4)
                .minutes(30)
                .beacon(Beacon::new(1, "c2.example", place("c2")))
        };
        let frames: Vec<Captured> = office(3).frames().collect();
        assert!(frames.len() > 1_000, "{} frames", frames.len());
        assert!(frames.windows(2).all(|pair| pair[0].time <= pair[1].time));
        assert_eq!(frames, office(3).frames().collect::<Vec<_>>());
        assert_ne!(frames, office(4).frames().collect::<Vec<_>>());
    }

    #[test]
    fn one_more_beacon_changes_nothing_for_the_others() {
        let office = Office::new(5).hosts(3).minutes(20);
        let address = place("other");
        let with = office.clone().beacon(Beacon::new(1, "other.example", address));
        let is_other = |frame: &Captured| {
            let octets = address.octets();
            !frame.bytes.windows(4).any(|window| window == octets)
                && !frame.bytes.windows(5).any(|window| window == b"other")
        };
        let rest: Vec<Captured> = with.frames().filter(is_other).collect();
        assert_eq!(rest, office.frames().filter(is_other).collect::<Vec<_>>());
    }

    #[test]
    fn the_file_is_the_frames() {
        let office = Office::new(7).hosts(2).minutes(10).snap(300).gap(4, 6);
        let mut file = Vec::new();
        office.pcap().read_to_end(&mut file).expect("it is made in memory");
        let mut reader = watchfire_capture::FrameReader::new(&file[..]);
        let mut block = watchfire_capture::Block::default();
        let mut frames = office.frames();
        let mut longest = 0;
        let mut before = BEGIN;
        while reader.next_block(&mut block) {
            for frame in block.frames() {
                let made = frames.next().expect("as many frames");
                assert_eq!((block.bytes_of(frame), frame.length), (&made.bytes[..], made.length));
                longest = longest.max(made.time - before);
                before = made.time;
            }
        }
        assert!(frames.next().is_none() && reader.problems().is_empty());
        assert!((119 * SECOND..150 * SECOND).contains(&longest), "{longest}");
    }
}
