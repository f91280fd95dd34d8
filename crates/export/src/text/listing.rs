//! The screen of `extract`: a head, a table grouped by type, and totals. It says what was seen and how sure we are of
//! it; it has verdicts only where somebody judged.

use super::screen::{Paint, Screen};
use crate::words::word;
use crate::{Glyphs, Listing, ListingKind, ListingWriter, bytes};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use watchfire_model::{Diagnostic, Family, Judged, Observed, Role, RuleMatch, Tag, Untrusted, Verdict, counted};

/// Places of a rule that are shown.
const PLACES: usize = 3;

/// Writes listings.
pub(super) struct Table<'w> {
    screen: Screen<'w>,
    kind: ListingKind,
    /// What the rows of an endless listing belong to.
    streaming: Option<Untrusted>,
    sources: u64,
    /// Sources without observables: how many, and the first.
    empty: u64,
    first_empty: Option<(Untrusted, u64)>,
}

/// Where the columns of a table begin.
#[derive(Clone, Copy)]
struct Columns {
    value: usize,
    seen: usize,
    line: usize,
    /// Where verdicts stand, if there are any; in any case where the column of lines ends.
    verdict: usize,
    confidence: usize,
    role: usize,
    tags: usize,
    /// There is room for long headings.
    roomy: bool,
}

/// The longest of each column, in characters.
#[derive(Clone, Copy)]
struct Widths {
    kind: usize,
    seen: usize,
    line: usize,
    /// 0 where nobody judged.
    verdict: usize,
    role: usize,
    tags: usize,
}

/// A glyph, `suspicious`, the longest word for a verdict, and a score.
const VERDICT: usize = 2 + 10 + 1 + 3;

/// Characters of a value that should stand beside its facts.
const ORDINARY: usize = 40;
/// Columns that tags need to stand one below the other.
const TAGS: usize = 24;

/// `medium`, the longest word for a confidence.
const CONFIDENCE: usize = 6;

impl Widths {
    /// What stands behind the values, tags not counted.
    fn behind(&self, roomy: bool) -> usize {
        let (gap, confidence) = if roomy {
            (2, "CONFIDENCE".len())
        } else {
            (1, CONFIDENCE)
        };
        let verdict = if self.verdict == 0 { 0 } else { gap + self.verdict };
        gap + self.seen + gap + self.line + verdict + gap + confidence + gap + self.role
    }
}

impl Columns {
    /// Columns in which every value stands beside its facts that can, and every digest that can at all. `values` are
    /// lengths of types and values, and whether the value is a digest. Longer ones push the rest to a line of its own.
    fn new(widths: Widths, values: &[(usize, usize, bool)], width: usize) -> Self {
        let value = 1 + widths.kind.max(4) + 2;
        // Tags may stand below: a digest is worth more than they are, and that values of ordinary length stand in line.
        let ordinary = values
            .iter()
            .map(|&(_, length, _)| length)
            .filter(|length| *length <= ORDINARY);
        let ordinary = value + ordinary.max().unwrap_or(0);
        let most = width.saturating_sub(widths.behind(true));
        let beside_tags = most.saturating_sub(2 + widths.tags.clamp(4, TAGS));
        let most = if widths.tags == 0 || ordinary > beside_tags {
            most
        } else {
            beside_tags
        };
        let tight = width.saturating_sub(widths.behind(false));
        let end = values.iter().filter_map(|&(kind, length, is_digest)| {
            let ends = value + length;
            if ends <= most || (length <= ORDINARY && ends <= tight) {
                return Some(ends);
            }
            // Behind a short type it may begin further to the left.
            (is_digest && 1 + kind + 1 + length <= tight).then_some(ends.min(tight))
        });
        let end = end.max().unwrap_or(0).max(value + 16);
        let roomy = end <= width.saturating_sub(widths.behind(true));
        let (gap, confidence) = if roomy {
            (2, "CONFIDENCE".len())
        } else {
            (1, CONFIDENCE)
        };
        let seen = end + gap;
        let line = seen + widths.seen + gap;
        let verdict = line + widths.line + gap;
        let sure = verdict + if widths.verdict == 0 { 0 } else { widths.verdict + gap };
        let role = sure + confidence + gap;
        Self {
            value,
            seen,
            line,
            verdict,
            confidence: sure,
            role,
            tags: role + widths.role + gap,
            roomy,
        }
    }

    /// Where the values end.
    fn end(&self) -> usize {
        self.seen - if self.roomy { 2 } else { 1 }
    }
}

impl<'w> Table<'w> {
    pub(super) fn new(kind: ListingKind, screen: Screen<'w>) -> Self {
        Self {
            screen,
            kind,
            streaming: None,
            sources: 0,
            empty: 0,
            first_empty: None,
        }
    }

