//! Services where others are expected.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a shell, remote control or a name service on a port of the web, of mail or of names, inside to outside | 0.30 | what is let through is used to get out |
//! | another service on a port that is another's, inside to outside | 0.20 | |
//! | something that nobody knows on the port of names, of mail or of the web, both ways, to one outside that few speak to | 0.20 | own protocols hide there |
//! | between others | 0.05 | people run what they like where they like |
//!
//! What nobody knows counts only where nine of ten flows to such ports are known: frames may have been cut when they were
//! captured. What is spoken is told by content. Only ports that belong to another service count: a web server on port 8080 is nobody's
//! business. TLS may be on any port where what it hides is expected, as HTTP may be where web servers are.

use super::shared::{Frames, Table, counted, host, is_inside, is_outside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_model::network::{Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("service-on-odd-port"),
    describes: "a service speaks on a port that belongs to another",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "odd-port",
    techniques: &[TechniqueId::new("T1571")],
    false_positives: "administrators who put services where a firewall lets them through; proxies; laboratories",
};

const MOST: usize = 1 << 14;
/// Bytes each way without which nobody can tell what is spoken.
const LITTLE: u64 = 64;

/// What the services of well-known ports are; every other service is odd there.
const EXPECTED: &[(u16, &[&str])] = &[
    (21, &["ftp", "ssl"]),
    (22, &["ssh"]),
    (23, &["telnet"]),
    (25, &["smtp", "ssl"]),
    (53, &["dns", "dtls", "ssl", "quic"]),
    (80, &["http", "websocket", "socks"]),
    (88, &["krb", "krb_tcp"]),
    (110, &["pop3", "ssl"]),
    (123, &["ntp"]),
    (143, &["imap", "ssl"]),
    (389, &["ldap", "cldap", "ssl"]),
    (
        443,
        &[
            "ssl",
            "quic",
            "dtls",
            "http",
            "openvpn",
            "stun",
            "turn",
            "websocket",
            "wireguard",
            "socks",
        ],
    ),
    (445, &["smb", "gssapi", "ntlm", "dce_rpc"]),
    (465, &["smtp", "ssl"]),
    (587, &["smtp", "ssl"]),
    (853, &["ssl", "quic", "dtls"]),
    (993, &["imap", "ssl"]),
    (995, &["pop3", "ssl"]),
    (3389, &["rdp", "ssl", "dtls", "rdpeudp"]),
];
/// What lets somebody work on another machine, or through it.
const CONTROL: &[&str] = &[
    "ssh",
    "rdp",
    "telnet",
    "vnc",
    "rfb",
    "irc",
    "dns",
    "smb",
    "socks",
    "openvpn",
    "wireguard",
    "redis",
];
/// Ports that most firewalls let through.
const LET_THROUGH: &[u16] = &[25, 53, 80, 123, 443, 587];

/// See the module.
#[derive(Debug)]
pub(crate) struct OddPort {
    seen: Table<Key, Seen>,
    /// Flows to ports that most firewalls let through, of which it is known what they spoke, and the others.
    known: u64,
    unknown: u64,
}

/// Who answered, on which port of which transport, and what was spoken; an empty name for what nobody knows.
type Key = (IpAddr, u8, u16, &'static str);

#[derive(Debug, Default)]
struct Seen {
    flows: u64,
    from: Vec<IpAddr>,
    frames: Frames,
}

impl Default for OddPort {
    fn default() -> Self {
        Self {
            seen: Table::new(MOST),
            known: 0,
            unknown: 0,
        }
    }
}

impl Detector for OddPort {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let port = flow.responder.port;
        let Some((_, expected)) = EXPECTED.iter().find(|(known, _)| *known == port) else {
            return;
        };
        let speaks = flow.sent.bytes >= LITTLE && flow.received.bytes >= LITTLE;
        if flow.carries || !speaks || flow.history.starts_with('^') {
            return;
        }
        let is_let_through = LET_THROUGH.contains(&port) && begins(flow);
        let service = match flow.services.first() {
            None if !is_let_through => return,
            None => {
                self.unknown += 1;
                ""
            }
            Some(first) => {
                self.known += u64::from(is_let_through);
                if flow.services.iter().any(|service| expected.contains(service)) {
                    return;
                }
                first
            }
        };
        let key = (flow.responder.address, flow.protocol.0, port, service);
        let Some(seen) = self.seen.row(key) else { return };
        seen.flows += 1;
        let from = flow.originator.address;
        if seen.from.len() < 4 && !seen.from.contains(&from) {
            seen.from.push(from);
        }
        seen.frames.met(flow.first_frame, || {
            format!(
                "{} to {} port {port}",
                if service.is_empty() { "unknown" } else { service },
                flow.protocol
            )
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(to, protocol, port, service), seen) in self.seen.rows() {
            let organisation = scene.organisation();
            let out = is_outside(organisation, to) && seen.from.iter().any(|from| is_inside(organisation, *from));
            let weight = match service {
                // Unknown between others is a matter of what is known here.
                "" if !out || seen.from.len() > 2 || self.unknown * 9 > self.known => continue,
                _ if !out => 50,
                "" => 200,
                _ if CONTROL.contains(&service) && LET_THROUGH.contains(&port) => INFO.weight,
                _ => 200,
            };
            let what = match service {
                "" => "something that is no known protocol".to_owned(),
                service => service.to_owned(),
            };
            let by: Vec<IpAddr> = seen.from.iter().take(3).copied().collect();
            let from: Vec<String> = seen.from.iter().take(3).map(|from| host(scene, *from)).collect();
            let title = format!(
                "{what} on {} port {port}, where something else is expected: {} with {}, {}",
                TransportProtocol(protocol),
                from.join(", "),
                host(scene, to),
                counted(seen.flows, "connection"),
            );
            say(scene, &INFO, (title, weight), &seen.frames, (&by, &[to]));
        }
    }
}

/// Whether the capture has the beginning, without which nobody can tell what is spoken.
fn begins(flow: &Flow) -> bool {
    flow.protocol == TransportProtocol::TCP && flow.history.starts_with("Sh")
}
