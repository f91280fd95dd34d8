//! What a mirror port of the office saw between eight and noon: the beacon, and what was carried out, among everybody else.

use super::DemoFile;
use super::story::{BEACON_ADDRESS, BEACON_NAME, DROP_ADDRESS, DROP_NAME, VICTIM};
use crate::Random;
use crate::capture::office::{Beacon, Jitter, Office, Upload};
use std::net::{IpAddr, Ipv4Addr};
use watchfire_capture::{Block, Frame, FrameReader, Transport, decode};

/// Where it lies.
const PATH: &str = "net/office.pcapng";
/// The clerk's workstation.
const CLERK: usize = 3;
const CLERK_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 5, 23);

/// A connection that the clerk's workstation opened, as the capture has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    /// Milliseconds since 1970.
    pub(super) time: u64,
    pub(super) port: u16,
    pub(super) to: Ipv4Addr,
    pub(super) to_port: u16,
}

/// Connections of the clerk's workstation in a capture of [`file`], in order.
pub(super) fn opened(capture: &[u8]) -> Vec<Opened> {
    let (mut reader, mut block) = (FrameReader::new(capture), Block::default());
    let mut found = Vec::new();
    while reader.next_block(&mut block) {
        let frames = block.frames().iter();
        found.extend(frames.filter_map(|frame| opens(frame, block.bytes_of(frame))));
    }
    found
}

/// What a frame opens, if that is the clerk's.
fn opens(frame: &Frame, bytes: &[u8]) -> Option<Opened> {
    let packet = decode(frame.link, bytes, frame.length).ok()?;
    let (Transport::Tcp(tcp), IpAddr::V4(to)) = (packet.transport, packet.destination) else {
        return None;
    };
    let is_it = packet.source == IpAddr::V4(CLERK_ADDRESS) && tcp.flags.syn() && !tcp.flags.ack();
    is_it.then(|| Opened {
        time: u64::try_from(frame.time.nanoseconds()).unwrap_or_default() / 1_000_000,
        port: tcp.ports.source,
        to,
        to_port: tcp.ports.destination,
    })
}

/// From 08:11 to 11:58, every minute ± 30 %; from 10:40 on, 400 MB. Between 09:40 and 10:00, nothing was captured.
pub(super) fn file(random: &mut Random) -> DemoFile {
    let address = |text: &str| text.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let mut beacon = Beacon::new(CLERK, BEACON_NAME, address(BEACON_ADDRESS));
    beacon.jitter = Jitter::Uniform(30);
    (beacon.from, beacon.until) = (11 * 60, 238 * 60);
    let upload = Upload {
        host: CLERK,
        name: DROP_NAME.to_owned(),
        address: address(DROP_ADDRESS),
        at: 160 * 60,
        takes: 540,
        bytes: 400_000_000,
    };
    let office = Office::new(random.bits())
        .hosts(6)
        .minutes(240)
        .snap(256)
        .pace(12)
        .programs(4)
        .without_rare_programs()
        .named(CLERK, VICTIM)
        .beacon(beacon)
        .upload(upload)
        .gap(100, 120);
    DemoFile::new(
        PATH,
        office.pcapng("mirror of the switch on floor 5, 256 bytes of each frame"),
    )
}
