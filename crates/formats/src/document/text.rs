//! Text that remembers where it came from.

/// Where the text from an offset on came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Offset in [`Text::text`].
    pub at: usize,
    /// Page, sheet or slide, from 1.
    pub page: Option<u32>,
    /// Offset in the artifact, where text is found there as it stands; in its decoded text where
    /// [`Document::charset`](super::Document::charset) names an encoding.
    pub source: Option<u64>,
}

/// Visible text of a document, in reading order, with where each stretch came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text. Lines end with `\n`, table cells are separated by `\t`.
    pub text: String,
    /// Sorted by [`Mark::at`]; each holds until the next.
    pub marks: Vec<Mark>,
}

impl Text {
    /// The page on which the text at `offset` stands.
    pub fn page_at(&self, offset: usize) -> Option<u32> {
        self.mark_at(offset).and_then(|(mark, _)| mark.page)
    }

    /// Where in the artifact the text at `offset` stands. Exact where the text is there verbatim; for a character
    /// reference, its beginning; for a break that the layout made, a place before what follows.
    pub fn source_at(&self, offset: usize) -> Option<u64> {
        let (mark, next) = self.mark_at(offset)?;
        let at = mark.source?.saturating_add((offset - mark.at) as u64);
        Some(match next.and_then(|next| next.source) {
            Some(limit) => at.min(limit),
            None => at,
        })
    }

    fn mark_at(&self, offset: usize) -> Option<(&Mark, Option<&Mark>)> {
        let next = self.marks.partition_point(|mark| mark.at <= offset);
        let mark = self.marks.get(next.checked_sub(1)?)?;
        Some((mark, self.marks.get(next)))
    }

    /// Says that what is appended from here on stands at `source` of the artifact. Adds a mark only where the text
    /// before does not already lead there.
    pub(super) fn at_source(&mut self, source: usize) {
        let at = self.text.len();
        let source = source as u64;
        let follows = self.marks.last().is_some_and(|mark| {
            mark.source
                .is_some_and(|start| start.saturating_add((at - mark.at) as u64) == source)
        });
        if !follows {
            let page = self.marks.last().and_then(|mark| mark.page);
            self.put(Mark {
                at,
                page,
                source: Some(source),
            });
        }
    }

    /// Says that what is appended from here on stands on `page`.
    pub(super) fn at_page(&mut self, page: u32) {
        self.put(Mark {
            at: self.text.len(),
            page: Some(page),
            source: None,
        });
    }

    fn put(&mut self, mark: Mark) {
        match self.marks.last_mut() {
            Some(last) if last.at == mark.at => *last = mark,
            _ => self.marks.push(mark),
        }
    }

    /// Begins a new line unless the text is at the beginning of one.
    pub(super) fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Whether a character only splits words, invisibly, and is left out of visible text.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbatim_text_maps_to_its_source() {
        let mut text = Text::default();
        text.at_source(10);
        text.text.push_str("abc");
        text.at_source(13);
        text.text.push_str("def");
        assert_eq!(text.marks.len(), 1);
        text.at_source(30);
        text.text.push_str("ghi");
        assert_eq!((text.source_at(4), text.source_at(7)), (Some(14), Some(31)));
        assert_eq!(Text::default().source_at(0), None);
    }

    #[test]
    fn pages_hold_until_the_next() {
        let mut text = Text::default();
        text.at_page(1);
        text.text.push_str("one\n");
        text.at_page(2);
        text.text.push_str("two");
        assert_eq!(
            (text.page_at(3), text.page_at(4), text.page_at(99)),
            (Some(1), Some(2), Some(2))
        );
    }
}
