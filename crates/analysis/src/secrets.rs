//! Secrets that evidence holds, masked before anybody sees them: passwords before a host, tokens of bots, keys of
//! webhooks, parameters of URLs that are called so, and passwords that stand in the words around a value.
//!
//! What is masked is where the secret shows by its place. A parameter called `token` may be a campaign's number instead;
//! a number too few does less harm than a token too many. What a pattern of the user's own matched stays: it was asked
//! for.

use crate::passwords;
use std::borrow::Cow;
use std::ops::Range;
use watchfire_model::{Encoding, Evidence, ObservableType, Observed, Report, Untrusted};

/// What stands for a secret. Every type of observable that can hold one allows these characters.
const MASK: &str = "***";
/// A password before a host is no longer than this, or it is none. Bytes.
const LONGEST: usize = 256;

/// Paths of which the piece behind the last one is a secret. `#` is a name, `0` a number; neither is a secret.
const PLACES: &[&[&str]] = &[
    &["/webhooks/", "0", "/"],
    &["/services/T", "#", "/B", "#", "/"],
    &["/IncomingWebhook/", "#", "/"],
    &["/IncomingWebhook/"],
    &["/bot", "0", ":"],
    &["/bot", "0", "%3A"],
    &["/bot", "0", "%3a"],
];

/// How the names of parameters end that hold secrets, in lower case and without hyphens, underscores and dots.
const SECRET_NAMES: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "signature",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
    "sessionid",
    "sessid",
];
/// The names that are secrets as a whole only: `design=` and `compass=` are none.
const SECRET_WORDS: &[&str] = &[
    "pwd",
    "pass",
    "pw",
    "sig",
    "hmac",
    "jwt",
    "auth",
    "authorization",
    "bearer",
    "otp",
];
/// Longest name of a parameter, and longest secret. Bytes.
const LONGEST_NAME: usize = 40;
const LONGEST_VALUE: usize = 4096;
/// What is shorter is masked in its place only, since it may stand elsewhere by chance. Bytes.
const TELLING: usize = 4;

/// Masks what `observed` holds, in its value, its text and its surroundings.
pub fn hide(observed: &mut Observed) {
    if observed.observable.kind() == ObservableType::Pattern {
        hide_around(observed, &[]);
        return;
    }
    let value = observed.observable.raw();
    let found = places(value);
    let mut secrets: Vec<String> = found
        .iter()
        .filter_map(|place| value.get(place.clone()))
        .map(str::to_owned)
        .collect();
    if !secrets.is_empty() {
        let masked = replace(value, &found).into_owned();
        secrets.retain(|secret| secret.len() >= TELLING);
        observed.observable = observed.observable.masked(masked);
        let raw = without(observed.raw.raw(), &secrets);
        let decoded = matches!(
            observed.encoding,
            Some(Encoding::Base64 | Encoding::Hex | Encoding::Percent)
        );
        observed.raw = match raw {
            Cow::Owned(masked) => masked.into(),
            // The secret is there in an encoding that anybody can undo.
            Cow::Borrowed(_) if decoded => MASK.into(),
            Cow::Borrowed(same) => same.into(),
        };
    }
    hide_around(observed, &secrets);
}

fn hide_around(observed: &mut Observed, secrets: &[String]) {
    if let Some(context) = &observed.context {
        let masked = without(&prose(context.raw()), secrets).into_owned();
        observed.context = Some(masked.into());
    }
}

