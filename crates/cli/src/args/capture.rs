//! The arguments of `watchfire capture`.

use super::{InputArgs, JudgingArgs};
use clap::{Args, ValueHint};
use std::path::PathBuf;
use watchfire::CaptureRequest;

#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Write the files that were carried to this folder.
    #[arg(long, short = 'x', value_name = "DIR", value_hint = ValueHint::DirPath)]
    extract: Option<PathBuf>,

    /// Read what TLS hides with the secrets in this file, as browsers write it (SSLKEYLOGFILE); several times for several.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    keylog: Vec<PathBuf>,

    /// Count flows and look no deeper: nothing is put in order, protocols are not read.
    #[arg(long)]
    flows_only: bool,

    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

impl CaptureArgs {
    /// What is wanted.
    pub(crate) fn request(&self) -> CaptureRequest {
        CaptureRequest {
            extract: self.extract.clone(),
            keylog: self.keylog.clone(),
            flows_only: self.flows_only,
        }
    }
}
