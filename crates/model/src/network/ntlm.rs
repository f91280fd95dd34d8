//! Who proves who he is by NTLM.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// A proof by challenge and answer (MS-NLMP). The answer itself is in a [`Login`](super::Login).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ntlm {
    /// By what it is carried, as services are named.
    pub carrier: &'static str,
    /// Who; nothing for nobody in particular and where the answer was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Of which domain, as the client says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Untrusted>,
    /// The client's name, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workstation: Option<Untrusted>,
    /// The client's Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<WindowsVersion>,
    /// What the server asks for: its domain, or its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Untrusted>,
    /// The server's name in NetBIOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Untrusted>,
    /// The server's domain in NetBIOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_domain: Option<Untrusted>,
    /// The server's name in DNS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_dns_name: Option<Untrusted>,
    /// The server's domain in DNS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_dns_domain: Option<Untrusted>,
    /// The forest of the server's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_tree: Option<Untrusted>,
    /// The server's Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_version: Option<WindowsVersion>,
    /// How the answer was computed; nothing where it was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<NtlmAnswer>,
    /// Whether the server let the client in; nothing where that was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
}

/// How an answer was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NtlmAnswer {
    /// There is none: the client is nobody in particular.
    Anonymous,
    /// NTLM version 1: guessed within hours, whatever the password.
    V1,
    /// NTLM version 2.
    V2,
}

/// A version of Windows, as it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowsVersion {
    /// The first number.
    pub major: u8,
    /// The second.
    pub minor: u8,
    /// The build.
    pub build: u16,
}

/// `10.0.17763`.
impl fmt::Display for WindowsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

impl Serialize for WindowsVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
