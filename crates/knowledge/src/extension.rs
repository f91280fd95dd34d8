//! File extensions met in the wild.

mod table;

use table::TABLE;

/// What a file of this name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Runs, is loaded by what runs, or is a shortcut to it.
    Executable,
    /// Run by an interpreter.
    Script,
    /// Read by people: office documents, mail, e-books.
    Document,
    /// Read by people, and nothing but text: notes, manuals.
    Text,
    /// Holds other files.
    Archive,
    /// A picture.
    Image,
    /// Sound and film.
    Media,
    /// Records, databases, captures, logs.
    Data,
    /// Compiled by developers.
    Source,
    /// Settings, keys and certificates.
    Config,
    /// Pages, and scripts that web servers run.
    Web,
    /// Belongs to pages and runs nothing: style sheets, fonts, templates, feeds.
    Asset,
    /// Known, and none of these.
    Other,
}

/// The names of the table as integers that sort alike: the first byte highest, longer names cut.
static KEYS: [u64; TABLE.len()] = {
    let mut keys = [0; TABLE.len()];
    let mut rows: &[(&str, Class)] = TABLE;
    let mut left: &mut [u64] = &mut keys;
    while let (Some(((name, _), more_rows)), Some((key, more_keys))) = (rows.split_first(), left.split_first_mut()) {
        *key = key_of(name.as_bytes());
        rows = more_rows;
        left = more_keys;
    }
    keys
};

/// In lower case.
const fn key_of(mut name: &[u8]) -> u64 {
    let mut key = 0;
    let mut length = 0;
    while length < 8 {
        let byte = match name.split_first() {
            Some((first, rest)) => {
                name = rest;
                first.to_ascii_lowercase()
            }
            None => 0,
        };
        key = key << 8 | byte as u64;
        length += 1;
    }
    key
}

/// The class of files with this extension (without its dot, any ASCII case). `None` where it is not a known extension.
pub fn class(ext: &[u8]) -> Option<Class> {
    if ext.len() > table::LONGEST {
        return None;
    }
    let key = key_of(ext);
    let first = KEYS.partition_point(|found| *found < key);
    // Names longer than a key may share it with their neighbours.
    let rows = KEYS.get(first..)?.iter().zip(TABLE.get(first..)?);
    rows.take_while(|(found, _)| **found == key)
        .find(|(_, (name, _))| name.as_bytes().eq_ignore_ascii_case(ext))
        .map(|(_, (_, class))| *class)
}

/// Whether this ending (without its dot, any ASCII case) is a top-level domain as well, and `name.ending` is more often a
/// file than a domain where nothing else tells: `py`, `md`, `zip`. `false` for `com`, `pl`, `ai`, and for endings that
/// are only one of both.
pub fn clashes_with_tld(ext: &[u8]) -> bool {
    table::MORE_OFTEN_FILES
        .iter()
        .any(|name| name.as_bytes().eq_ignore_ascii_case(ext))
}

/// Endings of two letters that are top-level domains and that source trees are full of.
const SOURCE_TREES: [&[u8]; 9] = [b"ac", b"am", b"cc", b"in", b"la", b"mk", b"ml", b"pl", b"rs"];

/// Whether this ending (any ASCII case) names files of source trees as well as hosts of a country: `rs`, `pl`, `am`.
pub fn is_in_source_trees(ext: &[u8]) -> bool {
    SOURCE_TREES.iter().any(|name| name.eq_ignore_ascii_case(ext))
}

/// Whether `stem.ext` is a file that build systems and languages ask for by this name: `main.rs`, `Makefile.am`,
/// `configure.ac`, `libfoo.la`. Any ASCII case.
pub fn is_source_file(stem: &[u8], ext: &[u8]) -> bool {
    let known = |names: &[&str]| names.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(stem));
    match ext.to_ascii_lowercase().as_slice() {
        b"rs" => known(&[
            "main", "lib", "mod", "build", "test", "tests", "error", "errors", "util", "utils", "config", "types",
            "macros", "prelude",
        ]),
        b"pl" => known(&[
            "makefile",
            "build",
            "install",
            "configure",
            "setup",
            "test",
            "script",
            "run",
            "main",
            "index",
        ]),
        b"cc" | b"ml" => known(&["main", "test", "tests", "util", "utils", "parser", "lexer"]),
        b"am" | b"in" => known(&[
            "makefile",
            "configure",
            "config",
            "manifest",
            "config.h",
            "setup",
            "requirements",
            "doxyfile",
        ]),
        b"ac" => known(&["configure"]),
        b"mk" => known(&["android", "application", "rules", "config", "common", "build"]),
        b"la" => stem.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"lib")) && stem.len() > 3,
        _ => false,
    }
}

