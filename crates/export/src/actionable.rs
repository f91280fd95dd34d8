//! What of a report is bad enough to act on: the one place that decides what becomes an indicator, a flag for detection,
//! an entry of a blocklist or a search.
//!
//! A value is bad where the report says so: by what sources know of it, by the verdict of a file, or because the report asks
//! to block or to quarantine it; of the latter, findings that weigh half or more make it malicious, as the judge has it.
//! Never acted on, however bad, is what the organisation owns, what a standard set aside, what many share, what is known to
//! be good, and what nobody looked up. Whoever leaves something out can say why.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use watchfire_knowledge::reserved;
use watchfire_model::url::Url;
use watchfire_model::{
    ArtifactRecord, BELOW, Confidence, Finding, Observable, ObservableType, Observed, Recommendation, Report, Tag,
    Target, TechniqueId, Verdict, Weight,
};

/// Findings that weigh less are no reason to act, as for advice.
const HARMFUL: Weight = Weight::from_thousandths(200);
/// Findings that weigh as much or more say that something is malicious, as for the judge.
const GRAVE: Weight = Weight::from_thousandths(500);
/// Reasons that are kept of each value.
const REASONS: usize = 5;

/// What is said against a value.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) verdict: Verdict,
    /// From 0 to 100, where it was judged by itself.
    pub(crate) score: Option<u8>,
    pub(crate) confidence: Confidence,
    /// Who says what, the first few.
    pub(crate) reasons: Vec<String>,
    /// Techniques of the findings that name it.
    pub(crate) techniques: BTreeSet<TechniqueId>,
    /// It was met by an indicator that somebody else wrote.
    pub(crate) was_known: bool,
}

/// Why nobody acts on a value, bad as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exempt {
    /// It is the organisation's.
    Own,
    /// A standard set it aside.
    Reserved,
    /// It is on a list of what is harmless.
    KnownGood,
    /// Many use it, good and bad.
    Shared,
    /// Nobody looked up whose it is.
    Unplaced,
    /// Enough speaks against it to look, not to act.
    OnlySuspicious,
}

impl Exempt {
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Own => "the organisation's own",
            Self::Reserved => "set aside by a standard",
            Self::KnownGood => "known to be good",
            Self::Shared => "shared by many",
            Self::Unplaced => "nobody looked up whose it is",
            Self::OnlySuspicious => "only suspicious",
        }
    }
}

/// One distinct value of a report.
#[derive(Debug, Default)]
pub(crate) struct Value<'r> {
    /// Its first occurrence, unless it is known by its bytes or was asked for alone.
    pub(crate) observed: Option<&'r Observed>,
    /// Occurrences.
    pub(crate) count: u64,
    /// The artifacts that it was met in, by their places in the report.
    pub(crate) artifacts: Vec<usize>,
    /// What is said against it.
    pub(crate) charge: Option<Charge>,
    tags: BTreeSet<Tag>,
    is_owned: bool,
    is_placed: bool,
}

impl Value<'_> {
    /// Neutral marks, in their order.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.tags.iter().map(|tag| tag.0)
    }
}

/// Every distinct value of a report, by type and value.
#[derive(Debug, Default)]
pub(crate) struct Values<'r>(BTreeMap<Cow<'r, Observable>, Value<'r>>);

impl<'r> Values<'r> {
    pub(crate) fn of(report: &'r Report) -> Self {
        let mut values = Self::default();
        for (place, artifact) in report.artifacts.iter().enumerate() {
            for observed in &artifact.observables {
                values.met(place, observed);
            }
        }
        values.reputations(report);
        values.files(report);
        values.advice(report);
        values
    }

