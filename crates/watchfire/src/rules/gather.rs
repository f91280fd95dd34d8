//! Files of rules: of files and folders, and of archives as SigmaHQ and others publish them.
//!
//! In folders and archives, rules are the files that end in `.yml` or `.yaml` and say of which logs they are, or what they
//! detect, count or exclude; other YAML (workflows, tests, lists) is counted and left. What is hidden is not looked at. A
//! file that a person names is read whatever it is called. Licence notices come along.

use super::set::{Kind, LARGEST as MOST_BYTES, Member};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use watchfire_formats::archive;
use watchfire_formats::identify::{identify, media};
use watchfire_model::{Budget, Halt, Hints, Limits, MediaType, Member as Packed, MemberSink, Problem as Remark};
use watchfire_sources::{Found, Input, Links, walk};

/// A rule file is no larger. Bytes.
const LARGEST: u64 = 4 << 20;
/// Files of one set at most.
const MOST: usize = 100_000;
/// Licence notices of one set at most, and their bytes.
const NOTICES: usize = 8;
const NOTICE: u64 = 256 << 10;
/// An archive is no larger. Bytes.
pub(super) const ARCHIVE: u64 = 512 << 20;
/// All files of an archive, unpacked.
const UNPACKED: u64 = 512 << 20;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Rules, then notices, each in the order in which they were found.
    pub(super) members: Vec<Member>,
    /// Files that are YAML and no rules.
    pub(super) left_out: u64,
    /// What could not be read, each in one line.
    pub(super) lost: Vec<String>,
    bytes: u64,
}

/// Everything below `paths`, by its path below the one that was named; with several, that one's name stands in front.
pub(super) fn of_paths(paths: &[PathBuf]) -> Gathered {
    let mut gathered = Gathered::default();
    for path in paths {
        let prefix = match path.file_name().filter(|_| paths.len() > 1) {
            Some(name) => format!("{}/", name.to_string_lossy()),
            None => String::new(),
        };
        if path.is_dir() {
            gathered.folder(path, &prefix);
        } else {
            gathered.file(path, &prefix);
        }
    }
    gathered.ordered()
}

/// Everything in an archive.
pub(super) fn of_archive(bytes: &[u8], name: &str) -> Gathered {
    within(bytes, name, UNPACKED)
}

/// The same, of which no more than `most` bytes are unpacked.
fn within(bytes: &[u8], name: &str, most: u64) -> Gathered {
    let mut gathered = Gathered::default();
    gathered.archive(bytes, name, "", most);
    gathered.ordered()
}

/// Whether bytes are something that files are packed into.
pub(super) fn is_archive(bytes: &[u8], name: &str) -> Option<MediaType> {
    let kind = identify(bytes, &named(name)).media_type;
    let is_text = bytes
        .iter()
        .take(512)
        .all(|byte| *byte >= 0x20 || b"\t\r\n\x0c".contains(byte));
    (archive::handles(kind) && !is_text).then_some(kind)
}

fn named(name: &str) -> Hints {
    Hints {
        name: Some(name.into()),
        ..Hints::default()
    }
}

impl Gathered {
    /// Rules alone, as sources whose names `name` makes of their own.
    pub(super) fn sources(&self, name: impl Fn(&str) -> String) -> Vec<watchfire_sigma::Source> {
        let rules = self.members.iter().filter(|member| member.kind == Kind::Rule);
        rules
            .map(|member| watchfire_sigma::Source::new(name(&member.name), member.text.as_str()))
            .collect()
    }

    fn ordered(mut self) -> Self {
        self.members.sort_by_key(|member| member.kind == Kind::Notice);
        self
    }

    fn folder(&mut self, folder: &Path, prefix: &str) {
        for found in walk([Input::Path(folder.to_owned())], Links::Skip) {
            let source = match found {
                Found::Source(source) => source,
                Found::Skipped(_) => continue,
                Found::Failed(error) => {
                    self.lost.push(error.to_string());
                    continue;
                }
            };
            let Some(path) = source.path() else { continue };
            let below = path.strip_prefix(folder).unwrap_or(path);
            let parts: Vec<_> = below
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            let name = parts.join("/");
            if let Some(kind) = kind(&name) {
                match read(path, largest(kind)) {
                    Ok(bytes) => self.take(kind, format!("{prefix}{name}"), &bytes, false),
                    Err(why) => self.lost.push(format!("{}: {why}", path.display())),
                }
            }
        }
        self.beside(folder);
    }

