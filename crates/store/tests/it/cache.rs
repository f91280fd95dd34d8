//! Answers that are kept, and for how long.

use crate::bed::{Opened, at, by, ip, name};
use watchfire_model::{Moment, Outcome};
use watchfire_store::{Cache, CacheLimits, CachedAnswer, Fault, Purge};

fn answer(stored: i64, expires: i64, body: usize) -> CachedAnswer {
    CachedAnswer {
        outcome: Outcome::Found,
        body: vec![b'x'; body],
        stored: at(stored),
        expires: at(expires),
    }
}

#[test]
fn an_answer_holds_from_when_it_was_asked_until_it_expires() {
    let store = Opened::new("holds");
    let (cache, provider, about) = (store.cache(), name("virustotal"), ip("198.51.100.7"));
    cache
        .put(&provider, &about, &answer(0, 100, 3), CacheLimits::default())
        .unwrap();
    let check = |as_of, max_age, there| {
        let found = cache.get(&provider, &about, as_of, max_age).unwrap();
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
    assert_eq!(cache.get(&name("abuseipdb"), &about, at(1), None).unwrap(), None);
    assert_eq!(cache.get(&provider, &ip("198.51.100.8"), at(1), None).unwrap(), None);
    cache
        .put(&provider, &about, &answer(10, 20, 5), CacheLimits::default())
        .unwrap();
    check(at(15), None, Some(answer(10, 20, 5)));
    assert_eq!((cache.size().unwrap().answers, cache.size().unwrap().bytes), (1, 5));
}

#[test]
fn the_oldest_make_room() {
    let store = Opened::new("evicts");
    let (cache, provider) = (store.cache(), name("p"));
    let limits = CacheLimits { answers: 5, bytes: 100 };
    let put = |last: i64, body| {
        cache.put(
            &provider,
            &ip(&format!("192.0.2.{last}")),
            &answer(last, 1000, body),
            limits,
        )
    };
    let there = || -> Vec<i64> {
        (0..20)
            .filter(|last| {
                cache
                    .get(&provider, &ip(&format!("192.0.2.{last}")), at(500), None)
                    .unwrap()
                    .is_some()
            })
            .collect()
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
    let put = |body| {
        store.cache().put(
            &name("p"),
            &ip("192.0.2.1"),
            &answer(0, 9, body),
            CacheLimits::default(),
        )
    };
    let error = put(100 << 20).unwrap_err();
    assert!(matches!(error.fault(), Fault::Refused(_)), "{error}");
    assert!(put(Cache::MAX_BODY + 1).is_err());
    put(Cache::MAX_BODY).unwrap();
    assert_eq!(store.cache().size().unwrap().bytes, Cache::MAX_BODY as u64);
}

#[test]
fn purging_takes_what_was_named() {
    let store = Opened::new("purge");
    let cache = store.cache();
    let fill = || {
        for (provider, last, expires) in [("a", 1, 10), ("a", 2, 20), ("b", 1, 30), ("b", 3, 40)] {
            let about = ip(&format!("192.0.2.{last}"));
            cache
                .put(&name(provider), &about, &answer(0, expires, 1), CacheLimits::default())
                .unwrap();
        }
    };
    for (what, removed) in [
        (Purge::All, 4),
        (Purge::Expired(at(20)), 2),
        (Purge::Provider(&name("b")), 2),
        (Purge::About(&ip("192.0.2.1")), 2),
        (Purge::Provider(&name("c")), 0),
    ] {
        fill();
        assert_eq!(cache.purge(what, &by(0)).unwrap(), removed, "{what:?}");
        cache.purge(Purge::All, &by(0)).unwrap();
    }
    assert_eq!(cache.size().unwrap().bytes, 0);
    store.check().unwrap();
}

#[test]
fn a_size_that_is_not_what_is_there_is_damage() {
    let store = Opened::new("size");
    store
        .cache()
        .put(&name("p"), &ip("192.0.2.1"), &answer(0, 9, 1), CacheLimits::default())
        .unwrap();
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
