//! What to do: a table from rules to advice.
//!
//! Advice follows from what was found and never claims more: what may have happened elsewhere stands behind an "if".
//! What hurts (blocking, isolating, resetting) is advised only on a verdict that says so, and for findings that carry
//! some of it; below that the advice is to look. Nobody is told to block the organisation or a place that serves
//! everybody. Values that advice names are defanged.

use std::collections::HashSet;
use std::net::IpAddr;
use watchfire_knowledge::brand;
use watchfire_knowledge::infrastructure::{self, Role};
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
}

/// Rules about where links lead.
const LINKS: &[&str] = &[
    "link-userinfo",
    "link-lookalike-host",
    "link-numeric-host",
    "link-odd-slashes",
    "link-text-differs",
    "link-ip-executable",
    "document-credential-form",
    "mail-open-landing",
    "mail-document-lead",
    "mail-links-elsewhere",
    "mail-recipient-in-link",
    "mail-picture-only",
    "mail-qr-link",
    "mail-link-house",
    "shortcut-remote-file",
];

/// Rules about files that somebody may open.
const FILES: &[&str] = &[
    "archive-double-extension",
    "archive-deceptive-name",
    "archive-disguised-type",
    "archive-runnable-member",
    "mail-dangerous-attachment",
    "document-macro-runs",
    "document-macro-stomped",
    "shortcut-runs-interpreter",
    "shortcut-hidden-arguments",
    "script-downloads-and-runs",
    "script-encoded-command",
    "script-hides-words",
    "script-destroys-copies",
    "executable-altered",
    "executable-side-loading",
    "executable-odd-signature",
    "executable-renamed",
    "executable-claims-vendor",
    "executable-packed",
    "executable-carries",
    "executable-odd-calls",
    "executable-odd-loader",
    "executable-proxy-library",
    "executable-stands-in",
    "executable-telling-strings",
    "executable-odd-header",
    "file-several-names",
    "file-system-name-lookalike",
    "file-system-name-elsewhere",
    "file-odd-place",
    "file-starts-itself",
    "file-hidden",
    "file-odd-rights",
    "file-setuid-shell",
    "file-odd-capabilities",
    "file-runnable-stream",
    "file-downloaded",
    "yara-match",
];

/// Rules about what mails pretend.
const LURES: &[&str] = &[
    "mail-sender-list",
    "mail-address-in-name",
    "mail-brand-name",
    "mail-lookalike-sender",
    "mail-own-domain-spoofed",
    "mail-authentication-failed",
    "mail-reply-elsewhere",
    "mail-account-threat",
    "mail-windfall",
    "mail-extortion",
    "mail-html-smuggling",
    "mail-password-page",
    "mail-phishing-model",
    "mail-throwaway-sender",
    "mail-authentication-own-name",
    "mail-odd-letters",
    "mail-odd-header",
    "mail-hidden-text",
    "mail-two-types",
    "mail-false-thread",
    "mail-file-alone",
    "mail-prize",
    "mail-unproved-promotion",
    "mail-urgent-wording",
    "mail-greets-address",
];

/// Rules about hosts that somebody else works on, by what a capture shows.
const TAKEN: &[&str] = &[
    "dns-tunnel",
    "made-up-names",
    "name-poisoning",
    "icmp-tunnel",
    "password-guessing",
    "many-sessions",
    "arp-spoofing",
    "directory-theft",
    "planted-program",
    "remote-execution",
    "ticket-roasting",
    "rogue-dhcp",
];

/// Rules about where hosts send something to, or get something from.
const ELSEWHERE: &[&str] = &[
    "carried-program",
    "large-upload",
    "long-connection",
    "address-post",
    "service-on-odd-port",
    "tls-nameless",
    "odd-certificate",
];

/// The rule about what others know.
const SIGHTED: &[&str] = &["indicator-sighted"];

/// Rules about who is reported to.
const REPORTS: &[&str] = &["beaconing"];

