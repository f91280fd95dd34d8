//! Log-ins that are refused, again and again, by the logs of those who refuse them.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | then one is let in from there who had been refused more often than somebody mistypes, or at all and among ten users, or anybody after twenty users | 0.60 | it was guessed, or somebody remembered after all |
//! | ten users and more are refused from one source, a few times each (spraying) | 0.45 | a few passwords are tried on many users, so that none is locked |
//! | one user is refused 20 times and more from one source | 0.25 | a program with an old password does that, too |
//! | one user is refused from ten sources and more, 20 times in all | 0.25 | many machines guess for one |
//! | from outside | 0.10 | whoever can be reached from everywhere is tried all day; unless one is let in |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! Of each source and each machine that refuses. Where several machines refuse one source, that is one finding.

use super::{minute, shown};
use crate::detectors::network::{duration, is_inside, is_listed};
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watchfire_model::log::{LogIn, LogInOutcome, LogPlace, earlier};
use watchfire_model::observable::defang;
use watchfire_model::{
    Confidence, Finding, RuleId, Severity, Target, TechniqueId, Timestamp, Trace, Untrusted, counted,
};

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

/// Sources that are remembered, and users of all of them together. When there is no room for more, the half of the sources
/// goes that was refused least.
const MOST: usize = 20_000;
const MOST_USERS: usize = 200_000;
/// Users of one source.
const MOST_OF_SOURCE: usize = 1_024;
const MANY_USERS: usize = 10;
const MUCH_MORE_USERS: usize = 2 * MANY_USERS;
const MANY_TIMES: u64 = 20;
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
    /// Users of all of them.
    users: usize,
    /// Of logs that grow: who tried since it was asked last.
    stirred: Option<BTreeSet<Source>>,
}

#[derive(Debug, Default)]
struct Tried {
    refused: BTreeMap<Untrusted, Refused>,
    times: u64,
    hosts: BTreeSet<Untrusted>,
    services: BTreeSet<&'static str>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// When the tenth user was refused, and the twentieth.
    many: Option<Timestamp>,
    twice_many: Option<Timestamp>,
    places: Vec<(LogPlace, String)>,
    /// What the source calls itself, where it is an address.
    names: BTreeSet<Untrusted>,
    /// Everybody who was let in; who of them was guessed shows at the end, when all refusals are known.
    accepted: BTreeMap<Untrusted, LetIn>,
    /// Of logs that grow: it was told, and so many had been let in.
    told: Option<usize>,
}

/// When somebody was let in first and last, and the record of the last time.
#[derive(Clone, Debug)]
struct LetIn {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    place: LogPlace,
    text: String,
}

/// How often somebody was refused, since when, and since when more often than somebody mistypes.
#[derive(Debug, Default)]
struct Refused {
    times: u64,
    first: Option<Timestamp>,
    enough: Option<Timestamp>,
}

/// Whether what happened at `since` came before. Without times nobody knows, and it may have.
fn before(since: Option<Timestamp>, time: Option<Timestamp>) -> bool {
    since.is_none_or(|since| time.is_none_or(|time| time >= since))
}

impl Tried {
    fn is_much(&self) -> bool {
        self.refused.len() >= MANY_USERS || self.refused.values().any(|refused| refused.times >= MANY_TIMES)
    }

    /// Users that take room.
    fn users(&self) -> usize {
        self.refused.len() + self.accepted.len()
    }

    /// Those who were let in after their password had been tried, or those of many. Who logs in from there anyway did so
    /// before.
    fn guessed(&self) -> impl Iterator<Item = (&Untrusted, &LetIn)> {
        self.accepted.iter().filter(|(user, let_in)| {
            let (own, time) = (self.refused.get(user), let_in.last);
            let is_usual = let_in.first.is_some() && self.first > let_in.first;
            let was_tried = own.is_some_and(|own| own.times > LogIn::MISTYPED && before(own.enough, time));
            let among_many = self.refused.len() >= MANY_USERS
                && before(self.many, time)
                && own.is_some_and(|own| before(own.first, time));
            let after_many = self.refused.len() >= MUCH_MORE_USERS && before(self.twice_many, time);
            was_tried || (!is_usual && (among_many || after_many))
        })
    }

