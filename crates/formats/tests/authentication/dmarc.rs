//! DMARC: the examples of RFC 7489 and RFC 9989, as a table.

use crate::{open_texts, texts};
use watchfire_formats::email::authentication::ask::Asker;
use watchfire_formats::email::authentication::dmarc::{Names, evaluate};
use watchfire_model::dns::{DnsSnapshot, Name, Record, RecordKind};
use watchfire_model::{
    Discovery, DkimOutcome, DkimResult, DmarcOutcome, DmarcPolicy, DmarcResult, SpfOutcome, SpfResult, Untrusted,
};

/// SPF of a domain that ended so.
fn spf(domain: &str, outcome: SpfOutcome) -> SpfResult {
    SpfResult {
        outcome,
        domain: Untrusted::new(domain),
        ..SpfResult::default()
    }
}

/// Signatures of these domains that ended so.
fn dkim(signatures: &[(&str, DkimOutcome)]) -> Vec<DkimResult> {
    let one = |(domain, outcome): &(&str, DkimOutcome)| DkimResult {
        outcome: *outcome,
        domain: Untrusted::new(*domain),
        ..DkimResult::default()
    };
    signatures.iter().map(one).collect()
}

fn run(authors: &[&str], spf: &SpfResult, dkim: &[DkimResult], dns: &DnsSnapshot) -> (DmarcResult, Vec<String>) {
    let mut asker = Asker::new(dns);
    let names = Names { authors, spf, dkim };
    let result = evaluate(&names, watchfire_knowledge::suffix::registrable, &mut asker);
    let missing = asker.into_missing().iter().map(ToString::to_string).collect();
    (result, missing)
}

const SPF_PASS: SpfOutcome = SpfOutcome::Pass;
const DKIM_PASS: DkimOutcome = DkimOutcome::Pass;

/// `author`, with SPF passed for `sender` and a signature of `signer` that holds, each empty for none, ends so under
/// these policies.
#[track_caller]
fn check(policies: &[(&str, &str)], author: &str, sender: &str, signer: &str, expected: DmarcOutcome) -> DmarcResult {
    let spf = match sender {
        "" => spf("", SpfOutcome::None),
        sender => spf(sender, SPF_PASS),
    };
    let signatures = match signer {
        "" => Vec::new(),
        signer => dkim(&[(signer, DKIM_PASS)]),
    };
    let records: Vec<(String, &str)> = policies
        .iter()
        .map(|(at, text)| (format!("_dmarc.{at}"), *text))
        .collect();
    let records: Vec<(&str, &str)> = records.iter().map(|(at, text)| (at.as_str(), *text)).collect();
    let (result, missing) = run(&[author], &spf, &signatures, &texts(&records));
    assert_eq!(result.outcome, expected, "{}", result.why);
    assert_eq!(missing, Vec::<String>::new());
    assert!(!result.why.is_empty());
    result
}

use DmarcOutcome::{Fail, None, Pass, Permerror, Temperror, Unverified};

/// RFC 7489, appendix B.1: SPF and DKIM alignment.
#[test]
fn the_examples_of_alignment_hold() {
    let policy = &[("example.com", "v=DMARC1; p=none")];
    // B.1.1: in alignment, of one organisation, of another.
    check(policy, "example.com", "example.com", "", Pass);
    check(policy, "example.com", "child.example.com", "", Pass);
    check(policy, "child.example.com", "example.com", "", Pass);
    check(policy, "example.com", "example.net", "", Fail);
    // B.1.2: the same with signatures.
    check(policy, "example.com", "", "example.com", Pass);
    check(policy, "child.example.com", "", "example.com", Pass);
    check(policy, "example.com", "", "sample.net", Fail);
    check(policy, "example.com", "", "", Fail);
    check(policy, "example.com", "sample.net", "example.com", Pass);
}

