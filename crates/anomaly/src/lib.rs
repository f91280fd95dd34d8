//! Anomalies in tables of numbers, and templates of log lines.
#![forbid(unsafe_code)]

mod calibration;
mod ecod;
pub mod ensemble;
pub mod forest;
mod model;
mod neighbours;
mod parallel;
mod random;
mod rows;
mod saved;
mod scale;
pub mod table;
pub mod templates;

pub use calibration::{Budget, Calibration};
pub use ecod::Ecod;
pub use ensemble::Ensemble;
pub use model::{Anomaly, Judged, Model, Options, Reason};
pub use neighbours::{Asked, Neighbours};
pub use rows::Rows;
pub use saved::LoadError;
pub use scale::{Scale, Spread};
