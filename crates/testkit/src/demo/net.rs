//! What a mirror port of the office saw between eight and noon: the beacon, and what was carried out, among everybody else.

use super::DemoFile;
use super::story::{BEACON_ADDRESS, BEACON_NAME, DROP_ADDRESS, DROP_NAME, VICTIM};
use crate::Random;
use crate::capture::office::{Beacon, Jitter, Office, Upload};
use std::net::Ipv4Addr;

/// Where it lies.
const PATH: &str = "net/office.pcapng";
/// The clerk's workstation, 10.0.5.23.
const CLERK: usize = 3;

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
    const PACKET: u32 = 6;
    let word = |at: usize| {
        let bytes = capture.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map(|bytes| u32::from_le_bytes(*bytes))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let (Some(kind), Some(len)) = (word(at), word(at + 4)) {
        let frame = capture.get(at + 28..).unwrap_or_default();
        if kind == PACKET
            && let Some(
                [
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    8,
                    0,
                    0x45,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    6,
                    _,
                    _,
                    from @ ..,
                ],
            ) = frame.first_chunk::<48>()
            && let [
                10,
                0,
                5,
                23,
                a,
                b,
                c,
                d,
                port,
                port_low,
                to,
                to_low,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                0x02,
            ] = from
        {
            let ticks =
                (u64::from(word(at + 12).unwrap_or_default()) << 32) | u64::from(word(at + 16).unwrap_or_default());
            found.push(Opened {
                time: ticks / 1_000,
                port: u16::from_be_bytes([*port, *port_low]),
                to: Ipv4Addr::new(*a, *b, *c, *d),
                to_port: u16::from_be_bytes([*to, *to_low]),
            });
        }
        at += (len as usize).max(12);
    }
    found
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
