//! A capture is read once, and everybody who wants to know hears of it.

use super::alerts::{Alerts, Wanted};
use super::carried::{self, Files};
use super::certificates::Certificates;
use super::closing::{gaps, name, no_room, not_ip, places, remarks};
use super::described;
use super::follow::Following;
use super::learnt::Learnt;
use super::rhythm::{self, Whole};
use super::traffic::Traffic;
use crate::context::Known;
use crate::detectors::network::Watchers;
use crate::hands::Hands;
use crate::locate::Frames;
use crate::secrets::{hide_in_exchange, may_hide};
use crate::{Context, Engine};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use watchfire_capture::{
    Content, Depth, Filter, Frame, FrameReader, FrameSink, KeyLog, Options, Passage, Sink, Totals, read_with,
};
use watchfire_model::network::{
    CaptureFacts, Carried, CarriedFile, Event, Exchange, FileSink, Flow, RecordChoice, RecordSink, SeenLogin,
};
use watchfire_model::{Artifact, ArtifactId, Budget, Finding, Problem};

/// Bytes of values that are looked at together.
const PIECE: usize = 256 << 10;
/// Credentials that are told apart.
const MOST_LOGINS: usize = 10_000;
/// Digests of files that are not looked into.
const MOST_UNREAD: usize = 1 << 16;
/// Groups of detectors that hear a capture beside each other.
const GROUPS: usize = 2;

/// What is wanted of a capture besides its report.
#[derive(Default)]
pub struct Watching<'w> {
    /// Threads beside the one that reads; what is said does not depend on them.
    pub threads: usize,
    /// How deep to look.
    pub depth: Depth,
    /// Who wants every flow and event.
    pub records: Option<&'w mut dyn RecordSink>,
    /// Which of these are wanted, and which flows are among the conversations of the report.
    pub choice: Option<&'w mut dyn RecordChoice>,
    /// Who wants the files that were carried.
    pub files: Option<&'w mut dyn FileSink>,
    /// Whether records show secrets.
    pub show_secrets: bool,
    /// What TLS hides is read with these, where they fit.
    pub secrets: Arc<KeyLog>,
    /// Whether it still goes on: frames are looked at as they come.
    pub live: bool,
    /// Which frames are looked at.
    pub filter: Option<Arc<Filter>>,
    /// The flow that is meant, by the number of its first frame: everything else is passed over.
    pub follow: Option<u64>,
    /// Who wants the frames that are looked at.
    pub frames: Option<&'w mut dyn FrameSink>,
    /// Which findings nobody wants to be alerted of.
    pub hidden: Option<&'w dyn Fn(&Finding) -> bool>,
}

/// What came of it.
pub(crate) struct Told {
    pub(crate) facts: CaptureFacts,
    /// What the extractor is to read.
    pub(crate) text: Frames,
    /// Files that were carried, and what they are, where that is known.
    pub(crate) members: Vec<Known>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) problems: Vec<Problem>,
    /// Where files after the first begin: the numbers of their first frames.
    pub(crate) sources: Vec<u64>,
}

