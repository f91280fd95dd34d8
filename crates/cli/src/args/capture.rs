//! The arguments of `watchfire capture`.

use super::{JudgingArgs, LiveArgs, NetworkLogArgs, OnlineArgs};
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
    #[arg(long, short = 'L', conflicts_with = "live")]
    follow_links: bool,

    /// Write the files that were carried to this folder.
    #[arg(long, short = 'x', value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "live")]
    extract: Option<PathBuf>,

    /// Read only the frames that this matches, as tcpdump says it: 'host 10.0.5.23 and tcp port 80 or 443'.
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,

    /// Show only flows and exchanges whose fields are like this: 'service == dns', 'sent > 1 MB'. All is still looked at.
    #[arg(long, value_name = "EXPR", conflicts_with = "live")]
    r#where: Option<String>,

    /// Follow one flow, called by the number of its first frame: what was exchanged, and what its ends said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["live", "flows_only"])]
    flow: Option<u64>,

    /// Write the frames that were read, or those of the flow, to this file: pcapng, or pcap where its name ends so.
    #[arg(long, short = 'w', value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "live")]
    write: Option<PathBuf>,

    /// Read what TLS hides with the secrets in this file, as browsers write it (SSLKEYLOGFILE); several times for several.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    keylog: Vec<PathBuf>,

    /// Count flows and look no deeper: nothing is put in order, protocols are not read.
    #[arg(long)]
    flows_only: bool,

    #[command(flatten)]
    pub(crate) logs: NetworkLogArgs,

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
            filter: self.filter.clone(),
            chosen: self.r#where.clone(),
            flow: self.flow,
            write: self.write.clone(),
            ..CaptureRequest::default()
        };
        self.logs.apply(&mut request);
        request
    }
}
