//! Cases: what people do about reports. Opened and extended by triage, kept in the store.

mod archive;
mod extend;
mod keeper;
mod measure;
mod packed;
mod person;
mod redact;
mod show;
mod values;

pub use archive::{ExportedCase, Redaction};
pub use extend::CaseKept;
pub(crate) use keeper::Keeper;
pub use measure::Period;
pub use person::Person;

use crate::{Config, Problem, clock};
use watchfire_export::{CaseList, CaseMetrics, ListedCase};
use watchfire_model::{Moment, Organisation, Severity, Tlp, Untrusted};
use watchfire_store::{
    By, Case, CaseName, Change, Description, Erased, Name, NewTimes, Resolution, Restored, Status, Store,
};

/// Which cases a list shows.
#[derive(Clone, Debug, Default)]
pub struct WantedCases {
    /// In this state.
    pub status: Option<Status>,
    /// Of this person.
    pub assignee: Option<String>,
    /// With this tag.
    pub tag: Option<Name>,
    /// Resolved ones, too.
    pub all: bool,
}

/// The cases of a data folder.
#[derive(Debug)]
pub struct Cases {
    store: Store,
    now: Moment,
    who: String,
    organisation: Organisation,
}

/// `WF-2026-0007`
fn label(case: &Case) -> String {
    let year: String = case.times.detected.date().to_string().chars().take(4).collect();
    format!("WF-{year}-{:04}", case.number)
}

/// How much is known about a case, for the head of it.
fn head(store: &Store, case: &Case) -> Result<ListedCase, Problem> {
    let counts = store.cases().counts(case.number)?;
    Ok(ListedCase {
        label: label(case),
        id: case.id.to_string(),
        name: case.name.as_str().into(),
        title: case.title.clone(),
        kind: case.kind.to_string(),
        status: case.status().as_str(),
        severity: case.severity,
        verdict: case.verdict,
        score: case.score,
        tlp: case.tlp,
        assignee: case.assignee.clone(),
        tags: case.tags.iter().map(ToString::to_string).collect(),
        occurred: case.times.occurred,
        detected: case.times.detected,
        acknowledged: case.times.acknowledged,
        contained: case.times.contained,
        resolved: case.times.resolved,
        resolution: case.resolution.map(Resolution::as_str),
        artifacts: counts.artifacts,
        kept: counts.kept,
        reports: counts.reports,
        open_tasks: counts.open_tasks,
    })
}

