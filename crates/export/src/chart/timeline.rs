//! What happened when: a lane for each kind of source, on one axis of time.

use super::{Caption, class, close, cut, label, number, open, share};
use crate::html::Markup;
use watchfire_model::{Moment, Verdict};

/// How much there was in a step of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Seconds since 1970.
    pub(crate) from: i64,
    /// The same of the end.
    pub(crate) to: i64,
    /// How much.
    pub(crate) count: u64,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// Seconds since 1970.
    pub(crate) at: i64,
    /// When it was over, where it took some time.
    pub(crate) until: Option<i64>,
    /// Its number in the list beside the picture.
    pub(crate) number: usize,
    /// How bad it is.
    pub(crate) verdict: Verdict,
}

/// A lane.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lane {
    /// What is in it.
    pub(crate) name: String,
    /// How much of it there was.
    pub(crate) steps: Vec<Step>,
    /// What stands out, in the order of time.
    pub(crate) marks: Vec<Mark>,
}

const WIDTH: f64 = 960.0;
const NAMES: f64 = 96.0;
const RADIUS: f64 = 10.0;
const ROW: f64 = 25.0;
const DENSITY: f64 = 34.0;
/// Distances of ticks that people count in, in seconds.
const DISTANCES: [i64; 18] = [
    1,
    5,
    15,
    60,
    300,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
    2_592_000,
    31_536_000,
    315_360_000,
];

/// From seconds to places on the picture.
struct Axis {
    begin: i64,
    end: i64,
}

impl Axis {
    #[expect(clippy::cast_precision_loss, reason = "no picture is that fine")]
    fn x(&self, at: i64) -> f64 {
        let (at, whole) = (
            at.clamp(self.begin, self.end) - self.begin,
            (self.end - self.begin).max(1),
        );
        NAMES + RADIUS + (WIDTH - NAMES - 2.0 * RADIUS - 4.0) * (at as f64 / whole as f64)
    }

    fn covers(&self, step: &Step) -> bool {
        step.to > self.begin && step.from < self.end
    }

    /// How far ticks are from one another.
    fn distance(&self) -> i64 {
        let whole = self.end - self.begin;
        DISTANCES
            .into_iter()
            .find(|distance| whole / distance <= 9)
            .unwrap_or(i64::MAX)
    }
}

/// Draws lanes between two instants, seconds since 1970.
pub(crate) fn timeline(lanes: &[Lane], (begin, end): (i64, i64), caption: &Caption<'_>, out: &mut Markup) {
    let axis = Axis {
        begin,
        end: end.max(begin.saturating_add(1)),
    };
    let rows: Vec<Vec<usize>> = lanes.iter().map(|lane| stacked(lane, &axis)).collect();
    let heights: Vec<f64> = lanes.iter().zip(&rows).map(|(lane, rows)| height(lane, rows)).collect();
    let tall = heights.iter().sum::<f64>();
    open(caption, "timeline", (WIDTH, tall + 26.0), out);
    ticks(&axis, tall, out);
    let mut top = 0.0;
    for ((lane, rows), height) in lanes.iter().zip(&rows).zip(&heights) {
        label((0.0, top + height / 2.0 + 4.0), "lane", &cut(&lane.name, 14), out);
        let density = if lane.steps.is_empty() { 0.0 } else { DENSITY };
        steps(lane, &axis, top + height - 4.0, out);
        for (mark, row) in lane.marks.iter().zip(rows) {
            #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
            let y = top + height - density - ROW / 2.0 - 4.0 - *row as f64 * ROW;
            draw(mark, &axis, y, out);
        }
        top += height;
        let line = format!("M0 {}h{WIDTH}", number(top));
        out.shape("path", &[("class", "rule"), ("d", &line)]);
    }
    close(out);
}

/// In which row of its lane each mark stands, so that none covers another.
fn stacked(lane: &Lane, axis: &Axis) -> Vec<usize> {
    let mut free: Vec<f64> = Vec::new();
    let mut rows = Vec::with_capacity(lane.marks.len());
    for mark in &lane.marks {
        let x = axis.x(mark.at);
        let end = mark.until.map_or(x, |until| axis.x(until)) + 2.0 * RADIUS + 3.0;
        let row = free.iter().position(|free| *free <= x).unwrap_or(free.len());
        match free.get_mut(row) {
            Some(free) => *free = end,
            None => free.push(end),
        }
        rows.push(row);
    }
    rows
}

