//! What the clerk's workstation and the controller of the domain wrote down that morning.
//!
//! The workstation tells by Sysmon, whose events a shipper sends to a store as it goes, and by its own event log; both have
//! its clock, which is 97 seconds fast. The store notes when each came. The controller has the right time, and both tell of
//! the same log-ins and connections.

mod controller;
mod events;
mod people;
mod sysmon;
mod workstation;

use super::DemoFile;
use super::net::Opened;
use super::story::{CONTROLLER, VICTIM};
use crate::Random;
use crate::evtx::channel::log;
use events::Moment;

pub(super) fn files(random: &mut Random, opened: &[Opened]) -> Vec<DemoFile> {
    let spray = controller::spray(random);
    let unlocked = workstation::unlocked(random);
    let own = workstation::events(random, &unlocked);
    let sysmon = workstation::sysmon(random, opened, &spray);
    let controller = controller::events(random, opened, &unlocked, &spray);
    let domain = super::story::OWN_DOMAIN;
    vec![
        DemoFile::new(
            &format!("host/{CONTROLLER}.evtx"),
            log(&format!("{CONTROLLER}.{domain}"), 884_201, &controller),
        ),
        DemoFile::new(
            &format!("host/{VICTIM}.evtx"),
            log(&format!("{VICTIM}.{domain}"), 40_917, &own),
        ),
        DemoFile::new(&format!("host/{VICTIM}-sysmon.json"), sysmon::lines(random, &sysmon)),
    ]
}

/// Somebody who sits down at the workstation: when, and the number by which both machines know that log-in.
#[derive(Clone, Debug)]
struct Unlocked {
    time: Moment,
    guid: String,
    port: u16,
    is_first: bool,
}

/// An attempt of the spray: as whom, from which port, by which way, how it ended.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    time: Moment,
    user: &'static str,
    port: u16,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Kerberos refuses the password.
    Kerberos,
    /// NTLM does.
    Ntlm,
    /// It is the right one.
    LetIn,
}

fn port(random: &mut Random) -> u16 {
    u16::try_from(random.between(49_700, 64_900)).unwrap_or(50_000)
}

fn guid(random: &mut Random) -> String {
    let lengths = [8, 4, 4, 4, 12];
    lengths.map(|length| random.hex(length)).join("-")
}
