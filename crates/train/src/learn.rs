//! Logistic regression with an L2 penalty, by Nesterov's accelerated gradients; then a calibration by Platt's method.
//!
//! Both kinds weigh the same in sum. Legitimate mails that a first model flags when it has not seen them count twice in the
//! second. The calibration is made on scores of mails that the model had not seen: five parts, each scored by a model of
//! the other four. Everything is summed in a fixed order, so the same examples give the same model.

use crate::corpus::Example;
use watchfire_phishing::{BUCKETS, Model, SIGNS};

/// The weight of errors against that of the penalty.
const COST: f64 = 3.0;
/// Signs are scaled down, so that words, of which each says little, are not drowned.
const SIGN_SCALE: f64 = 0.06;
const STEPS: usize = 400;
const PARTS: u32 = 5;
const HARD: f64 = 2.0;

/// An example as numbers: places and values.
struct Row {
    values: Vec<(usize, f64)>,
    target: f64,
    weight: f64,
    group: u32,
}

const BIAS: usize = BUCKETS + SIGNS.len();

fn row(example: &Example) -> Row {
    let (buckets, each, signs) = example.features.values();
    let mut values: Vec<(usize, f64)> = buckets.iter().map(|bucket| (*bucket as usize, each)).collect();
    let signs = signs.iter().enumerate().filter(|(_, value)| **value != 0.0);
    values.extend(signs.map(|(at, value)| (BUCKETS + at, f64::from(*value) * SIGN_SCALE)));
    values.push((BIAS, 1.0));
    Row {
        values,
        target: if example.is_phish { 1.0 } else { -1.0 },
        weight: example.weight,
        group: example.group % PARTS,
    }
}

/// Trains a model, and calibrates it.
pub(crate) fn model(examples: &[Example], name: &str) -> Model {
    let mut rows: Vec<Row> = examples.iter().map(row).collect();
    let unseen = held_out(&rows);
    let mut hard = 0;
    for (row, score) in rows.iter_mut().zip(unseen) {
        if row.target < 0.0 && score > 0.0 {
            row.weight *= HARD;
            hard += 1;
        }
    }
    let unseen = held_out(&rows);
    let all: Vec<&Row> = rows.iter().collect();
    let weights = fit(&all);
    let (slope, offset) = calibrate(&rows, &unseen);
    println!("{hard} hard legitimate mails; calibration {slope:.3} · score {offset:+.3}");
    let (buckets, rest) = weights.split_at_checked(BUCKETS).unwrap_or_default();
    let signs: Vec<f64> = rest.iter().map(|weight| weight * SIGN_SCALE).collect();
    let bias = rest.last().copied().unwrap_or_default();
    Model::new(name, bias, buckets, &signs).calibrated(slope, offset)
}

/// Scores of all rows by models that have not seen their group.
fn held_out(rows: &[Row]) -> Vec<f64> {
    let mut scores = vec![0.0; rows.len()];
    for part in 0..PARTS {
        let others: Vec<&Row> = rows.iter().filter(|row| row.group != part).collect();
        let weights = fit(&others);
        for (row, place) in rows.iter().zip(&mut scores).filter(|(row, _)| row.group == part) {
            *place = dot(row, &weights);
        }
    }
    scores
}

fn dot(row: &Row, weights: &[f64]) -> f64 {
    row.values
        .iter()
        .map(|(at, value)| value * weights.get(*at).copied().unwrap_or(0.0))
        .sum()
}

/// Weights of rows such that both kinds weigh the same.
fn balanced(rows: &[&Row]) -> Vec<f64> {
    let sum = |positive: bool| -> f64 {
        let of_kind = rows.iter().filter(|row| (row.target > 0.0) == positive);
        of_kind.map(|row| row.weight).sum()
    };
    let ratio = sum(false) / sum(true).max(1e-9);
    rows.iter()
        .map(|row| {
            if row.target > 0.0 {
                row.weight * ratio
            } else {
                row.weight
            }
        })
        .collect()
}

fn fit(rows: &[&Row]) -> Vec<f64> {
    let costs: Vec<f64> = balanced(rows).iter().map(|weight| weight * COST).collect();
    let norm = |row: &Row| row.values.iter().map(|(_, value)| value * value).sum::<f64>();
    let steepest: f64 = rows
        .iter()
        .zip(&costs)
        .map(|(row, cost)| cost * norm(row) / 4.0)
        .sum::<f64>()
        + 1.0;
    let (length, momentum) = (1.0 / steepest, (steepest.sqrt() - 1.0) / (steepest.sqrt() + 1.0));
    let mut weights = vec![0.0; BIAS + 1];
    let mut ahead = weights.clone();
    for _ in 0..STEPS {
        let mut slope = ahead.clone();
        for (row, cost) in rows.iter().zip(&costs) {
            let error = -row.target * cost / (1.0 + (row.target * dot(row, &ahead)).exp());
            for (at, value) in &row.values {
                if let Some(slope) = slope.get_mut(*at) {
                    *slope += error * value;
                }
            }
        }
        for ((weight, ahead), slope) in weights.iter_mut().zip(&mut ahead).zip(&slope) {
            let next = *ahead - length * slope;
            *ahead = next + momentum * (next - *weight);
            *weight = next;
        }
    }
    weights
}

/// Slope and offset that make probabilities of scores: Newton's method on the two numbers, targets as Platt has them.
fn calibrate(rows: &[Row], scores: &[f64]) -> (f64, f64) {
    let all: Vec<&Row> = rows.iter().collect();
    let weights = balanced(&all);
    let (mut slope, mut offset) = (1.0, 0.0);
    for _ in 0..50 {
        let (mut g, mut h) = ([0.0; 2], [1e-6, 0.0, 1e-6]);
        for ((row, score), weight) in rows.iter().zip(scores).zip(&weights) {
            let target = if row.target > 0.0 { 0.98 } else { 0.02 };
            let p = 1.0 / (1.0 + (-(slope * score + offset)).exp());
            let (error, curve) = (weight * (p - target), weight * p * (1.0 - p));
            g = [g[0] + error * score, g[1] + error];
            h = [h[0] + curve * score * score, h[1] + curve * score, h[2] + curve];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        slope -= (h[2] * g[0] - h[1] * g[1]) / determinant;
        offset -= (h[0] * g[1] - h[1] * g[0]) / determinant;
    }
    (slope, offset)
}
