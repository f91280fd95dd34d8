//! The mails of a report, each with a verdict of its own: who opens a folder of a thousand wants to know which.
//!
//! What is found in a mail, its parts and everything they carry counts for that mail. A wrapper is told with the mail that
//! it hands in, not by itself. Mails that differ in numbers and recipients only are one campaign.

use crate::boundary::crossing;
use crate::detectors::trusted;
use crate::judge;
use std::collections::HashMap;
use std::sync::Arc;
use watchfire_knowledge::language;
use watchfire_model::{
    ArtifactRecord, Coverage, Fact, Finding, JudgedMail, MailFacts, Mailbox, Organisation, Origin, PartRole,
};

/// Separates the names of a path.
const BELOW: &str = " ▸ ";

/// Every mail that is no wrapper, in the order of the artifacts.
pub(crate) fn judged(
    artifacts: &[ArtifactRecord],
    findings: &[Finding],
    organisation: &Organisation,
) -> Vec<JudgedMail> {
    let mails: Vec<(&ArtifactRecord, &MailFacts)> = artifacts
        .iter()
        .filter_map(|record| Some((record, mail(record)?)))
        .filter(|(_, mail)| !mail.is_wrapper)
        .collect();
    if mails.is_empty() {
        return Vec::new();
    }
    let index: HashMap<&str, usize> = mails
        .iter()
        .enumerate()
        .map(|(at, (record, _))| (record.path.raw(), at))
        .collect();
    let mut found: Vec<Vec<Finding>> = vec![Vec::new(); mails.len()];
    for finding in findings {
        let mut told: Vec<usize> = Vec::new();
        for evidence in finding.evidence() {
            // A mail inside of another speaks for both.
            let mut path = Some(evidence.path.raw());
            while let Some(at) = path {
                if let Some(mail) = index.get(at).filter(|mail| !told.contains(mail)) {
                    told.push(*mail);
                }
                path = at.rsplit_once(BELOW).map(|(above, _)| above);
            }
        }
        for mail in told {
            if let Some(found) = found.get_mut(mail) {
                found.push(finding.clone());
            }
        }
    }
    let languages = languages(artifacts);
    let mut campaigns = Campaigns::of(mails.iter().map(|(_, mail)| *mail));
    mails
        .iter()
        .zip(found)
        .map(|((record, mail), findings)| {
            let judgement = judge(&findings, &[], &Coverage::default());
            JudgedMail {
                path: record.path.clone(),
                verdict: judgement.verdict,
                score: judgement.score,
                summary: judgement.summary,
                campaign: campaigns.number(mail),
                entered: crossing(mail, organisation),
                language: record
                    .facts
                    .as_ref()
                    .and_then(|facts| languages.get(&Arc::as_ptr(&facts.origin)).copied()),
                believed: trusted(mail, organisation).map(|recorded| recorded.at),
                mail: (*mail).clone(),
                authentication: told(record, |fact| match fact {
                    Fact::Authentication(found) => Some(&**found),
                    _ => None,
                }),
                phishing: told(record, |fact| match fact {
                    Fact::Phishing(score) => Some(score),
                    _ => None,
                }),
            }
        })
        .collect()
}

/// The language of each mail, by the first of its texts that tells.
fn languages(artifacts: &[ArtifactRecord]) -> HashMap<*const Origin, &'static str> {
    let mut found = HashMap::new();
    for facts in artifacts.iter().filter_map(|record| record.facts.as_ref()) {
        let (Some(PartRole::Text | PartRole::Html), Some(mail)) = (facts.role, facts.origin.parent()) else {
            continue;
        };
        let told = facts.facts.iter().find_map(|fact| match fact {
            Fact::Wording(wording) => language::guess(wording.shown.raw()),
            _ => None,
        });
        if let Some(told) = told {
            found.entry(Arc::as_ptr(mail)).or_insert(told);
        }
    }
    found
}

fn mail(record: &ArtifactRecord) -> Option<&MailFacts> {
    record.facts.as_ref()?.facts.iter().find_map(|fact| match fact {
        Fact::Mail(mail) => Some(&**mail),
        _ => None,
    })
}

/// A fact about a mail besides the mail itself.
fn told<T: Clone>(record: &ArtifactRecord, wanted: impl Fn(&Fact) -> Option<&T>) -> Option<T> {
    record.facts.as_ref()?.facts.iter().find_map(wanted).cloned()
}

/// Mails that are copies of each other, by what stays the same in copies.
struct Campaigns {
    counts: HashMap<String, usize>,
    numbers: HashMap<String, u32>,
}

impl Campaigns {
    fn of<'m>(mails: impl Iterator<Item = &'m MailFacts>) -> Self {
        let mut counts = HashMap::new();
        for mail in mails {
            *counts.entry(key(mail)).or_default() += 1;
        }
        Self {
            counts,
            numbers: HashMap::new(),
        }
    }

    /// The campaign's number, from 1 in the order of the mails; none for a mail that stands alone.
    fn number(&mut self, mail: &MailFacts) -> Option<u32> {
        let key = key(mail);
        if self.counts.get(&key).is_none_or(|count| *count < 2) {
            return None;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
        Some(*self.numbers.entry(key).or_insert(next))
    }
}

/// The sender's domain and name, the subject without its numbers, and what the parts are.
fn key(mail: &MailFacts) -> String {
    let author = mail.author();
    let domain = author.and_then(Mailbox::domain).unwrap_or_default();
    let name = author.map(|author| author.name.raw()).unwrap_or_default();
    let subject = mail.subject.raw().to_lowercase();
    let words = subject
        .split_whitespace()
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit() || c == '@'));
    let parts: Vec<&str> = mail.parts.iter().map(|part| part.media_type.raw()).collect();
    format!(
        "{domain}\0{name}\0{}\0{}",
        words.collect::<Vec<_>>().join(" "),
        parts.join(" ")
    )
}