#[test]
fn strict_alignment_wants_the_very_domain() {
    let policy = &[("example.com", "v=DMARC1; p=reject; adkim=s; aspf=s")];
    check(policy, "example.com", "child.example.com", "", Fail);
    check(policy, "example.com", "", "child.example.com", Fail);
    check(policy, "example.com", "EXAMPLE.com.", "", Pass);
    let mixed = &[("example.com", "v=DMARC1; p=reject; adkim=s")];
    check(mixed, "example.com", "child.example.com", "child.example.com", Pass);
}

/// Section 6.6.3 of RFC 7489, sections 4.10.1 and 4.10.2 of RFC 9989.
#[test]
fn the_policy_is_that_of_the_domain_or_of_its_organisation() {
    let policy = |policies: &[(&str, &str)], author: &str| {
        let result = check(policies, author, "", "", Fail);
        (result.policy.unwrap(), result.policy_of.unwrap().to_string())
    };
    let organisation = ("example.com", "v=DMARC1; p=reject; sp=quarantine");
    assert_eq!(
        policy(&[organisation], "example.com"),
        (DmarcPolicy::Reject, "example.com".into())
    );
    assert_eq!(
        policy(&[organisation], "a.b.example.com"),
        (DmarcPolicy::Quarantine, "example.com".into())
    );
    let own = ("a.example.com", "v=DMARC1; p=none");
    assert_eq!(
        policy(&[organisation, own], "a.example.com"),
        (DmarcPolicy::None, "a.example.com".into())
    );
    // Without `sp` the policy goes for those below; `np` goes for names that do not exist, as none does here.
    let plain = ("example.com", "v=DMARC1;p=reject");
    assert_eq!(policy(&[plain], "a.example.com").0, DmarcPolicy::Reject);
    let absent = ("example.com", "v=DMARC1; p=none; np=reject; sp=quarantine");
    assert_eq!(policy(&[absent], "a.example.com").0, DmarcPolicy::Reject);
    // A name of many labels: seven are walked.
    let deep = "a.b.c.d.e.f.g.h.example.com";
    assert_eq!(policy(&[plain], deep).0, DmarcPolicy::Reject);
    assert_eq!(
        policy(&[("d.e.f.g.h.example.com", "v=DMARC1; p=none"), plain], deep).1,
        "example.com"
    );
}

#[test]
fn a_name_that_exists_is_not_absent() {
    let mut dns = texts(&[("_dmarc.example.com", "v=DMARC1; p=none; np=reject; sp=quarantine")]);
    let host = Name::parse("a.example.com").unwrap();
    dns.add(host, RecordKind::A, Record::Address([192, 0, 2, 1].into()));
    let (result, _) = run(&["a.example.com"], &spf("", SpfOutcome::None), &[], &dns);
    assert_eq!(result.policy, Some(DmarcPolicy::Quarantine));
}

/// Where organisations end, section 4.10.2 of RFC 9989.
#[test]
fn the_walk_finds_organisations() {
    // `psd=n` splits an organisation, `psd=y` says that those below are several.
    let split = &[
        ("example.com", "v=DMARC1; p=reject"),
        ("unit.example.com", "v=DMARC1; p=reject; psd=n"),
    ];
    check(split, "unit.example.com", "", "example.com", Fail);
    check(split, "a.unit.example.com", "", "b.unit.example.com", Pass);
    check(split, "other.example.com", "", "example.com", Pass);
    let suffix = &[("bank", "v=DMARC1; p=reject; psd=y; sp=quarantine")];
    let result = check(suffix, "mail.giant.bank", "", "mega.bank", Fail);
    assert_eq!(result.policy, Some(DmarcPolicy::Quarantine));
    check(suffix, "mail.giant.bank", "", "giant.bank", Pass);
    // The suffix itself may send mail.
    check(suffix, "bank.example", "", "", None);
    // A name that publishes nothing above those that do is not of their organisation.
    let below = &[("mail.example.com", "v=DMARC1; p=reject")];
    check(below, "mail.example.com", "", "example.com", Fail);
    check(below, "mail.example.com", "", "a.mail.example.com", Pass);
}

