//! Where answers of providers mislead those who read them quickly. Each case is one that a client of the field has got
//! wrong: a missing value taken for a clean one, a fault for an answer, a whitelist for a proof.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use watchfire_intel::enrichers::{Account, Answer, Key, Reading, Turn, provider};
use watchfire_model::transport::Response;
use watchfire_model::{Moment, Observable, ObservableType as T, Outcome, Rank, Verdict};

const FILE: &str = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";

/// What a provider makes of one answer to its last question.
fn read(name: &str, what: (T, &str), status: u16, headers: &[(&str, &str)], body: &str) -> Reading {
    let provider = provider(name).unwrap();
    let what = Observable::parse(what.0, what.1).unwrap();
    let plan = provider.info().plans.first().unwrap();
    let account = Account::new(provider.info().base, Key::new("key"), plan.name);
    let response = Response {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        body: body.as_bytes().to_vec(),
    };
    let turn = Turn {
        step: provider.info().steps - 1,
        response: &response,
    };
    provider.read(&what, &account, turn)
}

#[track_caller]
fn answer(name: &str, what: (T, &str), body: &str) -> Answer {
    match read(name, what, 200, &[], body) {
        Reading::Answer(answer) => answer,
        other => panic!("{name}: {other:?}"),
    }
}

/// How a look-up ended.
#[track_caller]
fn check(name: &str, what: (T, &str), status: u16, headers: &[(&str, &str)], body: &str, expected: Outcome) {
    let outcome = match read(name, what, status, headers, body) {
        Reading::Answer(answer) => answer.outcome(),
        Reading::Failed(fault) => fault.outcome,
        Reading::Again(request) => panic!("{name} asks again: {request:?}"),
    };
    assert_eq!(outcome, expected, "{name}: {status} {body}");
}

const ADDRESS: (T, &str) = (T::Ipv4, "8.8.4.4");
const NAME: (T, &str) = (T::Domain, "evil.com");
const PAGE: (T, &str) = (T::Url, "http://evil.com/a");
const SAMPLE: (T, &str) = (T::Sha256, FILE);
const FLAW: (T, &str) = (T::Cve, "CVE-2026-12345");

#[test]
fn a_bare_404_is_a_wrong_address_and_no_unknown_value() {
    for name in [
        "virustotal",
        "shodan",
        "internetdb",
        "greynoise",
        "otx",
        "censys",
        "urlscan",
    ] {
        check(
            name,
            ADDRESS,
            404,
            &[],
            r#"{"message": "no Route matched with those values"}"#,
            if name == "urlscan" {
                Outcome::NotFound
            } else {
                Outcome::Failed
            },
        );
        check(name, ADDRESS, 404, &[], "<html>", Outcome::Failed);
        check(name, ADDRESS, 404, &[], "", Outcome::Failed);
    }
    check(
        "hybrid-analysis",
        SAMPLE,
        404,
        &[],
        r#"{"message": "no Route matched"}"#,
        Outcome::Failed,
    );
    check(
        "hashlookup",
        SAMPLE,
        404,
        &[],
        r#"{"message": "no Route matched"}"#,
        Outcome::Failed,
    );
    check("rdap", NAME, 404, &[], "", Outcome::NotFound);
    check("rdap", NAME, 404, &[], "<html>", Outcome::Failed);
}

#[test]
fn success_may_hide_a_fault() {
    let limit = r#"{"message": "Exceeded maximum API requests per minute (5)."}"#;
    check("hybrid-analysis", SAMPLE, 200, &[], limit, Outcome::Quota);
    check(
        "urlhaus",
        PAGE,
        200,
        &[],
        r#"{"query_status": "unknown_auth_key"}"#,
        Outcome::Authentication,
    );
    check(
        "urlhaus",
        PAGE,
        200,
        &[],
        r#"{"query_status": "invalid_url"}"#,
        Outcome::Failed,
    );
    check(
        "threatfox",
        NAME,
        200,
        &[],
        r#"{"query_status": "illegal_search_term"}"#,
        Outcome::Failed,
    );
    check(
        "malwarebazaar",
        SAMPLE,
        200,
        &[],
        r#"{"query_status": "hash_not_found"}"#,
        Outcome::NotFound,
    );
    check(
        "malwarebazaar",
        SAMPLE,
        200,
        &[],
        r#"{"query_status": "ok", "data": []}"#,
        Outcome::Failed,
    );
    check(
        "shodan",
        ADDRESS,
        200,
        &[],
        r#"{"error": "Requires membership or higher"}"#,
        Outcome::Failed,
    );
    let errors =
        r#"{"errors": [{"message": "You must be logged in", "extensions": {"code": "AUTH_REQUIRED"}}], "data": null}"#;
    check("opencti", ADDRESS, 200, &[], errors, Outcome::Authentication);
}

