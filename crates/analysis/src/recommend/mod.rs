//! What to do: a table from rules to advice.
//!
//! Advice follows from what was found and never claims more: what may have happened elsewhere stands behind an "if".
//! What hurts (blocking, isolating, resetting) is advised only on a verdict that says so, and for findings that carry
//! some of it; below that the advice is to look. Nobody is told to block the organisation or a place that serves
//! everybody. Whom somebody else works on is isolated where he is the organisation's, by its configuration or by an address
//! that nobody outside can reach; of everybody else the advice is to look. Values that advice names are defanged.

mod table;
#[cfg(test)]
mod tests;

use crate::detectors::is_inside;
use std::collections::HashSet;
use std::net::IpAddr;
use table::TABLE;
use watchfire_knowledge::infrastructure::{self, Role};
use watchfire_knowledge::{brand, reserved};
use watchfire_model::url::Url;
use watchfire_model::{Coverage, Finding, LimitKind, Organisation, Recommendation, RuleId, Target, Verdict, Weight};

/// One piece of advice and the rules that call for it. `{}` stands for the targets of their findings.
struct Advice {
    text: &'static str,
    when: When,
    rules: &'static [&'static str],
}

/// What advice takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// It costs nothing but a look.
    Always,
    /// It costs somebody something, and needs a verdict and targets that are nobody else's.
    Harm,
    /// There is no verdict: in place of what costs something.
    Doubt,
    /// It takes hosts of the organisation off the network: it needs a verdict and targets inside.
    Isolation,
    /// There is no verdict, or nobody knows whose the hosts are: in place of isolating them.
    Inquiry,
}

impl When {
    /// Whether a finding calls for it, under a verdict.
    fn is_called_by(self, finding: &Finding, verdict: Verdict, organisation: &Organisation) -> bool {
        let harms = verdict >= Verdict::Suspicious && finding.weight >= HARMFUL;
        let has_host = || finding.targets.iter().any(|target| is_own_host(target, organisation));
        match self {
            Self::Always => finding.weight >= SLIGHT,
            Self::Harm => harms,
            Self::Doubt => finding.weight >= SLIGHT && !harms,
            Self::Isolation => harms && has_host(),
            Self::Inquiry => finding.weight >= SLIGHT && !(harms && has_host()),
        }
    }
}

/// Recommendations for `findings`, those that count, under the verdict that they led to.
pub fn recommend(
    findings: &[Finding],
    coverage: &Coverage,
    verdict: Verdict,
    organisation: &Organisation,
) -> Vec<Recommendation> {
    let by_rule = TABLE.iter().filter_map(|advice| {
        let calls = |finding: &&Finding| {
            advice.rules.contains(&finding.rule.0) && advice.when.is_called_by(finding, verdict, organisation)
        };
        let calling: Vec<&Finding> = findings.iter().filter(calls).collect();
        let mut targets = targets(&calling);
        let named_some = !targets.is_empty();
        match advice.when {
            When::Harm => targets.retain(|target| may_be_acted_against(target, organisation)),
            When::Isolation => targets.retain(|target| is_own_host(target, organisation)),
            When::Always | When::Doubt | When::Inquiry => {}
        }
        if named_some && targets.is_empty() {
            return None;
        }
        let because = |rule: &&'static str| {
            calling
                .iter()
                .find(|finding| finding.rule.0 == *rule)
                .map(|finding| finding.rule)
        };
        let because: Vec<RuleId> = advice.rules.iter().filter_map(because).collect();
        (!because.is_empty()).then(|| Recommendation {
            text: advice.text.replace("{}", &named(&targets)).into(),
            targets,
            because,
        })
    });
    by_rule.chain(for_coverage(coverage)).collect()
}

/// What `findings` are about, each once, in their order.
fn targets(findings: &[&Finding]) -> Vec<Target> {
    let mut seen = HashSet::new();
    let all = findings.iter().flat_map(|finding| &finding.targets);
    all.filter(|target| seen.insert(*target)).cloned().collect()
}

