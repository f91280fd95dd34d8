//! What is wrong with documents.

pub(crate) mod hidden_link;
