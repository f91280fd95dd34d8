//! What others know: indicators and the sets they are matched in, feeds and their formats, providers of reputation.

#![forbid(unsafe_code)]

pub mod asking;
pub mod bundle;
mod decay;
mod dns;
pub mod enrichers;
pub mod feed;
pub mod inventory;
pub mod known;
mod profile;
pub mod resolve;
pub mod set;
pub mod transport;
mod xml;

pub use decay::{LIFETIME, decay};
pub use profile::FeedProfile;
