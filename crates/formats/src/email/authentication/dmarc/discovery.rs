//! Whose policy it is, and which domain stands for an organisation.
//!
//! The successor's tree walk (RFC 9989, section 4.10) asks the DNS alone. Where its answers are missing, the older rule
//! (RFC 7489, sections 3.2 and 6.6.3) does with the list of public suffixes and fewer answers.

use super::super::ask::{Asker, Failed, Missing, Reply};
use super::record::{self, Record, Suffix};
use std::collections::BTreeMap;
use watchfire_model::Discovery;
use watchfire_model::dns::{Name, RecordKind};

/// Names with more labels lose those on the left after the first question (section 4.10, step 4).
const WALKED_LABELS: usize = 7;

/// Why nothing was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Missing,
    Failed,
}

impl From<Missing> for Trouble {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

impl From<Failed> for Trouble {
    fn from(_: Failed) -> Self {
        Self::Failed
    }
}

/// A policy and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) domain: Name,
    pub(crate) record: Record,
}

/// Looks for policies. Each name is asked about once.
#[derive(Debug)]
pub(crate) struct Finder<'f, 'a> {
    asker: &'f mut Asker<'a>,
    registrable: for<'h> fn(&'h str) -> Option<&'h str>,
    walks: BTreeMap<Name, Result<Vec<Published>, Trouble>>,
    /// How organisations are told apart.
    pub(crate) discovery: Discovery,
}

impl<'f, 'a> Finder<'f, 'a> {
    pub(crate) fn new(asker: &'f mut Asker<'a>, registrable: for<'h> fn(&'h str) -> Option<&'h str>) -> Self {
        Self {
            asker,
            registrable,
            walks: BTreeMap::new(),
            discovery: Discovery::TreeWalk,
        }
    }

    /// The policy that holds for mail of `author`, if there is one.
    pub(crate) fn policy(&mut self, author: &Name) -> Result<Option<Published>, Trouble> {
        if let Some(own) = self.published(author)? {
            return Ok(Some(own));
        }
        match self.walk(author) {
            Ok(found) => {
                let organisation = organisation(author, &found);
                let own = found.iter().find(|published| published.domain == organisation);
                // The suffix's own policy is for those below it that publish none.
                let suffix = || found.iter().find(|published| published.record.suffix == Suffix::Public);
                Ok(own.or_else(suffix).cloned())
            }
            Err(Trouble::Missing) => {
                self.discovery = Discovery::PublicSuffixes;
                match self.registered(author) {
                    Some(organisation) if organisation != *author => self.published(&organisation),
                    Some(_) => Ok(None),
                    None => Err(Trouble::Missing),
                }
            }
            Err(Trouble::Failed) => Err(Trouble::Failed),
        }
    }

    /// Whether two names are of one organisation.
    pub(crate) fn same_organisation(&mut self, one: &Name, other: &Name) -> Result<bool, Trouble> {
        if one == other {
            return Ok(true);
        }
        if !share_a_label(one, other) {
            return Ok(false);
        }
        if self.discovery == Discovery::TreeWalk {
            match (self.walk(one), self.walk(other)) {
                (Ok(above_one), Ok(above_other)) => {
                    return Ok(organisation(one, &above_one) == organisation(other, &above_other));
                }
                (Err(Trouble::Failed), _) | (_, Err(Trouble::Failed)) => return Err(Trouble::Failed),
                _ => self.discovery = Discovery::PublicSuffixes,
            }
        }
        match (self.registered(one), self.registered(other)) {
            (Some(one), Some(other)) => Ok(one == other),
            _ => Ok(false),
        }
    }

    /// Tells organisations apart by the list of public suffixes from now on.
    pub(crate) fn by_suffixes(&mut self) {
        self.discovery = Discovery::PublicSuffixes;
    }

    /// Whether a name has neither addresses nor mail hosts, and so counts as not existing (RFC 9989). Not where that is not known.
    pub(crate) fn is_absent(&mut self, name: &Name) -> bool {
        let kinds = [RecordKind::A, RecordKind::Aaaa, RecordKind::Mx];
        let answers = kinds.map(|kind| self.asker.ask(name, kind));
        answers.iter().all(|answer| *answer == Ok(Reply::Nothing))
    }

    /// The registrable domain of a name.
    fn registered(&self, name: &Name) -> Option<Name> {
        (self.registrable)(name.as_str()).and_then(Name::parse)
    }

    /// The one policy that a name publishes.
    fn published(&mut self, domain: &Name) -> Result<Option<Published>, Trouble> {
        let Some(at) = domain.below("_dmarc") else {
            return Ok(None);
        };
        let texts = self.asker.texts(&at)??;
        let mut policies = texts.into_iter().filter(|text| record::is_policy(text));
        Ok(match (policies.next(), policies.next()) {
            (Some(text), None) => Some(Published {
                domain: domain.clone(),
                record: record::read(text),
            }),
            _ => None,
        })
    }

    /// The policies at a name and above it, up to one that says where an organisation begins.
    fn walk(&mut self, start: &Name) -> Result<Vec<Published>, Trouble> {
        if let Some(walked) = self.walks.get(start) {
            return walked.clone();
        }
        let walked = self.walk_anew(start);
        self.walks.insert(start.clone(), walked.clone());
        walked
    }

    fn walk_anew(&mut self, start: &Name) -> Result<Vec<Published>, Trouble> {
        let mut found = Vec::new();
        let mut missing = false;
        let mut next = Some(start.clone());
        while let Some(name) = next.filter(|name| !name.is_root()) {
            match self.published(&name) {
                Ok(None) => {}
                Ok(Some(published)) => {
                    let ends = published.record.suffix != Suffix::Unsaid;
                    found.push(published);
                    if ends {
                        break;
                    }
                }
                // The rest of the way is asked for in the same round.
                Err(Trouble::Missing) => missing = true,
                Err(Trouble::Failed) => return Err(Trouble::Failed),
            }
            next = name.parent();
            while next.as_ref().is_some_and(|name| name.labels() > WALKED_LABELS) {
                next = next.and_then(|name| name.parent());
            }
        }
        if missing { Err(Trouble::Missing) } else { Ok(found) }
    }
}

/// The domain that stands for the organisation of `start`, by the policies above it (section 4.10.2).
fn organisation(start: &Name, found: &[Published]) -> Name {
    for published in found {
        match published.record.suffix {
            Suffix::Organisation => return published.domain.clone(),
            Suffix::Public if published.domain != *start => {
                return one_below(start, &published.domain);
            }
            Suffix::Public | Suffix::Unsaid => {}
        }
    }
    let highest = found.iter().min_by_key(|published| published.domain.labels());
    highest.map_or_else(|| start.clone(), |published| published.domain.clone())
}

/// The name one label below `above` on the way to `start`.
fn one_below(start: &Name, above: &Name) -> Name {
    let wanted = above.labels().saturating_add(1);
    std::iter::successors(Some(start.clone()), Name::parent)
        .find(|name| name.labels() <= wanted)
        .unwrap_or_default()
}

/// Whether two names end alike: without that they are never of one organisation.
fn share_a_label(one: &Name, other: &Name) -> bool {
    let last = |name: &Name| name.as_str().rsplit('.').next().map(str::to_owned);
    last(one) == last(other)
}
