//! The arguments of `watchfire assets`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AssetsArgs {
    #[command(subcommand)]
    pub(crate) command: AssetsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AssetsCommand {
    /// The inventories, and the hosts in them.
    List,
    /// Whose host it is, by address, hardware address or name.
    Show {
        /// The address, hardware address or name.
        #[arg(value_name = "VALUE")]
        value: String,
    },
    /// Take an inventory from a file: a table, or a report of Nmap (-oX). It takes the place of the one of that name.
    Import {
        /// The file.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// Call it so; by the file's name where nobody says.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Where a table keeps what: host=1,address=ip,owner=contact,note=role+site.
        #[arg(long, value_name = "MAP")]
        columns: Option<String>,
    },
    /// Have the installed Nmap look at ranges that the configuration allows, and keep what it finds.
    Scan {
        /// Addresses and networks.
        #[arg(long, value_name = "TARGET", required = true, num_args = 1..)]
        nmap: Vec<String>,
        /// Call the inventory so; by the targets where nobody says.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Forget an inventory.
    Remove {
        /// Which.
        #[arg(value_name = "NAME")]
        name: String,
    },
}
