//! What the receiver's own server wrote about a mail's origin (RFC 8601, section 5: who may be believed).
//!
//! Anybody can write `Authentication-Results`. With a configuration, only fields that name one of the organisation's
//! authserv-ids count. Without one, only those that stand where the last organisation's servers write: above the place
//! where the mail came to them from outside. What stands below it came along with the mail. Of a mail that no server took,
//! as exports are, only failures are believed: nobody forges those. Failures that are recorded behind a gateway that the tables know may be the gateway's doing.

use crate::boundary::{crossing, giver, site, taker};
use watchfire_knowledge::host;
use watchfire_knowledge::{mail as carriers, networks};
use watchfire_model::{Hop, MailFacts, Organisation, RecordedResult, RecordedResults};

/// The results that may be believed.
#[derive(Clone, Debug)]
pub(crate) struct Recorded<'a> {
    /// Who wrote them.
    pub(crate) by: String,
    results: &'a RecordedResults,
    /// Which of the mail's results they are.
    pub(crate) at: usize,
    /// It is not known who wrote them: they speak against the sender and never for it.
    pub(crate) is_anonymous: bool,
    /// A well-known gateway stands between the sender and whoever wrote them: what failed may have failed for it.
    pub(crate) behind_gateway: bool,
    /// They are about a gateway of one's own, which handed the mail on to whoever wrote them, and not about the sender.
    pub(crate) about_gateway: bool,
}

