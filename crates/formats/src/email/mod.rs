//! Mail (RFC 5322): its header as it stands, and where it comes from.

pub mod authentication;
pub mod field;
