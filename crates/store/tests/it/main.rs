//! The store as its users see it: what is kept, what is refused, what damage does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test"
)]

mod answers;
mod assets;
mod bed;
mod bundles;
mod cases;
mod cases_killed;
mod decisions;
mod feeds;
mod opening;
mod processes;
mod quotas;
mod searches;
mod sightings;
mod speed;