    /// Every value with what is known of it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Observable, &Value<'r>)> {
        self.0.iter().map(|(observable, value)| (&**observable, value))
    }

    /// What may be acted on, from suspicious on.
    pub(crate) fn bad(&self) -> impl Iterator<Item = (&Observable, &Value<'r>, &Charge)> {
        self.charged()
            .filter(|(observable, value, _)| exempt(observable, value).is_none())
    }

    /// What may be blocked: the malicious alone.
    pub(crate) fn malicious(&self) -> impl Iterator<Item = (&Observable, &Value<'r>, &Charge)> {
        self.bad().filter(|(.., charge)| charge.verdict == Verdict::Malicious)
    }

    /// What is bad and not to be acted on, and why.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = (&Observable, Exempt)> {
        self.charged()
            .filter_map(|(observable, value, _)| Some((observable, exempt(observable, value)?)))
    }

    /// What is bad and not to be blocked, and why.
    pub(crate) fn not_blocked(&self) -> impl Iterator<Item = (&Observable, Exempt)> {
        self.charged().filter_map(|(observable, value, charge)| {
            let doubt = (charge.verdict < Verdict::Malicious).then_some(Exempt::OnlySuspicious);
            Some((observable, exempt(observable, value).or(doubt)?))
        })
    }

    fn charged(&self) -> impl Iterator<Item = (&Observable, &Value<'r>, &Charge)> {
        self.iter()
            .filter_map(|(observable, value)| Some((observable, value, value.charge.as_ref()?)))
    }

    fn met(&mut self, place: usize, observed: &'r Observed) {
        let value = self.0.entry(Cow::Borrowed(&observed.observable)).or_default();
        value.observed.get_or_insert(observed);
        value.count = value.count.saturating_add(observed.count);
        if value.artifacts.last() != Some(&place) {
            value.artifacts.push(place);
        }
        value.tags.extend(&observed.tags);
        value.is_owned |= observed.asset.is_some();
        value.is_placed = true;
        if let Some(judged) = observed.judged {
            let reason = "judged by what is known on this machine";
            charge(
                value,
                judged.verdict,
                Some(judged.score.get()),
                Confidence::Medium,
                reason,
                &[],
            );
        }
    }

    /// What sources know.
    fn reputations(&mut self, report: &'r Report) {
        for known in &report.reputations {
            let value = self.0.entry(Cow::Borrowed(&known.observable)).or_default();
            value.tags.extend(&known.tags);
            value.is_owned |= known.asset.is_some();
            value.is_placed = true;
            let judgement = &known.judgement;
            let score = Some(judgement.score.get());
            let before = value.charge.is_some();
            charge(
                value,
                judgement.verdict,
                score,
                judgement.confidence,
                &judgement.summary,
                &[],
            );
            if let Some(charge) = &mut value.charge {
                // What a source says goes before what this machine made of it.
                if before && !charge.reasons.contains(&judgement.summary) {
                    charge.reasons.insert(0, judgement.summary.clone());
                }
                charge.was_known = known.enrichments.iter().any(|one| one.towards >= Verdict::Suspicious);
            }
        }
    }

    /// Files with a verdict of their own.
    fn files(&mut self, report: &'r Report) {
        for file in &report.files {
            let digest = file.sha256.map(|digest| digest.to_string());
            let observable = digest.and_then(|digest| Observable::parse(ObservableType::Sha256, &digest).ok());
            if let Some(observable) = observable {
                let value = self.0.entry(Cow::Owned(observable)).or_default();
                value.is_placed = true;
                charge(
                    value,
                    file.verdict,
                    Some(file.score.get()),
                    Confidence::Medium,
                    &file.summary,
                    &[],
                );
            }
        }
    }

    /// What the report asks to act against.
    fn advice(&mut self, report: &'r Report) {
        let mut by_path: HashMap<&str, &ArtifactRecord> = HashMap::new();
        for artifact in &report.artifacts {
            by_path.entry(artifact.path.raw()).or_insert(artifact);
        }
        for advice in report.recommendations.iter().filter(|one| asks_to_act(one)) {
            let targets: HashSet<&Target> = advice.targets.iter().collect();
            let calls = |finding: &&Finding| finding.weight >= HARMFUL && advice.because.contains(&finding.rule);
            for finding in report.findings.iter().filter(calls) {
                for target in finding.targets.iter().filter(|target| targets.contains(target)) {
                    self.accuse(target, finding, &by_path);
                }
            }
        }
    }

    fn accuse(&mut self, target: &Target, finding: &Finding, by_path: &HashMap<&str, &'r ArtifactRecord>) {
        use ObservableType as T;
        let kinds: &[T] = match target {
            Target::Host(_) => &[T::Ipv4, T::Ipv6, T::Domain, T::Onion],
            Target::Url(_) => &[T::Url],
            Target::File(_) => &[],
        };
        match target {
            Target::Host(text) | Target::Url(text) => {
                let found = kinds.iter().find_map(|kind| Observable::parse(*kind, text.raw()).ok());
                if let Some(observable) = found {
                    self.blame(observable, finding);
                }
            }
            Target::File(name) => {
                let Some(artifact) = file_of(finding, name.raw(), by_path) else {
                    return;
                };
                let is_good = artifact.known_good.is_some();
                for digest in artifact.identities() {
                    let value = self.blame(digest, finding);
                    value.is_placed = true;
                    if is_good {
                        value.tags.insert(Tag("known-good"));
                    }
                }
            }
        }
    }

    fn blame(&mut self, observable: Observable, finding: &Finding) -> &mut Value<'r> {
        let verdict = if finding.weight >= GRAVE {
            Verdict::Malicious
        } else {
            Verdict::Suspicious
        };
        let value = self.0.entry(Cow::Owned(observable)).or_default();
        charge(
            value,
            verdict,
            None,
            finding.confidence,
            &finding.title,
            &finding.techniques,
        );
        value
    }
}

