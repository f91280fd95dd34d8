//! Sessions as a report lists them: beginnings and ends put together as they come, in bounded memory.
//!
//! An end belongs to the latest beginning before it that has the same number, whichever of both is read first. PAM and
//! systemd-logind tell of the same sessions; those of logind count where PAM tells of none of that user and time.

use super::session::{Mark, Marks, Teller};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use watchfire_anomaly::sketch::fingerprint;
use watchfire_model::log::{LogSummary, Session, SessionRow};
use watchfire_model::{Finding, RuleId, Target, Timestamp, Untrusted};

/// Sessions that wait for their end, and ends that wait for their beginning.
const WAITING: usize = 50_000;
/// Rows that are told apart.
pub(super) const ROWS: usize = 50_000;
/// Sessions of logind.
const LOGIND: usize = 20_000;
/// Beginnings of which it is remembered that PAM told them.
const OF_PAM: usize = 200_000;
/// Processes that let somebody in and have opened no session yet.
const FROM: usize = 8_192;
/// How long it takes from letting in to the session, and how far two tellers are apart. Seconds.
const AT_ONCE: u64 = 60;
const SAME: i64 = 2;
/// Rules that are named of a row.
const FINDINGS: usize = 5;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct SessionRows {
    begun: BTreeMap<(u64, Timestamp), (Session, Teller)>,
    ended: BTreeSet<(u64, Timestamp)>,
    from: HashMap<u64, (Timestamp, std::net::IpAddr)>,
    rows: BTreeMap<Key, SessionRow>,
    of_pam: BTreeSet<u64>,
    /// Sessions of logind, with their ends.
    logind: Vec<(Session, Option<Timestamp>)>,
    count: u64,
    open: u64,
    /// Those that are in no row.
    left_out: u64,
}

/// What tells rows apart.
type Key = (
    Untrusted,
    Untrusted,
    Option<std::net::IpAddr>,
    Untrusted,
    Untrusted,
    &'static str,
);

impl SessionRows {
    /// What a block says.
    pub(super) fn take(&mut self, marks: Marks) {
        for mark in marks.0 {
            match mark {
                Mark::From(key, time, from) => {
                    if self.from.len() >= FROM {
                        self.from.clear();
                    }
                    self.from.insert(key, (time, from));
                }
                Mark::Begins(key, session, teller) => self.begin(key, *session, teller),
                Mark::Ends(key, time) => self.end(key, time),
            }
        }
    }

    fn begin(&mut self, key: u64, mut session: Session, teller: Teller) {
        if let Some((time, from)) = self.from.get(&key)
            && session.begins >= *time
            && session.begins.since(*time) <= AT_ONCE * 1_000_000_000
        {
            session.from = session.from.or(Some(*from));
            self.from.remove(&key);
        }
        let begins = session.begins;
        let later = (key, begins)..=(key, Timestamp::from_nanoseconds(i64::MAX));
        if let Some(end) = self.ended.range(later).next().copied() {
            self.ended.remove(&end);
            self.over(session, teller, Some(end.1));
            return;
        }
        if self.begun.len() >= WAITING {
            let middle = middle(self.begun.keys());
            let (old, young) = std::mem::take(&mut self.begun)
                .into_iter()
                .partition::<BTreeMap<_, _>, _>(|((_, time), _)| *time <= middle);
            self.begun = young;
            for (session, teller) in old.into_values() {
                self.over(session, teller, None);
            }
        }
        if let Some((before, teller)) = self.begun.insert((key, begins), (session, teller)) {
            self.over(before, teller, None);
        }
    }

    fn end(&mut self, key: u64, time: Timestamp) {
        let earlier = (key, Timestamp::from_nanoseconds(i64::MIN))..=(key, time);
        let begun = self.begun.range(earlier).next_back().map(|(begun, _)| *begun);
        if let Some((session, teller)) = begun.and_then(|begun| self.begun.remove(&begun)) {
            self.over(session, teller, Some(time));
            return;
        }
        if self.ended.len() >= WAITING {
            let middle = middle(self.ended.iter());
            self.ended.retain(|(_, time)| *time > middle);
        }
        self.ended.insert((key, time));
    }

    /// All that there is to know of a session is known.
    fn over(&mut self, session: Session, teller: Teller, end: Option<Timestamp>) {
        match teller {
            Teller::Logind if self.logind.len() < LOGIND => self.logind.push((session, end)),
            Teller::Pam if self.of_pam.len() < OF_PAM => {
                self.of_pam.insert(same(&session, 0));
                self.add(session, end);
            }
            _ => self.add(session, end),
        }
    }

