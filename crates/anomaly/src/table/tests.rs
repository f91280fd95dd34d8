//! Tables by example.

use super::{Budget, Cells, Column, Feature, Table, TableModel};
use crate::model::Options;
use crate::random::Random;

fn column(name: &str, cells: Cells) -> Column {
    Column {
        name: name.to_owned(),
        cells,
    }
}

/// Log-ons of four users to their own hosts in office hours, and one row at the end.
fn logons(rows: usize, user: &str, host: &str, hour: f64, port: f64) -> Table {
    let mut random = Random::of(4, 2);
    let (mut users, mut hosts, mut times, mut ports, mut ids) = (vec![], vec![], vec![], vec![], vec![]);
    for row in 0..rows {
        let who = random.index(4);
        users.push(format!("user{who}").into_bytes());
        hosts.push(format!("host{who}").into_bytes());
        times.push((9.0 + 8.0 * random.unit()) * 3_600.0 + 86_400.0 * random.index(20) as f64);
        ports.push(40_000.0 + 20_000.0 * random.unit());
        ids.push(format!("{row:08}").into_bytes());
    }
    users.push(user.into());
    hosts.push(host.into());
    times.push(hour * 3_600.0);
    ports.push(port);
    ids.push(b"last".to_vec());
    Table::new(vec![
        column("user", Cells::Words(users)),
        column("host", Cells::Words(hosts)),
        column("time", Cells::Times(times)),
        column("port", Cells::Numbers(ports)),
        column("id", Cells::Words(ids)),
    ])
    .unwrap()
}

/// The last row is raised first, and this is the reason.
fn check(table: &Table, expected: &Feature) {
    let model = TableModel::fit(table, &Options::default(), 1).unwrap();
    assert!(
        !model.encoder().names().iter().any(|name| name.contains("id")),
        "identifiers say nothing"
    );
    let raised = model.anomalies(table, Budget::Chance(0.01), 1);
    let first = raised.first().expect("one is raised");
    assert_eq!(first.row, table.len() - 1, "{raised:#?}");
    assert_eq!(&first.reasons[0].feature, expected, "{:#?}", first.reasons);
}

#[test]
fn a_user_on_a_host_of_another_is_a_first_seen_pair() {
    check(
        &logons(2_000, "user1", "host3", 12.0, 50_000.0),
        &Feature::Pair("user".into(), "host".into()),
    );
}

#[test]
fn a_night_is_a_reason() {
    check(
        &logons(2_000, "user1", "host1", 3.0, 50_000.0),
        &Feature::Hour("time".into()),
    );
}

#[test]
fn a_number_far_out_is_a_reason() {
    check(
        &logons(2_000, "user1", "host1", 12.0, 22.0),
        &Feature::Number("port".into()),
    );
}

#[test]
fn a_reason_says_what_was_there_and_how_often() {
    let table = logons(2_000, "intruder", "host1", 12.0, 50_000.0);
    let model = TableModel::fit(&table, &Options::default(), 1).unwrap();
    let raised = model.anomalies(&table, Budget::Chance(0.01), 1);
    let reason = raised[0]
        .reasons
        .iter()
        .find(|reason| reason.feature == Feature::Rarity("user".into()))
        .unwrap();
    assert_eq!(
        (reason.words.as_slice(), reason.seen <= 1),
        (&[b"intruder".to_vec()][..], true)
    );
}

#[test]
fn cells_are_numbers_where_they_read_as_numbers() {
    let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
    assert!(matches!(Cells::guess(words(&["1", "2.5", "", "3"])), Cells::Numbers(_)));
    assert!(matches!(Cells::guess(words(&["1", "0", "1", "0"])), Cells::Words(_)));
    assert!(matches!(Cells::guess(words(&["a", "2", "b"])), Cells::Words(_)));
}

#[test]
fn tables_that_say_nothing_have_no_model() {
    assert!(TableModel::fit(&Table::default(), &Options::default(), 1).is_none());
    let same = Table::new(vec![column("a", Cells::Words(vec![b"x".to_vec(); 9]))]).unwrap();
    assert!(TableModel::fit(&same, &Options::default(), 1).is_none());
    let unequal = vec![
        column("a", Cells::Numbers(vec![1.0])),
        column("b", Cells::Numbers(vec![])),
    ];
    assert!(Table::new(unequal).is_none());
}

#[test]
fn a_table_model_comes_back_as_it_was() {
    let table = logons(300, "user1", "host3", 12.0, 50_000.0);
    let model = TableModel::fit(&table, &Options::default(), 2).unwrap();
    let back = TableModel::load(&model.save()).unwrap();
    assert_eq!(back.judge(&table, 1), model.judge(&table, 2));
    assert_eq!(back, model);
}

#[test]
fn of_a_table_with_very_many_columns_the_first_are_looked_at() {
    let columns = (0..3_000).map(|number| {
        let cells = (0..20).map(|row| f64::from(row * number % 17)).collect();
        column(&number.to_string(), Cells::Numbers(cells))
    });
    let table = Table::new(columns.collect()).unwrap();
    let all: Vec<usize> = (0..table.len()).collect();
    let encoder = super::Encoder::fit(&table, &all).unwrap();
    assert_eq!(encoder.features().len(), super::Encoder::MOST_FEATURES);
}

#[test]
fn of_words_that_are_too_many_to_be_counted_it_is_known_how_often_they_may_have_been_there() {
    // 25,000 words, each of them twice.
    let words = |count: u32| {
        (0..count)
            .map(|row| format!("w{}", row % 25_000).into_bytes())
            .collect()
    };
    let table = Table::new(vec![column("path", Cells::Words(words(50_000)))]).unwrap();
    let all: Vec<usize> = (0..table.len()).collect();
    let encoder = super::Encoder::fit(&table, &all).unwrap();
    let seen = |row| encoder.words(&table, row, &Feature::Rarity("path".into())).1;
    let met: Vec<[u64; 2]> = (0..25_000).map(seen).collect();
    assert!(met.iter().all(|seen| *seen == [2, 2] || *seen == [0, 2]));
    assert_eq!(met.iter().filter(|seen| **seen == [2, 2]).count(), 20_000);
    let few = Table::new(vec![column("path", Cells::Words(words(100)))]).unwrap();
    assert!(
        super::Encoder::fit(&few, &[0, 0, 1, 1])
            .is_some_and(|encoder| { encoder.words(&few, 2, &Feature::Rarity("path".into())).1 == [0, 0] })
    );
}
