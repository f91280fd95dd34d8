//! What is wrong with link facts.
