//! The arguments of a live capture.

use clap::{Args, ValueHint};
use std::path::PathBuf;
use watchfire::Problem;
use watchfire::live::{LiveFiles, LiveRequest, duration, size};

#[derive(Debug, Args)]
#[command(next_help_heading = "Live")]
pub(crate) struct LiveArgs {
    /// Capture from this interface until Control-C; 'any' is all of them.
    // Nobody is asked while rights are given away and frames come in; `capture FILE --online` asks about what was kept.
    #[arg(
        long,
        value_name = "IFACE",
        conflicts_with_all = ["online", "only_providers", "pap", "contact_targets", "max_age", "deadline"],
    )]
    pub(crate) live: Option<String>,

    /// Print the interfaces of this host and what went through them.
    // The list is for people, and nothing is captured for it.
    #[arg(
        long,
        conflicts_with_all = [
            "live", "format", "output", "online", "extract", "filter", "where", "flow", "write", "keylog", "flows_only",
        ],
    )]
    pub(crate) list_interfaces: bool,

    /// With --list-interfaces: how much goes through them in a second, which takes one.
    #[arg(long, requires = "list_interfaces")]
    pub(crate) rates: bool,

    /// Keep so many bytes of each frame.
    #[arg(long, value_name = "BYTES", requires = "live")]
    snap_length: Option<u32>,

    /// Capture only what is meant for this host, not all that the card sees.
    #[arg(long, requires = "live")]
    not_promiscuous: bool,

    /// Keep what is captured in files too, written in turn: FILE-001, FILE-002, …
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "live")]
    ring: Option<PathBuf>,

    /// With --ring: bytes of each file: 100M, 1GiB.
    #[arg(long, value_name = "SIZE", default_value = "100M", requires = "ring")]
    ring_size: String,

    /// With --ring: how many files; the oldest is written over.
    #[arg(long, value_name = "N", default_value_t = 10, requires = "ring")]
    ring_files: usize,

    /// Stop after so many frames.
    #[arg(long, value_name = "N", requires = "live")]
    frames: Option<u64>,

    /// Stop after so long: 30s, 10m, 2h.
    #[arg(long, value_name = "TIME", requires = "live")]
    duration: Option<String>,

    /// Memory in which frames wait until they are read, 32MiB by default.
    #[arg(long, value_name = "SIZE", requires = "live")]
    buffer: Option<String>,

    /// Go on as this user once the interface is open; otherwise who called sudo, or nobody.
    #[arg(long, value_name = "USER", requires = "live")]
    user: Option<String>,

    /// Say that you are allowed to capture here; the notice is not printed then.
    #[arg(long, requires = "live")]
    i_may_capture: bool,

    /// Do not draw a dashboard on the terminal.
    #[arg(long, requires = "live")]
    pub(crate) no_dashboard: bool,
}

impl LiveArgs {
    /// What is asked for, if it is a live capture. The filter is the caller's.
    pub(crate) fn request(&self) -> Result<Option<LiveRequest>, Problem> {
        let Some(interface) = &self.live else {
            return Ok(None);
        };
        let files = match &self.ring {
            Some(path) => Some(LiveFiles {
                path: path.clone(),
                size: size(&self.ring_size)?,
                count: self.ring_files,
            }),
            None => None,
        };
        Ok(Some(LiveRequest {
            snap_length: self.snap_length,
            only_own: self.not_promiscuous,
            buffer: self.buffer.as_deref().map(size).transpose()?,
            frames: self.frames,
            duration: self.duration.as_deref().map(duration).transpose()?,
            files,
            user: self.user.clone(),
            lawful: self.i_may_capture,
            ..LiveRequest::new(interface.as_str())
        }))
    }
}
