//! Commands of Redis and their answers.

use crate::Untrusted;
use serde::Serialize;

/// A command and what came back (<https://redis.io/docs/latest/develop/reference/protocol-spec/>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redis {
    /// The command, as it was sent.
    pub command: Untrusted,
    /// What stands behind it: the first ones, cut; of log-ins, nothing. In commands that are lines, with their quotes.
    pub arguments: Vec<Untrusted>,
    /// The answer; none was captured otherwise, or none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<RedisReply>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RedisReply {
    /// The frame in which it ends.
    pub frame: u64,
    /// Whether it says that the command failed.
    pub failed: bool,
    /// What it says, cut: lists as `[a, b]`.
    pub text: Untrusted,
}
