//! Somebody uses the rights of an administrator.

use super::LogPlace;
use crate::{Timestamp, Untrusted};

/// The first use of a day, as the log of the machine tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRight {
    /// When.
    pub time: Timestamp,
    /// Where it stands.
    pub place: LogPlace,
    /// Who, without a domain.
    pub user: Untrusted,
    /// Whose log it is.
    pub host: Untrusted,
    /// By which way, in words: `sudo`, `su`, `a logon with special privileges`.
    pub how: &'static str,
    /// What the log says beside.
    pub text: Untrusted,
}
