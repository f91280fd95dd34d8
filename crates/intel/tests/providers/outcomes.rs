//! Every end that a look-up can come to, with every provider.

use super::*;

#[test]
fn what_is_known_is_found() {
    let rows = check(Mode::Found, PATIENT, Outcome::Found);
    for row in &rows {
        let enrichment = &row.enrichment;
        assert!(!enrichment.detail.is_empty(), "{enrichment:?}");
        assert_eq!(enrichment.from, Origination::Live);
        let sided = enrichment.towards != Verdict::Unknown;
        assert_eq!(sided, enrichment.strength.thousandths() > 0, "{enrichment:?}");
    }
    assert!(rows.iter().any(|row| row.enrichment.towards == Verdict::Malicious));
}

#[test]
fn what_is_not_known_is_not_found_and_never_clean() {
    for row in check(Mode::Unknown, PATIENT, Outcome::NotFound) {
        assert_eq!(row.enrichment.towards, Verdict::Unknown, "{row:?}");
        assert_eq!(row.enrichment.weight.thousandths(), 0, "{row:?}");
    }
}

#[test]
fn a_spent_quota_is_told() {
    check(Mode::Quota, PATIENT, Outcome::Quota);
}

#[test]
fn a_wrong_key_is_told() {
    let standin = Standin::start().unwrap();
    let keyed: BTreeSet<&str> = PROVIDERS
        .iter()
        .map(|provider| provider.info())
        // Who answers without a key says nothing of a wrong one in its own way.
        .filter(|info| info.key.variable().is_some())
        .map(|info| info.name)
        .collect();
    let mut setup = Setup::new(&standin, Some(Mode::Auth));
    setup
        .providers
        .retain(|configured| keyed.contains(configured.info().name));
    let answers = setup.run(&samples());
    for row in answers.rows.concat() {
        assert_eq!(row.enrichment.outcome, Outcome::Authentication, "{row:?}");
    }
    let most = setup
        .providers
        .iter()
        .map(|configured| configured.concurrency)
        .sum::<usize>();
    assert!(
        answers.calls as usize <= most,
        "a key that was refused is not shown again: {} calls",
        answers.calls
    );
}

#[test]
fn a_truncated_answer_is_a_failure() {
    check(Mode::Malformed, PATIENT, Outcome::Failed);
}

#[test]
fn fields_of_another_type_are_a_failure() {
    check(Mode::WrongType, PATIENT, Outcome::Failed);
}

#[test]
fn a_web_page_is_a_failure() {
    check(Mode::Html, PATIENT, Outcome::Failed);
}

#[test]
fn a_page_that_does_not_exist_is_no_unknown_value() {
    check(Mode::NoPage, PATIENT, Outcome::Failed);
}

#[test]
fn an_empty_answer_is_a_failure() {
    check(Mode::Empty, PATIENT, Outcome::Failed);
}

#[test]
fn a_closed_connection_is_a_failure() {
    check(Mode::Disconnect, PATIENT, Outcome::Failed);
}

#[test]
fn silence_is_a_failure() {
    check(Mode::Slow, Duration::from_millis(50), Outcome::Failed);
}

#[test]
fn answers_made_to_exhaust_are_failures() {
    check(Mode::Nested, PATIENT, Outcome::Failed);
    let standin = Standin::start().unwrap();
    for mode in [Mode::Large, Mode::Bomb] {
        let setup = Setup::new(&standin, Some(mode)).only(&["virustotal", "threatfox"]);
        for row in setup.run(&[observable(T::Ipv4, "8.8.4.4")]).rows.concat() {
            assert_eq!(row.enrichment.outcome, Outcome::Failed);
            assert_eq!(row.enrichment.detail.raw(), "the answer is too large", "{mode:?}");
        }
    }
}

/// Asks WHOIS, and says how it ended.
#[track_caller]
fn check_whois(name: &str, expected: Outcome, detail: &str) -> Enrichment {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None)
        .only(&["whois"])
        .timeout(Duration::from_millis(if name.contains("slow") { 50 } else { 20_000 }));
    let enrichment = setup.run(&[observable(T::Domain, name)]).rows.concat()[0]
        .enrichment
        .clone();
    assert_eq!(enrichment.outcome, expected, "{name}: {enrichment:?}");
    assert!(enrichment.detail.raw().contains(detail), "{name}: {enrichment:?}");
    enrichment
}

#[test]
fn whois_ends_in_as_many_ways_as_the_others() {
    check_whois(
        "evil.com",
        Outcome::Found,
        "registered 2026-11-02, by Example Registrar",
    );
    check_whois("unknown-name.com", Outcome::NotFound, "not registered");
    check_whois("quota-name.com", Outcome::Quota, "too many");
    check_whois("html-name.com", Outcome::Failed, "web page");
    check_whois("empty-name.com", Outcome::Failed, "empty");
    check_whois("disconnect-name.com", Outcome::Failed, "empty");
    check_whois("slow-name.com", Outcome::Failed, "in time");
    check_whois("loop-name.com", Outcome::Failed, "");
    check_whois("astray-name.com", Outcome::Failed, "where one does not go");
    check_whois("endless-name.com", Outcome::Failed, "too large");
    let row = check_whois("hostile-name.com", Outcome::Found, "registered 2026-11-02");
    let shown = format!("{}{}", row.detail, row.reference);
    assert!(
        !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{shown:?}"
    );
}
