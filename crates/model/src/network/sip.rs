//! Requests of SIP and their answers.

use crate::Untrusted;
use serde::Serialize;

/// A request, and an answer to it: each answer is an exchange of its own (RFC 3261).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sip {
    /// What is asked for; empty if the request was not captured.
    pub method: Untrusted,
    /// Of whom.
    pub uri: Untrusted,
    /// Who calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Untrusted>,
    /// Who is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Untrusted>,
    /// Which call it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<Untrusted>,
    /// Its number within that, and the method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Untrusted>,
    /// The subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Untrusted>,
    /// With which software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Untrusted>,
    /// Bytes of its body, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<u64>,
    /// The answer; none was captured otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<SipReply>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SipReply {
    /// The frame in which it begins.
    pub frame: u64,
    /// The status.
    pub status: u16,
    /// The reason behind it.
    pub reason: Untrusted,
    /// Who calls, as the answer has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Untrusted>,
    /// Who is called, as the answer has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Untrusted>,
    /// Who answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Untrusted>,
    /// A warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Untrusted>,
    /// Bytes of its body, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
}
