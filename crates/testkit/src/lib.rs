//! What the tests of all crates share: random numbers that repeat, builders of archives, mails and logs, mutations of
//! hostile bytes, the way to the corpus, and the generator of the demo.
//!
//! Everything is deterministic: the same seed gives the same bytes on every machine. Nothing here is malicious: what
//! looks hostile is inert, addresses are from the documentation ranges (RFC 5737, RFC 3849) and names are reserved
//! (RFC 2606), except in [`logs`], whose random addresses mean nobody.

#![forbid(unsafe_code)]

pub mod adversarial;
pub mod archive;
pub mod capture;
pub mod clock;
pub mod compound;
pub mod corpus;
pub mod demo;
pub mod disc;
pub mod document;
pub mod documents;
pub mod encode;
pub mod evtx;
pub mod executable;
pub mod forward;
pub mod fuzz;
pub mod letters;
pub mod logs;
pub mod mail;
pub mod mutate;
pub mod numpy;
pub mod office;
pub mod outlook;
pub mod picture;
pub mod places;
pub mod qr;
pub mod quine;
pub mod random;
pub mod ranking;
pub mod rich_text;
pub mod shortcut;
pub mod signer;

pub use random::Random;
