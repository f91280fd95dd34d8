//! A sentence or more for every type, in the order of the registry.

mod network;
mod others;

use super::Sample;

pub(super) fn all() -> impl Iterator<Item = &'static Sample> {
    network::SAMPLES.iter().chain(others::SAMPLES)
}
