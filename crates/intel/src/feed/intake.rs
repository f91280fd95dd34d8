//! What came of reading a feed: counts, the first few records that were not taken, notes, and the next page.

use super::{Options, screen, value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use watchfire_model::{Indicator, Invalid, Moment, Observable, ObservableType, Pap, Reach, Tlp, Untrusted, Verdict};

/// How many records that were not taken are named.
const EXAMPLES: usize = 5;
/// How much of each is shown. Bytes.
const EXCERPT: usize = 120;
/// How many different notes pages may leave.
const NOTES: usize = 10;

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Nowhere in particular.
    Whole,
    /// A line, from 1.
    Line(u64),
    /// A record, from 1.
    Record(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("its end"),
            Self::Line(number) => write!(f, "line {number}"),
            Self::Record(number) => write!(f, "record {number}"),
        }
    }
}

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It could not be read.
    Malformed,
    /// It asserts something that no observable can be compared with.
    Unsupported,
    /// Its author says that it is not for detection (MISP without `to_ids`).
    Informative,
    /// Its author took it back: deleted, revoked, refuted.
    Withdrawn,
    /// An address or a name that nobody outside can have.
    Reserved,
    /// A network so large that it would meet the innocent.
    TooBroad,
    /// A name under which anybody can have theirs.
    PublicSuffix,
    /// A value that is everywhere, such as the digest of the empty file.
    Everywhere,
}

impl Reason {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::Informative => "informative",
            Self::Withdrawn => "withdrawn",
            Self::Reserved => "reserved",
            Self::TooBroad => "too-broad",
            Self::PublicSuffix => "public-suffix",
            Self::Everywhere => "everywhere",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A record that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Where it stands.
    pub place: Place,
    /// The reason in a word.
    pub reason: Reason,
    /// The reason in a few words.
    pub why: &'static str,
    /// Its text, cut.
    pub text: Untrusted,
}

/// Where a feed in pages goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The parameter `next` of the next request (TAXII 2.1).
    Cursor(String),
    /// An absolute URL. It comes from the other side: only one on the same host may be followed.
    Url(String),
    /// The parameter `startIndex` of the next request (NVD).
    Index(u64),
    /// The parameter `added_after` of the next request, which is what the header `X-TAXII-Date-Added-Last` of this page
    /// says: servers need not have cursors (TAXII 2.1, section 3.4.1).
    AddedLast,
}

/// What came of reading a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intake {
    /// Indicators that were handed over.
    pub indicators: u64,
    /// Records, or values of records, that were not taken, by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// The first few of them.
    pub examples: Vec<Rejected>,
    /// Dates that cannot be read. What bears one is taken as if it bore none: as of when its feed was fetched, without end.
    pub unreadable_dates: u64,
    /// What else to know: what was understood in a way that is not obvious.
    pub notes: Vec<String>,
    /// When the feed says that it was made.
    pub made: Option<Moment>,
    /// The strictest marking that is named in it.
    pub tlp: Option<Tlp>,
    /// The strictest marking that is named in it.
    pub pap: Option<Pap>,
    /// Where it goes on.
    pub next: Option<Next>,
}

impl Intake {
    /// Adds what came of another page of the same feed, which is where it goes on from now.
    pub fn join(&mut self, page: Self) {
        self.indicators += page.indicators;
        for (reason, count) in page.rejected {
            *self.rejected.entry(reason).or_default() += count;
        }
        self.unreadable_dates += page.unreadable_dates;
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(page.examples.into_iter().take(room));
        for note in page.notes {
            if !self.notes.contains(&note) && self.notes.len() < NOTES {
                self.notes.push(note);
            }
        }
        self.made = self.made.max(page.made);
        self.tlp = self.tlp.max(page.tlp);
        self.pap = self.pap.max(page.pap);
        self.next = page.next;
    }

    /// Counts what is not taken, and keeps the first few.
    pub fn reject(&mut self, place: Place, reason: Reason, why: &'static str, text: &str) {
        *self.rejected.entry(reason).or_default() += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Rejected {
                place,
                reason,
                why,
                text: value::cut(text, EXCERPT),
            });
        }
    }

    /// Records that were not taken, of all reasons.
    pub fn not_taken(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Whether more than half of it could not be read: such a feed has changed its format, or is none.
    pub fn is_mostly_malformed(&self) -> bool {
        let malformed = self.rejected.get(&Reason::Malformed).copied().unwrap_or_default();
        malformed > self.indicators + self.not_taken() - malformed
    }
}

/// Reads the dates of records, and counts those that cannot be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dates(Rc<RefCell<(u64, Untrusted)>>);

impl Dates {
    /// A time; nothing where there is none or it cannot be read.
    pub(crate) fn read(&self, text: &str) -> Option<Moment> {
        let moment = value::moment(text);
        if moment.is_none() && !value::is_no_time(text) {
            let (count, first) = &mut *self.0.borrow_mut();
            if *count == 0 {
                *first = value::cut(text, EXCERPT);
            }
            *count += 1;
        }
        moment
    }
}

