//! HTML to visible text and links (WHATWG HTML; the tokenizer follows section 13.2.5).
//!
//! What a reader would see is in [`Page::text`]: blocks begin lines, table cells are separated by tabs, characters that
//! only split words are gone. What the page hides by attribute or inline style is in [`Page::hidden`], and what it carries
//! for programs and authors (scripts, comments, templates, values of attributes) in [`Page::behind`]. Style sheets are not
//! applied and scripts are not run. One pass, no recursion.

mod behind;
mod element;
mod entities;
mod flow;
mod link;
mod outlook;
mod reference;
mod tokenizer;

use super::flow::Flow;
use super::{Behind, Document, Text};
use element::{Kind, hides};
use link::Links;
use reference::{Inside, decode};
use tokenizer::{TextKind, Token, Tokenizer};
use watchfire_model::{Budget, DocumentFacts, Form, Halt, Hints, LimitKind, Link, Span, Untrusted};

/// What an HTML page holds. Sources and spans are offsets in the text that was given.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The content of `<title>`.
    pub title: Option<String>,
    /// The program that wrote it, from `<meta name=generator>`.
    pub producer: Option<String>,
    /// What a reader sees.
    pub text: Text,
    /// Text that is there and hidden.
    pub hidden: Text,
    /// What is there for programs and authors.
    pub behind: Behind,
    /// Links in document order; of images, frames and scripts without text.
    pub links: Vec<Link>,
    /// Links that Outlook for Windows shows, and nobody else.
    pub outlook: Vec<Link>,
    /// Forms in document order.
    pub forms: Vec<Form>,
    /// The limit that was reached, if one was.
    pub halted: Option<Halt>,
}

/// Elements open inside one another that are told apart; deeper ones count as part of their parent.
const DEPTH: usize = 256;

/// Reads a page.
pub fn read(source: &str, budget: &Budget) -> Page {
    let mut reader = Reader {
        tokenizer: Tokenizer::new(source),
        page: Page::default(),
        shown: Flow::default(),
        unseen: Flow::default(),
        links: Links::default(),
        outlook: Links::default(),
        open: Vec::new(),
        paragraphs: 0,
    };
    reader.page.halted = reader.run(budget).err();
    reader.finish()
}

/// Reads a page from bytes. Spans of links are offsets in `bytes`, sources of text in what is decoded from them.
pub(super) fn read_bytes(bytes: &[u8], hints: &Hints, budget: &Budget) -> Document {
    let declared = hints
        .charset
        .as_ref()
        .map(|charset| charset.raw().to_owned())
        .or_else(|| declared_charset(bytes));
    let decoded = crate::text::decode(bytes, declared.as_deref());
    let mut page = read(&decoded.text, budget);
    let source = |offset: u64| decoded.source_offset(usize::try_from(offset).unwrap_or(usize::MAX)) as u64;
    for link in page.links.iter_mut().chain(&mut page.outlook) {
        link.span = link.span.map(|span| Span {
            start: source(span.start),
            end: source(span.end),
        });
    }
    for form in &mut page.forms {
        form.span = form.span.map(|span| Span {
            start: source(span.start),
            end: source(span.end),
        });
    }
    let charset = Some(decoded.encoding);
    Document { charset, ..page.into() }
}

/// The character set that the page itself declares, within the first kilobyte as browsers look for it.
fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(1024))?;
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = head
        .split_once("charset")
        .or_else(|| head.split_once("<?xml").and_then(|(_, xml)| xml.split_once("encoding")))?;
    let value = rest
        .trim_start()
        .strip_prefix('=')?
        .trim_start()
        .trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':')))?;
    value.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

impl From<Page> for Document {
    fn from(page: Page) -> Self {
        Self {
            facts: DocumentFacts {
                format: "html",
                title: page.title.map(Untrusted::from),
                producer: page.producer.map(Untrusted::from),
                pages: 1,
                ..DocumentFacts::default()
            },
            text: page.text,
            hidden: page.hidden,
            behind: page.behind,
            links: page.links.into_iter().chain(page.outlook).collect(),
            forms: page.forms,
            halted: page.halted,
            ..Self::default()
        }
    }
}

/// An open element.
#[derive(Clone, Copy, Debug)]
struct Open<'a> {
    name: &'a str,
    kind: Kind,
    /// It or a parent is hidden.
    hidden: bool,
    /// It or a parent is never shown, not even on purpose.
    unseen: bool,
    preformatted: bool,
    /// It is a script, of a kind that runs.
    runs: bool,
}

struct Reader<'a> {
    tokenizer: Tokenizer<'a>,
    page: Page,
    shown: Flow,
    unseen: Flow,
    links: Links,
    /// What Outlook alone shows.
    outlook: Links,
    open: Vec<Open<'a>>,
    /// How many of the open elements are `<p>`: most blocks ask.
    paragraphs: usize,
}

