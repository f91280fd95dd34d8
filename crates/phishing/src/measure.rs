//! How well a score tells phishing from what is not, with how sure that is.

use std::fmt::Write;

/// A share with its interval: Wilson's, 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub total: usize,
}

impl Rate {
    /// The share; 0 of none is 0.
    pub fn share(self) -> f64 {
        ratio(self.hits, self.total)
    }

    /// Where the true share is with 95 % confidence; from 0 to 1 where there is nothing to count.
    pub fn interval(self) -> (f64, f64) {
        const Z: f64 = 1.959_963_985;
        if self.total == 0 {
            return (0.0, 1.0);
        }
        let (p, n) = (self.share(), count(self.total));
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (low, high) = self.interval();
        let percent = |share: f64| 100.0 * share;
        write!(
            f,
            "{:.1} % ({}/{}, {:.1}–{:.1})",
            percent(self.share()),
            self.hits,
            self.total,
            percent(low),
            percent(high)
        )
    }
}

/// How many of `scores` are at least `threshold`.
pub fn at_least(scores: &[f64], threshold: f64) -> Rate {
    Rate {
        hits: scores.iter().filter(|score| **score >= threshold).count(),
        total: scores.len(),
    }
}

/// How often a phishing mail scores higher than another, ties counted half: the area under the curve. Nothing where
/// there is nothing to compare.
pub fn auc(ham: &[f64], phish: &[f64]) -> Option<f64> {
    let mut all: Vec<(f64, bool)> = ham.iter().map(|score| (*score, false)).collect();
    all.extend(phish.iter().map(|score| (*score, true)));
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut wins, mut below) = (0.0, 0.0);
    for ties in all.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let phish = count(ties.iter().filter(|(_, is_phish)| *is_phish).count());
        let ham = count(ties.len()) - phish;
        wins += phish * (below + ham / 2.0);
        below += ham;
    }
    (!ham.is_empty() && !phish.is_empty()).then(|| wins / (count(ham.len()) * count(phish.len())))
}

/// The largest threshold at which at least `share` of `phish` is found.
pub fn threshold_for(phish: &[f64], share: f64) -> Option<f64> {
    let mut sorted = phish.to_vec();
    sorted.sort_by(|one, other| other.total_cmp(one));
    let at = sorted
        .iter()
        .enumerate()
        .find(|(at, _)| ratio(at + 1, sorted.len()) >= share);
    at.map(|(_, score)| *score)
}

/// What a model does on two folders of somebody's own mail; probabilities from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Probabilities of legitimate mails.
    pub ham: Vec<f64>,
    /// Probabilities of phishing mails.
    pub phish: Vec<f64>,
}

impl Evaluation {
    /// Thresholds of [`Evaluation::table`].
    pub const THRESHOLDS: &[f64] = &[0.1, 0.3, 0.5, 0.7, 0.9, 0.97];

    /// The table that people read: what is flagged at each threshold, and the area under the curve.
    pub fn table(&self) -> String {
        let mut out = format!("{:<22}{:<32}{}\n", "threshold", "phishing found", "legitimate flagged");
        let mut row = |name: String, threshold: f64| {
            let found = at_least(&self.phish, threshold).to_string();
            let _ = writeln!(out, "{name:<22}{found:<32}{}", at_least(&self.ham, threshold));
        };
        for threshold in Self::THRESHOLDS {
            row(format!("{threshold:.2}"), *threshold);
        }
        if let Some(threshold) = threshold_for(&self.phish, 0.95) {
            row(format!("{threshold:.2} (95 % found)"), threshold);
        }
        match auc(&self.ham, &self.phish) {
            Some(area) => {
                let _ = writeln!(out, "area under the curve  {area:.4}");
            }
            None => out.push_str("area under the curve  needs mails of both kinds\n"),
        }
        out
    }
}

fn ratio(hits: usize, total: usize) -> f64 {
    if total == 0 { 0.0 } else { count(hits) / count(total) }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of mails")]
fn count(number: usize) -> f64 {
    number as f64
}