/// Whether source files are kept in folders of this name: `src`, `cgi-bin`. Any ASCII case.
pub fn is_source_folder(name: &[u8]) -> bool {
    const FOLDERS: [&str; 18] = [
        "bin", "bindings", "build", "cgi-bin", "contrib", "core", "examples", "include", "lib", "perl", "scripts",
        "source", "sources", "src", "test", "tests", "tools", "utils",
    ];
    FOLDERS
        .iter()
        .any(|folder| folder.as_bytes().eq_ignore_ascii_case(name))
}

/// How many there are.
pub(crate) fn entries() -> usize {
    TABLE.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tld::is_tld;

    #[test]
    fn the_table_is_sorted_unique_and_lower_case() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (name, _) in TABLE {
            assert!(name.len() <= table::LONGEST, "{name}");
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-+".contains(&b)),
                "{name}"
            );
        }
    }

    #[test]
    fn every_extension_is_found_in_any_case() {
        for (name, expected) in TABLE {
            assert_eq!(class(name.as_bytes()), Some(*expected), "{name}");
            assert_eq!(class(name.to_uppercase().as_bytes()), Some(*expected), "{name}");
            assert_eq!(class(format!("{name}\0").as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn clashes_are_extensions_and_top_level_domains() {
        for name in table::MORE_OFTEN_FILES.iter().chain(table::MORE_OFTEN_DOMAINS) {
            assert!(class(name.as_bytes()).is_some(), "{name} is an extension");
            assert!(is_tld(name.as_bytes()), "{name} is a top-level domain");
        }
    }

    #[test]
    fn every_clash_is_decided_once() {
        for (name, _) in TABLE.iter().filter(|(name, _)| is_tld(name.as_bytes())) {
            let file = table::MORE_OFTEN_FILES.contains(name);
            let domain = table::MORE_OFTEN_DOMAINS.contains(name);
            assert!(file != domain, "{name} is in exactly one list");
        }
    }

    #[test]
    fn classes_are_as_people_expect() {
        for (ext, expected) in [
            ("exe", Some(Class::Executable)),
            ("DLL", Some(Class::Executable)),
            ("ps1", Some(Class::Script)),
            ("py", Some(Class::Script)),
            ("md", Some(Class::Text)),
            ("css", Some(Class::Asset)),
            ("docx", Some(Class::Document)),
            ("zip", Some(Class::Archive)),
            ("7z", Some(Class::Archive)),
            ("png", Some(Class::Image)),
            ("mp4", Some(Class::Media)),
            ("pcap", Some(Class::Data)),
            ("rs", Some(Class::Source)),
            ("lnk", Some(Class::Executable)),
            ("ini", Some(Class::Config)),
            ("php", Some(Class::Web)),
            ("", None),
            ("notanextension", None),
            ("averyveryverylongextension", None),
        ] {
            assert_eq!(class(ext.as_bytes()), expected, "{ext}");
        }
    }

    #[test]
    fn files_of_source_trees_are_known_by_name() {
        for (stem, ext) in [
            ("main", "rs"),
            ("Makefile", "am"),
            ("Makefile", "PL"),
            ("configure", "ac"),
            ("libfoo", "la"),
        ] {
            assert!(is_source_file(stem.as_bytes(), ext.as_bytes()), "{stem}.{ext}");
            assert!(is_in_source_trees(ext.as_bytes()), "{ext}");
        }
        for (stem, ext) in [
            ("blic", "rs"),
            ("onet", "pl"),
            ("amazon", "in"),
            ("lib", "la"),
            ("main", "com"),
        ] {
            assert!(!is_source_file(stem.as_bytes(), ext.as_bytes()), "{stem}.{ext}");
        }
        assert!(is_source_folder(b"SRC") && !is_source_folder(b"Serbia"));
    }

    #[test]
    fn files_and_domains_are_told_apart_by_habit() {
        for file in ["py", "md", "ZIP", "sh"] {
            assert!(clashes_with_tld(file.as_bytes()), "{file}");
        }
        for domain in ["com", "pl", "app", "ai", "exe", "net", ""] {
            assert!(!clashes_with_tld(domain.as_bytes()), "{domain}");
        }
    }
}
