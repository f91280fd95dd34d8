//! What to do: a table from rules to advice.
//!
//! Advice follows from what was found and never claims more: what may have happened elsewhere stands behind an "if".
//! Values that advice names are defanged.

use watchfire_model::{Coverage, Finding, LimitKind, Recommendation, RuleId, Weight};

/// One piece of advice and the rules that call for it.
struct Advice {
    text: &'static str,
    rules: &'static [&'static str],
}

/// Advice, most urgent first.
const TABLE: &[Advice] = &[
    Advice {
        text: "quarantine the message or file that brought it, and search for others with the same SHA-256",
        rules: &[
            "archive-double-extension",
            "archive-deceptive-name",
            "archive-disguised-type",
        ],
    },
    Advice {
        text: "if somebody opened the file, isolate that machine and look at what it started",
        rules: &[
            "archive-double-extension",
            "archive-deceptive-name",
            "archive-disguised-type",
            "archive-runnable-member",
        ],
    },
    Advice {
        text: "block the targets of the links, and search proxy and DNS logs for them",
        rules: &[
            "link-userinfo",
            "link-lookalike-host",
            "link-numeric-host",
            "link-text-differs",
            "link-ip-executable",
        ],
    },
    Advice {
        text: "if somebody followed a link and entered a password, reset it and end that account's sessions",
        rules: &[
            "link-userinfo",
            "link-lookalike-host",
            "link-numeric-host",
            "link-text-differs",
        ],
    },
    Advice {
        text: "if somebody followed the link to the program, isolate that machine and look for the file",
        rules: &["link-ip-executable"],
    },
    Advice {
        text: "open the document only where it can do no harm, and look at what it would start",
        rules: &["document-active-content"],
    },
    Advice {
        text: "open the page only in a sandbox, and look at what its scripts show, load and send",
        rules: &["document-script-page"],
    },
    Advice {
        text: "look at what the link does in a sandbox, not on a workstation",
        rules: &["link-active-scheme"],
    },
    Advice {
        text: "ask the supposed sender, by another way than a reply, whether the encrypted archive is theirs",
        rules: &["archive-password-beside"],
    },
    Advice {
        text: "unpack the archive only with a tool that refuses paths outside its folder",
        rules: &["archive-path-traversal"],
    },
    Advice {
        text: "do not open the container with desktop tools; raise the limits only on a machine that can spare it",
        rules: &["archive-bomb"],
    },
    Advice {
        text: "read the hidden text before trusting what is visible",
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
        (!because.is_empty()).then(|| Recommendation {
            text: advice.text.into(),
            because,
        })
    });
    by_rule.chain(for_coverage(coverage)).collect()
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
    fn nothing_found_and_all_read_calls_for_nothing() {
        assert_eq!(recommend(&[], &Coverage::default()), []);
    }
}
