//! Tickets of Kerberos that are asked for to guess passwords by.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | one client got tickets for five services and more, encrypted the old way | 0.45 | nobody uses so many services that can do no better, and RC4 is guessed fastest |
//! | for three and four | 0.25 | an old server is asked for like that |
//! | a first ticket without proof, encrypted the old way, for two users and more | 0.45 | who need not prove who they are can be guessed by anybody |
//! | for one | 0.25 | |
//!
//! Accounts of machines (`HOST$`), what they run for everybody (`cifs`, `ldap`, `host`) and the realm itself (`krbtgt`) have long
//! passwords and do not count (RFC 4120, RFC 8429).

use super::shared::{Frames, Table, host, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_model::network::{Event, Exchange, Kerberos, KerberosRequest};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("ticket-roasting"),
    describes: "a host collects tickets of Kerberos that passwords can be guessed by",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "ticket-roasting",
    techniques: &[TechniqueId::new("T1558.003"), TechniqueId::new("T1558.004")],
    false_positives: "domains whose services and clients are old",
};

const MOST: usize = 4_096;
const MOST_NAMES: usize = 128;

/// Services that accounts of machines and of the realm run, whatever the machine.
const OF_MACHINES: &[&str] = &[
    "krbtgt",
    "kadmin",
    "host",
    "cifs",
    "ldap",
    "gc",
    "dns",
    "rpcss",
    "restrictedkrbhost",
    "termsrv",
    "wsman",
];

/// See the module.
#[derive(Debug)]
pub(crate) struct TicketRoasting {
    /// By the client, and whether it asked for first tickets.
    got: Table<(IpAddr, bool), Got>,
}

#[derive(Debug, Default)]
struct Got {
    names: BTreeSet<Untrusted>,
    frames: Frames,
}

impl Default for TicketRoasting {
    fn default() -> Self {
        Self { got: Table::new(MOST) }
    }
}

/// Whose ticket was got that can be guessed by, and whether it is a first one.
fn roasted(kerberos: &Kerberos) -> Option<(bool, &Untrusted)> {
    if kerberos.success != Some(true) || !kerberos.cipher?.is_weak() {
        return None;
    }
    let (first, name) = match kerberos.request? {
        KerberosRequest::Tgs => (false, kerberos.service.as_ref()?),
        KerberosRequest::As if !kerberos.proved => (true, kerberos.client.as_ref()?),
        KerberosRequest::As | KerberosRequest::Ap => return None,
    };
    let account = name.raw().split(['/', '@']).next().unwrap_or_default();
    let is_long = account.ends_with('$') || OF_MACHINES.iter().any(|class| account.eq_ignore_ascii_case(class));
    (!is_long).then_some((first, name))
}

impl Detector for TicketRoasting {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Kerberos(kerberos) = &event.exchange else {
            return;
        };
        let Some((first, name)) = roasted(kerberos) else { return };
        let Some(got) = self.got.row((event.originator.ip(), first)) else {
            return;
        };
        if got.names.len() < MOST_NAMES && got.names.insert(name.clone()) {
            let cipher = kerberos.cipher.map(|cipher| cipher.to_string()).unwrap_or_default();
            got.frames.met(event.frame, || format!("{} {cipher}", name.raw()));
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, first), got) in self.got.rows() {
            let count = got.names.len();
            let weight = match (first, count) {
                (true, 2..) | (false, 5..) => INFO.weight,
                (true, _) | (false, 3..) => 250,
                (false, _) => continue,
            };
            let names: Vec<String> = got.names.iter().take(3).map(shown).collect();
            let what = if first {
                "first tickets without proof of users"
            } else {
                "tickets of services"
            };
            let title = format!(
                "tickets to guess by: {} got {what} that are encrypted the old way, {count} of them: {}",
                host(scene, from),
                names.join(", "),
            );
            say(scene, &INFO, (title, weight), &got.frames, (&[from], &[from]));
        }
    }
}
