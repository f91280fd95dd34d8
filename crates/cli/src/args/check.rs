//! The arguments of `watchfire check`.

use super::{OutputArgs, ReportArgs};
use clap::Args;
use watchfire::{Config, Value};

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Values in any spelling, defanged too; '-' reads one from each line of standard input.
    #[arg(value_name = "VALUE", required = true)]
    pub(crate) values: Vec<String>,

    /// Take standard input for a table, and check the values of this column: its name in the header, or its number.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["mark", "unmark"])]
    pub(crate) column: Option<String>,

    /// Show how each score comes about.
    #[arg(long)]
    pub(crate) explain: bool,

    /// Decide what the values are, benign or malicious: a decision outranks every source.
    #[arg(long, value_name = "VERDICT", requires = "why")]
    pub(crate) mark: Option<String>,

    /// Take decisions back.
    #[arg(long, conflicts_with = "mark", requires = "why")]
    pub(crate) unmark: bool,

    /// The reason of a decision.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,

    /// The day or instant from which a decision no longer holds.
    #[arg(long, value_name = "DATE", requires = "mark")]
    pub(crate) expires: Option<String>,

    #[command(flatten)]
    pub(crate) online: OnlineArgs,

    #[command(flatten)]
    pub(crate) report: ReportArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Who is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Providers")]
pub(crate) struct OnlineArgs {
    /// Ask providers, as far as the policy lets values leave; without it, only their kept answers are shown.
    #[arg(long)]
    pub(crate) online: bool,

    /// Ask these providers only.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only_providers: Vec<String>,

    /// What may be done with the evidence: CLEAR, GREEN, AMBER or RED.
    #[arg(long, value_name = "LABEL")]
    pap: Option<String>,

    /// Allow questions that the owner of a value may notice.
    #[arg(long, requires = "online")]
    pub(crate) contact_targets: bool,

    /// Do not take kept answers that are older: 90s, 30m, 6h, 2d, 1w.
    #[arg(long, value_name = "TIME")]
    max_age: Option<String>,

    /// Ask for so many seconds at most.
    #[arg(long, value_name = "SECONDS")]
    deadline: Option<u64>,
}

impl OnlineArgs {
    pub(crate) fn apply(&self, config: &mut Config) {
        if !self.only_providers.is_empty() {
            let names = Value::List(self.only_providers.clone());
            config.set("check.providers", names, "--only-providers");
        }
        for (text, key, flag) in [
            (&self.pap, "pap", "--pap"),
            (&self.max_age, "check.max-age", "--max-age"),
        ] {
            if let Some(text) = text {
                config.set(key, Value::Text(text.clone()), flag);
            }
        }
        if let Some(seconds) = self.deadline {
            config.set("check.deadline", Value::Number(seconds), "--deadline");
        }
    }
}

/// Whether the DNS is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct DnsArgs {
    /// Ask the DNS for what verifying SPF, DKIM, DMARC and ARC needs; wants --contact-targets and --pap GREEN.
    #[arg(long)]
    pub(crate) online: bool,

    /// Allow questions that the owner of a name may notice.
    #[arg(long, requires = "online")]
    pub(crate) contact_targets: bool,

    /// What may be done with the evidence: CLEAR, GREEN, AMBER or RED.
    #[arg(long, value_name = "LABEL")]
    pap: Option<String>,

    /// Ask for so many seconds at most.
    #[arg(long, value_name = "SECONDS")]
    deadline: Option<u64>,
}

impl DnsArgs {
    pub(crate) fn apply(&self, config: &mut Config) {
        if let Some(pap) = &self.pap {
            config.set("pap", Value::Text(pap.clone()), "--pap");
        }
        if let Some(seconds) = self.deadline {
            config.set("check.deadline", Value::Number(seconds), "--deadline");
        }
    }
}
