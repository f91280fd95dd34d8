//! The arguments about rules of the user's own.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// What else is looked for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RulesArgs {
    /// Match everything against the YARA rules in this file or folder; 'builtin' for those that ship. May be repeated.
    #[arg(long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub(crate) yara: Vec<PathBuf>,
}
