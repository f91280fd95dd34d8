//! A rule set as it is kept: one file, written whole and then put in place, so that nobody ever sees half a set.
//!
//! ```text
//! watchfire rule set 1
//! sha256 <of what follows the blank line>
//! <key> <value>                  a line for each thing that is known of the set
//!
//! rule <bytes> <name>            then so many bytes and a line end
//! notice <bytes> <name>
//! ```
//!
//! The head says what a list shows and what a program was compiled of; the rules behind it are read when they are needed.
//! A file that is not what was written is said to be damaged and is not used.

use super::tally::RuleCounts;
use crate::Replacement;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use watchfire_model::{Moment, Untrusted};
use watchfire_store::Name;

const MAGIC: &str = "watchfire rule set 1";
/// What the names of sets end in.
const ENDING: &str = "rules";
/// A head is no longer. Bytes.
const HEAD: u64 = 64 << 10;
/// A set is no larger. Bytes.
pub(super) const LARGEST: u64 = 512 << 20;

/// Where a set came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleOrigin {
    /// Files, folders and archives on this machine.
    Paths(Vec<PathBuf>),
    /// An address.
    Url(String),
}

impl RuleOrigin {
    /// As a person reads it.
    pub fn shown(&self) -> Untrusted {
        match self {
            Self::Paths(paths) => {
                let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
                paths.join(", ").into()
            }
            Self::Url(url) => url.as_str().into(),
        }
    }
}

/// What is known of a set without its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// Its name.
    pub name: Name,
    /// When it was taken in.
    pub taken: Moment,
    /// Where it came from.
    pub origin: RuleOrigin,
    /// What it holds.
    pub counts: RuleCounts,
    /// Under which licences, as notices beside the rules and the rules themselves say.
    pub terms: Untrusted,
    /// What the address was answered with, to ask whether anything changed.
    pub(super) validators: [Option<Untrusted>; 2],
    /// What tells these rules from others: SHA-256 of the body, in hexadecimal digits.
    pub(super) sha256: String,
}

/// What a file of a set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rule,
    Notice,
}

/// A file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) kind: Kind,
    /// Its path below what was taken in, with `/`.
    pub(super) name: String,
    pub(super) text: String,
}

/// The file of a set.
pub(super) fn place(folder: &Path, name: &Name) -> PathBuf {
    folder.join(format!("{name}.{ENDING}"))
}

/// The names of the sets in a folder, in order.
pub(super) fn names(folder: &Path) -> io::Result<Vec<Name>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let stem = name
            .to_str()
            .and_then(|name| name.strip_suffix(ENDING)?.strip_suffix('.'));
        // What is half written begins with a dot, which no name does.
        names.extend(stem.and_then(|stem| Name::parse(stem).ok()));
    }
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Ok(names)
}

/// Writes a set and puts it in place.
pub(super) fn write(folder: &Path, set: &mut RuleSet, members: &[Member]) -> io::Result<()> {
    let mut body = Vec::new();
    for member in members {
        let kind = match member.kind {
            Kind::Rule => "rule",
            Kind::Notice => "notice",
        };
        writeln!(body, "{kind} {} {}", member.text.len(), kept(&member.name))?;
        body.extend_from_slice(member.text.as_bytes());
        body.push(b'\n');
    }
    set.sha256 = hex(&Sha256::digest(&body));
    let mut out = Replacement::private(&place(folder, &set.name))?;
    writeln!(out, "{MAGIC}\nsha256 {}\ntaken {}", set.sha256, set.taken.unix())?;
    match &set.origin {
        RuleOrigin::Url(url) => writeln!(out, "url {}", kept(url))?,
        RuleOrigin::Paths(paths) => {
            for path in paths {
                writeln!(out, "path {}", kept(&path.to_string_lossy()))?;
            }
        }
    }
    for (key, value) in ["etag", "modified"].iter().zip(&set.validators) {
        if let Some(value) = value {
            writeln!(out, "{key} {}", kept(value.raw()))?;
        }
    }
    writeln!(out, "terms {}\ncounts {}\n", kept(set.terms.raw()), set.counts.kept())?;
    out.write_all(&body)?;
    out.finish()
}

/// Reads what is known of a set.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn head(folder: &Path, name: &Name) -> Result<RuleSet, String> {
    open(folder, name).map(|(set, _)| set)
}

/// Reads a set with its rules.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn whole(folder: &Path, name: &Name) -> Result<(RuleSet, Vec<Member>), String> {
    let (set, mut rest) = open(folder, name)?;
    let mut body = Vec::new();
    let read = rest.by_ref().take(LARGEST + 1).read_to_end(&mut body);
    read.map_err(|error| error.to_string())?;
    if hex(&Sha256::digest(&body)) != set.sha256 {
        return Err(DAMAGED.to_owned());
    }
    let mut members = Vec::new();
    let mut rest = body.as_slice();
    while !rest.is_empty() {
        let (member, behind) = member(rest).ok_or(DAMAGED)?;
        members.push(member);
        rest = behind;
    }
    Ok((set, members))
}

