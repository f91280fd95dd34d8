//! The arguments of `watchfire rules`, which is about Sigma rules. What other commands take of YARA rules is in `rules.rs`.

use super::OutputArgs;
use clap::{Args, Subcommand, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;
use watchfire::{Input, Problem, RulesWanted};

#[derive(Debug, Args)]
pub(crate) struct RuleSetsArgs {
    #[command(subcommand)]
    pub(crate) command: RuleSetsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleSetsCommand {
    /// Take in Sigma rules as a named set: of files, folders, archives as SigmaHQ publishes them, or an address.
    Import {
        /// What holds them; or the https address of one archive.
        #[arg(value_name = "PATH|URL", required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
        /// Call the set so; by the name of the file or folder where there is one.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Take sets in again from where they came: those named, or all.
    Update {
        /// Which.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Every set, and the rules in them.
    List {
        #[command(flatten)]
        wanted: WantedArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Say what is wrong with rules, with the line that it is about.
    Lint {
        /// Files, folders, archives, 'builtin', or names of sets.
        #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
        /// Only what keeps rules from being used.
        #[arg(long)]
        errors: bool,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Try rules on logs: which match which records. Without --on: run SigmaHQ's regression data below the paths.
    Test {
        /// Files, folders, archives, 'builtin', or names of sets; folders with info.yml.
        #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
        /// The logs: files and folders of any format; '-' is standard input.
        #[arg(long, value_name = "EVENTS", num_args = 1.., value_hint = ValueHint::AnyPath)]
        on: Vec<OsString>,
        /// Show so many places of each rule; 0 for all that are kept.
        #[arg(long, value_name = "N", default_value_t = 3)]
        top: usize,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Say in words what a rule looks for, and why it matches.
    Explain {
        /// Its identifier, title, name or file.
        #[arg(value_name = "RULE")]
        rule: String,
        /// Logs whose matches are explained, value by value.
        #[arg(long, value_name = "EVENTS", num_args = 1.., value_hint = ValueHint::AnyPath)]
        on: Vec<OsString>,
        /// Show so many values and matches; 0 for all.
        #[arg(long, value_name = "N", default_value_t = 10)]
        top: usize,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Take a set away.
    Remove {
        /// Which.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// How it is written.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// text or json.
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "text")]
    format: String,
}

impl FormatArgs {
    /// Whether a document for machines is wanted.
    pub(crate) fn is_json(&self) -> Result<bool, Problem> {
        match self.format.as_str() {
            "text" => Ok(false),
            "json" => Ok(true),
            other => Err(Problem::unknown("format", other, &["text", "json"])),
        }
    }
}

/// Which rules are listed.
#[derive(Debug, Args)]
pub(crate) struct WantedArgs {
    /// Only those of this set; 'builtin' for those that ship.
    #[arg(long, value_name = "NAME")]
    set: Option<String>,

    /// Only those of this level or a higher one: informational, low, medium, high, critical.
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,

    /// Only those of this status: stable, test, experimental, deprecated, unsupported.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,

    /// Only those for logs of this product, such as windows.
    #[arg(long, value_name = "PRODUCT")]
    product: Option<String>,
}

impl WantedArgs {
    pub(crate) fn wanted(&self) -> RulesWanted {
        RulesWanted {
            set: self.set.clone(),
            level: self.level.clone(),
            status: self.status.clone(),
            product: self.product.clone(),
        }
    }
}

/// Logs as they were named.
pub(crate) fn inputs(on: &[OsString]) -> Vec<Input> {
    on.iter().map(|path| Input::parse(path)).collect()
}
