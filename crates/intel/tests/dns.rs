//! Live DNS, through the real transport against a resolver on the loopback: what is asked, how it can end, and that
//! nobody is asked without permission.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::Duration;
use watchfire_intel::asking::{Asking, Configured, MemoryCache, MemoryQuota, Row};
use watchfire_intel::enrichers::provider;
use watchfire_intel::transport::{Http, HttpOptions};
use watchfire_model::{
    Gate, Moment, Observable, ObservableType as T, Organisation, Outcome, Pap, Tlp, Urgency, Verdict,
};
use watchfire_standin::Standin;

const ALLOWED: Gate = Gate {
    tlp: Tlp::Clear,
    pap: Pap::Green,
    contact: true,
};

fn ask(standin: &Standin, gate: Gate, kind: T, text: &str) -> Row {
    let mut configured = Configured::with(provider("dns").unwrap(), &standin.base("dns"), None, None);
    configured.retries = 0;
    let providers = [configured];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    let now = Moment::parse("2026-11-22T06:00:00Z").unwrap();
    let asking = Asking {
        providers: &providers,
        gate,
        organisation: &Organisation::default(),
        transport: &http,
        cache: &MemoryCache::default(),
        quota: &MemoryQuota::default(),
        urgency: Urgency::Interactive,
        now,
        as_of: now,
        max_age: None,
        offline: false,
        deadline: Duration::from_secs(20),
        seed: 1,
    };
    let what = Observable::parse(kind, text).unwrap();
    let answers = runtime.block_on(asking.run(&[what]));
    answers.rows.concat().remove(0)
}

#[track_caller]
fn check(kind: T, text: &str, outcome: Outcome, detail: &str) -> Row {
    let row = ask(&Standin::start().unwrap(), ALLOWED, kind, text);
    let said = &row.enrichment;
    assert_eq!((said.outcome, said.detail.raw()), (outcome, detail), "{text}");
    assert_eq!(
        (said.towards, said.weight.thousandths()),
        (Verdict::Unknown, 0),
        "{text}"
    );
    row
}

#[test]
fn a_name_is_what_it_stands_for_in_an_order_that_does_not_change() {
    let row = check(
        T::Domain,
        "evil.com",
        Outcome::Found,
        "resolves to 91.240.118.172, 91.240.118.173, 2606:4700::1111; mail by mx1.evil.com, mx2.evil.com; servers \
         ns1.evil.com, ns2.evil.com",
    );
    let notes: Vec<(&str, &str)> = row.notes.iter().map(|note| (note.name, note.value.raw())).collect();
    assert!(notes.contains(&("txt", "v=spf1 -all")), "{notes:?}");
}

#[test]
fn an_address_is_the_name_that_it_has() {
    check(T::Ipv4, "8.8.4.4", Outcome::Found, "is host.4.4.8.8.in-addr.arpa");
    let row = ask(&Standin::start().unwrap(), ALLOWED, T::Ipv6, "2606:4700::1111");
    assert!(
        row.enrichment.detail.raw().ends_with(".7.4.6.0.6.2.ip6.arpa"),
        "{row:?}"
    );
}

#[test]
fn a_question_can_end_in_many_ways_and_none_says_clean() {
    check(T::Domain, "unknown.com", Outcome::NotFound, "no such name (NXDOMAIN)");
    check(
        T::Domain,
        "empty.com",
        Outcome::NotFound,
        "nothing of what was asked for (NODATA)",
    );
    check(
        T::Domain,
        "servfail.com",
        Outcome::Failed,
        "the servers of the name give no answer (SERVFAIL)",
    );
    check(
        T::Domain,
        "refused.com",
        Outcome::Failed,
        "the resolver refuses the question (REFUSED)",
    );
    check(
        T::Domain,
        "garbage.com",
        Outcome::Failed,
        "an answer that is no message of the DNS",
    );
    check(T::Domain, "slow.com", Outcome::Failed, "no answer in time");
}

#[test]
fn what_did_not_come_is_told_beside_what_did() {
    let row = ask(&Standin::start().unwrap(), ALLOWED, T::Domain, "partial.com");
    assert_eq!(row.enrichment.outcome, Outcome::Found);
    assert!(
        row.enrichment.detail.raw().ends_with("; no answer about txt"),
        "{row:?}"
    );
}

#[test]
fn an_answer_that_is_cut_is_asked_for_over_tcp() {
    let row = ask(&Standin::start().unwrap(), ALLOWED, T::Domain, "large.com");
    assert_eq!(row.enrichment.outcome, Outcome::Found, "{row:?}");
    assert!(
        row.enrichment.detail.raw().starts_with("resolves to 91.240.118.172"),
        "{row:?}"
    );
}

#[test]
fn an_answer_with_a_guessed_identifier_does_not_count() {
    let row = ask(&Standin::start().unwrap(), ALLOWED, T::Domain, "forged.com");
    assert_eq!(row.enrichment.outcome, Outcome::Found, "{row:?}");
}

#[test]
fn records_that_act_on_terminals_are_shown_harmless() {
    let row = ask(&Standin::start().unwrap(), ALLOWED, T::Domain, "hostile.com");
    let notes: String = row.notes.iter().map(|note| note.value.raw()).collect();
    let said = format!("{}{notes}", row.enrichment.detail.raw());
    assert!(said.contains(r"\027[2J\013\010,\"), "{said}");
    assert!(!said.contains(|c: char| c.is_control()), "{said}");
}

#[test]
fn nobody_is_asked_without_permission() {
    let standin = Standin::start().unwrap();
    for (gate, text, why) in [
        (
            Gate {
                contact: false,
                ..ALLOWED
            },
            "evil.com",
            "would contact the target, which needs --contact-targets",
        ),
        (
            Gate {
                pap: Pap::Amber,
                ..ALLOWED
            },
            "evil.com",
            "PAP:AMBER allows passive look-ups only",
        ),
        (
            Gate {
                pap: Pap::Red,
                ..ALLOWED
            },
            "evil.com",
            "PAP:RED",
        ),
        (ALLOWED, "evil.example", "reserved: nobody outside can know it"),
        (ALLOWED, "printer.local", "reserved: nobody outside can know it"),
    ] {
        let row = ask(&standin, gate, T::Domain, text);
        assert_eq!(
            (row.enrichment.outcome, row.enrichment.detail.raw()),
            (Outcome::NotAsked, why)
        );
    }
    assert_eq!(standin.requests(), 0);
}
