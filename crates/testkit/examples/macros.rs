//! Macro projects for comparing with other readers: `macros write FOLDER` writes documents, `macros read FILE…` prints each
//! module that Watchfire reads with the SHA-256 of its source in UTF-8.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example with a console"
)]

use std::path::Path;
use std::{env, fs, io};
use watchfire_analysis::{Engine, Settings};
use watchfire_model::{Artifact, ArtifactId, Hints, Origin};
use watchfire_testkit::office;

/// Sources that compress well, hardly, and not at all.
fn sources() -> Vec<(String, String)> {
    let mut random = watchfire_testkit::Random::new(7);
    let letters: String = (0..20_000)
        .map(|at| {
            if at % 90 == 89 {
                '\n'
            } else {
                char::from(32 + random.bytes(1).first().map_or(0, |b| b % 90))
            }
        })
        .collect();
    let lines: String = (0..2_000)
        .map(|line| format!("    Cells({line}, 1).Value = \"row {line}\"\n"))
        .collect();
    vec![
        (
            "ThisDocument".into(),
            "Sub AutoOpen()\nMsgBox \"hello\"\nEnd Sub\n".into(),
        ),
        ("Module1".into(), format!("Sub Fill()\n{lines}End Sub\n")),
        (
            "Module2".into(),
            letters.lines().map(|line| format!("' {line}\n")).collect(),
        ),
        ("Empty".into(), String::new()),
    ]
}

fn write(folder: &Path) -> io::Result<()> {
    let sources = sources();
    let modules: Vec<(&str, &str)> = sources
        .iter()
        .map(|(name, source)| (name.as_str(), source.as_str()))
        .collect();
    fs::write(folder.join("project.bin"), office::vba_project(&modules))?;
    fs::write(folder.join("old.doc"), office::doc("text", &modules))?;
    fs::write(folder.join("new.docm"), office::docm("text", &modules))
}

fn read(path: &str) -> io::Result<()> {
    let bytes = fs::read(path)?;
    let engine = Engine::new(Settings::default());
    let hints = Hints {
        name: Some(path.into()),
        ..Hints::default()
    };
    let analysis = engine.analyze(Artifact::new(bytes, Origin::root(path), hints), &engine.budget());
    for artifact in &analysis.artifacts {
        let name = artifact.path.raw().rsplit(" ▸ ").next().unwrap_or_default().to_owned();
        if let Some(module) = name.strip_suffix(".vba") {
            let digest = artifact.sha256.unwrap_or_else(|| ArtifactId::of(b""));
            println!("{path}\t{module}\t{digest}");
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((verb, [folder])) if verb == "write" => write(Path::new(folder)),
        Some((verb, files)) if verb == "read" => files.iter().try_for_each(|file| read(file)),
        _ => {
            eprintln!("usage: macros write FOLDER | macros read FILE…");
            Ok(())
        }
    }
}