/// Whether advice asks to act against its targets, to block them or to take them away, and not only to look. Its first word
/// says so.
fn asks_to_act(advice: &Recommendation) -> bool {
    ["block ", "quarantine "]
        .iter()
        .any(|word| advice.text.raw().starts_with(word))
}

/// Takes note of what is said against a value; the gravest decides.
fn charge(
    value: &mut Value<'_>,
    verdict: Verdict,
    score: Option<u8>,
    confidence: Confidence,
    reason: &str,
    techniques: &[TechniqueId],
) {
    if verdict < Verdict::Suspicious {
        return;
    }
    let charge = value.charge.get_or_insert_with(|| Charge {
        verdict,
        score,
        confidence,
        reasons: Vec::new(),
        techniques: BTreeSet::new(),
        was_known: false,
    });
    if verdict > charge.verdict {
        charge.confidence = confidence;
    } else if verdict == charge.verdict {
        charge.confidence = charge.confidence.max(confidence);
    }
    charge.verdict = charge.verdict.max(verdict);
    charge.score = charge.score.max(score);
    if charge.reasons.len() < REASONS && !charge.reasons.iter().any(|known| known == reason) {
        charge.reasons.push(reason.to_owned());
    }
    charge.techniques.extend(techniques);
}

/// The artifact that a finding calls `name`: the one that holds its evidence, or a member of it.
fn file_of<'r>(
    finding: &Finding,
    name: &str,
    by_path: &HashMap<&str, &'r ArtifactRecord>,
) -> Option<&'r ArtifactRecord> {
    finding.evidence().iter().find_map(|evidence| {
        let path = evidence.path.raw();
        let is_it = path
            .strip_suffix(name)
            .is_some_and(|before| before.is_empty() || before.ends_with(BELOW) || before.ends_with(['/', '\\']));
        let member = format!("{path}{BELOW}{name}");
        let found = if is_it {
            by_path.get(path)
        } else {
            by_path.get(member.as_str())
        };
        found.copied()
    })
}

fn exempt(observable: &Observable, value: &Value<'_>) -> Option<Exempt> {
    let has = |tag| value.tags.contains(&Tag(tag));
    let is_host = matches!(observable.kind(), ObservableType::Domain) || address(observable).is_some();
    if value.is_owned || has("own-organisation") {
        Some(Exempt::Own)
    } else if is_reserved(observable) {
        Some(Exempt::Reserved)
    } else if has("known-good") {
        Some(Exempt::KnownGood)
    } else if has("shared-infrastructure") || (is_host && has("popular")) {
        Some(Exempt::Shared)
    } else if !value.is_placed {
        Some(Exempt::Unplaced)
    } else {
        None
    }
}

/// Names below `onion` are reached by whoever wants to.
fn is_reserved(observable: &Observable) -> bool {
    let Some(host) = host(observable) else { return false };
    match host.parse() {
        Ok(IpAddr::V4(address)) => reserved::ipv4(address).is_some(),
        Ok(IpAddr::V6(address)) => reserved::ipv6(address).is_some(),
        Err(_) => reserved::name(host).is_some_and(|name| name != reserved::Name::Onion),
    }
}

