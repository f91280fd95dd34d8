//! What an analyzer may do: emit facts, hand out children, send text to the extractor, report problems.

use crate::hands::Hands;
use crate::locate::{Locate, Pieces};
use crate::passwords::{self, Candidate};
use crate::run::{Child, what_is};
use crate::unwrap::unwrap;
use crate::{Engine, secrets};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use watchfire_formats::executable::authenticode::Trust;
use watchfire_formats::identify::media;
use watchfire_formats::text;
use watchfire_model::dns::{DnsSnapshot, Resolver};
use watchfire_model::{
    Artifact, ArtifactId, Budget, Confidence, Diagnostic, DiagnosticSeverity, Encoding, Evidence, Fact, Finding, Halt,
    LimitKind, Link, MediaType, Member, MemberSink, Observable, ObservableType, Observed, Organisation, PartRole,
    Place, Problem, Role, Span, Untrusted, Via,
};
use watchfire_phishing::Model;

/// How a text is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The decoding that led to the text.
    pub encoding: Option<Encoding>,
    /// How the text came to light, where it is not plainly there.
    pub via: Option<Via>,
    /// No observable is surer than this; those that the extractor is less sure of than [`Reading::floor`] are dropped.
    pub ceiling: Confidence,
    /// See [`Reading::ceiling`].
    pub floor: Confidence,
    /// The character encoding of the artifact, where the text was laid out from it and need not be what stands there:
    /// `raw` is then read from the artifact again.
    pub charset: Option<&'static str>,
}

impl Reading {
    /// Text that somebody wrote to be read.
    pub const PLAIN: Self = Self {
        encoding: None,
        via: None,
        ceiling: Confidence::High,
        floor: Confidence::Low,
        charset: None,
    };

    /// The text was written for programs and authors. Whatever it looks like, it presents nothing to a reader.
    fn is_behind(self) -> bool {
        matches!(self.via, Some(Via::Script | Via::Comment | Via::Markup | Via::Folded))
    }
}

/// Everything one artifact gave.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) facts: Vec<Fact>,
    pub(crate) observed: Vec<Observed>,
    pub(crate) children: Vec<Child>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was found while it was read.
    pub(crate) findings: Vec<Finding>,
    pub(crate) candidates: Vec<Candidate>,
    /// Something in it is encrypted, and no password opened it.
    pub(crate) locked: bool,
    /// Something in it was not looked at.
    pub(crate) partial: bool,
}

/// Something found inside, and what it is, where that is known already.
pub(crate) type Known = (Member, Option<MediaType>);

/// What a text shows.
struct Seen {
    mentions: Vec<passwords::Mention>,
    observed: Vec<Observed>,
}

