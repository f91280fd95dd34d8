//! What happened, and when: everything in a report that has a time and says something.
//!
//! A time is told only where the report has it: that of a mail, of the frame that a finding points to, of the records that a
//! rule holds for. What has none stands in the evidence and not here.

use std::collections::HashSet;
use watchfire_model::{Chapter, Finding, JudgedMail, Place, Report, Timestamp, Verdict, Weight, Witness};

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    pub(super) until: Option<Timestamp>,
    pub(super) witness: Witness,
    pub(super) verdict: Verdict,
    pub(super) weight: Weight,
    /// What. Not defanged.
    pub(super) text: String,
    /// Where to look. Not defanged.
    pub(super) place: String,
}

/// Most that are told; the weightiest.
const MOST: usize = 40;
/// What weighs less is for the record.
const SLIGHT: Weight = Weight::from_thousandths(100);
/// What weighs as much is bad by itself.
const GRAVE: Weight = Weight::from_thousandths(500);

/// Everything that has a time, in its order: stories as they are told, then what belongs to none.
pub(super) fn happened(report: &Report) -> Vec<Happening> {
    let told = report.incidents.iter().flat_map(|incident| &incident.story);
    let mut all: Vec<Happening> = told.filter_map(chapter).collect();
    let joined: HashSet<usize> = report.incidents.iter().flat_map(|one| &one.findings).copied().collect();
    let is_mail = |mail: &JudgedMail| {
        let evidence = report
            .incidents
            .iter()
            .flat_map(|one| &one.story)
            .flat_map(|one| &one.evidence);
        let mut roots = evidence.map(|place| place.path.raw());
        roots.any(|path| path.starts_with(mail.path.raw()))
    };
    let mails = report.mails.iter().filter(|one| !is_mail(one));
    all.extend(mails.filter_map(mail));
    let findings = report.findings.iter().enumerate();
    let loose = findings.filter(|(at, finding)| finding.weight >= SLIGHT && !joined.contains(at));
    all.extend(loose.filter_map(|(_, finding)| single(finding, report)));
    all.sort_by(|a, b| (b.verdict, b.weight, a.at, &a.text).cmp(&(a.verdict, a.weight, b.at, &b.text)));
    all.truncate(MOST);
    all.sort_by(|a, b| (a.at, a.witness, &a.text).cmp(&(b.at, b.witness, &b.text)));
    all
}

fn chapter(chapter: &Chapter) -> Option<Happening> {
    let seen = chapter.seen?;
    Some(Happening {
        at: seen.first,
        until: (seen.last > seen.first).then_some(seen.last),
        witness: chapter.witness,
        verdict: chapter.towards,
        weight: Weight::from_thousandths(1000),
        text: chapter.text.clone(),
        place: chapter.evidence.first().map(ToString::to_string).unwrap_or_default(),
    })
}

/// What a finding by itself tells.
fn single(finding: &Finding, report: &Report) -> Option<Happening> {
    let seen = finding.seen?;
    let first = finding.evidence().first()?;
    let of_log = report
        .artifacts
        .iter()
        .any(|artifact| artifact.log.is_some() && artifact.path == first.path);
    let witness = match (&first.place, of_log) {
        (Place::Frame(_), _) => Witness::Network,
        (_, true) => Witness::Log,
        _ => Witness::File,
    };
    Some(Happening {
        at: seen.first,
        until: (seen.last > seen.first).then_some(seen.last),
        witness,
        verdict: if finding.weight >= GRAVE {
            Verdict::Malicious
        } else {
            Verdict::Suspicious
        },
        weight: finding.weight,
        text: finding.title.clone(),
        place: first.to_string(),
    })
}

fn mail(mail: &JudgedMail) -> Option<Happening> {
    if mail.verdict < Verdict::Suspicious {
        return None;
    }
    let received = mail.mail.hops.iter().find_map(|hop| hop.at);
    let at = received.or(mail.mail.date)?.moment;
    let from = mail.mail.author().and_then(|author| author.address.as_ref());
    let to = mail
        .mail
        .to
        .iter()
        .chain(&mail.mail.delivered_to)
        .find_map(|to| to.address.as_ref());
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
    Some(Happening {
        at: Timestamp::new(at.unix(), 0),
        until: None,
        witness: Witness::Mail,
        verdict: mail.verdict,
        weight: Weight::from_thousandths(u16::from(mail.score.get()) * 10),
        text: format!(
            "a mail{from}{to} with the subject “{}”: {}",
            mail.mail.subject.shown(90),
            mail.summary
        ),
        place: mail.path.to_string(),
    })
}
