//! What others know: indicators and the sets they are matched in, feeds and their formats, providers of reputation.

#![forbid(unsafe_code)]

pub mod feed;
pub mod set;
