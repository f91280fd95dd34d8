//! Values seen: types, validation, normal forms and their safe display.
//!
//! A type is one file in `kinds/` and one line in the registry below. Its [`TypeSpec::parse`] takes clean (refanged)
//! text and returns the normal form or why it is not of the type; nothing else makes an [`Observable`].

mod checksum;
pub mod host;
mod kinds;
pub mod punycode;
mod set;

pub use kinds::ObservableType;
pub use set::TypeSet;

use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Why a text is not of a type. Completes "'…' is not a valid ipv4: …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(pub &'static str);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Invalid {}

/// What kind of thing a type is: what screens group by and gates look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Addresses, names and locations on a network; shown defanged.
    Network,
    /// Digests of files.
    FileHash,
    /// Digests of behaviour: TLS, SSH, import tables.
    Fingerprint,
    /// Names in public catalogues: CVE, ATT&CK, CWE.
    Catalogue,
    /// Traces on a host: paths, keys, names.
    Host,
    /// Where money goes.
    Payment,
    /// Accounts and people.
    Account,
    /// Rules, keys, markings and other text.
    Text,
}

/// What a type is and how it is read.
#[derive(Debug)]
pub struct TypeSpec {
    /// The name in every format, `ipv4-cidr`.
    pub name: &'static str,
    /// One line for the manual, lower case, no full stop.
    pub describes: &'static str,
    /// Grouping.
    pub family: Family,
    /// Longest normal form in bytes.
    pub max_length: usize,
    /// Whether `extract` looks for it without being asked.
    pub by_default: bool,
    /// Clean text to normal form.
    pub parse: fn(&str) -> Result<String, Invalid>,
}

/// A typed value in normal form. `Display` is defanged; the plain value is behind [`Observable::raw`].
///
/// Registry keys and paths of Windows keep the capitals that they are written with; two that differ in nothing else are
/// equal, since they name the same thing.
#[derive(Clone, Debug)]
pub struct Observable {
    kind: ObservableType,
    value: Box<str>,
    pattern: Option<Arc<str>>,
}

impl Observable {
    /// Validates and normalises clean text.
    pub fn parse(kind: ObservableType, text: &str) -> Result<Self, Invalid> {
        let spec = kind.spec();
        let value = (spec.parse)(text)?;
        if value.len() > spec.max_length {
            return Err(Invalid("longer than its type allows"));
        }
        Ok(Self {
            kind,
            value: value.into_boxed_str(),
            pattern: None,
        })
    }

    /// What the user's pattern called `name` matched.
    pub fn of_pattern(name: Arc<str>, text: &str) -> Result<Self, Invalid> {
        let mut observable = Self::parse(ObservableType::Pattern, text)?;
        observable.pattern = Some(name);
        Ok(observable)
    }

    /// The same observable with its secrets masked, for showing it. It is not parsed again.
    pub fn masked(&self, value: String) -> Self {
        Self {
            value: value.into_boxed_str(),
            ..self.clone()
        }
    }

    /// Whether capitals make no difference.
    pub fn ignores_case(&self) -> bool {
        match self.kind {
            ObservableType::RegistryKey => true,
            ObservableType::FilePath => !self.value.starts_with(['/', '~']),
            _ => false,
        }
    }

    /// The value as equality sees it.
    fn folded(&self) -> impl Iterator<Item = char> {
        let ignores_case = self.ignores_case();
        self.value.chars().map(move |c| {
            let mut small = c.to_lowercase();
            // As Windows does, one character for one.
            match (small.next(), small.next()) {
                (Some(small), None) if ignores_case => small,
                _ => c,
            }
        })
    }

    /// The name of the user's pattern that matched, for [`ObservableType::Pattern`].
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// Its type.
    pub fn kind(&self) -> ObservableType {
        self.kind
    }

    /// The normal form, live: never print it to a screen or page.
    pub fn raw(&self) -> &str {
        &self.value
    }

    /// The form for people: it cannot be clicked, resolved or pasted by accident, and it cannot act on a terminal.
    pub fn defanged(&self) -> String {
        let safe = crate::Untrusted::new(&*self.value).to_string();
        if self.kind.spec().family == Family::Network {
            defang(&safe)
        } else {
            safe
        }
    }
}

impl PartialEq for Observable {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.pattern == other.pattern
            && (self.value == other.value || (self.ignores_case() && self.folded().eq(other.folded())))
    }
}

impl Eq for Observable {}

impl PartialOrd for Observable {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Observable {
    fn cmp(&self, other: &Self) -> Ordering {
        let values = || {
            if self.ignores_case() || other.ignores_case() {
                self.folded().cmp(other.folded())
            } else {
                self.value.cmp(&other.value)
            }
        };
        let kinds = self.kind.cmp(&other.kind);
        kinds.then_with(values).then_with(|| self.pattern.cmp(&other.pattern))
    }
}

impl Hash for Observable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        if self.ignores_case() {
            self.folded().for_each(|c| c.hash(state));
        } else {
            self.value.hash(state);
        }
        self.pattern.hash(state);
    }
}

