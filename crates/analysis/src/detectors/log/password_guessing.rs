//! Log-ins that are refused, again and again, by the logs of those who refuse them.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | then one who was refused again and again is let in from there, or anybody after ten users | 0.60 | it was guessed, or somebody remembered after all |
//! | ten users and more are refused from one source, a few times each (spraying) | 0.45 | a few passwords are tried on many users, so that none is locked |
//! | one user is refused 20 times and more from one source | 0.25 | a program with an old password does that, too |
//! | one user is refused from ten sources and more, 20 times in all | 0.25 | many machines guess for one |
//! | from outside | 0.10 | whoever can be reached from everywhere is tried all day; unless one is let in |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! Of each source and each machine that refuses. Where several machines refuse one source, that is one finding.

use crate::detectors::network::{duration, is_inside, is_listed};
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watchfire_model::log::{LogIn, LogInOutcome, LogPlace};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, Finding, RuleId, Severity, Target, TechniqueId, Timestamp, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("log-password-guessing"),
    describes: "logs tell of log-ins from one source that are refused, again and again",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "password-guessing",
    techniques: &[TechniqueId::new("T1110.003"), TechniqueId::new("T1110.001")],
    false_positives: "programs with an old password; gateways behind which many users are",
};

/// Sources that are remembered; those that were refused least go first.
const MOST: usize = 20_000;
const MOST_USERS: usize = 1_024;
const MANY_USERS: usize = 10;
const MANY_TIMES: u64 = 20;
/// Refusals of somebody who mistypes.
const MISTYPED: u64 = 4;
/// Records that are kept as evidence.
const EVIDENCE: usize = 8;

/// Who tries: an address, or a machine by its own name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Address(IpAddr),
    Machine(Untrusted),
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LogPasswordGuessing {
    sources: BTreeMap<Source, Tried>,
}

#[derive(Debug, Default)]
struct Tried {
    refused: BTreeMap<Untrusted, u64>,
    times: u64,
    unknown_users: u64,
    hosts: BTreeSet<Untrusted>,
    services: BTreeSet<&'static str>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    places: Vec<(LogPlace, String)>,
    /// What the source calls itself, where it is an address.
    names: BTreeSet<Untrusted>,
    /// Everybody who was let in; who of them was guessed shows at the end, when all refusals are known.
    accepted: BTreeMap<Untrusted, LetIn>,
}

/// When somebody was let in first and last, and the record of the last time.
#[derive(Clone, Debug)]
struct LetIn {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    place: LogPlace,
    text: String,
}

impl Tried {
    fn is_much(&self) -> bool {
        self.refused.len() >= MANY_USERS || self.refused.values().any(|times| *times >= MANY_TIMES)
    }

    /// Those who were let in as somebody whose password was tried, or after many had been tried. Who logs in from there anyway
    /// did so before.
    fn guessed(&self) -> impl Iterator<Item = (&Untrusted, &LetIn)> {
        self.accepted.iter().filter(|(user, let_in)| {
            let is_later = self
                .first
                .is_none_or(|first| let_in.last.is_none_or(|time| time >= first));
            let is_usual = self.first > let_in.first && let_in.first.is_some();
            let was_tried = self.refused.get(user).is_some_and(|times| *times > MISTYPED);
            let among_many = self.refused.len() >= MANY_USERS && self.refused.contains_key(user);
            is_later && (was_tried || (!is_usual && (among_many || self.refused.len() >= 2 * MANY_USERS)))
        })
    }
}

fn source(login: &LogIn) -> Option<Source> {
    let machine = (!login.from_host.is_empty()).then(|| Source::Machine(login.from_host.clone()));
    login.from.map(Source::Address).or(machine)
}

fn said(login: &LogIn, how: &str) -> String {
    let reason = if login.text.is_empty() {
        format!("{} {} {how}", login.service, login.user.raw())
    } else {
        login.text.raw().to_owned()
    };
    crate::context::excerpt(&reason).raw().to_owned()
}

