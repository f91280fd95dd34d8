//! Databases of the user's own: what they say, and what damage does to them.

use super::*;
use std::time::Duration;
use watchfire_testkit::Random;
use watchfire_testkit::clock::Watch;
use watchfire_testkit::places::{Value, city, database, network};

fn cities() -> Vec<u8> {
    database(
        "Own-City",
        1_793_448_000,
        &[
            ("45.133.1.0/24", city("NL", "Amsterdam")),
            ("81.2.69.0/25", city("GB", "London")),
            ("2001:67c::/32", city("DE", "Bonn")),
        ],
    )
}

#[track_caller]
fn found(database: &Database, address: &str) -> Option<(Option<&'static str>, Option<String>, Option<u32>)> {
    let found = database.find(address.parse().unwrap())?;
    Some((found.country, found.city.map(|city| city.raw().to_owned()), found.asn))
}

#[test]
fn records_are_found_by_address_in_every_way_of_writing_them() {
    let own = Database::verified(cities()).unwrap();
    assert_eq!(
        (own.kind(), own.name().raw(), own.built().date().to_string()),
        ("city", "Own-City", "2026-10-31".to_owned())
    );
    assert_eq!(
        found(&own, "45.133.1.20"),
        Some((Some("NL"), Some("Amsterdam".to_owned()), None))
    );
    assert_eq!(
        found(&own, "2001:67c::1"),
        Some((Some("DE"), Some("Bonn".to_owned()), None))
    );
    assert_eq!(found(&own, "45.133.2.1"), None);
    let networks = database("anything", 1, &[("45.133.0.0/16", network(64_500, "Example"))]);
    let own = Database::verified(networks).unwrap();
    assert_eq!(
        (own.kind(), found(&own, "45.133.9.9")),
        ("asn", Some((None, None, Some(64_500))))
    );
    let flat = Value::Map(vec![("country_code", Value::Text("fr")), ("city", Value::Text("Lyon"))]);
    let own = Database::verified(database("flat", 1, &[("1.0.0.0/8", flat)])).unwrap();
    assert_eq!(
        found(&own, "1.2.3.4"),
        Some((Some("FR"), Some("Lyon".to_owned()), None))
    );
    let other = Value::Map(vec![("is_tor", Value::Number(1))]);
    let error = Database::verified(database("flags", 1, &[("1.0.0.0/8", other)])).unwrap_err();
    assert_eq!(error, "it knows neither cities nor countries nor networks");
}

#[test]
fn a_database_without_a_description_is_one() {
    let whole = cities();
    let described = b"\x4bdescription\xe1\x42en\x54a database for tests";
    let at = whole
        .windows(described.len())
        .position(|window| window == described)
        .unwrap();
    let bare = [&whole[..at], b"\x4bdescription\xe0", &whole[at + described.len()..]].concat();
    let own = Database::verified(bare.clone()).unwrap();
    assert!(found(&own, "45.133.1.20").is_some());
    let mut damaged = bare;
    damaged[3] ^= 0x80;
    assert!(Database::verified(damaged).is_err());
}

#[test]
fn what_is_cut_off_is_refused() {
    let whole = cities();
    for end in 0..whole.len() {
        assert!(
            Database::verified(whole[..end].to_vec()).is_err(),
            "{end} of {}",
            whole.len()
        );
    }
    assert!(Database::verified(b"<html>".to_vec()).is_err());
}

/// What passes the verification of a damaged database is looked up in as well: a bit of a name may be another one.
#[test]
fn damage_is_refused_or_harmless_and_never_a_panic_or_a_wait() {
    let whole = cities();
    let mut random = Random::new(7);
    let watch = Watch::start();
    let mut refused = 0;
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        if bit % 3 == 0 {
            let at = random.below(damaged.len() as u64) as usize;
            damaged[at] = 0xff;
        }
        refused += u32::from(Database::verified(damaged.clone()).is_err());
        // As if the file had been damaged after it was taken in.
        if let Ok(database) = Database::of(damaged, |_| Some("city")) {
            for address in [
                "45.133.1.20",
                "81.2.69.1",
                "0.0.0.0",
                "255.255.255.255",
                "2001:67c::1",
                "::",
                "ffff::",
            ] {
                let _ = database.find(address.parse().unwrap());
            }
        }
    }
    assert!(refused > 1000, "{refused}");
    assert!(watch.elapsed() < Duration::from_secs(120), "{:?}", watch.elapsed());
}