#[test]
fn statuses_have_other_meanings_in_some_places() {
    check("nvd", FLAW, 403, &[], "<html>", Outcome::Quota);
    check(
        "nvd",
        FLAW,
        404,
        &[("message", "Invalid apiKey.")],
        "",
        Outcome::Authentication,
    );
    check(
        "github",
        FLAW,
        403,
        &[("x-ratelimit-remaining", "0")],
        "{}",
        Outcome::Quota,
    );
    check(
        "github",
        FLAW,
        403,
        &[("x-ratelimit-remaining", "12")],
        "{}",
        Outcome::Authentication,
    );
    check(
        "urlscan",
        ADDRESS,
        400,
        &[],
        r#"{"message": "Invalid API key"}"#,
        Outcome::Authentication,
    );
    check(
        "urlscan",
        ADDRESS,
        400,
        &[],
        r#"{"message": "Search query failed"}"#,
        Outcome::Failed,
    );
    check(
        "urlscan",
        ADDRESS,
        410,
        &[],
        r#"{"message": "deleted"}"#,
        Outcome::NotFound,
    );
}

#[test]
fn no_reports_is_not_clean() {
    let data = |score: u8, reports: u8| {
        format!(
            r#"{{"data": {{"abuseConfidenceScore": {score}, "totalReports": {reports}, "isWhitelisted": true,
                "lastReportedAt": "2026-11-20T10:00:00+00:00"}}}}"#
        )
    };
    let none = answer("abuseipdb", ADDRESS, &data(0, 0));
    assert_eq!((none.outcome(), none.towards), (Outcome::NotFound, Verdict::Unknown));
    let old = answer("abuseipdb", ADDRESS, &data(0, 3));
    assert_eq!((old.outcome(), old.towards), (Outcome::Found, Verdict::Unknown));
    let listed = answer("abuseipdb", ADDRESS, &data(80, 9));
    assert_eq!(
        listed.towards,
        Verdict::Malicious,
        "its whitelist is no basis for anything"
    );
    assert_eq!(listed.strength.thousandths(), 640);
    assert_eq!(listed.observed, Moment::parse("2026-11-20T10:00:00Z").ok());
}

#[test]
fn no_engine_is_not_clean_and_one_is_not_guilt() {
    let data = |malicious: u8| {
        format!(
            r#"{{"data": {{"attributes": {{"last_analysis_date": 1795248000,
                "last_analysis_stats": {{"malicious": {malicious}, "harmless": 60, "undetected": 10}}}}}}}}"#
        )
    };
    let verdicts = [0, 1, 2, 3, 10].map(|malicious| {
        let answer = answer("virustotal", NAME, &data(malicious));
        (answer.towards, answer.strength.thousandths())
    });
    assert_eq!(
        verdicts,
        [
            (Verdict::Unknown, 0),
            (Verdict::Suspicious, 150),
            (Verdict::Suspicious, 350),
            (Verdict::Malicious, 600),
            (Verdict::Malicious, 900),
        ]
    );
    check(
        "virustotal",
        NAME,
        200,
        &[],
        r#"{"data": {"attributes": {}}}"#,
        Outcome::Failed,
    );
}

