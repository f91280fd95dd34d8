//! The arguments of `watchfire knowledge`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct KnowledgeArgs {
    #[command(subcommand)]
    pub(crate) command: KnowledgeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// Each table: what it is, whose it is, and how old.
    Status {
        /// Count ages to this day or instant instead of now.
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
    },
    /// Take in a signed bundle, or a database of your own in the format of MaxMind (.mmdb).
    Import {
        /// The file; the signature of a bundle stands beside it.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        path: PathBuf,
    },
    /// Fetch the signed bundle that the configuration names, if it has changed.
    Update,
    /// Take the newest imported knowledge out of use.
    Rollback,
}
