//! What to do: a table from rules to advice.
//!
//! Advice follows from what was found and never claims more: what may have happened elsewhere stands behind an "if".
//! Values that advice names are defanged.

use std::collections::HashSet;
use watchfire_model::{Coverage, Finding, LimitKind, Recommendation, RuleId, Target, Weight};

/// One piece of advice and the rules that call for it. `{}` stands for the targets of their findings.
struct Advice {
    text: &'static str,
    rules: &'static [&'static str],
}

/// Advice, most urgent first.
const TABLE: &[Advice] = &[
    Advice {
        text: "quarantine {} and the message or file that brought it, and search for others with the same SHA-256",
        rules: &[
            "archive-double-extension",
            "archive-deceptive-name",
            "archive-disguised-type",
        ],
    },
    Advice {
        text: "if somebody opened {}, isolate that machine and look at what it started",
        rules: &[
            "archive-double-extension",
            "archive-deceptive-name",
            "archive-disguised-type",
            "archive-runnable-member",
        ],
    },
    Advice {
        text: "block {}, where the links lead, and search proxy and DNS logs for visits",
        rules: &[
            "link-userinfo",
            "link-lookalike-host",
            "link-numeric-host",
            "link-text-differs",
            "link-ip-executable",
        ],
    },
    Advice {
        text: "if somebody followed a link to {} and entered a password, reset it and end that account's sessions",
        rules: &[
            "link-userinfo",
            "link-lookalike-host",
            "link-numeric-host",
            "link-text-differs",
        ],
    },
    Advice {
        text: "if somebody loaded the program from {}, isolate that machine and look for the file",
        rules: &["link-ip-executable"],
    },
    Advice {
        text: "open {} only where it can do no harm, and look at what it would start",
        rules: &["document-active-content"],
    },
    Advice {
        text: "open {} only in a sandbox, and look at what its scripts show, load and send",
        rules: &["document-script-page"],
    },
    Advice {
        text: "look at what the links of {} do in a sandbox, not on a workstation",
        rules: &["link-active-scheme"],
    },
    Advice {
        text: "ask the supposed sender, by another way than a reply, whether the encrypted {} is theirs",
        rules: &["archive-password-beside"],
    },
    Advice {
        text: "unpack {} only with a tool that refuses paths outside its folder",
        rules: &["archive-path-traversal"],
    },
    Advice {
        text: "do not open {} with desktop tools; raise the limits only on a machine that can spare it",
        rules: &["archive-bomb"],
    },
    Advice {
        text: "read the hidden text of {} before trusting what is visible",
        rules: &["document-hidden-link"],
    },
];

/// Recommendations for `findings`, those that count.
pub fn recommend(findings: &[Finding], coverage: &Coverage) -> Vec<Recommendation> {
    let called = |rule: &&str| {
        let mut matching = findings
            .iter()
            .filter(|finding| finding.rule.0 == *rule && finding.weight >= SLIGHT);
        matching.next().map(|finding| finding.rule)
    };
    let by_rule = TABLE.iter().filter_map(|advice| {
        let because: Vec<RuleId> = advice.rules.iter().filter_map(called).collect();
        let targets = targets(findings.iter().filter(|finding| because.contains(&finding.rule)));
        (!because.is_empty()).then(|| Recommendation {
            text: advice.text.replace("{}", &named(&targets)).into(),
            targets,
            because,
        })
    });
    by_rule.chain(for_coverage(coverage)).collect()
}

/// What `findings` are about, each once, in their order.
fn targets<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Target> {
    let mut seen = HashSet::new();
    let heavy = findings.filter(|finding| finding.weight >= SLIGHT);
    let all = heavy.flat_map(|finding| &finding.targets);
    all.filter(|target| seen.insert(*target)).cloned().collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors;

    #[test]
    fn every_rule_has_advice_and_every_advice_has_rules() {
        let advised: Vec<&str> = TABLE.iter().flat_map(|advice| advice.rules).copied().collect();
        let known: Vec<&str> = detectors::catalogue().map(|info| info.rule.0).collect();
        assert!(known.iter().all(|rule| advised.contains(rule)));
        assert!(advised.iter().all(|rule| known.contains(rule)));
    }

    #[test]
    fn advice_names_what_it_is_about() {
        let info = detectors::catalogue()
            .find(|info| info.rule.0 == "link-text-differs")
            .unwrap();
        let place = watchfire_model::Evidence {
            artifact: watchfire_model::ArtifactId::of(b""),
            path: "page.html".into(),
            place: watchfire_model::Place::Whole,
            excerpt: "".into(),
        };
        let check = |hosts: &[&str], names: &str| {
            let found: Vec<Finding> = hosts
                .iter()
                .map(|host| info.draft("").at(place.clone()).about(Target::Host((*host).into())))
                .collect();
            let advice = recommend(&found, &Coverage::default());
            let text = advice.first().unwrap().text.raw();
            assert!(text.starts_with(&format!("block {names}, where")), "{text}");
            let distinct: HashSet<_> = hosts.iter().collect();
            assert!(
                advice
                    .iter()
                    .all(|advice| advice.targets.len() == distinct.len() && !advice.text.raw().contains("{}"))
            );
        };
        check(&["evil.com"], "evil[.]com");
        check(
            &["evil.com", "203.0.113.7", "evil.com"],
            "evil[.]com and 203[.]0[.]113[.]7",
        );
        check(&["a.com", "b.com", "c.com"], "a[.]com, b[.]com and c[.]com");
        check(
            &["a.com", "b.com", "c.com", "d.com", "e.com"],
            "a[.]com, b[.]com, c[.]com and 2 more",
        );
        check(&["a.com\u{1b}[2J"], "a[.]com\\u{1b}[2J");
    }

    #[test]
    fn nothing_found_and_all_read_calls_for_nothing() {
        assert_eq!(recommend(&[], &Coverage::default()), []);
    }
}
