//! Bytes in, facts and members out.
//!
//! Parsers of what attackers write: they return what they could read together with [problems](watchfire_model::Problem),
//! never panic, and spend from the caller's [`Budget`](watchfire_model::Budget). They say what is there, never what it
//! means.

#![forbid(unsafe_code)]

pub mod archive;
mod bytes;
pub mod calendar;
pub mod capped;
pub mod certificate;
pub mod digest;
pub mod document;
pub mod email;
pub mod executable;
pub mod identify;
pub mod image;
pub mod log;
pub mod office;
pub mod ole;
pub mod parquet;
mod public_key;
mod rich_text;
pub mod script;
pub mod shortcut;

pub mod text;
