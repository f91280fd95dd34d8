//! What a report presents each observable as: indicator, reading, the publisher's own, or only mentioned.
//!
//! A text must read like a threat report for this: sentences, and something that speaks of threats. In logs, feeds and
//! plain lists only an indicators heading or column, and defanging, decide. The strongest evidence over all occurrences
//! wins: defanged or listed as an indicator, then the publisher's own, then reading, then what the words around it say.
//! Linear in the text; whatever is not certain stays [`Role::Mentioned`].
//!
//! It never says that something is harmless, and reads no language: it knows a few words of several.

mod evidence;
mod heading;
mod hosts;
mod outline;
mod publisher;
mod table;
mod vocabulary;
mod wording;

use evidence::{Evidence, Setting, Witness, is_hash, keep, quoted, witness};
use outline::{Form, Outline};
use std::collections::BTreeSet;
use watchfire_model::{ObservableType as Type, Observed, Role};

/// Longer texts are no reports, and keep the plain rule: what is defanged is an indicator.
pub(crate) const MOST: usize = 8 << 20;

/// What the extractor says without looking at the text around a value.
pub(crate) const DEFANGED: &str = "defanged";

/// Decides the role of each of `observed`. `places` holds, for each, the first bytes of its occurrences in `text`.
pub(crate) fn assign(text: &[u8], observed: &mut [Observed], places: &[Vec<u64>]) {
    if text.len() > MOST || observed.is_empty() {
        return;
    }
    let mut occurrences: Vec<(usize, u32)> = places
        .iter()
        .zip(0_u32..)
        .flat_map(|(places, entry)| places.iter().map(move |at| (*at as usize, entry)))
        .collect();
    occurrences.sort_unstable();
    let Some(outline) = outline::read(text, &occurrences) else {
        return;
    };
    let report = is_report(text, &outline, observed);
    let cues = if report {
        wording::cues(text, &outline.sites, |entry| {
            observed.get(entry as usize).is_some_and(is_hash)
        })
    } else {
        vec![None; outline.sites.len()]
    };
    let witnesses: Vec<Witness> = outline
        .sites
        .iter()
        .zip(cues)
        .map(|(site, cue)| witness(text, observed, *site, cue))
        .collect();
    let publisher = if report {
        publisher::domains(text, observed, &witnesses)
    } else {
        BTreeSet::new()
    };
    let setting = Setting {
        report,
        defangs: observed.iter().any(|seen| defanged(seen) && hosts::of(seen).is_some()),
        references: observed
            .iter()
            .map(|seen| report && hosts::of(seen).is_some_and(hosts::is_reference))
            .collect(),
        quoted: quoted(observed, &witnesses),
        publisher,
    };
    let mut evidence = vec![Evidence::default(); observed.len()];
    let mut beside_hash = false;
    for witness in &witnesses {
        let entry = witness.site.entry as usize;
        let (Some(seen), Some(evidence)) = (observed.get(entry), evidence.get_mut(entry)) else {
            continue;
        };
        setting.weigh(seen, witness, evidence);
        if witness.site.leads {
            beside_hash = is_hash(seen) && witness.site.form != Form::Prose;
        } else if report && beside_hash && matches!(seen.observable.kind(), Type::FileName | Type::FilePath) {
            keep(&mut evidence.worded, Some("beside a hash in a list"));
        }
    }
    for (seen, evidence) in observed.iter_mut().zip(&evidence) {
        (seen.role, seen.role_reason) = setting.decide(seen, evidence);
    }
    if report {
        follow_hosts(observed, &evidence);
    }
}

/// Sentences, and something that speaks of threats.
fn is_report(text: &[u8], outline: &Outline, observed: &[Observed]) -> bool {
    let sentences = outline.prose >= 3 || (outline.prose >= 1 && outline.known_headings >= 1);
    let speaks = || {
        outline.indicator_headings + outline.indicator_tables > 0
            || observed.iter().any(defanged)
            || observed.iter().any(|seen| {
                matches!(
                    seen.observable.kind(),
                    Type::Tlp | Type::AttackTechnique | Type::AttackTactic
                )
            })
            || wording::threats(text) + u32::from(observed.iter().filter(|seen| is_hash(seen)).count() >= 2) >= 2
    };
    sentences && outline.records <= 3 * outline.prose && speaks()
}

/// The extractor's own rule said so.
fn defanged(seen: &Observed) -> bool {
    seen.role == Role::Indicator
}

/// Whoever is on the host of an indicator is one.
fn follow_hosts(observed: &mut [Observed], evidence: &[Evidence]) {
    let accused: BTreeSet<String> = observed
        .iter()
        .filter(|seen| seen.role == Role::Indicator)
        .filter(|seen| {
            matches!(
                seen.observable.kind(),
                Type::Domain | Type::Ipv4 | Type::Ipv6 | Type::Onion
            )
        })
        .map(|seen| seen.observable.raw().to_owned())
        .collect();
    if accused.is_empty() {
        return;
    }
    for (seen, evidence) in observed.iter_mut().zip(evidence) {
        if seen.role == Role::Indicator || evidence.own || evidence.reading.is_some() || evidence.cleared.is_some() {
            continue;
        }
        let follows = hosts::of(seen)
            .is_some_and(|host| !hosts::is_shared(host) && hosts::ancestors(host).any(|host| accused.contains(host)));
        if follows {
            (seen.role, seen.role_reason) = (Role::Indicator, "its host is presented as an indicator");
        }
    }
}
