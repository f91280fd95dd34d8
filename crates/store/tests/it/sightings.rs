//! Where indicators were met.

use crate::bed::{Opened, at, ip, name};
use watchfire_store::{Seen, Sighting, Sightings};

fn sighting(last: u8, source: &str, seconds: i64) -> Sighting {
    Sighting {
        observable: ip(&format!("203.0.113.{last}")),
        feed: name("urlhaus"),
        source: source.into(),
        at: at(seconds),
    }
}

#[test]
fn the_first_the_last_and_how_often() {
    let store = Opened::new("sightings");
    let sightings = store.sightings();
    let all = [
        sighting(7, "a.eml", 5),
        sighting(7, "a.eml", 3),
        sighting(7, "b.log", 9),
        sighting(8, "a.eml", 1),
    ];
    sightings.record(&all).unwrap();
    sightings.record(&[sighting(7, "a.eml", 4)]).unwrap();
    let seen = |source: &str, first, last, times| Seen {
        feed: name("urlhaus"),
        source: source.into(),
        first: at(first),
        last: at(last),
        times,
    };
    let found = sightings.of(&ip("203.0.113.7")).unwrap();
    assert_eq!(found, [seen("b.log", 9, 9, 1), seen("a.eml", 3, 5, 3)]);
    assert_eq!(sightings.count().unwrap(), 3);
    assert!(sightings.of(&ip("203.0.113.9")).unwrap().is_empty());
    store.check().unwrap();
}

#[test]
fn what_was_not_met_for_longest_goes_first() {
    let store = Opened::new("bounded");
    let sightings = store.sightings().bounded(3);
    for last in 0..10 {
        sightings
            .record(&[sighting(last, "x", i64::from(last)), sighting(0, "x", i64::from(last))])
            .unwrap();
    }
    let there: Vec<u8> = (0..10)
        .filter(|last| !sightings.of(&sighting(*last, "", 0).observable).unwrap().is_empty())
        .collect();
    assert_eq!(there, [0, 8, 9]);
    sightings.record(&[sighting(1, &"é".repeat(1000), 99)]).unwrap();
    let found = sightings.of(&ip("203.0.113.1")).unwrap();
    assert_eq!(found[0].source.raw().len(), Sightings::MAX_SOURCE);
    assert_eq!(sightings.count().unwrap(), 3);
}
