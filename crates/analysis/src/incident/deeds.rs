//! Deeds: what one thing tells by itself, before anything is joined.

use super::Matter;
use super::marks::{Known, Mark};
use crate::SUSPICIOUS;
use crate::detectors::log::sigma;
use crate::judge::points;
use crate::kin::{is_body, mail};
use crate::sighting;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{
    ArtifactRecord, Finding, JudgedMail, Period, Place, Timestamp, Trace, Untrusted, Weight, Witness, url::Url,
};

/// What weighs less says nothing about what it names.
const SLIGHT: Weight = Weight::from_thousandths(100);

/// Something that was done.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) witness: Witness,
    /// The root that tells of it.
    pub(super) input: Untrusted,
    /// The artifact that it is about: a mail or a file.
    pub(super) about: usize,
    /// By their places, the heaviest first.
    pub(super) findings: Vec<usize>,
    pub(super) seen: Option<Period>,
    pub(super) marks: BTreeSet<Mark>,
    /// Machines on which it was done, servers too.
    pub(super) on: BTreeSet<String>,
    /// Machines that somebody got into, and when at the latest.
    pub(super) entered: BTreeSet<String>,
}

impl Deed {
    /// Whether it left a value behind.
    pub(super) fn names(&self, value: &str) -> bool {
        self.marks.iter().any(|mark| match mark {
            Mark::File(id) => value.len() == 64 && id.to_string() == value,
            Mark::Host(host) => host == value || Url::parse(value).is_some_and(|url| url.host == host),
            Mark::Machine(_) | Mark::Account(_) | Mark::Tried(_) => false,
        })
    }
}

pub(super) fn deeds(matter: &Matter<'_>, known: &Known<'_>) -> Vec<Deed> {
    let mut whole: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut all = Vec::new();
    for (at, finding) in matter.findings.iter().enumerate() {
        if finding.weight < SLIGHT {
            continue;
        }
        for unit in matter.kin.spoken_of(finding).1 {
            let Some(record) = matter.kin.family.record(unit) else {
                continue;
            };
            let witness = match (&record.capture, &record.log) {
                (Some(_), _) => Witness::Network,
                (None, Some(_)) => Witness::Log,
                (None, None) => {
                    whole.entry(unit).or_default().push(at);
                    continue;
                }
            };
            all.extend(apart(single(matter, known, (witness, unit), at), matter));
        }
    }
    all.extend(
        whole
            .into_iter()
            .filter_map(|(unit, found)| together(matter, known, unit, found)),
    );
    all
}

/// A rule that holds on several machines is a deed on each: that it is the same rule does not join them.
fn apart(deed: Deed, matter: &Matter<'_>) -> Vec<Deed> {
    let is_place = |mark: &&Mark| matches!(mark, Mark::Machine(_) | Mark::Host(_));
    let is_rule = deed.findings.iter().all(|at| {
        let finding = matter.findings.get(*at);
        finding.is_some_and(|finding| finding.rule == sigma::INFO.rule)
    });
    let places: Vec<Mark> = deed.marks.iter().filter(is_place).cloned().collect();
    if !is_rule || places.len() < 2 {
        return vec![deed];
    }
    let one = |place: Mark| Deed {
        on: match &place {
            Mark::Machine(name) | Mark::Host(name) => BTreeSet::from([name.clone()]),
            _ => BTreeSet::new(),
        },
        marks: BTreeSet::from([place]),
        entered: BTreeSet::new(),
        findings: deed.findings.clone(),
        input: deed.input.clone(),
        ..deed
    };
    places.into_iter().map(one).collect()
}

/// One finding of a capture or a log.
fn single(matter: &Matter<'_>, known: &Known<'_>, (witness, unit): (Witness, usize), at: usize) -> Deed {
    let mut deed = empty(matter, witness, unit);
    deed.findings.push(at);
    if let Some(finding) = matter.findings.get(at) {
        deed.seen = finding.seen;
        if let Some(first) = finding.evidence().first() {
            deed.input = first.path.clone();
        }
        add(&mut deed, known, finding);
    }
    deed
}

