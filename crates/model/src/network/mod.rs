//! What captures of networks say: flows, and what protocols said in them.

mod flow;

pub use flow::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};
