//! Requests of HTTP and their answers.

use crate::Untrusted;
use serde::Serialize;

/// A request and what came back (RFC 9110, RFC 9112).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Http {
    /// What is asked for; empty if the request was not captured.
    pub method: Untrusted,
    /// Of which host, by the field `Host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Untrusted>,
    /// The target as it stands in the request: a path, mostly.
    pub target: Untrusted,
    /// The version of the request, `1.1`; empty for that of 0.9.
    pub version: Untrusted,
    /// From where it was followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<Untrusted>,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Untrusted>,
    /// The user who is named by basic authentication; his password is in a [`Login`](super::Login).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Whether it was read inside of TLS, with its secrets.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
    /// Bytes of the request's body.
    pub sent: u64,
    /// What the request's body is said to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_type: Option<Untrusted>,
    /// The answer; none was captured otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<HttpReply>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HttpReply {
    /// The frame in which it begins.
    pub frame: u64,
    /// The status.
    pub status: u16,
    /// The reason behind it.
    pub reason: Untrusted,
    /// Who answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Untrusted>,
    /// Where it leads on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Untrusted>,
    /// Bytes of the body, as they were sent.
    pub received: u64,
    /// What the body is said to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_type: Option<Untrusted>,
}

impl Http {
    /// What was asked for, as a URL.
    pub fn url(&self) -> Option<Untrusted> {
        let target = self.target.raw();
        if target.contains("://") {
            return Some(self.target.clone());
        }
        let host = self.host.as_ref()?.raw();
        let scheme = if self.encrypted { "https" } else { "http" };
        target
            .starts_with('/')
            .then(|| Untrusted::new(format!("{scheme}://{host}{target}")))
    }
}
