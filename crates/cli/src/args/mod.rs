//! The arguments as typed. What they mean together is decided by the façade.

mod anomalies;
mod assets;
mod capture;
mod case;
mod check;
mod feeds;
mod find;
mod knowledge;
mod live;
mod logs;
mod network_logs;
mod rule_sets;
mod rules;
mod signatures;
mod store;

pub(crate) use anomalies::AnomaliesArgs;
pub(crate) use assets::{AssetsArgs, AssetsCommand};
pub(crate) use capture::CaptureArgs;
pub(crate) use case::{
    CaseArgs, CaseCommand, PurgeArgs as CasePurgeArgs, TaskCommand as CaseTaskCommand, WantedArgs as CaseWantedArgs,
};
pub(crate) use check::{CheckArgs, DnsArgs, OnlineArgs};
pub(crate) use feeds::{FeedArgs, FeedsArgs, FeedsCommand, PlaceArgs};
pub(crate) use find::FindArgs;
pub(crate) use knowledge::{KnowledgeArgs, KnowledgeCommand};
pub(crate) use live::LiveArgs;
pub(crate) use logs::{LogsArgs, LogsCommand};
pub(crate) use network_logs::NetworkLogArgs;
pub(crate) use rule_sets::{RuleSetsArgs, RuleSetsCommand, WantedArgs as RulesWantedArgs, inputs as logs_of};
pub(crate) use rules::RulesArgs;
pub(crate) use signatures::SignatureArgs;
pub(crate) use store::{StoreArgs, StoreCommand};

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use watchfire::{Config, Input, Links, Problem, Surroundings, Value};

/// The SOC analyst's workbench: hand it anything, it says what is in it, how bad it is and why.
#[derive(Debug, Parser)]
#[command(
    name = "watchfire",
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 a verdict reached --fail-on, 2 usage error or nothing could be read, 3 some inputs could not be read.",
    subcommand_negates_reqs = true
)]
pub(crate) struct Cli {
    /// Print the version.
    #[arg(short = 'V', long)]
    pub(crate) version: bool,

    /// With --version: print the licences of embedded data.
    #[arg(long, requires = "version")]
    pub(crate) licenses: bool,

