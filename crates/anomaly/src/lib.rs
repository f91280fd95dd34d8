//! Finds what is unlike the rest, says how unlikely that is and why; and finds what log lines have in common.
//!
//! Tables of numbers ([`Rows`]) go to detectors: isolation forests, plain and extended ([`forest`]), tails ([`Ecod`]),
//! neighbours in small samples ([`Neighbours`]), and an ensemble of them ([`Ensemble`]). A [`Model`] is an ensemble with a
//! calibration ([`Calibration`]): scores become p-values, a budget of false alarms ([`Budget`]) says which are raised, and
//! each anomaly has its reasons against its peers. [`table`] does the same for columns of words, numbers and times,
//! [`stream`] for rows that come one by one. [`entities`] makes rows of events: what each entity did in each window.
//! [`templates`] mines the templates of log lines.
//!
//! Everything is deterministic: the same input and seed give the same bytes, whatever the number of threads, which is an
//! argument. Nothing here reads files, clocks or the environment. `docs/anomalies.md` has methods, sources and measurements.
//!
//! ```
//! use watchfire_anomaly::{Budget, Model, Options, Rows};
//!
//! let mut values: Vec<f64> = (0..600).flat_map(|n| [f64::from(n % 7), f64::from(n % 11)]).collect();
//! values.extend([50.0, 3.0]);
//! let rows = Rows::new(&values, 2).expect("two columns");
//! let names = ["ports".to_owned(), "hosts".to_owned()];
//! let model = Model::fit(rows, &names, &Options::default(), 1);
//! let raised = model.anomalies(rows, Budget::PerDay { alarms: 1.0, rows: 600.0 }, 1);
//! assert_eq!((raised[0].row, raised[0].reasons[0].name.as_str()), (600, "ports"));
//! ```

#![forbid(unsafe_code)]

mod calibration;
mod ecod;
pub mod ensemble;
pub mod entities;
pub mod forest;
mod model;
mod neighbours;
mod parallel;
mod random;
mod rows;
mod saved;
mod scale;
pub mod sketch;
pub mod stream;
pub mod table;
pub mod templates;

pub use calibration::{Budget, Calibration};
pub use ecod::Ecod;
pub use ensemble::Ensemble;
pub use model::{Anomaly, Judged, Model, Options, Reason};
pub use neighbours::{Asked, Neighbours};
pub use rows::Rows;
pub use saved::LoadError;
#[doc(hidden)]
pub use saved::seal;
pub use scale::{Scale, Spread};
