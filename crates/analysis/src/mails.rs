//! The mails of a report, each with a verdict of its own, and the verdict on all of it.
//!
//! What belongs together is weighed together: a mail with its parts and everything that they carry, and any other root
//! with what is in it. Mails of one folder have nothing to do with one another, so what is found in them does not add up:
//! the verdict on several is that on the worst. A wrapper is told with the mail that it hands in, not by itself.

use crate::boundary::crossing;
use crate::detectors::trusted;
use crate::files;
use crate::judge::{points, reasons, weigh};
use crate::kin::{Family, Kin, is_body, mail};
use crate::{SUSPICIOUS, campaign};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use watchfire_knowledge::language;
use watchfire_model::{
    ArtifactRecord, Coverage, Fact, Finding, JudgedFile, JudgedMail, Judgement, LimitKind, Organisation, Search,
};

/// What was found in each mail, and in each thing that stands by itself.
pub(crate) struct Sorted<'a> {
    kin: Kin<'a>,
    artifacts: &'a [ArtifactRecord],
    findings: &'a [Finding],
    /// By the place of each mail that is no wrapper.
    mails: BTreeMap<usize, Vec<&'a Finding>>,
    /// By the place of each unit: an outermost mail, or a root that is none. Roots that only hold mails are left out.
    /// What was found by its place among the findings.
    units: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Sorted<'a> {
    pub(crate) fn of(artifacts: &'a [ArtifactRecord], findings: &'a [Finding]) -> Self {
        let kin = Kin::of(artifacts);
        let mut mails = BTreeMap::new();
        let mut units = BTreeMap::new();
        let mut holders = Vec::new();
        for (at, record) in artifacts.iter().enumerate() {
            if mail(record).is_some_and(|mail| !mail.is_wrapper) {
                mails.insert(at, Vec::new());
            }
            if kin.unit(at) == Some(at) {
                units.insert(at, Vec::new());
                // Where a mail lies in a mailbox, the mailbox is no story of its own.
                holders.extend(kin.family.upwards(at).skip(1).last());
            }
        }
        for (place, finding) in findings.iter().enumerate() {
            let (about, touched) = kin.spoken_of(finding);
            for at in about {
                if let Some(found) = mails.get_mut(&at) {
                    found.push(finding);
                }
            }
            for unit in touched {
                if let Some(found) = units.get_mut(&unit) {
                    found.push(place);
                }
            }
        }
        for holder in holders {
            if units.get(&holder).is_some_and(Vec::is_empty) {
                units.remove(&holder);
            }
        }
        Self {
            kin,
            artifacts,
            findings,
            mails,
            units,
        }
    }

    pub(crate) fn kin(&self) -> &Kin<'a> {
        &self.kin
    }

    /// Whether there may be something to join: more than one thing, and not only mails, of which copies are campaigns.
    pub(crate) fn has_stories(&self) -> bool {
        let tells_of_many = |unit: &usize| {
            let record = self.kin.family.record(*unit);
            record.is_some_and(|record| record.capture.is_some() || record.log.is_some())
        };
        self.are_several() && !self.are_mails() || self.units.keys().any(tells_of_many)
    }

    /// Whether there is more than one thing to judge.
    pub(crate) fn are_several(&self) -> bool {
        self.units.len() > 1
    }

    fn are_mails(&self) -> bool {
        self.units.keys().all(|unit| {
            let record = self.kin.family.record(*unit);
            record.is_some_and(|record| mail(record).is_some())
        })
    }

    /// Every mail that is no wrapper, in the order of the artifacts.
    pub(crate) fn judged(&self, organisation: &Organisation) -> Vec<JudgedMail> {
        let mut carried: HashMap<usize, Vec<&ArtifactRecord>> = HashMap::new();
        for (at, record) in self.artifacts.iter().enumerate() {
            for above in self
                .kin
                .family
                .upwards(at)
                .filter(|above| self.mails.contains_key(above))
            {
                carried.entry(above).or_default().push(record);
            }
        }
        let mails = self.mails.iter().filter_map(|(at, found)| {
            let record = self.kin.family.record(*at)?;
            let texts: Vec<&str> = texts(&self.kin.family, *at).collect();
            Some((
                record,
                mail(record)?,
                texts,
                carried.remove(at).unwrap_or_default(),
                found,
            ))
        });
        let mails: Vec<_> = mails.collect();
        let campaigns = campaign::numbers(
            mails
                .iter()
                .map(|(_, mail, texts, ..)| (*mail, texts.first().copied().unwrap_or_default())),
        );
        let judged = mails
            .into_iter()
            .zip(campaigns)
            .map(|((record, mail, texts, carried, found), campaign)| {
                let coverage = coverage(&carried);
                let judgement = weigh(found, &carried, &coverage);
                JudgedMail {
                    path: record.path.clone(),
                    verdict: judgement.verdict,
                    score: judgement.score,
                    summary: judgement.summary,
                    partial: !coverage.is_complete(),
                    campaign,
                    entered: crossing(mail, organisation),
                    // By the first of its texts that tells.
                    language: texts.into_iter().find_map(language::guess),
                    believed: trusted(mail, organisation).map(|recorded| recorded.at),
                    mail: mail.clone(),
                    authentication: told(record, |fact| match fact {
                        Fact::Authentication(found) => Some(&**found),
                        _ => None,
                    }),
                    phishing: told(record, |fact| match fact {
                        Fact::Phishing(score) => Some(score),
                        _ => None,
                    }),
                }
            });
        judged.collect()
    }

    /// Every file that was found on a disk, the worst first, then by path.
    pub(crate) fn files(&self) -> Vec<JudgedFile> {
        let told = |found: &Vec<usize>| found.iter().filter_map(|at| self.findings.get(*at)).collect();
        let units = self.units.iter();
        let judged = units.filter_map(|(at, found)| {
            let found: Vec<&Finding> = told(found);
            files::judged(&self.kin.family, *at, &found)
        });
        let mut files: Vec<JudgedFile> = judged.collect();
        files.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.path.cmp(&b.path)));
        files
    }

    /// The verdict on everything: that on the worst where there is more than one thing to judge. Also what it is about,
    /// for advice.
    pub(crate) fn together(&self, coverage: &Coverage, search: Option<&Search>) -> (Judgement, Vec<&'a Finding>) {
        let all: Vec<&Finding> = self.findings.iter().collect();
        let artifacts: Vec<&ArtifactRecord> = self.artifacts.iter().collect();
        if self.units.len() < 2 && search.is_none() {
            return (weigh(&all, &artifacts, coverage), all);
        }
        let told = |found: &Vec<usize>| found.iter().filter_map(|at| self.findings.get(*at)).collect();
        let units = self.units.values().map(|found| {
            let told: Vec<&Finding> = told(found);
            (points(&told), found, told)
        });
        let mut ranked: Vec<_> = units.collect();
        // Of equals, the first.
        ranked.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        let alarms = ranked.iter().filter(|(score, ..)| *score >= SUSPICIOUS).count();
        let are_mails = search.is_none() && self.are_mails();
        let found = ranked.first().map_or(&all, |(_, _, found)| found);
        let mut worst = weigh(found, &artifacts, coverage);
        if let Some(search) = search {
            files::about_search(&mut worst, alarms, search);
        } else if alarms > 0 || are_mails {
            worst.summary = summary(&worst, alarms, self.units.len(), are_mails);
        }
        let alarming = ranked.iter().take(alarms);
        worst
            .reasons
            .extend(alarming.clone().skip(1).flat_map(|(.., told)| reasons(told)));
        let about = match alarms {
            0 if are_mails => Vec::new(),
            0 => all,
            // In the order of the report, each once.
            _ => {
                let about: BTreeSet<usize> = alarming.flat_map(|(_, found, _)| *found).copied().collect();
                told(&about.into_iter().collect())
            }
        };
        (worst, about)
    }
}