    #[command(flatten)]
    pub(crate) global: GlobalArgs,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct GlobalArgs {
    /// Read this configuration instead of the user's.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Keep what Watchfire remembers in this folder.
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Work with so many threads; results do not depend on it.
    #[arg(long, short = 'j', global = true, value_name = "N")]
    pub(crate) threads: Option<u64>,

    /// Forbid every network call.
    #[arg(long, global = true)]
    pub(crate) offline: bool,

    /// Trust these certificates too, in PEM, when the network is used.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Print nothing but the result and errors.
    #[arg(long, short = 'q', global = true)]
    pub(crate) quiet: bool,

    /// When to colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColourChoice,
}

impl GlobalArgs {
    /// The configuration with these flags in it.
    pub(crate) fn load(&self) -> Result<Config, Problem> {
        let mut config = Config::load(self.config.as_deref(), Surroundings::of_process())?;
        if let Some(folder) = &self.data_dir {
            config.set(
                "data-dir",
                Value::Text(folder.to_string_lossy().into_owned()),
                "--data-dir",
            );
        }
        if let Some(file) = &self.ca_file {
            let path = Value::Text(file.to_string_lossy().into_owned());
            config.set("network.ca-file", path, "--ca-file");
        }
        if let Some(threads) = self.threads {
            config.set("threads", Value::Number(threads), "--threads");
        }
        if self.offline {
            config.set("offline", Value::Switch(true), "--offline");
        }
        Ok(config)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    /// On a terminal that can, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Anything in, one report out: take apart, read, judge.
    Triage(TriageArgs),
    /// Who really sent a mail, by which way, what it wants and what it carries.
    Mail(MailArgs),
    /// Captures of networks: who talked to whom, what was said and carried, and what is suspicious.
    Capture(Box<CaptureArgs>),
    /// Any log: which Sigma rules hold, who logged in and who was refused, what is unlike the rest, and when.
    Logs(Box<LogsArgs>),
    /// Files on disks, by content and by name: whatever can act, whatever it is called.
    Find(FindArgs),
    /// Observables (what others call IOCs) from text or from any file.
    Extract(ExtractArgs),
    /// What is known about an address, a domain, a URL, a digest: one explained verdict for each.
    Check(CheckArgs),
    /// Make network values in text harmless; standard input to standard output, or files.
    Defang(FilterArgs),
    /// Make defanged values in text live again; standard input to standard output, or files.
    Refang(FilterArgs),
    /// Write a morning at a company to a folder, and triage it.
    Demo(DemoArgs),
    /// Hide the findings of a rule, for a reason and for a time.
    Suppress(SuppressArgs),
    /// What people do about reports: notes, tasks, who has it, how it ends; exported, imported, measured and erased.
    Case(Box<CaseArgs>),
    /// What others assert: add, fetch and import feeds of threat intelligence.
    Feeds(FeedsArgs),
    /// Sigma rules: take in sets, check them, try them on logs, and say in words what one looks for.
    Rules(RuleSetsArgs),
    /// Whose host is this: take in inventories, scan one's own ranges.
    Assets(AssetsArgs),
    /// What is known without asking anybody, how old it is, and what takes its place.
    Knowledge(KnowledgeArgs),
    /// Look after what is remembered from one run to the next.
    Store(StoreArgs),
    /// Look at the configuration.
    Config(ConfigArgs),
    /// Print the JSON Schema of an output.
    Schema(SchemaArgs),
    /// Print completions for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page, or that of a command.
    Man(ManArgs),
}

/// How a result is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// text, json, ndjson, csv; for reports also html, sarif, navigator, stix, misp, ocsf, openioc, markdown, xlsx, searches (spl, kql,
    /// lucene) and blocklists (edl-ip, edl-domain, edl-url, hosts, nftables).
    #[arg(long, short = 'f', value_name = "FORMAT")]
    pub(crate) format: Option<String>,

    /// Write to a file instead of standard output, in one step at the end; '-' is standard output.
    #[arg(long, short = 'o', value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Show live values on the screen instead of defanged ones.
    #[arg(long)]
    pub(crate) raw: bool,

    /// Print passwords and tokens that stand in the evidence, instead of '***'.
    #[arg(long)]
    pub(crate) show_secrets: bool,

    /// Draw with seven-bit characters.
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Show so many rows of each list, 0 for all; of logs, also count the values of this field, several times for several.
    #[arg(long, value_name = "N|FIELD")]
    pub(crate) top: Vec<Top>,
}

/// What `--top` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Top {
    /// So many rows.
    Rows(usize),
    /// The values of a field.
    Field(String),
}

impl std::str::FromStr for Top {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Field(text.to_owned()), Self::Rows))
    }
}

impl OutputArgs {
    /// How many rows of each list are shown.
    pub(crate) fn rows(&self) -> Option<usize> {
        self.top.iter().rev().find_map(|top| match top {
            Top::Rows(rows) => Some(*rows),
            Top::Field(_) => None,
        })
    }

    /// The first field whose values are asked for: only logs have some.
    pub(crate) fn field(&self) -> Option<&str> {
        self.top.iter().find_map(|top| match top {
            Top::Field(name) => Some(name.as_str()),
            Top::Rows(_) => None,
        })
    }

    /// What it says about how results are made.
    pub(crate) fn apply(&self, config: &mut Config) {
        if self.show_secrets {
            config.set("show-secrets", Value::Switch(true), "--show-secrets");
        }
    }

    /// Whether a format or a file for a report is asked for.
    pub(crate) fn wants_report(&self) -> bool {
        self.format.is_some() || self.output.is_some()
    }

    /// The file that the result goes to.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }
}

