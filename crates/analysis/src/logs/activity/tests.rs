//! What everybody did in each window, by example.

use super::*;

fn deed<'r>(time: i64, user: &'r str, address: &'r str) -> Deed<'r> {
    Deed {
        time,
        names: [user, address, "gw"],
        kind: 7,
        is_mined: false,
        outcome: Some(LogInOutcome::Refused),
        place: u64::try_from(time).unwrap(),
    }
}

fn told(activity: &Activity) -> Vec<String> {
    let rows = activity.entities.iter().flat_map(|entity| {
        let told = |(window, row): &(i64, Row)| {
            let sets: Vec<f64> = row.sets.iter().map(Few::count).collect();
            format!("{}@{window}: {} {} {sets:?}", entity.name, row.records, row.first)
        };
        entity.rows.iter().map(told).collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn parts_add_up_to_the_whole_whatever_their_windows() {
    let deeds: Vec<(i64, String, String)> = (0..4_000)
        .map(|number| {
            (
                number * 37,
                format!("u{}", number % 7),
                format!("192.0.2.{}", number % 50),
            )
        })
        .collect();
    let count = |deeds: &[(i64, String, String)]| {
        let mut activity = Activity::default();
        deeds
            .iter()
            .for_each(|(time, user, address)| activity.add(&deed(*time, user, address)));
        activity
    };
    let mut whole = count(&deeds);
    let mut parts = Activity::default();
    deeds.chunks(300).for_each(|part| parts.merge(count(part)));
    whole.settle();
    parts.settle();
    while parts.step < whole.step {
        parts.double();
    }
    assert_eq!(told(&parts), told(&whole));
}

#[test]
fn the_latest_first_is_the_same_and_puts_nothing_between_others() {
    // So many hours of one user that none of them is put beside another.
    let times: Vec<i64> = (0..10_000).map(|number| number * 3_600 + number % 7).collect();
    let count = |times: &mut dyn Iterator<Item = &i64>| {
        let mut activity = Activity::default();
        times.for_each(|time| activity.add(&deed(*time, "ann", "192.0.2.1")));
        activity
    };
    let mut forwards = count(&mut times.iter());
    let mut backwards = count(&mut times.iter().rev());
    let last = backwards.entities.first().and_then(|entity| entity.rows.last());
    assert_eq!(last.map(|(window, _)| *window), Some(0), "rows were moved");
    forwards.settle();
    backwards.settle();
    assert!(told(&backwards) == told(&forwards));
    let mut turned = Activity::default();
    turned.merge(count(&mut times[5_000..].iter()));
    turned.merge(count(&mut times[..5_000].iter().rev()));
    turned.settle();
    assert!(told(&turned) == told(&forwards));
}

#[test]
fn rows_are_bounded_and_what_is_left_out_is_counted() {
    let mut activity = Activity::default();
    for part in 0..40 {
        let mut batch = Activity::default();
        for number in 0..3_000 {
            let address = format!("198.51.{part}.{number}");
            batch.add(&deed(part * 60 + number / 100, "root", &address));
        }
        activity.merge(batch);
    }
    assert!(activity.rows <= MOST && activity.left_out() > 0);
    assert_eq!(activity.records(), 120_000);
    // Whom most is told of stays.
    assert!(activity.entities().iter().any(|entity| &*entity.name == "root"));
}

#[test]
fn few_values_are_counted_and_many_are_estimated() {
    let mut few = Few::default();
    for number in 0..30 {
        few.insert(print(&number.to_string()));
        few.insert(print(&number.to_string()));
    }
    assert_eq!(few.count(), 30.0);
    for number in 0..5_000 {
        few.insert(print(&number.to_string()));
    }
    assert!((3_000.0..8_000.0).contains(&few.count()), "{}", few.count());
}
