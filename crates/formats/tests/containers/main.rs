//! Containers of other tools, and containers made to deceive.

#[macro_use]
mod common;
mod rar;
mod sevenz;
mod stream;
mod tar;
mod zip;
