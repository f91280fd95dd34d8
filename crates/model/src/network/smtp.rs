//! Messages that SMTP hands on.

use crate::Untrusted;
use serde::Serialize;

/// One message with its envelope, or a session without any (RFC 5321, RFC 5322).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Smtp {
    /// Which message of the session it is, from 1 on.
    pub depth: u32,
    /// How the server greets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<Untrusted>,
    /// What the client calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helo: Option<Untrusted>,
    /// Where it comes from, by its envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<Untrusted>,
    /// Where it goes to, by its envelope, whether or not the server takes it for them: the first hundred.
    pub recipients: Vec<Untrusted>,
    /// How many there are.
    pub recipient_count: u64,
    /// What its head says.
    #[serde(flatten)]
    pub head: SmtpHead,
    /// Bytes of the message, as it was handed on.
    pub size: u64,
    /// The last answer of the server, with its code: of a message that was taken, what it is called there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_reply: Option<Untrusted>,
    /// Whether the session went on in TLS.
    pub tls: bool,
}

/// Fields of a message's head as they stand there, unfolded and not decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SmtpHead {
    /// `Date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Untrusted>,
    /// `From`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Untrusted>,
    /// `To`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Untrusted>,
    /// `Cc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc: Option<Untrusted>,
    /// `Reply-To`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Untrusted>,
    /// `Message-ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Untrusted>,
    /// `In-Reply-To`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<Untrusted>,
    /// `Subject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Untrusted>,
    /// `X-Originating-IP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originating_ip: Option<Untrusted>,
    /// `User-Agent` or `X-Mailer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Untrusted>,
    /// The first `Received` fields, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<Untrusted>,
}
