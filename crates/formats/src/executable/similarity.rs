//! Digests of similar files that are similar: context-triggered piecewise hashing, as ssdeep writes it, and TLSH.

pub mod piecewise;
mod tlsh;

pub use piecewise::piecewise;
pub use tlsh::tlsh;
