//! Secrets that evidence holds, masked before anybody sees them: passwords before a host, tokens of bots, keys of
//! webhooks, parameters of URLs that are called so, what headers, settings and command lines name, and passwords that stand
//! in the words around a value.
//!
//! What is masked is where the secret shows by its place. A parameter called `token` may be a campaign's number instead;
//! a number too few does less harm than a token too many. What a pattern of the user's own matched stays: it was asked
//! for.
//!
//! Whatever is shown goes through [`hidden`] or its narrower form for values, which also look at what the text is an
//! encoding of: a secret in base64 is no less one.

mod commands;
mod exchanges;
mod logs;
mod mask;
mod named;
mod places;
mod views;

pub(crate) use exchanges::{hide_in_exchange, may_hide};
pub(crate) use logs::{RowSecrets, hide_in_alert, hide_in_entry};
pub use mask::hidden;

use mask::{MASK, places, prose, quoting, replace, telling, without};
use std::borrow::Cow;
use watchfire_model::{
    BELOW, Diagnostic, Encoding, Evidence, Family, Finding, Incident, JudgedMail, Observable, ObservableType, Observed,
    Report, Reputation, Target, Untrusted,
};

/// Masks what `observed` holds, in its value, its text and its surroundings.
pub fn hide(observed: &mut Observed) {
    let kind = observed.observable.kind();
    if let Some(context) = &observed.context {
        observed.context = Some(prose(context.raw()).into_owned().into());
    }
    let decoded = matches!(
        observed.encoding,
        Some(Encoding::Base64 | Encoding::Hex | Encoding::Percent)
    );
    if kind == ObservableType::Pattern || !(is_roomy(kind) || decoded) {
        return;
    }
    let value = observed.observable.raw();
    // A host or an address says no more than where; what it was written in may.
    let found = if says_where(kind) { Vec::new() } else { places(value) };
    let secrets = telling(value, &found);
    let raw = match observed.raw.raw() {
        // Most values are written as they are.
        same if same == value && found.is_empty() => Cow::Borrowed(same),
        written => without(written, &secrets),
    };
    match raw {
        Cow::Owned(masked) => observed.raw = masked.into(),
        // The secret is there in an encoding that anybody can undo.
        Cow::Borrowed(_) if decoded && !found.is_empty() => observed.raw = MASK.into(),
        Cow::Borrowed(_) => {}
    }
    if !found.is_empty() {
        let masked = replace(value, &found).into_owned();
        observed.observable = observed.observable.masked(masked);
    }
    if let Some(context) = &observed.context
        && let Cow::Owned(masked) = without(context.raw(), &secrets)
    {
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
    for artifact in &mut report.artifacts {
        path(&mut artifact.path);
        let others = [&mut artifact.duplicate_of, &mut artifact.listed_in];
        others.into_iter().flatten().for_each(path);
        let strings = artifact
            .executable
            .iter_mut()
            .flat_map(|executable| &mut executable.strings);
        for saying in strings {
            saying.text = Untrusted::new(prose(saying.text.raw()).into_owned());
        }
        let carried = artifact.capture.iter_mut().flat_map(|capture| &mut capture.carried);
        for name in carried.filter_map(|carried| carried.file.name.as_mut()) {
            exchanges::url(name, &mut |_| {});
        }
    }
    report.findings.iter_mut().chain(suppressed).for_each(hide_in_finding);
    report.log.iter_mut().for_each(|log| logs::hide_in_summary(log));
    text(&mut report.judgement.summary);
    let advised = report.recommendations.iter_mut().flat_map(|advice| &mut advice.targets);
    advised.for_each(target);
    for reason in &mut report.judgement.reasons {
        text(&mut reason.text);
        reason.evidence.iter_mut().for_each(excerpt);
    }
    let advice = report.recommendations.iter_mut().map(|advice| &mut advice.text);
    for quoted in advice {
        *quoted = Untrusted::new(prose(quoted.raw()).into_owned());
    }
    report.incidents.iter_mut().for_each(hide_in_incident);
    report.mails.iter_mut().for_each(hide_in_mail);
    report.diagnostics.iter_mut().for_each(hide_in_remark);
    report.reputations.iter_mut().for_each(hide_in_reputation);
}

/// Masks what a finding quotes.
pub(crate) fn hide_in_finding(finding: &mut Finding) {
    text(&mut finding.title);
    finding.evidence_mut().iter_mut().for_each(excerpt);
    finding.targets.iter_mut().for_each(target);
}

/// Masks what a story quotes.
fn hide_in_incident(incident: &mut Incident) {
    text(&mut incident.summary);
    for chapter in &mut incident.story {
        text(&mut chapter.text);
        chapter.evidence.iter_mut().for_each(excerpt);
    }
    for tie in &mut incident.ties {
        tie.value = Untrusted::new(prose(tie.value.raw()).into_owned());
    }
    incident
        .inputs
        .iter_mut()
        .chain(&mut incident.written_about)
        .for_each(path);
}

/// Masks what the header of a mail holds.
fn hide_in_mail(judged: &mut JudgedMail) {
    path(&mut judged.path);
    text(&mut judged.summary);
    let headers = judged.mail.headers.iter_mut().map(|field| &mut field.value);
    let names = judged
        .mail
        .parts
        .iter_mut()
        .flat_map(|part| [part.name.as_mut(), part.other_name.as_mut()]);
    let reasons = judged.phishing.iter_mut().flat_map(|score| &mut score.reasons);
    let quoted = headers
        .chain(names.flatten())
        .chain(reasons.map(|reason| &mut reason.what))
        .chain(std::iter::once(&mut judged.mail.subject));
    for quoted in quoted {
        if let Cow::Owned(masked) = prose(quoted.raw()) {
            *quoted = masked.into();
        }
    }
}

/// Masks the value that something is known about, and what is said of it.
fn hide_in_reputation(known: &mut Reputation) {
    if let Cow::Owned(masked) = prose(known.observable.raw()) {
        known.observable = known.observable.masked(masked);
    }
    hide_in_words(known);
}

/// Masks what is said of a value.
fn hide_in_words(known: &mut Reputation) {
    text(&mut known.judgement.summary);
    known
        .judgement
        .reasons
        .iter_mut()
        .for_each(|reason| text(&mut reason.text));
    for said in known
        .enrichments
        .iter_mut()
        .flat_map(|said| [Some(&mut said.detail), said.matched.as_mut()])
    {
        if let Some(said) = said
            && let Cow::Owned(masked) = prose(said.raw())
        {
            *said = masked.into();
        }
    }
}

/// A value that somebody asks about, and the text that it was given as, with their secrets masked; nothing where neither
/// holds one.
pub fn hidden_value(what: &Observable, written: &str) -> Option<(Observable, String)> {
    let kind = what.kind();
    if kind == ObservableType::Pattern || !is_roomy(kind) || says_where(kind) {
        return None;
    }
    let value = what.raw();
    let found = places(value);
    let written = without(written, &telling(value, &found));
    if found.is_empty() && matches!(written, Cow::Borrowed(_)) {
        return None;
    }
    Some((what.masked(replace(value, &found).into_owned()), written.into_owned()))
}

/// An answer with its secrets masked; nothing where it holds none. Words without any sign that announces or divides are
/// not looked through: a million answers quote a million of them.
pub fn hidden_answer(known: &Reputation) -> Option<Reputation> {
    let is_telling = |words: &Untrusted| words.raw().contains([':', '=', '@', '/', '%']);
    let mut words = known
        .enrichments
        .iter()
        .flat_map(|said| [Some(&said.detail), said.matched.as_ref()]);
    let is_quoting = words.any(|words| words.is_some_and(is_telling));
    let value = hidden_value(&known.observable, known.input.raw());
    if !is_quoting && value.is_none() {
        return None;
    }
    let mut known = known.clone();
    hide_in_words(&mut known);
    if let Some((observable, input)) = value {
        (known.observable, known.input) = (observable, input.into());
    }
    Some(known)
}

/// Text that is no value, with its secrets masked.
pub fn hidden_text(text: &str) -> Cow<'_, str> {
    prose(text)
}

