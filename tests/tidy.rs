//! The rules of the house that a compiler cannot see, read from the tree: which crate may use which, how long a file
//! may be, what each file begins with, what a registry must name, what may not be written down.
//!
//! A rule that fails says which file breaks it and what to do. What clippy can see is in `clippy.toml`.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Crates from the ground up. A crate may use those of the layers below it, never a sibling.
const LAYERS: &[&[&str]] = &[
    &["model"],
    &["knowledge"],
    &["capture", "extract", "formats", "phishing", "yara", "sigma", "anomaly"],
    &["analysis", "intel", "respond", "export", "store"],
    &["sources"],
    &["testkit", "standin", "train"],
    &["watchfire"],
    &["cli", "web", "python"],
];

/// Crates that touch neither files, network, clock, environment nor randomness.
const PURE: &[&str] = &[
    "model",
    "knowledge",
    "capture",
    "extract",
    "formats",
    "phishing",
    "yara",
    "sigma",
    "anomaly",
    "analysis",
    "export",
];

/// The only files with `unsafe`: those of `extract` because a profile demanded it, that of `sources` for system calls that
/// have no safe form. Their crates cannot forbid it; the workspace denies it.
const UNSAFE: &[&str] = &[
    "crates/extract/src/masks/avx2.rs",
    "crates/extract/src/masks/avx512.rs",
    "crates/sources/src/live/linux/system.rs",
];

/// Hand-written files stay under this many lines.
const MAX_LINES: usize = 700;

/// Where long tables may stand in files of their own.
const DATA: &[&str] = &[
    "crates/knowledge/src/extension/table.rs",
    "crates/knowledge/src/wording/table.rs",
    "crates/knowledge/data/",
    "crates/testkit/src/letters/table.rs",
];

/// The repository's root.
fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the repository is there")
}

/// A file of the tree: path from the root with `/`, and its text where it is text.
struct File {
    path: String,
    text: Option<String>,
}

/// Everything that is written by people: no build products, nothing hidden but `.ci` and `.config`.
fn tree() -> Vec<File> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("folders can be read").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if path.is_dir() {
                let hidden = name.starts_with('.') && name != ".ci" && name != ".config";
                if !hidden && name != "target" {
                    folders.push(path);
                }
            } else if name != ".git" {
                files.push(File {
                    path: relative(&root, &path),
                    text: fs::read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
                });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// Rust sources and their text.
fn sources(files: &[File]) -> impl Iterator<Item = (&str, &str)> {
    files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .filter_map(|file| file.text.as_deref().map(|text| (file.path.as_str(), text)))
}

/// `problems` is empty, or the test fails with all of them.
fn check(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The names under `[section]` of a manifest, and those of `[section.name]`.
fn keys(manifest: &str, section: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = header == section;
            if let Some(name) = header.strip_prefix(section).and_then(|rest| rest.strip_prefix('.')) {
                names.push(name.to_owned());
            }
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            names.push(name.trim_matches('"').to_owned());
        }
    }
    names
}

/// Crate folders and their manifests.
fn manifests() -> BTreeMap<String, String> {
    fs::read_dir(root().join("crates"))
        .expect("crates are there")
        .flatten()
        .filter_map(|entry| {
            let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).ok()?;
            Some((entry.file_name().to_string_lossy().into_owned(), manifest))
        })
        .collect()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn arrows_point_down() {
    let mut problems = Vec::new();
    for (name, manifest) in manifests() {
        let Some(own) = layer(&name) else {
            problems.push(format!(
                "crates/{name}: no layer; add it to LAYERS where DESIGN puts it"
            ));
            continue;
        };
        for used in keys(&manifest, "dependencies") {
            let used = match used.strip_prefix("watchfire-") {
                Some(used) => used,
                None if used == "watchfire" => "watchfire",
                None => continue,
            };
            // Sources sit beside the siblings and may use the vocabulary alone.
            let allowed = layer(used).is_some_and(|other| other < own)
                && !(name == "sources" && used != "model")
                && (used != "testkit" || name == "watchfire")
                && (used != "sources" || own > 5)
                && (own < 7 || used == "watchfire");
            if !allowed {
                problems.push(format!(
                    "crates/{name} may not use '{used}': arrows point down, siblings never meet"
                ));
            }
        }
    }
    check(&problems);
}