/// Handed to an analyzer with the artifact. Whatever is emitted stays, also when the analyzer gives up afterwards.
pub struct Context<'a> {
    artifact: &'a Artifact,
    media_type: MediaType,
    budget: &'a Budget,
    engine: &'a Engine,
    candidates: &'a [Candidate],
    takes_apart: bool,
    outcome: Outcome,
    /// Where each value stands among what was observed.
    index: HashTable<u32>,
    hasher: RandomState,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        artifact: &'a Artifact,
        media_type: MediaType,
        budget: &'a Budget,
        engine: &'a Engine,
        candidates: &'a [Candidate],
    ) -> Self {
        Self {
            artifact,
            media_type,
            budget,
            engine,
            candidates,
            takes_apart: false,
            outcome: Outcome::default(),
            index: HashTable::new(),
            hasher: RandomState::default(),
        }
    }

    /// Says whether a mail that is handed out is taken by itself.
    pub(crate) fn take_mails_apart(&mut self, takes_apart: bool) {
        self.takes_apart = takes_apart;
    }

    /// Takes the artifact for something else than what its content says.
    pub(crate) fn take_as(&mut self, media_type: MediaType) {
        self.media_type = media_type;
    }

    /// What the artifact is, by content.
    pub fn media_type(&self) -> MediaType {
        self.media_type
    }

    /// Which artifact it is.
    pub(crate) fn identity(&self) -> ArtifactId {
        self.artifact.id()
    }

    /// The account that everything below one root shares.
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Passwords to try: hinted ones, then those that stood in text read so far.
    pub(crate) fn candidates(&self) -> &'a [Candidate] {
        self.candidates
    }

    /// What everything is analysed with.
    pub(crate) fn engine(&self) -> &'a Engine {
        self.engine
    }

    /// Whose evidence it is.
    pub fn organisation(&self) -> &'a Organisation {
        &self.engine.organisation
    }

    /// Whose signatures of programs count, and when it is.
    pub(crate) fn trust(&self) -> &'a Trust {
        &self.engine.trust
    }

    /// Answers of the DNS by which mail is verified, if there are any.
    pub fn dns(&self) -> Option<&'a DnsSnapshot> {
        self.engine.dns.as_deref()
    }

    /// Who finds out what those answers leave open, where somebody may.
    pub fn resolver(&self) -> Option<&'a dyn Resolver> {
        self.engine.resolver.as_deref()
    }

    /// What mails are scored with.
    pub(crate) fn phishing(&self) -> &'a Model {
        &self.engine.phishing
    }

    /// Emits a fact.
    pub fn fact(&mut self, fact: Fact) {
        self.outcome.facts.push(fact);
    }

    /// Adds what a detector found that listened while the artifact was read.
    pub(crate) fn found(&mut self, finding: Finding) {
        self.outcome.findings.push(finding);
    }

    /// Reports a problem; it becomes a diagnostic with the artifact's path. Where it says that something could not be
    /// read, the artifact was not read in full.
    pub fn report(&mut self, problem: Problem) {
        self.outcome.partial |= problem.severity > DiagnosticSeverity::Note;
        self.outcome.diagnostics.push(Diagnostic {
            severity: problem.severity,
            code: problem.code,
            message: problem.message,
            artifact: self.artifact.origin().path(),
        });
    }

    /// Hands out something found inside. An error means that a limit was reached and that the analyzer should stop.
    pub fn child(&mut self, member: Member) -> Result<(), Halt> {
        let child = self.made(member, None);
        self.admit(child)
    }

    /// Hands out several, which may be known by their content already.
    pub(crate) fn children(&mut self, members: Vec<Known>, hands: Hands) -> Result<(), Halt> {
        let cx = &*self;
        let children = hands.map(members, |(member, known)| cx.made(member, known));
        children.into_iter().try_for_each(|child| self.admit(child))
    }

    fn made(&self, member: Member, known: Option<MediaType>) -> Child {
        let origin = self.artifact.origin().child(member.name.clone());
        let mut hints = member.hints;
        hints.name = hints.name.or(Some(member.name));
        let kind = || known.map_or_else(|| what_is(&member.bytes, &hints), |known| (known, None));
        let kind = self.takes_apart.then(kind);
        Child {
            artifact: Artifact::new(member.bytes, origin, hints),
            kind,
        }
    }

    fn admit(&mut self, child: Child) -> Result<(), Halt> {
        let depth = child.artifact.origin().depth();
        if child.is_mail() {
            self.budget.admit_share(depth)?;
        } else {
            self.budget.admit(depth)?;
        }
        self.outcome.children.push(child);
        Ok(())
    }

    /// Says that something in the artifact was not looked at, so that nobody takes the artifact for fully read.
    pub fn partial(&mut self) {
        self.outcome.partial = true;
    }

    /// Says that something in the artifact is encrypted and that no password opened it. The artifact is tried once more
    /// when text elsewhere below the same root yields further passwords.
    pub fn locked(&mut self) {
        self.outcome.locked = true;
        self.outcome.partial = true;
    }

    /// Sends text to the extractor. `at` knows where the text stands in the artifact.
    pub fn extract(&mut self, text: &[u8], at: &dyn Locate, reading: Reading) -> Result<(), Halt> {
        self.budget.check()?;
        let seen = self.look(text, at, reading);
        self.take_in((text, at), seen, reading)
    }

    /// The same of several texts.
    pub(crate) fn extract_all<L: Locate + Send + Sync>(
        &mut self,
        texts: Vec<(&[u8], L)>,
        reading: Reading,
        hands: Hands,
    ) -> Result<(), Halt> {
        let cx = &*self;
        let seen = hands.map(texts, |(text, at)| {
            let seen = cx.budget.check().map(|()| cx.look(text, &at, reading));
            (text, at, seen)
        });
        seen.into_iter()
            .try_for_each(|(text, at, seen)| self.take_in((text, &at), seen?, reading))
    }

    /// What a text shows: passwords that are mentioned, and observables in their places.
    fn look(&self, text: &[u8], at: &dyn Locate, reading: Reading) -> Seen {
        let mentions = passwords::find(text);
        let mut observed = self.engine.extractor.extract(text).observed;
        observed.retain(|observed| observed.confidence >= reading.floor);
        let mut lines = Lines::default();
        for observed in &mut observed {
            self.settle(observed, at, reading.charset, &mut lines);
        }
        Seen { mentions, observed }
    }

    fn take_in(&mut self, (text, at): (&[u8], &dyn Locate), seen: Seen, reading: Reading) -> Result<(), Halt> {
        for mention in seen.mentions {
            self.remember(mention, text, at);
        }
        for mut observed in seen.observed {
            if reading.is_behind() {
                (observed.role, observed.role_reason) = (Role::Mentioned, "");
            }
            observed.confidence = observed.confidence.min(reading.ceiling);
            observed.encoding = observed.encoding.or(reading.encoding);
            observed.via = observed.via.or(reading.via);
            let behind = self.behind(&observed);
            if self.is_followed(&observed) {
                self.fact(Fact::Link(Link {
                    target: observed.observable.raw().into(),
                    span: Some(observed.span),
                    page: observed.page,
                    ..Link::default()
                }));
            }
            self.observe(observed)?;
            for target in behind {
                self.follow(target)?;
            }
        }
        Ok(())
    }

    /// Whether a reader can follow it although it is no link of a page: in the text of a mail, in an invitation.
    fn is_followed(&self, observed: &Observed) -> bool {
        let is_shown = self.media_type == media::CALENDAR || self.artifact.hints().role == Some(PartRole::Text);
        is_shown && observed.via.is_none() && observed.observable.kind() == ObservableType::Url
    }

    /// What a URL leads to behind link protection and redirectors, at the place of the URL. Nothing for one whose
    /// target is known already.
    fn behind(&self, observed: &Observed) -> Vec<Observed> {
        let is_inner = matches!(observed.via, Some(Via::EmbeddedUrl | Via::Unwrapped));
        if observed.observable.kind() != ObservableType::Url || is_inner || self.known(&observed.observable).is_some() {
            return Vec::new();
        }
        let Some(behind) = unwrap(observed.observable.raw()) else {
            return Vec::new();
        };
        let found = self.engine.extractor.extract(behind.target.as_bytes()).observed;
        let settled = found.into_iter().map(|inner| Observed {
            raw: observed.raw.clone(),
            span: observed.span,
            line: observed.line,
            page: observed.page,
            frame: observed.frame,
            met: observed.met.clone(),
            role: observed.role,
            role_reason: observed.role_reason,
            confidence: inner.confidence.min(observed.confidence),
            via: inner.via.or(Some(Via::Unwrapped)),
            ..inner
        });
        settled.collect()
    }

    /// Adds what is behind a URL. The extractor may have seen some of it in the URL itself; that is not counted again.
    fn follow(&mut self, target: Observed) -> Result<(), Halt> {
        let known = self.known(&target.observable);
        let Some(known) = known.and_then(|at| self.outcome.observed.get_mut(at)) else {
            return self.observe(target);
        };
        if known.via == Some(Via::EmbeddedUrl) {
            known.via = target.via;
        }
        Ok(())
    }

    /// Emits links: each becomes a fact, and its target goes through the extractor.
    pub fn links(&mut self, links: Vec<Link>, reading: Reading) -> Result<(), Halt> {
        let mut targets = Pieces::default();
        for link in links {
            if is_absolute(link.target.raw()) {
                targets.push(link.target.raw(), link.span, link.page);
            }
            self.fact(Fact::Link(link));
        }
        let reading = Reading {
            via: Some(Via::Link),
            ..reading
        };
        self.extract(targets.text(), &targets, reading)
    }

    /// Adds one observable; a value that is already there is counted.
    pub fn observe(&mut self, observed: Observed) -> Result<(), Halt> {
        if let Some(earlier) = self.known(&observed.observable) {
            if let Some(earlier) = self.outcome.observed.get_mut(earlier) {
                // Once behind the URL around it, whose place it has, and once as a part of that.
                let (whole, part) = (earlier.span, observed.span);
                let is_part = whole != part && whole.start <= part.start && part.end <= whole.end;
                earlier.count = earlier.count.saturating_add(if is_part { 0 } else { observed.count });
                earlier.confidence = earlier.confidence.max(observed.confidence);
            }
            return Ok(());
        }
        if self.outcome.observed.len() as u64 >= self.budget.limits().records {
            return Err(Halt(LimitKind::Records));
        }
        let Self {
            index, hasher, outcome, ..
        } = self;
        let hash = hasher.hash_one(Some(&observed.observable));
        let place = u32::try_from(outcome.observed.len()).map_err(|_| Halt(LimitKind::Records))?;
        outcome.observed.push(observed);
        index.insert_unique(hash, place, |place| {
            let earlier = outcome.observed.get(*place as usize);
            hasher.hash_one(earlier.map(|earlier| &earlier.observable))
        });
        Ok(())
    }

    /// Where a value stands among what was observed.
    fn known(&self, what: &Observable) -> Option<usize> {
        let observed = &self.outcome.observed;
        let is_it = |place: &u32| {
            let earlier = observed.get(*place as usize);
            earlier.is_some_and(|earlier| earlier.observable == *what)
        };
        let place = self.index.find(self.hasher.hash_one(Some(what)), is_it)?;
        Some(*place as usize)
    }

    /// What was observed so far.
    pub fn observed(&self) -> &[Observed] {
        &self.outcome.observed
    }

    /// Where to look in this artifact.
    pub fn evidence(&self, place: Place, excerpt: &str) -> Evidence {
        evidence(self.artifact, place, excerpt)
    }

    pub(crate) fn into_outcome(self) -> Outcome {
        self.outcome
    }

    /// Replaces a span of the text by its place in the artifact, and `raw` by what stands there.
    fn settle(&self, observed: &mut Observed, at: &dyn Locate, charset: Option<&str>, lines: &mut Lines) {
        let in_text = observed.span;
        observed.page = at.page(in_text.start);
        observed.frame = at.frame(in_text.start);
        observed.met = at.met(in_text.start).map(Box::new);
        if observed.frame.is_some() {
            (observed.span, observed.line) = (Span::default(), 0);
            return;
        }
        let Some(mut span) = at.span(in_text) else {
            return;
        };
        if let Some(charset) = charset
            && let Some((exact, text)) = standing(self.artifact.bytes(), span, charset, observed.raw.raw())
        {
            span = exact;
            observed.raw = text;
        }
        if span == in_text {
            return;
        }
        observed.span = span;
        observed.line = lines.line(self.artifact.bytes(), span.start);
    }

    fn remember(&mut self, mention: passwords::Mention, text: &[u8], at: &dyn Locate) {
        let span = Span {
            start: mention.start as u64,
            end: mention.end as u64,
        };
        let page = at.page(span.start);
        let place = match (page, at.span(span)) {
            (Some(page), _) => Place::Page(page),
            (None, Some(span)) => Place::Line(Lines::default().line(self.artifact.bytes(), span.start)),
            (None, None) => Place::Line(Lines::default().line(text, span.start)),
        };
        let evidence = self.evidence(place, &mention.masked);
        for password in mention.passwords {
            self.outcome.candidates.push(Candidate {
                password,
                evidence: Some(evidence.clone()),
            });
        }
    }
}