/// One sentence about several.
fn summary(worst: &Judgement, alarms: usize, of: usize, are_mails: bool) -> String {
    let things = if are_mails { "mails" } else { "inputs" };
    let what = &worst.summary;
    match alarms {
        0 => format!("none of {of} {things} alarms: {what}"),
        1 => format!("1 of {of} {things} alarms: {what}"),
        _ => format!("{alarms} of {of} {things} alarm; the worst: {what}"),
    }
}

/// What was looked at of one mail.
fn coverage(carried: &[&ArtifactRecord]) -> Coverage {
    let halted = carried
        .iter()
        .filter_map(|record| record.facts.as_ref())
        .flat_map(|facts| &facts.facts);
    let mut limits_reached: Vec<LimitKind> = halted
        .filter_map(|fact| match fact {
            Fact::Halted { limit } => Some(*limit),
            _ => None,
        })
        .collect();
    limits_reached.sort_unstable();
    limits_reached.dedup();
    Coverage {
        inputs: 1,
        inputs_read: 1,
        artifacts: carried.len() as u64,
        artifacts_read: carried.iter().filter(|record| record.read).count() as u64,
        bytes: carried.iter().map(|record| record.size).sum(),
        limits_reached,
        network_calls: 0,
    }
}

/// What the texts of a mail give to read, and not those of mails inside of it.
fn texts<'a>(family: &Family<'a>, mail: usize) -> impl Iterator<Item = &'a str> {
    let bodies = family
        .children(mail)
        .filter_map(|at| family.facts(at))
        .filter(|facts| is_body(facts));
    bodies.flat_map(|facts| &facts.facts).filter_map(|fact| match fact {
        Fact::Wording(wording) => Some(wording.shown.raw()),
        _ => None,
    })
}

/// A fact about a mail besides the mail itself.
fn told<T: Clone>(record: &ArtifactRecord, wanted: impl Fn(&Fact) -> Option<&T>) -> Option<T> {
    record.facts.as_ref()?.facts.iter().find_map(wanted).cloned()
}