#[test]
fn manifests_inherit_from_the_workspace() {
    let mut problems = Vec::new();
    for (name, manifest) in manifests() {
        let package = format!(
            "name = \"{}\"",
            if name == "watchfire" {
                name.clone()
            } else {
                format!("watchfire-{name}")
            }
        );
        for wanted in [
            "[lints]\nworkspace = true",
            "version.workspace = true",
            "license.workspace = true",
            &package,
        ] {
            if !manifest.contains(wanted) {
                problems.push(format!("crates/{name}/Cargo.toml: no '{}'", wanted.replace('\n', " ")));
            }
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for used in keys(&manifest, section) {
                if !manifest.contains(&format!("{used}.workspace = true"))
                    && !manifest.contains(&format!("{used} = {{ workspace = true"))
                {
                    problems.push(format!(
                        "crates/{name}/Cargo.toml: '{used}' does not come from the workspace"
                    ));
                }
            }
        }
    }
    check(&problems);
}

#[test]
fn files_tell_what_they_are_and_stay_short() {
    let files = tree();
    let mut problems = Vec::new();
    for (path, text) in sources(&files) {
        // What `include!` pulls in cannot open like a module.
        if !text.starts_with("//!") && !path.contains("/data/") {
            problems.push(format!(
                "{path}: does not open with `//!`: what it is, which specification, what it leaves out"
            ));
        }
        let lines = text.lines().count();
        if lines > MAX_LINES && !DATA.iter().any(|folder| path.starts_with(folder)) {
            problems.push(format!("{path}: {lines} lines; split it, the limit is {MAX_LINES}"));
        }
    }
    check(&problems);
}

#[test]
fn pure_crates_forbid_unsafe_code_and_ban_the_world() {
    let mut problems = Vec::new();
    let model = fs::read_to_string(root().join("crates/model/clippy.toml")).unwrap_or_default();
    for name in manifests().keys().filter(|name| PURE.contains(&name.as_str())) {
        let folder = root().join("crates").join(name);
        let head = fs::read_to_string(folder.join("src/lib.rs")).unwrap_or_default();
        let excused = UNSAFE.iter().any(|file| file.starts_with(&format!("crates/{name}/")));
        if !excused && !head.contains("#![forbid(unsafe_code)]") {
            problems.push(format!("crates/{name}/src/lib.rs: no `#![forbid(unsafe_code)]`"));
        }
        let bans = fs::read_to_string(folder.join("clippy.toml")).unwrap_or_default();
        for line in model.lines().filter(|line| line.contains("path = ")) {
            if !bans.contains(line) {
                problems.push(format!(
                    "crates/{name}/clippy.toml: bans of crates/model/clippy.toml are missing: {line}"
                ));
            }
        }
    }
    check(&problems);
}

#[test]
fn unsafe_code_stands_in_listed_files_and_says_why_it_is_sound() {
    let files = tree();
    let mut problems = Vec::new();
    for (path, text) in sources(&files).filter(|(path, _)| path.starts_with("crates/")) {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !["unsafe {", "unsafe impl", "unsafe extern"]
                .iter()
                .any(|word| code.contains(word))
            {
                continue;
            }
            let explained = lines
                .iter()
                .take(number)
                .rev()
                .take(6)
                .any(|before| before.contains("// SAFETY:"));
            if !UNSAFE.contains(&path) {
                problems.push(format!(
                    "{path}:{}: unsafe code outside the files that UNSAFE lists",
                    number + 1
                ));
            } else if !explained {
                problems.push(format!("{path}:{}: no `// SAFETY:` above", number + 1));
            }
        }
    }
    check(&problems);
}

