//! What captures of networks say: flows, and what protocols said in them.

mod capture;
mod certificate;
mod dns;
mod event;
mod file;
mod flow;
mod http;
mod login;
mod quic;
mod stun;
mod tls;

pub use capture::{CaptureFacts, OtherFrames, ServiceTraffic, Talker};
pub use certificate::{Certificate, IssuedBy};
pub use dns::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType};
pub use event::{Event, Exchange};
pub use file::{CarriedFile, FileId};
pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
pub use http::{Http, HttpReply};
pub use login::{Hashcat, Login, LoginMethod};
pub use quic::{Quic, QuicVersion};
pub use stun::Stun;
pub use tls::{Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