/// What is read.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Files and folders; '-' is standard input.
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<OsString>,

    /// Follow symbolic links below a folder.
    #[arg(long, short = 'L')]
    pub(crate) follow_links: bool,
}

impl InputArgs {
    pub(crate) fn inputs(&self) -> Vec<Input> {
        self.paths.iter().map(|path| Input::parse(path)).collect()
    }

    pub(crate) fn links(&self) -> Links {
        if self.follow_links { Links::Follow } else { Links::Skip }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Suspicious,
    Malicious,
}

/// What shapes a report.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// End with exit code 1 when the verdict is at least this bad.
    #[arg(long, value_name = "VERDICT")]
    pub(crate) fail_on: Option<FailOn>,

    /// Mark the report: CLEAR, GREEN, AMBER, AMBER+STRICT or RED.
    #[arg(long, value_name = "LABEL")]
    pub(crate) tlp: Option<String>,

    /// Judge as of this day or instant instead of now.
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,

    /// Also write the whole report to this file, in the format that its name ends with: one page for people in .html.
    #[arg(long = "report", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) beside: Option<PathBuf>,
}

impl ReportArgs {
    pub(crate) fn apply(&self, config: &mut Config) {
        if let Some(label) = &self.tlp {
            config.set("tlp", Value::Text(label.clone()), "--tlp");
        }
        if let Some(instant) = &self.as_of {
            config.set("as-of", Value::Text(instant.clone()), "--as-of");
        }
    }
}

/// What every command that judges takes: by which rules and signatures, and how it is reported.
#[derive(Debug, Args)]
pub(crate) struct JudgingArgs {
    #[command(flatten)]
    pub(crate) rules: RulesArgs,
    #[command(flatten)]
    pub(crate) signatures: SignatureArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl JudgingArgs {
    pub(crate) fn apply(&self, config: &mut Config) {
        self.report.apply(config);
        self.output.apply(config);
        self.signatures.apply(config);
    }
}

#[derive(Debug, Args)]
pub(crate) struct TriageArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Remember which indicators were met, and in which inputs; 'check' tells it.
    #[arg(long)]
    pub(crate) remember: bool,

    /// Keep the report in this case, by name or number; it is opened if there is none.
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,

