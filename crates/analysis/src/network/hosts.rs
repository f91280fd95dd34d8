//! Hosts of a capture, and what they are called.

use super::desk::Learns;
use super::host_name;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::IpAddr;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Flow, Mac};

/// Hosts that are told apart: as many as a table holds before it doubles. When there are more, the half goes that said and heard least.
const MOST: usize = 7 << 14;
/// Names of one host.
const MOST_NAMES: usize = 8;
/// Hosts that begin to speak to one, as far as it matters.
const MOST_CALLERS: usize = 4;
/// Bytes of a name; longer ones are none (RFC 1035).
const LONGEST_NAME: usize = 255;

/// Ports where hosts answer for themselves: NetBIOS names (RFC 1002), mDNS (RFC 6762), LLMNR (RFC 4795).
const NETBIOS: u16 = 137;
const MULTICAST: u16 = 5353;
const LINK_LOCAL: u16 = 5355;

/// How a name is known, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NamedBy {
    /// It says so itself: a lease, a log-in, a name service of the link.
    Itself,
    /// The DNS said so.
    Dns,
    /// Whoever spoke to it asked for that name.
    Asked,
}

/// One host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host {
    names: Vec<(NamedBy, Untrusted)>,
    /// Its address on the link, where it is on the same one as whoever captured.
    pub(crate) mac: Option<[u8; 6]>,
    /// What it says that it runs.
    pub(crate) system: Option<Untrusted>,
    /// Bytes that it sent, with IP headers.
    pub(crate) sent: u64,
    /// Bytes that it received.
    pub(crate) received: u64,
    /// Flows that it was in.
    pub(crate) flows: u64,
    /// The first frame of its first flow.
    pub(crate) frame: u64,
    /// Who began to speak to it and was answered; zero, where there is nobody.
    callers: [u32; MOST_CALLERS],
}

impl Host {
    /// What it is called, the surest name first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Untrusted> {
        self.names.iter().map(|(_, name)| name)
    }

    /// How many began to speak to it and were answered, up to four.
    pub(crate) fn callers(&self) -> usize {
        self.callers.iter().filter(|caller| **caller != 0).count()
    }

    fn called(&mut self, by: IpAddr) {
        let by = number(by);
        let known = self.callers.iter_mut().find(|known| **known == by || **known == 0);
        known.into_iter().for_each(|known| *known = by);
    }

    fn bytes(&self) -> u64 {
        self.sent.saturating_add(self.received)
    }

    fn named(&mut self, by: NamedBy, name: &str) {
        if let Some(known) = self.names.iter_mut().find(|(_, known)| known.raw() == name) {
            if known.0 <= by {
                return;
            }
            known.0 = by;
        } else {
            // A surer name is worth more than one that somebody asked for.
            if self.names.len() >= MOST_NAMES && self.names.pop_if(|(last, _)| *last > by).is_none() {
                return;
            }
            self.names.reserve_exact(usize::from(self.names.is_empty()));
            self.names.push((by, Untrusted::from(name)));
        }
        self.names.sort_by_key(|(by, _)| *by);
    }
}

/// Every host, by its address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    places: HashMap<IpAddr, u32, RandomState>,
    /// As they were met.
    rows: Vec<(IpAddr, Host)>,
    /// Hosts that went to make room; whoever came back is counted again.
    forgotten: u64,
}

impl Hosts {
    /// What is known of a host.
    pub(crate) fn get(&self, address: IpAddr) -> Option<&Host> {
        let place = *self.places.get(&address)?;
        self.rows.get(place as usize).map(|(_, host)| host)
    }

    /// How a finding names a host: `FIN-PC-07 (10.0.5.23)`, or its address alone. Escaped; the address is defanged.
    pub(crate) fn shown(&self, address: IpAddr) -> String {
        let shown = watchfire_model::observable::defang(&address.to_string());
        match self.get(address).and_then(|host| host.names().next()) {
            Some(name) => {
                let name = watchfire_model::observable::defang(&name.shown(60));
                format!("{name} ({shown})")
            }
            None => shown,
        }
    }