impl MemberSink for Context<'_> {
    fn member(&mut self, member: Member) -> Result<(), Halt> {
        self.child(member)
    }

    fn problem(&mut self, problem: Problem) {
        self.report(problem);
    }
}

/// What stands at `span`, which is where `raw` comes from: `raw` itself, at its place inside, or else all of it, with
/// character references as they are written. Nothing where the place is as long as an embedded file: looking through
/// that for each of its parts would take the square of the time.
fn standing(bytes: &[u8], span: Span, charset: &str, raw: &str) -> Option<(Span, Untrusted)> {
    const LONGEST: usize = 8 << 10;
    let start = usize::try_from(span.start).ok()?;
    let end = usize::try_from(span.end).ok()?.min(bytes.len());
    if end.saturating_sub(start) > LONGEST {
        return None;
    }
    let decoded = text::decode(bytes.get(start..end)?, Some(charset));
    let inside = |from: usize, to: usize| Span {
        start: span.start + decoded.source_offset(from) as u64,
        end: span.start + decoded.source_offset(to) as u64,
    };
    if let Some(at) = decoded.text.find(raw) {
        return Some((inside(at, at + raw.len()), raw.into()));
    }
    // The place of the last character is where its reference begins.
    let rest = decoded.text.rfind('&').filter(|at| at + 1 == decoded.text.len());
    let reference = rest.and_then(|_| {
        let after = bytes.get(end..bytes.len().min(end + 32))?;
        let semicolon = after.iter().position(|byte| *byte == b';')?;
        let name = after.get(..semicolon)?;
        name.iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#')
            .then_some(semicolon + 1)
    });
    let end = end + reference.unwrap_or(0);
    let text = text::decode(bytes.get(start..end)?, Some(charset)).text.into_owned();
    let span = Span {
        start: span.start,
        end: end as u64,
    };
    Some((span, text.into()))
}

