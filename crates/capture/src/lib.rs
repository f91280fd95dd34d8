//! Captures of network traffic: from the bytes of a file to frames, packets, flows, streams and what protocols say.
//!
//! ```text
//! Read ─▶ file (pcap, pcapng) ─▶ Block of frames ─▶ link ─▶ Packet ─▶ fragments ─▶ flow ─▶ tcp ─▶ protocol ─▶ records
//! ```
//!
//! A [`Block`] is a piece of the file with the places of its frames; blocks are what threads hand to one another. A
//! [`Packet`] describes a frame down to its transport, and borrows nothing. Whatever the network says is data: nothing
//! here fails because of it, and what could not be read is counted and said.
//!
//! Absent: files, sockets and clocks (a `Read` is an argument), decompression of captures (the caller's `Read` does it),
//! and any opinion about what the traffic means.

#![forbid(unsafe_code)]

mod batch;
mod bytes;
mod crew;
mod crypto;
mod cursor;
pub mod file;
mod filter;
mod flow;
pub mod fragments;
mod frame;
mod keylog;
pub mod link;
mod neighbours;
mod office;
mod packet;
mod pipeline;
mod protocol;
mod room;
mod round;
mod timeline;
pub mod write;

pub use file::FrameReader;
pub use filter::{Filter, FilterError, Instruction};
pub use flow::{Content, Passage, community_id_of};
pub use fragments::Reassembler;
pub use frame::{Block, Frame, LinkType};
pub use keylog::KeyLog;
pub use link::{Arp, EtherType, Undecoded, Why, decode};
pub use neighbours::Neighbourly;
pub use packet::{Datagram, Ethernet, Fragment, Icmp, Packet, Ports, Tcp, TcpFlags, Transport, Tunnel};
pub use pipeline::{Depth, FrameSink, Options, Other, Sink, Totals, read, read_with};
pub use round::{Listener, Round};
pub use timeline::Clock;
