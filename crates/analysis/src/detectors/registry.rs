//! The detectors, in the order in which their findings come.

use super::Detector;

/// Makes a detector for the analysis of one root.
pub type New = fn() -> Box<dyn Detector>;

/// Every detector.
pub const REGISTRY: &[New] = &[];
