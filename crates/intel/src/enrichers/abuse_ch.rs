//! What the providers of abuse.ch have in common: one key, one plan, one family, and the word that every answer ends with.

use super::json::{Look, wrong};
use super::{Fault, KeyUse, Plan};
use serde_json::Value;
use watchfire_model::Window;

/// The header that the key goes in.
pub(super) const HEADER: &str = "Auth-Key";
/// Sources of abuse.ch feed one another.
pub(super) const GROUP: &str = "abuse.ch";
/// The key of all of them.
pub(super) const KEY: KeyUse = KeyUse::Required {
    variable: "WATCHFIRE_ABUSECH_KEY",
    goes: "header Auth-Key",
};
/// What one can have.
pub(super) const PLANS: &[Plan] = &[Plan {
    name: "free",
    windows: &[Window::day(2_000)],
    terms: "fair use; commercial use by arrangement",
}];

/// Whether anything was found, by the word that all of abuse.ch says it with.
pub(super) fn ended(body: &Value) -> Result<bool, Fault> {
    let status = body.at("query_status").text();
    match status {
        "ok" => Ok(true),
        "no_results" | "no_result" | "hash_not_found" | "file_not_found" => Ok(false),
        "unknown_auth_key" | "unauthorized" | "missing_auth_key" | "no_auth_key" | "user_blacklisted" => {
            Err(Fault::authentication(format!("the key was not accepted: {status}")))
        }
        "" => Err(wrong("query_status")),
        limit if limit.contains("limit") || limit.contains("quota") => {
            Err(Fault::quota(format!("too many questions: {limit}")))
        }
        other => Err(Fault::failed(format!("did not accept the question: {other}"))),
    }
}
