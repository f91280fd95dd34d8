//! How tables are searched where they lie.

pub(crate) mod lines;
