//! How a result is to look: everything the surroundings decide, given as arguments.

use watchfire_model::ArtifactId;

/// How results are drawn. Machine formats heed only [`Style::form`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the screen; below 80 the layout is stacked.
    pub width: usize,
    /// Whether to colour.
    pub colour: Colour,
    /// Which characters to draw with.
    pub glyphs: Glyphs,
    /// How network values are written.
    pub form: Form,
    /// Rows of each ranked list; `None` for each list's own number, `Some(0)` for all.
    pub top: Option<usize>,
    /// Whether the fields of a mail's header are listed.
    pub headers: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 100,
            colour: Colour::Off,
            glyphs: Glyphs::Unicode,
            form: Form::Defanged,
            top: None,
            headers: false,
        }
    }
}

impl Style {
    /// Rows to show of a list that shows `own` by itself.
    pub(crate) fn rows(&self, own: usize) -> usize {
        match self.top {
            None => own,
            Some(0) => usize::MAX,
            Some(top) => top,
        }
    }

    /// Whether there is room for columns.
    pub(crate) fn is_wide(&self) -> bool {
        self.width >= 80
    }
}

/// Colour is never the only carrier of a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Off,
    /// ANSI escape sequences of the eight basic colours.
    Ansi,
}

/// The characters of frames and verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Block elements, arrows, rules.
    Unicode,
    /// Seven bits; other characters of the evidence are escaped.
    Ascii,
}

/// How network values are written, on a screen and in the `value` of a listing. Machine formats of reports are raw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// So that they cannot be clicked, resolved or pasted by accident.
    Defanged,
    /// As they are; still escaped.
    Raw,
}

/// A digest for people, who compare its ends: `3f2a0c11…91bc`.
pub fn short_digest(digest: &ArtifactId) -> String {
    let digest = digest.to_string();
    let (start, end) = (digest.get(..8), digest.get(digest.len().saturating_sub(4)..));
    format!("{}…{}", start.unwrap_or_default(), end.unwrap_or_default())
}

/// A size for people: `41 KB`, three significant digits, powers of 1000.
pub fn bytes(size: u64) -> String {
    let mut unit = "B";
    let mut scale = 1_u64;
    for (next, factor) in [
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
    ] {
        if size >= factor {
            (unit, scale) = (next, factor);
        }
    }
    let whole = size / scale;
    let tenth = size % scale * 10 / scale;
    if scale > 1 && whole < 10 {
        format!("{whole}.{tenth} {unit}")
    } else {
        format!("{whole} {unit}")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_read_well() {
        for (size, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_234, "1.2 KB"),
            (41_900, "41 KB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(super::bytes(size), shown);
        }
    }
}