    fn header(&mut self, columns: Columns) -> io::Result<()> {
        if !self.screen.style().is_wide() {
            return Ok(());
        }
        let seen = if self.kind == ListingKind::Distinct { "SEEN" } else { "" };
        self.screen.put(" TYPE").to(columns.value).put("VALUE");
        if self.screen.style().form == crate::Form::Defanged {
            self.screen.put(" (defanged)");
        }
        self.screen
            .put_right(seen, columns.line - 1 - usize::from(columns.roomy))
            .put_right("LINE", columns.verdict - 1 - usize::from(columns.roomy));
        if columns.verdict < columns.confidence {
            self.screen.to(columns.verdict).put("VERDICT");
        }
        self.screen
            .to(columns.confidence)
            .put(if columns.roomy { "CONFIDENCE" } else { "CONF" })
            .to(columns.role)
            .put("ROLE");
        // Where tags have no column they stand below, and speak for themselves.
        if self.screen.style().width >= columns.tags + "TAGS".len() {
            self.screen.to(columns.tags).put("TAGS");
        }
        self.screen.end()
    }

    /// Under the reason for which they are not what the text is about.
    fn set_apart(&mut self, mut apart: Vec<&Observed>, columns: Columns) -> io::Result<()> {
        let why = |seen: &Observed| (seen.role, seen.role_reason);
        apart.sort_by_key(|seen| std::cmp::Reverse(why(seen)));
        for group in apart.chunk_by(|one, other| why(one) == why(other)) {
            let Some(first) = group.first() else { continue };
            let why = match first.role_reason {
                "" => word(first.role),
                reason => format!("{}: {reason}", word(first.role)),
            };
            self.screen.end()?;
            self.screen.put(" ").paint(Paint::Strong, "SET APART").put("  ");
            let right = self.screen.style().width;
            self.screen.wrapped(&why, right)?;
            self.screen.end()?;
            self.rows(group, columns)?;
        }
        if !apart.is_empty() {
            self.screen.end()?;
        }
        Ok(())
    }

    fn rows(&mut self, rows: &[&Observed], columns: Columns) -> io::Result<()> {
        let shown = self.screen.style().rows(usize::MAX).min(rows.len());
        rows.iter().take(shown).try_for_each(|seen| self.row(seen, columns))?;
        super::more(rows.len() - shown, &mut self.screen)
    }

    fn row(&mut self, observed: &Observed, columns: Columns) -> io::Result<()> {
        if !self.screen.style().is_wide() {
            return self.stacked(observed);
        }
        let value = self.screen.value(&observed.observable);
        let length = value.chars().count();
        let fits = columns.value + length <= columns.end();
        self.screen.put(" ").put(kind(observed));
        // A digest may begin further to the left. Everything else keeps to its column, and its facts stand below.
        let pushed = columns.end().saturating_sub(length);
        let is_pushed = !fits && is_digest(observed) && pushed > 1 + kind(observed).chars().count();
        self.screen
            .to(if is_pushed { pushed } else { columns.value })
            .put(&value);
        if !fits && !is_pushed {
            self.screen.end()?;
        }
        let seen = if self.kind == ListingKind::Distinct {
            observed.count.to_string()
        } else {
            String::new()
        };
        self.screen
            .put_right(&seen, columns.line - 1 - usize::from(columns.roomy))
            .put_right(
                &observed.frame.unwrap_or(observed.line).to_string(),
                columns.verdict - 1 - usize::from(columns.roomy),
            );
        if columns.verdict < columns.confidence {
            self.screen.to(columns.verdict);
            match observed.judged {
                Some(judged) => self.screen.judged(judged),
                None => self.screen.put("-"),
            };
        }
        self.screen.to(columns.confidence).put(observed.confidence.as_str());
        self.screen.to(columns.role).put(&role(observed.role));
        let tags = marks(observed);
        let room = self.screen.style().width.saturating_sub(columns.tags);
        let longest = observed.tags.iter().map(|tag| tag.0.len() + 1).max().unwrap_or(0);
        if longest > room.max(1) || (room < TAGS && tags.chars().count() > room) {
            self.screen.end()?;
            self.screen.to(columns.value);
        } else if !tags.is_empty() {
            self.screen.to(columns.tags);
        }
        let right = self.screen.style().width;
        self.screen.wrapped(&tags, right)?;
        self.screen.end()?;
        self.context(observed)
    }

