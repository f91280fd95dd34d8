//! Tells a story: a sentence for each deed, in order, and a line for all of it. Sentences come from fixed rules and say what
//! findings say.

use super::Matter;
use super::deeds::{Deed, inner_mail};
use crate::kin::last;
use crate::sighting;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::observable::defang;
use watchfire_model::{
    Chapter, Evidence, Finding, JudgedMail, Period, Target, Trace, Untrusted, Verdict, Weight, Witness, counted,
};

/// Chapters of a story. What weighs least is left out.
const CHAPTERS: usize = 12;
/// Parts of the line.
const PARTS: usize = 6;
/// Places of a chapter.
const EVIDENCE: usize = 5;
/// Rules of one machine that are told together follow one another within so many nanoseconds.
const TOGETHER: i64 = 15 * 60 * 1_000_000_000;
/// From this weight on, something is bad by itself.
const GRAVE: Weight = Weight::from_thousandths(500);

pub(super) struct Told {
    pub(super) summary: String,
    pub(super) chapters: Vec<Chapter>,
    /// In which chapter a deed of the group is told, from 1.
    pub(super) chapter_of: BTreeMap<usize, usize>,
}

/// A chapter that is being written.
struct Draft<'a> {
    deeds: Vec<usize>,
    witness: Witness,
    seen: Option<Period>,
    findings: Vec<&'a Finding>,
    text: String,
    /// A part of the line; nothing, where the story is told without it.
    part: Option<String>,
    /// The machine whose rules it tells of.
    machine: Option<&'a Untrusted>,
}

pub(super) fn tell(matter: &Matter<'_>, own: &[&Deed]) -> Told {
    let mut order: Vec<usize> = (0..own.len()).collect();
    // What has no time comes last.
    order.sort_by_key(|at| {
        let seen = own.get(*at).and_then(|deed| deed.seen);
        (seen.is_none(), seen, *at)
    });
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut known = Vec::new();
    for at in order {
        let Some(deed) = own.get(at) else { continue };
        let findings: Vec<&Finding> = deed.findings.iter().filter_map(|at| matter.findings.get(*at)).collect();
        let Some(first) = findings.first().copied() else {
            continue;
        };
        match deed.witness {
            Witness::Mail => drafts.push(of_mail(matter, at, deed, findings)),
            Witness::File => drafts.push(of_file(at, deed, findings)),
            _ if first.rule == sighting::INFO.rule => known.push((at, deed, first)),
            Witness::Log if first.rule.0 == "sigma-match" => of_rule(at, deed, first, &mut drafts),
            Witness::Network | Witness::Log => drafts.push(plain(at, deed, first)),
        }
    }
    forget_twins(&mut drafts);
    sightings(&known, &mut drafts);
    shorten(&mut drafts);
    let summary = line(&drafts);
    let mut chapter_of = BTreeMap::new();
    for (number, draft) in drafts.iter().enumerate() {
        for at in &draft.deeds {
            chapter_of.insert(*at, number + 1);
        }
    }
    Told {
        summary,
        chapters: drafts.into_iter().map(chapter).collect(),
        chapter_of,
    }
}

fn chapter(draft: Draft<'_>) -> Chapter {
    let heaviest = draft.findings.iter().map(|finding| finding.weight).max();
    let towards = match heaviest {
        Some(weight) if weight >= GRAVE => Verdict::Malicious,
        _ => Verdict::Suspicious,
    };
    let mut evidence: Vec<Evidence> = Vec::new();
    // One of each finding first: a chapter of several proves each.
    let firsts = draft.findings.iter().filter_map(|finding| finding.evidence().first());
    let others = draft
        .findings
        .iter()
        .flat_map(|finding| finding.evidence().iter().skip(1));
    for one in firsts.chain(others) {
        if evidence.len() < EVIDENCE && !evidence.contains(one) {
            evidence.push(one.clone());
        }
    }
    Chapter {
        witness: draft.witness,
        seen: draft.seen,
        text: draft.text,
        towards,
        evidence,
    }
}

