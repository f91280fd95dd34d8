//! Which files are meant: by name, size, time, owner and permissions. Everything that is asked for must hold; of several
//! names or extensions, one.

use crate::Problem;
use crate::config::duration;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::ffi::OsStr;
use std::path::Path;
use watchfire_model::Moment;
use watchfire_sources::tree::{Entry, Status};

/// What a person typed.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Patterns of names, such as `*.exe` or `svch?st*`: without regard to case, one of them.
    pub names: Vec<String>,
    /// Extensions without the dot, without regard to case, one of them.
    pub extensions: Vec<String>,
    /// `10k`, `2.5M`, `1GiB`: at least so many bytes.
    pub smallest: Option<String>,
    /// At most so many bytes.
    pub largest: Option<String>,
    /// `2d`, `12h`, or a day: written since then.
    pub changed_within: Option<String>,
    /// Written before then.
    pub changed_before: Option<String>,
    /// A user's name or number.
    pub owner: Option<String>,
    /// `setuid`, `setgid`, `world-writable`, `executable`: all of them.
    pub modes: Vec<String>,
}

impl Wanted {
    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        let Self {
            names,
            extensions,
            smallest,
            largest,
            changed_within,
            changed_before,
            owner,
            modes,
        } = self;
        names.is_empty()
            && extensions.is_empty()
            && modes.is_empty()
            && [smallest, largest, changed_within, changed_before, owner]
                .iter()
                .all(|wanted| wanted.is_none())
    }
}

/// The same, checked.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    names: Option<GlobSet>,
    extensions: Vec<String>,
    /// What only the file system knows, if that is asked for.
    status: Option<OfStatus>,
}

#[derive(Clone, Debug)]
struct OfStatus {
    smallest: u64,
    largest: u64,
    since: i64,
    before: i64,
    owner: Option<u32>,
    mode: u32,
}

impl Filter {
    pub(crate) fn new(wanted: &Wanted, as_of: Moment) -> Result<Self, Problem> {
        let asks_status = wanted.smallest.is_some()
            || wanted.largest.is_some()
            || wanted.changed_within.is_some()
            || wanted.changed_before.is_some()
            || wanted.owner.is_some()
            || !wanted.modes.is_empty();
        let status = || -> Result<OfStatus, Problem> {
            Ok(OfStatus {
                smallest: wanted.smallest.as_deref().map_or(Ok(0), size)?,
                largest: wanted.largest.as_deref().map_or(Ok(u64::MAX), size)?,
                since: wanted
                    .changed_within
                    .as_deref()
                    .map_or(Ok(i64::MIN), |time| instant(time, as_of))?,
                before: wanted
                    .changed_before
                    .as_deref()
                    .map_or(Ok(i64::MAX), |time| instant(time, as_of))?,
                owner: wanted.owner.as_deref().map(owner).transpose()?,
                mode: wanted
                    .modes
                    .iter()
                    .try_fold(0, |mode, name| Ok::<_, Problem>(mode | bits(name)?))?,
            })
        };
        let extensions = wanted
            .extensions
            .iter()
            .map(|extension| extension.trim_start_matches('.').to_owned());
        Ok(Self {
            names: (!wanted.names.is_empty())
                .then(|| patterns(&wanted.names))
                .transpose()?,
            extensions: extensions.collect(),
            status: asks_status.then(status).transpose()?,
        })
    }

    /// Whether a file is meant.
    ///
    /// # Errors
    /// When the file system does not say what must be known for that.
    pub(crate) fn means(&self, file: &Entry<'_>) -> std::io::Result<bool> {
        if !self
            .names
            .as_ref()
            .is_none_or(|names| names.is_match(Path::new(file.name())))
        {
            return Ok(false);
        }
        if !self.extensions.is_empty()
            && !self
                .extensions
                .iter()
                .any(|extension| ends_with(file.name(), extension))
        {
            return Ok(false);
        }
        match &self.status {
            None => Ok(true),
            Some(wanted) => Ok(wanted.holds(&file.status()?)),
        }
    }
}

impl OfStatus {
    fn holds(&self, status: &Status) -> bool {
        (self.smallest..=self.largest).contains(&status.size)
            && (self.since..self.before).contains(&status.modified)
            && self.owner.is_none_or(|owner| status.owner == Some(owner))
            && (self.mode == 0 || status.mode.is_some_and(|mode| has_bits(mode, self.mode)))
    }
}

/// Any of the rights to run a file is enough; of the others, all.
fn has_bits(mode: u32, wanted: u32) -> bool {
    let (runs, rest) = (wanted & RUNS, wanted & !RUNS);
    mode & rest == rest && (runs == 0 || mode & runs != 0)
}