/// Masks what a remark quotes.
pub fn hide_in_remark(remark: &mut Diagnostic) {
    remark.message = Untrusted::new(prose(remark.message.raw()).into_owned());
    path(&mut remark.artifact);
}

/// Masks what the names of members hold. The name of the input itself is the user's own.
pub fn path(path: &mut Untrusted) {
    if let Some((root, members)) = path.raw().split_once(BELOW)
        && let Cow::Owned(masked) = replace(members, &places(members))
    {
        *path = Untrusted::new(format!("{root}{BELOW}{masked}"));
    }
}

fn text(text: &mut String) {
    if let Cow::Owned(masked) = quoting(text) {
        *text = masked;
    }
}

fn target(target: &mut Target) {
    let value = target.value_mut();
    *value = Untrusted::new(prose(value.raw()).into_owned());
}

fn excerpt(evidence: &mut Evidence) {
    evidence.excerpt = Untrusted::new(prose(evidence.excerpt.raw()).into_owned());
    path(&mut evidence.path);
}

/// A digest has no place for a secret; the text that it was decoded from has.
fn is_roomy(kind: ObservableType) -> bool {
    matches!(
        kind.spec().family,
        Family::Network | Family::Host | Family::Account | Family::Text
    )
}

/// Types whose normal form has no room for a secret.
fn says_where(kind: ObservableType) -> bool {
    matches!(
        kind,
        ObservableType::Ipv4
            | ObservableType::Ipv4Cidr
            | ObservableType::Ipv6
            | ObservableType::Ipv6Cidr
            | ObservableType::Socket
            | ObservableType::Domain
            | ObservableType::Onion
            | ObservableType::Mac
            | ObservableType::Asn
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_asked_about_is_masked_as_it_is_and_as_it_was_written() {
        let check = |written: &str, expected: Option<(&str, &str)>| {
            let what = Observable::parse(ObservableType::Url, "http://u:hunter2@evil.com/x").unwrap();
            let what = if written.contains("hunter2") {
                what
            } else {
                Observable::parse(ObservableType::Url, "http://evil.com/x?a=b").unwrap()
            };
            let hidden = hidden_value(&what, written);
            let hidden = hidden.as_ref().map(|(what, written)| (what.raw(), written.as_str()));
            assert_eq!(hidden, expected);
        };
        check(
            "hxxp://u:hunter2[@]evil[.]com/x",
            Some(("http://u:***@evil.com/x", "hxxp://u:***[@]evil[.]com/x")),
        );
        check("hxxp://evil[.]com/x?a=b", None);
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