fn of_mail<'a>(matter: &Matter<'_>, at: usize, deed: &Deed, findings: Vec<&'a Finding>) -> Draft<'a> {
    let judged = inner_mail(matter, deed.about);
    let to = judged
        .and_then(recipient)
        .map(|to| format!(" to {}", shown(&to, 60)))
        .unwrap_or_default();
    let author = judged.and_then(|judged| judged.mail.author()?.address.clone());
    let from = author
        .map(|from| format!(" from {}", shown(&from, 60)))
        .unwrap_or_default();
    let subject = judged
        .map(|judged| judged.mail.subject.shown(80).to_string())
        .unwrap_or_default();
    let subject = if subject.is_empty() {
        String::new()
    } else {
        format!(", “{}”", defang(&subject))
    };
    let why: Vec<&str> = findings.iter().take(3).map(|finding| finding.title.as_str()).collect();
    Draft {
        deeds: vec![at],
        witness: Witness::Mail,
        seen: deed.seen,
        text: format!("a mail{from}{to}{subject}: {}", why.join("; ")),
        part: Some(format!("a mail{to}")),
        machine: None,
        findings,
    }
}

fn recipient(judged: &JudgedMail) -> Option<Untrusted> {
    let mut all = judged.mail.to.iter().chain(&judged.mail.delivered_to);
    all.find_map(|to| to.address.clone())
}

fn of_file<'a>(at: usize, deed: &Deed, findings: Vec<&'a Finding>) -> Draft<'a> {
    let name = last(deed.input.raw()).rsplit(['/', '\\']).next().unwrap_or_default();
    let name = format!("'{}'", shown(&name.into(), 60));
    let why: Vec<&str> = findings.iter().take(3).map(|finding| finding.title.as_str()).collect();
    Draft {
        deeds: vec![at],
        witness: Witness::File,
        seen: deed.seen,
        text: format!("{name}: {}", why.join("; ")),
        part: Some(name),
        machine: None,
        findings,
    }
}

/// Rules that hold on one machine, one soon after the other, are one chapter.
fn of_rule<'a>(at: usize, deed: &Deed, finding: &'a Finding, drafts: &mut Vec<Draft<'a>>) {
    let machines = || {
        finding.traces.iter().filter_map(|trace| match trace {
            Trace::Machine(name) => Some(name),
            _ => None,
        })
    };
    let is_here = |name: &&Untrusted| {
        let name = name.raw().to_lowercase();
        deed.on.iter().any(|on| name.starts_with(on.as_str()))
    };
    let machine = machines().find(is_here).or_else(|| machines().next());
    let what = of_title(&finding.title, machine);
    let goes_on = drafts.last_mut().filter(|draft| {
        let is_soon = match (draft.seen, deed.seen) {
            (Some(before), Some(seen)) => {
                seen.first.nanoseconds().saturating_sub(before.last.nanoseconds()) <= TOGETHER
            }
            _ => false,
        };
        draft.machine.is_some() && is_soon && same(draft.machine, machine)
    });
    let Some(draft) = goes_on else {
        let on = machine
            .map(|name| format!("on {}: ", shown(name, 60)))
            .unwrap_or_default();
        let part = machine.map(|name| format!("alerts on {}", shown(name, 60)));
        drafts.push(Draft {
            deeds: vec![at],
            witness: Witness::Log,
            seen: deed.seen,
            text: format!("{on}{what}"),
            part: part.or_else(|| Some(what.to_owned())),
            machine,
            findings: vec![finding],
        });
        return;
    };
    draft.text.push_str("; ");
    draft.text.push_str(what);
    draft.seen = match (draft.seen, deed.seen) {
        (Some(a), Some(b)) => Some(a.with(b)),
        (a, b) => a.or(b),
    };
    draft.deeds.push(at);
    draft.findings.push(finding);
}

fn same(a: Option<&Untrusted>, b: Option<&Untrusted>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.raw().eq_ignore_ascii_case(b.raw()))
}

/// The title of a rule without what is said before.
fn of_title<'t>(title: &'t str, machine: Option<&Untrusted>) -> &'t str {
    let title = title.strip_prefix("Sigma: ").unwrap_or(title);
    let on = machine
        .map(|name| format!(" on {}", shown(name, 60)))
        .unwrap_or_default();
    title.strip_suffix(on.as_str()).unwrap_or(title)
}

fn plain<'a>(at: usize, deed: &Deed, finding: &'a Finding) -> Draft<'a> {
    Draft {
        deeds: vec![at],
        witness: deed.witness,
        seen: deed.seen,
        text: finding.title.clone(),
        part: Some(part(deed, finding)),
        machine: None,
        findings: vec![finding],
    }
}

