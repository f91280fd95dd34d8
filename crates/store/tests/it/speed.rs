//! What the common operations cost, for those who want to know: `cargo test -p watchfire-store -- --ignored speed --nocapture`.

use crate::bed::{Bed, at, by, ip, name};
use crate::feeds::{spec, version};
use std::time::Instant;
use watchfire_model::Outcome;
use watchfire_store::{Account, CacheLimits, CachedAnswer, Limit, Mark, Store, Urgency, Window};

fn time(what: &str, rounds: u32, mut work: impl FnMut(u32)) {
    let mut times: Vec<_> = (0..rounds)
        .map(|round| {
            let start = Instant::now();
            work(round);
            start.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{what:40} median {:>10.1?}  worst {:>10.1?}",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

#[test]
#[ignore = "it measures"]
fn speed() {
    let bed = Bed::new("speed");
    time("create", 1, |_| drop(bed.store()));
    let store = bed.store();
    time("decide", 200, |round| {
        let about = ip(&format!("198.51.{}.{}", round / 256, round % 256));
        store
            .decisions()
            .mark(&about, Mark::Benign, &"x".into(), None, &by(0))
            .unwrap();
    });
    time("look a decision up", 2000, |round| {
        let about = ip(&format!("198.51.{}.{}", round / 256, round % 256));
        store.decisions().about(&about, at(1)).unwrap();
    });
    let provider = name("p");
    let answer = CachedAnswer {
        outcome: Outcome::Found,
        body: vec![b'x'; 1000],
        stored: at(0),
        expires: at(99),
    };
    time("keep an answer", 2000, |round| {
        let about = ip(&format!("198.51.{}.{}", round / 256, round % 256));
        store
            .cache()
            .put(&provider, &about, &answer, CacheLimits::default())
            .unwrap();
    });
    time("look an answer up", 2000, |round| {
        let about = ip(&format!("198.51.{}.{}", round / 256, round % 256));
        store.cache().get(&provider, &about, at(1), None).unwrap();
    });
    let account = Account {
        key: store.quotas().key_id(&provider, b"k").unwrap(),
        provider,
    };
    let limits = [
        Limit {
            window: Window::Minute,
            calls: 10_000,
        },
        Limit {
            window: Window::Day,
            calls: 100_000,
        },
    ];
    time("take a turn", 200, |_| {
        let _ = store.quotas().take(&account, &limits, at(0), Urgency::Bulk).unwrap();
    });
    store.feeds().add(&spec("f"), &by(0)).unwrap();
    time("publish a feed", 50, |round| {
        store
            .feeds()
            .publish(&name("f"), &version("a.set", i64::from(round)), 5, &by(0))
            .unwrap();
    });
    time("list the feeds", 1000, |_| drop(store.feeds().list().unwrap()));
    drop(store);
    time("open and close", 200, |_| drop(Store::open(bed.folder()).unwrap()));
    time("open, ask and close", 200, |_| {
        let store = Store::open_existing(bed.folder()).unwrap().unwrap();
        store.decisions().about(&ip("198.51.0.7"), at(1)).unwrap();
        store.feeds().list().unwrap();
    });
    let held = bed.store();
    time("open while another is open", 200, |_| {
        drop(Store::open(bed.folder()).unwrap())
    });
    time("check", 5, |_| _ = held.check().unwrap());
}
