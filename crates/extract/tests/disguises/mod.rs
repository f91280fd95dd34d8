//! What the tests of disguises share: the dots, and one way to try a disguise.

use watchfire_extract::{Extractor, Options, refang};
use watchfire_model::ObservableType as T;

/// Dots that leave no doubt.
pub(crate) const DOTS: &[&str] = &[
    "[.]", "(.)", "{.}", "<.>", "[.", ".]", "(.", ".)", "{.", ".}", "[.[", "].[", "].]", "[[.]]", "[.)", "(.]", "{.]",
    "[ . ]", "( . )", "[.  .]", "(. .)", "[..]", " [.] ", " (.) ", "[dot]", "(dot)", "{dot}", "[DOT]", "(DOT)",
    "{DOT}", "[Dot]", " [dot] ", " (dot) ", "[ dot ]", "[punto]", "[punkt]", "(punkt)", "\\.", "^.", "\\\\.", "[,]",
    "(,)", "\u{30fb}", "\u{ff0e}", "\u{3002}", "\u{ff61}", "[\\.]",
];

/// Everything of type `kind`: raw text and value.
pub(crate) fn found(kind: T, text: &str) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    Extractor::new(Options::default()).each(text.as_bytes(), &mut |seen| {
        if seen.observable.kind() == kind {
            let raw = &text[seen.span.start as usize..seen.span.end as usize];
            found.push((raw.to_owned(), seen.observable.raw().to_owned(), seen.defanged));
        }
    });
    found
}

/// Many disguises, all of which have to be read.
pub(crate) struct Checks {
    bad: Vec<String>,
    tried: usize,
}

impl Checks {
    pub(crate) fn new() -> Self {
        Self {
            bad: Vec::new(),
            tried: 0,
        }
    }

    /// `raw` stands in a sentence and means `value`.
    pub(crate) fn check(&mut self, kind: T, raw: &str, value: &str) {
        for (before, after) in [
            ("It reached ", " today."),
            ("(", ")"),
            ("", "\n"),
            ("\"", "\", "),
            ("| ", " |"),
        ] {
            self.tried += 1;
            let text = format!("{before}{raw}{after}");
            let got = found(kind, &text);
            if got != [(raw.to_owned(), value.to_owned(), true)] {
                self.bad
                    .push(format!("{text:?}: expected {raw:?} as {value:?}, found {got:?}"));
            }
        }
        self.refanged(raw, value);
    }

    /// The filter makes `raw` live, and leaves nothing to do.
    fn refanged(&mut self, raw: &str, value: &str) {
        let text = format!("It reached {raw} today.");
        let got = String::from_utf8_lossy(&refang(text.as_bytes())).into_owned();
        let lower = got.to_lowercase();
        if lower != format!("it reached {value} today.") {
            self.bad.push(format!("refang of {text:?} is {got:?}"));
        }
        let twice = refang(got.as_bytes());
        if twice != got.as_bytes() {
            self.bad
                .push(format!("refang of {got:?} is {:?}", String::from_utf8_lossy(&twice)));
        }
    }

    pub(crate) fn done(self) {
        assert!(
            self.bad.is_empty(),
            "{} of {} fail:\n{}",
            self.bad.len(),
            self.tried,
            self.bad.join("\n")
        );
    }
}