/// Whether `name` has this extension, in any case. A name that is nothing else has none.
fn ends_with(name: &OsStr, extension: &str) -> bool {
    let (name, extension) = (name.as_encoded_bytes(), extension.as_bytes());
    let Some(dot) = name.len().checked_sub(extension.len() + 1).filter(|dot| *dot > 0) else {
        return false;
    };
    let (_, end) = name.split_at(dot);
    end.split_first()
        .is_some_and(|(dot, end)| *dot == b'.' && end.eq_ignore_ascii_case(extension))
}

pub(super) fn patterns(names: &[String]) -> Result<GlobSet, Problem> {
    let wrong = |name: &str, error: &globset::Error| {
        Problem::new(format!("'{name}' is no pattern of names: {}", error.kind())).hint(
            "'*' stands for any characters, '?' for one, '[ab]' for one of these; quote it, or the shell reads it",
        )
    };
    let mut set = GlobSetBuilder::new();
    for name in names {
        let glob = GlobBuilder::new(name).case_insensitive(true).build();
        set.add(glob.map_err(|error| wrong(name, &error))?);
    }
    set.build().map_err(|error| wrong(&names.join(" "), &error))
}

/// Units of sizes in lower case; the ones without an `i` are decimal.
const UNITS: &[(&str, u64)] = &[
    ("", 1),
    ("b", 1),
    ("k", 1_000),
    ("kb", 1_000),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("ki", 1 << 10),
    ("kib", 1 << 10),
    ("mi", 1 << 20),
    ("mib", 1 << 20),
    ("gi", 1 << 30),
    ("gib", 1 << 30),
];

pub(crate) fn size(text: &str) -> Result<u64, Problem> {
    let wrong = || Problem::new(format!("'{text}' is not a size")).hint("write '500', '10k', '2M' or '1GiB'");
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_suffix(unit).unwrap_or(text);
    let lower = unit.trim().to_ascii_lowercase();
    let (_, scale) = UNITS.iter().find(|(name, _)| *name == lower).ok_or_else(wrong)?;
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(*scale).ok_or_else(wrong)
}

/// A day or an instant, or so long before `as_of`. In seconds since 1970.
fn instant(text: &str, as_of: Moment) -> Result<i64, Problem> {
    if let Ok(seconds) = duration(text) {
        return Ok(as_of.before(seconds).unix());
    }
    let instant = Moment::parse(text).map_err(|_| {
        Problem::new(format!("'{text}' is neither a time nor a day")).hint("write '2d', '12h' or '2027-01-31'")
    })?;
    Ok(instant.unix())
}

/// Any of the three rights to run a file.
const RUNS: u32 = 0o111;

fn bits(name: &str) -> Result<u32, Problem> {
    const KNOWN: &[(&str, u32)] = &[
        ("setuid", 0o4000),
        ("setgid", 0o2000),
        ("world-writable", 0o0002),
        ("executable", RUNS),
    ];
    let known: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
    let found = KNOWN.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, bits)| *bits)
        .ok_or_else(|| Problem::unknown("permission", name, &known))
}

/// A user's number.
fn owner(text: &str) -> Result<u32, Problem> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == text).then(|| fields.nth(1)?.parse().ok())?
    });
    number.ok_or_else(|| Problem::new(format!("there is no user '{text}' here")).hint("give the user's number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_have_no_case_and_a_name_in_front() {
        for (name, expected) in [
            ("a.exe", true),
            ("A.EXE", true),
            (".exe", false),
            ("aexe", false),
            ("x.exe ", false),
        ] {
            assert_eq!(ends_with(OsStr::new(name), "exe"), expected, "{name}");
        }
        assert!(ends_with(OsStr::new("a.tar.gz"), "tar.gz"));
    }

    #[test]
    fn sizes_are_decimal_unless_they_say_so() {
        for (text, bytes) in [
            ("500", Some(500)),
            ("10k", Some(10_000)),
            ("1 GiB", Some(1 << 30)),
            ("2MB", Some(2_000_000)),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
        for text in [
            "",
            "k",
            "-1",
            "1.5",
            "3 apples",
            "99999999999999999999",
            "99999999999999G",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_before_the_instant_of_the_report() {
        let as_of = Moment::parse("2026-11-02T00:00:00Z").unwrap();
        assert_eq!(instant("1d", as_of).unwrap(), as_of.unix() - 86_400);
        assert_eq!(instant("2026-11-01", as_of).unwrap(), as_of.unix() - 86_400);
        assert!(instant("yesterday", as_of).is_err());
    }

    #[test]
    fn one_right_to_run_is_enough() {
        let mode = |names: &[&str]| names.iter().map(|name| bits(name).unwrap()).fold(0, |a, b| a | b);
        assert!(has_bits(0o100, mode(&["executable"])));
        assert!(!has_bits(0o644, mode(&["executable"])));
        assert!(!has_bits(0o755, mode(&["executable", "setuid"])));
        assert!(has_bits(0o4755, mode(&["executable", "setuid"])));
        assert!(bits("sticky").is_err());
    }
}
