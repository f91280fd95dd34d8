//! What is unlike the rest, and why.

use super::LogPlace;
use crate::{Timestamp, Untrusted};
use serde::Serialize;

/// One anomaly. It says nothing of guilt: what is rare is mostly innocent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anomaly {
    /// What kind of thing is unlike others of its kind.
    pub kind: AnomalyKind,
    /// Which: a user, an address, a machine, the template of lines.
    pub what: Untrusted,
    /// When the window begins in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<Timestamp>,
    /// How long the window is, in seconds; 0 where there is none.
    #[serde(skip_serializing_if = "is_none")]
    pub seconds: u64,
    /// The share of ordinary windows that are as unusual or more.
    pub p_value: f64,
    /// The features that set it apart, the weightiest first.
    pub reasons: Vec<AnomalyReason>,
    /// A record to look at.
    #[serde(skip)]
    pub place: LogPlace,
    /// The file and line of that record.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub example: Untrusted,
}

/// See [`Anomaly::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// A user's hour.
    User,
    /// An address' hour.
    Address,
    /// A machine's hour.
    Host,
    /// A kind of line.
    Template,
    /// A row of a table.
    Row,
    /// A log-in that is new for its user.
    LogIn,
}

/// One feature that sets it apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnomalyReason {
    /// The feature, in words.
    pub feature: String,
    /// Its value.
    pub value: f64,
    /// The middle of its peers.
    pub typical: f64,
    /// Its share in the score.
    pub share: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_none(seconds: &u64) -> bool {
    *seconds == 0
}

/// Numbers of an anomaly are never NaN.
impl Eq for Anomaly {}

/// See [`Anomaly`].
impl Eq for AnomalyReason {}
