//! What is filled on a page (ISO 32000-2, section 8.5): many programs draw a QR code as squares, and not as a picture.
//!
//! What is filled between two texts or pictures is one drawing. One that may be a code, by how many small dark pieces it
//! has, is laid out in black and white. A curve is taken for two lines. Absent: lines that are stroked, patterns,
//! shadings, clipping.

use super::content::Matrix;
use super::layout::Point;
use super::object::Object;
use crate::image::{Colours, Grey};
use std::ops::Range;

/// Points of one drawing. What has more is a map or a plan.
const MAX_POINTS: usize = 400_000;
/// Dark pieces that the smallest code has at least, however they are put together.
const FEWEST: usize = 16;
/// Crossings of edges and rows of pixels.
const MAX_CROSSINGS: usize = 1_000_000;
/// Pixels of the longer side.
const LONGEST_SIDE: f64 = 1_400.0;
/// Pixels of a small piece's side.
const PIECE: f64 = 5.0;
/// White around a drawing, in pixels.
const MARGIN: usize = 24;

/// The colour that is filled with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fill {
    grey: u8,
    /// Its one number says how much ink there is, not how much light.
    pub(super) is_ink: bool,
}

/// A drawing while it is made.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    points: Vec<Point>,
    /// Where each outline begins among the points.
    outlines: Vec<usize>,
    /// The first outline of the path that is not painted yet.
    unpainted: usize,
    shapes: Vec<Shape>,
    /// There was more of it than is kept.
    is_cut: bool,
}

#[derive(Debug)]
struct Shape {
    outlines: Range<usize>,
    even_odd: bool,
    grey: u8,
}

impl Drawing {
    /// Follows an operator, if it is one of paths and colours.
    pub(super) fn operator(&mut self, operator: &[u8], operands: &[Object], ctm: Matrix, fill: &mut Fill) {
        let number = |at: usize| operands.get(at).and_then(Object::as_number).unwrap_or(0.0);
        match operator {
            b"m" => self.begin(ctm.apply((number(0), number(1)))),
            b"l" => self.point(ctm.apply((number(0), number(1)))),
            b"c" => self.curve([0, 2, 4].map(|at| ctm.apply((number(at), number(at + 1))))),
            b"v" | b"y" => {
                let [control, end] = [0, 2].map(|at| ctm.apply((number(at), number(at + 1))));
                self.curve([control, if operator == b"v" { control } else { end }, end]);
            }
            b"re" => {
                let (x, y, width, height) = (number(0), number(1), number(2), number(3));
                self.begin(ctm.apply((x, y)));
                for corner in [(x + width, y), (x + width, y + height), (x, y + height)] {
                    self.point(ctm.apply(corner));
                }
            }
            b"f" | b"F" | b"B" | b"b" => self.fill(false, fill.grey),
            b"f*" | b"B*" | b"b*" => self.fill(true, fill.grey),
            b"n" | b"S" | b"s" => self.forget_path(),
            b"g" | b"rg" | b"k" | b"sc" | b"scn" => {
                let is_ink = fill.is_ink && operator.starts_with(b"s");
                fill.grey = grey(operands, is_ink).unwrap_or(fill.grey);
            }
            _ => {}
        }
    }

    fn begin(&mut self, point: Point) {
        if !self.is_cut {
            self.outlines.push(self.points.len());
        }
        self.point(point);
    }

    fn point(&mut self, (x, y): Point) {
        // A path that begins with a line has no beginning.
        if self.outlines.len() == self.unpainted || !x.is_finite() || !y.is_finite() {
            return;
        }
        self.is_cut |= self.points.len() >= MAX_POINTS;
        if !self.is_cut {
            self.points.push((x, y));
        }
    }

    /// A curve becomes two lines, by the point in its middle.
    fn curve(&mut self, [first, second, end]: [Point; 3]) {
        let begin = self.points.last().copied().unwrap_or(end);
        let middle = |begin: f64, first: f64, second: f64, end: f64| (begin + 3.0 * (first + second) + end) / 8.0;
        self.point((
            middle(begin.0, first.0, second.0, end.0),
            middle(begin.1, first.1, second.1, end.1),
        ));
        self.point(end);
    }

    fn fill(&mut self, even_odd: bool, grey: u8) {
        if self.is_cut {
            return self.forget_path();
        }
        if self.unpainted < self.outlines.len() {
            self.shapes.push(Shape {
                outlines: self.unpainted..self.outlines.len(),
                even_odd,
                grey,
            });
            self.unpainted = self.outlines.len();
        }
    }

    fn forget_path(&mut self) {
        if let Some(begin) = self.outlines.get(self.unpainted) {
            self.points.truncate(*begin);
        }
        self.outlines.truncate(self.unpainted);
    }

    /// Ends the drawing. It is laid out if it may show a code, and `pay` agrees to so many pixels.
    pub(super) fn finish(&mut self, pay: impl FnOnce(usize) -> bool) -> Option<Grey> {
        let mut drawing = std::mem::take(self);
        if drawing.is_cut {
            return None;
        }
        drawing.forget_path();
        let paper = Paper::of(&drawing)?;
        pay(paper.width.saturating_mul(paper.height)).then(|| drawing.laid_out(&paper))?
    }

    fn outline(&self, number: usize) -> &[Point] {
        let begin = self.outlines.get(number).copied().unwrap_or(self.points.len());
        let end = self.outlines.get(number + 1).copied().unwrap_or(self.points.len());
        self.points.get(begin..end).unwrap_or_default()
    }

