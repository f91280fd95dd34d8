//! Beacons: a program that reports to somebody outside at regular times, and waits for orders.
//!
//! How regular a host reaches for another is a fact with its parts ([`Rhythm`]); here it is weighed. What is regular is most
//! often harmless, so the weight is what is left after the innocent reasons:
//!
//! | seen | weight | why |
//! |---|---|---|
//! | score of 70 and more, to a host outside | 0.40 at 70, 0.60 at 90 and above | a timer reports to somebody; alone it is worth a look, and no proof |
//! | a fifth of the hosts or more, and at least five, do the same with the same | at most 0.35 | an agent that is installed there is more likely than so many intrusions |
//! | half of the hosts or more, and at least five, do the same with the same | at most 0.05 | the same, more likely |
//! | the name asked for is known and many use it, but anybody may ask for a name | at most 0.15 | domain fronting asks for such names |
//! | the address is known to be harmless | at most 0.05 | nobody but its owner answers there |
//! | a service that is regular by its nature: clocks, names, leases, network management, mailboxes | at most 0.15 | it is what it is there for; a beacon may hide in it |
//! | the port of such a service, and nothing says that it is spoken there | at most 0.35 | anybody may take a port |
//! | a host of the own network, or one that cannot be reached from outside | at most 0.05 | monitoring, printers, domain controllers; a beacon may be passed on there |
//! | the originator is outside | at most 0.05 | somebody watches the organisation's own service |
//! | a scanner of the organisation begins it | at most 0.05 | it is what it is there for |
//!
//! Nothing of this silences a finding: it is told with its weight. Names of public resolvers, clouds and content delivery
//! networks lower nothing: attackers rent them.

use crate::detectors::network::Capture;
use crate::detectors::network::probe::is_scanner;
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use crate::network::length;
use crate::tagging::{OWN, POPULAR};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_knowledge::reserved;
use watchfire_model::network::Rhythm;
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, Finding, RuleId, Severity, Tag, Target, TechniqueId, agreeing, counted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("beaconing"),
    describes: "a host reports to another at regular times, as programs do that wait for orders",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "beaconing",
    techniques: &[OTHER, WEB, ENCRYPTED],
    false_positives: "programs that few have and that look for updates, news or messages at fixed times; monitoring from outside",
};

const WEB: TechniqueId = TechniqueId::new("T1071.001");
const OTHER: TechniqueId = TechniqueId::new("T1071");
const ENCRYPTED: TechniqueId = TechniqueId::new("T1573");

/// From this score on, it is told.
const FROM: u8 = 70;
/// From this score on, it weighs no more.
const FULL: u8 = 90;
/// What weighs no more has an innocent reason.
const HARMLESS: u16 = 150;
/// Hosts that it takes so that they are many.
const MANY: u64 = 5;

const KNOWN_GOOD: Tag = Tag("known-good");
/// Services that are regular by their nature, as they are recognised.
const REGULAR: &[&str] = &[
    "dhcp", "dhcpv6", "dns", "imap", "llmnr", "mdns", "netbios", "ntp", "pop3", "smtp", "snmp", "ssdp", "syslog",
];
/// Ports of the same that are reserved for them, for what was not recognised (IANA), and those of mail over TLS (RFC 8314).
const REGULAR_PORTS: &[(&str, u16)] = &[
    ("udp", 53),
    ("udp", 67),
    ("udp", 123),
    ("udp", 161),
    ("udp", 514),
    ("tcp", 465),
    ("tcp", 587),
    ("tcp", 993),
    ("tcp", 995),
];

/// See the module.
#[derive(Debug)]
pub(crate) struct Beaconing;

impl Detector for Beaconing {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        let Some(capture) = scene.capture() else { return };
        // What many do is told once.
        let mut common = BTreeSet::new();
        let told = capture.rhythms().iter().filter(|rhythm| {
            let mut is_first =
                || common.insert((rhythm.name.clone(), rhythm.name.is_none().then_some(rhythm.responder)));
            rhythm.score >= FROM && (!is_common(rhythm, 20) || is_first())
        });
        let findings: Vec<Finding> = told.filter_map(|rhythm| finding(rhythm, capture, scene)).collect();
        findings.into_iter().for_each(|finding| scene.found(finding));
    }
}