impl Detector for LogPasswordGuessing {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_login(&mut self, login: &LogIn, _: &mut Scene<'_>) {
        let Some(source) = source(login) else { return };
        if !self.sources.contains_key(&source) && self.sources.len() >= MOST {
            self.sources.retain(|_, tried| tried.is_much());
            if self.sources.len() >= MOST {
                return;
            }
        }
        let tried = self.sources.entry(source).or_default();
        match login.outcome {
            LogInOutcome::Accepted => {
                if tried.accepted.len() < MOST_USERS || tried.accepted.contains_key(&login.user) {
                    let seen = LetIn {
                        first: login.time,
                        last: login.last,
                        place: login.place,
                        text: said(login, "let in"),
                    };
                    let known = tried.accepted.entry(login.user.clone()).or_insert_with(|| seen.clone());
                    let first = known.first.min(seen.first);
                    if seen.last > known.last {
                        *known = seen;
                    }
                    known.first = first;
                }
            }
            LogInOutcome::Refused => {
                tried.times = tried.times.saturating_add(login.count);
                tried.unknown_users += if login.is_unknown_user { login.count } else { 0 };
                if let Some(time) = login.time {
                    tried.first = Some(tried.first.map_or(time, |first| first.min(time)));
                    tried.last = tried.last.max(login.last);
                }
                if tried.hosts.len() < 50 && !login.host.is_empty() {
                    tried.hosts.insert(login.host.clone());
                }
                tried.services.insert(login.service);
                if login.from.is_some() && !login.from_host.is_empty() && tried.names.len() < 2 {
                    tried.names.insert(login.from_host.clone());
                }
                if tried.places.len() < EVIDENCE {
                    tried.places.push((login.place, said(login, "refused")));
                }
                if tried.refused.len() < MOST_USERS || tried.refused.contains_key(&login.user) {
                    *tried.refused.entry(login.user.clone()).or_default() += login.count;
                }
            }
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let sources = std::mem::take(&mut self.sources);
        for (source, tried) in sources.iter().filter(|(_, tried)| tried.is_much()) {
            if let Some(finding) = finding(source, tried, scene) {
                scene.found(finding);
            }
        }
        many_sources(&sources, scene);
    }
}

fn is_scanner(scene: &Scene<'_>, source: &Source) -> bool {
    match source {
        Source::Address(address) => is_listed(scene.organisation(), None, *address),
        Source::Machine(_) => false,
    }
}

fn is_from_outside(scene: &Scene<'_>, source: &Source) -> bool {
    match source {
        Source::Address(address) => !is_inside(scene.organisation(), *address),
        Source::Machine(_) => false,
    }
}

fn shown(text: &Untrusted) -> String {
    defang(&text.shown(60))
}

fn named(source: &Source) -> String {
    match source {
        Source::Address(address) => defang(&address.to_string()),
        Source::Machine(name) => shown(name),
    }
}

/// An address with the name that it gives itself, where it gives one.
fn known_as(source: &Source, tried: &Tried) -> String {
    let mut names = tried.names.iter();
    match (names.next(), names.next()) {
        (Some(name), None) => format!("{} ({})", named(source), shown(name)),
        _ => named(source),
    }
}

/// `2026-11-02 09:30 UTC`
fn minute(time: Timestamp) -> String {
    let text = time.moment().to_string();
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", clock.get(..5).unwrap_or(clock))
}

/// ` at 09:37 UTC`
fn clock(time: Option<Timestamp>) -> String {
    let text = time.map(|time| time.moment().to_string()).unwrap_or_default();
    let clock = text.split_once('T').and_then(|(_, clock)| clock.get(..5));
    clock.map(|clock| format!(" at {clock} UTC")).unwrap_or_default()
}

fn finding(source: &Source, tried: &Tried, scene: &Scene<'_>) -> Option<Finding> {
    let log = scene.log()?;
    let guessed: Vec<_> = tried.guessed().collect();
    let is_spray = tried.refused.len() >= MANY_USERS;
    let weight = match guessed.is_empty() {
        _ if is_scanner(scene, source) => 0,
        false => INFO.weight,
        true if is_from_outside(scene, source) => 100,
        true if is_spray => 450,
        true => 250,
    };
    let users = match tried.refused.len() {
        1 => tried.refused.keys().next().map(shown).unwrap_or_default(),
        count => format!("{count} users"),
    };
    let what = if is_spray {
        "passwords sprayed"
    } else {
        "passwords guessed"
    };
    let host = match (tried.hosts.first(), tried.hosts.len()) {
        (None, _) => String::new(),
        (Some(host), 1) => format!(" by {}", shown(host)),
        (Some(host), more) => format!(" by {} and {} more", shown(host), more - 1),
    };
    let services: Vec<&str> = tried.services.iter().copied().collect();
    let then = match guessed.as_slice() {
        [] => String::new(),
        [(user, let_in)] => format!("; then {} was let in{}", shown(user), clock(let_in.last)),
        [(user, _), more @ ..] => format!("; then {} and {} more were let in", shown(user), more.len()),
    };
    let within = match (tried.first, tried.last) {
        (Some(first), Some(last)) => format!(
            ", within {} from {} on",
            duration((last.since(first) / 1_000_000_000).max(1)),
            minute(first)
        ),
        _ => String::new(),
    };
    let title = format!(
        "{what}: {} was refused {} times{host} ({}) as {users}{within}{then}",
        known_as(source, tried),
        tried.times,
        services.join(", "),
    );
    let first_of_guessed = guessed.iter().map(|(_, let_in)| log.record(let_in.place, &let_in.text));
    let refused = tried.places.iter().map(|(place, text)| log.record(*place, text));
    let mut evidence = first_of_guessed.chain(refused).take(EVIDENCE + 2);
    let finding = weighed(&INFO, title, weight, evidence.next()?);
    let finding = evidence.fold(finding, Finding::and_at);
    Some(match source {
        Source::Address(address) => finding.about(Target::Host(address.to_string().into())),
        Source::Machine(name) => finding.about(Target::Host(name.clone())),
    })
}

/// Users that are refused from many sources, each of which is too quiet to be told by itself.
fn many_sources(sources: &BTreeMap<Source, Tried>, scene: &mut Scene<'_>) {
    let mut users: BTreeMap<&Untrusted, Vec<(&Source, &Tried, u64)>> = BTreeMap::new();
    for (source, tried) in sources.iter().filter(|(_, tried)| !tried.is_much()) {
        for (user, times) in &tried.refused {
            users.entry(user).or_default().push((source, tried, *times));
        }
    }
    let Some(log) = scene.log() else { return };
    for (user, by) in users {
        let times: u64 = by.iter().map(|(_, _, times)| *times).sum();
        if user.is_empty() || by.len() < MANY_USERS || times < MANY_TIMES {
            continue;
        }
        let is_outside = by.iter().all(|(source, ..)| is_from_outside(scene, source));
        let title = format!(
            "passwords guessed: {} was refused {times} times, from {} sources that tried few times each",
            shown(user),
            by.len(),
        );
        let weight = if is_outside { 100 } else { 250 };
        let places = by.iter().flat_map(|(_, tried, _)| tried.places.first());
        let mut evidence = places.take(EVIDENCE).map(|(place, text)| log.record(*place, text));
        if let Some(first) = evidence.next() {
            let finding = weighed(&INFO, title, weight, first);
            scene.found(evidence.fold(finding, Finding::and_at));
        }
    }
}