/// Masks what a report holds.
pub fn hide_in(report: &mut Report) {
    report
        .artifacts
        .iter_mut()
        .flat_map(|artifact| &mut artifact.observables)
        .for_each(hide);
    let suppressed = report.suppressed.iter_mut().map(|hidden| &mut hidden.finding);
    for finding in report.findings.iter_mut().chain(suppressed) {
        text(&mut finding.title);
        finding.evidence_mut().iter_mut().for_each(excerpt);
    }
    text(&mut report.judgement.summary);
    let findings = report.findings.iter_mut().flat_map(|finding| &mut finding.targets);
    let advised = report.recommendations.iter_mut().flat_map(|advice| &mut advice.targets);
    for target in findings.chain(advised) {
        let value = target.value_mut();
        *value = Untrusted::new(prose(value.raw()).into_owned());
    }
    for reason in &mut report.judgement.reasons {
        text(&mut reason.text);
        reason.evidence.iter_mut().for_each(excerpt);
    }
    let advice = report.recommendations.iter_mut().map(|advice| &mut advice.text);
    let remarks = report.diagnostics.iter_mut().map(|remark| &mut remark.message);
    for quoted in advice.chain(remarks) {
        *quoted = Untrusted::new(prose(quoted.raw()).into_owned());
    }
}

fn text(text: &mut String) {
    if let Cow::Owned(masked) = prose(text) {
        *text = masked;
    }
}

fn excerpt(evidence: &mut Evidence) {
    evidence.excerpt = Untrusted::new(prose(evidence.excerpt.raw()).into_owned());
}

/// Text with its secrets and announced passwords masked.
fn prose(text: &str) -> Cow<'_, str> {
    let masked = replace(text, &places(text));
    let mut words = passwords::spelled(without_names(&masked).as_bytes());
    // A longer spelling holds the shorter one and the punctuation around it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    match without(&masked, &words) {
        Cow::Owned(hidden) => Cow::Owned(hidden),
        Cow::Borrowed(_) => masked,
    }
}

/// Text without the names of masked parameters: `password=***` announces nothing more.
fn without_names(masked: &str) -> String {
    let mut out = String::with_capacity(masked.len());
    let mut pieces = masked.split(MASK).peekable();
    while let Some(piece) = pieces.next() {
        let sign = ["=", "[=]", "%3D", "%3d"]
            .iter()
            .find_map(|sign| piece.strip_suffix(sign));
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        match sign.filter(|_| pieces.peek().is_some()) {
            Some(before) => out.push_str(before.trim_end_matches(name)),
            None => out.push_str(piece),
        }
        if pieces.peek().is_some() {
            out.push_str(MASK);
        }
    }
    out
}

/// `text` without any of `secrets`, and without those in places of their own.
fn without<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    let mut out = replace(text, &places(text));
    for secret in secrets.iter().filter(|secret| secret.len() > 1 && *secret != MASK) {
        if out.contains(secret.as_str()) {
            out = Cow::Owned(out.replace(secret.as_str(), MASK));
        }
    }
    out
}

fn replace<'t>(text: &'t str, places: &[Range<usize>]) -> Cow<'t, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(text.get(from..place.start).unwrap_or_default());
        out.push_str(MASK);
        from = place.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where secrets stand in `text`, in order and apart.
