//! What is wrong with documents.

pub(crate) mod active_content;
pub(crate) mod credential_form;
pub(crate) mod hidden_link;
pub(crate) mod macro_runs;
pub(crate) mod macro_stomped;
pub(crate) mod script_page;
