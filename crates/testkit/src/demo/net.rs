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