fn places(text: &str) -> Vec<Range<usize>> {
    if !text.contains(['/', '=', '%']) {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = text
        .match_indices("//")
        .filter_map(|(at, _)| userinfo(text, at + 2))
        .collect();
    for steps in PLACES {
        let Some(first) = steps.first() else { continue };
        found.extend(text.match_indices(first).filter_map(|(at, _)| behind(text, at, steps)));
    }
    let equals = text.match_indices('=').map(|(at, _)| (at, at + 1));
    let escaped = text
        .match_indices("%3")
        .filter(|(at, _)| matches!(text.as_bytes().get(at + 2), Some(b'd' | b'D')));
    found.extend(
        equals
            .chain(escaped.map(|(at, _)| (at, at + 3)))
            .filter_map(|sign| parameter(text, sign)),
    );
    found.retain(|place| text.get(place.clone()).is_some_and(|secret| secret != MASK));
    found.sort_by_key(|place| (place.start, place.end));
    let mut end = 0;
    found.retain(|place| {
        let apart = place.start >= end;
        end = end.max(place.end);
        apart
    });
    found
}

/// The password in the authority that begins at `at`.
fn userinfo(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.as_bytes().get(at..)?;
    let rest = rest.get(..rest.len().min(LONGEST))?;
    let stop = |byte: &u8| {
        matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\') || byte.is_ascii_whitespace()
    };
    let authority = rest.get(..rest.iter().position(stop).unwrap_or(rest.len()))?;
    let host = authority.iter().rposition(|byte| *byte == b'@')?;
    let colon = authority.get(..host)?.iter().position(|byte| *byte == b':')?;
    // `[@]` is an at-sign in disguise.
    let disguise = usize::from(matches!(authority.get(host.checked_sub(1)?), Some(b'[' | b'(' | b'{')));
    let password = at + colon + 1..at + host - disguise;
    (password.start < password.end).then_some(password)
}

/// The value of the parameter of a URL whose equals sign, escaped or not, is `sign`, if its name says that it is a secret.
fn parameter(text: &str, (sign, behind): (usize, usize)) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let bracket = usize::from(matches!(before(sign), Some(b'[' | b'(' | b'{')));
    let end = sign - bracket;
    let mut start = end;
    while let Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.') = before(start)
        && end - start < LONGEST_NAME
    {
        start -= 1;
    }
    // `?`, `&`, `;` of "&amp;", `#`; `%3F`, `%26`; with a bracket behind where they are defanged.
    let (separated, name) = match before(start)? {
        b'?' | b'&' | b';' | b'#' => (true, text.get(start..end)?),
        b']' | b')' | b'}' => (matches!(before(start - 1)?, b'?' | b'&'), text.get(start..end)?),
        b'%' => {
            let escape = text.get(start..start + 2)?;
            let known = ["3f", "26", "23", "3b"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(escape));
            (known, text.get(start + 2..end)?)
        }
        _ => (false, ""),
    };
    if !separated || !is_secret(name) {
        return None;
    }
    let value = behind + bracket;
    let rest = bytes.get(value..)?;
    let rest = rest.get(..rest.len().min(LONGEST_VALUE))?;
    let stop = |byte: &u8| {
        matches!(
            byte,
            b'&' | b';' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b'|'
        ) || byte.is_ascii_whitespace()
    };
    let mut end = value + rest.iter().position(stop).unwrap_or(rest.len());
    // Where the sign is escaped, so is the next separator.
    if behind - sign > 1 {
        let next = text.get(value..end).and_then(|secret| secret.find("%26"));
        end = next.map_or(end, |next| value + next);
    }
    // The punctuation of the sentence, and the bracket of a defanged separator.
    while end > value
        && matches!(
            before(end),
            Some(b'[' | b'(' | b'{' | b')' | b']' | b'}' | b'.' | b',' | b'!')
        )
    {
        end -= 1;
    }
    end = text.floor_char_boundary(end);
    (end > value).then_some(value..end)
}

fn is_secret(name: &str) -> bool {
    let letters = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_' | b'.'));
    let name: String = letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    SECRET_WORDS.contains(&name.as_str()) || SECRET_NAMES.iter().any(|end| name.ends_with(end))
}

/// What stands behind `steps`, of which the first stands at `at`.
fn behind(text: &str, at: usize, steps: &[&str]) -> Option<Range<usize>> {
    let mut at = at;
    for step in steps {
        let rest = text.get(at..)?;
        at += match *step {
            "#" => word(rest)?,
            "0" => Some(digits(rest)).filter(|length| *length > 0)?,
            exact => rest.starts_with(exact).then_some(exact.len())?,
        };
    }
    Some(at..at + word(text.get(at..)?)?)
}

