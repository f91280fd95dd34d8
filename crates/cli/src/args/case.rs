//! The arguments of `watchfire case`.

use super::OutputArgs;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    #[command(subcommand)]
    pub(crate) command: CaseCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CaseCommand {
    /// The cases that are open, the newest first.
    List {
        #[command(flatten)]
        wanted: WantedArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// A case with all that was found, written, done and is to be done, and the cases that hold the same.
    Show {
        #[command(flatten)]
        case: NameArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write something down.
    Note {
        #[command(flatten)]
        case: NameArgs,
        /// What; '-' reads standard input.
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// What is to be done: 'add TEXT', or 'done N'.
    Task {
        #[command(flatten)]
        case: NameArgs,
        #[command(subcommand)]
        task: TaskCommand,
    },
    /// Give it tags; with a minus before them they are taken away.
    Tag {
        #[command(flatten)]
        case: NameArgs,
        /// Tags.
        #[arg(value_name = "TAG", required = true, allow_hyphen_values = true)]
        tags: Vec<String>,
    },
    /// Say whose it is; '-' for nobody's.
    Assign {
        #[command(flatten)]
        case: NameArgs,
        /// The person.
        #[arg(value_name = "WHO")]
        who: String,
    },
    /// Take it up.
    Acknowledge(NameArgs),
    /// It does no more harm.
    Contain(NameArgs),
    /// It is over.
    Resolve {
        #[command(flatten)]
        case: NameArgs,
        /// What it was: true-positive, false-positive, benign, suspicious, disregard, test, insufficient-data,
        /// security-risk, managed-externally, duplicate or other.
        #[arg(long, value_name = "WORD")]
        resolution: String,
        /// The reason.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// It is not over.
    Reopen {
        #[command(flatten)]
        case: NameArgs,
        /// The reason.
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        why: String,
    },
    /// Correct when what happened.
    Times {
        #[command(flatten)]
        case: NameArgs,
        #[command(flatten)]
        times: TimesArgs,
    },
    /// Say what it is about, of which type, how grave, and how it may be shared.
    Set {
        #[command(flatten)]
        case: NameArgs,
        /// What it is about.
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        /// Of which type: phishing, malware, or what you call it.
        #[arg(long = "type", value_name = "WORD")]
        kind: Option<String>,
        /// How grave: informational, low, medium, high or critical.
        #[arg(long, value_name = "WORD")]
        severity: Option<String>,
        /// How it may be shared: CLEAR, GREEN, AMBER, AMBER+STRICT or RED.
        #[arg(long, value_name = "LABEL")]
        tlp: Option<String>,
    },
    /// Make it part of another one.
    Merge {
        #[command(flatten)]
        case: NameArgs,
        /// The other one.
        #[arg(long, value_name = "NAME")]
        into: String,
    },
    /// Take artifacts out of it, into a new one.
    Split {
        #[command(flatten)]
        case: NameArgs,
        /// By path, or by SHA-256 or its beginning; several times for several.
        #[arg(long, value_name = "ARTIFACT", required = true)]
        artifact: Vec<String>,
        /// The new one.
        #[arg(long, value_name = "NAME")]
        to: String,
    },
    /// How long it took to detect, acknowledge, contain and resolve: medians and means.
    Metrics {
        /// Group them: month, week, severity or type.
        #[arg(long, value_name = "WORD", default_value = "all", hide_default_value = true)]
        by: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write it to one file that another Watchfire takes.
    Export {
        #[command(flatten)]
        case: NameArgs,
        /// The file.
        #[arg(long, short = 'o', value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: PathBuf,
        /// Leave out who got mails, own hosts, users and addresses, and the kept files.
        #[arg(long)]
        redact: bool,
    },
    /// Take one from such a file: all of it or nothing. What is here is extended, never overwritten.
    Import {
        /// The file.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Forget a case, old cases, or a person; nothing of it stays in the store.
    Purge(PurgeArgs),
}

/// Which case.
#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// The case, by name or number.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct WantedArgs {
    /// Only those: new, in-progress, contained or resolved.
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    /// Only those of this person.
    #[arg(long, value_name = "WHO")]
    pub(crate) assignee: Option<String>,
    /// Only those with this tag.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Resolved ones, too.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Something is to be done.
    Add {
        /// What.
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// It was done.
    Done {
        /// Its number.
        #[arg(value_name = "N")]
        number: u64,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct TimesArgs {
    /// When it happened.
    #[arg(long, value_name = "TIME")]
    pub(crate) occurred: Option<String>,
    /// When it was noticed.
    #[arg(long, value_name = "TIME")]
    pub(crate) detected: Option<String>,
    /// When somebody took it up.
    #[arg(long, value_name = "TIME")]
    pub(crate) acknowledged: Option<String>,
    /// From when on it did no more harm.
    #[arg(long, value_name = "TIME")]
    pub(crate) contained: Option<String>,
    /// When it was over.
    #[arg(long, value_name = "TIME")]
    pub(crate) resolved: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    /// The case, by name or number.
    #[arg(value_name = "NAME", required_unless_present_any = ["older_than", "person"])]
    pub(crate) name: Option<String>,
    /// Cases that were resolved more than so many days ago.
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["name", "person"])]
    pub(crate) older_than: Option<u32>,
    /// Whatever cases hold of the person with this mail address.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "name")]
    pub(crate) person: Option<String>,
    /// With --person: a name or an account of theirs; several times for several.
    #[arg(long, value_name = "TEXT", requires = "person")]
    pub(crate) also: Vec<String>,
}
