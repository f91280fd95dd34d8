//! Bars beside names, and columns over time.

use super::{Caption, close, cut, label, number, open, share};
use crate::html::Markup;

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// What is counted.
    pub(crate) name: String,
    /// How much.
    pub(crate) count: u64,
    /// The same for people.
    pub(crate) shown: String,
}

const WIDTH: f64 = 480.0;
const ROW: f64 = 24.0;
const NAMES: f64 = 150.0;
const NUMBERS: f64 = 90.0;

/// Draws bars from left to right, one below the other, the longest as long as there is room.
pub(crate) fn bars(rows: &[Bar], caption: &Caption<'_>, out: &mut Markup) {
    let most = rows.iter().map(|row| row.count).max().unwrap_or(0);
    let room = WIDTH - NAMES - NUMBERS;
    let mut y = 4.0;
    open(caption, "bars", (WIDTH, height(rows.len())), out);
    for row in rows {
        label((NAMES - 8.0, y + 14.0), "name", &cut(&row.name, 24), out);
        let width = (room * share(row.count, most)).max(1.0);
        let (x, top, width) = (number(NAMES), number(y + 3.0), number(width));
        out.shape(
            "rect",
            &[
                ("class", "bar"),
                ("x", &x),
                ("y", &top),
                ("width", &width),
                ("height", "14"),
                ("rx", "2"),
            ],
        );
        let end = NAMES + room * share(row.count, most) + 8.0;
        label((end, y + 14.0), "count", &row.shown, out);
        y += ROW;
    }
    close(out);
}

#[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
fn height(rows: usize) -> f64 {
    rows as f64 * ROW + 8.0
}

/// Draws columns side by side: how much there was in each step, and of what part something was said.
pub(crate) fn columns(counts: &[u64], marked: &[u64], ends: [&str; 2], caption: &Caption<'_>, out: &mut Markup) {
    const TALL: f64 = 72.0;
    const WIDE: f64 = 480.0;
    let most = counts.iter().copied().max().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "some hundred columns")]
    let step = WIDE / counts.len().max(1) as f64;
    open(caption, "columns", (WIDE, TALL + 20.0), out);
    let column = |x: f64, count: u64, class: &'static str, out: &mut Markup| {
        if count == 0 {
            return;
        }
        let tall = (TALL * share(count, most)).max(1.0);
        let (x, y) = (number(x), number(TALL - tall));
        let (width, height) = (number((step * 0.86).max(0.5)), number(tall));
        out.shape(
            "rect",
            &[
                ("class", class),
                ("x", &x),
                ("y", &y),
                ("width", &width),
                ("height", &height),
            ],
        );
    };
    let mut x = 0.0;
    for (place, count) in counts.iter().enumerate() {
        column(x, *count, "bar", out);
        column(x, marked.get(place).copied().unwrap_or(0), "marked", out);
        x += step;
    }
    out.shape("path", &[("class", "axis"), ("d", &format!("M0 {TALL}h{WIDE}"))]);
    label((0.0, TALL + 15.0), "begin", ends[0], out);
    label((WIDE, TALL + 15.0), "end", ends[1], out);
    close(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'_> = Caption {
        id: "a",
        title: "b",
        describes: "c",
    };

    #[test]
    fn the_longest_bar_takes_all_there_is() {
        let bar = |name: &str, count: u64| Bar {
            name: name.to_owned(),
            count,
            shown: count.to_string(),
        };
        let mut out = Markup::default();
        bars(&[bar("TLS", 10), bar("<DNS>", 5), bar("none", 0)], &CAPTION, &mut out);
        let drawn = out.finish();
        for part in ["width=\"240\"", "width=\"120\"", "width=\"1\"", "&lt;DNS&gt;"] {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
    }

    #[test]
    fn columns_without_anything_are_not_drawn() {
        let mut out = Markup::default();
        columns(&[0, 4, 0], &[0, 1], ["08:00", "12:00"], &CAPTION, &mut out);
        let drawn = out.finish();
        assert_eq!(drawn.matches("class=\"bar\"").count(), 1);
        assert_eq!(drawn.matches("class=\"marked\"").count(), 1);
    }
}
