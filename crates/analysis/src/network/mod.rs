//! What captures of networks say, as it comes: totals, hosts, names, files that were carried, and what detectors find.
//!
//! A capture may be longer than memory: nothing here holds on to flows and events. They go to whoever wants records, to the
//! detectors, and into lists that are bounded. Files that were carried are handed to the
//! engine's queue like members of an archive.

mod carried;
mod certificates;
mod described;
mod follow;
mod hosts;
mod names;
mod rhythm;
mod stream;
mod traffic;
mod watch;

pub(crate) use hosts::Hosts;
pub(crate) use rhythm::length;
pub use stream::Part;
pub use watch::Watching;
pub(crate) use watch::watch;
