//! Forests against a walk by another way, and what they promise.

use super::tree::project;
use super::{Depth, Forest, Options};
use crate::random::Random;
use crate::rows::Rows;
use crate::scale::{Scale, Spread};

/// `rows` rows of normal numbers, and one far out at the end.
fn cloud(rows: usize, columns: usize) -> Vec<f64> {
    let mut random = Random::of(3, 1);
    let mut values: Vec<f64> = (0..rows * columns).map(|_| random.normal()).collect();
    values.extend(std::iter::repeat_n(9.0, columns));
    values
}

fn grown(values: &[f64], columns: usize, extension: usize, depth: Depth, threads: usize) -> Forest {
    let rows = Rows::new(values, columns).unwrap();
    let options = Options {
        trees: 40,
        extension,
        depth,
        ..Options::default()
    };
    Forest::fit(rows, Scale::of(rows, Spread::Robust, 1), &options, threads)
}

/// The mean path, one row and one node at a time.
fn naive_path(forest: &Forest, row: &[f64]) -> f64 {
    let mut scaled = vec![0.0; row.len()];
    forest.scale.apply(row, &mut scaled);
    let mut sum = 0.0_f32;
    for tree in &forest.trees {
        let mut at = 0;
        while tree.nodes[at].threshold.is_finite() {
            let value = if forest.extension > 1 {
                let place = at * forest.extension..(at + 1) * forest.extension;
                project(&scaled, &tree.features[place.clone()], &tree.weights[place])
            } else {
                scaled[tree.nodes[at].feature as usize]
            };
            let child = tree.nodes[at].child as usize;
            at = if value <= tree.nodes[at].threshold {
                child
            } else {
                child + 1
            };
        }
        sum += tree.paths[at];
    }
    f64::from(sum) / forest.trees.len() as f64
}

#[test]
fn walking_in_groups_is_walking_one_by_one() {
    for (columns, extension, depth) in [
        (1, 1, Depth::Logarithm),
        (5, 1, Depth::Full),
        (5, 3, Depth::Full),
        (300, 2, Depth::Logarithm),
    ] {
        let values = cloud(333, columns);
        let forest = grown(&values, columns, extension, depth, 1);
        let rows = Rows::new(&values, columns).unwrap();
        let paths = forest.paths(rows, 1);
        assert_eq!(paths.len(), 334);
        for (row, path) in rows.iter().zip(paths) {
            assert_eq!(naive_path(&forest, row), path);
        }
    }
}

#[test]
fn threads_change_nothing() {
    let values = cloud(3_000, 4);
    let rows = Rows::new(&values, 4).unwrap();
    let one = grown(&values, 4, 2, Depth::Full, 1);
    let four = grown(&values, 4, 2, Depth::Full, 4);
    assert_eq!(one, four);
    assert_eq!(one.score(rows, 1), four.score(rows, 4));
}

#[test]
fn what_is_far_out_has_the_highest_score() {
    let values = cloud(500, 3);
    for extension in [1, 2, 3] {
        let scores = grown(&values, 3, extension, Depth::Logarithm, 1).score(Rows::new(&values, 3).unwrap(), 1);
        let highest = scores.iter().copied().fold(0.0, f64::max);
        assert_eq!(highest, scores[500]);
        assert!(highest > 0.65);
    }
}

#[test]
fn credits_add_up_to_what_the_path_is_shorter_than_expected() {
    for extension in [1, 3] {
        let mut values = cloud(400, 4);
        let last = values.len() - 4;
        values[last..].copy_from_slice(&[0.0, 12.0, 0.0, 0.0]);
        let forest = grown(&values, 4, extension, Depth::Logarithm, 1);
        let row = &values[last..];
        let credits = forest.credits(row);
        let short = forest.expected - naive_path(&forest, row);
        assert!(
            (credits.iter().sum::<f64>() - short).abs() < 1e-3,
            "{credits:?} {short}"
        );
        assert!(
            credits[1] > 3.0 * credits[0].max(credits[2]).max(credits[3]),
            "{credits:?}"
        );
    }
}

#[test]
fn forests_merge_in_any_order_and_twice_is_once() {
    let values = cloud(600, 3);
    let rows = Rows::new(&values, 3).unwrap();
    let scale = Scale::of(rows, Spread::Standard, 0);
    let of = |seed| {
        Forest::fit(
            rows,
            scale.clone(),
            &Options {
                seed,
                trees: 10,
                ..Options::default()
            },
            1,
        )
    };
    let (a, b) = (of(1), of(2));
    let both = a.merge(&b).unwrap();
    assert_eq!(both.len(), 20);
    assert_eq!(both, b.merge(&a).unwrap());
    assert_eq!(both, both.merge(&a).unwrap());
    let other = Forest::fit(rows, Scale::of(rows, Spread::Robust, 0), &Options::default(), 1);
    assert_eq!(a.merge(&other), None);
}

#[test]
fn odd_tables_have_scores_too() {
    for (values, columns) in [
        (vec![], 2),
        (vec![1.0, 2.0], 2),
        (vec![5.0; 600], 3),
        (vec![f64::NAN; 40], 2),
        (vec![f64::MAX, f64::MIN, 0.0, 1.0], 1),
    ] {
        let forest = grown(&values, columns, 2, Depth::Full, 1);
        assert!(forest.checked());
        let scores = forest.score(Rows::new(&values, columns).unwrap(), 1);
        assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{scores:?}");
    }
}