/// A mail with all that it carries, or a file by itself. Nothing, where it is a text that only names what is bad.
fn together(matter: &Matter<'_>, known: &Known<'_>, unit: usize, mut found: Vec<usize>) -> Option<Deed> {
    let record = matter.kin.family.record(unit)?;
    let letter = mail(record);
    let findings: Vec<&Finding> = found.iter().filter_map(|at| matter.findings.get(*at)).collect();
    let only_names = |finding: &&Finding| finding.rule == sighting::INFO.rule && !is_itself(finding);
    if letter.is_none() && is_text(record) && findings.iter().all(only_names) {
        return None;
    }
    let witness = match letter {
        Some(_) => Witness::Mail,
        None => Witness::File,
    };
    let mut deed = empty(matter, witness, unit);
    let judged = inner_mail(matter, unit);
    deed.seen = judged.and_then(received).map(|at| Period { first: at, last: at });
    for finding in &findings {
        add(&mut deed, known, finding);
    }
    if points(&findings) >= SUSPICIOUS {
        carried(matter, unit, &mut deed);
        let author = judged.and_then(|judged| judged.mail.author()?.address.as_ref());
        let domain = author.and_then(|address| address.raw().rsplit_once('@').map(|(_, domain)| domain));
        deed.marks.extend(domain.and_then(|domain| known.of_host(domain)));
    }
    let weight = |at: &usize| matter.findings.get(*at).map(|finding| finding.weight);
    found.sort_by_key(|at| (std::cmp::Reverse(weight(at)), *at));
    deed.findings = found;
    Some(deed)
}

fn empty(matter: &Matter<'_>, witness: Witness, unit: usize) -> Deed {
    let record = matter.kin.family.record(unit);
    Deed {
        witness,
        input: record.map(|record| record.path.clone()).unwrap_or_default(),
        about: unit,
        findings: Vec::new(),
        seen: None,
        marks: BTreeSet::new(),
        on: BTreeSet::new(),
        entered: BTreeSet::new(),
    }
}

fn add(deed: &mut Deed, known: &Known<'_>, finding: &Finding) {
    let targets = finding.targets.iter().filter_map(|target| known.of_target(target));
    deed.marks.extend(targets);
    for trace in &finding.traces {
        match trace {
            Trace::Machine(name) => {
                deed.on.insert(known.machine(name.raw()));
            }
            Trace::Entered(name) => {
                deed.entered.insert(known.machine(name.raw()));
            }
            Trace::Account(_) | Trace::File(_) | Trace::Tried(_) => {}
        }
        deed.marks.extend(known.of_trace(trace));
    }
    deed.marks.extend(known.of_attempt(finding));
}

/// What a mail or a file carries that is a file of its own: no text of the mail, and no picture, which many carry.
fn carried(matter: &Matter<'_>, unit: usize, deed: &mut Deed) {
    let mut waiting = vec![unit];
    while let Some(at) = waiting.pop() {
        waiting.extend(matter.kin.family.children(at));
        let Some(record) = matter.kin.family.record(at) else {
            continue;
        };
        let is_text = matter.kin.family.facts(at).is_some_and(is_body);
        let is_common = record.media_type.0.starts_with("image/") || record.known_good.is_some() || record.size == 0;
        if !is_text && !is_common && mail(record).is_none() {
            deed.marks.extend(record.sha256.map(Mark::File));
        }
    }
}

/// The worst of the mails that a unit is or holds.
pub(super) fn inner_mail<'m>(matter: &Matter<'m>, unit: usize) -> Option<&'m JudgedMail> {
    let family = &matter.kin.family;
    let of_unit: BTreeSet<&str> = family
        .places()
        .filter(|at| matter.kin.unit(*at) == Some(unit))
        .filter_map(|at| Some(family.record(at)?.path.raw()))
        .collect();
    let mails = matter.mails.iter().filter(|mail| of_unit.contains(mail.path.raw()));
    mails.max_by_key(|mail| mail.score)
}

fn received(judged: &JudgedMail) -> Option<Timestamp> {
    let received = judged.mail.hops.iter().find_map(|hop| hop.at);
    let at = received.or(judged.mail.date)?.moment;
    Some(Timestamp::new(at.unix(), 0))
}

/// Whether it is the file that is known, and not a value in it.
fn is_itself(finding: &Finding) -> bool {
    let place = finding.evidence().first().map(|evidence| &evidence.place);
    place == Some(&Place::Whole)
}

/// Whether it is something to read: then it may write about what it names.
fn is_text(record: &ArtifactRecord) -> bool {
    let kind = record.media_type.0;
    let of_office = [
        "pdf",
        "word",
        "opendocument",
        "rtf",
        "json",
        "xml",
        "csv",
        "officedocument",
    ];
    kind.starts_with("text/") || of_office.iter().any(|part| kind.contains(part))
}
