//! Connections of one host to another that come at regular times.

use crate::{Tag, Timestamp, Untrusted};
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};

/// A host that reaches for another, or for a name, again and again at regular times. It says nothing of why: clocks are
/// set, updates looked for and intruders' programs steered in this way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rhythm {
    /// Who begins the connections.
    pub originator: IpAddr,
    /// Who answers: of several, whoever did most often.
    pub responder: SocketAddr,
    /// How many addresses and ports answered, as far as they were counted apart.
    pub responders: u64,
    /// The transport, `tcp` or `udp`.
    pub transport: &'static str,
    /// What was spoken; none where that was not recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<&'static str>,
    /// Whom the originator asked for; then only what asked for that name counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Where the name belongs.
    pub name_tags: Vec<Tag>,
    /// Where the responder's address belongs.
    pub address_tags: Vec<Tag>,
    /// How many connections there were; those that begin within a moment are one.
    pub count: u64,
    /// The time from one to the next, in milliseconds, as it mostly is.
    pub interval: u64,
    /// How far half of the times between two stray from that, doubled, in thousandths of it: 300 of a timer that is drawn
    /// evenly from 70 % to 130 %.
    pub jitter: u32,
    /// Times that were left out, in thousandths of those that there should have been.
    pub missing: u32,
    /// When the first one began.
    pub first: Timestamp,
    /// When the last one did.
    pub last: Timestamp,
    /// The frame in which the first began.
    pub first_frame: u64,
    /// The frame in which the last did.
    pub last_frame: u64,
    /// Frames in which some of them began, spread over time, in order: among them the first and the last.
    pub frames: Vec<u64>,
    /// How many hosts reach for the same name, or where there is none for the same address and port, at least half as often;
    /// this one included.
    pub alike: u64,
    /// How many hosts began connections at all.
    pub hosts: u64,
    /// How regular it is, up to 100: the points of all parts by their shares.
    pub score: u8,
    /// What the score is made of.
    pub parts: Vec<RhythmPart>,
    /// Connections over time, in steps that begin with the capture.
    pub marks: Marks,
}

/// A part of the score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RhythmPart {
    /// What was measured: `intervals`, `floor`, `presence`, `sizes`, `volume`, `coverage`, `count`.
    pub name: &'static str,
    /// What it came to, up to 100.
    pub points: u8,
    /// Its share of the score, in hundredths.
    pub share: u8,
    /// The same in words.
    pub said: String,
}

/// Connections over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Marks {
    /// How long a step is, in seconds: a minute, or as much more as the length of the capture takes.
    pub step: u64,
    /// Connections that began in each, from the first frame of the capture on. At most [`Marks::MOST`].
    pub counts: Vec<u32>,
}

impl Marks {
    /// Steps at most.
    pub const MOST: u64 = 240;
}
