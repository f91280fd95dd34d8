//! Who speaks to whom: hosts inside on the left, hosts outside on the right.
//!
//! The layout has no chance in it: on the left in the given order, on the right by the mean place of those that they speak to,
//! which keeps lines from crossing. The width of a line is the magnitude of its bytes.

use super::{Caption, class, close, cut, glyph, label, number, open, steps};
use crate::html::Markup;
use watchfire_model::Verdict;

/// Where a host stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Inside.
    Left,
    /// Outside.
    Right,
}

/// A host.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is called.
    pub(crate) name: String,
    /// What else there is to say, in a few words.
    pub(crate) note: String,
    /// Where it stands.
    pub(crate) side: Side,
    /// What is thought of it.
    pub(crate) verdict: Verdict,
}

/// What two hosts said to one another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The number of who began.
    pub(crate) from: usize,
    /// The number of who answered.
    pub(crate) to: usize,
    /// Bytes, both ways.
    pub(crate) bytes: u64,
    /// What is thought of it.
    pub(crate) verdict: Verdict,
    /// In a few words.
    pub(crate) says: String,
}

const WIDTH: f64 = 960.0;
const BOX: (f64, f64) = (270.0, 42.0);
const ROW: f64 = 54.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - 70.0 - BOX.0;

/// Draws the graph.
pub(crate) fn graph(nodes: &[Node], edges: &[Edge], caption: &Caption<'_>, out: &mut Markup) {
    let places = places(nodes, edges);
    let rows = places.iter().map(|place| place.1).fold(0.0, f64::max);
    open(caption, "graph", (WIDTH, rows + BOX.1 + 8.0), out);
    // What is bad is drawn over what is not.
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_by_key(|edge| edge.verdict);
    for edge in &order {
        draw(edge, nodes, &places, out);
    }
    for (node, place) in nodes.iter().zip(&places) {
        host(node, *place, out);
    }
    close(out);
}

/// The upper left corner of each host.
fn places(nodes: &[Node], edges: &[Edge]) -> Vec<(f64, f64)> {
    let on = |side: Side| {
        let numbered = nodes.iter().enumerate();
        numbered
            .filter(move |(_, node)| node.side == side)
            .map(|(number, _)| number)
    };
    let left: Vec<usize> = on(Side::Left).collect();
    let row = |number: usize| left.iter().position(|one| *one == number);
    // The mean row of its partners, in thousandths, so that equal means are equal.
    let mean = |number: usize| {
        let partners = edges.iter().filter_map(|edge| match number {
            _ if edge.to == number => row(edge.from),
            _ if edge.from == number => row(edge.to),
            _ => None,
        });
        let (count, sum) = partners.fold((0, 0), |(count, sum), row| (count + 1, sum + row * 1000));
        sum.checked_div(count).unwrap_or(usize::MAX)
    };
    let mut right: Vec<usize> = on(Side::Right).collect();
    right.sort_by_key(|number| mean(*number));
    let mut places = vec![(0.0, 0.0); nodes.len()];
    for (column, x) in [(&left, LEFT), (&right, RIGHT)] {
        // The shorter column stands in the middle.
        #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
        let (gap, mut y) = {
            let more = left.len().max(right.len()) - column.len();
            let gap = ROW + more as f64 * ROW / (column.len() + 1) as f64;
            (gap, 4.0 + gap - ROW)
        };
        for number in column {
            if let Some(place) = places.get_mut(*number) {
                *place = (x, y);
            }
            y += gap;
        }
    }
    places
}

fn draw(edge: &Edge, nodes: &[Node], places: &[(f64, f64)], out: &mut Markup) {
    let end = |number: usize| Some((nodes.get(number)?.side, *places.get(number)?));
    let (Some((from_side, from)), Some((to_side, to))) = (end(edge.from), end(edge.to)) else {
        return;
    };
    // Partners in one column are joined by a bow beside it.
    let side = |side: Side, other: Side| match side {
        Side::Left if other == Side::Left => LEFT,
        Side::Left => LEFT + BOX.0,
        Side::Right if other == Side::Right => RIGHT + BOX.0,
        Side::Right => RIGHT,
    };
    let (x1, x2) = (side(from_side, to_side), side(to_side, from_side));
    let (y1, y2) = (from.1 + BOX.1 / 2.0, to.1 + BOX.1 / 2.0);
    let (c1, c2) = match (from_side, to_side) {
        (Side::Left, Side::Left) => (x1 - 60.0, x2 - 60.0),
        (Side::Right, Side::Right) => (x1 + 60.0, x2 + 60.0),
        _ => ((x1 + x2) / 2.0, (x1 + x2) / 2.0),
    };
    let [x1, y1, c1, c2, x2, y2] = [x1, y1, c1, c2, x2, y2].map(number);
    let line = format!("M{x1} {y1}C{c1} {y1} {c2} {y2} {x2} {y2}");
    let width = number(1.0 + steps(edge.bytes) * 0.6);
    let shown = format!("edge {}", class(edge.verdict));
    out.open("path", &[("class", &shown), ("d", &line), ("stroke-width", &width)]);
    out.told_in("title", &[], &edge.says);
    out.close("path");
}

fn host(node: &Node, (x, y): (f64, f64), out: &mut Markup) {
    let shown = format!("node {}", class(node.verdict));
    out.open("g", &[("class", &shown)]);
    let ([left, top], [width, height]) = ([x, y].map(number), [BOX.0, BOX.1].map(number));
    out.shape(
        "rect",
        &[
            ("x", &left),
            ("y", &top),
            ("width", &width),
            ("height", &height),
            ("rx", "6"),
        ],
    );
    let alarms = node.verdict >= Verdict::Suspicious;
    let sign = if alarms {
        format!("{} ", glyph(node.verdict))
    } else {
        String::new()
    };
    label(
        (x + 10.0, y + 17.0),
        "name",
        &format!("{sign}{}", cut(&node.name, 34)),
        out,
    );
    label((x + 10.0, y + 33.0), "note", &cut(&node.note, 42), out);
    out.close("g");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(side: Side) -> Node {
        Node {
            name: "n".to_owned(),
            note: String::new(),
            side,
            verdict: Verdict::Unknown,
        }
    }

    fn edge(from: usize, to: usize) -> Edge {
        Edge {
            from,
            to,
            bytes: 1_000,
            verdict: Verdict::Unknown,
            says: String::new(),
        }
    }

    #[test]
    fn who_is_spoken_to_stands_beside_who_speaks() {
        let nodes = [Side::Left, Side::Left, Side::Right, Side::Right].map(node);
        let places = places(&nodes, &[edge(0, 3), edge(1, 2)]);
        assert_eq!(places, [(LEFT, 4.0), (LEFT, 58.0), (RIGHT, 58.0), (RIGHT, 4.0)]);
    }

    #[test]
    fn the_shorter_column_stands_in_the_middle() {
        let nodes = [Side::Left, Side::Right, Side::Right, Side::Right].map(node);
        let places = places(&nodes, &[edge(0, 1), edge(0, 2), edge(0, 3)]);
        assert_eq!(places[0], (LEFT, 58.0));
    }

    #[test]
    fn edges_to_nowhere_are_left_out() {
        let caption = Caption {
            id: "a",
            title: "b",
            describes: "c",
        };
        let mut out = Markup::default();
        graph(&[node(Side::Left)], &[edge(0, 7), edge(0, 0)], &caption, &mut out);
        assert_eq!(out.finish().matches("class=\"edge").count(), 1);
    }
}
