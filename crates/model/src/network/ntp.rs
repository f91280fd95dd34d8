//! Questions for the time.

use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::fmt;

/// A message of NTP and its answer (RFC 5905, RFC 9327).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ntp {
    /// The version.
    pub version: u8,
    /// What was asked or, of servers that speak unasked, said; none if it was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<NtpMessage>,
    /// The first message of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<NtpMessage>,
    /// Messages of the answer.
    pub answers: u32,
    /// Bytes that were asked with.
    pub asked_bytes: u64,
    /// Bytes of the answer: servers that answer much to little are used to flood others.
    pub answer_bytes: u64,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NtpMessage {
    /// Its frame.
    pub frame: u64,
    /// In which role it is sent.
    pub mode: NtpMode,
    /// What it says.
    pub says: NtpSaying,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NtpSaying {
    /// What time it is.
    Time(Box<NtpTime>),
    /// A command of RFC 9327, or its answer.
    Control(NtpControl),
    /// A command that implementations define, or its answer.
    Private(NtpPrivate),
}

/// The role of a sender, by the number of RFC 5905: 3 is a client, 4 a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtpMode(pub u8);

impl NtpMode {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "symmetric active",
            2 => "symmetric passive",
            3 => "client",
            4 => "server",
            5 => "broadcast",
            6 => "control",
            7 => "private",
            _ => return None,
        })
    }
}

/// The name, or `mode` and the number.
impl fmt::Display for NtpMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "mode {}", self.0),
        }
    }
}

impl Serialize for NtpMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A time, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NtpTime {
    /// Steps from a clock that is right by itself: 1 has one; 0 says nothing.
    pub stratum: u8,
    /// Seconds between messages, as a power of two.
    pub poll: i8,
    /// Seconds by which the clock is exact, as a power of two.
    pub precision: i8,
    /// Seconds to the clock that is right and back, in 65,536ths.
    pub root_delay: u32,
    /// Seconds that it may be wrong by, in 65,536ths.
    pub root_dispersion: u32,
    /// From whom the sender has the time: an address, or four letters of strata 0 and 1. Of IPv6, the address is a digest.
    pub reference: Untrusted,
    /// When the clock was set last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_time: Option<Timestamp>,
    /// When the question was sent, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_time: Option<Timestamp>,
    /// When it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive_time: Option<Timestamp>,
    /// When this message was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmit_time: Option<Timestamp>,
    /// Fields behind all that.
    pub extensions: u32,
    /// Whether it is signed by a key that both share.
    pub signed: bool,
}

/// A command (RFC 9327).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NtpControl {
    /// Which one.
    pub operation: u8,
    /// What question and answer share.
    pub sequence: u16,
    /// The status of what is asked about.
    pub status: u16,
    /// What is asked about.
    pub association: u16,
    /// It is an answer.
    pub response: bool,
    /// What was asked went wrong.
    pub error: bool,
    /// There is more of the answer.
    pub more: bool,
}

/// A command of implementations: 42 of implementation 3 lists who asked for the time (`monlist`), and answers much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NtpPrivate {
    /// Which one.
    pub request: u8,
    /// The place of the message in the answer.
    pub sequence: u8,
    /// Whose command.
    pub implementation: u8,
    /// It is an answer.
    pub response: bool,
    /// There is more of the answer.
    pub more: bool,
    /// It is signed.
    pub signed: bool,
    /// What went wrong; 0 is nothing.
    pub error: u8,
}
