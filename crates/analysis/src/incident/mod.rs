//! Incidents: what belongs together of all that was found, and what it tells.
//!
//! A mail with what it carries, and a file that came by itself, are one deed each; of captures and logs, which tell of many
//! things, every finding is one. Deeds are one story where they share
//!
//! | what | when |
//! |---|---|
//! | a file, by its SHA-256 | at any time |
//! | a host or page of somebody else, unless many use it | at any time |
//! | a machine of one's own, unless it serves many | within a day |
//! | an account, unless every system has it or it is used from many machines | within a day |
//! | a machine that strangers try to get into | within a day |
//! | a machine that somebody got into, and what happened on it | within the hour after |
//!
//! What is everybody's joins nothing: gateways and scanners of the configuration, servers that many log in to, hosts that
//! lists call shared or known to be good, accounts that come with a system. A text that names what is known to be bad is no
//! deed; the story says where it is written about. A story is an incident where all of it together weighs enough to look,
//! by the rules of the [judge](crate::judge()).
//!
//! Not covered: clocks that differ are told in a diagnostic and not set right here, and machines that share an address one
//! after the other are told apart only where names say so.

mod dates;
mod deeds;
mod join;
mod marks;
mod tell;
#[cfg(test)]
mod tests;

use crate::judge::weigh;
use crate::kin::Kin;
pub(crate) use dates::date;
use deeds::Deed;
use std::collections::BTreeMap;
use watchfire_model::log::LogSummary;
use watchfire_model::{
    ArtifactRecord, Coverage, Finding, Incident, JudgedMail, Judgement, Organisation, Role, Untrusted, Verdict,
};

/// Incidents that are told, the worst.
const MOST: usize = 50;
/// Places where others write about one.
const WRITTEN: usize = 10;

/// What incidents are found in.
#[derive(Clone, Copy)]
pub(crate) struct Matter<'a> {
    pub(crate) kin: &'a Kin<'a>,
    pub(crate) artifacts: &'a [ArtifactRecord],
    pub(crate) findings: &'a [Finding],
    pub(crate) mails: &'a [JudgedMail],
    pub(crate) log: Option<&'a LogSummary>,
    pub(crate) organisation: &'a Organisation,
}

/// The incidents, the worst first.
pub(crate) fn incidents(matter: &Matter<'_>, coverage: &Coverage) -> Vec<Incident> {
    let known = marks::Known::of(matter);
    let deeds = deeds::deeds(matter, &known);
    let joined = join::join(&deeds);
    let mut all: Vec<Incident> = joined
        .iter()
        .filter_map(|group| incident(matter, coverage, &deeds, group))
        .collect();
    all.sort_by(|a, b| (b.score, a.seen, &a.summary).cmp(&(a.score, b.seen, &b.summary)));
    all.truncate(MOST);
    all
}

fn incident(matter: &Matter<'_>, coverage: &Coverage, deeds: &[Deed], group: &join::Group) -> Option<Incident> {
    let own: Vec<&Deed> = group.deeds.iter().filter_map(|at| deeds.get(*at)).collect();
    let mut places: Vec<usize> = own.iter().flat_map(|deed| deed.findings.iter().copied()).collect();
    places.sort_unstable();
    places.dedup();
    let found: Vec<&Finding> = places.iter().filter_map(|at| matter.findings.get(*at)).collect();
    let judgement = weigh(&found, &[], coverage);
    if judgement.verdict < Verdict::Suspicious {
        return None;
    }
    let told = tell::tell(matter, &own);
    let ties = join::ties(group, &told.chapter_of);
    let seen = own.iter().filter_map(|deed| deed.seen).reduce(|a, b| a.with(b));
    let mut inputs: Vec<Untrusted> = own.iter().map(|deed| deed.input.clone()).collect();
    inputs.sort();
    inputs.dedup();
    Some(Incident {
        verdict: judgement.verdict,
        score: judgement.score,
        summary: told.summary,
        seen,
        story: told.chapters,
        ties,
        inputs,
        written_about: written_about(matter, &own),
        findings: places,
    })
}

/// Where texts present what the incident left behind as an indicator. The first place of each text.
fn written_about(matter: &Matter<'_>, own: &[&Deed]) -> Vec<Untrusted> {
    let mut places: BTreeMap<&Untrusted, u64> = BTreeMap::new();
    for artifact in matter.artifacts {
        let indicators = artifact.observables.iter().filter(|seen| seen.role == Role::Indicator);
        let first = indicators
            .filter(|seen| own.iter().any(|deed| deed.names(seen.observable.raw())))
            .map(|seen| seen.line)
            .min();
        if let Some(line) = first {
            places.entry(&artifact.path).or_insert(line);
        }
    }
    let places = places.into_iter().take(WRITTEN);
    places
        .map(|(path, line)| Untrusted::new(format!("{}:{line}", path.raw())))
        .collect()
}

/// Has the verdict on several inputs be that on the worst incident, where that is more than the worst input by itself.
pub(crate) fn lead(judgement: &mut Judgement, incidents: &[Incident], findings: &[Finding], coverage: &Coverage) {
    let Some(worst) = incidents.first() else { return };
    let places = worst.findings.iter();
    let found: Vec<&Finding> = places.filter_map(|at| findings.get(*at)).collect();
    let told = weigh(&found, &[], coverage);
    if told.score >= judgement.score {
        let others = std::mem::replace(&mut judgement.reasons, told.reasons);
        (judgement.verdict, judgement.score) = (told.verdict, told.score);
        judgement.confidence = told.confidence;
        for reason in others {
            if !judgement.reasons.contains(&reason) {
                judgement.reasons.push(reason);
            }
        }
    }
    let what = match worst.story.as_slice() {
        [_] => &told.summary,
        _ => &worst.summary,
    };
    judgement.summary = match incidents.len() {
        1 => what.clone(),
        all => format!("{all} incidents; the worst: {what}"),
    };
}
