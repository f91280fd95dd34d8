//! Servers of DHCP that contradict each other.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | two servers of one network name different routers or resolvers | 0.35 | whoever names the router or the resolver reads what goes there; a box from home that somebody plugged in does that, too |
//! | a server names a script for the proxy of browsers | 0.10 | it sends everything through where it says |
//!
//! A network is that of the address that was given, by its first three octets. Servers that share the work say the same.

use super::shared::{Frames, Table, host, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use watchfire_model::network::{Event, Exchange};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("rogue-dhcp"),
    describes: "servers of DHCP contradict each other about routers or resolvers",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 350,
    group: "rogue-dhcp",
    techniques: &[TechniqueId::new("T1557.003")],
    false_positives: "networks that share a link; servers that were set up differently on purpose",
};

const MOST: usize = 1_024;
const MOST_SERVERS: usize = 8;

/// See the module.
#[derive(Debug)]
pub(crate) struct RogueDhcp {
    networks: Table<[u8; 3], BTreeMap<Ipv4Addr, Says>>,
}

/// What a server says.
#[derive(Debug, Default)]
struct Says {
    routers: Vec<Ipv4Addr>,
    resolvers: Vec<Ipv4Addr>,
    script: Option<Untrusted>,
    frames: Frames,
}

impl Default for RogueDhcp {
    fn default() -> Self {
        Self {
            networks: Table::new(MOST),
        }
    }
}

impl Detector for RogueDhcp {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Dhcp(dhcp) = &event.exchange else { return };
        let (Some(server), Some(assigned)) = (dhcp.server, dhcp.assigned) else {
            return;
        };
        let [a, b, c, _] = assigned.octets();
        let Some(servers) = self.networks.row([a, b, c]) else {
            return;
        };
        if servers.len() >= MOST_SERVERS && !servers.contains_key(&server) {
            return;
        }
        let says = servers.entry(server).or_default();
        if says.routers.is_empty() {
            says.routers = sorted(&dhcp.routers);
        }
        if says.resolvers.is_empty() {
            says.resolvers = sorted(&dhcp.resolvers);
        }
        says.script = says.script.take().or_else(|| dhcp.proxy_script.clone());
        says.frames.met(event.frame, || {
            format!("{server} gives {assigned}, router {:?}", dhcp.routers)
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (_, servers) in self.networks.rows() {
            let differ = |of: fn(&Says) -> &Vec<Ipv4Addr>| {
                let mut all = servers.values().map(of).filter(|list| !list.is_empty());
                let first = all.next();
                all.any(|other| Some(other) != first)
            };
            let what = match (differ(|says| &says.routers), differ(|says| &says.resolvers)) {
                (true, _) => "routers",
                (false, true) => "resolvers",
                (false, false) => {
                    Self::script(scene, servers);
                    continue;
                }
            };
            let names: Vec<IpAddr> = servers.keys().map(|server| IpAddr::V4(*server)).collect();
            let shown: Vec<String> = names.iter().map(|server| host(scene, *server)).collect();
            let title = format!(
                "servers of DHCP contradict each other: {} name different {what}",
                shown.join(" and ")
            );
            let frames = Frames::of_all(servers.values().map(|says| says.frames.clone()).collect());
            say(scene, &INFO, (title, INFO.weight), &frames, (&names, &names));
        }
    }
}

/// The same in any order.
fn sorted(addresses: &[Ipv4Addr]) -> Vec<Ipv4Addr> {
    let mut addresses = addresses.to_vec();
    addresses.sort_unstable();
    addresses
}

impl RogueDhcp {
    fn script(scene: &mut Scene<'_>, servers: &BTreeMap<Ipv4Addr, Says>) {
        for (server, says) in servers {
            let Some(script) = &says.script else { continue };
            let title = format!(
                "proxy by DHCP: {} says that it is at {}",
                host(scene, (*server).into()),
                shown(script)
            );
            say(scene, &INFO, (title, 100), &says.frames, (&[], &[(*server).into()]));
        }
    }
}
