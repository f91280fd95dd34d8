//! Batches, in the order of the files: lists that are bounded, correlations, and detectors that hear what came.

use super::activity::Windows;
use super::batch::{Batch, Matched};
use super::clocks::Clocks;
use super::feed::FileRead;
use super::kept::{Kept, record};
use super::learnt::Learnt;
use super::login_rows::{self, LogInRows};
use super::rules::LogRules;
use super::sequence::LogReading;
use super::session_rows::{self, SessionRows};
use super::steps::Steps;
use super::tail::Tail;
use super::tally::Tally;
use super::told::Telling;
use super::traces;
use crate::detectors::log::unusual::is_scanner;
use crate::detectors::log::{LogScene, Watchers};
use crate::{Analysis, Engine};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;
use watchfire_model::log::{
    Count, EntrySink, LogFile, LogIn, LogInOutcome, LogPlace, LogSummary, RuleCount, RuleHit, RuleSaid,
};
use watchfire_model::{Diagnostic, DiagnosticSeverity, Halt, Observed, Origin, Period, Timestamp, Untrusted};
use watchfire_sigma::{Alert, CorrelationLimits, Correlator, FieldId, RuleId};

/// Fields that no record had, of which each is told.
const UNMET: usize = 20;
/// Different observables of all files together.
const OBSERVED: usize = 200_000;

/// See the module.
pub(super) struct Collector<'e, 'r, 'w> {
    engine: &'e Engine,
    rules: &'r LogRules,
    reading: &'e LogReading,
    entries: Option<&'w mut dyn EntrySink>,
    files: Vec<Kept>,
    left_out: u64,
    /// Fields that were asked for and that a record had.
    met: BTreeSet<FieldId>,
    hosts: Tally,
    users: Tally,
    addresses: Tally,
    events: Tally,
    top: Vec<Tally>,
    timeline: Steps,
    matched: BTreeMap<RuleId, Matched>,
    correlated: BTreeMap<u32, Matched>,
    correlator: Correlator<'r>,
    /// Matches of rules that are no longer asked, or not by these numbers.
    retired: Vec<Retired>,
    logins: LogInRows,
    sessions: SessionRows,
    accepted: u64,
    refused: u64,
    observed: usize,
    observed_left_out: u64,
    hasher: RandomState,
    watchers: Watchers<'e>,
    learnt: Learnt,
    /// Of logs that grow.
    telling: Option<Telling>,
    clocks: Clocks,
    /// Of logs that grow: what is unusual in what came lately.
    tail: Option<Tail>,
}

/// What a rule or correlation says of itself, whether it is told, and its matches.
struct Retired {
    said: Arc<RuleSaid>,
    is_told: bool,
    matched: Matched,
}

/// Nothing was counted yet.
fn correlator(rules: &LogRules) -> Correlator<'_> {
    // Files come one behind the other, whatever their times: matches wait for all of them, as far as there is room.
    let limits = CorrelationLimits {
        lateness: i64::MAX,
        groups: 60_000,
        entries: 400_000,
        ..CorrelationLimits::default()
    };
    Correlator::new(&rules.program, limits)
}

impl<'e, 'r, 'w> Collector<'e, 'r, 'w> {
    pub(super) fn new(
        engine: &'e Engine,
        rules: &'r LogRules,
        reading: &'e LogReading,
        entries: Option<&'w mut dyn EntrySink>,
    ) -> Self {
        Self {
            engine,
            rules,
            reading,
            entries,
            files: Vec::new(),
            left_out: 0,
            met: BTreeSet::new(),
            hosts: Tally::default(),
            users: Tally::default(),
            addresses: Tally::default(),
            events: Tally::default(),
            top: reading.top.iter().map(|_| Tally::default()).collect(),
            timeline: Steps::default(),
            matched: BTreeMap::new(),
            correlated: BTreeMap::new(),
            correlator: correlator(rules),
            retired: Vec::new(),
            logins: LogInRows::default(),
            sessions: SessionRows::default(),
            accepted: 0,
            refused: 0,
            observed: 0,
            observed_left_out: 0,
            hasher: RandomState::default(),
            watchers: Watchers::new(engine),
            learnt: Learnt::default(),
            telling: None,
            clocks: Clocks::default(),
            tail: None,
        }
    }

