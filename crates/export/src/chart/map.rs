//! Countries on a map of the world.

use super::{Caption, class, close, label, number, open, steps};
use crate::html::Markup;
use watchfire_knowledge::world;
use watchfire_model::Verdict;

/// What is in a country.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// Its code (ISO 3166-1 alpha-2).
    pub(crate) code: &'static str,
    /// How much: addresses.
    pub(crate) count: u64,
    /// The worst that is thought of any.
    pub(crate) verdict: Verdict,
}

/// Labels on the picture; what is not there stands in the table beside it.
const LABELS: usize = 16;

/// Draws the world and what is in it, the most first.
pub(crate) fn map(spots: &[Spot], caption: &Caption<'_>, out: &mut Markup) {
    open(caption, "map", (f64::from(world::WIDTH), f64::from(world::HEIGHT)), out);
    for country in world::countries().filter(|country| !country.outline.is_empty()) {
        let spot = spots.iter().find(|spot| Some(spot.code) == country.code);
        let shown = match spot {
            Some(spot) => format!("land seen {}", class(spot.verdict)),
            None => "land".to_owned(),
        };
        out.shape("path", &[("class", &shown), ("d", country.outline)]);
    }
    let placed = spots.iter().filter_map(|spot| Some((spot, world::country(spot.code)?)));
    let placed: Vec<_> = placed.collect();
    for (spot, country) in placed.iter().rev() {
        let (x, y) = (f64::from(country.middle.0), f64::from(country.middle.1));
        let [cx, cy, r] = [x, y, 5.0 + 3.0 * steps(spot.count)].map(number);
        let shown = format!("spot {}", class(spot.verdict));
        out.shape("circle", &[("class", &shown), ("cx", &cx), ("cy", &cy), ("r", &r)]);
    }
    for (spot, country) in placed.iter().take(LABELS) {
        let (x, y) = (f64::from(country.middle.0), f64::from(country.middle.1));
        let words = format!("{} {}", spot.code, spot.count);
        label((x + 8.0 + 3.0 * steps(spot.count), y + 4.0), "place", &words, out);
    }
    close(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_shaded_and_dotted() {
        let spot = |code, verdict| Spot {
            code,
            count: 10,
            verdict,
        };
        let caption = Caption {
            id: "a",
            title: "b",
            describes: "c",
        };
        let mut out = Markup::default();
        let spots = [
            spot("NL", Verdict::Malicious),
            spot("SG", Verdict::Unknown),
            spot("ZZ", Verdict::Unknown),
        ];
        map(&spots, &caption, &mut out);
        let drawn = out.finish();
        assert_eq!(drawn.matches("land seen malicious").count(), 1);
        assert_eq!(
            drawn.matches("class=\"spot").count(),
            2,
            "a place that is nowhere is not drawn"
        );
        assert!(drawn.contains("SG 10"), "what has no outline has a dot");
    }
}
