//! Writes the demo's files below a folder: `cargo run -p watchfire-testkit --example demo -- FOLDER`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        let _ = writeln!(std::io::stderr(), "usage: demo FOLDER");
        return ExitCode::from(2);
    };
    for file in watchfire_testkit::demo::files() {
        let path = Path::new(&folder).join(&file.path);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, &file.bytes));
        if let Err(problem) = written {
            let _ = writeln!(std::io::stderr(), "error: cannot write '{}': {problem}", path.display());
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