#[test]
fn decompressors_are_named_in_one_place() {
    const DECODERS: &[&str] = &[
        "miniz_oxide",
        "bzip2",
        "lzma_rust2",
        "ruzstd",
        "lz4_flex",
        "deflate64",
        "flate2",
        "zstd",
    ];
    let files = tree();
    let mut problems = Vec::new();
    for (path, text) in sources(&files) {
        let home = path.starts_with("crates/formats/src/capped/")
            || path.starts_with("crates/testkit/")
            // Packs, and never unpacks.
            || path == "crates/export/src/xlsx/zip.rs"
            || path.contains("/tests/")
            || path.ends_with("/tests.rs");
        for decoder in DECODERS {
            if !home && text.contains(&format!("{decoder}::")) {
                problems.push(format!(
                    "{path}: names '{decoder}'; raw decompressors belong into formats/src/capped"
                ));
            }
        }
    }
    check(&problems);
}

#[test]
fn registries_name_everything() {
    // Trait, where its implementations live, the registry that lists them.
    const REGISTRIES: &[(&str, &str, &str)] = &[
        (
            "Analyzer",
            "crates/analysis/src/analyzers/",
            "crates/analysis/src/analyzers/registry.rs",
        ),
        (
            "Detector",
            "crates/analysis/src/detectors/",
            "crates/analysis/src/detectors/registry.rs",
        ),
        ("Exporter", "crates/export/src/", "crates/export/src/registry.rs"),
        (
            "FeedFormat",
            "crates/intel/src/feed/",
            "crates/intel/src/feed/registry.rs",
        ),
        (
            "Provider",
            "crates/intel/src/enrichers/",
            "crates/intel/src/enrichers/registry.rs",
        ),
    ];
    let files = tree();
    let mut problems = Vec::new();
    for (name, folder, registry) in REGISTRIES {
        let Some(list) = files
            .iter()
            .find(|file| file.path == *registry)
            .and_then(|file| file.text.as_deref())
        else {
            continue;
        };
        let mut listed = 0;
        for (path, text) in sources(&files).filter(|(path, _)| path.starts_with(folder)) {
            for line in text.lines().take_while(|line| !line.contains("#[cfg(test)]")) {
                let Some((_, what)) = line.split_once(&format!("{name} for ")) else {
                    continue;
                };
                if !line.starts_with("impl") {
                    continue;
                }
                let what = what.split([' ', '<', '{']).next().unwrap_or_default();
                if list.contains(what) {
                    listed += 1;
                } else {
                    problems.push(format!("{path}: '{what}' is missing from {registry}"));
                }
            }
        }
        if listed == 0 {
            problems.push(format!(
                "{registry}: nothing found that it lists; does this rule still look in the right place?"
            ));
        }
    }
    check(&problems);
}

