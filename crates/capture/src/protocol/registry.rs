//! Every protocol. What is told more surely comes first.

use super::{
    Carrier, Guess, Opening, Protocol, dce_rpc, dhcp, dhcp6, dnp3, dns, ftp, http, http2, ike, imap, irc, kerberos,
    ldap, modbus, mqtt, mysql, named, netbios, ntp, openvpn, pop3, postgresql, quic, radius, rdp, redis, rfb, sip, smb,
    smtp, snmp, socks, ssh, stun, syslog, tftp, tls, wireguard, xmpp,
};

/// The protocols, in the order in which they are asked.
pub(crate) const REGISTRY: &[&Protocol] = &[
    &tls::OVER_TCP,
    &ssh::OVER_TCP,
    &http2::OVER_TCP,
    &http::OVER_TCP,
    &smb::OVER_TCP,
    &dce_rpc::OVER_TCP,
    &rdp::OVER_TCP,
    &rfb::OVER_TCP,
    &kerberos::OVER_TCP,
    &ldap::OVER_TCP,
    &smtp::OVER_TCP,
    &ftp::OVER_TCP,
    &imap::OVER_TCP,
    &pop3::OVER_TCP,
    &sip::OVER_TCP,
    &postgresql::OVER_TCP,
    &redis::OVER_TCP,
    &irc::OVER_TCP,
    &socks::OVER_TCP,
    &mysql::OVER_TCP,
    &xmpp::OVER_TCP,
    &openvpn::OVER_TCP,
    &mqtt::OVER_TCP,
    &dnp3::OVER_TCP,
    &named::BITTORRENT,
    &named::S7COMM,
    &named::ENIP_OVER_TCP,
    &named::IEC_104,
    &modbus::OVER_TCP,
    &dns::OVER_TCP,
    &kerberos::OVER_UDP,
    &ldap::OVER_UDP,
    &sip::OVER_UDP,
    &quic::OVER_UDP,
    &tls::OVER_UDP,
    &stun::OVER_UDP,
    &ike::OVER_UDP,
    &openvpn::OVER_UDP,
    &wireguard::OVER_UDP,
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
