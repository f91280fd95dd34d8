//! Title, author and producer: from the information dictionary (ISO 32000-2, section 14.3.3), and from XMP (ISO 16684)
//! where that is silent.

use super::file::File;
use super::object::text_string;
use crate::document::xml::{Event, Reader};
use watchfire_model::{DocumentFacts, Untrusted};

/// Metadata that is looked at; photographs in it can be large.
const MAX_XMP: usize = 1 << 20;

#[derive(Debug, Default, PartialEq, Eq)]
struct Properties {
    title: Option<String>,
    author: Option<String>,
    creator: Option<String>,
    producer: Option<String>,
}

pub(super) fn read(file: &File<'_>, facts: &mut DocumentFacts) {
    let info = file.get(&file.trailer, "Info");
    let text = |key: &str| -> Option<String> {
        let text = text_string(file.get(info.as_dict()?, key).as_string()?);
        (!text.is_empty()).then_some(text)
    };
    let root = file.get(&file.trailer, "Root");
    let metadata = root.as_dict().map(|catalog| file.get(catalog, "Metadata"));
    let stream = metadata.as_ref().and_then(|metadata| metadata.as_stream());
    let xmp = stream.map(|stream| file.decode(stream)).unwrap_or_default();
    let xmp = xmp_properties(&String::from_utf8_lossy(
        xmp.get(..xmp.len().min(MAX_XMP)).unwrap_or_default(),
    ));
    facts.title = text("Title").or(xmp.title).map(Untrusted::from);
    facts.author = text("Author").or(xmp.author).map(Untrusted::from);
    // The program that the text was written in, and the one that made the file: both are worth having.
    let producer = match (text("Creator").or(xmp.creator), text("Producer").or(xmp.producer)) {
        (Some(creator), Some(producer)) if creator != producer => Some(format!("{creator} / {producer}")),
        (creator, producer) => producer.or(creator),
    };
    facts.producer = producer.map(Untrusted::from);
}

fn xmp_properties(source: &str) -> Properties {
    let mut found = Properties::default();
    let mut reader = Reader::new(source);
    let mut property = None;
    while let Some(event) = reader.next() {
        match event {
            Event::Start("Description") => {
                let attribute = |name: &str| reader.attribute(name).map(|value| value.into_owned());
                found.producer = found.producer.or_else(|| attribute("Producer"));
                found.creator = found.creator.or_else(|| attribute("CreatorTool"));
            }
            Event::Start("li" | "Alt" | "Seq" | "Bag") => {}
            Event::Start(name) => property = Some(name.to_owned()),
            Event::End("li" | "Alt" | "Seq" | "Bag") => {}
            Event::End(_) => property = None,
            Event::Text(text) => {
                let slot = match property.as_deref() {
                    Some("title") => &mut found.title,
                    Some("creator") => &mut found.author,
                    Some("CreatorTool") => &mut found.creator,
                    Some("Producer") => &mut found.producer,
                    _ => continue,
                };
                let text = text.trim();
                if slot.is_none() && !text.is_empty() {
                    *slot = Some(text.to_owned());
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xmp_in_elements_and_attributes() {
        let found = xmp_properties(
            "<rdf:RDF><rdf:Description xmp:CreatorTool='Pen'><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>T &amp; U</rdf:li></rdf:Alt></dc:title>\
             <dc:creator><rdf:Seq><rdf:li>Me</rdf:li><rdf:li>You</rdf:li></rdf:Seq></dc:creator><pdf:Producer> Ink </pdf:Producer></rdf:Description>",
        );
        let expected = Properties {
            title: Some("T & U".into()),
            author: Some("Me".into()),
            creator: Some("Pen".into()),
            producer: Some("Ink".into()),
        };
        assert_eq!(found, expected);
    }
}
