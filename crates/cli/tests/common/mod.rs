//! A test bed: a folder of its own, and the real binary run in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "the helpers of a test stop it when the test bed fails, and not every test needs all of them"
)]

pub mod schema;
pub mod server;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder that goes away with its test.
pub struct Bed {
    pub folder: PathBuf,
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Bed {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("watchfire-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("home")).unwrap();
        fs::create_dir_all(folder.join("in")).unwrap();
        Self { folder }
    }

    /// Writes `in/NAME` and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The command, in this bed's `in`, with an environment of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchfire"));
        command
            .args(arguments)
            .current_dir(self.folder.join("in"))
            .env_clear()
            .env("HOME", self.folder.join("home"))
            .env("APPDATA", self.folder.join("home"))
            .env("LOCALAPPDATA", self.folder.join("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Self::finish(self.command(arguments), b"")
    }

    /// Runs on a screen so wide that every row of a table is one line.
    pub fn wide(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.env("COLUMNS", "400");
        Self::finish(command, b"")
    }

    /// Adds a feed that is fetched from `url`.
    #[track_caller]
    pub fn add_feed(&self, name: &str, url: &str, more: &[&str]) {
        let arguments = [&["feeds", "add", name, "--url", url], more].concat();
        self.run(&arguments).expect(0, &[]);
    }

    /// Runs with `input` on standard input.
    pub fn pipe(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        Self::finish(command, input)
    }

    pub fn finish(mut command: Command, input: &[u8]) -> Ran {
        let mut child = command.spawn().unwrap();
        let pipe = child.stdin.take();
        let input = input.to_vec();
        // From a thread of its own: a child that writes before it has read all would wait for us for ever.
        let feeder = std::thread::spawn(move || {
            if let Some(mut pipe) = pipe {
                let _ = pipe.write_all(&input);
            }
        });
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        Ran {
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8 whatever the input is"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8 whatever the input is"),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Ran {
    /// Holds the exit code, and what stderr says.
    #[track_caller]
    pub fn expect(&self, code: i32, stderr: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:#?}");
        for line in stderr {
            assert!(
                self.stderr.lines().any(|said| said == *line),
                "no '{line}' in {self:#?}"
            );
        }
        self
    }

    /// Each line of stdout as JSON.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }
}

/// Compares with `tests/screens/NAME.txt`; `WATCHFIRE_BLESS=1` writes it.
#[track_caller]
pub fn check_screen(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/screens")
        .join(format!("{name}.txt"));
    if std::env::var_os("WATCHFIRE_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, screen).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        screen, expected,
        "the screen '{name}' changed; WATCHFIRE_BLESS=1 accepts it"
    );
}

/// Says loudly that a test could not be done here.
pub fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}
