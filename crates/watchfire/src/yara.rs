//! YARA rules of the user's: read from files and folders, compiled once, used for every artifact.

use crate::{Input, Links, Problem, Watchfire};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use watchfire_model::{DataSource, DiagnosticSeverity, counted};
use watchfire_sources::{Found, Source as File, walk};
use watchfire_yara::{Rules, Source, builtin};

/// What names the rules that ship; a file of that name is `./builtin`.
const BUILTIN: &str = "builtin";

/// Longest rule file. Bytes.
const LONGEST: u64 = 64 << 20;

/// Problems of rules that are told.
const MOST_TOLD: usize = 50;

impl Watchfire {
    /// Matches everything that is analysed from now on against YARA rules: of files, of folders (what in them, and below,
    /// ends in `.yar` or `.yara`), and those that ship where a path is `builtin`. What compiles is used. Returns what to
    /// tell the user: what is wrong with which file and line, then how many rules there are.
    ///
    /// # Errors
    /// When a path cannot be read, or there is no rule at all.
    pub fn match_yara(&mut self, paths: &[PathBuf]) -> Result<Vec<String>, Problem> {
        let (sources, mut told) = read(paths)?;
        let (rules, problems) = Rules::compile(&sources);
        let lost = problems
            .iter()
            .filter(|problem| problem.severity > DiagnosticSeverity::Note);
        told.extend(lost.map(ToString::to_string));
        if told.len() > MOST_TOLD {
            let more = told.len() - MOST_TOLD;
            told.truncate(MOST_TOLD);
            told.push(format!("{} of YARA rules", counted(more as u64, "more problem")));
        }
        let Some(rules) = rules else {
            return Err(none(paths, &told));
        };
        let count = counted(rules.count() as u64, "YARA rule");
        told.push(format!("matching {count} of {}", counted(rules.files() as u64, "file")));
        self.yara = Some(DataSource {
            name: count.into(),
            source: named(paths).into(),
            terms: "".into(),
            day: None,
            oldest: None,
        });
        self.rules = Some(digest(&sources));
        self.engine.match_by(Arc::new(rules));
        Ok(told)
    }
}

/// What tells these rules from others.
fn digest(sources: &[Source]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for source in sources {
        for part in [&source.name, &source.text] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize().into()
}

/// The paths as they were given.
fn named(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
    names.join(", ")
}

fn none(paths: &[PathBuf], told: &[String]) -> Problem {
    let problem = Problem::new(format!("there is no YARA rule to use in '{}'", named(paths)));
    match told.first() {
        Some(first) => problem.hint(format!("the first thing wrong: {first}")),
        None => problem.hint("name rule files, folders with *.yar or *.yara, or 'builtin' for the rules that ship"),
    }
}

/// Every rule file, in the order of `paths` and of names; and what was left out.
fn read(paths: &[PathBuf]) -> Result<(Vec<Source>, Vec<String>), Problem> {
    let (mut sources, mut told) = (Vec::new(), Vec::new());
    for path in paths {
        if path.as_os_str() == BUILTIN {
            sources.extend(builtin());
            continue;
        }
        let is_folder = path.is_dir();
        for found in walk([Input::parse(path.as_os_str())], Links::Follow) {
            match found {
                Found::Source(file) if !is_folder || file.path().is_some_and(is_rules) => match text(&file) {
                    Ok(source) => sources.push(source),
                    Err(why) if is_folder => told.push(why),
                    Err(why) => return Err(Problem::new(why)),
                },
                Found::Failed(error) if is_folder => told.push(format!("{}: {error}", error.name)),
                Found::Failed(error) => {
                    return Err(Problem::new(format!("cannot read the YARA rules: {error}")));
                }
                Found::Source(_) | Found::Skipped(_) => {}
            }
        }
    }
    Ok((sources, told))
}

/// By its name: a file of rules.
fn is_rules(path: &Path) -> bool {
    let extension = path.extension().map(OsStr::to_ascii_lowercase);
    extension.is_some_and(|extension| extension == "yar" || extension == "yara")
}

/// A rule file. Comments may be in any encoding; what is not UTF-8 is no part of a rule that matters.
fn text(file: &File) -> Result<Source, String> {
    let failed = |why: &dyn std::fmt::Display| format!("{}: cannot be read: {why}", file.name());
    let mut bytes = Vec::new();
    let reader = file.open().map_err(|error| failed(&error))?;
    reader
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(failed(&format!("it is longer than {} MB", LONGEST >> 20)));
    }
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    Ok(Source::new(file.name().raw(), text))
}