/// Whether acting against `target`, or against those who were there, hurts nobody but whoever put it there.
fn may_be_acted_against(target: &Target, organisation: &Organisation) -> bool {
    let host = match target {
        Target::File(_) => return true,
        Target::Url(url) => match Url::parse(url.raw()) {
            Some(url) => url.host.to_lowercase(),
            None => return false,
        },
        Target::Host(host) => host.raw().to_lowercase(),
    };
    let host = host.trim_end_matches('.').trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>().ok();
    // What nobody outside can reach is the organisation's, whether its configuration says so or not.
    let is_own = match address {
        Some(address) => is_inside(organisation, address),
        None => organisation.owns_domain(host) || reserved::name(host).is_some_and(reserved::Name::is_internal),
    };
    let is_page = matches!(target, Target::Url(url) if !is_front_page(url.raw()));
    let serves_everybody = || {
        let mut hits = Vec::new();
        match address {
            Some(address) => infrastructure::ip(address, &mut hits),
            None => infrastructure::host(host, &mut hits),
        }
        let is_busy = |role: Role, name: &str| match role {
            Role::KnownGood => true,
            // Addresses of clouds belong to one tenant at a time.
            Role::Shared => address.is_none(),
            Role::Disposable => false,
            Role::Context => matches!(
                name,
                "majestic_million" | "bank-website" | "dax30" | "university_domains"
            ),
        };
        brand::owner(host).is_some() || hits.iter().any(|hit| is_busy(hit.list.role, hit.list.name))
    };
    !is_own && (is_page || !serves_everybody())
}

/// Whether `target` is a host of the organisation: one that its configuration names, or that nobody outside can reach.
fn is_own_host(target: &Target, organisation: &Organisation) -> bool {
    let Target::Host(host) = target else { return false };
    let host = host.raw();
    match host.parse() {
        Ok(address) => is_inside(organisation, address),
        Err(_) => organisation.owns_domain(host) || reserved::name(host).is_some_and(reserved::Name::is_internal),
    }
}

/// Whether a URL names a whole site.
fn is_front_page(url: &str) -> bool {
    Url::parse(url).is_none_or(|url| url.path.trim_matches('/').is_empty() && url.query.is_empty())
}

/// Targets in a sentence: the first few, defanged, and how many more there are.
fn named(targets: &[Target]) -> String {
    const MOST: usize = 3;
    let mut names: Vec<String> = targets.iter().take(MOST).map(Target::to_string).collect();
    match (targets.len().saturating_sub(MOST), names.pop()) {
        (_, None) => "what was found".to_owned(),
        (0, Some(only)) if names.is_empty() => only,
        (0, Some(last)) => format!("{} and {last}", names.join(", ")),
        (more, Some(last)) => {
            names.push(last);
            format!("{} and {more} more", names.join(", "))
        }
    }
}

/// Findings that weigh less are for the record, and call for nothing.
const SLIGHT: Weight = Weight::from_thousandths(100);
/// Findings that weigh less have innocent explanations too often to act on, whatever was found beside them.
const HARMFUL: Weight = Weight::from_thousandths(200);

/// What would let the judge see more.
fn for_coverage(coverage: &Coverage) -> Vec<Recommendation> {
    let mut advice = Vec::new();
    if coverage.inputs_read < coverage.inputs {
        advice.push("make the unreadable inputs readable and run again");
    }
    if coverage.limits_reached.contains(&LimitKind::Time) {
        advice.push("give it more time: the deadline ended the analysis early");
    } else if !coverage.limits_reached.is_empty() {
        advice.push("look at what lies beyond the limit before calling it harmless");
    }
    if coverage.artifacts_read < coverage.artifacts {
        advice.push("look at the artifacts that were not read in full; the diagnostics name them");
    }
    let recommend = |text: &str| Recommendation {
        text: text.into(),
        targets: Vec::new(),
        because: Vec::new(),
    };
    advice.into_iter().map(recommend).collect()
}