    /// Keep the bytes of the inputs in the case, too, each in an encrypted zip file.
    #[arg(long, requires = "case")]
    pub(crate) keep_files: bool,

    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MailArgs {
    /// Files and folders; '-' is standard input.
    #[arg(value_name = "PATH", required_unless_present = "evaluate", value_hint = ValueHint::AnyPath)]
    paths: Vec<OsString>,

    /// Follow symbolic links below a folder.
    #[arg(long, short = 'L')]
    follow_links: bool,

    /// Verify SPF, DKIM, DMARC and ARC by the answers of the DNS in this file: JSON, a zone file, or the output of dig.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) dns: Option<PathBuf>,

    /// Score mails by a model of your own instead of the one that ships.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) model: Option<PathBuf>,

    /// List the fields of the header on the screen.
    #[arg(long)]
    pub(crate) headers: bool,

    /// Measure on your own mail, legitimate and phishing: how much of each alarms, with intervals.
    #[arg(long, num_args = 2, value_names = ["HAM_DIR", "PHISH_DIR"], value_hint = ValueHint::AnyPath, conflicts_with_all = ["paths", "fail_on"])]
    pub(crate) evaluate: Option<Vec<PathBuf>>,

    #[command(flatten)]
    pub(crate) online: DnsArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

impl MailArgs {
    pub(crate) fn inputs(&self) -> Vec<Input> {
        self.paths.iter().map(|path| Input::parse(path)).collect()
    }

    pub(crate) fn links(&self) -> Links {
        if self.follow_links { Links::Follow } else { Links::Skip }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExtractArgs {
    /// Files and folders; '-' is standard input.
    #[arg(value_name = "PATH", required_unless_present = "list_types", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<OsString>,

    /// Follow symbolic links below a folder.
    #[arg(long, short = 'L')]
    pub(crate) follow_links: bool,

    /// Only these types; 'all' for every type there is.
    #[arg(long, short = 't', value_name = "TYPE", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Not these types.
    #[arg(long, short = 'T', value_name = "TYPE", value_delimiter = ',')]
    pub(crate) not: Vec<String>,

    /// Print the types.
    #[arg(long)]
    pub(crate) list_types: bool,

    /// Every occurrence instead of distinct observables.
    #[arg(long, short = 'a')]
    pub(crate) all: bool,

    /// Judge each observable by what is known on this machine; nobody is asked.
    #[arg(long)]
    pub(crate) check: bool,

    /// Write values defanged in machine formats too.
    #[arg(long, conflicts_with = "raw")]
    pub(crate) defang: bool,

    /// Bytes of context on each side, at most 1000.
    #[arg(long, short = 'C', value_name = "N")]
    pub(crate) context: Option<u64>,

    /// Keep reading as files grow.
    #[arg(long, short = 'F')]
    pub(crate) follow: bool,

    /// Look for your own pattern too, a regular expression.
    #[arg(long, short = 'e', value_name = "NAME=REGEX")]
    pub(crate) pattern: Vec<String>,

    /// Look for the patterns of a file, NAME=REGEX on each line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) patterns: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) rules: RulesArgs,

    #[command(flatten)]
    pub(crate) policy: PolicyArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Where tools disagree.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    /// Do not read defanged forms.
    #[arg(long)]
    no_refang: bool,

    /// Do not list the host of a URL or mail address.
    #[arg(long)]
    no_parts: bool,

    /// Take names such as 'setup.py' for domains without other evidence.
    #[arg(long)]
    ambiguous_domains: bool,
}

impl PolicyArgs {
    pub(crate) fn apply(&self, config: &mut Config) {
        for (given, key, on, flag) in [
            (self.no_refang, "extract.refang", false, "--no-refang"),
            (self.no_parts, "extract.parts", false, "--no-parts"),
            (
                self.ambiguous_domains,
                "extract.ambiguous-domains",
                true,
                "--ambiguous-domains",
            ),
        ] {
            if given {
                config.set(key, Value::Switch(on), flag);
            }
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Files; standard input if there are none.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) paths: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to write it.
    #[arg(value_name = "DIR", default_value = "demo", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SuppressArgs {
    /// The rule whose findings are hidden.
    #[arg(value_name = "RULE", required_unless_present_any = ["list", "remove"])]
    pub(crate) rule: Option<String>,

    /// Only where the evidence is about this: a SHA-256, a name, a value.
    #[arg(long, value_name = "ENTITY")]
    pub(crate) entity: Option<String>,

    /// The reason.
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["list", "remove"])]
    pub(crate) why: Option<String>,

    /// The last day on which it holds.
    #[arg(long, value_name = "DATE", required_unless_present_any = ["list", "remove"])]
    pub(crate) expires: Option<String>,

    /// Print what is suppressed.
    #[arg(long, conflicts_with_all = ["rule", "remove"])]
    pub(crate) list: bool,

    /// Show the findings of this rule again.
    #[arg(long, value_name = "RULE", conflicts_with = "rule")]
    pub(crate) remove: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// What is configured, from where, and what is missing.
    Doctor {
        /// Ask every provider that can be asked a harmless question.
        #[arg(long)]
        online: bool,
    },
    /// Every setting, its name in the environment and what it is for.
    Settings,
    /// Keep a provider's key: typed without being shown, or read from standard input. No flag takes one.
    Key {
        /// Whose.
        #[arg(value_name = "PROVIDER")]
        provider: String,
        /// Take the kept key away.
        #[arg(long)]
        remove: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Which; without it, all names are printed.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// For which shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Of which command.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_one_another() {
        Cli::command().debug_assert();
    }
}
