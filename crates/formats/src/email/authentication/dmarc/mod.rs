//! DMARC (RFC 9989, which obsoletes RFC 7489): whether a verified name is that of the author's domain, and what the domain
//! asks to be done where none is.
//!
//! A passing result says that the mail is from the domain it names, never that the domain is anybody's friend. Not here:
//! reports, and what a receiver does: `pct=` and `t=y` are told, and nothing is thrown dice for.

mod discovery;
mod record;

use super::ask::Asker;
use discovery::{Finder, Published, Trouble};
use std::collections::BTreeSet;
use watchfire_model::dns::Name;
use watchfire_model::{
    Aligned, AlignedBy, Alignment, DkimOutcome, DkimResult, DmarcOutcome, DmarcPolicy, DmarcResult, SpfOutcome,
    SpfResult, Untrusted,
};

/// The names of a mail, and what became of them.
#[derive(Clone, Copy, Debug)]
pub struct Names<'n> {
    /// The domains of the addresses in `From`.
    pub authors: &'n [&'n str],
    /// SPF.
    pub spf: &'n SpfResult,
    /// Signatures.
    pub dkim: &'n [DkimResult],
}

/// Evaluates DMARC. `registrable` gives the registrable domain of a host by the list of public suffixes; it is asked where
/// answers for the tree walk are missing, and to say what is aligned where there is no policy.
pub fn evaluate(
    names: &Names<'_>,
    registrable: for<'h> fn(&'h str) -> Option<&'h str>,
    asker: &mut Asker<'_>,
) -> DmarcResult {
    let mut result = DmarcResult {
        percent: 100,
        domain: Untrusted::new(names.authors.first().copied().unwrap_or_default()),
        ..DmarcResult::default()
    };
    let (outcome, why) = match author(names.authors) {
        Ok(author) => {
            let mut finder = Finder::new(asker, registrable);
            let ended = of_author(&author, names, &mut finder, &mut result);
            result.discovery = finder.discovery;
            ended
        }
        Err(why) => (DmarcOutcome::Permerror, why.to_owned()),
    };
    result.outcome = outcome;
    result.why = Untrusted::new(why);
    result
}

/// The one domain of the authors.
fn author(authors: &[&str]) -> Result<Name, &'static str> {
    let distinct: BTreeSet<Option<Name>> = authors.iter().map(|author| Name::parse(author)).collect();
    let mut distinct = distinct.into_iter();
    match (distinct.next(), distinct.next()) {
        (Some(Some(author)), None) if author.labels() > 1 => Ok(author),
        (None, _) => Err("'From' names no domain"),
        (Some(_), None) => Err("'From' names no domain that could publish a policy"),
        _ => Err("'From' names several domains, and DMARC is about one"),
    }
}

/// Outcome and reason for mail of one author's domain.
fn of_author(
    author: &Name,
    names: &Names<'_>,
    finder: &mut Finder<'_, '_>,
    result: &mut DmarcResult,
) -> (DmarcOutcome, String) {
    let published = match finder.policy(author) {
        Ok(published) => published.filter(applies),
        Err(trouble) => {
            finder.by_suffixes();
            aligned(author, names, finder, result);
            return match trouble {
                Trouble::Missing => (DmarcOutcome::Unverified, format!("the policy of {author} is missing")),
                Trouble::Failed => (
                    DmarcOutcome::Temperror,
                    format!("the policy of {author} could not be had"),
                ),
            };
        }
    };
    let Some(published) = published else {
        finder.by_suffixes();
        aligned(author, names, finder, result);
        return (DmarcOutcome::None, format!("{author} publishes no policy"));
    };
    result.policy = Some(asked_for(author, &published, finder));
    result.testing = published.record.testing;
    result.percent = published.record.percent;
    result.dkim_alignment = published.record.dkim;
    result.spf_alignment = published.record.spf;
    result.policy_of = Some(published.domain);
    let open = aligned(author, names, finder, result);
    if let Some(aligned) = result.aligned.first() {
        let by = match aligned.by {
            AlignedBy::Spf => "SPF passed for",
            AlignedBy::Dkim => "a signature holds of",
        };
        return (DmarcOutcome::Pass, format!("{by} {}", aligned.domain));
    }
    match open {
        Some(outcome) => (outcome, format!("what could verify {author} is not known")),
        None => (DmarcOutcome::Fail, format!("nothing that was verified is of {author}")),
    }
}

