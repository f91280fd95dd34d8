//! Beacons are found among people who read pages, and people who read pages are no beacons: a small measurement that fails
//! below the bounds. The large one is an example, `beacons`, whose tables are in docs/beacons.md.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

#[path = "beacons/trial.rs"]
mod trial;

use trial::{SUSPICIOUS, beacons, read, watch};
use watchfire_testkit::capture::office::Office;
use watchfire_testkit::demo;

/// Of beacons every minute, nineteen of twenty are found, and nothing else is.
#[track_caller]
fn check(missing: u64, seed: u64) {
    let beacons = beacons(60, missing, 2);
    let office = Office::new(seed)
        .hosts(beacons.len())
        .minutes(150)
        .snap(400)
        .without_rare_programs();
    let office = beacons
        .iter()
        .fold(office, |office, (_, beacon)| office.beacon(beacon.clone()));
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
    assert!(outcome.pairs > 2_000, "{} pairs", outcome.pairs);
    assert!(
        outcome.facts.rhythms.len() > 20,
        "clocks, printers and telemetry have rhythms"
    );
}

#[test]
fn a_gap_of_the_capture_does_not_break_a_beacon() {
    let (_, mut beacon) = beacons(300, 0, 1).swap_remove(6);
    beacon.host = 2;
    let name = beacon.name.clone();
    let office = Office::new(44)
        .hosts(6)
        .minutes(240)
        .snap(400)
        .gap(100, 120)
        .beacon(beacon);
    let outcome = watch(&office);
    assert!(outcome.facts.gaps.iter().any(|gap| gap.seconds > 1_100));
    assert!(outcome.finds(&name), "{:#?}", outcome.facts.rhythms);
}

#[test]
fn the_demo_shows_its_beacon_first_with_its_host_and_the_gap() {
    let file = demo::capture();
    assert!(
        (4 << 20..12 << 20).contains(&file.bytes.len()),
        "{} bytes",
        file.bytes.len()
    );
    let outcome = read(Box::new(&file.bytes[..]));
    let told = outcome.findings(Some("beaconing"), SUSPICIOUS);
    assert_eq!(told.len(), 1, "{told:#?}");
    let title = &told[0].title;
    assert!(
        title.starts_with("beacon from fin-pc-07[.]corp[.]example (10[.]0[.]5[.]23) to cdn-update[.]example"),
        "{title}"
    );
    assert!(
        title.contains("(203[.]0[.]113[.]66) port 443 every ") && title.ends_with("3 h 47 min"),
        "{title}"
    );
    assert!((4..=13).contains(&told[0].evidence().len()));
    let rhythm = &outcome
        .facts
        .rhythms
        .iter()
        .find(|rhythm| {
            rhythm
                .name
                .as_ref()
                .is_some_and(|name| name.raw() == "cdn-update.example")
        })
        .expect("it is told");
    assert!(
        rhythm.interval.abs_diff(60_000) < 6_000 && (200..400).contains(&rhythm.jitter),
        "{rhythm:#?}"
    );
    assert!(rhythm.missing < 30, "the gap is no missing report: {rhythm:#?}");
    assert_eq!(rhythm.marks.counts.iter().sum::<u32>() as u64, rhythm.count);
    assert!(rhythm.marks.counts.len() <= 240 && rhythm.marks.counts[101..119].iter().all(|count| *count == 0));
    let gaps: Vec<u64> = outcome.facts.gaps.iter().map(|gap| gap.seconds).collect();
    assert!(matches!(gaps[..], [1_190..1_260]), "{gaps:?}");
    let largest = &outcome.facts.conversations[0];
    assert!(
        largest.sent > 400_000_000 && largest.responder.to_string() == "198.51.100.9:443",
        "{largest:?}"
    );
}