#[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
fn height(lane: &Lane, rows: &[usize]) -> f64 {
    let rows = rows.iter().max().map_or(0, |row| row + 1);
    let density = if lane.steps.is_empty() { 0.0 } else { DENSITY };
    (rows as f64 * ROW + density + 10.0).max(30.0)
}

fn steps(lane: &Lane, axis: &Axis, base: f64, out: &mut Markup) {
    let seen = || lane.steps.iter().filter(|step| axis.covers(step) && step.count > 0);
    let most = seen().map(|step| step.count).max().unwrap_or(0);
    for step in seen() {
        let (from, to) = (axis.x(step.from), axis.x(step.to));
        let tall = ((DENSITY - 6.0) * share(step.count, most)).max(1.0);
        let (x, y) = (number(from), number(base - tall));
        let (width, height) = (number((to - from - 0.5).max(0.5)), number(tall));
        out.shape(
            "rect",
            &[
                ("class", "bar"),
                ("x", &x),
                ("y", &y),
                ("width", &width),
                ("height", &height),
            ],
        );
    }
}

fn draw(mark: &Mark, axis: &Axis, y: f64, out: &mut Markup) {
    let (x, end) = (axis.x(mark.at), mark.until.map(|until| axis.x(until)));
    out.open("g", &[("class", class(mark.verdict))]);
    if let Some(end) = end.filter(|end| *end > x) {
        let line = format!("M{} {}H{}", number(x), number(y), number(end));
        out.shape("path", &[("class", "span"), ("d", &line)]);
    }
    let (cx, cy, r) = (number(x), number(y), number(RADIUS));
    out.shape("circle", &[("class", "mark"), ("cx", &cx), ("cy", &cy), ("r", &r)]);
    label((x, y + 3.6), "number", &mark.number.to_string(), out);
    out.close("g");
}

fn ticks(axis: &Axis, tall: f64, out: &mut Markup) {
    let distance = axis.distance();
    let mut at = axis.begin.div_euclid(distance).saturating_mul(distance);
    if at < axis.begin {
        at = at.saturating_add(distance);
    }
    while at <= axis.end {
        let x = axis.x(at);
        let line = format!("M{} 0V{}", number(x), number(tall));
        out.shape("path", &[("class", "tick"), ("d", &line)]);
        label((x, tall + 17.0), "time", &tick(at, distance), out);
        at = at.saturating_add(distance);
    }
}

/// An instant as precisely as the ticks are apart.
fn tick(at: i64, distance: i64) -> String {
    let instant = Moment::from_unix(at).to_string();
    let part = match distance {
        ..60 => instant.get(11..19),
        60..86_400 if at.rem_euclid(86_400) != 0 => instant.get(11..16),
        _ => instant.get(..10),
    };
    part.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: i64, until: Option<i64>) -> Mark {
        Mark {
            at,
            until,
            number: 1,
            verdict: Verdict::Malicious,
        }
    }

    #[test]
    fn marks_of_one_lane_do_not_cover_one_another() {
        let lane = Lane {
            marks: vec![mark(0, Some(500)), mark(100, None), mark(101, None), mark(900, None)],
            ..Lane::default()
        };
        assert_eq!(stacked(&lane, &Axis { begin: 0, end: 1000 }), [0, 1, 2, 0]);
    }

    #[test]
    fn ticks_are_as_far_apart_as_people_count() {
        for (end, distance) in [
            (10, 5),
            (600, 300),
            (4 * 3600, 1_800),
            (7 * 86_400, 86_400),
            (i64::MAX, i64::MAX),
        ] {
            assert_eq!(Axis { begin: 0, end }.distance(), distance, "{end}");
        }
        assert_eq!(tick(3600, 900), "01:00");
        assert_eq!(tick(86_400, 900), "1970-01-02");
        assert_eq!(tick(61, 1), "00:01:01");
    }

    #[test]
    fn no_instant_is_too_far_away() {
        let lane = Lane {
            name: "x".to_owned(),
            steps: vec![Step {
                from: i64::MIN,
                to: i64::MAX,
                count: 1,
            }],
            marks: vec![mark(i64::MIN, Some(i64::MAX))],
        };
        let caption = Caption {
            id: "a",
            title: "b",
            describes: "c",
        };
        for ends in [(0, 0), (-5, 100_000_000_000), (7, 3)] {
            let mut out = Markup::default();
            timeline(std::slice::from_ref(&lane), ends, &caption, &mut out);
            assert!(!out.finish().contains("NaN"));
        }
    }
}