    /// All of them, by their addresses.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (IpAddr, &Host)> {
        let mut all: Vec<(IpAddr, &Host)> = self.rows.iter().map(|(address, host)| (*address, host)).collect();
        all.sort_unstable_by_key(|(address, _)| *address);
        all.into_iter()
    }

    /// How many there were. Those that were forgotten and came back are counted again.
    pub(crate) fn len(&self) -> u64 {
        self.rows.len() as u64 + self.forgotten
    }

    /// How many went to make room.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// A host has a name.
    pub(super) fn named(&mut self, address: IpAddr, by: NamedBy, name: &str) {
        let is_name = (1..=LONGEST_NAME).contains(&name.len()) && !is_made_up(name);
        if let Some(host) = is_name.then(|| self.host(address)).flatten() {
            host.named(by, name);
        }
    }

    /// What both ends of a flow call themselves.
    fn both(&mut self, event: &Event, originator: Option<&Untrusted>, responder: Option<&Untrusted>) {
        for (end, name) in [(event.originator, originator), (event.responder, responder)] {
            name.into_iter()
                .for_each(|name| self.named(end.ip(), NamedBy::Itself, name.raw()));
        }
    }

    /// A host says what it runs; what it said first stands.
    fn runs(&mut self, address: IpAddr, system: Option<&Untrusted>) {
        let Some(system) = system.filter(|system| !system.is_empty()) else {
            return;
        };
        if let Some(host) = self.host(address) {
            host.system.get_or_insert_with(|| system.clone());
        }
    }

    fn has_mac(&mut self, address: IpAddr, mac: [u8; 6]) {
        if !is_a_host(mac) {
            return;
        }
        if let Some(host) = self.host(address) {
            host.mac.get_or_insert(mac);
        }
    }

    fn host(&mut self, address: IpAddr) -> Option<&mut Host> {
        let place = match self.places.get(&address) {
            Some(place) => *place,
            None => {
                if self.rows.len() >= MOST {
                    self.sweep();
                }
                let place = u32::try_from(self.rows.len()).ok()?;
                self.places.insert(address, place);
                self.rows.push((address, Host::default()));
                place
            }
        };
        self.rows.get_mut(place as usize).map(|(_, host)| host)
    }

    /// Forgets hosts that said and heard least, half of them and those that are like the last of these: of what scans and
    /// floods touch, nobody is a talker.
    fn sweep(&mut self) {
        let mut bytes: Vec<u64> = self.rows.iter().map(|(_, host)| host.bytes()).collect();
        let middle = bytes.len() / 2;
        if bytes.is_empty() {
            return;
        }
        let (_, middle, _) = bytes.select_nth_unstable(middle);
        let (middle, before) = (*middle, self.rows.len());
        self.rows.retain(|(_, host)| host.bytes() > middle);
        self.forgotten += (before - self.rows.len()) as u64;
        self.places.clear();
        let places = (0..).zip(&self.rows).map(|(place, (address, _))| (*address, place));
        self.places.extend(places);
    }
}

impl Learns for Hosts {
    fn event(&mut self, event: &Event) {
        match &event.exchange {
            Exchange::Dns(dns) => {
                let by = match event.responder.port() {
                    NETBIOS | MULTICAST | LINK_LOCAL => NamedBy::Itself,
                    _ => NamedBy::Dns,
                };
                for answer in dns.reply.iter().flat_map(|reply| &reply.answers) {
                    if let Ok(address) = answer.data.raw().parse::<IpAddr>() {
                        self.named(address, by, dns.query.raw());
                    }
                }
            }
            Exchange::Tls(tls) => {
                let name = tls.client.as_ref().and_then(|client| client.server_name.as_ref());
                name.into_iter()
                    .for_each(|name| self.named(event.responder.ip(), NamedBy::Asked, name.raw()));
            }
            Exchange::Http(http) => {
                if let Some(name) = http.host.as_ref().and_then(|host| host_name(host.raw())) {
                    self.named(event.responder.ip(), NamedBy::Asked, name);
                }
            }
            Exchange::Arp(arp) => self.has_mac(IpAddr::V4(arp.address), arp.mac.0),
            Exchange::Dhcp(dhcp) => {
                // Whoever asks for its first lease has no address yet; the one that it asks for, it mostly gets.
                let address = dhcp.assigned.or(dhcp.client).or(dhcp.requested);
                let names = [&dhcp.client_fqdn, &dhcp.host_name].into_iter().flatten();
                if let Some(address) = address.map(IpAddr::V4) {
                    names.for_each(|name| self.named(address, NamedBy::Itself, name.raw()));
                    self.runs(address, dhcp.system().map(Untrusted::from).as_ref());
                }
            }
            Exchange::Discovery(discovery) => {
                for address in &discovery.addresses {
                    let name = discovery.name.iter();
                    name.for_each(|name| self.named(*address, NamedBy::Itself, name.raw()));
                    self.runs(*address, discovery.software.as_ref());
                }
            }
            Exchange::NetbiosDatagram(datagram) => {
                if let Some(host) = &datagram.announced {
                    self.named(event.originator.ip(), NamedBy::Itself, host.name.raw());
                }
            }
            Exchange::Ntlm(ntlm) => {
                let server = ntlm.server_dns_name.as_ref().or(ntlm.server_name.as_ref());
                self.both(event, ntlm.workstation.as_ref(), server);
            }
            Exchange::Rdp(rdp) => {
                let client = rdp.client.as_ref().and_then(|client| client.name.as_ref());
                self.both(event, client, None);
            }
            Exchange::Smb(smb) => {
                self.runs(event.originator.ip(), smb.client_system.as_ref());
                self.runs(event.responder.ip(), smb.server_system.as_ref());
            }
            Exchange::Snmp(snmp) => {
                self.both(event, None, snmp.name.as_ref());
                self.runs(event.responder.ip(), snmp.description.as_ref());
            }
            _ => {}
        }
    }