/// Advice, most urgent first.
const TABLE: &[Advice] = &[
    Advice {
        text: "quarantine {} and the message or file that brought it, and search for others with the same SHA-256",
        when: When::Harm,
        rules: &[
            "archive-double-extension",
            "archive-deceptive-name",
            "archive-disguised-type",
            "executable-altered",
            "executable-side-loading",
            "executable-odd-signature",
            "executable-renamed",
            "executable-proxy-library",
            "file-system-name-lookalike",
            "file-system-name-elsewhere",
            "file-runnable-stream",
            "file-setuid-shell",
            "yara-match",
        ],
    },
    Advice {
        text: "if somebody opened {}, isolate that machine and look at what it started",
        when: When::Harm,
        rules: FILES,
    },
    Advice {
        text: "block {}, where the links lead, and search proxy and DNS logs for visits",
        when: When::Harm,
        rules: LINKS,
    },
    Advice {
        text: "if somebody followed a link to {} and entered a password, reset it and end that account's sessions",
        when: When::Harm,
        rules: &[
            "link-userinfo",
            "link-lookalike-host",
            "link-numeric-host",
            "link-text-differs",
            "document-credential-form",
        ],
    },
    Advice {
        text: "block {}, isolate the host that reports there, and find out which of its programs does",
        when: When::Harm,
        rules: REPORTS,
    },
    Advice {
        text: "find out which program reports to {}, and who put it on that host",
        when: When::Doubt,
        rules: REPORTS,
    },
    Advice {
        text: "find the copies of the mail by its sender, subject and links, and withdraw them from every mailbox",
        when: When::Harm,
        rules: LURES,
    },
    Advice {
        text: "neither answer the mail nor follow it before the supposed sender was asked by another way",
        when: When::Doubt,
        rules: LURES,
    },
    Advice {
        text: "ask the supposed sender, by a number that was known before and not by a reply, before money moves or accounts change",
        when: When::Always,
        rules: &[
            "mail-payment-request",
            "mail-own-domain-spoofed",
            "mail-lookalike-sender",
        ],
    },
    Advice {
        text: "call nobody at the number in the mail; the contract has the real one",
        when: When::Always,
        rules: &["mail-callback-scam"],
    },
    Advice {
        text: "look at where the links really lead, to {}, before anybody follows them",
        when: When::Doubt,
        rules: LINKS,
    },
    Advice {
        text: "find out where {} comes from before anybody opens it",
        when: When::Doubt,
        rules: FILES,
    },
    Advice {
        text: "block {}, known to be bad, and search proxy, DNS and mail logs for it",
        when: When::Harm,
        rules: SIGHTED,
    },
    Advice {
        text: "look at what is known about {} (watchfire check), and whether it has to do with this",
        when: When::Doubt,
        rules: SIGHTED,
    },
    Advice {
        text: "isolate {}, keep its memory and its disk, and look for what else behaves like it",
        when: When::Harm,
        rules: TAKEN,
    },
    Advice {
        text: "find out which program on {} does that, who started it and when, before it is switched off",
        when: When::Doubt,
        rules: TAKEN,
    },
    Advice {
        text: "block {}, and search proxy, DNS and flow logs for other hosts that spoke to it",
        when: When::Harm,
        rules: ELSEWHERE,
    },
    Advice {
        text: "find out what {} is and who in the organisation uses it",
        when: When::Doubt,
        rules: ELSEWHERE,
    },
    Advice {
        text: "ask who scans from {} and why; scanners of the organisation belong into its configuration",
        when: When::Always,
        rules: &["port-scan", "host-scan", "ping-sweep", "scanning-tool"],
    },
    Advice {
        text: "have everybody who logged in to {} choose a new password, and encrypt the service or shut it down",
        when: When::Always,
        rules: &["clear-login"],
    },
    Advice {
        text: "update what still speaks old versions of TLS, or keep it in a network of its own",
        when: When::Always,
        rules: &["tls-old"],
    },
    Advice {
        text: "if somebody loaded the program from {}, isolate that machine and look for the file",
        when: When::Harm,
        rules: &["link-ip-executable"],
    },
    Advice {
        text: "find out who put {} where the system starts it, and when, and what else was written at that time",
        when: When::Always,
        rules: &["file-starts-itself"],
    },
    Advice {
        text: "take the rights of others from {}, and find out who gave them",
        when: When::Always,
        rules: &["file-odd-rights", "file-setuid-shell"],
    },
    Advice {
        text: "open {} only where it can do no harm, and look at what it would start",
        when: When::Always,
        rules: &["document-active-content"],
    },
    Advice {
        text: "open {} only in a sandbox, and look at what its scripts show, load and send",
        when: When::Always,
        rules: &["document-script-page"],
    },
    Advice {
        text: "look at what the links of {} do in a sandbox, not on a workstation",
        when: When::Always,
        rules: &["link-active-scheme"],
    },
    Advice {
        text: "ask the supposed sender, by another way than a reply, whether the encrypted {} is theirs",
        when: When::Always,
        rules: &["archive-password-beside"],
    },
    Advice {
        text: "unpack {} only with a tool that refuses paths outside its folder",
        when: When::Always,
        rules: &["archive-path-traversal"],
    },
    Advice {
        text: "do not open {} with desktop tools; raise the limits only on a machine that can spare it",
        when: When::Always,
        rules: &["archive-bomb"],
    },
    Advice {
        text: "read the hidden text of {} before trusting what is visible",
        when: When::Always,
        rules: &["document-hidden-link"],
    },
];

