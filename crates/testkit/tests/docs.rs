//! The tables of the documentation against the registries that they describe, and its references against the tree.
//!
//! A table stands between `<!-- name -->` and `<!-- /name -->`. `WATCHFIRE_BLESS=1` writes it anew. Examples are run by
//! the front end's own tests.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that reads the files of its own repository"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_analysis::detectors;
use watchfire_model::{Family, ObservableType, Weight};
use watchfire_testkit::documents::hold as check;

fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}

/// Every document for people: path from the root, and text.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["", "docs", "benches", "fuzz"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

const fn family(family: Family) -> &'static str {
    match family {
        Family::Network => "network",
        Family::FileHash => "file hash",
        Family::Fingerprint => "fingerprint",
        Family::Catalogue => "catalogue",
        Family::Host => "host",
        Family::Payment => "payment",
        Family::Account => "account",
        Family::Text => "text",
    }
}

#[test]
fn every_type_is_listed() {
    let mut table = String::from("| type | what it is | kind | longest, bytes | looked for |\n|---|---|---|---|---|\n");
    for kind in ObservableType::ALL {
        let spec = kind.spec();
        let when = if spec.by_default { "always" } else { "when asked for" };
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {when} |",
            spec.name,
            spec.describes.replace('*', "\\*"),
            family(spec.family),
            spec.max_length
        )
        .unwrap();
    }
    check("docs/observables.md", "types", &table);
}

#[test]
fn every_rule_is_listed() {
    let mut table = String::from(
        "| rule | finds | weight | group | ATT&CK | known to be wrong about |\n|---|---|---|---|---|---|\n",
    );
    for info in detectors::catalogue() {
        let techniques: Vec<&str> = info.techniques.iter().map(|technique| technique.as_str()).collect();
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {} | {} |",
            info.rule,
            info.describes,
            Weight::from_thousandths(info.weight),
            info.group,
            techniques.join(" "),
            info.false_positives
        )
        .unwrap();
    }
    check("docs/triage.md", "rules", &table);
}

#[test]
fn every_log_is_described() {
    let text = fs::read_to_string(root().join("docs/captures.md")).unwrap();
    let missing: Vec<&str> = watchfire_export::zeek_logs()
        .filter(|log| !text.contains(&format!("`{log}.log`")))
        .collect();
    assert!(missing.is_empty(), "docs/captures.md does not describe {missing:?}");
}

#[test]
fn every_setting_is_described() {
    // The façade depends on this crate, so its table is read as text.
    let keys = fs::read_to_string(root().join("crates/watchfire/src/config/keys.rs")).unwrap();
    let (_, table) = keys
        .split_once("pub static KEYS")
        .expect("the table of settings is there");
    let names: Vec<&str> = table
        .split("key(")
        .skip(1)
        .filter_map(|row| row.split('"').nth(1))
        .collect();
    assert!(names.len() > 20, "only {names:?} are found in keys.rs");
    let document = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let missing: Vec<&&str> = names
        .iter()
        .filter(|name| !document.contains(&format!("| `{name}` |")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/configuration.md does not describe {missing:?}"
    );
}

#[test]
fn options_that_documents_name_exist() {
    let arguments: String = fs::read_dir(root().join("crates/cli/src/args"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let own = ["--help", "--version"];
    let mut problems = Vec::new();
    for (name, text) in documents() {
        for (number, line) in (1..).zip(text.lines()) {
            // Only what is said about watchfire itself: in a span of code that begins with the option or the command.
            for span in line.split('`').skip(1).step_by(2) {
                if !span.starts_with("--") && !span.starts_with("watchfire ") {
                    continue;
                }
                for word in span.split(' ').filter(|word| word.starts_with("--") && word.len() > 2) {
                    let option = word.split(['=', ',']).next().unwrap_or(word);
                    let field = format!("{}:", option.trim_start_matches('-').replace('-', "_"));
                    if !own.contains(&option) && !arguments.contains(&field) {
                        problems.push(format!("{name}:{number}: there is no option '{option}'"));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn paths_and_links_lead_somewhere() {
    let mut problems = Vec::new();
    for (name, text) in documents() {
        let folder = Path::new(&name).parent().unwrap_or(Path::new("")).to_owned();
        for (number, line) in (1..).zip(text.lines()) {
            for target in links(line).into_iter().filter(|target| !target.contains("://")) {
                let file = target.split('#').next().unwrap_or(target);
                if !file.is_empty() && !root().join(&folder).join(file).exists() {
                    problems.push(format!("{name}:{number}: the link to '{target}' leads nowhere"));
                }
            }
            for span in line.split('`').skip(1).step_by(2) {
                if is_path(span) && !root().join(span).exists() {
                    problems.push(format!("{name}:{number}: there is no '{span}'"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Targets of Markdown links.
fn links(line: &str) -> Vec<&str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

/// Whether a span of code is a path of this repository, spelled out.
fn is_path(span: &str) -> bool {
    let tops = [
        "crates/",
        "docs/",
        "fuzz/fuzz_targets/",
        "benches/",
        "tests/",
        ".ci/",
        ".config/",
    ];
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    tops.iter().any(|top| span.starts_with(top)) && span.chars().all(plain)
}
