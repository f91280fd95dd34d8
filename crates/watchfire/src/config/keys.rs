//! Every setting there is: one row serves the file, the environment, the manual and `config doctor`.

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
    /// `limits.depth`: section and name in the file. In the environment, `WATCHFIRE_LIMITS_DEPTH`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One line for the manual, lower case, no full stop.
    pub describes: &'static str,
}

impl Key {
    /// Its name in the environment.
    pub fn variable(&self) -> String {
        let name: String = self
            .name
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
    key("limits.time", Kind::Number, "seconds for one input; 0 for no limit"),
];

/// The setting with that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
