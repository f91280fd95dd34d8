//! Models of anomalies that come from files, and lines whose templates are mined.

use watchfire_anomaly::templates::{Miner, Options as MinerOptions};
use watchfire_anomaly::{Model, Options, Rows, ensemble, table};

/// Whatever a model's file holds, it is refused or it judges and explains; what was read writes the same file again.
pub fn anomaly_model(data: &[u8]) {
    let row = [3.0, f64::NAN, 1e300, -7.5];
    for bytes in [data.to_vec(), sealed(data)] {
        if let Ok(model) = Model::load(&bytes) {
            assert_eq!(model.save(), bytes, "a model is written as it was read");
            if let Some(rows) = Rows::new(&row, model.names().len()) {
                assert!(model.judge(rows, 1).iter().all(|judged| !judged.p_value.is_nan()));
                model.explain(rows.row(0));
            }
        }
        if let Ok(model) = table::TableModel::load(&bytes) {
            let cells = table::Cells::Numbers(vec![1.0, f64::NAN]);
            let column = table::Column {
                name: "bytes".to_owned(),
                cells,
            };
            if let Some(table) = table::Table::new(vec![column]) {
                model.judge(&table, 1);
            }
        }
        if let Ok(mut miner) = Miner::load(&bytes) {
            miner.learn(b"took 5 ms");
            miner.templates().find(b"took 6 ms");
        }
    }
}

/// The bytes with the checksum that they should have, so that what lies behind it is tried as well.
fn sealed(data: &[u8]) -> Vec<u8> {
    let body = data.len().saturating_sub(8);
    watchfire_anomaly::seal(data.get(..body).unwrap_or_default())
}

/// Every line has a template; counting, merging and saving agree; values lie in the line and in order.
pub fn templates(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let options = MinerOptions {
        most_signatures: 64,
        ..MinerOptions::default()
    };
    let mut miner = Miner::new(options);
    miner.learn_all(&lines, 1);
    let mut shared = Miner::new(options);
    shared.learn_all(&lines, 2);
    let templates = miner.templates();
    assert_eq!(templates.list(), shared.templates().list(), "threads change nothing");
    assert_eq!(
        Miner::load(&miner.save()).map(|miner| miner.templates().list().to_vec()),
        Ok(templates.list().to_vec())
    );
    let counted: u64 = templates.list().iter().map(|template| template.lines).sum();
    assert_eq!(counted + miner.forgotten(), lines.len() as u64);
    for line in lines {
        let found = templates.find(line);
        assert!(
            found.is_some() || miner.forgotten() > 0 || miner.generation() > 0,
            "a line that was mined has a template"
        );
        let mut end = 0;
        for value in found.iter().flat_map(|found| &found.parameters) {
            assert!(
                value.place.start >= end && value.place.end <= line.len(),
                "values lie in the line"
            );
            end = value.place.end;
        }
    }
}

/// A model, a table's model and a miner.
pub(super) fn seeds_of_models() -> Vec<Vec<u8>> {
    let mut miner = Miner::default();
    for line in [
        "took 5 ms",
        "failed for user eve from 192.0.2.7 port 22",
        "open /etc/passwd: no",
    ] {
        miner.learn(line.as_bytes());
    }
    let words = (0..40).map(|n: u32| vec![b'a' + (n % 3) as u8]).collect();
    let times = (0..40).map(|n| f64::from(n) * 3_600.0).collect();
    let columns = [
        ("user", table::Cells::Words(words)),
        ("time", table::Cells::Times(times)),
    ];
    let columns = columns.map(|(name, cells)| table::Column {
        name: name.to_owned(),
        cells,
    });
    let options = Options {
        ensemble: ensemble::Options {
            trees: 1,
            samples: 1,
            seed: 1,
        },
    };
    let table = table::Table::new(columns.into());
    let of_table = table.and_then(|table| table::TableModel::fit(&table, &options, 1));
    let values: Vec<f64> = (0..240).map(|n| f64::from(n * n % 97)).collect();
    let names = ["bytes", "hosts"].map(str::to_owned);
    let of_rows = Rows::new(&values, 2).map(|rows| Model::fit(rows, &names, &options, 1));
    let mut seeds = vec![miner.save()];
    seeds.extend(of_rows.map(|model| model.save()));
    seeds.extend(of_table.map(|model| model.save()));
    seeds
}

/// Lines of several programs.
pub(super) fn seeds_of_lines() -> Vec<Vec<u8>> {
    let lines: [&[u8]; 5] = [
        b"Jun 14 15:16:01 combo sshd[19939]: authentication failure; uid=0 rhost=192.0.2.4 user=root\nJun 14 15:16:02 combo sshd[19939]: check pass; user unknown",
        b"192.0.2.1 - - \"GET /a/b?c=d HTTP/1.1\" 200 1893\n192.0.2.2 - - \"POST /a HTTP/1.1\" 404 (1.2 KB) <ok> <ok>",
        b"a1 <x> b2 <x> c3 <x>\nfe80::1 00:1b:44:11:3a:b7 12:30:01.5 2017-05-16\nhttps://host.example/a?b=c#d",
        b"user ada in\nuser bob in\nuser eve in\nuser joe in\nuser kim in\nuser max in",
        b"\xff\xfe\x00\x01 ((((()))) ,,,, 1,2,3,4 <<<5",
    ];
    lines.map(<[u8]>::to_vec).into()
}
