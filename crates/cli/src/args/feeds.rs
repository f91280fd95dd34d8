//! The arguments of `watchfire feeds`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct FeedsArgs {
    #[command(subcommand)]
    pub(crate) command: FeedsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedsCommand {
    /// Every feed and how fresh it is.
    List,
    /// The formats that are read, and the feeds that everybody knows.
    Formats,
    /// Add a feed that is fetched: a well-known one by its name, or any by its URL.
    Add {
        /// Its name, or a URL.
        #[arg(value_name = "NAME|URL")]
        feed: String,
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        choice: FeedArgs,
    },
    /// Fetch feeds anew: those named, or all.
    Update {
        /// Which.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Ask even if the publisher's interval has not passed.
        #[arg(long)]
        force: bool,
    },
    /// Take feeds from files; the format is told from their content. A folder is one of MISP, with its manifest.json. A
    /// signed bundle is taken in as a whole.
    Import {
        /// The files, packed with gzip or not, or folders; the signature of a bundle stands beside it.
        #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        choice: FeedArgs,
    },
    /// How fresh a feed is, how it ages, and the versions of it that are kept.
    Stats {
        /// Which.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Write feeds, the knowledge in use and rules to a signed bundle for a host without a network.
    Export {
        /// The file; the signature comes to stand beside it.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        bundle: PathBuf,
        /// The file of the secret key that signs it.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        key: PathBuf,
        /// Carry the rules in this folder: files that end in .yml, .yaml, .yar or .yara. Without it, those that came in a
        /// bundle.
        #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        rules: Option<PathBuf>,
        /// Only these feeds.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Make a key that signs bundles, and print the public key to configure where they are taken.
    Key {
        /// The file for the secret key.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        path: PathBuf,
    },
    /// The signed bundles that were imported.
    Bundles,
    /// Go back to the version before the one in use.
    Rollback {
        /// Of which feed.
        #[arg(value_name = "NAME", required_unless_present = "bundle")]
        name: Option<String>,
        /// Take the newest imported bundle out of use instead, with all that it brought.
        #[arg(long, conflicts_with = "name")]
        bundle: bool,
    },
    /// Take a feed away.
    Remove {
        /// Which.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Where a feed is, and what goes there.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Where it is: a list, a collection of TAXII 2.1, the folder or manifest of a MISP feed.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Where its key goes: bearer, basic, header:NAME or query:NAME. The key is in WATCHFIRE_FEED_KEY_NAME.
    #[arg(long, value_name = "HOW")]
    pub(crate) auth: Option<String>,

    /// Read its key from this file, which only you can read.
    #[arg(long, value_name = "FILE", requires = "auth", value_hint = ValueHint::FilePath)]
    pub(crate) key_file: Option<PathBuf>,

    /// Ask for it so often at most: 30m, 6h, 1d.
    #[arg(long, value_name = "TIME")]
    pub(crate) every: Option<String>,
}

/// What is said about a feed.
#[derive(Debug, Args)]
pub(crate) struct FeedArgs {
    /// Call it so; by the file's name where it is imported.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Read it so.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,

    /// Where a table keeps what: value=2,threat=malware,first_seen=date.
    #[arg(long, value_name = "MAP")]
    pub(crate) columns: Option<String>,

    /// What its values meet: exact, below (domains: names below them too), prefix (URLs: those that begin so too); several
    /// with commas.
    #[arg(long, value_name = "REACH")]
    pub(crate) reach: Option<String>,

    /// What it asserts: malicious, suspicious, benign or context.
    #[arg(long, value_name = "WHAT")]
    pub(crate) towards: Option<String>,

    /// How far it can be trusted: A (reliable) to E (not), F (cannot be judged).
    #[arg(long, value_name = "GRADE")]
    pub(crate) grade: Option<String>,

    /// Feeds of one group are not independent.
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,

    /// After so long its addresses, names and URLs are worth nothing: 30d; half at a quarter of it.
    #[arg(long, value_name = "TIME")]
    pub(crate) lifetime: Option<String>,
}
