//! What captures of networks say: flows, and what protocols said in them.

mod capture;
mod dhcp;
mod dns;
mod event;
mod file;
mod flow;
mod http;
mod industrial;
mod login;
mod mac;
mod mqtt;
mod netbios;
mod ntp;
mod radius;
mod snmp;
mod syslog;
mod tftp;
mod tls;

pub use capture::{CaptureFacts, OtherFrames, ServiceTraffic, Talker};
pub use dhcp::{Dhcp, Dhcp6, Dhcp6Kind, Dhcp6Message, DhcpKind, DhcpMessage};
pub use dns::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType};
pub use event::{Event, Exchange};
pub use file::{CarriedFile, FileId};
pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
pub use http::{Http, HttpReply};
pub use industrial::{Dnp3, Dnp3Function, Modbus, ModbusException, ModbusFunction};
pub use login::{Hashcat, Login, LoginMethod};
pub use mac::Mac;
pub use mqtt::{Mqtt, MqttConnect, MqttPublish, MqttSubscribe, MqttVersion};
pub use netbios::{NetbiosDatagram, NetbiosHost};
pub use ntp::{Ntp, NtpControl, NtpMessage, NtpMode, NtpPrivate, NtpSaying, NtpTime};
pub use radius::{Radius, RadiusProof, RadiusSession};
pub use snmp::{Snmp, SnmpVersion};
pub use syslog::Syslog;
pub use tftp::{Tftp, TftpOperation};
pub use tls::{Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
