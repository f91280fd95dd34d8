//! What happened, and when: everything in a report that has a time and says something.
//!
//! A time is told only where the report has it: that of a mail, of the frame that a finding points to, of the records that a
//! rule holds for. What has none stands in the evidence and not here.

use std::collections::HashMap;
use watchfire_model::log::{LogInOutcome, RuleLevel};
use watchfire_model::{Evidence, Finding, JudgedMail, Place, Report, Target, Timestamp, Verdict, Weight};

/// Where something is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Mail,
    Network,
    Logs,
}

impl Lane {
    pub(super) const ALL: [Self; 3] = [Self::Mail, Self::Network, Self::Logs];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mail => "Mail",
            Self::Network => "Network",
            Self::Logs => "Logs",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    pub(super) until: Option<Timestamp>,
    pub(super) lane: Lane,
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
const SLIGHT: Weight = Weight::from_thousandths(150);

/// Everything that has a time, in its order.
pub(super) fn happened(report: &Report) -> Vec<Happening> {
    let mut all: Vec<Happening> = report.mails.iter().filter_map(mail).collect();
    let frames = frames(report);
    let towards: HashMap<&str, Verdict> = report
        .judgement
        .reasons
        .iter()
        .map(|reason| (reason.text.as_str(), reason.towards))
        .collect();
    for finding in report.findings.iter().filter(|finding| finding.weight >= SLIGHT) {
        let seen = in_frames(finding, &frames).map(|seen| (Lane::Network, seen));
        if let Some((lane, (at, until, evidence))) = seen.or_else(|| Some((Lane::Logs, in_logs(finding, report)?))) {
            all.push(Happening {
                at,
                until: until.filter(|until| *until > at),
                lane,
                verdict: towards
                    .get(finding.title.as_str())
                    .copied()
                    .unwrap_or(Verdict::Suspicious),
                weight: finding.weight,
                text: finding.title.clone(),
                place: evidence.to_string(),
            });
        }
    }
    all.extend(rules(report));
    all.sort_by(|a, b| (b.verdict, b.weight, a.at, &a.text).cmp(&(a.verdict, a.weight, b.at, &b.text)));
    all.truncate(MOST);
    all.sort_by(|a, b| (a.at, a.lane, &a.text).cmp(&(b.at, b.lane, &b.text)));
    all
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
        lane: Lane::Mail,
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

type Frames<'r> = HashMap<(&'r str, u64), (Timestamp, Option<Timestamp>)>;

/// The frames of which captures tell the time.
fn frames(report: &Report) -> Frames<'_> {
    let mut times = Frames::new();
    for artifact in &report.artifacts {
        let Some(capture) = &artifact.capture else { continue };
        let mut tell = |frame: u64, at, until| {
            times.entry((artifact.path.raw(), frame)).or_insert((at, until));
        };
        for rhythm in &capture.rhythms {
            tell(rhythm.first_frame, rhythm.first, Some(rhythm.last));
        }
        for carried in &capture.carried {
            tell(carried.frame, carried.time, None);
        }
        for login in &capture.logins {
            tell(login.frame, login.time, None);
        }
        for conversation in &capture.conversations {
            tell(conversation.frame, conversation.first, Some(conversation.last));
        }
    }
    times
}

type Seen<'r> = (Timestamp, Option<Timestamp>, &'r Evidence);

fn in_frames<'r>(finding: &'r Finding, frames: &Frames<'_>) -> Option<Seen<'r>> {
    finding.evidence().iter().find_map(|evidence| {
        let Place::Frame(frame) = evidence.place else {
            return None;
        };
        let (at, until) = frames.get(&(evidence.path.raw(), frame))?;
        Some((*at, *until, evidence))
    })
}

/// Log-ins of those whom a finding is about, and what is unusual at the place that it points to.
fn in_logs<'r>(finding: &'r Finding, report: &Report) -> Option<Seen<'r>> {
    let log = report.log.as_deref()?;
    let evidence = finding.evidence().first()?;
    if !finding.rule.0.starts_with("log-") {
        return None;
    }
    let place = evidence.to_string();
    let unusual = log
        .anomalies
        .iter()
        .find(|anomaly| anomaly.example.to_string() == place);
    if let Some(at) = unusual.and_then(|anomaly| anomaly.begins) {
        return Some((at, None, evidence));
    }
    let is_meant = |row: &&watchfire_model::log::LogInRow| {
        let from = row.from.map(|from| from.to_string());
        row.outcome == LogInOutcome::Refused
            && finding.targets.iter().any(|target| match target {
                Target::Host(host) => Some(host.raw()) == from.as_deref(),
                Target::Url(_) | Target::File(_) => false,
            })
    };
    let attempts = || log.logins.iter().filter(is_meant);
    let first = attempts().filter_map(|row| row.first).min()?;
    Some((first, attempts().filter_map(|row| row.last).max(), evidence))
}

/// Rules that hold, once each.
fn rules(report: &Report) -> impl Iterator<Item = Happening> {
    let rules = report.log.iter().flat_map(|log| &log.rules);
    rules
        .filter(|rule| rule.is_told && rule.rule.level >= RuleLevel::Medium)
        .filter_map(|rule| {
            let times = match rule.count {
                1 => "once".to_owned(),
                count => format!("{count} times"),
            };
            let hosts: Vec<String> = rule.hosts.iter().map(|host| host.shown(60)).collect();
            let hosts = if hosts.is_empty() {
                String::new()
            } else {
                format!(" on {}", hosts.join(", "))
            };
            let (verdict, weight) = match rule.rule.level {
                RuleLevel::Critical => (Verdict::Malicious, 500),
                RuleLevel::High => (Verdict::Suspicious, 400),
                _ => (Verdict::Unknown, 200),
            };
            Some(Happening {
                at: rule.first?,
                until: rule.last.filter(|last| Some(*last) > rule.first),
                lane: Lane::Logs,
                verdict,
                weight: Weight::from_thousandths(weight),
                text: format!("{}, {times}{hosts}", rule.rule.title.shown(120)),
                place: format!("Sigma, level {}", rule.rule.level.as_str()),
            })
        })
}