const DAMAGED: &str = "it is not what was written: it is damaged";

fn member(body: &[u8]) -> Option<(Member, &[u8])> {
    let end = body.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = body.split_at_checked(end)?;
    let mut words = std::str::from_utf8(line).ok()?.splitn(3, ' ');
    let kind = match words.next()? {
        "rule" => Kind::Rule,
        "notice" => Kind::Notice,
        _ => return None,
    };
    let length: usize = words.next()?.parse().ok()?;
    let name = plain(words.next()?);
    let (text, rest) = rest.get(1..)?.split_at_checked(length)?;
    let text = std::str::from_utf8(text).ok()?.to_owned();
    Some((Member { kind, name, text }, rest.strip_prefix(b"\n")?))
}

/// The head, and a reader of what is behind it.
fn open(folder: &Path, name: &Name) -> Result<(RuleSet, impl Read), String> {
    let mut file = File::open(place(folder, name)).map_err(|error| error.to_string())?;
    let mut start = Vec::new();
    let read = (&mut file).take(HEAD).read_to_end(&mut start);
    read.map_err(|error| error.to_string())?;
    let end = start.windows(2).position(|pair| pair == b"\n\n").ok_or(DAMAGED)?;
    let behind = start.split_off((end + 2).min(start.len()));
    let text = std::str::from_utf8(&start).map_err(|_| DAMAGED)?;
    let set = parsed(name, text).ok_or(DAMAGED)?;
    Ok((set, io::Cursor::new(behind).chain(file)))
}

fn parsed(name: &Name, head: &str) -> Option<RuleSet> {
    let mut lines = head.lines();
    if lines.next()? != MAGIC {
        return None;
    }
    let (mut sha256, mut taken, mut url, mut paths) = (None, None, None, Vec::new());
    let (mut terms, mut counts, mut validators) = (String::new(), None, [None, None]);
    for line in lines.filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let [etag, modified] = &mut validators;
        match key {
            "sha256" => sha256 = Some(value.to_owned()),
            "taken" => taken = value.parse().ok(),
            "url" => url = Some(plain(value)),
            "path" => paths.push(PathBuf::from(plain(value))),
            "terms" => terms = plain(value),
            "counts" => counts = RuleCounts::of_kept(value),
            "etag" => *etag = Some(plain(value).into()),
            "modified" => *modified = Some(plain(value).into()),
            // Of a later version.
            _ => {}
        }
    }
    Some(RuleSet {
        name: name.clone(),
        taken: Moment::from_unix(taken?),
        origin: url.map_or(RuleOrigin::Paths(paths), RuleOrigin::Url),
        counts: counts?,
        terms: terms.into(),
        validators,
        sha256: sha256?,
    })
}

/// Text on one line.
pub(super) fn kept(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

/// The text that [`kept`] made a line of.
pub(super) fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                other => text.extend(other),
            },
            c => text.push(c),
        }
    }
    text
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("watchfire-rule-set-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn example() -> (RuleSet, Vec<Member>) {
        let set = RuleSet {
            name: Name::parse("own").unwrap(),
            taken: Moment::from_unix(1_764_000_000),
            origin: RuleOrigin::Paths(vec!["/a\nb".into(), "/c d".into()]),
            counts: RuleCounts {
                rules: 2,
                waiting: 1,
                ..RuleCounts::default()
            },
            terms: "Detection Rule License (DRL) 1.1".into(),
            validators: [Some("\"one\"".into()), None],
            sha256: String::new(),
        };
        let member = |kind, name: &str, text: &str| Member {
            kind,
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let members = vec![
            member(Kind::Rule, "a b.yml", "title: A\n\nrule 9 x\n"),
            member(Kind::Rule, "back\\slash\n.yml", ""),
            member(Kind::Notice, "LICENSE", "terms"),
        ];
        (set, members)
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = folder("written");
        let (mut set, members) = example();
        write(&folder, &mut set, &members).unwrap();
        assert_eq!(names(&folder).unwrap(), [set.name.clone()]);
        assert_eq!(head(&folder, &set.name).unwrap(), set);
        assert_eq!(whole(&folder, &set.name).unwrap(), (set, members));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn damage_is_told_wherever_it_is() {
        let folder = folder("damage");
        let (mut set, members) = example();
        write(&folder, &mut set, &members).unwrap();
        let path = place(&folder, &set.name);
        let bytes = fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            fs::write(&path, bytes.get(..length).unwrap()).unwrap();
            assert!(whole(&folder, &set.name).is_err(), "cut at {length}");
        }
        let body = bytes.len() - 30;
        for at in body..bytes.len() {
            let mut changed = bytes.clone();
            *changed.get_mut(at).unwrap() ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(whole(&folder, &set.name).is_err(), "changed at {at}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
