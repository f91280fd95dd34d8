//! Logs in the form of other tools.

use clap::{Args, ValueHint};
use std::path::{Path, PathBuf};
use watchfire::CaptureRequest;

#[derive(Debug, Args)]
pub(crate) struct NetworkLogArgs {
    /// Write logs as Zeek does to this folder: conn.log, dns.log, http.log and others.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "live")]
    zeek_logs: Option<PathBuf>,

    /// Write these as lines of JSON, under the same names.
    #[arg(long, requires = "zeek_logs")]
    zeek_json: bool,

    /// Write lines of JSON as Suricata does (eve.json) to this file; '-' is standard output, and the report goes to --output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "live")]
    eve: Option<PathBuf>,
}

impl NetworkLogArgs {
    /// The file that lines of Suricata go to.
    pub(crate) fn eve(&self) -> Option<&Path> {
        self.eve.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// Whether they go to standard output.
    pub(crate) fn eve_on_stdout(&self) -> bool {
        self.eve.as_deref() == Some(Path::new("-"))
    }

    pub(crate) fn apply(&self, request: &mut CaptureRequest) {
        request.zeek_logs.clone_from(&self.zeek_logs);
        request.zeek_json = self.zeek_json;
        request.eve = self.eve().map(Path::to_owned);
    }
}
