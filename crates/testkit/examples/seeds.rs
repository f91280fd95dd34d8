//! Writes the seeds of every fuzz target below a folder: `cargo run -p watchfire-testkit --example seeds -- fuzz/corpus`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        let _ = writeln!(std::io::stderr(), "usage: seeds FOLDER");
        return ExitCode::from(2);
    };
    for target in watchfire_testkit::fuzz::TARGETS {
        let folder = Path::new(&folder).join(target.name);
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            let path = folder.join(format!("seed-{number:03}"));
            let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, seed));
            if let Err(problem) = written {
                let _ = writeln!(std::io::stderr(), "error: cannot write '{}': {problem}", path.display());
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