    fn accept(&mut self, login: &LogIn) {
        let seen = |first| LetIn {
            first,
            last: login.last,
            place: login.last_place,
            text: if login.last_place == login.place {
                said(login, "let in")
            } else {
                named_only(login, "let in")
            },
        };
        let is_full = self.accepted.len() >= MOST_OF_SOURCE;
        match self.accepted.get_mut(&login.user) {
            Some(known) if login.last > known.last => *known = seen(earlier(known.first, login.time)),
            Some(known) => known.first = earlier(known.first, login.time),
            None if is_full => {}
            None => {
                self.accepted.insert(login.user.clone(), seen(login.time));
            }
        }
    }

    fn refuse(&mut self, login: &LogIn) {
        self.times = self.times.saturating_add(login.count);
        self.first = earlier(self.first, login.time);
        self.last = self.last.max(login.last);
        if self.hosts.len() < 50 && !login.host.is_empty() && !self.hosts.contains(&login.host) {
            self.hosts.insert(login.host.clone());
        }
        self.services.insert(login.service);
        if login.from.is_some() && !login.from_host.is_empty() && self.names.len() < 2 {
            self.names.insert(login.from_host.clone());
        }
        if self.places.len() < EVIDENCE {
            self.places.push((login.place, said(login, "refused")));
        }
        let users = self.refused.len();
        let own = match self.refused.get_mut(&login.user) {
            Some(own) => own,
            None if users >= MOST_OF_SOURCE => return,
            None => {
                match users + 1 {
                    MANY_USERS => self.many = login.time,
                    MUCH_MORE_USERS => self.twice_many = login.time,
                    _ => {}
                }
                self.refused.entry(login.user.clone()).or_default()
            }
        };
        own.first = earlier(own.first, login.time);
        if own.times <= LogIn::MISTYPED && own.times.saturating_add(login.count) > LogIn::MISTYPED {
            own.enough = login.enough.or(login.last);
        }
        own.times = own.times.saturating_add(login.count);
    }
}

fn source(login: &LogIn) -> Option<Source> {
    let machine = (!login.from_host.is_empty()).then(|| Source::Machine(login.from_host.clone()));
    login.from.map(Source::Address).or(machine)
}

fn said(login: &LogIn, how: &str) -> String {
    if login.text.is_empty() {
        return named_only(login, how);
    }
    crate::context::excerpt(login.text.raw()).raw().to_owned()
}

fn named_only(login: &LogIn, how: &str) -> String {
    let text = format!("{} {} {how}", login.service, login.user.raw());
    crate::context::excerpt(&text).raw().to_owned()
}

impl Detector for LogPasswordGuessing {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_login(&mut self, login: &LogIn, _: &mut Scene<'_>) {
        let Some(source) = source(login) else { return };
        if self.sources.len() >= MOST || self.users >= MOST_USERS {
            self.make_room();
        }
        if let Some(stirred) = &mut self.stirred {
            stirred.insert(source.clone());
        }
        let tried = self.sources.entry(source).or_default();
        let users = tried.users();
        match login.outcome {
            LogInOutcome::Accepted => tried.accept(login),
            LogInOutcome::Refused => tried.refuse(login),
        }
        self.users += tried.users() - users;
    }

