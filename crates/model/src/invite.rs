//! What an invitation says: who invites whom, to what, where.

use crate::{Mailbox, Untrusted};
use serde::Serialize;

/// An event of a calendar, as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InviteFacts {
    /// `REQUEST`, `CANCEL`, `PUBLISH`, …: what the calendar is sent for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Untrusted>,
    /// Who invites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizer: Option<Mailbox>,
    /// Who is invited, 500 at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attendees: Vec<Mailbox>,
    /// What it is about.
    pub summary: Untrusted,
    /// Where it takes place: a room, or a URL.
    pub location: Untrusted,
    /// Its text, at most 4,000 characters.
    pub description: Untrusted,
    /// When it begins, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<Untrusted>,
    /// URLs that stand in fields of their own: the event's page, the conference, attached files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Untrusted>,
}