    fn flow(&mut self, flow: &Flow) {
        // What a tunnel carries is counted inside, under the same number.
        if flow.carries {
            return;
        }
        let (sent, received) = (flow.sent.ip_bytes, flow.received.ip_bytes);
        for (end, sent, received) in [(flow.originator, sent, received), (flow.responder, received, sent)] {
            let Some(host) = self.host(end.address) else { continue };
            host.sent = host.sent.saturating_add(sent);
            host.received = host.received.saturating_add(received);
            host.flows += 1;
            if host.frame == 0 || flow.first_frame < host.frame {
                host.frame = flow.first_frame;
            }
            host.mac = host.mac.or(end.mac.filter(|mac| is_a_host(*mac)));
        }
        if flow.sent.packets > 0
            && flow.received.packets > 0
            && let Some(host) = self.host(flow.responder.address)
        {
            host.called(flow.originator.address);
        }
    }
}

/// A number for an address, other than zero: what is counted up to four does not need more to tell them apart.
fn number(address: IpAddr) -> u32 {
    let mix = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    let hash = match address {
        IpAddr::V4(address) => address.octets().iter().fold(0x811c_9dc5, mix),
        IpAddr::V6(address) => address.octets().iter().fold(0x811c_9dc5, mix),
    };
    hash.max(1)
}

/// Whether a name is one that a browser drew by lot for one call, so that nobody learns its address: a UUID below `local`
/// (draft-ietf-mmusic-mdns-ice-candidates, section 3.1.1). It names nobody.
fn is_made_up(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).as_bytes();
    let Some((uuid, domain)) = name.split_at_checked(36) else {
        return false;
    };
    let is_uuid = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    domain.eq_ignore_ascii_case(b".local") && uuid.iter().enumerate().all(is_uuid)
}

/// Whether an address of a link is that of one host: not that of many, and not what stands where there is none.
fn is_a_host(mac: [u8; 6]) -> bool {
    mac != [0; 6] && !Mac(mac).is_group()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    fn names(hosts: &Hosts, number: u32) -> Vec<&str> {
        let host = hosts.get(address(number)).unwrap();
        host.names().map(Untrusted::raw).collect()
    }

    #[test]
    fn a_host_with_many_names_still_learns_what_it_calls_itself() {
        let mut hosts = Hosts::default();
        for number in 0..20 {
            hosts.named(address(1), NamedBy::Asked, &format!("{number}.shared.example"));
        }
        hosts.named(address(1), NamedBy::Itself, "FILESRV");
        hosts.named(address(1), NamedBy::Itself, &"x".repeat(256));
        let names = names(&hosts, 1);
        assert_eq!((names[0], names.len()), ("FILESRV", MOST_NAMES));
    }

    #[test]
    fn names_that_browsers_draw_for_a_call_name_nobody() {
        let mut hosts = Hosts::default();
        for name in [
            "9b36eaac-bb2e-49bb-bb78-21c41c499900.local",
            "9B36EAAC-BB2E-49BB-BB78-21C41C499900.local.",
            "9b36eaac-bb2e-49bb-bb78-21c41c499900.example",
            "printer.local",
        ] {
            hosts.named(address(1), NamedBy::Itself, name);
        }
        assert_eq!(
            names(&hosts, 1),
            ["9b36eaac-bb2e-49bb-bb78-21c41c499900.example", "printer.local"]
        );
    }

    #[test]
    fn callers_are_counted_once_and_up_to_four() {
        let mut host = Host::default();
        let counts = [1, 1, 2, 1, 3, 2, 9, 8].map(|by| {
            host.called(address(by));
            host.callers()
        });
        assert_eq!(counts, [1, 1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn what_said_most_stays_when_there_is_no_room() {
        let mut hosts = Hosts::default();
        for number in 0..MOST as u32 + 10 {
            let host = hosts.host(address(number)).unwrap();
            host.sent = if number % 4 == 0 { 1_000 } else { 60 };
        }
        assert_eq!(hosts.len(), MOST as u64 + 10);
        assert_eq!(hosts.forgotten(), MOST as u64 * 3 / 4);
        for number in (0..MOST as u32).step_by(4) {
            assert_eq!(hosts.get(address(number)).map(|host| host.sent), Some(1_000));
        }
        assert_eq!(hosts.iter().count(), MOST / 4 + 10);
    }
}