impl Cases {
    /// Those of the configured data folder; nothing where nothing was ever remembered. Nothing is made.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn existing(config: &Config) -> Result<Option<Self>, Problem> {
        crate::existing_store(config)?
            .map(|store| Self::of(store, config))
            .transpose()
    }

    /// The same; the store is made if it is missing.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn open(config: &Config) -> Result<Self, Problem> {
        Self::of(crate::store(config)?, config)
    }

    fn of(store: Store, config: &Config) -> Result<Self, Problem> {
        Ok(Self {
            store,
            now: clock::now(),
            who: config.user(),
            organisation: config.check()?.organisation,
        })
    }

    /// The list where nothing was ever remembered.
    pub fn no_list() -> CaseList {
        CaseList {
            schema: "watchfire.cases/1",
            version: crate::VERSION,
            cases: Vec::new(),
            left_out: 0,
        }
    }

    /// What is measured there.
    pub fn nothing_measured(by: Period) -> CaseMetrics {
        CaseMetrics {
            schema: "watchfire.case-metrics/1",
            version: crate::VERSION,
            by: by.as_str(),
            groups: Vec::new(),
        }
    }

    fn by(&self) -> By {
        By::new(self.who.as_str(), self.now)
    }

    /// The case that is called so.
    fn find(&self, called: &str) -> Result<Case, Problem> {
        if let Some(case) = self.store.cases().find(called)? {
            return Ok(case);
        }
        let known = self.store.cases().list()?;
        let known: Vec<&str> = known.iter().map(|case| case.name.as_str()).collect();
        let shown = Untrusted::new(called).shown(80);
        Err(match crate::problem::nearest(called, &known) {
            Some(near) => Problem::new(format!("there is no case '{shown}'")).hint(format!("did you mean '{near}'?")),
            None => Problem::new(format!("there is no case '{shown}'")).hint("watchfire case list --all names them"),
        })
    }

    /// The cases that are asked for: open ones first, the newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(&self, wanted: &WantedCases) -> Result<CaseList, Problem> {
        let mut cases = self.store.cases().list()?;
        let is_of = |case: &Case, who: &str| {
            let assignee = case.assignee.as_ref();
            assignee.is_some_and(|assignee| assignee.raw().eq_ignore_ascii_case(who))
        };
        cases.retain(|case| {
            wanted.status.is_none_or(|status| case.status() == status)
                && wanted.assignee.as_deref().is_none_or(|who| is_of(case, who))
                && wanted.tag.as_ref().is_none_or(|tag| case.tags.contains(tag))
        });
        let before = cases.len();
        if !wanted.all && wanted.status.is_none() {
            cases.retain(|case| case.status() != Status::Resolved);
        }
        let left_out = (before - cases.len()) as u64;
        cases.sort_by_key(|case| (case.status() == Status::Resolved, std::cmp::Reverse(case.number)));
        let cases = cases
            .iter()
            .map(|case| head(&self.store, case))
            .collect::<Result<_, _>>()?;
        Ok(CaseList {
            cases,
            left_out,
            ..Self::no_list()
        })
    }

    /// Changes a case; it is so when this returns.
    ///
    /// # Errors
    /// When there is no such case, the change makes no sense, or it cannot be written.
    pub fn change(&self, called: &str, change: &Change) -> Result<Case, Problem> {
        let case = self.find(called)?;
        Ok(self.store.cases().change(case.name.as_str(), change, &self.by())?)
    }

    /// Makes a case part of another one.
    ///
    /// # Errors
    /// When one of them is not there, or part of another, and when it cannot be written.
    pub fn merge(&self, called: &str, into: &str) -> Result<Case, Problem> {
        let (case, target) = (self.find(called)?, self.find(into)?);
        let cases = self.store.cases();
        Ok(cases.merge(case.name.as_str(), target.name.as_str(), &self.by())?)
    }

    /// Takes artifacts out of a case and into a new one.
    ///
    /// # Errors
    /// When there is no such case or artifact, or the name is taken, and when it cannot be written.
    pub fn split(&self, called: &str, artifacts: &[String], to: &str) -> Result<Case, Problem> {
        let case = self.find(called)?;
        let split = self.store.cases().split(case.name.as_str(), artifacts, to, &self.by());
        split.map_err(|error| {
            Problem::from(error).and(&format!("watchfire case show '{}' names its artifacts", case.name))
        })
    }

    /// Forgets a case, and leaves nothing of it in the file.
    ///
    /// # Errors
    /// When there is none, and when it cannot be written.
    pub fn purge(&self, called: &str) -> Result<Case, Problem> {
        let case = self.find(called)?;
        let purged = self.store.cases().purge(case.name.as_str(), &self.by())?;
        self.store.vacuum()?;
        Ok(purged)
    }

    /// Forgets cases that were resolved more than so many days ago.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn purge_older(&self, days: u32) -> Result<Vec<CaseName>, Problem> {
        let before = self.now.before(u64::from(days) * 86_400);
        let purged = self.store.cases().purge_resolved(before, &self.by())?;
        if !purged.is_empty() {
            self.store.vacuum()?;
        }
        Ok(purged.into_iter().map(|case| case.name).collect())
    }

    /// Takes everything of a person out of all cases, and leaves nothing of it in the file.
    ///
    /// # Errors
    /// When it cannot be read or written. Nothing is erased, then.
    pub fn erase(&self, person: &Person) -> Result<Erased, Problem> {
        let known = person.with_names(&self.store)?;
        let erased = self.store.cases().erase(&known, &self.by())?;
        self.store.vacuum()?;
        Ok(erased)
    }
}

