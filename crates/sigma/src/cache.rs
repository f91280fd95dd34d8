//! placeholder
use crate::program::predicate::Predicate;
pub(crate) fn key(predicate: &Predicate) -> Vec<u8> { format!("{predicate:?}").into_bytes() }
