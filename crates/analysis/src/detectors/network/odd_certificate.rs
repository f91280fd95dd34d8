//! Certificates that servers of the web do not show.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a name that a tool of intruders puts there unless it is told otherwise | 0.55 | nobody else has a reason to call himself so |
//! | it was made by itself, outside | 0.20 | no browser would go on; devices and malware do |
//! | it is for other names than the one that was asked for, outside | 0.15 | a wrong host, or a front |
//! | it was over, or not yet valid, outside | 0.10 | neglect, mostly |
//! | it is valid for more than ten years, or less than two days, outside | 0.05 | authorities give a year at most; some tools give what they like |
//! | two of these together | 0.05 more | |
//! | any of these inside | 0.05 | that is how devices come |
//!
//! Of TLS 1.3 certificates are encrypted. Time is that of the capture. Chains are not built: who trusts whom is not in it.

use super::shared::{Frames, Table, counted, host, is_inside, is_outside, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::SocketAddr;
use watchfire_formats::certificate;
use watchfire_model::network::{Certificate, Event, Exchange, IssuedBy, Tls};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("odd-certificate"),
    describes: "a server shows a certificate that it made itself, that is for others, that is over, or that is a tool's",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 550,
    group: "tls",
    techniques: &[TechniqueId::new("T1587.003"), TechniqueId::new("T1573.002")],
    false_positives: "devices, VPNs and laboratories; servers that somebody forgot",
};

const MOST: usize = 8_192;
/// Certificates of one server.
const MOST_SHOWN: usize = 4;
/// Seconds.
const DAY: i64 = 86_400;
const LONG: i64 = 10 * 366 * DAY;
const SHORT: i64 = 2 * DAY;

/// What stands in certificates that tools make unless they are told otherwise, as their sources and those who look for them
/// say: Cobalt Strike, AsyncRAT and its kin, Quasar, PoshC2, BitRAT.
const TOOLS: &[&str] = &[
    "major cobalt strike",
    "asyncrat server",
    "dcrat",
    "venomrat",
    "quasar server ca",
    "p18055077",
    "bitrat",
    "orcus server",
];

/// See the module.
#[derive(Debug)]
pub(crate) struct OddCertificate {
    servers: Table<SocketAddr, Vec<Shown>>,
}

#[derive(Debug)]
struct Shown {
    digest: String,
    subject: Untrusted,
    /// What is odd, in words, and what it weighs outside; the heaviest first.
    odd: Vec<(u16, String)>,
    from_inside: bool,
    count: u64,
    frames: Frames,
}

impl Default for OddCertificate {
    fn default() -> Self {
        Self {
            servers: Table::new(MOST),
        }
    }
}

impl Detector for OddCertificate {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, scene: &mut Scene<'_>) {
        let Exchange::Tls(tls) = &event.exchange else { return };
        let (Some(digest), Some(der)) = (tls.certificates.first(), tls.chain.first()) else {
            return;
        };
        let Some(shown) = self.servers.row(event.responder) else {
            return;
        };
        if let Some(known) = shown.iter_mut().find(|known| known.digest == *digest) {
            known.count += 1;
            return;
        }
        if shown.len() >= MOST_SHOWN {
            return;
        }
        let Some(certificate) = certificate::read(der) else {
            return;
        };
        let odd = oddities(&certificate, tls, event.time.nanoseconds() / 1_000_000_000);
        let mut frames = Frames::default();
        frames.met(event.frame, || {
            format!("{} by {}", certificate.subject.raw(), certificate.issuer.raw())
        });
        shown.push(Shown {
            digest: digest.clone(),
            subject: certificate.name,
            odd,
            from_inside: is_inside(scene.organisation(), event.originator.ip()),
            count: 1,
            frames,
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&server, all) in self.servers.rows() {
            for certificate in all {
                let Some((heaviest, _)) = certificate.odd.first() else {
                    continue;
                };
                let outside = is_outside(scene.organisation(), server.ip()) && certificate.from_inside;
                let weight = match (*heaviest, certificate.odd.len()) {
                    (weight, _) if weight == INFO.weight => weight,
                    _ if !outside => 50,
                    (weight, 1) => weight,
                    (weight, _) => weight + 50,
                };
                let why: Vec<&str> = certificate.odd.iter().map(|(_, why)| why.as_str()).collect();
                let title = format!(
                    "odd certificate: {} port {} shows {}, which {}; {}",
                    host(scene, server.ip()),
                    server.port(),
                    shown(&certificate.subject),
                    why.join(" and "),
                    counted(certificate.count, "handshake"),
                );
                say(
                    scene,
                    &INFO,
                    (title, weight),
                    &certificate.frames,
                    (&[], &[server.ip()]),
                );
            }
        }
    }
}

/// What is odd about a certificate at a time, in seconds since 1970.
fn oddities(certificate: &Certificate, tls: &Tls, now: i64) -> Vec<(u16, String)> {
    let mut odd = Vec::new();
    if let Some(tool) = tool(&format!("{} {}", certificate.subject.raw(), certificate.issuer.raw())) {
        odd.push((INFO.weight, format!("is what a tool of intruders makes ({tool})")));
    }
    if matches!(certificate.issued_by, IssuedBy::Itself | IssuedBy::NamesItself) {
        odd.push((200, "was made by itself".to_owned()));
    }
    let asked = tls.client.as_ref().and_then(|client| client.server_name.as_ref());
    if let Some(asked) = asked.filter(|asked| !is_for(certificate, asked.raw())) {
        odd.push((150, format!("is not for {}", shown(asked))));
    }
    let (from, until) = (certificate.not_before, certificate.not_after);
    if until.is_some_and(|until| until.unix() < now) {
        odd.push((100, "was over".to_owned()));
    } else if from.is_some_and(|from| from.unix() > now) {
        odd.push((100, "was not valid yet".to_owned()));
    }
    if let (Some(from), Some(until)) = (from, until) {
        let valid = until.unix().saturating_sub(from.unix());
        if !(SHORT..=LONG).contains(&valid) {
            odd.push((50, format!("is valid for {} days", valid / DAY)));
        }
    }
    odd
}

/// The tool that names hold, as words of their own: "American Arbitration Association" holds none.
fn tool(names: &str) -> Option<&'static str> {
    let names = names.to_lowercase();
    let stands_alone = |tool: &&&str| {
        names.match_indices(**tool).any(|(at, _)| {
            let (before, from) = names.split_at_checked(at).unwrap_or_default();
            let after = from.strip_prefix(**tool).unwrap_or_default();
            !before.ends_with(char::is_alphabetic) && !after.starts_with(char::is_alphabetic)
        })
    };
    TOOLS.iter().find(stands_alone).copied()
}

/// Whether a certificate is for a host (RFC 6125): one label may stand for any.
fn is_for(certificate: &Certificate, asked: &str) -> bool {
    let asked = asked.trim_end_matches('.').to_ascii_lowercase();
    let covers = |name: &str| {
        let name = name.to_ascii_lowercase();
        name == asked
            || name.strip_prefix("*.").is_some_and(|rest| {
                let below = asked.split_once('.').map(|(_, below)| below);
                below == Some(rest)
            })
    };
    certificate.hosts.iter().any(|name| covers(name.raw()))
        || covers(certificate.name.raw())
        || certificate.addresses.iter().any(|address| address.to_string() == asked)
}