impl<'a> Recorded<'a> {
    /// All results of a method.
    fn of(&self, method: &str) -> impl Iterator<Item = &'a RecordedResult> {
        let all = self.results.results.iter();
        all.filter(move |result| result.method.raw().eq_ignore_ascii_case(method))
    }

    /// The word for how a method ended, where it was tried.
    pub(crate) fn word(&self, method: &'static str) -> Option<&'a str> {
        self.of(method).next().map(|result| result.result.raw())
    }

    fn passed(&self, method: &'static str) -> impl Iterator<Item = &'a RecordedResult> {
        let is_believed = !self.is_anonymous;
        self.of(method)
            .filter(move |result| is_believed && result.result.raw() == "pass")
    }

    /// The domains that SPF and DKIM proved.
    pub(crate) fn proved(&self) -> Vec<String> {
        let spf = self.passed("spf").filter_map(|result| {
            let from = result
                .property("smtp.mailfrom")
                .or_else(|| result.property("smtp.helo"))?;
            Some(domain_of(from.raw()))
        });
        let dkim = self.passed("dkim").filter_map(|result| {
            let by = result.property("header.d").or_else(|| result.property("header.i"))?;
            Some(domain_of(by.raw()))
        });
        spf.chain(dkim).filter(|domain| !domain.is_empty()).collect()
    }

    /// Whether whoever wrote it looked at more than one proof, or was refused the one it looked at.
    pub(crate) fn is_thorough(&self) -> bool {
        let refused = matches!(self.word("spf"), Some("fail" | "softfail"));
        refused || (self.field() != "received-spf" && self.word("spf").is_some())
    }

    /// Whether some signature held.
    pub(crate) fn has_signature(&self) -> bool {
        self.passed("dkim").next().is_some()
    }

    /// Whether one of the proofs is for `site`, or the server says that the policy of `site` is met.
    pub(crate) fn vouches_for(&self, site: &str) -> bool {
        let policy = self.of("dmarc").any(|result| {
            let is_met = !self.is_anonymous && matches!(result.result.raw(), "pass" | "bestguesspass");
            let about = result.property("header.from").map(|from| domain_of(from.raw()));
            is_met && about.is_none_or(|domain| host::registrable(&domain) == site)
        });
        policy || self.proved().iter().any(|domain| host::registrable(domain) == site)
    }

    /// How SPF, DKIM and DMARC ended, for a title.
    pub(crate) fn summary(&self) -> String {
        let words = ["spf", "dkim", "dmarc", "compauth"].into_iter().filter_map(|method| {
            let word = match self.passed(method).next() {
                Some(_) => "pass",
                None => self.word(method)?,
            };
            Some(format!(
                "{} {}",
                method.to_uppercase(),
                watchfire_model::Untrusted::new(word).shown(12)
            ))
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// The excerpt of evidence.
    pub(crate) fn excerpt(&self) -> String {
        let results = self.results.results.iter();
        let words = results.map(|result| format!("{}={}", result.method.raw(), result.result.raw()));
        words.collect::<Vec<_>>().join("; ")
    }

    /// The field that they stand in.
    pub(crate) fn field(&self) -> &'static str {
        self.results.field
    }
}

/// `a@b.example`, `@b.example`, `b.example`: the domain, in lower case.
fn domain_of(text: &str) -> String {
    let text = text.trim_matches(['<', '>', '"', ' ']);
    host::normal(text.rsplit('@').next().unwrap_or(text))
}

/// The one field that may be believed.
pub(crate) fn trusted<'a>(mail: &'a MailFacts, organisation: &Organisation) -> Option<Recorded<'a>> {
    let told = mail.results.iter().enumerate().filter(|(_, results)| {
        let is_of_chain = results.field == "arc-authentication-results";
        !is_of_chain && !results.results.is_empty()
    });
    let way_in = crossing(mail, organisation);
    let has_gateways = !organisation.mail_gateways.is_empty();
    // Whoever took the mail from outside knows who brought it, and writes above its own `Received` or right below it;
    // what stands further below came along.
    let reach = match way_in {
        Some(at) if has_gateways => at + 1,
        Some(at) => at,
        None if mail.hops.is_empty() || has_gateways => 0,
        None => mail.hops.len(),
    };
    let told = told.filter(|(_, results)| results.below <= reach);
    let recorded = |(at, results): (usize, &'a RecordedResults), by: String| Recorded {
        by,
        results,
        at,
        is_anonymous: mail.hops.is_empty(),
        behind_gateway: false,
        about_gateway: false,
    };
    if !organisation.authserv_ids.is_empty() {
        let way_in = way_in.filter(|_| has_gateways);
        let own = |results: &RecordedResults| {
            let server = results.server.raw();
            let mut ids = organisation.authserv_ids.iter();
            ids.any(|id| id.eq_ignore_ascii_case(server))
        };
        let found = told.filter(|(_, results)| own(results)).min_by_key(|(_, results)| {
            let is_summary = results.field != "authentication-results";
            (way_in.is_some_and(|at| results.below < at), is_summary)
        })?;
        return Some(Recorded {
            about_gateway: way_in.is_some_and(|at| found.1.below < at),
            ..recorded(found, found.1.server.to_string())
        });
    }
    let top = mail.hops.first().and_then(taker);
    let is_own = |results: &RecordedResults| {
        let Some(top) = &top else { return true };
        results.server.is_empty() || site(&host::normal(results.server.raw())) == site(top) || !top.contains('.')
    };
    let mut candidates = told.filter(|(_, results)| is_own(results));
    let first = candidates.next()?;
    let found = match first.1.field {
        "authentication-results" => first,
        _ => candidates
            .find(|(_, results)| results.field == "authentication-results")
            .unwrap_or(first),
    };
    let by = match found.1.server.is_empty() {
        true => top.unwrap_or_else(|| "the receiving server".to_owned()),
        false => host::normal(found.1.server.raw()),
    };
    Some(Recorded {
        behind_gateway: way_in.and_then(|at| mail.hops.get(at)).is_some_and(is_gateway),
        ..recorded(found, by)
    })
}

/// Whether a well-known gateway handed the mail on at `hop`, by the name that was looked up or by its network: how a host
/// calls itself proves nothing.
fn is_gateway(hop: &Hop) -> bool {
    let Some(holder) = giver(hop).and_then(|giver| carriers::gateway(&giver)) else {
        return false;
    };
    hop.reverse.is_some() || hop.address.is_some_and(|address| networks::is_held_by(address, holder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_formats::email::Message;
    use watchfire_model::Host;

    #[track_caller]
    fn check(header: &str, ids: &[&str], expected: Option<(&str, &str)>) {
        let bytes = format!("{header}From: a@sender.example\r\n\r\nbody\r\n");
        let facts = Message::read(bytes.as_bytes()).facts;
        let organisation = Organisation {
            authserv_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..Organisation::default()
        };
        let found = trusted(&facts, &organisation);
        let found = found.map(|recorded| (recorded.by.clone(), recorded.word("spf").unwrap_or_default().to_owned()));
        assert_eq!(
            found,
            expected.map(|(by, word)| (by.to_owned(), word.to_owned())),
            "{header}"
        );
    }

    const OUTSIDE: &str = "Received: from mail.sender.example (mail.sender.example [203.0.113.9]) by mx1.corp.example; Mon, 2 Nov 2026 08:00:00 +0000\r\n";
    const INSIDE: &str = "Received: from mx1.corp.example (mx1.corp.example [198.51.100.1]) by store.corp.example; Mon, 2 Nov 2026 08:00:01 +0000\r\n";

    #[test]
    fn what_stands_above_the_way_in_is_believed() {
        let own = "Authentication-Results: mx1.corp.example; spf=fail smtp.mailfrom=sender.example\r\n";
        let forged = "Authentication-Results: mx1.corp.example; spf=pass smtp.mailfrom=sender.example\r\n";
        check(
            &format!("{INSIDE}{own}{OUTSIDE}"),
            &[],
            Some(("mx1.corp.example", "fail")),
        );
        check(
            &format!("{INSIDE}{own}{OUTSIDE}{forged}"),
            &[],
            Some(("mx1.corp.example", "fail")),
        );
        check(&format!("{INSIDE}{OUTSIDE}{forged}"), &[], None);
        // Nobody took it: what speaks against the sender is believed.
        check(own, &[], Some(("mx1.corp.example", "fail")));
    }

    #[test]
    fn what_is_recorded_behind_a_gateway_of_ones_own_is_about_the_gateway() {
        let organisation = Organisation {
            authserv_ids: vec!["gate.corp.example".to_owned(), "store.corp.example".to_owned()],
            mail_gateways: ["gate.corp.example", "198.51.100.1"]
                .iter()
                .map(|host| Host::parse(host).unwrap())
                .collect(),
            ..Organisation::default()
        };
        let inside = INSIDE.replace("mx1.", "gate.");
        let outside = OUTSIDE.replace("mx1.", "gate.");
        let at_store = "Authentication-Results: store.corp.example; spf=fail smtp.mailfrom=sender.example\r\n";
        let at_gate = "Authentication-Results: gate.corp.example; spf=pass smtp.mailfrom=sender.example\r\n";
        for (header, expected) in [
            (format!("{at_store}{inside}{outside}"), Some(("fail", true))),
            (format!("{at_store}{inside}{at_gate}{outside}"), Some(("pass", false))),
            // What a server writes below its own line, and what came along with the mail.
            (format!("{inside}{outside}{at_gate}"), Some(("pass", false))),
            (format!("{inside}{outside}{OUTSIDE}{at_gate}"), None),
        ] {
            let bytes = format!("{header}From: a@sender.example\r\n\r\nbody\r\n");
            let facts = Message::read(bytes.as_bytes()).facts;
            let found = trusted(&facts, &organisation);
            let found = found.map(|recorded| (recorded.word("spf").unwrap_or_default(), recorded.about_gateway));
            assert_eq!(found, expected, "{header}");
        }
    }

    #[test]
    fn strangers_above_the_way_in_are_not() {
        let strange = "Authentication-Results: elsewhere.example; spf=pass smtp.mailfrom=sender.example\r\n";
        check(&format!("{INSIDE}{strange}{OUTSIDE}"), &[], None);
    }

    #[test]
    fn configured_servers_are_believed_alone() {
        let own = "Authentication-Results: corp; spf=pass smtp.mailfrom=sender.example\r\n";
        let other = "Authentication-Results: mx1.corp.example; spf=fail smtp.mailfrom=sender.example\r\n";
        check(
            &format!("{INSIDE}{other}{own}{OUTSIDE}"),
            &["corp"],
            Some(("corp", "pass")),
        );
        check(&format!("{INSIDE}{other}{OUTSIDE}"), &["corp"], None);
    }

    #[test]
    fn how_a_host_calls_itself_moves_no_boundary() {
        let inside = "Received: from mx2.corp.example (unknown [203.0.113.7]) by mx1.corp.example; Mon, 2 Nov 2026 08:00:00 +0000\r\n";
        let forged = "Authentication-Results: mx1.corp.example; spf=pass smtp.mailfrom=sender.example\r\n";
        check(&format!("{inside}{forged}{OUTSIDE}"), &[], None);
        let named = inside.replace("unknown", "mx2.corp.example");
        check(
            &format!("{named}{forged}{OUTSIDE}"),
            &[],
            Some(("mx1.corp.example", "pass")),
        );
        let may_be = inside.replace(
            "(unknown [203.0.113.7])",
            "(mx2.corp.example [203.0.113.7] (may be forged))",
        );
        check(&format!("{may_be}{forged}{OUTSIDE}"), &[], None);
        let local = inside.replace("mx2.corp.example", "localhost");
        check(&format!("{local}{forged}{OUTSIDE}"), &[], None);
    }

    #[test]
    fn what_fails_behind_a_gateway_may_be_the_gateways() {
        let check = |by: &str, expected: Option<(&str, bool)>| {
            let handed = format!("Received: from {by} by store.corp.example; Mon, 2 Nov 2026 08:00:01 +0000\r\n");
            let about = "Authentication-Results: store.corp.example; spf=softfail smtp.mailfrom=sender.example\r\n";
            let below = "Authentication-Results: ppops.net; spf=pass smtp.mailfrom=sender.example\r\n";
            let bytes = format!("{about}{handed}{below}From: a@sender.example\r\n\r\nbody\r\n");
            let facts = Message::read(bytes.as_bytes()).facts;
            let found = trusted(&facts, &Organisation::default());
            let found = found.map(|recorded| (recorded.word("spf").unwrap_or_default(), recorded.behind_gateway));
            assert_eq!(found, expected, "{by}");
        };
        check(
            "mx0a.pphosted.com (mx0a.pphosted.com [203.0.113.20])",
            Some(("softfail", true)),
        );
        check("mx0a.pphosted.com (148.163.135.10)", Some(("softfail", true)));
        check("mx0a.pphosted.com (unknown [203.0.113.20])", Some(("softfail", false)));
        check(
            "mail.sender.example (mail.sender.example [203.0.113.20])",
            Some(("softfail", false)),
        );
    }

    #[test]
    fn passes_of_nobody_are_not_believed() {
        let results = "Authentication-Results: mx1.corp.example; spf=pass smtp.mailfrom=sender.example; dmarc=pass header.from=sender.example\r\n";
        let bytes = format!("{results}From: a@sender.example\r\n\r\n");
        let facts = Message::read(bytes.as_bytes()).facts;
        let found = trusted(&facts, &Organisation::default()).unwrap();
        assert!(found.is_anonymous && found.proved().is_empty() && !found.vouches_for("sender.example"));
    }

    #[test]
    fn a_policy_is_met_by_its_own_domain_alone() {
        for (results, expected) in [
            ("dmarc=pass header.from=sender.example", true),
            ("dmarc=pass", true),
            ("dmarc=pass header.from=evil.example.net", false),
            (
                "dkim=pass header.d=sender.example; dmarc=fail header.from=sender.example",
                true,
            ),
        ] {
            let bytes = format!(
                "Authentication-Results: mx1.corp.example; {results}\r\n{OUTSIDE}From: a@sender.example\r\n\r\n"
            );
            let facts = Message::read(bytes.as_bytes()).facts;
            let found = trusted(&facts, &Organisation::default()).unwrap();
            assert_eq!(found.vouches_for("sender.example"), expected, "{results}");
        }
    }
}
