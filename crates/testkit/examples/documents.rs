//! Documents for comparing with other readers: `documents write FOLDER` writes some, `documents read FILE…` prints what
//! Watchfire takes out of each, with its SHA-256, and what shortcuts say; `documents findings FILE…` prints what is found in
//! each, for looking at ordinary files.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example with a console"
)]

use std::path::Path;
use std::{env, fs, io};
use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_model::{Artifact, ArtifactId, Fact, Hints, Origin};
use watchfire_testkit::disc::{self, File};
use watchfire_testkit::shortcut::Link;
use watchfire_testkit::{Random, office, rich_text};

/// Sources that compress well, hardly, and not at all.
fn sources() -> Vec<(String, String)> {
    let mut random = Random::new(7);
    let mut letter = || char::from(32 + random.bytes(1).first().map_or(0, |byte| byte % 90));
    let noise: String = (0..230)
        .map(|_| {
            let line: String = (0..89).map(|_| letter()).collect();
            format!("' {line}\n")
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
        ("Module2".into(), noise),
        ("Empty".into(), String::new()),
    ]
}

fn write(folder: &Path) -> io::Result<()> {
    let sources = sources();
    let modules: Vec<(&str, &str)> = sources
        .iter()
        .map(|(name, source)| (name.as_str(), source.as_str()))
        .collect();
    let script = b"MsgBox \"hello\"";
    let objects = [
        rich_text::package("run.vbs", script),
        rich_text::ole1("Word.Document.8", b"an object"),
    ];
    let link = Link::new()
        .to("C:\\Windows\\System32\\cmd.exe")
        .arguments("/c echo hello")
        .icon("%SystemRoot%\\System32\\shell32.dll")
        .comment("a note")
        .relative("..\\cmd.exe")
        .working_folder("C:\\Users\\Public")
        .environment("%COMSPEC%")
        .machine("desktop-a1", [0, 0x0c, 0x29, 1, 2, 3])
        .minimized();
    let files = [
        File {
            name: "Invoice of November.txt",
            bytes: b"hello",
            hidden: false,
        },
        File {
            name: "hidden.js",
            bytes: script,
            hidden: true,
        },
    ];
    for (name, bytes) in [
        ("project.bin", office::vba_project(&modules)),
        ("old.doc", office::doc("text", &modules)),
        ("new.docm", office::docm("text", &modules)),
        ("objects.rtf", rich_text::document("text", &objects, false)),
        (
            "macros.xls",
            office::xls_macros("Macro1", &[(110, &["cmd /c ", "echo"]), (54, &[])]),
        ),
        ("package.bin", office::package("run.vbs", script)),
        ("link.lnk", link.build()),
        (
            "share.lnk",
            Link::new().to_share("\\\\files\\share", "a\\b.exe").build(),
        ),
        ("disc.iso", disc::iso(&files)),
    ] {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn analysis(path: &str) -> io::Result<Analysis> {
    let bytes = fs::read(path)?;
    let engine = Engine::new(Settings::default());
    let hints = Hints {
        name: Some(path.into()),
        ..Hints::default()
    };
    Ok(engine.analyze(Artifact::new(bytes, Origin::root(path), hints), &engine.budget()))
}

fn read(path: &str) -> io::Result<()> {
    let analysis = analysis(path)?;
    for artifact in &analysis.artifacts {
        let digest = artifact.sha256.unwrap_or_else(|| ArtifactId::of(b""));
        println!("{}\t{digest}", artifact.path.raw());
        for fact in artifact.facts.iter().flat_map(|facts| &facts.facts) {
            tell(artifact.path.raw(), fact);
        }
    }
    Ok(())
}

/// Prints what formulas of macros call, and what a shortcut says.
fn tell(path: &str, fact: &Fact) {
    match fact {
        Fact::Script(script) if script.language == "excel-4" => {
            let names: Vec<&str> = script.automatic.iter().map(|name| name.raw()).collect();
            let words: Vec<&str> = script.acts.iter().map(|act| act.word.raw()).collect();
            println!("{path}\texcel-4\t{} {}", names.join(" "), words.join(" "));
        }
        Fact::Shortcut(link) => {
            for (what, value) in [
                ("target", link.target.raw()),
                ("arguments", link.arguments.raw()),
                ("working", link.working_folder.raw()),
                ("icon", link.icon.raw()),
                ("comment", link.comment.raw()),
                ("relative", link.relative_path.raw()),
                ("machine", link.machine.raw()),
                ("mac", &link.mac),
                ("window", link.window),
            ] {
                println!("{path}\t{what}\t{value}");
            }
        }
        _ => {}
    }
}

fn findings(path: &str) -> io::Result<()> {
    let analysis = analysis(path)?;
    for finding in &analysis.findings {
        println!(
            "{path}\t{}\t{}\t{}",
            finding.rule,
            finding.weight.thousandths(),
            finding.title
        );
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((verb, [folder])) if verb == "write" => write(Path::new(folder)),
        Some((verb, files)) if verb == "findings" => files.iter().try_for_each(|file| findings(file)),
        Some((verb, files)) if verb == "read" => files.iter().try_for_each(|file| read(file)),
        _ => {
            eprintln!("usage: documents write FOLDER | documents read FILE… | documents findings FILE…");
            Ok(())
        }
    }
}
