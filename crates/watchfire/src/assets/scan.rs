//! A scan by the installed Nmap: of ranges that the configuration allows, and of nothing else.
//!
//! Targets are addresses and networks, checked before anything runs and handed over as Watchfire writes them, never as
//! they were typed: none can be taken for an option, and none is a name, which may lead anywhere. Nmap is run without a
//! shell, with fixed options and an empty environment. Absent: scripts, version detection, anything that needs more
//! rights than its caller has.

use super::{Inventories, Taken, parse_name};
use crate::{Config, Problem};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use watchfire_intel::inventory;
use watchfire_model::AddressRange;
use watchfire_store::AddressSpan;

/// Most addresses of one scan.
const MOST: u128 = 1 << 16;
/// What Nmap says when it fails. Bytes that are read.
const SAID: u64 = 8 << 10;
/// Connections, the hundred most common ports, and the report on standard output.
const OPTIONS: [&str; 7] = ["-sT", "-T3", "--top-ports", "100", "--host-timeout", "120s", "-oX"];

impl Inventories {
    /// Has the installed Nmap look at `targets`, and takes its report as an inventory.
    ///
    /// # Errors
    /// When a target is not an address or network that the configuration allows, the network is forbidden, or Nmap is
    /// not there or fails. What was known before stays.
    pub fn scan(&self, targets: &[String], name: Option<&str>, config: &Config) -> Result<Taken, Problem> {
        let spans = allowed(targets, config)?;
        if config.switch("offline").unwrap_or(false) {
            return Err(Problem::new("nothing can be scanned: the network is forbidden").hint("leave out --offline"));
        }
        let name = match name {
            Some(name) => parse_name(name)?,
            None => parse_name(&name_of(targets))?,
        };
        let nmap = find(config)?;
        let (v4, v6): (Vec<_>, Vec<_>) = spans.into_iter().partition(|span| span.first().is_ipv4());
        match (v4.is_empty(), v6.is_empty()) {
            (false, false) => Err(Problem::new("Nmap scans either IPv4 or IPv6").hint("scan them one after the other")),
            (_, true) => self.run(&nmap, &v4, &[], &name, config),
            (true, false) => self.run(&nmap, &v6, &["-6"], &name, config),
        }
    }

    fn run(
        &self,
        nmap: &Path,
        spans: &[AddressSpan],
        more: &[&str],
        name: &watchfire_store::Name,
        config: &Config,
    ) -> Result<Taken, Problem> {
        let failed = |error: &io::Error| Problem::of_file("run", nmap, error);
        let mut command = Command::new(nmap);
        command
            .args(OPTIONS)
            .arg("-")
            .args(more)
            .args(spans.iter().flat_map(|span| span.networks()))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in ["PATH", "HOME", "SystemRoot"] {
            command.envs(config.variable(variable).map(|value| (variable, value)));
        }
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let said = child
            .stderr
            .take()
            .map(|stderr| std::thread::spawn(move || first_words(stderr)));
        let taken = match child.stdout.take() {
            Some(stdout) => {
                let mut report = BufReader::new(stdout);
                self.take(name, |out| inventory::read_nmap(&mut report, out))
            }
            None => Err(Problem::new("Nmap has no output")),
        };
        if taken.is_err() {
            // Nobody reads the rest.
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| failed(&error))?;
        let said = said.and_then(|said| said.join().ok()).unwrap_or_default();
        taken.map_err(|problem| {
            let problem = problem.about("cannot read what Nmap found");
            match said.lines().find(|line| !line.trim().is_empty()) {
                Some(line) if !status.success() => problem.hint(format!("Nmap said: {}", line.trim())),
                _ => problem.hint("what was known before stays"),
            }
        })
    }
}

/// The beginning of what is written to standard error; the rest is read and dropped, so that nobody waits for a reader.
fn first_words(mut stderr: impl Read) -> String {
    let mut said = Vec::new();
    let _ = stderr.by_ref().take(SAID).read_to_end(&mut said);
    let _ = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&said).into_owned()
}

/// The targets as addresses, each inside a range that may be scanned.
fn allowed(targets: &[String], config: &Config) -> Result<Vec<AddressSpan>, Problem> {
    let ranges = config.scan_ranges()?;
    if ranges.is_empty() {
        return Err(Problem::new("no range is configured that may be scanned").hint(
            "name your own in watchfire.toml: ranges = [\"10.0.0.0/16\"] below [organisation], or scan = [\"10.0.5.0/24\"] below [assets]",
        ));
    }
    let mut spans = Vec::new();
    let mut count = 0_u128;
    for target in targets {
        let span = AddressSpan::parse(target).map_err(|_| {
            Problem::new(format!("cannot scan '{target}': it is no address or network"))
                .hint("names and options are not taken; write 10.0.5.0/24, 10.0.5.7 or 10.0.5.7-9")
        })?;
        let inside = |range: &AddressRange| range.contains(span.first()) && range.contains(span.last());
        if !ranges.iter().any(inside) {
            let known: Vec<String> = ranges.iter().map(ToString::to_string).collect();
            return Err(
                Problem::new(format!("cannot scan '{target}': the configuration does not allow it"))
                    .hint(format!("allowed are addresses inside {}", known.join(", "))),
            );
        }
        count = count.saturating_add(span.size()).saturating_add(1);
        spans.push(span);
    }
    if count > MOST {
        return Err(
            Problem::new(format!("cannot scan {count} addresses at once")).hint(format!("at most {MOST} at a time"))
        );
    }
    Ok(spans)
}

/// `nmap-10.0.5.0-24`: a scan of the same replaces it.
fn name_of(targets: &[String]) -> String {
    let first = targets.first().map(String::as_str).unwrap_or_default();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = format!("nmap-{first}").chars().map(plain).take(56).collect();
    match targets.len() {
        1 => name,
        more => format!("{name}-{more}"),
    }
}

/// Nmap in a folder of the path. Folders that depend on where one stands are passed over: the evidence may be there.
fn find(config: &Config) -> Result<PathBuf, Problem> {
    let program = if cfg!(windows) { "nmap.exe" } else { "nmap" };
    let path = config.surroundings().variables.get("PATH").cloned().unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            Problem::new("nmap is not installed, or not in the path")
                .hint("install it, or import a report: nmap -oX report.xml …, then watchfire assets import report.xml")
        })
}