    /// The notice that stands beside a folder, where none is in it.
    fn beside(&mut self, folder: &Path) {
        if self.members.iter().any(|member| member.kind == Kind::Notice) {
            return;
        }
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let Some(entries) = folder.parent().and_then(|parent| std::fs::read_dir(parent).ok()) else {
            return;
        };
        let mut names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        names.sort();
        for path in names.iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if is_notice(&name)
                && let Ok(bytes) = read(path, NOTICE)
            {
                self.take(Kind::Notice, name.into_owned(), &bytes, false);
            }
        }
    }

    fn file(&mut self, path: &Path, prefix: &str) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        match read(path, ARCHIVE) {
            Ok(bytes) if is_archive(&bytes, &name).is_some() => self.archive(&bytes, &name, prefix, UNPACKED),
            Ok(bytes) if bytes.len() as u64 > LARGEST => {
                let most = crate::bytes(LARGEST);
                self.lost.push(format!("{}: it is larger than {most}", path.display()));
            }
            Ok(bytes) => {
                let name = if prefix.is_empty() {
                    name.into_owned()
                } else {
                    prefix.trim_end_matches('/').to_owned()
                };
                self.take(Kind::Rule, name, &bytes, true);
                if let Some(folder) = path.parent() {
                    let inside = if folder.as_os_str().is_empty() {
                        Path::new(".")
                    } else {
                        folder
                    };
                    self.beside(&inside.join("x"));
                }
            }
            Err(why) => self.lost.push(format!("{}: {why}", path.display())),
        }
    }

    /// An archive, and the one that is inside of it where it is a single packed stream.
    fn archive(&mut self, bytes: &[u8], name: &str, prefix: &str, most: u64) {
        let limits = Limits {
            unpacked: most,
            artifact_size: most,
            artifacts: MOST as u64,
            ..Limits::default()
        };
        let budget = Budget::new(limits);
        let mut inside = Inside::default();
        let mut next = Some((Cow::Borrowed(bytes), name.to_owned()));
        // tar.gz: a stream, and the archive in it.
        for _ in 0..2 {
            let Some((bytes, name)) = next.take() else { break };
            let Some(kind) = is_archive(&bytes, &name) else {
                self.lost.push(format!("'{name}' holds no files"));
                return;
            };
            inside.is_stream = is_stream(kind);
            let (_, read) = archive::read(kind, &bytes, &named(&name), &budget, &mut inside);
            if let Err(Halt(limit)) = read {
                inside
                    .lost
                    .push(format!("'{name}' is larger than is read: {}", limit.as_str()));
            }
            next = inside.stream.take().map(|(bytes, name)| (Cow::Owned(bytes), name));
        }
        let top = common_top(inside.files.iter().map(|(name, _)| name.as_str()));
        for (name, bytes) in &inside.files {
            let name = name.strip_prefix(top.as_str()).unwrap_or(name);
            if let Some(kind) = kind(name) {
                self.take(kind, format!("{prefix}{name}"), bytes, false);
            }
        }
        self.lost.append(&mut inside.lost);
    }

    fn take(&mut self, kind: Kind, name: String, bytes: &[u8], is_named: bool) {
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned();
        if kind == Kind::Rule && !is_named && !is_rule(&text) {
            self.left_out += 1;
            return;
        }
        let notices = self.members.iter().filter(|member| member.kind == Kind::Notice);
        if kind == Kind::Notice && notices.count() >= NOTICES {
            return;
        }
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        if self.members.len() >= MOST || self.bytes > MOST_BYTES / 2 {
            if !self.lost.iter().any(|told| told == TOO_MUCH) {
                self.lost.push(TOO_MUCH.to_owned());
            }
            return;
        }
        self.members.push(Member { kind, name, text });
    }
}

const TOO_MUCH: &str = "there are more rules than one set holds";

/// What a file below a folder is, by its path.
fn kind(name: &str) -> Option<Kind> {
    if name.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit('/').next().unwrap_or(&lower);
    if last.ends_with(".yml") || last.ends_with(".yaml") {
        return Some(Kind::Rule);
    }
    is_notice(last).then_some(Kind::Notice)
}

fn is_notice(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|own| {
        name.strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    })
}

const fn largest(kind: Kind) -> u64 {
    match kind {
        Kind::Rule => LARGEST,
        Kind::Notice => NOTICE,
    }
}

/// Whether YAML has what a rule, a correlation or a filter has.
fn is_rule(text: &str) -> bool {
    let keys = ["detection:", "correlation:", "filter:", "logsource:"];
    text.lines().any(|line| keys.iter().any(|key| line.starts_with(key)))
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let file: File = crate::small::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {}", crate::bytes(most)));
    }
    Ok(bytes)
}