    fn add(&mut self, session: Session, end: Option<Timestamp>) {
        self.count += 1;
        self.open += u64::from(end.is_none());
        let key = (
            session.user.clone(),
            session.domain.clone(),
            session.from,
            session.from_host.clone(),
            session.host.clone(),
            session.service,
        );
        let is_full = self.rows.len() >= ROWS;
        match self.rows.get_mut(&key) {
            Some(row) => grow(row, session.begins, end),
            None if is_full => self.left_out += 1,
            None => {
                let mut row = SessionRow {
                    user: session.user,
                    domain: session.domain,
                    from: session.from,
                    from_host: session.from_host,
                    host: session.host,
                    service: session.service,
                    count: 0,
                    open: 0,
                    open_since: None,
                    first: session.begins,
                    last: session.begins,
                    seconds: 0,
                    longest: 0,
                    longest_begins: None,
                    findings: Vec::new(),
                };
                grow(&mut row, session.begins, end);
                self.rows.insert(key, row);
            }
        }
    }

    /// Everything was read: what has no end by now has none. How many sessions are in no row for want of room.
    pub(super) fn tell(mut self, summary: &mut LogSummary, findings: &[Finding]) -> u64 {
        for (session, teller) in std::mem::take(&mut self.begun).into_values() {
            self.over(session, teller, None);
        }
        for (session, end) in std::mem::take(&mut self.logind) {
            if !(-SAME..=SAME).any(|by| self.of_pam.contains(&same(&session, by))) {
                self.add(session, end);
            }
        }
        let named = Named::of(findings);
        let mut rows: Vec<SessionRow> = std::mem::take(&mut self.rows).into_values().collect();
        rows.iter_mut().for_each(|row| row.findings = named.about(row));
        rows.sort_by(|a, b| a.rank().cmp(&b.rank()));
        rows.truncate(LogSummary::SESSIONS);
        summary.sessions = rows;
        (summary.sessions_begun, summary.sessions_open) = (self.count, self.open);
        self.left_out
    }
}

/// One more session of a row.
fn grow(row: &mut SessionRow, begins: Timestamp, end: Option<Timestamp>) {
    row.count += 1;
    row.first = row.first.min(begins);
    row.last = row.last.max(begins);
    let Some(end) = end else {
        row.open += 1;
        row.open_since = Some(row.open_since.map_or(begins, |since| since.min(begins)));
        return;
    };
    let seconds = end.since(begins) / 1_000_000_000;
    row.seconds = row.seconds.saturating_add(seconds);
    // Of those that took as long, the first: whichever is read first.
    let is_longest = row
        .longest_begins
        .is_none_or(|longest| (seconds, longest) > (row.longest, begins));
    if is_longest {
        (row.longest, row.longest_begins) = (seconds, Some(begins));
    }
}

/// The time of the middle one.
fn middle<'k>(keys: impl Iterator<Item = &'k (u64, Timestamp)>) -> Timestamp {
    let mut times: Vec<Timestamp> = keys.map(|(_, time)| *time).collect();
    let middle = times.len() / 2;
    if times.is_empty() {
        return Timestamp::default();
    }
    *times.select_nth_unstable(middle).1
}

/// What sessions have in common that are one, told twice; a few seconds `later`.
fn same(session: &Session, later: i64) -> u64 {
    let second = session.begins.moment().unix().saturating_add(later);
    let host = session.host.raw().to_lowercase();
    fingerprint(&[session.user.raw().as_bytes(), host.as_bytes(), &second.to_le_bytes()])
}

/// Whom and what findings are about, and by which rules.
struct Named(BTreeMap<String, BTreeSet<RuleId>>);

impl Named {
    fn of(findings: &[Finding]) -> Self {
        let mut named: BTreeMap<String, BTreeSet<RuleId>> = BTreeMap::new();
        for finding in findings {
            let accounts = finding.accounts();
            let hosts = finding.targets.iter().filter_map(|target| match target {
                Target::Host(host) => Some(host),
                Target::Url(_) | Target::File(_) => None,
            });
            for name in accounts.map(account).chain(hosts.map(place)) {
                named.entry(name).or_default().insert(finding.rule);
            }
        }
        Self(named)
    }

    fn about(&self, row: &SessionRow) -> Vec<RuleId> {
        let from = row.from.map(|from| from.to_string().into());
        let from_host = (!row.from_host.is_empty()).then(|| place(&row.from_host));
        let names = [Some(account(&row.user)), from.as_ref().map(place), from_host];
        let rules: BTreeSet<RuleId> = names
            .into_iter()
            .flatten()
            .filter_map(|name| self.0.get(&name))
            .flatten()
            .copied()
            .collect();
        rules.into_iter().take(FINDINGS).collect()
    }
}

/// An account is no machine, whatever it is called.
fn account(name: &Untrusted) -> String {
    let name = name.raw();
    let name = name.rsplit_once('\\').map_or(name, |(_, name)| name);
    format!("@{}", name.to_lowercase())
}

fn place(name: &Untrusted) -> String {
    format!("#{}", name.raw().to_lowercase())
}
