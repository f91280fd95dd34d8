//! The arguments of `watchfire capture`.

use super::{JudgingArgs, LiveArgs, LogArgs, OnlineArgs};
use clap::{Args, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;
use watchfire::{CaptureRequest, Input, Links};

#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    /// Files and folders; '-' is standard input.
    #[arg(
        value_name = "PATH",
        required_unless_present_any = ["live", "list_interfaces"],
        conflicts_with_all = ["live", "list_interfaces"],
        value_hint = ValueHint::AnyPath,
    )]
    paths: Vec<OsString>,

    /// Follow symbolic links below a folder.
    #[arg(long, short = 'L')]
    follow_links: bool,

    /// Write the files that were carried to this folder.
    #[arg(long, short = 'x', value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "live")]
    extract: Option<PathBuf>,

    /// Read what TLS hides with the secrets in this file, as browsers write it (SSLKEYLOGFILE); several times for several.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    keylog: Vec<PathBuf>,

    /// Count flows and look no deeper: nothing is put in order, protocols are not read.
    #[arg(long)]
    flows_only: bool,

    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) live: LiveArgs,

    #[command(flatten)]
    pub(crate) online: OnlineArgs,

    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

impl CaptureArgs {
    pub(crate) fn inputs(&self) -> Vec<Input> {
        self.paths.iter().map(|path| Input::parse(path)).collect()
    }

    pub(crate) fn links(&self) -> Links {
        if self.follow_links { Links::Follow } else { Links::Skip }
    }

    /// What is wanted.
    pub(crate) fn request(&self) -> CaptureRequest {
        let mut request = CaptureRequest {
            extract: self.extract.clone(),
            keylog: self.keylog.clone(),
            flows_only: self.flows_only,
            ..CaptureRequest::default()
        };
        self.logs.apply(&mut request);
        request
    }
}
