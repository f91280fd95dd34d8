//! Models come back as they were; damage is told and harms nothing, with the right checksum too.

use super::{LoadError, checksum};
use crate::ensemble;
use crate::model::{Model, Options};
use crate::random::Random;
use crate::rows::Rows;
use crate::templates::Miner;

fn model() -> Model {
    let mut random = Random::of(1, 1);
    let values: Vec<f64> = (0..900).map(|_| random.normal()).collect();
    let options = Options {
        ensemble: ensemble::Options {
            trees: 3,
            samples: 2,
            seed: 1,
        },
    };
    Model::fit(Rows::new(&values, 3).unwrap(), &["a".to_owned()], &options, 1)
}

#[test]
fn a_model_comes_back_as_it_was() {
    let model = model();
    assert_eq!(Model::load(&model.save()), Ok(model));
    let mut miner = Miner::default();
    miner.learn(b"took 5 ms");
    miner.learn(b"failed: no such file");
    let back = Miner::load(&miner.save()).unwrap();
    assert_eq!(back.templates(), miner.templates());
    assert_eq!(back.save(), miner.save());
}

#[test]
fn what_is_no_model_says_so() {
    let saved = model().save();
    assert_eq!(Model::load(b"").err(), Some(LoadError::NotAModel));
    assert_eq!(Model::load(&[0; 100]).err(), Some(LoadError::NotAModel));
    assert_eq!(Model::load(&saved[..saved.len() - 1]).err(), Some(LoadError::Damaged));
    assert_eq!(Miner::load(&saved).err(), Some(LoadError::OtherKind));
    let mut newer = saved;
    newer[8] = 9;
    assert_eq!(Model::load(&newer).err(), Some(LoadError::Version(9)));
}

#[test]
fn more_rows_than_there_can_be_are_refused() {
    let model = model();
    let mut saved = model.save();
    let calibration = &model.calibration;
    let mut place = calibration.rows.to_le_bytes().to_vec();
    place.extend((calibration.scores.len() as u32).to_le_bytes());
    place.extend(calibration.scores[0].to_le_bytes());
    let at = saved.windows(place.len()).position(|bytes| bytes == place).unwrap();
    for rows in [1e300_f64, -1.0, f64::NAN] {
        saved[at..at + 8].copy_from_slice(&rows.to_le_bytes());
        let forged = super::seal(&saved[..saved.len() - 8]);
        let far = [0.0, 1e30, -5.0];
        let judged = Model::load(&forged).map(|model| model.judge(Rows::new(&far, 3).unwrap(), 1));
        assert_eq!(judged.err(), Some(LoadError::Damaged));
    }
}

/// A file that says to hold so many features of a table.
fn features(count: u32, counts: u32) -> Vec<u8> {
    let mut file = b"WFIREANM\x01\0\0\0\x02".to_vec();
    file.extend(1_000_u64.to_le_bytes());
    file.extend(count.to_le_bytes());
    (0..count).for_each(|_| file.extend(b"\0\x01\0\0\0n\0\0\0\0"));
    file.extend(counts.to_le_bytes());
    file.resize(file.len() + counts as usize, 0);
    super::seal(&file)
}

#[test]
fn a_file_with_more_features_than_a_table_has_is_refused_before_there_is_room_for_them() {
    use super::parts::read_features;
    use super::wire::Reader;
    let read = |count, counts| {
        let file = features(count, counts);
        read_features(&mut Reader::new(&file[21..file.len() - 8])).map(|(features, _)| features.len())
    };
    assert_eq!(read(1_024, 1_024), Some(1_024));
    assert_eq!(read(1_025, 1_025), None);
    assert_eq!(read(3, 60_000), None);
    assert_eq!(read(3, 2), None);
}

#[test]
fn damage_with_a_forged_checksum_harms_nothing() {
    let saved = model().save();
    let rows = [0.0, 1e30, -5.0];
    let mut loaded = 0;
    for round in 0..4_000 {
        let mut damaged = saved.clone();
        let mut random = Random::of(2, round);
        let body = damaged.len() - 8;
        // Half of the damage goes where lengths and trees are.
        let reach = if round % 2 == 0 { body } else { 4_000.min(body) };
        for _ in 0..=random.index(2) {
            damaged[random.index(reach)] = random.bits() as u8;
        }
        let sum = checksum(&damaged[..body]);
        damaged[body..].copy_from_slice(&sum.to_le_bytes());
        if let Ok(model) = Model::load(&damaged) {
            loaded += 1;
            let rows = Rows::new(&rows, 3).unwrap();
            let _ = model.judge(rows, 1);
            let _ = model.explain(rows.row(0));
        }
    }
    assert!(loaded > 100, "damage to a number may go unnoticed: {loaded}");
}
