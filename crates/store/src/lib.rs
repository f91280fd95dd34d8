//! What Watchfire remembers from one run to the next, in one SQLite file: feeds and their history, cached answers,
//! quotas, analysts' decisions, sightings, assets, bundles, cases, and the audit log.
//!
//! ```
//! use watchfire_model::{Moment, Observable, ObservableType, Untrusted};
//! use watchfire_store::{By, Mark, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("watchfire-store-doc-{}", std::process::id()));
//! let store = Store::open(&folder)?;
//! let scanner = Observable::parse(ObservableType::Ipv4, "198.51.100.7")?;
//! let now = Moment::parse("2026-11-21T12:00:00Z")?;
//! let why = Untrusted::from("our own scanner, see the inventory");
//! store.decisions().mark(&scanner, Mark::Benign, &why, None, &By::new("ana", now))?;
//! assert!(store.decisions().about(&scanner, now)?.is_some());
//! store.check()?;
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! One handle for each family of tables: [`Store::feeds`], [`Store::answers`], [`Store::quotas`], [`Store::decisions`],
//! [`Store::sightings`], [`Store::assets`], [`Store::bundles`], [`Store::searches`], [`Store::cases`],
//! [`Store::audit`]. Promises that hold for all of them:
//!
//! - What a writing method has returned from survives a crash of the process, and, but for cached answers, the loss of
//!   power. What it has not returned from has happened in whole or not at all.
//! - Several processes may work at once. Readers see one state and wait for nobody; writers wait for one another.
//! - The clock is an argument. Moments may go back; nothing is lost or allowed because of it.
//! - Every error says what could not be done, to which file and why, and what to do next ([`StoreError::hint`]).
//! - A damaged file, one of another program or of a later Watchfire is never changed, and never replaced.
//! - No SQL leaves this crate, no key or password enters it.
//!
//! What is not here: indicators (they are in packed files of their own, which [`Feeds`] names), any look at the network,
//! any opinion on what the data mean.

#![forbid(unsafe_code)]

mod answers;
mod assets;
mod audit;
mod bundles;
mod cases;
mod decisions;
mod error;
mod feeds;
mod files;
mod maintenance;
mod migrations;
mod quotas;
mod searches;
mod sightings;
mod store;
mod values;

pub use answers::{Answers, AnswersSize, Held, Purge};
pub use assets::{AddressSpan, AssetRecord, AssetTable, Assets, Handle, HostName, Inventory, Listed, Mac};
pub use audit::{Audit, Entry, Head};
pub use bundles::{Bundle, BundleId, Bundles, Fetched, Imported, NewBundle, Part, PartKind, RolledBack};
pub use cases::{
    Case, CaseArtifact, CaseCounts, CaseEvent, CaseId, CaseLink, CaseName, CaseObservable, CaseRecord, CaseReport,
    CaseTask, CaseTimes, Cases, Change, Description, Erased, Extended, Kept, MAX_NOTE, NewTimes, NewTriage, Resolution,
    Restored, Scrub, Status, verify_events,
};
pub use decisions::{Decision, Decisions, Mark};
pub use error::{Fault, Result, StoreError};
pub use feeds::{
    Arrival, Feed, FeedSpec, FeedUrl, FeedVersion, Feeds, NewVersion, Published, SetFile, State, VersionId,
};
pub use maintenance::Checked;
pub use quotas::{Quotas, Spent, Turn};
pub use searches::{FileMark, Searches};
pub use sightings::{Seen, SeenBefore, SeenTable, Sighting, Sightings};
pub use store::{FILE_NAME, Store};
pub use values::{By, Name};

pub(crate) use watchfire_model::ArtifactId;

impl Store {
    /// Feeds and their versions.
    pub fn feeds(&self) -> Feeds<'_> {
        Feeds(self)
    }

    /// Answers of providers: the [`Cache`](watchfire_model::Cache) of whoever asks them.
    pub fn answers(&self) -> Answers<'_> {
        Answers {
            store: self,
            most: AnswersSize::MOST,
        }
    }

    /// Calls that providers still allow: the [`Quota`](watchfire_model::Quota) of whoever asks them.
    pub fn quotas(&self) -> Quotas<'_> {
        Quotas(self)
    }

    /// Files that searches of disks judged.
    pub fn searches(&self) -> Searches<'_> {
        Searches(self)
    }

    /// What analysts decided.
    pub fn decisions(&self) -> Decisions<'_> {
        Decisions(self)
    }

    /// Where indicators were met.
    pub fn sightings(&self) -> Sightings<'_> {
        Sightings {
            store: self,
            most: Sightings::MOST,
        }
    }

    /// Whose hosts there are.
    pub fn assets(&self) -> Assets<'_> {
        Assets(self)
    }

    /// Signed bundles that were imported.
    pub fn bundles(&self) -> Bundles<'_> {
        Bundles(self)
    }

    /// Cases, and what people did about them.
    pub fn cases(&self) -> Cases<'_> {
        Cases(self)
    }

    /// Who changed what.
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }
}
