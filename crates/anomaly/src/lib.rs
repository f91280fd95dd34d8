//! Anomalies in tables of numbers, and templates of log lines.
#![forbid(unsafe_code)]

mod ecod;
pub mod forest;
mod neighbours;
mod parallel;
mod random;
mod rows;
mod scale;
pub mod templates;

pub use ecod::Ecod;
pub use neighbours::{Asked, Neighbours};
pub use rows::Rows;
pub use scale::{Scale, Spread};