    /// Once when it becomes much, and once more for everybody who is let in then.
    fn on_pause(&mut self, scene: &mut Scene<'_>) {
        for source in self.stirred.replace(BTreeSet::new()).unwrap_or_default() {
            let Some(tried) = self.sources.get_mut(&source).filter(|tried| tried.is_much()) else {
                continue;
            };
            let guessed = Some(tried.guessed().count());
            if tried.told < guessed {
                tried.told = guessed;
                if let Some(finding) = finding(&source, tried, scene) {
                    scene.found(finding);
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

impl LogPasswordGuessing {
    /// Forgets the half of the sources that was refused least, so that it is seldom done.
    fn make_room(&mut self) {
        let mut times: Vec<u64> = self.sources.values().map(|tried| tried.times).collect();
        let middle = times.len() / 2;
        if times.is_empty() {
            return;
        }
        let (_, least, _) = times.select_nth_unstable(middle);
        let least = *least;
        // Of those that were refused as often, the first stay.
        let mut room = middle;
        self.sources.retain(|_, tried| {
            let stays = tried.times >= least && room > 0;
            room -= usize::from(stays);
            stays
        });
        self.users = self.sources.values().map(Tried::users).sum();
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
        count if count >= MOST_OF_SOURCE => format!("{count} users and more"),
        count => counted(count as u64, "user"),
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
        "{what}: {} was refused {}{host} ({}) as {users}{within}{then}",
        known_as(source, tried),
        counted(tried.times, "time"),
        services.join(", "),
    );
    let first_of_guessed = guessed.iter().map(|(_, let_in)| log.record(let_in.place, &let_in.text));
    let refused = tried.places.iter().map(|(place, text)| log.record(*place, text));
    let mut evidence = first_of_guessed.chain(refused).take(EVIDENCE + 2);
    let finding = weighed(&INFO, title, weight, evidence.next()?);
    let finding = evidence.fold(finding, Finding::and_at);
    let finding = guessed
        .iter()
        .fold(finding, |finding, (user, _)| finding.of_account(user));
    // Until somebody was let in, where somebody was.
    let last = guessed.iter().filter_map(|(_, let_in)| let_in.last).max();
    let finding = finding.during(tried.first, last.or(tried.last));
    let finding = tried.names.iter().cloned().fold(finding, Finding::on_machine);
    let reached = match guessed.is_empty() {
        true => Trace::Tried,
        false => Trace::Entered,
    };
    let finding = tried
        .hosts
        .iter()
        .cloned()
        .map(reached)
        .fold(finding, Finding::with_trace);
    Some(match source {
        Source::Address(address) => finding.about(Target::Host(address.to_string().into())),
        Source::Machine(name) => finding.about(Target::Host(name.clone())),
    })
}

/// Users that are refused from many sources, each of which is too quiet to be told by itself.
fn many_sources(sources: &BTreeMap<Source, Tried>, scene: &mut Scene<'_>) {
    let mut users: BTreeMap<&Untrusted, Vec<(&Source, &Tried, u64)>> = BTreeMap::new();
    for (source, tried) in sources.iter().filter(|(_, tried)| !tried.is_much()) {
        for (user, refused) in &tried.refused {
            users.entry(user).or_default().push((source, tried, refused.times));
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
            "passwords guessed: {} was refused {}, from {} that tried few times each",
            shown(user),
            counted(times, "time"),
            counted(by.len() as u64, "source"),
        );
        let weight = if is_outside { 100 } else { 250 };
        let places = by.iter().flat_map(|(_, tried, _)| tried.places.first());
        let mut evidence = places.take(EVIDENCE).map(|(place, text)| log.record(*place, text));
        if let Some(first) = evidence.next() {
            let finding = weighed(&INFO, title, weight, first);
            scene.found(evidence.fold(finding, Finding::and_at).of_account(user));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Some(Timestamp::new(second, 0))
    }

    fn login(outcome: LogInOutcome, count: u64, (first, last): (i64, i64), enough: Option<i64>) -> LogIn {
        LogIn {
            time: at(first),
            last: at(last),
            count,
            outcome,
            user: "root".into(),
            enough: enough.and_then(at),
            ..LogIn::default()
        }
    }

    fn refused(count: u64, when: (i64, i64), enough: Option<i64>) -> LogIn {
        login(LogInOutcome::Refused, count, when, enough)
    }

    /// Whether who was let in at a second was guessed.
    fn check(refusals: &[LogIn], second: i64, expected: bool) {
        let mut tried = Tried::default();
        refusals.iter().for_each(|login| tried.refuse(login));
        tried.accept(&login(LogInOutcome::Accepted, 1, (second, second), None));
        assert_eq!(tried.guessed().count() == 1, expected, "{refusals:?}");
    }

    #[test]
    fn where_blocks_end_does_not_decide_who_was_guessed() {
        check(&[refused(503, (10, 900), Some(20))], 400, true);
        check(
            &[refused(3, (10, 14), None), refused(500, (16, 900), Some(20))],
            400,
            true,
        );
        check(&[refused(3, (10, 14), None), refused(2, (16, 18), None)], 400, true);
        check(
            &[refused(3, (10, 14), None), refused(500, (416, 900), Some(430))],
            400,
            false,
        );
    }

    #[test]
    fn a_record_without_a_time_takes_none_away() {
        let mut tried = Tried::default();
        let mut timeless = refused(1, (0, 0), None);
        (timeless.time, timeless.last) = (None, None);
        tried.refuse(&refused(1, (10, 10), None));
        tried.refuse(&timeless);
        assert_eq!(
            (tried.first, tried.refused.values().next().and_then(|own| own.first)),
            (at(10), at(10))
        );
        let mut let_in = login(LogInOutcome::Accepted, 1, (50, 50), None);
        tried.accept(&let_in);
        (let_in.time, let_in.last) = (None, None);
        tried.accept(&let_in);
        assert_eq!(tried.accepted.values().next().and_then(|own| own.first), at(50));
    }
}
