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
    /// Take in a signed bundle, a database of your own in the format of MaxMind (.mmdb), or a list of harmless files.
    Import {
        /// The file; the signature of a bundle stands beside it.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        path: PathBuf,

        /// It lists files that you hold for harmless, by SHA-1 or SHA-256 (NSRL, sha256sum, hashdeep), or is a Bloom
        /// filter of them (hashlookup); call it so.
        #[arg(long, value_name = "NAME")]
        known_good: Option<String>,
    },
    /// Fetch the signed bundle that the configuration names, if it has changed.
    Update,
    /// Take the newest imported knowledge out of use.
    Rollback,
}