    /// Two lines for a narrow screen.
    fn stacked(&mut self, observed: &Observed) -> io::Result<()> {
        let value = self.screen.value(&observed.observable);
        self.screen.put(" ").put(&value).end()?;
        let mut notes = vec![kind(observed).to_owned()];
        if self.kind == ListingKind::Distinct {
            notes.push(format!("seen {}", observed.count));
        }
        notes.push(match observed.frame {
            Some(frame) => format!("frame {frame}"),
            None => format!("line {}", observed.line),
        });
        if let Some(Judged { verdict, score }) = observed.judged {
            notes.push(format!("{verdict} {}", score.get()));
        }
        notes.push(observed.confidence.to_string());
        if observed.role != Role::Mentioned {
            notes.push(word(observed.role));
        }
        notes.extend(super::marks(observed));
        let right = self.screen.style().width;
        self.screen.put("   ").wrapped(&notes.join(" · "), right)?;
        self.screen.end()?;
        self.context(observed)
    }

    fn context(&mut self, observed: &Observed) -> io::Result<()> {
        let Some(context) = &observed.context else {
            return Ok(());
        };
        let text = self.screen.prose(context.raw());
        let quote = if self.screen.style().glyphs == Glyphs::Ascii {
            "\""
        } else {
            "“"
        };
        let unquote = if self.screen.style().glyphs == Glyphs::Ascii {
            "\""
        } else {
            "”"
        };
        let quoted = format!("{quote}{text}{unquote}");
        self.screen.put("   ").wrapped_in(Paint::Faint, &quoted)?;
        self.screen.end()
    }

    fn head(&mut self, listing: &Listing<'_>) -> io::Result<()> {
        if self.sources > 0 {
            self.screen.end()?;
        }
        self.sources += 1;
        let distinct = listing.observed.len();
        let found = match (self.kind, distinct) {
            (_, 0) => "no observables".to_owned(),
            (ListingKind::Distinct, _) if distinct as u64 == listing.occurrences => {
                counted(distinct as u64, "observable")
            }
            _ => format!(
                "{}, seen {}",
                counted(distinct as u64, "observable"),
                counted(listing.occurrences, "time")
            ),
        };
        let name = self.screen.path(listing.source.raw());
        self.screen.put(" ").paint(Paint::Strong, &name);
        let facts = format!("  {} · {found}", bytes(listing.size));
        if facts.chars().count() > self.screen.room() {
            self.screen.end()?;
        }
        self.screen.put(&facts).end()
    }

    fn columns(&self, observed: &[Observed]) -> Columns {
        let longest = |width: &dyn Fn(&Observed) -> usize| observed.iter().map(width).max().unwrap_or(0);
        let digits = |number: u64| number.to_string().len();
        let widths = Widths {
            kind: longest(&|seen| kind(seen).chars().count()),
            seen: longest(&|seen| digits(seen.count)).max("SEEN".len()),
            line: longest(&|seen| digits(seen.frame.unwrap_or(seen.line))).max("LINE".len()),
            verdict: longest(&|seen| seen.judged.map_or(0, |_| VERDICT)),
            role: longest(&|seen| role(seen.role).len()).max("ROLE".len()),
            tags: longest(&|seen| marks(seen).chars().count()),
        };
        let value = |seen: &Observed| {
            let length = self.screen.value(&seen.observable).chars().count();
            (kind(seen).chars().count(), length, is_digest(seen))
        };
        let values: Vec<_> = observed.iter().map(value).collect();
        Columns::new(widths, &values, self.screen.style().width)
    }

    /// How many of each type, and of each tag.
    fn totals(&mut self, observed: &[Observed]) -> io::Result<()> {
        let mut types = BTreeMap::new();
        let mut marks: BTreeMap<Tag, u64> = BTreeMap::new();
        for seen in observed {
            *types
                .entry((seen.observable.kind(), seen.observable.pattern()))
                .or_insert(0_u64) += 1;
            for tag in &seen.tags {
                *marks.entry(*tag).or_default() += 1;
            }
        }
        let mut verdicts: BTreeMap<Reverse<Verdict>, u64> = BTreeMap::new();
        for judged in observed.iter().filter_map(|seen| seen.judged) {
            *verdicts.entry(Reverse(judged.verdict)).or_default() += 1;
        }
        let verdicts: Vec<String> = verdicts
            .iter()
            .map(|(Reverse(verdict), count)| format!("{verdict} {count}"))
            .collect();
        let types: Vec<String> = types
            .iter()
            .map(|((kind, pattern), count)| format!("{} {count}", pattern.unwrap_or(kind.name())))
            .collect();
        let marks: Vec<String> = marks.iter().map(|(tag, count)| format!("{} {count}", tag.0)).collect();
        let right = self.screen.style().width;
        self.screen.put(" by type  ").wrapped(&types.join(" · "), right)?;
        self.screen.end()?;
        for (title, parts) in [(" tagged   ", marks), (" judged   ", verdicts)] {
            if !parts.is_empty() {
                self.screen.put(title).wrapped(&parts.join(" · "), right)?;
                self.screen.end()?;
            }
        }
        Ok(())
    }
}

