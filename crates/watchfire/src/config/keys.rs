//! Every setting there is: one row serves the file, the environment, the manual and `config doctor`.
//!
//! A row with `NAME` in it stands for a setting of each provider.

use watchfire_intel::enrichers::PROVIDERS;

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Several texts; in the environment separated by commas.
    List,
    /// A whole number. Sizes may end in `K`, `M`, `G` (powers of 1024).
    Number,
    /// `true` or `false`.
    Switch,
    /// Names and texts, in the file only.
    Table,
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// `limits.depth`: section and name in the file. In the environment, `WATCHFIRE_LIMITS_DEPTH`. Where a part of it is
    /// `NAME`, the name of a provider stands there.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One line for the manual, lower case, no full stop.
    pub describes: &'static str,
}

impl Key {
    /// Its name in the environment.
    pub fn variable(&self) -> String {
        variable(self.name)
    }

    /// The settings that it stands for: itself, or one for each provider.
    pub fn names(&self) -> Vec<String> {
        match self.name.split_once("NAME") {
            None => vec![self.name.to_owned()],
            Some((before, after)) => PROVIDERS
                .iter()
                .map(|provider| format!("{before}{}{after}", provider.info().name))
                .collect(),
        }
    }

    fn is(&self, name: &str) -> bool {
        match self.name.split_once("NAME") {
            None => self.name == name,
            Some((before, after)) => name
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|provider| watchfire_intel::enrichers::provider(provider).is_some()),
        }
    }
}

/// The name of a setting in the environment.
pub(super) fn variable(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    format!("WATCHFIRE_{name}")
}

const fn key(name: &'static str, kind: Kind, describes: &'static str) -> Key {
    Key { name, kind, describes }
}

/// Every setting, in the order of the manual.
pub static KEYS: &[Key] = &[
    key("data-dir", Kind::Text, "folder of what Watchfire remembers"),
    key(
        "threads",
        Kind::Number,
        "threads to work with; all processors by default",
    ),
    key("offline", Kind::Switch, "forbid every network call"),
    key("tlp", Kind::Text, "marking of every report, 'TLP:AMBER'"),
    key("pap", Kind::Text, "what may be done with the evidence, 'PAP:AMBER'"),
    key(
        "as-of",
        Kind::Text,
        "instant that expiry and missing years refer to; now by default",
    ),
    key("format", Kind::Text, "output format"),
    key(
        "show-secrets",
        Kind::Switch,
        "print passwords and tokens found in evidence",
    ),
    key("organisation.domains", Kind::List, "own domains"),
    key("organisation.ranges", Kind::List, "own address ranges"),
    key(
        "organisation.mail-gateways",
        Kind::List,
        "hosts through which mail comes in",
    ),
    key(
        "organisation.authserv-ids",
        Kind::List,
        "names in Authentication-Results that are one's own",
    ),
    key("organisation.scanners", Kind::List, "own vulnerability scanners"),
    key(
        "organisation.deployment-tools",
        Kind::List,
        "programs that deploy software, by file name",
    ),
    key(
        "assets.scan",
        Kind::List,
        "ranges that may be scanned; those of the organisation by default",
    ),
    key(
        "signatures.trust",
        Kind::List,
        "files and folders with certificates that signatures of programs may lead to",
    ),
    key(
        "signatures.catalogs",
        Kind::List,
        "catalogs, and folders with some, whose files count as signed",
    ),
    key(
        "extract.only",
        Kind::List,
        "types to look for; the usual ones by default",
    ),
    key("extract.not", Kind::List, "types not to look for"),
    key(
        "extract.context",
        Kind::Number,
        "bytes of context on each side, at most 1000",
    ),
    key("extract.refang", Kind::Switch, "read defanged forms"),
    key(
        "extract.parts",
        Kind::Switch,
        "list the host of a URL or mail address too",
    ),
    key(
        "extract.ambiguous-domains",
        Kind::Switch,
        "names such as 'setup.py' are domains",
    ),
    key(
        "extract.patterns",
        Kind::Table,
        "own patterns, name = \"regular expression\"",
    ),
    key("limits.depth", Kind::Number, "containers inside containers"),
    key("limits.artifacts", Kind::Number, "artifacts below one input"),
    key("limits.unpacked", Kind::Number, "bytes unpacked below one input"),
    key("limits.artifact-size", Kind::Number, "bytes of one artifact"),
    key("limits.ratio", Kind::Number, "unpacked bytes for each packed byte"),
    key("limits.dictionary", Kind::Number, "memory a decompressor may ask for"),
    key(
        "limits.records",
        Kind::Number,
        "observables, facts and events kept per artifact",
    ),
    key(
        "limits.rules",
        Kind::Number,
        "seconds that YARA rules may take below one input, all together",
    ),
    key(
        "limits.feed",
        Kind::Number,
        "bytes of one feed that is fetched, unpacked, with all its pages",
    ),
    key("limits.time", Kind::Number, "seconds for one input; 0 for no limit"),
    key(
        "bundles.keys",
        Kind::List,
        "public keys whose signed bundles are taken, 'RW…'",
    ),
    key(
        "knowledge.url",
        Kind::Text,
        "where knowledge update fetches a signed bundle",
    ),
    key(
        "network.ca-file",
        Kind::Text,
        "certificates that are trusted besides the system's, in PEM",
    ),
    key(
        "live.lawful",
        Kind::Switch,
        "say nothing about the law before a live capture",
    ),
    key(
        "live.user",
        Kind::Text,
        "user without privileges that a live capture goes on as",
    ),
    key("check.deadline", Kind::Number, "seconds that asking providers may take"),
    key(
        "check.max-age",
        Kind::Text,
        "kept answers that are older are not taken, '6h'",
    ),
    key(
        "check.providers",
        Kind::List,
        "providers that are asked; all by default",
    ),
    key("providers.NAME.enabled", Kind::Switch, "ask this provider"),
    key(
        "providers.NAME.url",
        Kind::Text,
        "where it is, without a path of its own",
    ),
    key(
        "providers.NAME.key-file",
        Kind::Text,
        "file with its key, which only its owner can read",
    ),
    key("providers.NAME.plan", Kind::Text, "what you have subscribed to"),
    key(
        "providers.NAME.quota",
        Kind::List,
        "calls that it allows you, '4/minute', '500/day'; 'none' for no limit",
    ),
    key("providers.NAME.timeout", Kind::Number, "seconds that one call may take"),
    key("providers.NAME.concurrency", Kind::Number, "calls at once"),
    key("providers.NAME.grade", Kind::Text, "how far you trust it, A to F"),
];

/// What the variables begin with that hold the keys of one's own feeds; the feed's name follows.
pub(crate) const FEED_KEY: &str = "WATCHFIRE_FEED_KEY_";

/// The setting with that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.is(name))
}

/// Every variable that is read: those of settings, and those that hold keys.
pub(crate) fn variables() -> Vec<String> {
    let keys = PROVIDERS.iter().filter_map(|provider| provider.info().key.variable());
    every_name()
        .map(|name| variable(&name))
        .chain(keys.map(str::to_owned))
        .collect()
}

/// Every name of a setting.
pub(super) fn every_name() -> impl Iterator<Item = String> {
    KEYS.iter().flat_map(Key::names)
}
