//! What the common operations cost, for those who want to know: `cargo test -p watchfire-store -- --ignored speed --nocapture`.

use crate::bed::{Bed, at, by, ip, name};
use crate::feeds::{spec, version};
use std::time::Instant;
use watchfire_model::{Bucket, Kept, KeyId, Outcome, Urgency, Window};
use watchfire_store::{Mark, Store};

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
    let kept = Kept {
        step: 0,
        status: 200,
        body: vec![b'x'; 1000],
        outcome: Outcome::Found,
        asked: at(0),
        good_until: at(99),
    };
    time("keep an answer", 2000, |round| {
        let about = ip(&format!("198.51.{}.{}", round / 256, round % 256));
        store.answers().keep("p", &about, &kept).unwrap();
    });
    time("look an answer up", 2000, |round| {
        let about = ip(&format!("198.51.{}.{}", round / 256, round % 256));
        store.answers().last("p", &about).unwrap();
    });
    let windows = [Window::minute(10_000), Window::month(100_000)];
    let bucket = Bucket {
        provider: "p",
        key: KeyId::NONE,
        windows: &windows,
    };
    time("take a turn", 1000, |round| {
        let now = at(i64::from(round) * 1800);
        let _ = store.quotas().try_take(bucket, Urgency::Bulk, now).unwrap();
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