impl ListingWriter for Table<'_> {
    fn source(&mut self, listing: &Listing<'_>) -> io::Result<()> {
        if listing.observed.is_empty() {
            // Their parts speak for containers, and a line for each of a thousand files for nobody.
            if !listing.has_parts {
                self.empty += 1;
                self.first_empty
                    .get_or_insert_with(|| (listing.source.clone(), listing.size));
            }
            return Ok(());
        }
        self.head(listing)?;
        let columns = self.columns(listing.observed);
        self.screen.end()?;
        self.header(columns)?;
        let mut rows: Vec<&Observed> = listing.observed.iter().collect();
        // Stable, so that within a type they stay in order of appearance.
        rows.sort_by_key(|seen| seen.observable.kind());
        // The text's own and further reading are set apart from what it presents.
        let (apart, presented): (Vec<&Observed>, Vec<&Observed>) = rows
            .into_iter()
            .partition(|seen| matches!(seen.role, Role::Publisher | Role::Reference));
        self.rows(&presented, columns)?;
        self.set_apart(apart, columns)?;
        self.totals(listing.observed)
    }

    fn occurrence(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()> {
        // Nobody knows what is still to come, so the columns are those of ordinary values.
        let widths = Widths {
            kind: 16,
            seen: 4,
            line: 7,
            verdict: observed.judged.map_or(0, |_| VERDICT),
            role: 9,
            tags: 16,
        };
        let columns = Columns::new(widths, &[(16, 40, true)], self.screen.style().width);
        if self.streaming.as_ref() != Some(source) {
            if self.sources > 0 {
                self.screen.end()?;
            }
            self.sources += 1;
            self.streaming = Some(source.clone());
            let name = self.screen.path(source.raw());
            self.screen.put(" ").paint(Paint::Strong, &name).end()?;
            self.header(columns)?;
        }
        self.row(observed, columns)
    }

    fn rules(&mut self, source: &Untrusted, matches: &[&RuleMatch]) -> io::Result<()> {
        if matches.is_empty() {
            return Ok(());
        }
        if self.sources > 0 {
            self.screen.end()?;
        }
        self.sources += 1;
        let name = self.screen.path(source.raw());
        let title = format!("YARA {}", matches.len());
        self.screen
            .put(" ")
            .paint(Paint::Strong, &title)
            .put("  ")
            .wrapped_path(&name)?;
        self.screen.end()?;
        for found in matches {
            let mut words = vec![found.source.raw().to_owned()];
            words.extend(found.text("description").map(|words| words.raw().to_owned()));
            for place in found.strings.iter().take(PLACES) {
                let excerpt = place.excerpt.shown(40);
                words.push(format!(
                    "{} @{:#x} '{excerpt}'",
                    place.identifier.raw(),
                    place.span.start
                ));
            }
            let more = found.strings.len().saturating_sub(PLACES);
            if more > 0 || found.truncated {
                words.push("and elsewhere".to_owned());
            }
            let words = self.screen.prose(&words.join(" · "));
            self.screen.put("  ").put(found.rule.raw());
            self.screen.end()?;
            self.screen.to(4).wrapped_in(Paint::Faint, &words)?;
            self.screen.end()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some((source, size)) = self.first_empty.take() else {
            return Ok(());
        };
        if self.sources > 0 {
            self.screen.end()?;
        } else if self.empty == 1 {
            return self.head(&Listing {
                source: &source,
                size,
                occurrences: 0,
                observed: &[],
                has_parts: false,
                threads: 2,
                complete: true,
            });
        }
        let line = format!(" {} without observables", counted(self.empty, "input"));
        self.screen.put(&line).end()
    }

    fn coverage(&mut self, notes: &[Diagnostic]) -> io::Result<()> {
        let told = notes.iter().map(|note| format!(" · {}", note.message));
        let line = format!("0 network calls{}", told.collect::<String>());
        super::reputation::last_line(&line, &mut self.screen)
    }
}

fn is_digest(observed: &Observed) -> bool {
    observed.observable.kind().spec().family == Family::FileHash
}

/// The name of the type, or of the user's pattern.
fn kind(observed: &Observed) -> &str {
    observed
        .observable
        .pattern()
        .unwrap_or(observed.observable.kind().name())
}

fn role(role: Role) -> String {
    word(role)
}

fn marks(observed: &Observed) -> String {
    super::marks(observed).collect::<Vec<_>>().join(", ")
}
