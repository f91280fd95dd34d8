//! What is wrong with archive facts.
