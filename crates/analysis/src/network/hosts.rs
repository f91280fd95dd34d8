//! Hosts of a capture, and what they are called.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::IpAddr;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Flow, Mac};

/// Hosts that are told apart; of what comes later, nothing is known.
const MOST: usize = 1 << 18;
/// Names of one host.
const MOST_NAMES: usize = 8;

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
}

impl Host {
    /// What it is called, the surest name first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Untrusted> {
        self.names.iter().map(|(_, name)| name)
    }

    fn named(&mut self, by: NamedBy, name: &Untrusted) {
        if let Some(known) = self.names.iter_mut().find(|(_, known)| known == name) {
            known.0 = known.0.min(by);
        } else if self.names.len() < MOST_NAMES {
            self.names.push((by, name.clone()));
        } else {
            return;
        }
        self.names.sort_by_key(|(by, _)| *by);
    }
}

/// Every host, by its address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    places: HashMap<IpAddr, usize, RandomState>,
    /// As they were met.
    rows: Vec<(IpAddr, Host)>,
}

impl Hosts {
    /// What is known of a host.
    pub(crate) fn get(&self, address: IpAddr) -> Option<&Host> {
        let place = *self.places.get(&address)?;
        self.rows.get(place).map(|(_, host)| host)
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

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A host has a name.
    pub(super) fn named(&mut self, address: IpAddr, by: NamedBy, name: &Untrusted) {
        if !name.is_empty()
            && let Some(host) = self.host(address)
        {
            host.named(by, name);
        }
    }

    /// What both ends of a flow call themselves.
    fn both(&mut self, event: &Event, originator: Option<&Untrusted>, responder: Option<&Untrusted>) {
        for (end, name) in [(event.originator, originator), (event.responder, responder)] {
            name.into_iter()
                .for_each(|name| self.named(end.ip(), NamedBy::Itself, name));
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
            None if self.rows.len() >= MOST => return None,
            None => {
                let place = self.rows.len();
                self.places.insert(address, place);
                self.rows.push((address, Host::default()));
                place
            }
        };
        self.rows.get_mut(place).map(|(_, host)| host)
    }

    /// Learns from what was exchanged.
    pub(crate) fn event(&mut self, event: &Event) {
        match &event.exchange {
            Exchange::Dns(dns) => {
                let by = match event.responder.port() {
                    NETBIOS | MULTICAST | LINK_LOCAL => NamedBy::Itself,
                    _ => NamedBy::Dns,
                };
                for answer in dns.reply.iter().flat_map(|reply| &reply.answers) {
                    if let Ok(address) = answer.data.raw().parse::<IpAddr>() {
                        self.named(address, by, &dns.query);
                    }
                }
            }
            Exchange::Tls(tls) => {
                let name = tls.client.as_ref().and_then(|client| client.server_name.as_ref());
                name.into_iter()
                    .for_each(|name| self.named(event.responder.ip(), NamedBy::Asked, name));
            }
            Exchange::Http(http) => {
                let host = http.host.as_ref().map(|host| host.raw());
                let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
                if let Some(name) = name.filter(|name| name.parse::<IpAddr>().is_err()) {
                    self.named(event.responder.ip(), NamedBy::Asked, &name.into());
                }
            }
            Exchange::Arp(arp) => self.has_mac(IpAddr::V4(arp.address), arp.mac.0),
            Exchange::Dhcp(dhcp) => {
                let address = dhcp.assigned.or(dhcp.client);
                let names = [&dhcp.client_fqdn, &dhcp.host_name].into_iter().flatten();
                if let Some(address) = address.map(IpAddr::V4) {
                    names.for_each(|name| self.named(address, NamedBy::Itself, name));
                    self.runs(address, dhcp.system().map(Untrusted::from).as_ref());
                }
            }
            Exchange::Discovery(discovery) => {
                for address in &discovery.addresses {
                    let name = discovery.name.iter();
                    name.for_each(|name| self.named(*address, NamedBy::Itself, name));
                    self.runs(*address, discovery.software.as_ref());
                }
            }
            Exchange::NetbiosDatagram(datagram) => {
                if let Some(host) = &datagram.announced {
                    self.named(event.originator.ip(), NamedBy::Itself, &host.name);
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

    /// Counts a flow.
    pub(crate) fn flow(&mut self, flow: &Flow) {
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
    }
}

/// Whether an address of a link is that of one host: not that of many, and not what stands where there is none.
fn is_a_host(mac: [u8; 6]) -> bool {
    mac != [0; 6] && !Mac(mac).is_group()
}
