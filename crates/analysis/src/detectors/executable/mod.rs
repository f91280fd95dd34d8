//! What is wrong with programs and libraries.

pub(crate) mod altered;
