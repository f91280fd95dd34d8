//! How well scores put what is anomalous before what is not.

/// The chance that an anomalous row scores higher than a usual one, ties counting half: the area under the ROC curve.
pub fn area_under_roc(scores: &[f64], anomalous: &[bool]) -> f64 {
    let (mut below, mut pairs, mut usual_so_far) = (0.0, 0.0, 0.0);
    for group in by_score(scores, anomalous) {
        let bad = group.iter().filter(|anomalous| **anomalous).count() as f64;
        let good = group.len() as f64 - bad;
        below += bad * (usual_so_far + good / 2.0);
        usual_so_far += good;
        pairs += bad;
    }
    below / (pairs * usual_so_far)
}

/// The mean precision over all anomalous rows, from the highest score down: average precision, as scikit-learn has it.
pub fn average_precision(scores: &[f64], anomalous: &[bool]) -> f64 {
    let (mut found, mut looked_at, mut sum) = (0.0, 0.0, 0.0);
    for group in by_score(scores, anomalous).iter().rev() {
        let bad = group.iter().filter(|anomalous| **anomalous).count() as f64;
        found += bad;
        looked_at += group.len() as f64;
        sum += bad * found / looked_at;
    }
    sum / found
}

/// Labels from the lowest score to the highest, equal scores together.
fn by_score(scores: &[f64], anomalous: &[bool]) -> Vec<Vec<bool>> {
    let mut order: Vec<(f64, bool)> = scores.iter().copied().zip(anomalous.iter().copied()).collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    order
        .chunk_by(|one, other| one.0 == other.0)
        .map(|group| group.iter().map(|(_, anomalous)| *anomalous).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{area_under_roc, average_precision};

    #[test]
    fn a_perfect_order_is_1_and_ties_are_a_half() {
        let labels = [false, true, false, true];
        assert_eq!(area_under_roc(&[0.0, 2.0, 1.0, 3.0], &labels), 1.0);
        assert_eq!(average_precision(&[0.0, 2.0, 1.0, 3.0], &labels), 1.0);
        assert_eq!(area_under_roc(&[1.0; 4], &labels), 0.5);
        assert_eq!(average_precision(&[1.0; 4], &labels), 0.5);
        assert_eq!(area_under_roc(&[3.0, 0.0, 2.0, 1.0], &labels), 0.0);
    }
}