    /// The same by other rules. What was found stays; correlations begin anew.
    pub(super) fn under<'n>(mut self, rules: &'n LogRules) -> Collector<'e, 'n, 'w> {
        self.retire();
        Collector {
            engine: self.engine,
            rules,
            reading: self.reading,
            entries: self.entries,
            files: self.files,
            left_out: self.left_out,
            met: self.met,
            hosts: self.hosts,
            users: self.users,
            addresses: self.addresses,
            events: self.events,
            top: self.top,
            timeline: self.timeline,
            matched: self.matched,
            correlated: self.correlated,
            correlator: correlator(rules),
            retired: self.retired,
            logins: self.logins,
            sessions: self.sessions,
            accepted: self.accepted,
            refused: self.refused,
            observed: self.observed,
            observed_left_out: self.observed_left_out,
            hasher: self.hasher,
            watchers: self.watchers,
            learnt: self.learnt,
            telling: self.telling,
            clocks: self.clocks,
            tail: self.tail,
        }
    }

    /// What rules and correlations found is kept by what they say of themselves.
    fn retire(&mut self) {
        let rules = std::mem::take(&mut self.matched).into_iter();
        let rules = rules.map(|(rule, matched)| (self.rules.rule(rule), matched));
        let correlations = std::mem::take(&mut self.correlated).into_iter();
        let correlations = correlations.map(|(number, matched)| (self.rules.correlation(number), matched));
        for (said, matched) in rules.chain(correlations) {
            let Some((said, is_told)) = said else { continue };
            let is_it = |own: &&mut Retired| own.said == *said && own.is_told == *is_told;
            match self.retired.iter_mut().find(is_it) {
                Some(own) => own.matched.merge(matched),
                None => self.retired.push(Retired {
                    said: Arc::clone(said),
                    is_told: *is_told,
                    matched,
                }),
            }
        }
    }

    /// From now on, what is found is told at once.
    pub(super) fn follow(&mut self) {
        self.telling = Some(Telling::new(self.reading));
        self.tail = self.reading.anomalies.then(Tail::new);
        self.watchers.pause(LogScene::new(&[]));
    }

    /// One more file is followed.
    pub(super) fn begin(&mut self, name: &Untrusted) {
        if let Some(telling) = &mut self.telling {
            telling.files.push(Origin::root(name.clone()));
        }
    }

    /// All that was there at the beginning was read: correlations wait for nothing any more.
    pub(super) fn catch_up(&mut self) {
        let alerts = self.correlator.wait_for(0);
        alerts.iter().for_each(|alert| self.alert(alert));
        if let Some(tail) = &mut self.tail {
            tail.catch_up();
        }
    }

    /// Tells what is known by now.
    pub(super) fn tell(&mut self) {
        let Self {
            telling,
            entries,
            watchers,
            reading,
            tail,
            engine,
            ..
        } = self;
        let (Some(telling), Some(entries)) = (telling, entries) else {
            return;
        };
        let unusual = tail.as_mut().map(|tail| tail.closed(place)).unwrap_or_default();
        let unusual = unusual.into_iter();
        unusual
            .filter(|anomaly| !is_scanner(anomaly, &engine.organisation))
            .for_each(|anomaly| telling.unusual(anomaly));
        let found = watchers.pause(LogScene::new(&telling.files));
        found.iter().for_each(|finding| telling.found(finding));
        telling.tell(*entries, reading.show_secrets);
    }

    /// Whether somebody still wants what comes.
    pub(super) fn goes_on(&self) -> bool {
        self.entries.as_deref().is_none_or(EntrySink::goes_on)
    }

    /// How long the windows are by now in which deeds are counted.
    pub(super) fn windows(&self) -> Windows {
        self.learnt.windows()
    }

    pub(super) fn take(&mut self, mut batch: Batch) {
        let number = batch.file as usize;
        if self.files.len() <= number {
            self.files.resize_with(number + 1, Kept::default);
        }
        let Some(file) = self.files.get_mut(number) else { return };
        batch.number_from(file.totals.records);
        file.totals.merge(&batch.totals);
        if let Some(telling) = &mut self.telling {
            telling.reached(batch.totals.last);
        }
        file.bytes = file.bytes.saturating_add(batch.bytes);
        file.failed_blocks += u64::from(batch.has_failed);
        self.left_out = self.left_out.saturating_add(batch.left_out);
        self.met.extend(batch.met);
        self.hosts.merge(batch.hosts);
        self.users.merge(batch.users);
        self.addresses.merge(batch.addresses);
        self.events.merge(batch.events);
        for (own, other) in self.top.iter_mut().zip(batch.top) {
            own.merge(other);
        }
        for (minute, (records, matched)) in batch.minutes {
            self.timeline.add(minute.saturating_mul(60), records, matched);
        }
        if let Some(entries) = &mut self.entries {
            batch.entries.iter().for_each(|entry| entries.entry(entry));
        }
        for counted in batch.counted {
            let alerts =
                self.correlator
                    .feed_values(counted.time, counted.rule, &counted.values, reference(counted.place));
            alerts.into_iter().for_each(|alert| self.alert(&alert));
        }
        for (rule, matched) in batch.rules {
            if let (Some(telling), Some((said, true))) = (&mut self.telling, self.rules.rule(rule)) {
                telling.matched(said, &matched);
            }
            self.matched.entry(rule).or_default().merge(matched);
        }
        self.watchers.logins(&batch.logins);
        for login in &batch.logins {
            self.login(login);
        }
        self.sessions.take(batch.sessions);
        self.clocks.merge(batch.clocks);
        batch.rights.into_iter().for_each(|right| self.watchers.right(&right));
        if let Some(tail) = &mut self.tail {
            tail.merge(&batch.activity);
        }
        self.learnt.merge(batch.activity, &batch.lines, batch.sheets);
        self.observe(number, batch.observed);
    }

    /// A correlation holds.
    fn alert(&mut self, alert: &Alert) {
        let at = |milliseconds: i64| Timestamp::from_nanoseconds(milliseconds.saturating_mul(1_000_000));
        let matched = self.correlated.entry(alert.correlation).or_default();
        matched.count += 1;
        matched.seen(Some(at(alert.first)));
        matched.seen(Some(at(alert.last)));
        if matched.shown.len() < Matched::SHOWN || self.telling.is_some() {
            let group: Vec<String> = alert
                .group
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let text = format!("{} ({} counted)", group.join(" "), alert.value);
            let shown = super::batch::Shown {
                place: alert.references.last().map(|last| place(*last)).unwrap_or_default(),
                time: Some(at(alert.last)),
                host: Untrusted::default(),
                user: Untrusted::default(),
                traces: traces::of_group(&alert.group),
                reasons: Vec::new(),
                text: super::rules::cut(&text, 240).into(),
            };
            if let (Some(telling), Some((said, true))) = (&mut self.telling, self.rules.correlation(alert.correlation))
            {
                telling.correlated(said, &shown);
            }
            if matched.shown.len() < Matched::SHOWN {
                matched.shown.push(shown);
            }
        }
    }

    fn login(&mut self, login: &LogIn) {
        match login.outcome {
            LogInOutcome::Accepted => self.accepted += login.count,
            LogInOutcome::Refused => self.refused += login.count,
        }
        self.logins.add(login);
    }

    fn observe(&mut self, file: usize, found: Vec<Observed>) {
        let Self {
            files,
            hasher,
            observed,
            observed_left_out,
            ..
        } = self;
        let Some(file) = files.get_mut(file) else { return };
        for one in found {
            let hash = hasher.hash_one(&one.observable);
            let own = &file.observed;
            let is_it = |place: &u32| {
                own.get(*place as usize)
                    .is_some_and(|own| own.observable == one.observable)
            };
            let known = file.index.find(hash, is_it).copied();
            if let Some(known) = known.and_then(|place| file.observed.get_mut(place as usize)) {
                known.count = known.count.saturating_add(one.count);
                known.confidence = known.confidence.max(one.confidence);
                continue;
            }
            if *observed >= OBSERVED {
                *observed_left_out += 1;
                continue;
            }
            let Ok(place) = u32::try_from(file.observed.len()) else {
                continue;
            };
            *observed += 1;
            file.observed.push(one);
            let own = &file.observed;
            file.index.insert_unique(hash, place, |place| {
                own.get(*place as usize)
                    .map_or(0, |own| hasher.hash_one(&own.observable))
            });
        }
    }

    /// Everything was read.
    pub(super) fn finish(mut self, read: Vec<FileRead>, stopped: Option<Halt>) -> Analysis {
        let alerts = self.correlator.finish();
        alerts.iter().for_each(|alert| self.alert(alert));
        self.files.resize_with(read.len(), Kept::default);
        let origins: Vec<Arc<Origin>> = read.iter().map(|file| Origin::root(file.name.clone())).collect();
        let mut analysis = Analysis::default();
        self.retire();
        let hits = self.hits();
        let mut summary = self.summary();
        let (learnt, reading) = (std::mem::take(&mut self.learnt), self.reading);
        let (tagger, files) = (&self.engine.tagger, &mut self.files);
        let remarks = std::thread::scope(|scope| {
            let mut tag = move || files.iter_mut().for_each(|file| tagger.tag(&mut file.observed));
            if reading.threads > 1 {
                scope.spawn(tag);
            } else {
                tag();
            }
            learnt.tell(&mut summary, &read, reading)
        });
        summary
            .anomalies
            .iter()
            .for_each(|anomaly| self.watchers.anomaly(anomaly));
        for hit in hits.into_iter().filter(|(_, is_told)| *is_told) {
            self.watchers.hit(&hit.0);
        }
        let left_out = self.left_out_of(&summary);
        let scene = LogScene::new(&origins);
        let (findings, problems) = self.watchers.finish(scene);
        let sessions_left_out = std::mem::take(&mut self.sessions).tell(&mut summary, &findings);
        analysis.findings = findings;
        for ((file, read), origin) in self.files.into_iter().zip(read).zip(&origins) {
            record(&mut analysis, file, &read, origin, stopped);
        }
        let whole = origins.first().map(|origin| origin.path()).unwrap_or_default();
        let mut remark = |severity, code, message: String| {
            analysis.diagnostics.push(Diagnostic {
                severity,
                code,
                message: message.into(),
                artifact: whole.clone(),
            });
        };
        let clocks = std::mem::take(&mut self.clocks).tell();
        for (code, message) in remarks
            .into_iter()
            .chain(clocks.into_iter().map(|said| ("log-clock", said)))
        {
            remark(DiagnosticSeverity::Note, code, message);
        }
        if sessions_left_out > 0 {
            let message = format!(
                "more than {} users and sources: {sessions_left_out} sessions are counted and in no list",
                session_rows::ROWS
            );
            remark(DiagnosticSeverity::Note, "log-sessions", message);
        }
        for problem in problems {
            remark(problem.severity, problem.code, problem.message.raw().to_owned());
        }
        for (severity, code, message) in left_out {
            remark(severity, code, message);
        }
        analysis.log = Some(Box::new(summary));
        analysis
    }

    /// What found no room, came too late or was not asked for.
    fn left_out_of(&self, summary: &LogSummary) -> Vec<(DiagnosticSeverity, &'static str, String)> {
        let mut told = Vec::new();
        if self.observed_left_out > 0 {
            let message = format!(
                "more than {OBSERVED} different values: {} times one was met that was not looked at, and may be on a list",
                self.observed_left_out
            );
            told.push((DiagnosticSeverity::Warning, "log-values", message));
        }
        if self.logins.left_out() > 0 {
            let message = format!(
                "more than {} users and sources: {} log-ins are counted and in no list",
                login_rows::MOST,
                self.logins.left_out()
            );
            told.push((DiagnosticSeverity::Note, "log-logins", message));
        }
        let losses = self.correlator.losses();
        if losses.groups > 0 || losses.late > 0 {
            let message = format!(
                "correlations counted less than there was: {} groups were dropped for want of room, and {} matches came too late",
                losses.groups, losses.late
            );
            told.push((DiagnosticSeverity::Note, "log-correlations", message));
        }
        let not_told = self.tail.as_ref().map_or(0, Tail::not_told);
        if not_told > 0 {
            let message = format!("{not_told} more windows were unusual than are told at once in a day");
            told.push((DiagnosticSeverity::Note, "log-windows", message));
        }
        if self.left_out > 0 {
            let message = format!(
                "{} of {} records are not those that were asked for",
                self.left_out, summary.all.records
            );
            told.push((DiagnosticSeverity::Note, "filtered", message));
        }
        if let Some(choice) = &self.reading.choice {
            let met: Vec<FieldId> = self.met.iter().copied().collect();
            for field in choice.unmet(&met).take(UNMET) {
                let message = format!("no record has a field that is called '{field}', by its log or by the schema");
                told.push((DiagnosticSeverity::Note, "where-unmet", message));
            }
        }
        told
    }

    /// Matches of rules and correlations, the most critical first, and whether they are told.
    fn hits(&self) -> Vec<(RuleHit, bool)> {
        let mut hits = Vec::new();
        for Retired { said, is_told, matched } in &self.retired {
            for shown in &matched.shown {
                let hit = RuleHit {
                    rule: Arc::clone(said),
                    time: shown.time,
                    place: shown.place,
                    hosts: matched.hosts.clone(),
                    user: shown.user.clone(),
                    traces: shown.traces.clone(),
                    seen: Period::of(matched.first, matched.last),
                    reasons: shown.reasons.clone(),
                    text: shown.text.clone(),
                    count: matched.count,
                };
                hits.push((hit, *is_told));
            }
        }
        hits.sort_by(|(a, _), (b, _)| {
            b.rule
                .level
                .cmp(&a.rule.level)
                .then_with(|| (a.time, a.place, &a.rule.title).cmp(&(b.time, b.place, &b.rule.title)))
        });
        hits
    }

    fn summary(&mut self) -> LogSummary {
        let mut all = LogFile::default();
        self.files.iter().for_each(|file| all.merge(&file.totals));
        let mut rules = Vec::new();
        let mut tactics = Tally::default();
        for Retired { said, is_told, matched } in &self.retired {
            for tactic in &said.tactics {
                tactics.add(tactic.raw(), matched.count);
            }
            rules.push(RuleCount {
                rule: Box::new((**said).clone()),
                count: matched.count,
                first: matched.first,
                last: matched.last,
                hosts: matched.hosts.clone(),
                is_told: *is_told,
            });
        }
        rules.sort_by(|a, b| {
            (b.rule.level, b.count)
                .cmp(&(a.rule.level, a.count))
                .then_with(|| a.rule.title.cmp(&b.rule.title))
        });
        rules.truncate(LogSummary::RULES);
        let tactics: Vec<Count> = tactics.into_counts("tactic", LogSummary::VALUES).values;
        let counts = |tally: &mut Tally, field: &str| std::mem::take(tally).into_counts(field, LogSummary::VALUES);
        LogSummary {
            files: self.files.len() as u64,
            all,
            left_out: self.left_out,
            timeline: self.timeline.timeline(),
            hosts: counts(&mut self.hosts, "host"),
            users: counts(&mut self.users, "user"),
            addresses: counts(&mut self.addresses, "address"),
            events: counts(&mut self.events, "event"),
            top: self
                .top
                .iter_mut()
                .zip(&self.reading.top)
                .map(|(tally, field)| counts(tally, field))
                .collect(),
            rules,
            rules_asked: self.rules.count(),
            tactics,
            logins: self.logins.take(LogSummary::LOGINS),
            accepted: self.accepted,
            refused: self.refused,
            sessions: Vec::new(),
            sessions_begun: 0,
            sessions_open: 0,
            zone: self.reading.zone,
            templates: Vec::new(),
            templates_in_all: 0,
            anomalies: Vec::new(),
        }
    }
}

/// A record as a number that correlations hand back.
pub(super) fn reference(place: LogPlace) -> u64 {
    (u64::from(place.file) << 44) | (u64::from(place.is_line) << 43) | (place.number & ((1 << 43) - 1))
}

pub(super) fn place(reference: u64) -> LogPlace {
    LogPlace {
        file: u32::try_from(reference >> 44).unwrap_or(u32::MAX),
        is_line: reference >> 43 & 1 == 1,
        number: reference & ((1 << 43) - 1),
    }
}
