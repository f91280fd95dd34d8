//! Beacons are found among people who read pages, and people who read pages are no beacons: a small measurement that fails
//! below the bounds. The large one is an example, `beacons`, whose tables are in docs/beacons.md.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

#[path = "beacons/trial.rs"]
mod trial;

use trial::{SUSPICIOUS, beacons, watch};
use watchfire_testkit::capture::office::Office;

/// Of beacons every minute, nineteen of twenty are found, and nothing else is.
#[track_caller]
fn check(missing: u64, seed: u64) {
    let beacons = beacons(60, missing, 2);
    let office = Office::new(seed).hosts(beacons.len()).minutes(150).snap(400).without_rare_programs();
    let office = beacons.iter().fold(office, |office, (_, beacon)| office.beacon(beacon.clone()));
    let outcome = watch(&office);
    let missed: Vec<&str> = beacons
        .iter()
        .map(|(_, beacon)| beacon.name.as_str())
        .filter(|name| !outcome.finds(name))
        .collect();
    assert!(missed.len() * 20 <= beacons.len(), "missed: {missed:?}");
    assert_eq!(outcome.wrong(), Vec::<&str>::new());
}

#[test]
fn beacons_with_any_jitter_are_found_among_browsers() {
    check(0, 41);
}

#[test]
fn beacons_of_which_a_third_is_missing_are_found() {
    check(30, 42);
}

#[test]
fn a_day_at_an_ordinary_office_is_quiet() {
    let outcome = watch(&Office::new(43).hosts(15).minutes(480).snap(400).pace(60));
    let told: Vec<&str> = outcome
        .findings(None, SUSPICIOUS)
        .iter()
        .map(|finding| finding.title.as_str())
        .collect();
    // Two programs that one host alone has, and that ask for what is new all day: nothing in the traffic tells them apart.
    assert!(told.len() <= 5, "{told:#?}");
    assert!(outcome.facts.rhythms.len() > 20, "clocks, printers and telemetry have rhythms");
}

#[test]
fn a_gap_of_the_capture_does_not_break_a_beacon() {
    let (_, mut beacon) = beacons(300, 0, 1).swap_remove(6);
    beacon.host = 2;
    let name = beacon.name.clone();
    let office = Office::new(44).hosts(6).minutes(240).snap(400).gap(100, 120).beacon(beacon);
    let outcome = watch(&office);
    assert!(outcome.facts.gaps.iter().any(|gap| gap.seconds > 1_100));
    assert!(outcome.finds(&name), "{:#?}", outcome.facts.rhythms);
}
