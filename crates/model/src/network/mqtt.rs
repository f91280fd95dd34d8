//! Messages by topics.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// What client and server of MQTT say to each other (OASIS MQTT 3.1.1, MQTT 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "says", rename_all = "kebab-case")]
pub enum Mqtt {
    /// A client says who it is.
    Connect(MqttConnect),
    /// One end sends a message.
    Publish(MqttPublish),
    /// A client wants messages, or wants them no more.
    Subscribe(MqttSubscribe),
}

/// A client says who it is. Its password stands with log-ins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MqttConnect {
    /// What the protocol calls itself: `MQTT`, `MQIsdp`.
    pub name: Untrusted,
    /// Its version.
    pub version: MqttVersion,
    /// What the client calls itself.
    pub client: Untrusted,
    /// As whom it logs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Under which topic others are told when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will_topic: Option<Untrusted>,
    /// What they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will: Option<Untrusted>,
    /// What the server said: 0 accepts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
}

/// A version, by its number in messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MqttVersion(pub u8);

/// `3.1`, `3.1.1`, `5.0`, or the number.
impl fmt::Display for MqttVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            3 => f.write_str("3.1"),
            4 => f.write_str("3.1.1"),
            5 => f.write_str("5.0"),
            other => write!(f, "{other}"),
        }
    }
}

impl Serialize for MqttVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MqttPublish {
    /// Whether the client sends it.
    pub from_client: bool,
    /// Whether the server keeps it for those who come later.
    pub retain: bool,
    /// How sure it is to arrive: 0 at most once, 1 at least once, 2 exactly once.
    pub quality: u8,
    /// Its topic; empty where a number stands for it.
    pub topic: Untrusted,
    /// How it begins.
    pub payload: Untrusted,
    /// Bytes of it.
    pub payload_bytes: u64,
    /// Whether it was acknowledged, if that was asked for.
    pub acknowledged: bool,
}

/// Which messages a client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MqttSubscribe {
    /// It wants them no more.
    pub ends: bool,
    /// Topics, with wildcards.
    pub topics: Vec<Untrusted>,
    /// What quality each is wanted with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub qualities: Vec<u8>,
    /// What each was granted with; from 128 on, it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<u8>,
    /// Whether the server answered.
    pub acknowledged: bool,
}
