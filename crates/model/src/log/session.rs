//! How long somebody stayed who was let in.

use crate::{RuleId, Timestamp, Untrusted};
use serde::Serialize;
use std::net::IpAddr;

/// A session, as the log of the machine tells its beginning, and its end where that stands there, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// As whom, without a domain.
    pub user: Untrusted,
    /// The domain of the user; empty where nobody says.
    pub domain: Untrusted,
    /// From which address.
    pub from: Option<IpAddr>,
    /// From which machine, by the name that it gives itself.
    pub from_host: Untrusted,
    /// Where to.
    pub host: Untrusted,
    /// By which way, `ssh`, `remote desktop`.
    pub service: &'static str,
    /// When it began.
    pub begins: Timestamp,
}

/// Sessions of one user from one place by one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionRow {
    /// As whom.
    pub user: Untrusted,
    /// Of which domain or realm.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub domain: Untrusted,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// From which machine, by its own word.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub from_host: Untrusted,
    /// Where to.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub host: Untrusted,
    /// By which way.
    pub service: &'static str,
    /// How many.
    pub count: u64,
    /// Those of them whose end stands in no log.
    pub open: u64,
    /// Since when the first of those is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_since: Option<Timestamp>,
    /// When the first began.
    pub first: Timestamp,
    /// When the last began.
    pub last: Timestamp,
    /// How long those took that have an end, all together. Seconds.
    pub seconds: u64,
    /// How long the longest of them took. Seconds.
    pub longest: u64,
    /// When that one began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_begins: Option<Timestamp>,
    /// Rules of findings that are about the account, or about where it came from.
    pub findings: Vec<RuleId>,
}

impl SessionRow {
    /// What comes first in a list: what findings are about, then what took long, then what goes on.
    pub fn rank(&self) -> impl Ord + '_ {
        let place = (self.user.raw(), self.domain.raw(), self.host.raw(), self.service);
        (
            self.findings.is_empty(),
            std::cmp::Reverse(self.longest),
            std::cmp::Reverse(self.open),
            place,
            (self.from, self.from_host.raw()),
        )
    }
}
