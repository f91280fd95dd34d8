//! What two ends exchanged, and where that stands in the capture.

use super::{
    Arp, CarriedFile, DceRpc, Dhcp, Dhcp6, Discovery, Dnp3, Dns, Ftp, Http, Icmp, Imap, Irc, Kerberos, Ldap,
    LdapSearch, Login, Modbus, Mqtt, Mysql, NetbiosDatagram, Ntlm, Ntp, Pop3, Postgresql, Quic, Radius, Rdp, Redis,
    Rfb, Sip, Smb, SmbFile, SmbShare, Smtp, Snmp, Socks, Ssh, Stun, Syslog, Tftp, Tls, TransportProtocol,
};
use crate::Timestamp;
use serde::Serialize;
use std::net::SocketAddr;

/// One exchange within a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its flow, by the number of that flow's first frame. Of flows that begin in the same frame, it is the innermost. 0 of
    /// what is below IP and in no flow.
    pub flow: u64,
    /// The frame in which it began.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// Who began the flow.
    pub originator: SocketAddr,
    /// Who answered.
    pub responder: SocketAddr,
    /// What carried it; none of what is below IP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<TransportProtocol>,
    /// What was exchanged.
    #[serde(flatten)]
    pub exchange: Exchange,
}

/// What was exchanged: a question and its answer, a handshake, a log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "exchange", rename_all = "kebab-case")]
pub enum Exchange {
    /// Who has which address on a link.
    Arp(Box<Arp>),
    /// A call on another machine.
    DceRpc(Box<DceRpc>),
    /// A transaction of DHCP.
    Dhcp(Box<Dhcp>),
    /// A transaction of DHCP for IPv6.
    Dhcp6(Box<Dhcp6>),
    /// What a device says to its neighbours.
    Discovery(Box<Discovery>),
    /// What an outstation of DNP3 is asked or says.
    Dnp3(Box<Dnp3>),
    /// A question of DNS or of its kin (mDNS, LLMNR, NetBIOS names), and the answer.
    Dns(Box<Dns>),
    /// A file that was carried.
    File(Box<CarriedFile>),
    /// A command of FTP, and the answer.
    Ftp(Box<Ftp>),
    /// A request of HTTP, and the answer.
    Http(Box<Http>),
    /// What a network says about itself.
    Icmp(Box<Icmp>),
    /// A session of IMAP.
    Imap(Box<Imap>),
    /// A message of IRC.
    Irc(Box<Irc>),
    /// A request for a ticket of Kerberos, and the answer.
    Kerberos(Box<Kerberos>),
    /// A request to a directory, and the answer.
    Ldap(Box<Ldap>),
    /// A search in a directory.
    LdapSearch(Box<LdapSearch>),
    /// Credentials.
    Login(Box<Login>),
    /// What a device is told by Modbus.
    Modbus(Box<Modbus>),
    /// A message of MQTT.
    Mqtt(Box<Mqtt>),
    /// A command of MySQL, and the answer.
    Mysql(Box<Mysql>),
    /// A datagram of NetBIOS.
    NetbiosDatagram(Box<NetbiosDatagram>),
    /// A proof by NTLM of who somebody is.
    Ntlm(Box<Ntlm>),
    /// A question for the time, and the answer.
    Ntp(Box<Ntp>),
    /// A session of POP3.
    Pop3(Box<Pop3>),
    /// A command of PostgreSQL, and the answer.
    Postgresql(Box<Postgresql>),
    /// A connection of QUIC.
    Quic(Box<Quic>),
    /// Who is let into a network.
    Radius(Box<Radius>),
    /// The beginning of a session on a remote desktop.
    Rdp(Box<Rdp>),
    /// A command of Redis, and the answer.
    Redis(Box<Redis>),
    /// The beginning of a session on a remote screen.
    Rfb(Box<Rfb>),
    /// A request of SIP, and an answer.
    Sip(Box<Sip>),
    /// A connection of SMB.
    Smb(Box<Smb>),
    /// Something that is done to a file of another machine.
    SmbFile(Box<SmbFile>),
    /// A share of another machine that is connected to.
    SmbShare(Box<SmbShare>),
    /// A message that SMTP handed on.
    Smtp(Box<Smtp>),
    /// What was asked of a device, and answered.
    Snmp(Box<Snmp>),
    /// A request to a proxy, and the answer.
    Socks(Box<Socks>),
    /// The beginning of a session of SSH.
    Ssh(Box<Ssh>),
    /// Messages of STUN and TURN.
    Stun(Box<Stun>),
    /// A line of a log.
    Syslog(Box<Syslog>),
    /// A file, or the request for it.
    Tftp(Box<Tftp>),
    /// A handshake of TLS.
    Tls(Box<Tls>),
}

impl Exchange {
    /// Its protocol, as services are named; of what several protocols show, what it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Arp(_) => "arp",
            Self::DceRpc(_) => "dce_rpc",
            Self::Dhcp(_) | Self::Dhcp6(_) => "dhcp",
            Self::Discovery(discovery) => discovery.service,
            Self::Dnp3(_) => "dnp3",
            Self::Dns(_) => "dns",
            Self::File(_) => "file",
            Self::Ftp(_) => "ftp",
            Self::Http(_) => "http",
            Self::Icmp(_) => "icmp",
            Self::Imap(_) => "imap",
            Self::Irc(_) => "irc",
            Self::Kerberos(_) => "kerberos",
            Self::Ldap(_) => "ldap",
            Self::LdapSearch(_) => "ldap-search",
            Self::Login(_) => "login",
            Self::Modbus(_) => "modbus",
            Self::Mqtt(_) => "mqtt",
            Self::Mysql(_) => "mysql",
            Self::NetbiosDatagram(_) => "netbios-dgm",
            Self::Ntlm(_) => "ntlm",
            Self::Ntp(_) => "ntp",
            Self::Pop3(_) => "pop3",
            Self::Postgresql(_) => "postgresql",
            Self::Quic(_) => "quic",
            Self::Radius(_) => "radius",
            Self::Rdp(_) => "rdp",
            Self::Redis(_) => "redis",
            Self::Rfb(_) => "rfb",
            Self::Sip(_) => "sip",
            Self::Smb(_) => "smb",
            Self::SmbFile(_) => "smb-file",
            Self::SmbShare(_) => "smb-share",
            Self::Smtp(_) => "smtp",
            Self::Snmp(_) => "snmp",
            Self::Socks(_) => "socks",
            Self::Ssh(_) => "ssh",
            Self::Stun(_) => "stun",
            Self::Syslog(_) => "syslog",
            Self::Tftp(_) => "tftp",
            Self::Tls(_) => "tls",
        }
    }
}
