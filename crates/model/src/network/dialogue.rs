//! One flow with everything in it.

use super::{Event, Flow};
use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::net::SocketAddr;

/// A flow that was followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dialogue {
    /// Who, when and how much.
    pub flow: Flow,
    /// What was exchanged, in the order of frames; the first ones, where there are very many.
    pub events: Vec<Event>,
    /// How many there were in all.
    pub events_in_all: u64,
    /// What the ends said, in order; the beginning, where it is very much.
    pub passages: Vec<Passage>,
    /// Bytes behind them that are not there.
    pub left_out: u64,
}

/// What one end said until the other did, or until it became of another kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The frame in which it began.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// Who said it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// What.
    #[serde(flatten)]
    pub words: Words,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Words {
    /// UTF-8 without control characters but tabs and ends of lines.
    Text(Untrusted),
    /// Anything else; serialised in hexadecimal.
    Hex(#[serde(serialize_with = "hex")] Vec<u8>),
    /// So many bytes that the capture does not have.
    Missing(u64),
}

fn hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().map_or('0', char::from);
    let text: String = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    serializer.serialize_str(&text)
}
