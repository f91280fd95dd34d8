//! Logs: blocks of bytes to records.
//!
//! ```text
//! blocks ─▶ Reader ─▶ framing (lines, elements, events, entries, chunks) ─▶ format of the line ─▶ Record ─▶ sink
//! ```
//!
//! - A [`Record`] borrows: values are pieces of the block, or of one scratch that is used again for each record. A field costs
//!   no allocation, and its name is a number beside its text ([`Names`]).
//! - Names are those of the log. [`ocsf::name`] tells what the Open Cybersecurity Schema Framework calls them.
//! - Formats are told by content, line by line. Nothing is lost: what no format knows is a record all the same.
//! - Times are instants together with what of them was assumed ([`Time`]).
//!
//! Rows of Parquet come as lines of JSON ([`crate::parquet`]). The binary journal of systemd is not read.

mod auditd;
mod auth;
mod cef;
mod cisco;
mod container;
mod csv;
mod dns;
mod draft;
mod encoding;
mod evtx;
mod frame;
mod hash;
mod inner;
mod journald;
mod json;
mod keyvalue;
mod lines;
mod name;
mod netfilter;
pub mod ocsf;
mod paloalto;
mod pf;
mod plain;
mod postfix;
mod proxy;
mod reader;
mod recognise;
mod record;
mod registry;
mod scan;
mod sshd;
mod syslog;
mod time;
mod totals;
mod transcript;
mod user;
mod w3c;
mod web;
mod windows_services;
mod xml;

pub use evtx::{CHUNK, EVTX_HEADER};
pub use name::{NameId, Names};
pub use reader::{HEAD, Options, Reader, Sink};
pub use recognise::recognise;
pub use record::{Fault, Field, Record, Value};
pub use registry::{FORMATS, Format};
pub use time::{Known, Time};
pub use totals::Totals;
pub use user::{BadFormat, UserFormat};

#[cfg(test)]
mod tests;