/// Recommendations for `findings`, those that count, under the verdict that they led to.
pub fn recommend(
    findings: &[Finding],
    coverage: &Coverage,
    verdict: Verdict,
    organisation: &Organisation,
) -> Vec<Recommendation> {
    let by_rule = TABLE.iter().filter_map(|advice| {
        let calls = |finding: &&Finding| {
            let harms = verdict >= Verdict::Suspicious && finding.weight >= HARMFUL;
            advice.rules.contains(&finding.rule.0)
                && match advice.when {
                    When::Always => finding.weight >= SLIGHT,
                    When::Harm => harms,
                    When::Doubt => finding.weight >= SLIGHT && !harms,
                }
        };
        let calling: Vec<&Finding> = findings.iter().filter(calls).collect();
        let mut targets = targets(&calling);
        if advice.when == When::Harm {
            let named = !targets.is_empty();
            targets.retain(|target| may_be_acted_against(target, organisation));
            if named && targets.is_empty() {
                return None;
            }
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
    let is_own = match address {
        Some(address) => organisation.owns_address(address),
        None => organisation.owns_domain(host),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors;

    #[test]
    fn every_rule_has_advice_and_every_advice_has_rules() {
        let advised: Vec<&str> = TABLE.iter().flat_map(|advice| advice.rules).copied().collect();
        let known: Vec<&str> = detectors::catalogue().map(|info| info.rule.0).collect();
        // What weighs nothing in any case asks for nothing.
        let weighs = |rule: &str| detectors::catalogue().any(|info| info.rule.0 == rule && info.weight > 0);
        assert!(known.iter().all(|rule| advised.contains(rule) || !weighs(rule)));
        assert!(advised.iter().all(|rule| known.contains(rule)));
        for rule in advised {
            let when = |wanted| {
                TABLE
                    .iter()
                    .any(|advice| advice.when == wanted && advice.rules.contains(&rule))
            };
            assert_eq!(
                when(When::Harm),
                when(When::Doubt),
                "{rule}: what may harm has a milder form"
            );
        }
    }

    #[test]
    fn nobody_is_told_to_block_what_serves_everybody_or_the_organisation() {
        let organisation = Organisation {
            domains: vec![watchfire_model::DomainName::parse("corp.example").unwrap()],
            ..Organisation::default()
        };
        let url = |text: &str| Target::Url(text.into());
        let host = |text: &str| Target::Host(text.into());
        for (target, expected) in [
            (host("evil.com"), true),
            (host("203.0.113.7"), true),
            (host("microsoft.com"), false),
            (host("www.google.com"), false),
            (host("mail.corp.example"), false),
            (url("https://www.corp.example/a"), false),
            (url("https://sites.google.com/view/lure"), true),
            (url("https://www.google.com/"), false),
        ] {
            assert_eq!(may_be_acted_against(&target, &organisation), expected, "{target:?}");
        }
    }

    #[test]
    fn what_hurts_needs_a_verdict() {
        let rule = |name: &str| detectors::catalogue().find(|info| info.rule.0 == name).unwrap();
        let place = watchfire_model::Evidence {
            artifact: watchfire_model::ArtifactId::of(b""),
            path: "x".into(),
            place: watchfire_model::Place::Whole,
            excerpt: "".into(),
        };
        let found: Vec<Finding> = ["link-text-differs", "archive-runnable-member"]
            .map(|name| {
                rule(name)
                    .draft("")
                    .at(place.clone())
                    .about(Target::Host("evil.com".into()))
            })
            .into();
        let say = |verdict| -> Vec<String> {
            let advice = recommend(&found, &Coverage::default(), verdict, &Organisation::default());
            advice.iter().map(|advice| advice.text.raw().to_owned()).collect()
        };
        let hurts = |text: &String| {
            ["block", "isolate", "reset", "quarantine"]
                .iter()
                .any(|word| text.contains(word))
        };
        assert!(say(Verdict::Unknown).len() == 2 && !say(Verdict::Unknown).iter().any(hurts));
        assert!(say(Verdict::Suspicious).iter().all(hurts));
    }

    #[test]
    fn advice_that_hurts_names_nobody_who_only_stands_beside() {
        let rule = detectors::catalogue()
            .find(|info| info.rule.0 == "link-text-differs")
            .unwrap();
        let place = watchfire_model::Evidence {
            artifact: watchfire_model::ArtifactId::of(b""),
            path: "x".into(),
            place: watchfire_model::Place::Whole,
            excerpt: "".into(),
        };
        let found = |hosts: &[&str]| -> Vec<Finding> {
            let finding = |host: &&str| rule.draft("").at(place.clone()).about(Target::Host((*host).into()));
            hosts.iter().map(finding).collect()
        };
        let say = |hosts: &[&str]| {
            let organisation = Organisation::default();
            recommend(&found(hosts), &Coverage::default(), Verdict::Malicious, &organisation)
        };
        assert_eq!(say(&["www.google.com"]), []);
        let advice = say(&["www.google.com", "evil.com"]);
        let evil = [Target::Host("evil.com".into())];
        assert!(
            advice.len() == 2 && advice.iter().all(|advice| advice.targets == evil),
            "{advice:?}"
        );
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
            let advice = recommend(
                &found,
                &Coverage::default(),
                Verdict::Suspicious,
                &Organisation::default(),
            );
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
        assert_eq!(
            recommend(&[], &Coverage::default(), Verdict::Unknown, &Organisation::default()),
            []
        );
    }
}