impl<'a> Reader<'a> {
    fn run(&mut self, budget: &Budget) -> Result<(), Halt> {
        let records = usize::try_from(budget.limits().records).unwrap_or(usize::MAX);
        let mut count = 0_u32;
        while let Some(token) = self.tokenizer.next() {
            count = count.wrapping_add(1);
            if count.is_multiple_of(1024) {
                budget.check()?;
            }
            match token {
                Token::Text { at, text, kind } => self.text(at, text, kind),
                Token::Start { name, closed } => {
                    self.start(name);
                    if closed && !element::kind(name).is_empty() {
                        self.end(name);
                    }
                }
                Token::End { name } => self.end(name),
                Token::Remark { at, text } => {
                    self.outlook.stand_in(&self.links);
                    outlook::links(&self.tokenizer, at, text, &mut self.outlook);
                    behind::put(&mut self.page.behind.comments, at, text, None);
                }
            }
            if self.links.len() + self.outlook.len() > records {
                return Err(Halt(LimitKind::Records));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Page {
        self.links.end_anchor(&self.shown);
        (self.page.links, self.page.forms) = self.links.finish();
        (self.page.outlook, _) = self.outlook.finish();
        self.page.outlook.iter_mut().for_each(|link| link.in_outlook = true);
        self.page.text = self.shown.finish();
        self.page.hidden = self.unseen.finish();
        self.page
    }

    fn text(&mut self, at: usize, text: &str, kind: TextKind) {
        let parent = self.open.last();
        if parent.is_some_and(|parent| parent.unseen) {
            let references = (kind == TextKind::Plain).then_some(Inside::Text);
            let is_script = parent.is_some_and(|parent| parent.runs);
            return behind::put(self.page.behind.of(is_script), at, text, references);
        }
        if parent.is_some_and(|parent| parent.kind == Kind::Title) && self.page.title.is_none() {
            let title = decode(text, Inside::Text)
                .split_ascii_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            self.page.title = Some(title).filter(|title| !title.is_empty());
        }
        let preformatted = parent.is_some_and(|parent| parent.preformatted);
        let flow = if parent.is_some_and(|parent| parent.hidden) {
            &mut self.unseen
        } else {
            &mut self.shown
        };
        flow::append(flow, at, text, kind, preformatted);
    }

    fn start(&mut self, name: &'a str) {
        let kind = element::kind(name);
        self.imply_ends(kind);
        let parent = self.open.last().copied();
        let hidden = parent.is_some_and(|parent| parent.hidden) || self.is_hidden();
        self.read_attributes(name, kind, hidden);
        let runs = behind::runs(name, self.tokenizer.attributes());
        self.page.behind.active |= runs;
        if kind.is_empty() {
            if !hidden {
                flow::void(&mut self.shown, kind);
            }
            return;
        }
        let element = Open {
            name,
            kind,
            hidden,
            unseen: parent.is_some_and(|parent| parent.unseen) || kind == Kind::Unseen,
            preformatted: parent.is_some_and(|parent| parent.preformatted) || kind == Kind::Preformatted,
            runs,
        };
        flow::start(self.flow(hidden), kind);
        if self.open.len() < DEPTH {
            self.paragraphs += usize::from(kind == Kind::P);
            self.open.push(element);
        }
    }

    fn end(&mut self, name: &str) {
        match element::kind(name) {
            // Browsers read `</br>` as `<br>` and `</p>` without a start as an empty paragraph.
            Kind::LineBreak => return flow::void(&mut self.shown, Kind::LineBreak),
            Kind::Anchor => self.links.end_anchor(&self.shown),
            Kind::Inline if link::is_shape(name) => self.links.end_shape(&self.shown),
            Kind::Block if name.eq_ignore_ascii_case("form") => self.links.end_form(),
            _ => {}
        }
        if let Some(at) = self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name)) {
            self.close_to(at);
        } else {
            let hidden = self.open.last().is_some_and(|open| open.hidden);
            flow::end(self.flow(hidden), element::kind(name));
        }
    }

    /// Ends what a start tag ends without saying so: `<p>` before a block, `<li>` before the next.
    fn imply_ends(&mut self, kind: Kind) {
        if kind.ends_paragraph() && self.paragraphs > 0 {
            self.end_nearest(&[Kind::P], &[Kind::Table, Kind::Cell]);
        }
        match kind {
            Kind::Item => self.end_nearest(&[Kind::Item], &[Kind::List, Kind::Table]),
            Kind::Cell => self.end_nearest(&[Kind::Cell], &[Kind::Table, Kind::Row]),
            Kind::Row => self.end_nearest(&[Kind::Row], &[Kind::Table]),
            _ => {}
        }
    }

    fn end_nearest(&mut self, kinds: &[Kind], barriers: &[Kind]) {
        for (at, open) in self.open.iter().enumerate().rev() {
            if kinds.contains(&open.kind) {
                return self.close_to(at);
            }
            if barriers.contains(&open.kind) {
                return;
            }
        }
    }

    fn close_to(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(open) = self.open.pop() else { return };
            self.paragraphs -= usize::from(open.kind == Kind::P);
            flow::end(self.flow(open.hidden), open.kind);
        }
    }

    fn flow(&mut self, hidden: bool) -> &mut Flow {
        if hidden { &mut self.unseen } else { &mut self.shown }
    }

    fn is_hidden(&self) -> bool {
        self.tokenizer.attributes().iter().any(|attribute| {
            attribute.name.eq_ignore_ascii_case("hidden") && !attribute.value.eq_ignore_ascii_case("until-found")
                || attribute.name.eq_ignore_ascii_case("style") && hides(&decode(attribute.value, Inside::Attribute))
        })
    }

    fn read_attributes(&mut self, name: &str, kind: Kind, hidden: bool) {
        let attributes = self.tokenizer.attributes();
        if kind == Kind::Anchor {
            self.links.end_anchor(&self.shown);
        }
        self.links.collect(name, attributes, self.shown.len(), hidden);
        behind::attributes(&mut self.page.behind, attributes);
        let value = |wanted: &str| {
            attributes
                .iter()
                .find(|a| a.name.eq_ignore_ascii_case(wanted))
                .map(|a| a.value)
        };
        if name.eq_ignore_ascii_case("meta") && value("name").is_some_and(|name| name.eq_ignore_ascii_case("generator"))
        {
            self.page.producer = value("content").map(|content| decode(content, Inside::Attribute).into_owned());
        }
    }
}

#[cfg(test)]
mod tests;