fn finding(rhythm: &Rhythm, capture: Capture<'_>, scene: &Scene<'_>) -> Option<Finding> {
    let (most, because) = innocent(rhythm, scene);
    let full = u16::from(rhythm.score.min(FULL) - FROM);
    let weight = (400 + full * 200 / u16::from(FULL - FROM)).min(most);
    let mut frames = rhythm.frames.iter();
    let words = words(rhythm, because);
    let mut finding = weighed(
        &INFO,
        title(rhythm, weight, capture),
        weight,
        capture.frame(*frames.next()?, &words),
    );
    let others = rhythm.frames.len().saturating_sub(1);
    for (number, frame) in frames.enumerate() {
        let text = match number + 1 == others {
            true => "the last of them",
            false => "one of them",
        };
        finding = finding.and_at(capture.frame(*frame, text));
    }
    finding = finding
        .on_machine(rhythm.originator.to_string())
        .during(Some(rhythm.first), Some(rhythm.last));
    let name = rhythm.name.as_ref().map(|name| Target::Host(name.clone()));
    let address = Target::Host(rhythm.responder.ip().to_string().into());
    let finding = match name {
        Some(name) => finding.about(name),
        None => finding.about(address),
    };
    let shown = match rhythm.service {
        Some("ssl" | "quic") => vec![WEB, ENCRYPTED],
        Some("http") => vec![WEB],
        _ => vec![OTHER],
    };
    Some(finding.showing(shown))
}

/// `beacon from FIN-PC-07 (10[.]0[.]5[.]23) to cdn[.]example (203[.]0[.]113[.]66) port 443 every 60 s ± 3 s, 3 h 58 min`
///
/// What has an innocent reason is not called a beacon.
fn title(rhythm: &Rhythm, weight: u16, capture: Capture<'_>) -> String {
    let what = if weight > HARMLESS {
        "beacon"
    } else {
        "regular connections"
    };
    let from = capture.hosts().shown(rhythm.originator);
    let address = defang(&rhythm.responder.ip().to_string());
    let to = match (&rhythm.name, rhythm.responders) {
        (Some(name), 0 | 1) => format!("{} ({address})", defang(&name.shown(60))),
        (Some(name), more) => format!("{} ({address} and {} more)", defang(&name.shown(60)), more - 1),
        (None, _) => address,
    };
    let interval = rhythm.interval.saturating_mul(1_000_000);
    let strays = interval / 1_000 * u64::from(rhythm.jitter);
    format!(
        "{what} from {from} to {to} port {} every {} ± {}, {}",
        rhythm.responder.port(),
        length(interval),
        length(strays),
        length(rhythm.last.since(rhythm.first))
    )
}

/// The parts of the score, and why it weighs less.
fn words(rhythm: &Rhythm, because: Option<&str>) -> String {
    let mut words: Vec<&str> = rhythm.parts.iter().map(|part| part.said.as_str()).collect();
    let missing = format!("{} % left out", (rhythm.missing + 5) / 10);
    if rhythm.missing >= 20 {
        words.push(&missing);
    }
    let alike = format!(
        "{} of {} {} the same",
        rhythm.alike,
        counted(rhythm.hosts, "host"),
        agreeing(rhythm.alike, "does", "do")
    );
    words.push(&alike);
    let score = format!("score {}: {}", rhythm.score, words.join(", "));
    match because {
        Some(because) => format!("{score}; weighs less: {because}"),
        None => score,
    }
}

/// What it weighs at most, and why.
fn innocent(rhythm: &Rhythm, scene: &Scene<'_>) -> (u16, Option<&'static str>) {
    let responder = rhythm.responder.ip();
    let has = |tags: &[Tag], tag: Tag| tags.contains(&tag);
    let is_name_known = has(&rhythm.name_tags, KNOWN_GOOD) || has(&rhythm.name_tags, POPULAR);
    let is_owned = |address| scene.organisation().owns_address(address);
    let port = (rhythm.transport, rhythm.responder.port());
    let is_regular = rhythm.service.is_some_and(|service| REGULAR.contains(&service));
    let is_regular_port = matches!(rhythm.service, Some("ssl") | None) && REGULAR_PORTS.contains(&port);
    let is_ours = is_owned(responder) || is_unreachable(responder) || has(&rhythm.address_tags, OWN);
    let is_named_ours = has(&rhythm.name_tags, OWN);
    let reasons = [
        (
            is_scanner(scene, rhythm.originator),
            50,
            "a scanner of the organisation begins it",
        ),
        (
            has(&rhythm.address_tags, KNOWN_GOOD),
            50,
            "the address is known to be harmless",
        ),
        (
            !is_unreachable(rhythm.originator) && !is_owned(rhythm.originator) && is_ours,
            50,
            "it comes from outside",
        ),
        (is_ours, 50, "it stays in the own network"),
        (is_common(rhythm, 50), 50, "at least half of the hosts do the same"),
        (is_regular, 150, "the service is regular by its nature"),
        (is_name_known, 150, "many use the name, but anybody may ask for it"),
        (
            is_named_ours,
            150,
            "the name is the organisation's own, but anybody may ask for it",
        ),
        (
            is_regular_port,
            350,
            "the port is that of a service that is regular by its nature",
        ),
        (is_common(rhythm, 20), 350, "at least a fifth of the hosts do the same"),
    ];
    let first = reasons.iter().find(|(holds, _, _)| *holds);
    first.map_or((u16::MAX, None), |(_, most, because)| (*most, Some(*because)))
}

