//! The arguments of `watchfire logs`.

use super::{AnomaliesArgs, InputArgs, JudgingArgs, OnlineArgs, Top};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use watchfire::LogsRequest;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct LogsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LogsCommand>,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Look only at records from this time on: 2026-11-02T08:00:00Z, 2026-11-02 08:00, 2026-11-02, or 12h ago as '12h'.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,

    /// Look only at records before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,

    /// Look only at records for which this holds: 'user = admin* and not src in 10.0.0.0/8', 'EventID = 4625',
    /// 'status >= 500', 'message ~ /fail/i', '"some text"'. Fields are called as in the log, in the schema (user.name) or for
    /// short; may be repeated, and then all have to hold.
    #[arg(long, value_name = "EXPR")]
    r#where: Vec<String>,

    /// Go on as logs grow, until Ctrl-C or the end of standard input, and tell what is found at once, a line for each; then
    /// the report. As text or ndjson.
    #[arg(long, short = 'F')]
    pub(crate) follow: bool,

    /// The zone of times that state none, as its distance from UTC: +02:00.
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    timezone: Option<String>,

    /// Read lines by the formats in this file too: a name, a blank, a regular expression with named groups or a grok pattern.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    formats: Option<PathBuf>,

    #[command(flatten)]
    sigma: SigmaArgs,

    /// Write the timeline to this file: ndjson, or csv or Parquet where its name ends so.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) timeline: Option<PathBuf>,

    /// Put every record into the timeline, and not only those that a rule of level low or above holds for.
    #[arg(long)]
    pub(crate) all: bool,

    #[command(flatten)]
    pub(crate) online: OnlineArgs,

    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

/// What else there is to do with logs.
#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    /// Rows of a table that are unlike the others, and why: a CSV, lines of JSON, lines of an address, a user and a port.
    Anomalies(AnomaliesArgs),
}

/// Which Sigma rules are told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
struct SigmaArgs {
    /// Ask the Sigma rules in this file, folder or archive too; may be repeated. 'watchfire rules import' keeps them.
    #[arg(long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    rules: Vec<PathBuf>,

    /// Tell matches of rules of this level and above, and only count the others: informational, low, medium, high, critical.
    #[arg(long, value_name = "LEVEL", default_value = "high")]
    level: String,

    /// Tell matches of rules that are tested so far, and only count the others: stable, test, experimental, any. Rules that
    /// ship are told by their level alone.
    #[arg(long, value_name = "STATUS", default_value = "stable")]
    status: String,
}

impl LogsArgs {
    pub(crate) fn request(&self) -> LogsRequest {
        let fields = self.judging.output.top.iter().filter_map(|top| match top {
            Top::Field(name) => Some(name.clone()),
            Top::Rows(_) => None,
        });
        LogsRequest {
            from: self.from.clone(),
            to: self.to.clone(),
            chosen: self.r#where.clone(),
            timezone: self.timezone.clone(),
            top: fields.collect(),
            rules: self.sigma.rules.clone(),
            formats: self.formats.clone(),
            level: Some(self.sigma.level.clone()),
            status: Some(self.sigma.status.clone()),
            timeline: self.timeline.clone(),
            all: self.all,
        }
    }
}
