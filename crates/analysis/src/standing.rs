//! What is known about one observable without asking anybody: where it is, whose it is, which lists it is on.

use crate::tagging::OWN;
use watchfire_knowledge::infrastructure::{Hit, Role};
use watchfire_model::url::Url;
use watchfire_model::{
    Asset, Class, Enrichment, Grade, Location, Moment, Observable, ObservableType, Origination, Outcome, Rank, Spot,
    Tag, Verdict,
};

/// Where a value belongs, not yet in words. Who asks often asks with the same, and nothing is allocated.
#[derive(Debug, Default)]
pub struct Marks {
    pub(crate) spot: Option<Spot>,
    /// What standards, the organisation and the catalogue of ATT&CK say.
    pub(crate) tags: Vec<Tag>,
    pub(crate) lists: Vec<Hit>,
    pub(crate) set_aside: bool,
    pub(crate) asset: Option<Asset>,
}

impl Marks {
    pub(crate) fn clear(&mut self) {
        self.spot = None;
        self.tags.clear();
        self.lists.clear();
        self.set_aside = false;
        self.asset = None;
    }

    /// Whether it is a host that the inventory knows: then no other value is like it.
    pub fn is_owned(&self) -> bool {
        self.asset.is_some()
    }

    /// Appends what tells these marks from all others, but for place and asset.
    pub(crate) fn append_key(&self, key: &mut Vec<u8>) {
        key.push(u8::from(self.set_aside));
        let lists = self.lists.iter().map(|hit| hit.list.name);
        let tags = self.tags.iter().map(|tag| tag.0);
        // A tag may be called like a list, and none is called nothing.
        for name in lists.chain([""]).chain(tags).chain([""]) {
            key.extend(name.as_bytes());
            key.push(0);
        }
    }

    /// Adds every tag that applies, and sorts.
    pub(crate) fn append_tags(&self, tags: &mut Vec<Tag>) {
        tags.extend(&self.tags);
        for hit in &self.lists {
            tags.push(hit.list.tag());
            tags.extend(role_tag(hit.list.role));
        }
        tags.sort_unstable();
        tags.dedup();
    }
}

fn role_tag(role: Role) -> Option<Tag> {
    match role {
        Role::KnownGood => Some(Tag("known-good")),
        Role::Shared => Some(Tag("shared-infrastructure")),
        Role::Disposable => Some(Tag("disposable-service")),
        Role::Context => None,
    }
}

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
            let observed = hit.list.day().and_then(|day| Moment::parse(&day).ok());
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