/// `sigma-1.0/`, where everything in an archive is below it.
fn common_top<'n>(mut names: impl Iterator<Item = &'n str>) -> String {
    let Some((top, _)) = names.next().and_then(|name| name.split_once('/')) else {
        return String::new();
    };
    let top = format!("{top}/");
    if names.all(|name| name.starts_with(&top)) {
        top
    } else {
        String::new()
    }
}

/// One packed file without a name of its own.
fn is_stream(kind: MediaType) -> bool {
    [
        media::GZIP,
        media::ZLIB,
        media::BZIP2,
        media::XZ,
        media::LZMA,
        media::ZSTD,
        media::LZ4,
    ]
    .contains(&kind)
}

/// What an archive hands out. What is no rule and no notice is let go at once.
#[derive(Default)]
struct Inside {
    is_stream: bool,
    files: Vec<(String, Vec<u8>)>,
    stream: Option<(Vec<u8>, String)>,
    lost: Vec<String>,
}

impl MemberSink for Inside {
    fn member(&mut self, member: Packed) -> Result<(), Halt> {
        let name = member.name.raw().replace('\\', "/");
        if self.is_stream {
            self.stream = Some((member.bytes, name));
            return Ok(());
        }
        let Some(kind) = kind(&name) else { return Ok(()) };
        let size = member.bytes.len() as u64;
        match kind {
            Kind::Rule if size > LARGEST => self
                .lost
                .push(format!("'{name}' is larger than {}", crate::bytes(LARGEST))),
            Kind::Notice if size > NOTICE => {}
            _ => self.files.push((name, member.bytes)),
        }
        Ok(())
    }

    fn problem(&mut self, problem: Remark) {
        if problem.severity > watchfire_model::DiagnosticSeverity::Note {
            self.lost.push(problem.message.raw().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_testkit::archive::{Zip, gzip, gzip_bomb, tar};

    const RULE: &str = "title: T\nlogsource:\n  product: x\ndetection:\n  s:\n    a: b\n  condition: s\n";

    fn names(gathered: &Gathered) -> Vec<&str> {
        gathered.members.iter().map(|member| member.name.as_str()).collect()
    }

    #[test]
    fn an_archive_gives_rules_and_notices_below_its_top_folder() {
        let zip = Zip::new()
            .file("sigma-1.0/LICENSE", b"terms")
            .file("sigma-1.0/rules/a.yml", RULE.as_bytes())
            .file("sigma-1.0/.github/b.yml", RULE.as_bytes())
            .file("sigma-1.0/tests/info.yml", b"id: 1\n")
            .file("sigma-1.0/rules/a.evtx", b"ElfFile")
            .build();
        let gathered = of_archive(&zip, "sigma.zip");
        assert_eq!(names(&gathered), ["rules/a.yml", "LICENSE"]);
        assert_eq!((gathered.left_out, gathered.lost.len()), (1, 0), "{gathered:?}");
    }

    #[test]
    fn a_packed_archive_is_opened_twice() {
        let packed = gzip(&tar(&[("a.yml", RULE.as_bytes())]));
        let gathered = of_archive(&packed, "sigma.tar.gz");
        assert_eq!(names(&gathered), ["a.yml"], "{gathered:?}");
    }

    #[test]
    fn what_is_broken_off_is_told() {
        let zip = Zip::new()
            .file("a.yml", RULE.as_bytes())
            .file("b.yml", RULE.as_bytes())
            .build();
        let gathered = of_archive(zip.get(..zip.len() / 2).unwrap(), "sigma.zip");
        assert!(!gathered.lost.is_empty(), "{gathered:?}");
        let text = of_archive(b"plain text", "sigma.zip");
        assert_eq!(text.lost.len(), 1, "{text:?}");
    }

    #[test]
    fn a_bomb_is_told_and_let_go() {
        let gathered = within(&gzip_bomb(4 << 20), "sigma.tar.gz", 1 << 20);
        assert!(gathered.members.is_empty() && !gathered.lost.is_empty(), "{gathered:?}");
    }

    #[test]
    fn notices_are_told_by_their_names() {
        for (name, expected) in [
            ("LICENSE", true),
            ("license.txt", true),
            ("LICENSE-MIT", true),
            ("COPYING", true),
            ("licensed.yml", false),
            ("rules.md", false),
        ] {
            assert_eq!(is_notice(name), expected, "{name}");
        }
    }
}