/// Whether a link leads anywhere by itself. Relative ones would pass for file paths.
fn is_absolute(target: &str) -> bool {
    let target = target.trim();
    target.starts_with("//")
        || target.starts_with("\\\\")
        || target
            .split(['/', '?', '#'])
            .next()
            .is_some_and(|head| head.contains(':'))
}

/// Evidence with its excerpt cut to what the model allows.
pub(crate) fn evidence(artifact: &Artifact, place: Place, text: &str) -> Evidence {
    Evidence {
        artifact: artifact.id(),
        path: artifact.origin().path(),
        place,
        excerpt: excerpt(text),
    }
}

/// At most 240 bytes of `text`, cut between characters, and before a secret of which only a part would stay: nobody
/// could tell any more what it is.
pub(crate) fn excerpt(text: &str) -> Untrusted {
    const LONGEST: usize = 240;
    if text.len() <= LONGEST {
        return text.into();
    }
    let cut = text.floor_char_boundary(LONGEST - '…'.len_utf8());
    let seen = text.get(..text.floor_char_boundary(8 * LONGEST)).unwrap_or(text);
    let secrets = secrets::hidden(seen);
    let halved = secrets.iter().find(|secret| secret.start < cut && secret.end > cut);
    let cut = halved.map_or(cut, |secret| secret.start);
    Untrusted::new(format!("{}…", text.get(..cut).unwrap_or_default()))
}

/// Line numbers of ascending or arbitrary offsets, without counting from the beginning each time.
#[derive(Debug, Default)]
struct Lines {
    offset: usize,
    passed: u64,
}

impl Lines {
    fn line(&mut self, bytes: &[u8], offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let newlines = |from: usize, to: usize| {
            let between = bytes.get(from..to).unwrap_or_default();
            memchr::memchr_iter(b'\n', between).count() as u64
        };
        self.passed = if offset >= self.offset {
            self.passed + newlines(self.offset, offset)
        } else {
            self.passed.saturating_sub(newlines(offset, self.offset))
        };
        self.offset = offset;
        self.passed + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_forwards_and_backwards() {
        let mut lines = Lines::default();
        let text = b"a\nb\nc\nd";
        assert_eq!([4, 0, 6, 2, 99].map(|at| lines.line(text, at)), [3, 1, 4, 2, 4]);
    }

    #[test]
    fn excerpts_are_cut_between_characters() {
        let cut = excerpt(&"é".repeat(200));
        assert!(cut.raw().len() <= 240 && cut.raw().ends_with("é…"));
    }
}
