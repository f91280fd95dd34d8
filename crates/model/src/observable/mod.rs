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
use std::fmt;
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
