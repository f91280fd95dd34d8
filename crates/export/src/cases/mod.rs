//! Cases in every format: the list of them, one as a whole, and what they say about how fast people are.
//!
//! Names of files, notes and values are text that others wrote: screens show it escaped and defanged.

mod list;
mod metrics;
mod sheet;

pub use list::{CaseList, ListedCase};
pub use metrics::{CaseMeasure, CaseMetrics, CaseMetricsGroup};
pub use sheet::{CaseSheet, SheetArtifact, SheetEvent, SheetFinding, SheetLink, SheetNote, SheetTask, SheetValue};

use watchfire_model::Untrusted;

/// Text for a screen: no live value, nothing that acts on a terminal, on one line.
fn shown(text: &Untrusted, width: usize) -> String {
    let defanged = watchfire_extract::defang(text.raw().as_bytes());
    Untrusted::from_bytes(&defanged).shown(width)
}

/// Seconds in words: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
fn span(seconds: u64) -> String {
    let parts = |whole: u64, unit: &str, rest: u64, smaller: &str| {
        if rest == 0 {
            format!("{whole} {unit}")
        } else {
            format!("{whole} {unit} {rest} {smaller}")
        }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => parts(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => parts(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min"),
            (3600, "1 h"),
            (12_000, "3 h 20 min"),
            (187_200, "2 d 4 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }

    #[test]
    fn text_of_others_does_nothing_on_a_screen() {
        let text = Untrusted::new("see http://evil.example/a\u{1b}[31m\nnow");
        assert_eq!(shown(&text, 200), "see hxxp://evil[.]example/a\\u{1b}[31m\\u{a}now");
    }
}
