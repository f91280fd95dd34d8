//! What is wrong with document facts.