#[test]
fn pulses_about_a_whitelisted_value_say_nothing() {
    let data =
        |validation: &str| format!(r#"{{"pulse_info": {{"count": 40, "pulses": []}}, "validation": {validation}}}"#);
    assert_eq!(answer("otx", NAME, &data("[]")).strength.thousandths(), 400);
    let listed = answer(
        "otx",
        NAME,
        &data(r#"[{"source": "majestic", "name": "Whitelisted domain"}]"#),
    );
    assert_eq!((listed.towards, listed.strength.thousandths()), (Verdict::Unknown, 0));
}

#[test]
fn strings_are_read_as_the_numbers_that_they_are() {
    let body =
        r#"{"query_status": "ok", "url_status": "online", "larted": "true", "date_added": "2026-11-20 06:12:00 UTC"}"#;
    let online = answer("urlhaus", PAGE, body);
    assert_eq!((online.rank, online.strength.thousandths()), (Rank::Curated, 950));
    assert!(online.notes.iter().any(|note| note.name == "reported to its provider"));
    let body = r#"{"query_status": "ok", "data": [{"ioc": "8.8.4.4:443", "confidence_level": "100", "threat_type": "botnet_cc"}]}"#;
    assert_eq!(answer("threatfox", ADDRESS, body).strength.thousandths(), 900);
    let body = r#"{"data": [{"cve": "CVE-2026-12345", "epss": "0.97530", "percentile": "0.99987"}]}"#;
    assert!(answer("epss", FLAW, body).detail.raw().starts_with("97.5 %"));
}

#[test]
fn a_service_that_everybody_uses_is_benign_and_a_scanner_of_unknown_intent_is_neither() {
    let data = |classification: &str, found: bool, level: &str| {
        format!(
            r#"{{"ip": "8.8.4.4", "internet_scanner_intelligence": {{"found": {}, "classification": "{classification}"}},
                "business_service_intelligence": {{"found": {found}, "trust_level": "{level}", "name": "Google Public DNS"}}}}"#,
            !classification.is_empty()
        )
    };
    let verdict = |classification, found, level| {
        let answer = answer("greynoise", ADDRESS, &data(classification, found, level));
        (answer.outcome(), answer.towards, answer.strength.thousandths())
    };
    assert_eq!(verdict("", true, "1"), (Outcome::Found, Verdict::Benign, 800));
    assert_eq!(verdict("", true, "2"), (Outcome::Found, Verdict::Benign, 400));
    assert_eq!(verdict("unknown", false, ""), (Outcome::Found, Verdict::Unknown, 0));
    assert_eq!(
        verdict("malicious", true, "1"),
        (Outcome::Found, Verdict::Malicious, 700)
    );
    assert_eq!(verdict("", false, ""), (Outcome::NotFound, Verdict::Unknown, 0));
}

#[test]
fn a_wildcard_of_misp_does_not_make_other_values_this_one() {
    let body = r#"{"response": {"Attribute": [
        {"event_id": "1", "value": "notevil.com", "to_ids": true, "timestamp": "1795000000"},
        {"event_id": "2", "value": "evil.com|8.8.4.4", "to_ids": false, "timestamp": "1795000000"}]}}"#;
    let half = answer("misp", NAME, body);
    assert_eq!((half.outcome(), half.towards), (Outcome::Found, Verdict::Unknown));
    assert_eq!(
        answer("misp", (T::Domain, "other.com"), body).outcome(),
        Outcome::NotFound
    );
}

#[test]
fn redirects_lead_to_public_places_over_tls_alone() {
    let to = |place: &str| match read("rdap", NAME, 302, &[("location", place)], "") {
        Reading::Again(request) => request.url,
        _ => String::new(),
    };
    for place in [
        "https://rdap.verisign.com/com/v1/domain/evil.com",
        "https://rdap.org/domain/evil.com",
    ] {
        assert_eq!(to(place), place);
    }
    for place in [
        "http://rdap.verisign.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://intranet/x",
        "https://user@evil.com/",
        "https://rdap.org.corp.internal/x",
        "file:///etc/passwd",
        "/domain/evil.com",
        "",
    ] {
        assert_eq!(to(place), "", "{place}");
    }
}

#[test]
fn numbers_beyond_their_bounds_are_no_facts() {
    let score = |score: &str, reports: &str| {
        format!(r#"{{"data": {{"abuseConfidenceScore": {score}, "totalReports": {reports}}}}}"#)
    };
    check("abuseipdb", ADDRESS, 200, &[], &score("100", "7"), Outcome::Found);
    for (one, other) in [
        ("101", "7"),
        ("-1", "7"),
        ("1e300", "7"),
        ("\"1e300\"", "7"),
        ("50", "-7"),
        ("50", "1e18"),
    ] {
        check("abuseipdb", ADDRESS, 200, &[], &score(one, other), Outcome::Failed);
    }
    let engines = |count: &str| {
        format!(r#"{{"data": {{"attributes": {{"last_analysis_stats": {{"malicious": {count}, "harmless": 60}}}}}}}}"#)
    };
    check("virustotal", SAMPLE, 200, &[], &engines("12"), Outcome::Found);
    for count in ["-1", "9223372036854775807", "1001"] {
        check("virustotal", SAMPLE, 200, &[], &engines(count), Outcome::Failed);
    }
    let likely = |share: &str| format!(r#"{{"data": [{{"epss": {share}, "percentile": 0.5}}]}}"#);
    check("epss", FLAW, 200, &[], &likely("0.97"), Outcome::Found);
    check("epss", FLAW, 200, &[], &likely("97"), Outcome::Failed);
}
