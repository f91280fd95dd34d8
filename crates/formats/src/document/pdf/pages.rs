//! The page tree (ISO 32000-2, section 7.7.3) and what stands on a page.

use super::content::{Interpreter, Matrix};
use super::file::File;
use super::object::{Dict, Object};
use std::collections::BTreeSet;
use std::rc::Rc;
use watchfire_model::Problem;

/// Pages that are read.
const MAX_PAGES: usize = 100_000;
/// Levels of the tree.
const MAX_DEPTH: u32 = 64;
/// Annotations on one page.
const MAX_ANNOTATIONS: usize = 20_000;

/// A page, with the resources it inherits.
pub(super) struct Page {
    page: Rc<Object>,
    resources: Rc<Object>,
}

/// All pages in order. Without a sound tree, every page object in the order of their numbers.
pub(super) fn collect(file: &File<'_>) -> Vec<Page> {
    let root = file.get(&file.trailer, "Root");
    let mut pages = Vec::new();
    if let Some(pages_root) = root.as_dict().and_then(|catalog| catalog.get(b"Pages".as_slice())) {
        walk(file, pages_root.clone(), &mut pages);
    }
    if pages.is_empty() {
        for number in file.numbers() {
            let object = file.object(number);
            let is_page = object
                .as_dict()
                .is_some_and(|dict| file.get(dict, "Type").is_name("Page"));
            if is_page && pages.len() < MAX_PAGES {
                let resources = own_resources(file, &object).unwrap_or_default();
                pages.push(Page {
                    page: object,
                    resources,
                });
            }
        }
        if !pages.is_empty() {
            file.problem(Problem::note(
                "pdf-page-tree-damaged",
                "the page tree is damaged; pages are in the order of the file",
            ));
        }
    }
    pages
}

fn walk(file: &File<'_>, root: Object, pages: &mut Vec<Page>) {
    let mut seen = BTreeSet::new();
    let mut stack = vec![(root, Rc::new(Object::Null), 0_u32)];
    while let Some((node, inherited, depth)) = stack.pop() {
        if let Object::Reference(id) = &node
            && !seen.insert(id.number)
        {
            continue;
        }
        if pages.len() >= MAX_PAGES || file.halted().is_some() {
            return;
        }
        let object = file.resolve(&node).keep();
        let Some(dict) = object.as_dict() else { continue };
        let resources = own_resources(file, &object).unwrap_or(inherited);
        let kids = file.get(dict, "Kids");
        match kids.as_array() {
            Some(kids) if depth < MAX_DEPTH => {
                stack.extend(
                    kids.iter()
                        .rev()
                        .map(|kid| (kid.clone(), Rc::clone(&resources), depth + 1)),
                );
            }
            Some(_) => file.problem(Problem::warning("pdf-page-tree-deep", "the page tree is too deep")),
            None => pages.push(Page {
                page: Rc::clone(&object),
                resources,
            }),
        }
    }
}

fn own_resources(file: &File<'_>, object: &Rc<Object>) -> Option<Rc<Object>> {
    let resources = file.get(object.as_dict()?, "Resources");
    resources.as_dict()?;
    Some(resources.keep())
}

impl Page {
    /// The page's dictionary.
    pub(super) fn dict(&self) -> Option<&Dict> {
        self.page.as_dict()
    }

    /// The page's annotations.
    pub(super) fn annotations(&self, file: &File<'_>) -> Vec<Rc<Object>> {
        let Some(dict) = self.dict() else { return Vec::new() };
        let annotations = file.get(dict, "Annots");
        let annotations = annotations.as_array().unwrap_or_default().iter().take(MAX_ANNOTATIONS);
        annotations.map(|annotation| file.resolve(annotation).keep()).collect()
    }

    /// Reads what is painted on the page: its content, then filled-in form fields and text boxes.
    pub(super) fn run(&self, file: &File<'_>, interpreter: &mut Interpreter<'_, '_>) {
        let Some(dict) = self.dict() else { return };
        let content = file.get(dict, "Contents");
        match &*content {
            Object::Stream(stream) => interpreter.run(&file.decode(stream), &self.resources, Matrix::IDENTITY),
            Object::Array(parts) => {
                // An operator may begin in one stream and end in the next.
                let mut joined = Vec::new();
                for part in parts {
                    if let Some(stream) = file.resolve(part).as_stream() {
                        let data = file.decode(stream);
                        if let Err(halt) = file.budget.unpack(data.len() as u64, joined.len() as u64, u64::MAX) {
                            file.halt(halt);
                            break;
                        }
                        joined.extend_from_slice(&data);
                        joined.push(b'\n');
                    }
                }
                interpreter.run(&joined, &self.resources, Matrix::IDENTITY);
            }
            Object::Null if !dict.contains_key(b"Contents".as_slice()) => {}
            _ => file.problem(Problem::warning(
                "pdf-content-lost",
                "the content of a page cannot be found, and was not read",
            )),
        }
        for annotation in self.annotations(file) {
            self.appearance(file, &annotation, interpreter);
        }
    }

    fn appearance(&self, file: &File<'_>, annotation: &Object, interpreter: &mut Interpreter<'_, '_>) {
        let Some(dict) = annotation.as_dict() else { return };
        let subtype = file.get(dict, "Subtype");
        if ![b"Widget".as_slice(), b"FreeText", b"Stamp"]
            .iter()
            .any(|kind| subtype.as_name() == Some(kind))
        {
            return;
        }
        let appearances = file.get(dict, "AP");
        let Some(appearances) = appearances.as_dict() else {
            return;
        };
        let normal = file.get(appearances, "N");
        let rect = file.get(dict, "Rect");
        let corner = |at: usize| {
            rect.as_array()
                .and_then(|rect| file.resolve(rect.get(at)?).as_number())
                .unwrap_or(0.0)
        };
        let to_page = Matrix([1.0, 0.0, 0.0, 1.0, corner(0), corner(1)]);
        let empty = Dict::new();
        interpreter.paint_form(&normal, self.resources.as_dict().unwrap_or(&empty), to_page);
    }
}
