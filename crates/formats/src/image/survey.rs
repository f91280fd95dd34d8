//! What a search for QR codes would find to do in a picture: how many corners of codes there seem to be, and how many pixels
//! are filled to tell.
//!
//! A corner is a dark ring around a dark stone: on a line through both, dark and light take turns as 1:1:3:1:1. Areas are
//! told apart by joining the dark runs of neighbouring lines. Absent: where the corners are, and which belong together.

use std::collections::HashSet;
use std::ops::Range;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Rings with a stone in them.
    pub(super) corners: u64,
    /// Pixels of the areas that look so on some line: each area once, or each time where there are too many to remember.
    pub(super) filled: u64,
}

/// Areas that a search remembers.
const REMEMBERED: usize = 250;

/// Looks at a picture of which `is_dark` tells the pixels.
pub(super) fn survey(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> Survey {
    let mut areas = Areas::default();
    let mut found: Vec<[usize; 3]> = Vec::new();
    let mut above = 0..0;
    for y in 0..height {
        let from = areas.runs.len();
        let mut start = None;
        for x in 0..width {
            match (is_dark(x, y), start) {
                (true, None) => start = Some(x),
                (false, Some(begun)) => {
                    areas.runs.push(Run::new(begun, x, areas.runs.len()));
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(begun) = start {
            areas.runs.push(Run::new(begun, width, areas.runs.len()));
        }
        let line = from..areas.runs.len();
        areas.join(above, line.clone());
        found.extend(line.clone().filter_map(|run| areas.corner(run, line.end)));
        above = line;
    }
    areas.survey(&found)
}

/// Dark pixels in a row, and the area that they are part of.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    end: usize,
    /// Another run of the area; the first of it is its own.
    parent: usize,
}

impl Run {
    fn new(start: usize, end: usize, own: usize) -> Self {
        Self {
            start,
            end,
            parent: own,
        }
    }
}

#[derive(Debug, Default)]
struct Areas {
    runs: Vec<Run>,
}

impl Areas {
    /// The first run of the area.
    fn area(&mut self, mut run: usize) -> usize {
        while let Some(parent) = self.runs.get(run).map(|run| run.parent).filter(|parent| *parent != run) {
            let above = self.runs.get(parent).map_or(parent, |parent| parent.parent);
            if let Some(run) = self.runs.get_mut(run) {
                run.parent = above;
            }
            run = above;
        }
        run
    }

    /// Makes one area of runs that touch, of two neighbouring lines.
    fn join(&mut self, above: Range<usize>, below: Range<usize>) {
        let (mut upper, mut lower) = (above.start, below.start);
        while upper < above.end && lower < below.end {
            let (Some(one), Some(other)) = (self.runs.get(upper).copied(), self.runs.get(lower).copied()) else {
                return;
            };
            if one.start < other.end && other.start < one.end {
                let (one, other) = (self.area(upper), self.area(lower));
                if let Some(run) = self.runs.get_mut(one.max(other)) {
                    run.parent = one.min(other);
                }
            }
            if one.end <= other.end {
                upper += 1;
            } else {
                lower += 1;
            }
        }
    }

    /// The runs of the ring, the stone and the ring, if a corner may begin at `first`.
    fn corner(&self, first: usize, end: usize) -> Option<[usize; 3]> {
        let last = first.checked_add(2).filter(|last| *last < end)?;
        let [ring, stone, other] = self.runs.get(first..=last)? else {
            return None;
        };
        let lengths = [
            ring.end - ring.start,
            stone.start - ring.end,
            stone.end - stone.start,
            other.start - stone.end,
            other.end - other.start,
        ];
        let [a, b, _, d, e] = lengths;
        let unit = (a + b + d + e) / 4;
        let slack = unit * 3 / 4;
        let is_like = |(length, count): (&usize, usize)| (count * unit - slack..=count * unit + slack).contains(length);
        let is_corner = lengths.iter().zip([1, 1, 3, 1, 1]).all(is_like);
        is_corner.then_some([first, first + 1, last])
    }

    fn survey(mut self, found: &[[usize; 3]]) -> Survey {
        let mut sizes = vec![0_u64; if found.is_empty() { 0 } else { self.runs.len() }];
        for run in 0..sizes.len() {
            let area = self.area(run);
            let length = self.runs.get(run).map_or(0, |run| run.end - run.start);
            if let Some(size) = sizes.get_mut(area) {
                *size += length as u64;
            }
        }
        let (mut corners, mut seen) = (HashSet::new(), HashSet::new());
        let (mut once, mut each) = (0_u64, 0_u64);
        for runs in found {
            let [ring, stone, other] = runs.map(|run| self.area(run));
            let size = |area: usize| sizes.get(area).copied().unwrap_or_default();
            for area in [other, stone] {
                each = each.saturating_add(size(area));
                once += if seen.insert(area) { size(area) } else { 0 };
            }
            let share = size(stone) * 100 / size(other).max(1);
            if ring == other && stone != other && (11..70).contains(&share) {
                corners.insert(other);
            }
        }
        Survey {
            corners: corners.len() as u64,
            filled: if seen.len() > REMEMBERED { each } else { once },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(picture: &str, corners: u64, filled: u64) {
        let lines: Vec<&[u8]> = picture.lines().map(|line| line.trim().as_bytes()).collect();
        let is_dark = |x: usize, y: usize| lines.get(y).and_then(|line| line.get(x)) == Some(&b'#');
        let width = lines.iter().map(|line| line.len()).max().unwrap_or_default();
        assert_eq!(survey(width, lines.len(), is_dark), Survey { corners, filled });
    }

    #[test]
    fn rings_with_a_stone_are_corners() {
        let corner = "#######
                      #.....#
                      #.###.#
                      #.###.#
                      #.###.#
                      #.....#
                      #######";
        check(corner, 1, 24 + 9);
        check("", 0, 0);
        check("#######\n#.....#\n#######", 0, 0);
    }

    #[test]
    fn what_is_no_ring_only_looks_so_on_a_line() {
        check("#.###.#", 0, 1 + 3);
        // A ring that is one with its stone.
        check("#######\n#.###.#\n#.###.#\n#..#..#\n#######", 0, 27);
    }

    #[test]
    fn areas_join_wherever_they_meet() {
        // The two ends of the ring meet below only.
        check("#.###.#\n#.###.#\n#.....#\n#######", 1, 13 + 6);
    }
}