/// A rule that no test names may have stopped to find anything, and nobody would know.
#[test]
fn every_rule_is_named_by_a_test() {
    let files = tree();
    let is_test = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs");
    let tests: String = sources(&files)
        .filter(|(path, _)| is_test(path))
        .map(|(_, text)| text)
        .collect();
    let rules = watchfire_analysis::detectors::catalogue().map(|info| info.rule.0);
    let problems = rules.filter(|rule| !tests.contains(&format!("\"{rule}\"")));
    check(
        &problems
            .map(|rule| format!("no test names the rule '{rule}'"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_doctor_knows_the_variables_of_the_tests() {
    let files = tree();
    let doctor = "crates/watchfire/src/doctor.rs";
    let doctor = files
        .iter()
        .find(|file| file.path == doctor)
        .and_then(|file| file.text.as_deref());
    let doctor = doctor.expect("the doctor is there");
    let mut problems = Vec::new();
    let mut read = 0;
    for (path, text) in sources(&files) {
        for line in text.lines().filter(|line| line.contains("env::var")) {
            let Some((_, name)) = line.split_once("\"WATCHFIRE_") else {
                continue;
            };
            let name = name.split('"').next().unwrap_or_default();
            read += 1;
            if !doctor.contains(&format!("\"WATCHFIRE_{name}\",")) {
                problems.push(format!(
                    "{path}: reads WATCHFIRE_{name}, which 'config doctor' does not know"
                ));
            }
        }
    }
    if read == 0 {
        problems.push("no variable found; does this rule still look in the right place?".to_owned());
    }
    check(&problems);
}

#[test]
fn fuzz_targets_are_wired_on_both_sides() {
    let files = tree();
    let find = |path: &str| {
        files
            .iter()
            .find(|file| file.path == path)
            .and_then(|file| file.text.clone())
    };
    let manifest = find("fuzz/Cargo.toml").unwrap_or_default();
    let home = "crates/testkit/src/fuzz";
    let functions: String = sources(&files)
        .filter(|(path, _)| path.starts_with(home))
        .map(|(_, text)| text)
        .collect();
    let mut problems = Vec::new();
    for (path, text) in sources(&files).filter(|(path, _)| path.starts_with("fuzz/fuzz_targets/")) {
        let name = path.trim_start_matches("fuzz/fuzz_targets/").trim_end_matches(".rs");
        if !manifest.contains(&format!("name = \"{name}\"")) {
            problems.push(format!("{path}: not in fuzz/Cargo.toml"));
        }
        if !functions.contains(&format!("pub fn {name}(")) || !text.contains(&format!("fuzz::{name}(")) {
            problems.push(format!("{path}: does not call watchfire_testkit::fuzz::{name}"));
        }
        if !functions.contains(&format!("target(\"{name}\", ")) {
            problems.push(format!(
                "{path}: '{name}' is missing from watchfire_testkit::fuzz::TARGETS"
            ));
        }
    }
    check(&problems);
}

#[test]
fn nothing_tells_where_it_was_written() {
    // Split, so that this file does not break its own rule.
    let places = [
        ["/work/", "main"],
        ["/work/", "shared"],
        ["/tmp/", "wf"],
        ["/root/", "."],
        ["file:///", "home"],
    ]
    .map(|parts| parts.concat());
    let mut problems = Vec::new();
    for file in tree() {
        let Some(text) = &file.text else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            for place in places.iter().filter(|place| line.contains(*place)) {
                problems.push(format!(
                    "{}:{number}: names '{place}', a place of one machine",
                    file.path
                ));
            }
        }
    }
    check(&problems);
}

#[test]
fn documents_name_only_commands_that_exist() {
    let files = tree();
    let folder = "crates/cli/src/commands/";
    let commands: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix(folder))
        .filter_map(|name| name.split(['/', '.']).next())
        .filter(|name| *name != "mod")
        .chain(["help"])
        .collect();
    if commands.len() < 2 {
        return;
    }
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let mut fenced = false;
        for (number, line) in (1..).zip(file.text.as_deref().unwrap_or_default().lines()) {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            // Code is what stands between back-ticks, or whole lines inside a fence.
            let spans: Vec<&str> = if fenced {
                vec![line]
            } else {
                line.split('`').skip(1).step_by(2).collect()
            };
            for span in spans {
                for (_, rest) in span
                    .match_indices("watchfire ")
                    .map(|(at, found)| span.split_at(at + found.len()))
                {
                    let verb: String = rest
                        .chars()
                        .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                        .collect();
                    let word = !verb.is_empty() && !verb.starts_with('-');
                    if word && !commands.iter().any(|command| command.replace('_', "-") == verb) {
                        problems.push(format!("{}:{number}: there is no command '{verb}'", file.path));
                    }
                }
            }
        }
    }
    check(&problems);
}