/// Whether so many hundredths of the hosts do the same.
fn is_common(rhythm: &Rhythm, share: u64) -> bool {
    rhythm.alike >= MANY && rhythm.alike * 100 >= rhythm.hosts * share
}

/// Whether only neighbours reach it. Addresses for documentation and measurements are reserved as well, and are not meant.
fn is_unreachable(address: IpAddr) -> bool {
    let range = match address {
        IpAddr::V4(address) => reserved::ipv4(address),
        IpAddr::V6(address) => reserved::ipv6(address),
    };
    range.is_some_and(|range| {
        ["private", "unique-local", "loopback", "link-local", "carrier-nat"].contains(&range.tag().0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::{AddressRange, DomainName, Host, Organisation};

    fn organisation() -> Organisation {
        Organisation {
            domains: vec![DomainName::parse("corp.example").unwrap()],
            ranges: vec![AddressRange::parse("198.51.100.0/24").unwrap()],
            scanners: vec![Host::parse("10.0.9.10").unwrap()],
            ..Organisation::default()
        }
    }

    /// What a rhythm weighs at most.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Rhythm), most: u16) {
        let mut rhythm = Rhythm {
            originator: "10.0.5.23".parse().unwrap(),
            responder: "203.0.113.66:443".parse().unwrap(),
            responders: 1,
            transport: "tcp",
            service: Some("ssl"),
            name: Some("cdn-update.example".into()),
            name_tags: Vec::new(),
            address_tags: Vec::new(),
            count: 238,
            interval: 60_000,
            jitter: 50,
            missing: 0,
            first: watchfire_model::Timestamp::default(),
            last: watchfire_model::Timestamp::default(),
            first_frame: 1,
            last_frame: 9,
            frames: vec![1, 9],
            alike: 1,
            hosts: 40,
            score: 95,
            parts: Vec::new(),
            marks: watchfire_model::network::Marks::default(),
        };
        change(&mut rhythm);
        assert_eq!(innocent(&rhythm, &Scene::new(&organisation())).0, most);
    }

    #[test]
    fn a_lone_report_to_the_outside_weighs_what_it_scores() {
        check(|_| {}, u16::MAX);
        check(|rhythm| rhythm.alike = 4, u16::MAX);
        check(|rhythm| rhythm.name_tags = vec![Tag("shared-infrastructure")], u16::MAX);
    }

    #[test]
    fn what_many_hosts_do_weighs_less() {
        check(|rhythm| rhythm.alike = 10, 350);
        check(|rhythm| rhythm.alike = 30, 50);
    }

    #[test]
    fn a_known_name_lowers_and_does_not_silence() {
        check(|rhythm| rhythm.name_tags = vec![KNOWN_GOOD], 150);
        check(|rhythm| rhythm.name_tags = vec![POPULAR], 150);
        check(|rhythm| rhythm.name_tags = vec![OWN], 150);
        check(|rhythm| rhythm.address_tags = vec![KNOWN_GOOD], 50);
    }

    #[test]
    fn the_own_network_and_its_services_are_regular() {
        check(|rhythm| rhythm.responder = "10.0.1.1:445".parse().unwrap(), 50);
        check(|rhythm| rhythm.responder = "198.51.100.7:443".parse().unwrap(), 50);
        check(|rhythm| rhythm.responder = "203.0.113.66:993".parse().unwrap(), 350);
        check(
            |rhythm| (rhythm.service, rhythm.responder) = (Some("http"), "203.0.113.66:993".parse().unwrap()),
            u16::MAX,
        );
        check(|rhythm| (rhythm.transport, rhythm.service) = ("udp", Some("ntp")), 150);
        check(|rhythm| rhythm.originator = "10.0.9.10".parse().unwrap(), 50);
        let inward = |rhythm: &mut Rhythm| {
            rhythm.originator = "192.0.2.1".parse().unwrap();
            rhythm.responder = "198.51.100.7:443".parse().unwrap();
        };
        check(inward, 50);
    }
}