/// Reads everything that `reader` and the sources after it give, as one sequence.
pub(crate) fn watch<R: Read>(
    engine: &Engine,
    artifact: &Artifact,
    (reader, next): (&mut FrameReader<R>, impl FnMut() -> Option<R>),
    watching: Watching<'_>,
    (budget, hands): (&Budget, Hands),
) -> Told {
    let contents = match (watching.depth, &watching.files) {
        (Depth::Flows, _) => 0,
        (Depth::Everything, None) => carried::LONGEST,
        (Depth::Everything, Some(_)) => u64::MAX,
    };
    let options = Options {
        threads: watching.threads,
        depth: watching.depth,
        contents,
        secrets: Arc::clone(&watching.secrets),
        filter: watching.filter.clone(),
        follow: watching.follow,
        frames: watching.frames.is_some(),
        ..Options::default()
    };
    let (watchers, others) = Watchers::new(engine, artifact, watching.follow, GROUPS);
    let mut learnt = Learnt::new(others, watching.follow);
    let records = watching.records.as_deref();
    let mut alerts = None;
    if watching.live && records.is_some_and(RecordSink::wants_alerts) {
        alerts = Some(Alerts::new(std::mem::take(&mut learnt)));
    }
    let mut watch = Watch {
        engine,
        budget,
        following: watching.follow.map(Following::new),
        watching,
        traffic: Traffic::default(),
        files: Files::default(),
        unread: Unread::default(),
        logins: BTreeMap::new(),
        certificates: Certificates::default(),
        watchers,
        alerts,
    };
    // What was heard before a fault stays.
    let totals = catch_unwind(AssertUnwindSafe(|| {
        read_with((&mut *reader, next), &options, &mut watch, learnt.listeners())
    }));
    let fault = totals.is_err().then(|| {
        Problem::warning(
            "capture-panic",
            "reading the capture failed on the way; please report it",
        )
    });
    if let Some(alerts) = watch.alerts.take() {
        learnt = alerts.into_learnt();
    }
    let mut told = watch.finish(&totals.unwrap_or_default(), learnt, hands);
    told.problems.extend(fault);
    told.problems.extend(described::remarks(reader.description()));
    told.problems.extend(reader.problems().iter().cloned());
    if reader.more_problems() > 0 {
        let more = format!(
            "{} further problems of the capture were left out",
            reader.more_problems()
        );
        told.problems.push(Problem::note("capture-problems", more));
    }
    told
}

impl Told {
    /// Hands it all to whoever analyses the capture.
    pub(crate) fn into_context(self, cx: &mut Context<'_>, hands: Hands) -> Result<(), watchfire_model::Halt> {
        for problem in self.problems {
            cx.report(problem);
        }
        for finding in self.findings {
            cx.found(finding);
        }
        cx.fact(watchfire_model::Fact::Capture(Box::new(self.facts)));
        let pieces = self.text.pieces(PIECE).map(|piece| (piece.text(), piece));
        cx.extract_all(pieces.collect(), crate::Reading::PLAIN, hands)?;
        cx.children(self.members, hands)
    }
}

