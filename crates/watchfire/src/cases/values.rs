//! Which observables of a report say something when two cases hold them both.
//!
//! What is the organisation's own, everybody's, or set aside for use inside of networks links cases that have nothing to
//! do with one another. So do those who got a mail, and what a report names as further reading.

use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{ArtifactRecord, Mailbox, ObservableType, Observed, Report, Role, Tag};
use watchfire_store::CaseObservable;

/// Types of values that identify something.
const IDENTIFYING: &[ObservableType] = &[
    ObservableType::Ipv4,
    ObservableType::Ipv6,
    ObservableType::Socket,
    ObservableType::Domain,
    ObservableType::Onion,
    ObservableType::Url,
    ObservableType::Email,
    ObservableType::Md5,
    ObservableType::Sha1,
    ObservableType::Sha256,
    ObservableType::Sha512,
    ObservableType::Imphash,
    ObservableType::Btc,
    ObservableType::Eth,
    ObservableType::Xmr,
    ObservableType::Iban,
    ObservableType::Telegram,
];

/// Marks of what is somebody's own, or everybody's.
const NOT_TELLING: &[&str] = &[
    "own-organisation",
    "known-good",
    "shared-infrastructure",
    "popular",
    "private",
    "unique-local",
    "site-local",
    "carrier-nat",
    "loopback",
    "link-local",
    "unspecified",
    "this-network",
    "cloud-metadata",
    "multicast",
    "broadcast",
    "reserved",
    "internal",
];

/// Observables of one artifact that a case keeps.
const MOST: usize = 20_000;

/// Those who got the mails of a report, in lower case.
pub(super) fn recipients(report: &Report) -> BTreeSet<String> {
    let boxes = |mail: &watchfire_model::MailFacts| -> Vec<Mailbox> {
        [&mail.to, &mail.cc, &mail.delivered_to]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    };
    report
        .mails
        .iter()
        .flat_map(|mail| boxes(&mail.mail))
        .filter_map(|mailbox| Some(mailbox.address?.raw().to_lowercase()))
        .collect()
}

/// What a case keeps of the observables of an artifact, by type and value.
pub(super) fn of(artifact: &ArtifactRecord, recipients: &BTreeSet<String>) -> Vec<CaseObservable> {
    let mut kept: BTreeMap<_, bool> = BTreeMap::new();
    for seen in artifact.observables.iter().take(MOST) {
        let telling = kept.entry(seen.observable.clone()).or_insert(true);
        *telling &= is_telling(seen, recipients);
    }
    for digest in artifact.identities() {
        kept.entry(digest)
            .or_insert(artifact.known_good.is_none() && artifact.size > 0);
    }
    kept.into_iter()
        .map(|(observable, is_telling)| CaseObservable { observable, is_telling })
        .collect()
}

fn is_telling(seen: &Observed, recipients: &BTreeSet<String>) -> bool {
    let raw = seen.observable.raw();
    IDENTIFYING.contains(&seen.observable.kind())
        && seen.asset.is_none()
        && !matches!(seen.role, Role::Reference | Role::Publisher)
        && !seen.tags.iter().any(|Tag(tag)| NOT_TELLING.contains(tag))
        && !(seen.observable.kind() == ObservableType::Email && recipients.contains(&raw.to_lowercase()))
        // The domain of whoever got a mail says no more than they do.
        && !(seen.observable.kind() == ObservableType::Domain
            && recipients.iter().any(|one| one.rsplit('@').next() == Some(raw)))
}