/// A severity as it is written.
///
/// # Errors
/// When it is none.
fn severity(text: &str) -> Result<Severity, Problem> {
    use Severity::{Critical, High, Informational, Low, Medium};
    let all = [Informational, Low, Medium, High, Critical];
    let found = all.into_iter().find(|severity| severity.as_str() == text);
    found.ok_or_else(|| Problem::unknown("severity", text, &all.map(Severity::as_str)))
}

/// A resolution as it is written.
///
/// # Errors
/// When it is none.
pub fn resolution(text: &str) -> Result<Resolution, Problem> {
    Resolution::parse(text)
        .ok_or_else(|| Problem::unknown("resolution", text, &Resolution::ALL.map(Resolution::as_str)))
}

/// A state of a case as it is written.
///
/// # Errors
/// When it is none.
pub fn status(text: &str) -> Result<Status, Problem> {
    Status::parse(text).ok_or_else(|| Problem::unknown("status", text, &Status::ALL.map(Status::as_str)))
}

/// Tags to add, and with a minus before them to take away.
///
/// # Errors
/// When one is none.
pub fn tags(texts: &[String]) -> Result<Change, Problem> {
    let (mut more, mut less) = (Vec::new(), Vec::new());
    for text in texts {
        let (list, tag) = match text.strip_prefix('-') {
            Some(tag) => (&mut less, tag),
            None => (&mut more, text.strip_prefix('+').unwrap_or(text)),
        };
        list.push(self::tag(tag)?);
    }
    Ok(Change::Tag(more, less))
}

/// A tag, or the type of a case.
///
/// # Errors
/// When it is none.
pub fn tag(text: &str) -> Result<Name, Problem> {
    let shown = Untrusted::new(text).shown(80);
    Name::parse(&text.to_lowercase())
        .map_err(|_| Problem::new(format!("'{shown}' is no tag")).hint("1 to 64 of a-z, 0-9, '.', '_' and '-'"))
}

/// Times as they are written; a day stands for its beginning.
///
/// # Errors
/// When one is none.
pub fn times(texts: [Option<&str>; 5]) -> Result<Change, Problem> {
    let moment = |text: Option<&str>| {
        text.map(|text| {
            Moment::parse(text).map_err(|why| {
                Problem::new(format!("'{}' is {why}", Untrusted::new(text).shown(40)))
                    .hint("a time is written 2027-01-31T12:00:00Z")
            })
        })
        .transpose()
    };
    let [occurred, detected, acknowledged, contained, resolved] = texts;
    Ok(Change::Times(NewTimes {
        occurred: moment(occurred)?,
        detected: moment(detected)?,
        acknowledged: moment(acknowledged)?,
        contained: moment(contained)?,
        resolved: moment(resolved)?,
    }))
}

/// What somebody says of a case: title, type, severity and marking.
///
/// # Errors
/// When one of them is none.
pub fn description(said: [Option<&str>; 4]) -> Result<Change, Problem> {
    let [title, kind, grave, tlp] = said;
    let marking = |label: &str| {
        Tlp::parse(label)
            .or_else(|| Tlp::parse(&format!("TLP:{label}")))
            .ok_or_else(|| {
                Problem::new(format!("'{}' is no marking", Untrusted::new(label).shown(40)))
                    .hint("TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED")
            })
    };
    Ok(Change::Describe(Description {
        title: title.map(Untrusted::from),
        kind: kind.map(tag).transpose()?,
        severity: grave.map(severity).transpose()?,
        tlp: tlp.map(marking).transpose()?,
    }))
}

/// What became of an import, in words.
pub fn restored(restored: &Restored) -> String {
    match restored {
        Restored::New(case) => format!("{} '{}' is here now", label(case), case.name),
        Restored::Extended(case, events) => format!(
            "{} '{}' goes on: {}",
            label(case),
            case.name,
            watchfire_model::counted(*events, "new event")
        ),
        Restored::Known(case) => format!(
            "{} '{}' was here already, with all that is in the file",
            label(case),
            case.name
        ),
    }
}