/// Who, to where, and what he says of himself: the same again is the same log-in.
type LoginKey = (IpAddr, SocketAddr, &'static str, Option<String>, Option<String>);

/// What is done with a capture on the thread that reads it.
struct Watch<'e, 'w> {
    engine: &'e Engine,
    budget: &'e Budget,
    watching: Watching<'w>,
    following: Option<Following>,
    traffic: Traffic,
    files: Files,
    /// Digests of files that are not handed on, with the frame and whose exchange it was.
    unread: Unread,
    logins: BTreeMap<LoginKey, SeenLogin>,
    certificates: Certificates,
    /// Those that hear files, too.
    watchers: Watchers<'e>,
    /// What is learnt on this thread, since it is asked for again and again.
    alerts: Option<Alerts<'e>>,
}

impl Sink for Watch<'_, '_> {
    fn frame(&mut self, frame: &Frame, bytes: &[u8]) {
        if let Some(frames) = &mut self.watching.frames {
            frames.frame(frame, bytes);
        }
    }

    fn passage(&mut self, passage: Passage<'_>) {
        if let Some(following) = &mut self.following {
            following.passage(&passage);
        }
    }

    fn content(&mut self, content: Content<'_>) {
        if self.is_beside(content.file.flow) {
            return;
        }
        if content.bytes.is_empty() {
            return self.gone(content.file.flow);
        }
        if content.at < carried::LONGEST {
            self.files.piece(content.file, content.at, content.bytes);
        }
        if let Some(files) = &mut self.watching.files {
            files.piece(content.file, content.at, content.bytes);
        }
    }

    fn event(&mut self, event: &Event) {
        if self.is_beside(event.flow) {
            return;
        }
        if let Some(alerts) = &mut self.alerts {
            alerts.event(event);
        }
        match &event.exchange {
            Exchange::File(file) => self.file(event, file),
            Exchange::Ftp(ftp) => self.files.announced(event.frame, ftp),
            Exchange::Login(login) if self.watching.show_secrets => {
                let mut login = login.clone();
                login.reveal();
                let event = Event {
                    exchange: Exchange::Login(login),
                    ..event.clone()
                };
                self.login(&event);
                return self.hand_out(&event);
            }
            Exchange::Login(_) => self.login(event),
            Exchange::Tftp(tftp) => self.files.requested(event, tftp),
            Exchange::Tls(tls) => self.certificates.handshake(event, tls),
            _ => {}
        }
        self.hand_out(event);
    }

    fn flow(&mut self, flow: &Flow) {
        if self.is_beside(flow.first_frame) || self.following.is_some() && flow.carries {
            return;
        }
        if let Some(alerts) = &mut self.alerts {
            alerts.flow(flow);
        }
        let choice = self.watching.choice.as_deref_mut();
        let is_chosen = choice.is_none_or(|choice| choice.flow(flow));
        // What a tunnel carries is counted inside, under the same number.
        if !flow.carries {
            self.gone(flow.first_frame);
            self.traffic.flow(flow, is_chosen);
        }
        self.watchers.flow(flow);
        if let Some(records) = &mut self.watching.records
            && is_chosen
        {
            records.flow(flow);
        }
        if let Some(following) = &mut self.following {
            let dialogue = following.end(flow.clone(), self.watching.show_secrets);
            if let Some(records) = &mut self.watching.records {
                let passages = dialogue.passages.iter();
                passages.for_each(|passage| records.passage(&dialogue.flow, passage));
            }
        }
    }

    fn tick(&mut self) {
        if let (Some(alerts), Some(records)) = (&mut self.alerts, &mut self.watching.records) {
            let is_hidden = |finding: &Finding| self.watching.hidden.is_some_and(|hidden| hidden(finding));
            let wanted = Wanted {
                is_hidden: &is_hidden,
                show_secrets: self.watching.show_secrets,
            };
            alerts.ask((self.engine, &self.watchers), &wanted, *records);
        }
    }

    fn goes_on(&self) -> bool {
        let records = self.watching.records.as_deref();
        let frames = self.watching.frames.as_deref();
        self.budget.check().is_ok() && records.is_none_or(RecordSink::goes_on) && frames.is_none_or(FrameSink::goes_on)
    }
}

impl Watch<'_, '_> {
    /// A file is at its end.
    fn file(&mut self, event: &Event, file: &CarriedFile) {
        let carried = self.files.end(event, file, self.budget);
        // What goes on to the engine has its digest there.
        if let (None, Some(digest)) = (carried.content, file.sha256) {
            self.unread.push(digest, (event.frame, event.originator.ip()));
        }
        match self.files.settled(carried) {
            Ok(carried) => self.carried(&carried),
            Err(waits) => {
                if let Some(sink) = &mut self.watching.files {
                    sink.heard(waits);
                }
            }
        }
    }

    /// Tells whoever wants to hear of each exchange: what is shown has no secrets in it that are not to be shown.
    fn hand_out(&mut self, event: &Event) {
        self.watchers.event(event);
        if self.watching.records.is_none() && self.following.is_none() {
            return;
        }
        let mut event = Cow::Borrowed(event);
        if !self.watching.show_secrets && may_hide(&event.exchange) {
            let following = &mut self.following;
            hide_in_exchange(&mut event.to_mut().exchange, &mut |secret| {
                if let Some(following) = following {
                    following.secret(secret);
                }
            });
        }
        if let Some(following) = &mut self.following {
            following.event(&event);
        }
        let Watching { records, choice, .. } = &mut self.watching;
        if let Some(records) = records
            && choice.as_deref_mut().is_none_or(|choice| choice.event(&event))
        {
            records.event(&event);
        }
    }

    /// All is known of a file that was carried.
    fn carried(&mut self, carried: &Carried) {
        self.watchers.carried(carried);
        match &mut self.watching.files {
            Some(sink) if carried::is_a_file(carried) => sink.end(carried),
            Some(sink) => sink.is_none(carried.file.id),
            None => {}
        }
    }

    /// Nothing more comes of the files of a flow.
    fn gone(&mut self, flow: u64) {
        self.files.gone(flow);
        if let Some(files) = &mut self.watching.files {
            files.gone(flow);
        }
    }

    /// Whether one flow is followed, and this is another.
    fn is_beside(&self, flow: u64) -> bool {
        self.watching.follow.is_some_and(|followed| followed != flow)
    }

    fn login(&mut self, event: &Event) {
        let Exchange::Login(login) = &event.exchange else {
            return;
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        let proof = login.secret.as_ref().or(login.hashcat.as_ref().map(|line| &line.line));
        let key = (
            event.originator.ip(),
            event.responder,
            login.service,
            text(login.user.as_ref().map(|user| user.raw())),
            // Answers to challenges differ each time: who answers is what counts.
            text(proof.filter(|_| login.secret.is_some()).map(|proof| proof.raw())),
        );
        let is_full = self.logins.len() >= MOST_LOGINS;
        match self.logins.get_mut(&key) {
            Some(seen) => {
                seen.count += 1;
                seen.login.accepted = seen.login.accepted.max(login.accepted);
            }
            None if is_full => {}
            None => {
                let seen = SeenLogin {
                    frame: event.frame,
                    time: event.time,
                    from: event.originator.ip(),
                    to: event.responder,
                    count: 1,
                    login: (**login).clone(),
                };
                self.logins.insert(key, seen);
            }
        }
    }

    fn finish(mut self, totals: &Totals, learnt: Learnt<'_>, hands: Hands) -> Told {
        for carried in self.files.waited() {
            self.carried(&carried);
        }
        let Self {
            engine,
            traffic,
            files,
            unread,
            logins,
            certificates,
            watchers,
            following,
            watching,
            ..
        } = self;
        let (hosts, mut names) = (learnt.hosts.learner, learnt.names.learner);
        let certificates = certificates.into_list();
        let mut problems = remarks(totals, watching.filter.as_deref());
        let gaps = gaps(totals);
        let whole = Whole {
            first: totals.first,
            last: totals.last,
            gaps: &gaps,
            tagger: &engine.tagger,
            organisation: &engine.organisation,
        };
        let rhythms = learnt.rhythms.learner;
        let (mut rhythms, (talkers, countries)) = hands.both(|| rhythms.told(whole), || places(&hosts, engine));
        let unread_left_out = unread.left_out;
        let find = || watchers.finish(learnt.watchers, (&hosts, &rhythms));
        let list = || {
            for (digest, at) in unread.digests {
                names.met(&digest.to_string(), at);
            }
            certificates.iter().for_each(|seen| names.certificate(seen));
            (files.into_parts(), traffic.into_lists())
        };
        let ((findings, failures), (parts, lists)) = hands.both(find, list);
        problems.extend(failures);
        rhythms.truncate(rhythm::TOLD);
        let (carried, carried_in_all, members, left_out) = parts;
        let (services, layers, mut conversations) = lists;
        name(&mut conversations, &hosts);
        let (text, values_left_out) = names.into_text();
        problems.extend(no_room(left_out, values_left_out + unread_left_out, hosts.forgotten()));
        let mut logins: Vec<SeenLogin> = logins.into_values().collect();
        logins.sort_by_key(|seen| (seen.frame, seen.to));
        let facts = CaptureFacts {
            frames: totals.frames,
            bytes: totals.bytes,
            captured: totals.captured,
            first: totals.first,
            last: totals.last,
            files: Vec::new(),
            flows: following.as_ref().map_or(totals.flows, Following::flows),
            hosts: hosts.len(),
            timeline: totals.clock.timeline(),
            gaps,
            services,
            layers,
            talkers,
            conversations,
            countries,
            carried,
            carried_in_all,
            logins,
            certificates,
            rhythms,
            not_ip: not_ip(totals),
            followed: following.and_then(Following::into_dialogue),
        };
        Told {
            facts,
            text,
            members,
            findings,
            problems,
            sources: totals.sources.clone(),
        }
    }
}

/// Digests of files that nobody looks into, each with the frame and the host that sent it.
#[derive(Debug, Default)]
struct Unread {
    digests: Vec<(ArtifactId, (u64, IpAddr))>,
    left_out: u64,
}

impl Unread {
    fn push(&mut self, digest: ArtifactId, at: (u64, IpAddr)) {
        if self.digests.len() < MOST_UNREAD {
            self.digests.push((digest, at));
        } else {
            self.left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_whose_digests_find_no_room_are_counted() {
        let mut unread = Unread::default();
        for number in 0..MOST_UNREAD as u64 + 3 {
            unread.push(ArtifactId::of(b"x"), (number, IpAddr::from([192, 0, 2, 1])));
        }
        assert_eq!((unread.digests.len(), unread.left_out), (MOST_UNREAD, 3));
    }
}
