//! OpenIOC 1.0 and 1.1: items of a definition, joined by `AND` and `OR`.
//!
//! | element | becomes |
//! |---|---|
//! | `IndicatorItem` with `condition="is"`: `Context/@search` and `Content` | the observable |
//! | `short_description`, or `description` | threat |
//! | `@id` of the file | reference |
//! | `@last-modified` of the file | last seen |
//!
//! What `AND` joins holds only together and is counted as unsupported, but for digests of files, which say which file it
//! is. So are other conditions, negations, and what no observable can be compared with. A document type is refused:
//! it could declare entities that expand without end. Source: <https://github.com/fireeye/OpenIOC_1.1>.

use crate::feed::intake::Taker;
use crate::feed::lines::Input;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use crate::xml::attribute;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Read};
use watchfire_model::{Indicator, Moment, ObservableType};

/// See the head of this file.
pub(in crate::feed) struct Openioc;

static INFO: FormatInfo = FormatInfo {
    name: "openioc",
    describes: "OpenIOC 1.0 and 1.1, XML",
    yields: "addresses, domains, URLs, digests, e-mail addresses, registry keys",
    towards: "malicious",
    fields: "last seen, threat, reference",
    reach: "exact",
    source: "https://github.com/fireeye/OpenIOC_1.1",
};

const WANTED: &str = "an OpenIOC file";
/// Deepest nesting.
const DEEPEST: usize = 64;
/// Items that wait for the end of what joins them.
const MOST: usize = 200_000;

impl FeedFormat for Openioc {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        head.trim_ascii_start().starts_with(b"<") && (super::has(head, "<ioc") || super::has(head, "<OpenIOC"))
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        // One element may be as large as one record, and a file as large as many.
        let limit = u64::try_from(options.record).unwrap_or(u64::MAX).saturating_mul(64);
        let input = Input::open(input, WANTED)?.take(limit);
        let mut reader = quick_xml::Reader::from_reader(BufReader::new(input));
        let mut state = State::default();
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer).map_err(|error| match error {
                quick_xml::Error::Io(error) => FeedError::Input(error.to_string()),
                error => FeedError::Syntax {
                    place: Place::Record(state.items),
                    why: format!("not XML, {error}"),
                },
            })?;
            match event {
                Event::Eof => break,
                Event::DocType(_) => {
                    return Err(super::no_columns(
                        WANTED,
                        "it has a document type, which no such file needs",
                    ));
                }
                Event::Start(start) => state.start(&start, &taker)?,
                Event::Empty(start) => {
                    state.start(&start, &taker)?;
                    state.end(&mut taker);
                }
                Event::End(_) => state.end(&mut taker),
                Event::Text(text) => state.text.push_str(&text.xml10_content()),
                Event::CData(text) => state.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => state.text.push(c),
                    _ => state.text.push_str(match &*reference.xml10_content() {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        "apos" => "'",
                        _ => "",
                    }),
                },
                _ => {}
            }
        }
        if !state.path.is_empty() {
            return Err(FeedError::Truncated {
                place: Place::Record(state.items),
                why: "an element does not end",
            });
        }
        if !state.is_openioc {
            return Err(super::no_columns(WANTED, "its root is not 'ioc' or 'OpenIOC'"));
        }
        Ok(taker.finish())
    }
}

/// One item.
#[derive(Clone, Debug, Default)]
struct Item {
    place: u64,
    search: String,
    content: String,
    is_exact: bool,
}

/// Items that are joined.
#[derive(Debug, Default)]
struct Join {
    is_and: bool,
    parts: usize,
    items: Vec<(Item, bool)>,
}

#[derive(Debug, Default)]
struct State {
    path: Vec<String>,
    joins: Vec<Join>,
    item: Item,
    items: u64,
    held: usize,
    text: String,
    title: String,
    description: String,
    id: String,
    modified: Option<Moment>,
    is_openioc: bool,
}

