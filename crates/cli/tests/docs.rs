//! The examples of the documentation, run.
//!
//! Each fenced `console` block of README.md and `docs/` is a session: a line that begins with `$ ` is a command for the
//! shell, and what follows is what it prints on stdout. The blocks of one document share a folder. `WATCHFIRE_BLESS=1`
//! writes down what is printed now.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that reads the files of its own repository"
)]

mod common;

use common::Bed;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found: Vec<PathBuf> = fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.push(root.join("README.md"));
    found.sort();
    found
}

/// What `line` prints in the shell, with `watchfire` on the path and an environment of its own.
fn shell(bed: &Bed, line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_watchfire")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(bed.folder.join("in"))
        .env_clear()
        .env("HOME", bed.folder.join("home"))
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    // Where a home folder shows, the document shows a person's.
    let home = bed.folder.join("home");
    String::from_utf8(output.stdout)
        .expect("examples print text")
        .replace(&*home.to_string_lossy(), "/home/analyst")
}

/// The document with the present output of every command.
fn replayed(name: &str, text: &str) -> String {
    let bed = Bed::new(&format!("docs-{name}"));
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        }
        if !inside || line == "```console" {
            out.push_str(line);
            out.push('\n');
        } else if let Some(command) = line.strip_prefix("$ ") {
            out.push_str(line);
            out.push('\n');
            let printed = shell(&bed, command);
            for line in printed.lines() {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
    }
    out
}

#[test]
fn examples_print_what_the_documents_say() {
    let mut problems = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let now = replayed(&name, &text);
        if now == text {
            continue;
        }
        if std::env::var_os("WATCHFIRE_BLESS").is_some() {
            fs::write(&path, now).unwrap();
            continue;
        }
        let differs = text.lines().zip(now.lines()).position(|(said, prints)| said != prints);
        let at = differs.unwrap_or(text.lines().count().min(now.lines().count()));
        problems.push(format!(
            "{}:{}: says {:?}, prints {:?}",
            path.file_name().unwrap().to_string_lossy(),
            at + 1,
            text.lines().nth(at).unwrap_or_default(),
            now.lines().nth(at).unwrap_or_default()
        ));
    }
    assert!(
        problems.is_empty(),
        "\n{}\nWATCHFIRE_BLESS=1 accepts what is printed now\n",
        problems.join("\n")
    );
}