/// The host that a value is, or names.
pub(crate) fn host(observable: &Observable) -> Option<&str> {
    use ObservableType as T;
    let raw = observable.raw();
    let host = match observable.kind() {
        T::Ipv4 | T::Ipv6 | T::Domain | T::Onion => raw,
        T::Ipv4Cidr | T::Ipv6Cidr => raw.split('/').next()?,
        T::Socket => raw.rsplit_once(':')?.0,
        T::Email | T::Xmpp => raw.rsplit_once('@')?.1,
        T::Url => match Url::parse(raw) {
            Some(url) => url.host,
            None => raw.split(['/', ':']).next()?,
        },
        _ => return None,
    };
    Some(host.trim_start_matches('[').trim_end_matches(']'))
}

/// The address that a value is.
pub(crate) fn address(observable: &Observable) -> Option<IpAddr> {
    match observable.kind() {
        ObservableType::Ipv4 | ObservableType::Ipv6 => observable.raw().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(kind: ObservableType, value: &str, tags: &[&'static str], expected: Option<Exempt>) {
        let mut report = samples::report();
        let observed = samples::observed(kind, value, tags, Verdict::Malicious);
        report.artifacts = vec![samples::artifact("note.txt", vec![observed])];
        let values = Values::of(&report);
        let found = values.left_out().next().map(|(_, why)| why);
        assert_eq!(found, expected, "{value} {tags:?}");
        assert_eq!(values.bad().count(), usize::from(expected.is_none()), "{value}");
    }

    #[test]
    fn what_is_somebody_elses_is_left_alone() {
        use ObservableType as T;
        check(T::Ipv4, "45.9.148.7", &[], None);
        check(T::Domain, "evil-pay.com", &["disposable-service"], None);
        check(
            T::Onion,
            "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
            &["onion"],
            None,
        );
        check(T::Ipv4, "203.0.113.7", &[], Some(Exempt::Reserved));
        check(T::Ipv4Cidr, "10.0.0.0/8", &[], Some(Exempt::Reserved));
        check(T::Socket, "[::1]:80", &[], Some(Exempt::Reserved));
        check(T::Url, "http://printer.local/a", &[], Some(Exempt::Reserved));
        check(T::Email, "a@host.example", &[], Some(Exempt::Reserved));
        check(T::Domain, "mine.com", &["own-organisation"], Some(Exempt::Own));
        check(T::Domain, "cdn.com", &["shared-infrastructure"], Some(Exempt::Shared));
        check(T::Domain, "many.com", &["popular"], Some(Exempt::Shared));
        check(T::Url, "https://many.com/x", &["popular"], None);
        check(
            T::Md5,
            "d41d8cd98f00b204e9800998ecf8427e",
            &["known-good"],
            Some(Exempt::KnownGood),
        );
    }

    #[test]
    fn only_what_is_malicious_is_blocked() {
        let mut report = samples::report();
        let seen = |value, verdict| samples::observed(ObservableType::Domain, value, &[], verdict);
        report.artifacts = vec![samples::artifact(
            "note.txt",
            vec![
                seen("bad.com", Verdict::Malicious),
                seen("odd.com", Verdict::Suspicious),
                seen("plain.com", Verdict::Unknown),
            ],
        )];
        let values = Values::of(&report);
        let blocked: Vec<&str> = values.malicious().map(|(observable, ..)| observable.raw()).collect();
        assert_eq!(blocked, ["bad.com"]);
        let left: Vec<(&str, Exempt)> = values.not_blocked().map(|(one, why)| (one.raw(), why)).collect();
        assert_eq!(left, [("odd.com", Exempt::OnlySuspicious)]);
    }

    #[test]
    fn what_advice_names_is_acted_on_by_the_weight_of_its_findings() {
        let report = samples::hostile();
        let values = Values::of(&report);
        let found: Vec<(&str, Verdict)> = values
            .bad()
            .map(|(one, _, charge)| (one.raw(), charge.verdict))
            .collect();
        assert!(found.contains(&("evil-pay.com", Verdict::Malicious)), "{found:?}");
        let files = found.iter().filter(|(value, _)| value.len() == 64).count();
        assert_eq!(files, 1, "{found:?}");
    }
}
