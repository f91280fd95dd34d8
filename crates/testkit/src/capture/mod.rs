//! Captures of networks: frames from the inside out, whole conversations, and the files that hold them.
//!
//! ```
//! use watchfire_testkit::capture::{Conversation, Pcap};
//! let web = Conversation::new("192.0.2.1:49152", "198.51.100.7:80").open().client(b"GET / HTTP/1.1\r\n\r\n").close();
//! let file = Pcap::new(1).frames(web.frames()).build();
//! assert_eq!(file.len(), 24 + web.frames().iter().map(|frame| 16 + frame.bytes.len()).sum::<usize>());
//! ```
//!
//! Checksums of IP, TCP, UDP and ICMP are right. Times are nanoseconds since 1970.

mod conversation;
mod files;
mod messages;
pub mod mixture;
pub mod office;
mod packets;
mod quic;

pub use conversation::Conversation;
pub use files::{Order, Pcap, PcapNg};
pub use messages::{client_hello, dns_answer, dns_question, encrypted, http_request, http_response, server_hello};
pub use packets::{
    DESTINATION, SOURCE, Segment, arp, ethernet, fragments, frame, gre, icmp_echo, ip, mpls, tcp, udp, vlan, vxlan,
};
pub use quic::quic_initial;

/// A frame, and when it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedFrame {
    /// Nanoseconds since 1970.
    pub time: u64,
    /// What was captured.
    pub bytes: Vec<u8>,
}
