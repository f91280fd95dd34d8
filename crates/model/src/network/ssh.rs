//! How a session of SSH begins.

use crate::Untrusted;
use serde::Serialize;

/// What both ends say before they encrypt (RFC 4253).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ssh {
    /// The client; none if it was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<SshEnd>,
    /// The server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<SshEnd>,
    /// How keys are exchanged, as agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_exchange: Option<Untrusted>,
    /// What kind of key the server shows, as agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key_algorithm: Option<Untrusted>,
    /// The server's key, as `ssh-keygen -l` prints it: `SHA256:` and its digest in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key: Option<String>,
    /// What protects that which the client sends, as agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_server: Option<SshProtection>,
    /// What protects that which the server sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_client: Option<SshProtection>,
}

/// One end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SshEnd {
    /// The first line that counts: the version of the protocol and the software, `SSH-2.0-OpenSSH_10.3`.
    pub banner: Untrusted,
    /// Its fingerprint, `hassh` of clients and `hasshServer` of servers, <https://github.com/salesforce/hassh>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hassh: Option<String>,
}

/// The algorithms of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SshProtection {
    /// What encrypts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<Untrusted>,
    /// What authenticates; without meaning where the cipher does that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<Untrusted>,
    /// What compresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<Untrusted>,
}
