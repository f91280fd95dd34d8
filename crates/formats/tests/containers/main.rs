//! Containers of other tools, and containers made to deceive.

mod common;
mod zip;
