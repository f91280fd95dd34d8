//! Somebody wants to be let in.

use super::LogPlace;
use crate::{Timestamp, Untrusted};
use serde::Serialize;
use std::net::IpAddr;

/// An attempt to log in, as the log of the side tells it that decided; or several that are the same but for their times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogIn {
    /// When; the first, where it is several.
    pub time: Option<Timestamp>,
    /// When the last was.
    pub last: Option<Timestamp>,
    /// How many.
    pub count: u64,
    /// Where it stands; of several, the first.
    pub place: LogPlace,
    /// How it ended.
    pub outcome: LogInOutcome,
    /// As whom, without a domain; empty where nobody says.
    pub user: Untrusted,
    /// The domain or realm of the user; empty where nobody says.
    pub domain: Untrusted,
    /// From which address.
    pub from: Option<IpAddr>,
    /// From which machine, by the name that it gives itself.
    pub from_host: Untrusted,
    /// Whose log it is: the machine, or the service of a provider.
    pub host: Untrusted,
    /// By which way, `ssh`, `kerberos`, `windows network`.
    pub service: &'static str,
    /// What the log says, for whoever looks at it.
    pub text: Untrusted,
    /// Of several who were let in: where the last stands.
    pub last_place: LogPlace,
    /// Of several that were refused: when there were more of them than somebody mistypes ([`LogIn::MISTYPED`]).
    pub enough: Option<Timestamp>,
}

impl LogIn {
    /// Refusals of somebody who mistypes.
    pub const MISTYPED: u64 = 4;
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogInOutcome {
    /// Not let in.
    #[default]
    Refused,
    /// Let in.
    Accepted,
}
