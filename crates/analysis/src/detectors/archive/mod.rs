//! What is wrong with containers and with the names in them.

pub(crate) mod bomb;
pub(crate) mod deceptive_name;
pub(crate) mod disguised_type;
pub(crate) mod double_extension;
pub(crate) mod password_beside;
pub(crate) mod path_traversal;
pub(crate) mod runnable_member;