impl fmt::Display for Observable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.defanged())
    }
}

impl Serialize for Observable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Observable", 2 + usize::from(self.pattern.is_some()))?;
        fields.serialize_field("type", self.kind.name())?;
        fields.serialize_field("value", &*self.value)?;
        if let Some(pattern) = &self.pattern {
            fields.serialize_field("pattern", &**pattern)?;
        }
        fields.end()
    }
}

/// `http`, `HTTP` or `Http`: what can be told from a disguised scheme. Others are defanged behind their letters.
fn has_usual_case(scheme: &str) -> bool {
    let rest = scheme.trim_start_matches(|c: char| c.is_ascii_uppercase());
    rest.is_empty() || (scheme.len() - rest.len() <= 1 && !rest.contains(|c: char| c.is_ascii_uppercase()))
}

/// Defangs one network value: `http` becomes `hxxp` in the same case, `://` of any other scheme `[://]`, dots of the host `[.]`, and
/// the `@` of an address `[@]`. The path of a URL keeps its dots: it cannot be resolved without its host; URLs in it are
/// defanged like the one around them. Addresses of IPv6 get `[:]`.
pub fn defang(value: &str) -> String {
    let (scheme, rest) = match value.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, value),
    };
    let host_end = if scheme.is_some() {
        rest.find(['/', '?', '#']).unwrap_or(rest.len())
    } else {
        rest.len()
    };
    let (host, path) = rest.split_at_checked(host_end).unwrap_or((rest, ""));
    let mut out = String::with_capacity(value.len() + 16);
    if let Some(scheme) = scheme {
        disguise(scheme, &mut out);
    }
    defang_host(host, &mut out);
    // A URL inside the URL is as live as the one around it.
    let mut rest = path;
    while let Some((before, inner)) = rest.split_once("://") {
        let scheme_at = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .map_or(0, |at| before.ceil_char_boundary(at + 1));
        let (before, scheme) = before.split_at_checked(scheme_at).unwrap_or((before, ""));
        out.push_str(before);
        disguise(scheme, &mut out);
        let end = inner.find(['/', '?', '#', '&']).unwrap_or(inner.len());
        let (host, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
        defang_host(host, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `hxxp://` for a scheme whose letters can be told from their disguise, `ftp[://]` for any other.
fn disguise(scheme: &str, out: &mut String) {
    if is_web(scheme) && has_usual_case(scheme) {
        let disguised = |c: char| match c {
            't' => 'x',
            'T' => 'X',
            other => other,
        };
        out.extend(scheme.chars().map(disguised));
        out.push_str("://");
    } else {
        out.push_str(scheme);
        out.push_str("[://]");
    }
}

fn defang_host(host: &str, out: &mut String) {
    let colons = if host.contains("::") || host.matches(':').count() > 2 {
        Some("[:]")
    } else {
        None
    };
    for c in host.chars() {
        match (c, colons) {
            ('.', _) => out.push_str("[.]"),
            ('@', _) => out.push_str("[@]"),
            (':', Some(colon)) => out.push_str(colon),
            _ => out.push(c),
        }
    }
}

/// Whether `scheme` is `http` or `https` in a spelling whose case its disguise can keep.
fn is_web(scheme: &str) -> bool {
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    web && (scheme.starts_with('H') || scheme.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    #[track_caller]
    fn check(kind: ObservableType, one: &str, other: &str, same: bool) {
        let both = [one, other].map(|text| Observable::parse(kind, text).unwrap());
        let [a, b] = &both;
        assert_eq!((a == b, a.cmp(b).is_eq()), (same, same), "{one} and {other}");
        let (hashed, sorted): (HashSet<_>, BTreeSet<_>) = (both.iter().collect(), both.iter().collect());
        let distinct = if same { 1 } else { 2 };
        assert_eq!((hashed.len(), sorted.len()), (distinct, distinct), "{one} and {other}");
    }

    #[test]
    fn windows_takes_no_heed_of_capitals_and_unix_does() {
        use ObservableType as T;
        check(
            T::RegistryKey,
            r"HKLM\Software\Run",
            r"HKEY_LOCAL_MACHINE\SOFTWARE\RUN",
            true,
        );
        check(T::RegistryKey, r"HKLM\Software\Run", r"HKCU\Software\Run", false);
        check(T::FilePath, r"C:\Temp\A.EXE", r"c:/temp/a.exe", true);
        check(T::FilePath, r"\\Server\Share\x", r"\\server\share\X", true);
        check(T::FilePath, r"%AppData%\Übel.exe", r"%APPDATA%\ÜBEL.EXE", true);
        check(T::FilePath, "/tmp/A", "/tmp/a", false);
        check(T::FilePath, "~/A/b", "~/a/b", false);
        check(T::FileName, "A.exe", "a.exe", false);
        check(T::UserAgent, "Curl/8", "curl/8", false);
        let first = Observable::parse(T::RegistryKey, r"HKLM\Software\Run").unwrap();
        assert_eq!(first.raw(), r"HKLM\Software\Run", "it is shown as it was written");
    }
}
