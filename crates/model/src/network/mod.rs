//! What captures of networks say: flows, and what protocols said in them.

mod capture;
mod dns;
mod event;
mod file;
mod flow;
mod http;
mod login;
mod records;
mod rhythm;
mod tls;

pub use capture::{
    CaptureFacts, CaptureFile, Carried, Conversation, CountryTraffic, Gap, OtherFrames, SeenLogin, ServiceTraffic,
    Talker, Timeline,
};
pub use dns::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType};
pub use event::{Event, Exchange};
pub use file::{CarriedFile, FileId};
pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
pub use http::{Http, HttpReply};
pub use login::{Hashcat, Login, LoginMethod};
pub use records::{FileSink, RecordSink};
pub use rhythm::{Marks, Rhythm, RhythmPart};
pub use tls::{Tls, TlsCarrier, TlsClient, TlsServer, TlsVersion};