/// The letters, digits, hyphens and underscores at the beginning.
fn word(text: &str) -> Option<usize> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .count();
    (length > 0).then_some(length)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Observable;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let masked = prose(text);
        assert_eq!(masked, expected);
        assert_eq!(prose(&masked), expected, "what is masked stays so");
    }

    #[test]
    fn passwords_before_a_host() {
        check(
            "http://user:hunter2@evil.com/ ftp://a:b@c",
            "http://user:***@evil.com/ ftp://a:***@c",
        );
        check(
            "hxxp[:]//user:hunter2[@]evil[.]com/x",
            "hxxp[:]//user:***[@]evil[.]com/x",
        );
        check("http://user@evil.com:80/a:b@c", "http://user@evil.com:80/a:b@c");
        check("https://[2001:db8::1]:443/", "https://[2001:db8::1]:443/");
    }

    #[test]
    fn tokens_of_bots_and_keys_of_webhooks() {
        check(
            "https://api.telegram.org/bot123:ABC-d_e/sendMessage",
            "https://api.telegram.org/bot123:***/sendMessage",
        );
        check("api.telegram.org/bot123%3AABC", "api.telegram.org/bot123%3A***");
        check(
            "https://discord.com/api/webhooks/1/abc-D",
            "https://discord.com/api/webhooks/1/***",
        );
        check(
            "https://hooks.slack.com/services/T01/B02/c3D",
            "https://hooks.slack.com/services/T01/B02/***",
        );
        check(
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/***/***",
        );
        check(
            "https://evil.com/bottom:line /services/list",
            "https://evil.com/bottom:line /services/list",
        );
    }

    #[test]
    fn parameters_that_are_called_secrets() {
        for name in [
            "token",
            "access_token",
            "id-token",
            "password",
            "userPassword",
            "passwd",
            "pwd",
            "api_key",
            "apikey",
            "API-KEY",
            "x-api-key",
            "client_secret",
            "sig",
            "X-Amz-Signature",
            "X-Amz-Security-Token",
            "jwt",
            "PHPSESSID",
        ] {
            for before in [
                "https://evil.com/a?",
                "https://evil.com/a?x=1&",
                "evil.com?a&amp;",
                "hxxps://evil[.]com/#",
            ] {
                for after in ["", "&y=2", "#top", " and more", "\" class"] {
                    check(
                        &format!("{before}{name}=a1%2Fb2-c3{after}"),
                        &format!("{before}{name}=***{after}"),
                    );
                }
            }
            check(
                &format!("u=https%3A%2F%2Fevil.com%2F%3F{name}%3Dabc123%26z%3D1"),
                &format!("u=https%3A%2F%2Fevil.com%2F%3F{name}%3D***%26z%3D1"),
            );
            check(
                &format!("evil.com/[?]{name}[=]abc123[&]z=1"),
                &format!("evil.com/[?]{name}[=]***[&]z=1"),
            );
        }
        for same in [
            "https://evil.com/?page=2&design=new&compass=n&tokens=3&id=7&passage=1&key=v&sid=4vcP4e",
            "https://evil.com/token=1",
            "https://evil.com/?token=",
            "let token=5",
        ] {
            check(same, same);
        }
    }

    #[test]
    fn announced_passwords() {
        check("password: hunter2", "password: ***");
        check("the password is \"infected\".", "the password is ***");
        check("reset your password today", "reset your password today");
    }

    #[test]
    fn a_value_its_text_and_its_surroundings() {
        let url = "http://user:hunter2@evil.com/a";
        let extractor = watchfire_extract::Extractor::new(watchfire_extract::Options::default());
        let mut seen = extractor.extract(b"get hxxp://user:hunter2@evil[.]com/a now").observed;
        let seen = seen.iter_mut().find(|seen| seen.observable.raw() == url).unwrap();
        seen.context = Some("hunter2 opens hxxp://user:hunter2@evil[.]com/a".into());
        hide(seen);
        assert_eq!(seen.observable.raw(), "http://user:***@evil.com/a");
        assert_eq!(seen.raw.raw(), "hxxp://user:***@evil[.]com/a");
        assert_eq!(
            seen.context.as_ref().unwrap().raw(),
            "*** opens hxxp://user:***@evil[.]com/a"
        );
        assert!(Observable::parse(ObservableType::Url, seen.observable.raw()).is_ok());
    }
}
