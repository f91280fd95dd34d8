//! One host that knocks at the same door of many, however slowly.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | from inside, a port of remote administration or file sharing, 100 hosts and more in vain | 0.45 | worms and intruders look for their next machine like that |
//! | the same, 20 hosts and more | 0.30 | an inventory looks the same |
//! | another port, 100 hosts and more | 0.30 | |
//! | another port, 20 hosts and more | 0.15 | clients whose servers are gone do that, too |
//! | from outside | 0.10 | whoever can be reached from everywhere is asked all day |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! Time does not count, so that a scan of an address each minute is one. Hosts that somebody in the capture calls by a name
//! do not count: programs look names up, scanners walk through addresses. Nor do those that are tried again and again: that is
//! a client whose server is down. It is no scan if most answer. Ports of file sharing between strangers and, to the
//! outside, of the web are left out below 100 hosts; of UDP, only services count that are looked for.

use super::probe::{Attempt, is_scanner};
use super::shared::{Frames, Room, Span, Table, host, is_inside, is_named, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watchfire_model::network::{Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("host-scan"),
    describes: "one host tries the same port of many others, most in vain",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 450,
    group: "scan",
    techniques: &[TechniqueId::new("T1018"), TechniqueId::new("T1046")],
    false_positives: "inventories and monitoring that the configuration does not name; clients of servers that are gone",
};

/// Hosts and ports that are told apart.
const MOST: usize = 1 << 14;
/// Targets of each that are told apart.
const MOST_TARGETS: usize = 4_096;
/// Targets that answer and are remembered where nobody was tried in vain so far.
const MOST_BEFORE: usize = 64;
const SOME: usize = 20;
const MANY: usize = 100;
/// Attempts at a host beyond which somebody waits for it to come back.
const PATIENT: u32 = 6;

/// Ports by which machines are taken over or their files read: SSH, Telnet, RPC, NetBIOS, SMB, SQL Server, Oracle, MySQL,
/// Remote Desktop, PostgreSQL, VNC, WinRM, Redis, Docker, Elasticsearch, MongoDB.
const WANTED: &[u16] = &[
    22, 23, 135, 139, 445, 1433, 1521, 2323, 2375, 3306, 3389, 5432, 5555, 5900, 5985, 5986, 6379, 9200, 27017,
];
/// Ports of UDP that somebody looks for: TFTP, RPC, SNMP, IKE, IPMI, SQL Server's browser, SSDP, SIP, CoAP, memcached,
/// BACnet.
const WANTED_UDP: &[u16] = &[69, 111, 161, 500, 623, 1434, 1900, 5060, 5683, 11211, 47808];
/// Ports of the web; and of BitTorrent, whose peers are gone most of the time.
const WEB: &[u16] = &[80, 443];
const PEERS: &[u16] = &[6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889, 6969, 51413];

/// See the module.
#[derive(Debug)]
pub(crate) struct HostScan {
    tried: Table<(IpAddr, u8, u16), Tried>,
    /// Who answered before anybody was tried in vain.
    before: Table<(IpAddr, u8, u16), Vec<IpAddr>>,
    room: Room,
}

#[derive(Debug, Default)]
struct Tried {
    /// Those that did not answer, and how often they were asked.
    dead: BTreeMap<IpAddr, u32>,
    /// Those that did.
    alive: BTreeSet<IpAddr>,
    /// Those that did since anybody was tried in vain.
    more: usize,
    span: Span,
    frames: Frames,
}

impl Default for HostScan {
    fn default() -> Self {
        Self {
            tried: Table::new(MOST),
            before: Table::new(MOST),
            room: Room::new(Room::MOST),
        }
    }
}

impl Detector for HostScan {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let port = flow.responder.port;
        if PEERS.contains(&port) || (flow.protocol == TransportProtocol::UDP && !WANTED_UDP.contains(&port)) {
            return;
        }
        let attempt = Attempt::of(flow);
        let key = (flow.originator.address, flow.protocol.0, port);
        let target = flow.responder.address;
        match attempt {
            Attempt::Dead => {
                let room = &self.room;
                let worthless = |tried: &Tried| room.frees(tried.dead.len() < 2, tried.dead.len() + tried.more);
                let Some(tried) = self.tried.row_or(key, worthless) else {
                    return;
                };
                if tried.dead.is_empty() {
                    let before = self.before.known(&key).map(std::mem::take);
                    tried.alive = before.unwrap_or_default().into_iter().collect();
                }
                let is_new = !tried.dead.contains_key(&target);
                if is_new && (tried.dead.len() >= MOST_TARGETS || !room.take()) {
                    return;
                }
                *tried.dead.entry(target).or_default() += 1;
                tried.span.met(flow.first, flow.last);
                if is_new {
                    tried.frames.met(flow.first_frame, || {
                        format!("{target} {} port {port} {}", flow.protocol, flow.state.as_str())
                    });
                }
            }
            Attempt::Touched | Attempt::Alive => {
                if let Some(tried) = self.tried.known(&key) {
                    if tried.alive.len() < MOST_TARGETS && !tried.alive.contains(&target) && self.room.take() {
                        tried.alive.insert(target);
                        tried.more += 1;
                    }
                // The latest are kept: who scans does so within a while.
                } else if let Some(before) = self.before.row_or(key, |_| true)
                    && before.len() < MOST_BEFORE
                    && !before.contains(&target)
                {
                    before.reserve_exact(usize::from(before.is_empty()));
                    before.push(target);
                }
            }
            Attempt::Unclear => {}
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, protocol, port), tried) in self.tried.rows_where(|tried| tried.dead.len() >= SOME) {
            let counts = |(target, times): &(&IpAddr, &u32)| {
                **times <= PATIENT && !tried.alive.contains(*target) && !is_named(scene, **target)
            };
            let dead = tried.dead.iter().filter(counts).count();
            let outside = tried
                .dead
                .keys()
                .filter(|target| !is_inside(scene.organisation(), **target));
            let needed = if WEB.contains(&port) && outside.count() * 2 > tried.dead.len() {
                MANY
            } else {
                SOME
            };
            if dead < needed || dead < tried.alive.len() {
                continue;
            }
            let weight = weight(scene, from, (protocol, port), dead);
            let only_dead = tried
                .dead
                .keys()
                .filter(|target| !tried.alive.contains(*target))
                .count();
            let who = if weight == 0 { "the organisation's scanner " } else { "" };
            let title = format!(
                "scan for hosts: {who}{} tried {} port {port} of {} addresses {}, {} answered",
                host(scene, from),
                TransportProtocol(protocol),
                only_dead + tried.alive.len(),
                tried.span.words(),
                tried.alive.len(),
            );
            say(scene, &INFO, (title, weight), &tried.frames, (&[from], &[from]));
        }
    }
}

fn weight(scene: &Scene<'_>, from: IpAddr, (protocol, port): (u8, u16), dead: usize) -> u16 {
    let wanted = WANTED.contains(&port) || protocol == TransportProtocol::UDP.0;
    if is_scanner(scene, from) {
        0
    } else if !is_inside(scene.organisation(), from) {
        100
    } else {
        match (wanted, dead >= MANY) {
            (true, true) => INFO.weight,
            (true, false) | (false, true) => 300,
            (false, false) => 150,
        }
    }
}