/// `beacon to cdn[.]example`, `passwords sprayed, svc-backup let in`
fn part(deed: &Deed, finding: &Finding) -> String {
    let title = &finding.title;
    let ends = [title.find(": "), title.find(" from ")];
    let end = ends.into_iter().flatten().min().unwrap_or(title.len());
    let what = title.get(..end).unwrap_or(title);
    let guessed: Vec<String> = finding.accounts().map(|name| shown(name, 40)).collect();
    if !deed.entered.is_empty() {
        return format!("{what}, {} let in", guessed.join(" and "));
    }
    let to = finding.targets.iter().find(|target| !matches!(target, Target::File(_)));
    match to {
        Some(to) if deed.witness == Witness::Network => format!("{what} to {to}"),
        Some(from) => format!("{what} by {from}"),
        None => what.to_owned(),
    }
}

/// What a rule says of log-ins, a detector has counted: one of both is told.
fn forget_twins(drafts: &mut Vec<Draft<'_>>) {
    let counted: Vec<Vec<&Trace>> = drafts
        .iter()
        .filter(|draft| is_of(draft, "log-password-guessing"))
        .map(traces)
        .collect();
    let targets: BTreeSet<String> = drafts
        .iter()
        .filter(|draft| is_of(draft, "log-password-guessing"))
        .flat_map(|draft| &draft.findings)
        .flat_map(|finding| &finding.targets)
        .map(ToString::to_string)
        .collect();
    drafts.retain(|draft| {
        let guesses = draft
            .findings
            .iter()
            .all(|finding| finding.group == "password-guessing");
        let is_rule = is_of(draft, "sigma-match");
        let own = traces(draft);
        let is_told = counted.iter().any(|all| own.iter().any(|trace| all.contains(trace)))
            || own.iter().any(|trace| targets.contains(&trace.to_string()));
        !(is_rule && guesses && is_told)
    });
}

fn is_of(draft: &Draft<'_>, rule: &str) -> bool {
    draft.findings.iter().all(|finding| finding.rule.0 == rule)
}

fn traces<'a>(draft: &Draft<'a>) -> Vec<&'a Trace> {
    draft.findings.iter().flat_map(|finding| &finding.traces).collect()
}

/// What is known about values that were met: each value once, at the end.
fn sightings<'a>(known: &[(usize, &&Deed, &'a Finding)], drafts: &mut Vec<Draft<'a>>) {
    let mut by_value: BTreeMap<String, (Vec<usize>, Vec<&'a Finding>)> = BTreeMap::new();
    for (at, _, finding) in known {
        let value = finding.targets.first().map(ToString::to_string).unwrap_or_default();
        let (deeds, findings) = by_value.entry(value).or_default();
        deeds.push(*at);
        findings.push(finding);
    }
    for (deeds, findings) in by_value.into_values() {
        // That without counts says the same in fewer words.
        let Some(first) = findings.iter().min_by_key(|finding| finding.title.len()) else {
            continue;
        };
        drafts.push(Draft {
            deeds,
            witness: Witness::Log,
            seen: None,
            text: first.title.clone(),
            part: None,
            machine: None,
            findings: findings.clone(),
        });
    }
}

/// Leaves out the lightest of too many.
fn shorten(drafts: &mut Vec<Draft<'_>>) {
    let weight = |draft: &Draft<'_>| draft.findings.iter().map(|finding| finding.weight).max();
    while drafts.len() > CHAPTERS {
        let lightest = drafts
            .iter()
            .enumerate()
            .min_by_key(|(at, draft)| (weight(draft), std::cmp::Reverse(*at)));
        let Some((at, _)) = lightest else { return };
        drafts.remove(at);
    }
}

/// All of it in one line.
fn line(drafts: &[Draft<'_>]) -> String {
    let mut parts: Vec<(String, usize)> = Vec::new();
    for draft in drafts {
        let Some(part) = &draft.part else { continue };
        let rules = if draft.machine.is_some() {
            draft.findings.len()
        } else {
            1
        };
        match parts.iter_mut().find(|(own, _)| own == part) {
            Some((_, count)) => *count += rules,
            None => parts.push((part.clone(), rules)),
        }
    }
    let said = |(part, count): &(String, usize)| match part.strip_prefix("alerts ") {
        Some(on) => format!("{} {on}", counted(*count as u64, "alert")),
        None if *count > 1 => format!("{part} ({count} times)"),
        None => part.clone(),
    };
    let mut told: Vec<String> = parts.iter().take(PARTS).map(said).collect();
    if let more @ 1.. = parts.len().saturating_sub(PARTS) {
        told.push(format!("{more} more"));
    }
    if told.is_empty() {
        let first = drafts.first().map(|draft| draft.text.clone());
        return first.unwrap_or_default();
    }
    told.join(", then ")
}

fn shown(text: &Untrusted, width: usize) -> String {
    defang(&text.shown(width))
}
