//! What captures of networks say: flows, and what protocols said in them.

mod capture;
mod dns;
mod event;
mod flow;
mod http;
mod tls;

pub use capture::{CaptureFacts, OtherFrames, ServiceTraffic, Talker};
pub use dns::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType};
pub use event::{Event, Exchange};
pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
pub use http::{Http, HttpReply};
pub use tls::{Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