#[test]
fn records_that_are_no_policies_do_not_count() {
    for text in [
        "v=spf1 -all",
        "v=DMARC2; p=reject",
        "p=reject; v=DMARC1",
        "v=dmarc1; p=reject",
        "v=DMARC1",
        "v=DMARC1; p=maybe",
    ] {
        check(&[("example.com", text)], "example.com", "", "", None);
    }
    let two = &[
        ("example.com", "v=DMARC1; p=reject"),
        ("example.com", "v=DMARC1; p=none"),
    ];
    check(two, "example.com", "", "", None);
    // Reports are wanted, so nothing is (section 4.10.1).
    let reports = &[("example.com", "v=DMARC1; p=maybe; rua=mailto:a@example.com")];
    let result = check(reports, "example.com", "", "", Fail);
    assert_eq!(result.policy, Some(DmarcPolicy::None));
    let odd = &[("example.com", " V = DMARC1 ;; nonsense; pct=17;P=Reject; t=y ;")];
    let result = check(odd, "example.com", "", "", Fail);
    assert_eq!(
        (result.policy, result.percent, result.testing),
        (Some(DmarcPolicy::Reject), 17, true)
    );
}

#[test]
fn one_author_s_domain_or_none() {
    let dns = texts(&[("_dmarc.example.com", "v=DMARC1; p=reject")]);
    let none = spf("", SpfOutcome::None);
    for (authors, expected) in [
        (&["example.com", "Example.com."][..], Fail),
        (&["example.com", "example.net"], Permerror),
        (&[], Permerror),
        (&["com"], Permerror),
        (&["a..b"], Permerror),
    ] {
        assert_eq!(run(authors, &none, &[], &dns).0.outcome, expected, "{authors:?}");
    }
}

#[test]
fn what_is_not_known_is_neither_passed_nor_failed() {
    let dns = texts(&[("_dmarc.example.com", "v=DMARC1; p=reject")]);
    let none = spf("", SpfOutcome::None);
    let open = spf("", SpfOutcome::Unverified);
    let failed = spf("example.com", SpfOutcome::Temperror);
    for (spf, signatures, expected) in [
        (&open, dkim(&[]), Unverified),
        (&open, dkim(&[("example.com", DKIM_PASS)]), Pass),
        (&none, dkim(&[("example.com", DkimOutcome::Unverified)]), Unverified),
        (&none, dkim(&[("other.net", DkimOutcome::Unverified)]), Fail),
        (&none, dkim(&[("example.com", DkimOutcome::Temperror)]), Temperror),
        (&failed, dkim(&[]), Temperror),
        (&failed, dkim(&[("example.com", DkimOutcome::Unverified)]), Unverified),
    ] {
        let (result, _) = run(&["example.com"], spf, &signatures, &dns);
        assert_eq!(result.outcome, expected, "{} {signatures:?}", spf.outcome);
    }
    let (result, missing) = run(&["mail.example.com"], &none, &[], &open_texts(&[]));
    assert_eq!(result.outcome, Unverified);
    assert_eq!(missing, ["_dmarc.mail.example.com TXT"]);
}

/// A file of answers that was captured by the older rule lacks those for the walk.
#[test]
fn the_list_of_suffixes_helps_where_answers_are_missing() {
    let mut dns = open_texts(&[("_dmarc.example.co.uk", "v=DMARC1; p=reject")]);
    dns.complete(Name::parse("_dmarc.mail.example.co.uk").unwrap());
    let signed = dkim(&[("news.example.co.uk", DKIM_PASS)]);
    let (result, missing) = run(&["mail.example.co.uk"], &spf("", SpfOutcome::None), &signed, &dns);
    assert_eq!(
        (result.outcome, result.discovery),
        (Pass, Discovery::PublicSuffixes),
        "{}",
        result.why
    );
    assert!(missing.contains(&"_dmarc.co.uk TXT".to_owned()), "{missing:?}");
}

#[test]
fn without_a_policy_it_is_still_said_what_is_aligned() {
    let result = check(&[], "mail.example.com", "", "example.com", None);
    assert_eq!(result.aligned.len(), 1);
    assert_eq!(result.discovery, Discovery::PublicSuffixes);
}
