//! A score on a half circle.

use super::{Caption, class, close, number, open};
use crate::html::Markup;
use std::f64::consts::PI;
use watchfire_model::{Score, Verdict};

const RADIUS: f64 = 80.0;
const CENTRE: (f64, f64) = (100.0, 96.0);

/// Draws a score.
pub(crate) fn gauge(score: Score, verdict: Verdict, caption: &Caption<'_>, out: &mut Markup) {
    open(caption, "gauge", (200.0, 112.0), out);
    out.shape("path", &[("class", "track"), ("d", &arc(100))]);
    if score.get() > 0 {
        let shown = format!("value {}", class(verdict));
        out.shape("path", &[("class", &shown), ("d", &arc(score.get()))]);
    }
    let (x, y) = (number(CENTRE.0), number(CENTRE.1 - 14.0));
    out.element(
        "text",
        &[("class", "score"), ("x", &x), ("y", &y)],
        &score.get().to_string(),
    );
    let y = number(CENTRE.1 + 6.0);
    out.element("text", &[("class", "of"), ("x", &x), ("y", &y)], "of 100");
    close(out);
}

/// The part of the half circle up to a score.
fn arc(score: u8) -> String {
    let angle = PI * (1.0 - f64::from(score) / 100.0);
    let (x, y) = (CENTRE.0 + RADIUS * angle.cos(), CENTRE.1 - RADIUS * angle.sin());
    let (left, base, radius) = (number(CENTRE.0 - RADIUS), number(CENTRE.1), number(RADIUS));
    format!("M{left} {base}A{radius} {radius} 0 0 1 {} {}", number(x), number(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_lie_on_the_half_circle() {
        assert_eq!(arc(0), "M20 96A80 80 0 0 1 20 96");
        assert_eq!(arc(50), "M20 96A80 80 0 0 1 100 16");
        assert_eq!(arc(100), "M20 96A80 80 0 0 1 180 96");
    }
}
