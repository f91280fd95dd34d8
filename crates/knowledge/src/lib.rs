//! Facts that Watchfire carries with it.
//!
//! Top-level domains and public suffixes, file extensions, reserved ranges and names, countries and networks of addresses,
//! well-known infrastructure, vendors of network cards, well-known names, the wording of lures and ATT&CK. Tables are packed by the examples `pack`, `geography`, `vendors` and `world`, embedded in the binary
//! and searched where they lie: nothing is unpacked at start-up and no look-up allocates. The terms of every source are
//! in [`notices`].
//!
//! A fact says where a value belongs. Whether it is good or bad is decided elsewhere; the one exception is
//! [`infrastructure::Role::KnownGood`], which the judge may read as evidence of benignity.
//!
//! This crate is pure: no files, no network, no clock, no environment, no randomness.

#![forbid(unsafe_code)]

pub mod attack;
pub mod brand;
pub mod confusable;
pub mod extension;
pub mod geography;
pub mod host;
pub mod infrastructure;
pub mod language;
pub mod letters;
pub mod mac;
pub mod mail;
pub mod middle;
pub mod networks;
mod packed;
pub mod reserved;
pub mod sayable;
pub mod subject;
pub mod suffix;
pub mod system_library;
pub mod tables;
pub mod tenants;
pub mod tld;
pub mod wording;
pub mod world;

/// The attributions that the licences of embedded data ask for, as text for people.
pub fn notices() -> &'static str {
    include_str!("../NOTICES.md")
}
