//! The arguments about who is believed where files are signed.

use clap::{Args, ValueHint};
use std::path::PathBuf;
use watchfire::{Config, Value};

/// Whose signatures count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signatures")]
pub(crate) struct SignatureArgs {
    /// Trust signatures of programs that lead to a certificate in this file or folder, in PEM or DER. May be repeated.
    #[arg(long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    trust: Vec<PathBuf>,

    /// Take files for signed that this catalog lists, or a catalog (.cat) in this folder. May be repeated.
    #[arg(long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    catalog: Vec<PathBuf>,
}

impl SignatureArgs {
    /// What it says about how results are made.
    pub(crate) fn apply(&self, config: &mut Config) {
        for (paths, key, flag) in [
            (&self.trust, "signatures.trust", "--trust"),
            (&self.catalog, "signatures.catalogs", "--catalog"),
        ] {
            if !paths.is_empty() {
                let paths = paths.iter().map(|path| path.to_string_lossy().into_owned());
                config.set(key, Value::List(paths.collect()), flag);
            }
        }
    }
}
