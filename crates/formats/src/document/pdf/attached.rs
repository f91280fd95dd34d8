//! Files attached to a document (ISO 32000-2, section 7.11.4).

use super::file::File;
use super::object::{Dict, Object, text_string};
use std::collections::BTreeSet;
use std::rc::Rc;
use watchfire_model::{Hints, Member, Untrusted};

/// Nodes of a name tree.
const MAX_NODES: usize = 10_000;

/// Attached files: of the document, then of annotations.
pub(super) fn read(file: &File<'_>, annotations: &[Rc<Object>]) -> Vec<Member> {
    let mut members = Vec::new();
    let mut seen = BTreeSet::new();
    let root = file.get(&file.trailer, "Root");
    if let Some(catalog) = root.as_dict() {
        let names = file.get(catalog, "Names");
        if let Some(names) = names.as_dict() {
            for specification in named(file, file.get(names, "EmbeddedFiles").keep()) {
                members.extend(attached(file, &specification, &mut seen));
            }
        }
        let associated = file.get(catalog, "AF");
        for specification in associated.as_array().unwrap_or_default().iter().take(MAX_NODES) {
            members.extend(attached(file, &file.resolve(specification), &mut seen));
        }
    }
    for annotation in annotations {
        if let Some(dict) = annotation.as_dict() {
            members.extend(attached(file, &file.get(dict, "FS"), &mut seen));
        }
    }
    members
}

/// What a name tree names (ISO 32000-2, section 7.9.6).
pub(super) fn named(file: &File<'_>, root: Rc<Object>) -> Vec<Rc<Object>> {
    let mut found = Vec::new();
    let mut visited = BTreeSet::new();
    let mut queue = vec![root];
    let mut nodes = 0;
    while let Some(node) = queue.pop() {
        nodes += 1;
        if nodes > MAX_NODES || file.halted().is_some() {
            break;
        }
        let Some(dict) = node.as_dict() else { continue };
        let names = file.get(dict, "Names");
        for pair in names.as_array().unwrap_or_default().chunks(2).take(MAX_NODES) {
            if let Some(value) = pair.get(1) {
                found.push(file.resolve(value).keep());
            }
        }
        let kids = file.get(dict, "Kids");
        for kid in kids.as_array().unwrap_or_default().iter().rev().take(MAX_NODES) {
            if let Object::Reference(id) = kid
                && visited.insert(id.number)
            {
                queue.push(file.resolve(kid).keep());
            }
        }
    }
    found
}

/// The file of a file specification, unless its data was taken before.
fn attached(file: &File<'_>, specification: &Object, seen: &mut BTreeSet<usize>) -> Option<Member> {
    let dict = specification.as_dict()?;
    let embedded = file.get(dict, "EF");
    let embedded: &Dict = embedded.as_dict()?;
    let data = ["UF", "F", "DOS", "Mac", "Unix"]
        .iter()
        .map(|key| file.get(embedded, key))
        .find(|data| data.as_stream().is_some())?;
    let stream = data.as_stream()?;
    if !seen.insert(stream.start) {
        return None;
    }
    let name = |key: &str| {
        file.get(dict, key)
            .as_string()
            .map(text_string)
            .filter(|name| !name.is_empty())
    };
    let name = name("UF")
        .or_else(|| name("F"))
        .unwrap_or_else(|| format!("attachment {}", seen.len()));
    let media_type = file.get(&stream.dict, "Subtype").as_name().map(Untrusted::from_bytes);
    Some(Member {
        name: name.as_str().into(),
        bytes: file.decode(stream).into_owned(),
        hints: Hints {
            name: Some(name.into()),
            media_type,
            ..Hints::default()
        },
    })
}
