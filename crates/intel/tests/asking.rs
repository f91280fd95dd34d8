//! The manners of asking, against scripted answers: order, further tries, waiting, and what counts as a call.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use watchfire_intel::asking::{Answers, Asking, Configured, MemoryCache, MemoryQuota};
use watchfire_intel::enrichers::provider;
use watchfire_intel::transport::Replay;
use watchfire_model::transport::{Request, Response, TransportError};
use watchfire_model::{Gate, Moment, Observable, ObservableType as T, Organisation, Outcome, Urgency, Window};

const FOUND: &str = r#"{"ip": "8.8.4.4", "ports": [443], "tags": []}"#;

fn now() -> Moment {
    Moment::parse("2026-11-22T06:00:00Z").unwrap()
}

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    Response {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// A run of one provider that has no key and takes one question, about so many addresses.
fn run(
    script: impl Fn(&Request) -> Result<Response, TransportError> + Send + Sync + 'static,
    addresses: usize,
    windows: &[Window],
    deadline: u64,
) -> (Answers, usize) {
    let transport = Replay::new(script);
    let mut configured = Configured::usual(provider("internetdb").unwrap(), None);
    configured.windows = windows.to_vec();
    let providers = [configured];
    let organisation = Organisation::default();
    let (cache, quota) = (MemoryCache::default(), MemoryQuota::default());
    let asking = Asking {
        providers: &providers,
        gate: Gate::default(),
        organisation: &organisation,
        transport: &transport,
        cache: &cache,
        quota: &quota,
        urgency: Urgency::Interactive,
        now: now(),
        as_of: now(),
        max_age: None,
        offline: false,
        deadline: Duration::from_secs(deadline),
        seed: 7,
    };
    let list: Vec<Observable> = (0..addresses)
        .map(|n| Observable::parse(T::Ipv4, &format!("8.8.4.{n}")).unwrap())
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let running = asking.run(&list);
    may_change_threads(&running);
    let answers = runtime.block_on(running);
    (answers, transport.seen().len())
}

/// Servers move what runs from thread to thread.
fn may_change_threads(_: &impl Send) {}

fn outcomes(answers: &Answers) -> Vec<Outcome> {
    answers
        .rows
        .iter()
        .flatten()
        .map(|row| row.enrichment.outcome)
        .collect()
}

#[test]
fn come_again_in_a_second_is_waited_for() {
    let count = AtomicU32::new(0);
    let script = move |_: &Request| {
        Ok(match count.fetch_add(1, Ordering::Relaxed) {
            0 => response(429, &[("retry-after", "1")], ""),
            _ => response(200, &[], FOUND),
        })
    };
    let (answers, calls) = run(script, 1, &[], 30);
    assert_eq!((outcomes(&answers), calls, answers.calls), (vec![Outcome::Found], 2, 2));
}

#[test]
fn come_again_in_an_hour_is_told_and_nobody_else_asks() {
    let script = |_: &Request| Ok(response(429, &[("retry-after", "3600")], ""));
    let (answers, calls) = run(script, 9, &[], 30);
    assert!(outcomes(&answers).iter().all(|outcome| *outcome == Outcome::Quota));
    assert!(calls <= 4, "those in flight, and no more: {calls}");
    assert_eq!(answers.again.unwrap().since(now()).div_ceil(10), 360);
}

#[test]
fn a_window_that_opens_before_the_deadline_is_waited_for() {
    let started = Instant::now();
    let window = [Window { calls: 2, seconds: 1 }];
    let (answers, calls) = run(|_| Ok(response(200, &[], FOUND)), 4, &window, 30);
    assert_eq!((outcomes(&answers), calls), (vec![Outcome::Found; 4], 4));
    assert!(started.elapsed() >= Duration::from_millis(900));
}

#[test]
fn who_fails_three_times_in_a_row_is_left_alone() {
    let script = |_: &Request| Err(TransportError::Unreachable("connection refused".to_owned()));
    let (answers, calls) = run(script, 20, &[], 30);
    assert!(outcomes(&answers).iter().all(|outcome| *outcome == Outcome::Failed));
    assert!((3..=8).contains(&calls), "{calls}");
}

#[test]
fn a_call_for_which_no_connection_came_about_is_not_spent() {
    let day = [Window::day(2)];
    let script = |error: fn(String) -> TransportError| move |_: &Request| Err(error("refused".to_owned()));
    // After three failures in a row nobody is asked any more, so a quota of two is spent before that, or never.
    let (answers, calls) = run(script(TransportError::Unreachable), 4, &day, 1);
    assert!(
        calls <= 3 && outcomes(&answers).contains(&Outcome::Quota),
        "{answers:?}"
    );
    let (answers, calls) = run(script(TransportError::Unconnected), 4, &day, 5);
    assert!(
        calls >= 3 && !outcomes(&answers).contains(&Outcome::Quota),
        "{answers:?}"
    );
}

#[test]
fn a_certificate_that_is_not_trusted_is_not_tried_again() {
    let script = |_: &Request| Err(TransportError::Untrusted("unknown issuer".to_owned()));
    let (answers, calls) = run(script, 1, &[], 30);
    assert_eq!((outcomes(&answers), calls), (vec![Outcome::Failed], 1));
}

#[test]
fn a_question_of_the_value_is_never_tried_again() {
    for status in [400, 404, 422] {
        let (answers, calls) = run(move |_| Ok(response(status, &[], "{}")), 1, &[], 30);
        assert_eq!((outcomes(&answers), calls), (vec![Outcome::Failed], 1), "{status}");
    }
}

#[test]
fn rows_stand_in_the_order_of_the_list() {
    let script = |request: &Request| {
        let port = request.url.rsplit('.').next().unwrap().to_owned();
        Ok(response(200, &[], &format!(r#"{{"ports": [{port}]}}"#)))
    };
    let (answers, _) = run(script, 40, &[], 30);
    for (place, rows) in answers.rows.iter().enumerate() {
        let ports: Vec<String> = rows
            .iter()
            .flat_map(|row| &row.notes)
            .map(|note| note.value.to_string())
            .collect();
        assert_eq!(ports, [place.to_string()]);
    }
}
