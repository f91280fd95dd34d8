//! Checksums that observables carry in themselves.
