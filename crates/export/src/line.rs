//! `watchfire.observable/1`: one observable as every machine format lists it.

use crate::Form;
use serde::Serialize;
use std::borrow::Cow;
use watchfire_model::{
    Asset, Confidence, Encoding, Family, Located, MetadataValue, Observable, Observed, Role, RuleMatch, Score,
    StringMatch, Tag, Untrusted, Verdict, Via,
};

/// See `schemas/observable.json`. Fields stand in the order of the contract.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) value: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<&'a str>,
    pub(crate) raw: &'a Untrusted,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frame: Option<u64>,
    pub(crate) defanged: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    pub(crate) source: &'a Untrusted,
    pub(crate) confidence: Confidence,
    pub(crate) reason: &'static str,
    pub(crate) role: Role,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) role_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) as_name: Option<&'a Untrusted>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) own: Option<&'a Located>,
    pub(crate) tags: &'a [Tag],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asset: Option<&'a Asset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<Via>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<&'a Untrusted>,
}

impl<'a> Line<'a> {
    /// With its count.
    pub(crate) fn counted(source: &'a Untrusted, observed: &'a Observed, form: Form) -> Self {
        Self {
            count: Some(observed.count),
            ..Self::uncounted(source, observed, form)
        }
    }

    /// Of a source whose counts are not known yet.
    pub(crate) fn uncounted(source: &'a Untrusted, observed: &'a Observed, form: Form) -> Self {
        Self {
            kind: observed.observable.kind().name(),
            value: value(observed, form),
            pattern: observed.observable.pattern(),
            raw: &observed.raw,
            start: observed.span.start,
            end: observed.span.end,
            line: observed.line,
            page: observed.page,
            frame: observed.frame,
            defanged: observed.defanged,
            count: None,
            source,
            confidence: observed.confidence,
            reason: observed.reason,
            role: observed.role,
            role_reason: observed.role_reason,
            country: observed.location.country,
            asn: observed.location.asn,
            as_name: observed.location.as_name.as_ref(),
            own: observed.location.own.as_deref(),
            tags: &observed.tags,
            asset: observed.asset.as_deref(),
            verdict: observed.judged.map(|judged| judged.verdict),
            score: observed.judged.map(|judged| judged.score),
            encoding: observed.encoding,
            via: observed.via,
            context: observed.context.as_ref(),
        }
    }
}

/// A YARA rule that holds for a source, as every machine format lists it.
#[derive(Serialize)]
pub(crate) struct RuleLine<'a> {
    pub(crate) source: &'a Untrusted,
    pub(crate) rule: &'a Untrusted,
    pub(crate) file: &'a Untrusted,
    pub(crate) tags: &'a [Untrusted],
    pub(crate) metadata: &'a [(Untrusted, MetadataValue)],
    pub(crate) strings: Vec<RuleString<'a>>,
    /// More was found than `strings` lists.
    pub(crate) truncated: bool,
}

/// One place of a string of a rule.
#[derive(Serialize)]
pub(crate) struct RuleString<'a> {
    pub(crate) identifier: &'a Untrusted,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) excerpt: &'a Untrusted,
}

impl<'a> RuleLine<'a> {
    pub(crate) fn of(source: &'a Untrusted, found: &'a RuleMatch) -> Self {
        let string = |string: &'a StringMatch| RuleString {
            identifier: &string.identifier,
            start: string.span.start,
            end: string.span.end,
            excerpt: &string.excerpt,
        };
        Self {
            source,
            rule: &found.rule,
            file: &found.source,
            tags: &found.tags,
            metadata: &found.metadata,
            strings: found.strings.iter().map(string).collect(),
            truncated: found.truncated,
        }
    }
}

/// The value in the form that was asked for.
pub(crate) fn value(observed: &Observed, form: Form) -> Cow<'_, str> {
    match form {
        Form::Raw => Cow::Borrowed(observed.observable.raw()),
        Form::Defanged => Cow::Owned(defanged(&observed.observable)),
    }
}

/// An observable as people may see it. A browser's name, a path, a rule or what a pattern of the user's matched may hold a
/// link as well as any URL.
pub(crate) fn defanged(observable: &Observable) -> String {
    match observable.kind().spec().family {
        Family::Host | Family::Account | Family::Text => Untrusted::new(prose(observable.raw())).to_string(),
        // Of letters and digits only, or defanged by their type.
        Family::Network | Family::FileHash | Family::Fingerprint | Family::Catalogue | Family::Payment => {
            observable.defanged()
        }
    }
}

/// Text with every network value in it defanged, and every scheme that is left without a host one can tell.
pub(crate) fn prose(text: &str) -> String {
    let text = String::from_utf8_lossy(&watchfire_extract::defang(text.as_bytes())).into_owned();
    let live = text.match_indices("://").any(|(at, _)| !is_disguised(&text, at));
    if !live {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut from = 0;
    for (at, separator) in text.match_indices("://") {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(if is_disguised(&text, at) { separator } else { "[://]" });
        from = at + separator.len();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether the `://` at `at` stands in brackets or behind a disguised scheme.
fn is_disguised(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let ends = |with: &[u8]| {
        let from = before.len().saturating_sub(with.len());
        before.get(from..).is_some_and(|end| end.eq_ignore_ascii_case(with))
    };
    ends(b"[") || ends(b"hxxp") || ends(b"hxxps")
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::ObservableType as T;

    #[track_caller]
    fn check(kind: T, value: &str, expected: &str) {
        let observable = Observable::parse(kind, value).unwrap();
        let shown = defanged(&observable);
        assert_eq!(shown, expected);
        assert_eq!(prose(&shown), shown, "what is defanged stays so");
    }

    #[test]
    fn no_value_shows_a_live_link() {
        check(
            T::Url,
            "http://evil.com/a?u=http://b.com/c&v=ftp://d.com",
            "hxxp://evil[.]com/a?u=hxxp://b[.]com/c&v=ftp[://]d[.]com",
        );
        check(
            T::UserAgent,
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +hxxp://www[.]google[.]com/bot.html)",
        );
        check(
            T::RegistryKey,
            r"HKCU\Software\http://evil6.com",
            r"HKCU\Software\hxxp://evil6[.]com",
        );
        check(T::FileName, "archive.zip", "archive.zip");
        check(
            T::FilePath,
            r"C:\Windows\System32\cmd.exe",
            r"C:\Windows\System32\cmd.exe",
        );
    }

    #[test]
    fn schemes_without_a_host_are_disguised() {
        assert_eq!(
            prose("custom://x and hxxp://y and http://"),
            "custom[://]x and hxxp://y and http[://]"
        );
    }
}
