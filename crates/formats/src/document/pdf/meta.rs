//! Title, author and producer: from the information dictionary (ISO 32000-2, section 14.3.3).

use super::file::File;
use super::object::text_string;
use watchfire_model::{DocumentFacts, Untrusted};

pub(super) fn read(file: &File<'_>, facts: &mut DocumentFacts) {
    let info = file.get(&file.trailer, "Info");
    let text = |key: &str| -> Option<Untrusted> {
        let text = text_string(file.get(info.as_dict()?, key).as_string()?);
        (!text.is_empty()).then(|| text.into())
    };
    facts.title = text("Title");
    facts.author = text("Author");
    // What wrote the file says more than what it was printed from, and both are worth having.
    facts.producer = match (text("Creator"), text("Producer")) {
        (Some(creator), Some(producer)) if creator != producer => {
            Some(format!("{} / {}", creator.raw(), producer.raw()).into())
        }
        (creator, producer) => producer.or(creator),
    };
}