/// Whether a record says what to do. One without a policy does where it wants reports: nothing (section 4.10.1).
fn applies(published: &Published) -> bool {
    published.record.policy.is_some() || published.record.reports
}

/// What a policy asks for where mail of `author` fails.
fn asked_for(author: &Name, published: &Published, finder: &mut Finder<'_, '_>) -> DmarcPolicy {
    let record = &published.record;
    let own = record.policy.unwrap_or_default();
    if published.domain == *author {
        return own;
    }
    match record.absent {
        Some(absent) if finder.is_absent(author) => absent,
        _ => record.below.unwrap_or(own),
    }
}

/// Collects the verified names that are the author's. What it might have been, had more been known.
fn aligned(
    author: &Name,
    names: &Names<'_>,
    finder: &mut Finder<'_, '_>,
    result: &mut DmarcResult,
) -> Option<DmarcOutcome> {
    let mut open = None;
    let spf = Candidate {
        by: AlignedBy::Spf,
        domain: names.spf.domain.raw(),
        state: State::of_spf(names.spf.outcome),
        alignment: result.spf_alignment,
    };
    let dkim = names.dkim.iter().map(|signature| Candidate {
        by: AlignedBy::Dkim,
        domain: signature.domain.raw(),
        state: State::of_dkim(signature.outcome),
        alignment: result.dkim_alignment,
    });
    let mut found = Vec::new();
    for candidate in std::iter::once(spf).chain(dkim) {
        match candidate.judged(author, finder) {
            Judged::Aligned(aligned) if !found.contains(&aligned) => found.push(aligned),
            // An answer that is missing may yet come.
            Judged::Open(outcome) if open != Some(DmarcOutcome::Unverified) => open = Some(outcome),
            _ => {}
        }
    }
    result.aligned = found;
    open
}

/// Whether a name was verified.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Yes,
    No,
    Open(DmarcOutcome),
}

impl State {
    fn of_spf(outcome: SpfOutcome) -> Self {
        match outcome {
            SpfOutcome::Pass => Self::Yes,
            SpfOutcome::Unverified => Self::Open(DmarcOutcome::Unverified),
            SpfOutcome::Temperror => Self::Open(DmarcOutcome::Temperror),
            _ => Self::No,
        }
    }

    fn of_dkim(outcome: DkimOutcome) -> Self {
        match outcome {
            DkimOutcome::Pass => Self::Yes,
            DkimOutcome::Unverified => Self::Open(DmarcOutcome::Unverified),
            DkimOutcome::Temperror => Self::Open(DmarcOutcome::Temperror),
            _ => Self::No,
        }
    }
}

/// A name that might be the author's.
struct Candidate<'c> {
    by: AlignedBy,
    domain: &'c str,
    state: State,
    alignment: Alignment,
}

enum Judged {
    Aligned(Aligned),
    Open(DmarcOutcome),
    Nothing,
}

impl Candidate<'_> {
    fn judged(&self, author: &Name, finder: &mut Finder<'_, '_>) -> Judged {
        if self.state == State::No {
            return Judged::Nothing;
        }
        let name = Name::parse(self.domain).filter(|name| !name.is_root());
        let near = match (&name, self.alignment) {
            (Some(name), Alignment::Strict) => Ok(name == author),
            (Some(name), Alignment::Relaxed) => finder.same_organisation(name, author),
            // A name that is not known might be any.
            (None, _) => Ok(true),
        };
        match (near, self.state, name) {
            (Ok(true), State::Yes, Some(domain)) => Judged::Aligned(Aligned { by: self.by, domain }),
            (Ok(true), State::Open(outcome), _) => Judged::Open(outcome),
            (Err(Trouble::Missing), ..) => Judged::Open(DmarcOutcome::Unverified),
            (Err(Trouble::Failed), ..) => Judged::Open(DmarcOutcome::Temperror),
            _ => Judged::Nothing,
        }
    }
}