    /// Lower left and upper right of an outline.
    fn extent(&self, number: usize) -> Option<[f64; 4]> {
        let mut points = self.outline(number).iter();
        let &(x, y) = points.next()?;
        let grow =
            |[left, low, right, high]: [f64; 4], &(x, y): &Point| [left.min(x), low.min(y), right.max(x), high.max(y)];
        Some(points.fold([x, y, x, y], grow))
    }

    fn laid_out(&self, paper: &Paper) -> Option<Grey> {
        let mut grey = Grey {
            width: paper.width,
            height: paper.height,
            pixels: vec![u8::MAX; paper.width.saturating_mul(paper.height)],
        };
        let mut left = MAX_CROSSINGS;
        for shape in &self.shapes {
            let mut crossings = Vec::new();
            for number in shape.outlines.clone() {
                let outline = self.outline(number);
                let next = outline.iter().skip(1).chain(outline.first());
                for (from, to) in outline.iter().zip(next) {
                    left = paper.cross(*from, *to, left, &mut crossings)?;
                }
            }
            crossings.sort_by(|one, other| one.row.cmp(&other.row).then(one.x.total_cmp(&other.x)));
            paint(&crossings, shape, &mut grey);
        }
        Some(grey)
    }
}

/// An edge of a shape in the middle of a row of pixels.
struct Crossing {
    row: usize,
    x: f64,
    /// Which way the edge goes.
    turn: i32,
}

fn paint(crossings: &[Crossing], shape: &Shape, grey: &mut Grey) {
    let mut winding = 0;
    for pair in crossings.windows(2) {
        let [from, to] = pair else { continue };
        winding += from.turn;
        if from.row != to.row {
            winding = 0;
            continue;
        }
        let is_inside = if shape.even_odd { winding % 2 != 0 } else { winding != 0 };
        if !is_inside {
            continue;
        }
        // Pixels whose middle lies between the two.
        let column = |x: f64| ((x - 0.5).ceil().max(0.0) as usize).min(grey.width);
        let begin = from.row * grey.width;
        let range = begin + column(from.x)..begin + column(to.x);
        if let Some(run) = grey.pixels.get_mut(range) {
            run.fill(shape.grey);
        }
    }
}

/// Where a drawing is laid out.
struct Paper {
    left: f64,
    top: f64,
    scale: f64,
    width: usize,
    height: usize,
}

impl Paper {
    /// Paper for the dark pieces of a drawing; nothing where they are too few for a code.
    fn of(drawing: &Drawing) -> Option<Self> {
        let dark = drawing.shapes.iter().filter(|shape| shape.grey < 128);
        let extents = dark
            .flat_map(|shape| shape.outlines.clone())
            .filter_map(|number| drawing.extent(number));
        let extents: Vec<[f64; 4]> = extents.collect();
        let grow = |[left, low, right, top]: [f64; 4], [a, b, c, d]: [f64; 4]| {
            [left.min(a), low.min(b), right.max(c), top.max(d)]
        };
        let [left, low, right, top] = extents.iter().copied().reduce(grow)?;
        let longest = (right - left).max(top - low);
        let mut pieces: Vec<f64> = extents
            .iter()
            .map(|[left, low, right, top]| (right - left, top - low))
            // Rules and boxes of tables are long and thin, or large.
            .filter(|(width, height)| {
                width.max(*height) < longest / 2.0 && width.max(*height) < 60.0 * width.min(*height)
            })
            .map(|(width, height)| width.min(height))
            .collect();
        if pieces.len() < FEWEST {
            return None;
        }
        pieces.sort_by(f64::total_cmp);
        let piece = pieces.get(pieces.len() / 4).copied().filter(|piece| *piece > 0.0)?;
        let scale = (PIECE / piece).min(LONGEST_SIDE / longest);
        let pixels = |length: f64| ((length * scale).ceil() as usize).saturating_add(2 * MARGIN);
        let margin = MARGIN as f64 / scale;
        (scale.is_finite() && scale > 0.0).then(|| Self {
            left: left - margin,
            top: top + margin,
            scale,
            width: pixels(right - left),
            height: pixels(top - low),
        })
    }

    /// Adds where an edge crosses the middles of rows; how many more crossings there may be, or nothing if none.
    fn cross(&self, from: Point, to: Point, left: usize, out: &mut Vec<Crossing>) -> Option<usize> {
        let place = |(x, y): Point| ((x - self.left) * self.scale, (self.top - y) * self.scale);
        let (from, to) = (place(from), place(to));
        let (turn, (upper, lower)) = if from.1 < to.1 {
            (1, (from, to))
        } else {
            (-1, (to, from))
        };
        let row = |y: f64| ((y - 0.5).ceil().max(0.0) as usize).min(self.height);
        let (begin, end) = (row(upper.1), row(lower.1));
        let left = left.checked_sub(end.saturating_sub(begin))?;
        let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
        out.extend((begin..end).map(|row| Crossing {
            row,
            x: upper.0 + (row as f64 + 0.5 - upper.1) * slope,
            turn,
        }));
        Some(left)
    }
}

/// The grey of a colour by its numbers.
fn grey(operands: &[Object], is_ink: bool) -> Option<u8> {
    let numbers = operands.iter().filter_map(Object::as_number);
    let numbers: Vec<u8> = numbers.map(|number| (number.clamp(0.0, 1.0) * 255.0) as u8).collect();
    let colours = match numbers.len() {
        1 if is_ink => Colours::Ink,
        1 => Colours::Grey,
        3 => Colours::Rgb,
        4 => Colours::Cmyk,
        _ => return None,
    };
    colours.grey(&numbers)
}
