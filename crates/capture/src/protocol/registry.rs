//! Every protocol. What is told more surely comes first.

use super::{
    Carrier, Guess, Opening, Protocol, dhcp, dhcp6, dnp3, dns, http, modbus, mqtt, named, netbios, ntp, radius, snmp,
    syslog, tftp, tls,
};

/// The protocols, in the order in which they are asked.
pub(crate) const REGISTRY: &[&Protocol] = &[
    &tls::OVER_TCP,
    &http::OVER_TCP,
    &mqtt::OVER_TCP,
    &dnp3::OVER_TCP,
    &named::BITTORRENT,
    &named::S7COMM,
    &named::ENIP_OVER_TCP,
    &named::IEC_104,
    &modbus::OVER_TCP,
    &dhcp::OVER_UDP,
    &snmp::OVER_UDP,
    &dnp3::OVER_UDP,
    &named::SSDP,
    &named::BITTORRENT_DHT,
    &netbios::OVER_UDP,
    &radius::OVER_UDP,
    &named::ENIP_OVER_UDP,
    &named::BACNET,
    &dhcp6::OVER_UDP,
    &ntp::OVER_UDP,
    &dns::OVER_UDP,
    &syslog::OVER_UDP,
    &tftp::OVER_UDP,
    &dns::OVER_TCP,
];

/// Which protocol a flow speaks, if any. `Err` says that it is too early to tell.
pub(crate) fn recognise(carrier: Carrier, opening: &Opening<'_>) -> Result<Option<&'static Protocol>, ()> {
    let mut is_open = false;
    for protocol in REGISTRY.iter().filter(|protocol| protocol.carrier == carrier) {
        match (protocol.recognise)(opening) {
            Guess::Yes => return Ok(Some(protocol)),
            Guess::Perhaps => is_open = true,
            Guess::No => {}
        }
    }
    if is_open { Err(()) } else { Ok(None) }
}
