//! Answers that are kept, and for how long.

use crate::bed::{Opened, at, by, ip};
use watchfire_model::{Cache, Kept, Moment, Outcome};
use watchfire_store::{Answers, AnswersSize, Fault, Purge};

fn answer(asked: i64, good_until: i64, body: usize) -> Kept {
    Kept {
        step: 1,
        status: 404,
        body: vec![b'x'; body],
        outcome: Outcome::NotFound,
        asked: at(asked),
        good_until: at(good_until),
    }
}

#[test]
fn an_answer_is_good_from_when_it_was_asked_until_it_expires() {
    let store = Opened::new("good");
    let (answers, about) = (store.answers(), ip("198.51.100.7"));
    answers.keep("virustotal", &about, &answer(0, 100, 3)).unwrap();
    let check = |as_of, max_age, there| {
        let found = answers.good("virustotal", &about, as_of, max_age).unwrap();
        assert_eq!(found, there, "{as_of} {max_age:?}");
    };
    let there = || Some(answer(0, 100, 3));
    check(at(0), None, there());
    check(at(99), None, there());
    check(at(100), None, None);
    check(at(-1), None, None);
    check(at(50), Some(50), there());
    check(at(50), Some(49), None);
    check(at(0), Some(0), there());
    check(at(50), Some(u64::MAX), there());
    check(Moment::from_unix(i64::MAX), None, None);
    assert_eq!(answers.last("virustotal", &about).unwrap(), there(), "stale or not");
    assert_eq!(answers.last("abuseipdb", &about).unwrap(), None);
    assert_eq!(answers.last("virustotal", &ip("198.51.100.8")).unwrap(), None);
    answers.keep("virustotal", &about, &answer(10, 20, 5)).unwrap();
    check(at(15), None, Some(answer(10, 20, 5)));
    assert_eq!(answers.size().unwrap(), AnswersSize { answers: 1, bytes: 5 });
}

#[test]
fn whoever_asks_providers_can_use_it() {
    let store = Opened::new("trait");
    let answers = store.answers();
    let cache: &dyn Cache = &answers;
    assert_eq!(cache.get("p", &ip("192.0.2.1")), None);
    cache.put("p", &ip("192.0.2.1"), &answer(0, 1, 1));
    assert_eq!(cache.get("p", &ip("192.0.2.1")), Some(answer(0, 1, 1)));
    let failed = Kept {
        outcome: Outcome::Failed,
        ..answer(0, 1, 1)
    };
    cache.put("p", &ip("192.0.2.2"), &failed);
    assert_eq!(cache.get("p", &ip("192.0.2.2")), None, "only answers are kept");
}

#[test]
fn the_oldest_make_room() {
    let store = Opened::new("evicts");
    let answers = store.answers().bounded(AnswersSize { answers: 5, bytes: 100 });
    let put = |last: i64, body| answers.keep("p", &ip(&format!("192.0.2.{last}")), &answer(last, 1000, body));
    let there = || -> Vec<i64> {
        let there = |last: &i64| answers.last("p", &ip(&format!("192.0.2.{last}"))).unwrap().is_some();
        (0..20).filter(there).collect()
    };
    for last in 0..8 {
        put(last, 10).unwrap();
    }
    assert_eq!(there(), [3, 4, 5, 6, 7]);
    put(8, 75).unwrap();
    assert_eq!(there(), [6, 7, 8]);
    put(6, 10).unwrap();
    assert_eq!(there(), [6, 7, 8], "an answer in place of itself drives nobody out");
    put(9, 100).unwrap();
    assert_eq!(there(), [9]);
    assert!(put(10, 101).is_err());
    assert_eq!(there(), [9], "what is refused drives nobody out");
    store.check().unwrap();
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let store = Opened::new("large");
    let put = |body| store.answers().keep("p", &ip("192.0.2.1"), &answer(0, 9, body));
    let error = put(100 << 20).unwrap_err();
    assert!(matches!(error.fault(), Fault::Refused(_)), "{error}");
    assert!(put(Answers::MAX_BODY + 1).is_err());
    put(Answers::MAX_BODY).unwrap();
    assert_eq!(store.answers().size().unwrap().bytes, Answers::MAX_BODY as u64);
}

#[test]
fn purging_takes_what_was_named() {
    let store = Opened::new("purge");
    let answers = store.answers();
    let fill = || {
        for (provider, last, good_until) in [("a", 1, 10), ("a", 2, 20), ("b", 1, 30), ("b", 3, 40)] {
            let about = ip(&format!("192.0.2.{last}"));
            answers.keep(provider, &about, &answer(0, good_until, 1)).unwrap();
        }
    };
    for (what, removed) in [
        (Purge::All, 4),
        (Purge::Stale(at(20)), 2),
        (Purge::Provider("b"), 2),
        (Purge::About(&ip("192.0.2.1")), 2),
        (Purge::Provider("c"), 0),
    ] {
        fill();
        assert_eq!(answers.purge(what, &by(0)).unwrap(), removed, "{what:?}");
        answers.purge(Purge::All, &by(0)).unwrap();
    }
    assert_eq!(answers.size().unwrap().bytes, 0);
    store.check().unwrap();
}

#[test]
fn a_size_that_is_not_what_is_there_is_damage() {
    let store = Opened::new("size");
    store.answers().keep("p", &ip("192.0.2.1"), &answer(0, 9, 1)).unwrap();
    store
        .bed
        .raw()
        .execute_batch("UPDATE answer_total SET bytes = 77")
        .unwrap();
    assert!(
        store
            .check()
            .unwrap_err()
            .to_string()
            .contains("the size of the answers")
    );
}
