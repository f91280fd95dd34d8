//! What is known about one observable without asking anybody: where it is, whose it is, which lists it is on.

use crate::tagging::OWN;
use crate::url::Url;
use watchfire_knowledge::infrastructure::{Hit, Role};
use watchfire_model::{
    Asset, Class, Enrichment, Grade, Location, Moment, Observable, ObservableType, Origination, Outcome, Rank, Tag,
    Verdict,
};

/// See the module.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Where it is.
    pub location: Location,
    /// Neutral marks, sorted.
    pub tags: Vec<Tag>,
    pub(crate) lists: Vec<Hit>,
    /// A standard set it aside: nobody in particular is reached there, or nobody outside.
    pub(crate) set_aside: bool,
    /// Whose host it is.
    pub asset: Option<Asset>,
}

impl Standing {
    /// Each list that it is on, as one source among others. Only lists of known-good identifiers take a side.
    pub fn enrichments(&self, as_of: Moment) -> Vec<Enrichment> {
        let enrichment = |hit: &Hit| {
            let good = hit.list.role == Role::KnownGood;
            let observed = version_day(hit.list.version);
            Enrichment {
                outcome: Outcome::Found,
                towards: if good { Verdict::Benign } else { Verdict::Unknown },
                rank: if good { Rank::Curated } else { Rank::Context },
                grade: Grade::A,
                from: Origination::Local,
                observed,
                age: observed.map(|observed| as_of.since(observed)),
                ..Enrichment::silent(hit.list.name, Outcome::Found, hit.list.title)
            }
        };
        self.lists.iter().map(enrichment).collect()
    }

    /// Whether the value may be known outside.
    pub fn class(&self, what: &Observable) -> Class {
        if self.tags.contains(&OWN) {
            return Class::Own;
        }
        if self.set_aside {
            return Class::Reserved;
        }
        match what.kind() {
            ObservableType::Email | ObservableType::Xmpp | ObservableType::Phone | ObservableType::Card => {
                Class::Personal
            }
            ObservableType::Url if Url::parse(what.raw()).is_some_and(|url| url.userinfo.is_some()) => Class::Personal,
            _ => Class::Public,
        }
    }
}

/// The day that most lists have for a version: 20260820.
fn version_day(version: u64) -> Option<Moment> {
    let (year, month, day) = (version / 10_000, version / 100 % 100, version % 100);
    Moment::parse(&format!("{year:04}-{month:02}-{day:02}")).ok()
}