/// Takes indicators from a format: completes them by the options, screens them, counts and hands over.
pub(crate) struct Taker<'a> {
    options: &'a Options,
    out: &'a mut dyn FnMut(Indicator),
    ports: u64,
    dates: Dates,
    /// What the format and its caller fill in.
    pub(crate) intake: Intake,
}

impl<'a> Taker<'a> {
    pub(crate) fn new(options: &'a Options, out: &'a mut dyn FnMut(Indicator)) -> Self {
        Self {
            options,
            out,
            ports: 0,
            dates: Dates::default(),
            intake: Intake::default(),
        }
    }

    /// What reads the dates of records.
    pub(crate) fn dates(&self) -> Dates {
        self.dates.clone()
    }

    /// What the user says.
    pub(crate) fn options(&self) -> &'a Options {
        self.options
    }

    /// Takes one, unless it is dangerous.
    pub(crate) fn take(&mut self, place: Place, mut indicator: Indicator) {
        if indicator.observable.kind() == ObservableType::Socket {
            indicator = self.without_port(indicator);
        }
        if let Some(single) = value::single_address(&indicator.observable) {
            indicator.observable = single;
            indicator.reach = Reach::Exact;
        }
        indicator.reach = self.options.reach.of(&indicator);
        if let Some(towards) = self.options.towards {
            indicator.towards = towards;
        } else if matches!(indicator.observable.kind(), ObservableType::Cve | ObservableType::Ghsa) {
            // To name a vulnerability is nobody's guilt.
            indicator.towards = Verdict::Unknown;
        }
        if indicator.confidence.is_none() {
            indicator.confidence = self.options.confidence;
        }
        indicator.confidence = indicator.confidence.map(|percent| percent.min(100));
        if indicator.threat.is_empty() && !self.options.threat.is_empty() {
            indicator.threat = value::cut(&self.options.threat, Indicator::MAX_THREAT);
        }
        match screen::screen(&indicator) {
            Ok(()) => {
                self.intake.indicators += 1;
                (self.out)(indicator);
            }
            Err((reason, why)) => self.reject(place, reason, why, indicator.observable.raw()),
        }
    }

    /// The address or name before the port, which moves into the threat.
    fn without_port(&mut self, indicator: Indicator) -> Indicator {
        let Some((host, port)) = value::split_socket(&indicator.observable) else {
            return indicator;
        };
        self.ports += 1;
        let threat = match indicator.threat.raw() {
            "" => format!("port {port}"),
            threat if threat.contains(&*format!("port {port}")) => threat.to_owned(),
            threat => format!("{threat}, port {port}"),
        };
        Indicator {
            threat: value::cut(&threat, Indicator::MAX_THREAT),
            observable: host,
            ..indicator
        }
    }

    /// Counts what is not taken, and keeps the first few.
    pub(crate) fn reject(&mut self, place: Place, reason: Reason, why: &'static str, text: &str) {
        self.intake.reject(place, reason, why, text);
    }

    /// Counts a value that is not of its type.
    pub(crate) fn malformed(&mut self, place: Place, why: Invalid, text: &str) {
        let why = if text.trim().is_empty() { "empty" } else { why.0 };
        self.reject(place, Reason::Malformed, why, text);
    }

    /// Takes a value of whatever type it is, or counts it.
    pub(crate) fn take_guessed(&mut self, place: Place, text: &str, complete: impl FnOnce(Observable) -> Indicator) {
        if let Some(url) = value::beginning(text) {
            return self.take(
                place,
                Indicator {
                    reach: Reach::Prefix,
                    ..complete(url)
                },
            );
        }
        match value::guess(text) {
            Ok(observable) => self.take(place, complete(observable)),
            Err(why) => self.malformed(place, why, text),
        }
    }

    /// Takes a value of this type, or counts it.
    pub(crate) fn take_typed(
        &mut self,
        place: Place,
        kind: ObservableType,
        text: &str,
        complete: impl FnOnce(Observable) -> Indicator,
    ) {
        match value::typed(kind, text) {
            Ok(observable) => self.take(place, complete(observable)),
            Err(why) => self.malformed(place, why, text),
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.intake.notes.push(note.into());
    }

    /// Remembers the strictest marking.
    pub(crate) fn mark(&mut self, tag: &str) {
        self.intake.tlp = self.intake.tlp.max(Tlp::parse(tag));
        let pap = match tag.to_ascii_uppercase().as_str() {
            "PAP:CLEAR" | "PAP:WHITE" => Some(Pap::Clear),
            "PAP:GREEN" => Some(Pap::Green),
            "PAP:AMBER" => Some(Pap::Amber),
            "PAP:RED" => Some(Pap::Red),
            _ => None,
        };
        self.intake.pap = self.intake.pap.max(pap);
    }

    pub(crate) fn finish(mut self) -> Intake {
        if self.ports > 0 {
            let ports = self.ports;
            self.note(format!(
                "{ports} with a port are taken as the host, with the port in the threat"
            ));
        }
        let (count, first) = &*self.dates.0.borrow();
        self.intake.unreadable_dates = *count;
        if *count > 0 {
            self.intake.notes.push(format!(
                "the first date that cannot be read is '{first}'; what bears such a date counts from when the feed was fetched"
            ));
        }
        self.intake
    }
}