impl State {
    fn start(&mut self, start: &BytesStart<'_>, taker: &Taker<'_>) -> Result<(), FeedError> {
        if self.path.len() >= DEEPEST || self.held > MOST {
            return Err(FeedError::Syntax {
                place: Place::Record(self.items),
                why: "it is nested too deeply, or joins too many items".to_owned(),
            });
        }
        let name = start.local_name().into_inner().to_owned();
        match &*name {
            "ioc" | "OpenIOC" if self.path.is_empty() => {
                self.is_openioc = true;
                self.id = attribute(start, "id");
                self.modified = taker.dates().read(&attribute(start, "last-modified"));
            }
            "Indicator" => self.joins.push(Join {
                is_and: attribute(start, "operator").eq_ignore_ascii_case("and"),
                ..Join::default()
            }),
            "IndicatorItem" => {
                self.items += 1;
                self.item = Item {
                    place: self.items,
                    is_exact: attribute(start, "condition") == "is" && attribute(start, "negate") != "true",
                    ..Item::default()
                };
            }
            "Context" => self.item.search = attribute(start, "search"),
            _ => {}
        }
        self.text.clear();
        self.path.push(name);
        Ok(())
    }

    fn end(&mut self, taker: &mut Taker<'_>) {
        let Some(name) = self.path.pop() else { return };
        let text = std::mem::take(&mut self.text);
        match &*name {
            "Content" => self.item.content = text,
            "short_description" => self.title = text,
            "description" => self.description = text,
            "IndicatorItem" => {
                let item = std::mem::take(&mut self.item);
                match self.joins.last_mut() {
                    Some(join) => {
                        join.parts += 1;
                        join.items.push((item, false));
                        self.held += 1;
                    }
                    None => self.take(&item, false, taker),
                }
            }
            "Indicator" => {
                let Some(join) = self.joins.pop() else { return };
                let together = join.is_and && join.parts > 1;
                match self.joins.last_mut() {
                    Some(above) => {
                        above.parts += 1;
                        above
                            .items
                            .extend(join.items.into_iter().map(|(item, was)| (item, was || together)));
                    }
                    None => {
                        self.held = 0;
                        for (item, was) in &join.items {
                            self.take(item, *was || together, taker);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn take(&self, item: &Item, together: bool, taker: &mut Taker<'_>) {
        use ObservableType as T;
        let place = Place::Record(item.place);
        let text = item.content.trim();
        if !item.is_exact {
            return taker.reject(place, Reason::Unsupported, "no comparison with a whole value", text);
        }
        let kind = match item.search.rsplit(['/', ':']).next().unwrap_or_default() {
            "Md5sum" | "md5sum" => Some(T::Md5),
            "Sha1sum" | "sha1sum" => Some(T::Sha1),
            "Sha256sum" | "sha256sum" => Some(T::Sha256),
            "Host" | "DNS" | "HostName" | "RecordName"
                if item.search.contains("Dns")
                    || item.search.contains("Network")
                    || item.search.contains("UrlHistory") =>
            {
                Some(T::Domain)
            }
            "URL" => Some(T::Url),
            "From" | "To" if item.search.starts_with("Email") => Some(T::Email),
            "KeyPath" | "Path" if item.search.starts_with("RegistryItem") => Some(T::RegistryKey),
            "remoteIP" | "localIP" | "IPv4Address" | "IPv6Address" | "RecordData" => None,
            _ => {
                return taker.reject(
                    place,
                    Reason::Unsupported,
                    "no observable has this property",
                    &item.search,
                );
            }
        };
        if together && !matches!(kind, Some(T::Md5 | T::Sha1 | T::Sha256)) {
            return taker.reject(
                place,
                Reason::Unsupported,
                "it holds only together with other values",
                text,
            );
        }
        let observable = match kind {
            Some(kind) => value::typed(kind, text),
            None => value::address_or_network(text),
        };
        match observable {
            Ok(observable) => taker.take(
                place,
                Indicator {
                    last_seen: self.modified,
                    threat: value::threat(&[if self.title.trim().is_empty() {
                        &self.description
                    } else {
                        &self.title
                    }]),
                    reference: value::reference(&self.id),
                    ..Indicator::new(observable)
                },
            ),
            Err(why) => taker.malformed(place, why, text),
        }
    }
}
