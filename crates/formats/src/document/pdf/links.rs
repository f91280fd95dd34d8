//! Links and actions (ISO 32000-2, sections 12.5 and 12.6).
//!
//! URIs, form targets and files elsewhere are links. Actions that start programs, run scripts or open other files are not
//! followed; each kind is named in a problem, and what they would run is handed out as text.

use super::attached;
use super::file::File;
use super::layout::Layout;
use super::object::{Dict, Object, text_string};
use super::pages::Page;
use std::collections::BTreeSet;
use std::rc::Rc;
use watchfire_model::{Halt, LimitKind, Link, Problem, Untrusted};

/// Actions chained by `/Next`.
const MAX_CHAIN: usize = 16;
/// Glyphs compared with rectangles, over the whole document.
const MAX_COMPARISONS: u64 = 200_000_000;

/// Collects links page by page.
pub(super) struct Reader<'f, 'a> {
    file: &'f File<'a>,
    links: Vec<Link>,
    /// Scripts and command lines, one after the other, each once: many fields share one.
    scripts: String,
    known: BTreeSet<String>,
    /// Where the data of scripts that were read begins.
    streams: BTreeSet<usize>,
    base: Option<String>,
    comparisons: u64,
    /// File attachment annotations.
    attached: Vec<Rc<Object>>,
}

impl<'f, 'a> Reader<'f, 'a> {
    pub(super) fn new(file: &'f File<'a>) -> Self {
        let mut reader = Self {
            file,
            links: Vec::new(),
            scripts: String::new(),
            known: BTreeSet::new(),
            streams: BTreeSet::new(),
            base: None,
            comparisons: 0,
            attached: Vec::new(),
        };
        let root = file.get(&file.trailer, "Root");
        if let Some(catalog) = root.as_dict() {
            let uri = file.get(catalog, "URI");
            reader.base = uri
                .as_dict()
                .and_then(|uri| file.get(uri, "Base").as_string().map(text_string));
            reader.action(&file.get(catalog, "OpenAction"), None, String::new());
            reader.additional(catalog);
            let names = file.get(catalog, "Names");
            if let Some(names) = names.as_dict()
                && names.contains_key(b"JavaScript".as_slice())
            {
                reader.note_script();
                for action in attached::named(file, file.get(names, "JavaScript").keep()) {
                    if let Some(dict) = action.as_dict() {
                        reader.script(dict);
                    }
                }
            }
        }
        reader
    }

    /// Takes the links of a page whose text is in `layout`.
    pub(super) fn page(&mut self, number: u32, page: &Page, layout: &Layout) {
        if let Some(dict) = page.dict() {
            self.additional(dict);
        }
        for annotation in page.annotations(self.file) {
            let Some(dict) = annotation.as_dict() else { continue };
            self.additional(dict);
            if self.file.get(dict, "Subtype").is_name("FileAttachment") {
                self.attached.push(Rc::clone(&annotation));
            }
            let action = self.file.get(dict, "A");
            if action.as_dict().is_some() {
                let text = self.text_under(dict, layout);
                self.action(&action, Some(number), text);
            }
        }
    }

    pub(super) fn finish(self) -> (Vec<Link>, String, Vec<Rc<Object>>) {
        (self.links, self.scripts, self.attached)
    }

    fn text_under(&mut self, annotation: &Dict, layout: &Layout) -> String {
        self.comparisons = self.comparisons.saturating_add(layout.placed() as u64);
        if self.comparisons > MAX_COMPARISONS {
            return String::new();
        }
        let rect = self.file.get(annotation, "Rect");
        let rect = rect.as_array().unwrap_or_default();
        let corner = |at: usize| rect.get(at).and_then(|corner| self.file.resolve(corner).as_number());
        let (Some(x1), Some(y1), Some(x2), Some(y2)) = (corner(0), corner(1), corner(2), corner(3)) else {
            return String::new();
        };
        layout.text_within((x1.min(x2), y1.min(y2)), (x1.max(x2), y1.max(y2)))
    }

    /// Actions that a page, field or document starts on its own.
    fn additional(&mut self, dict: &Dict) {
        let actions = self.file.get(dict, "AA");
        for action in actions.as_dict().into_iter().flat_map(Dict::values).take(MAX_CHAIN) {
            let action = self.file.resolve(action);
            self.action(&action, None, String::new());
        }
    }

    fn action(&mut self, action: &Object, page: Option<u32>, text: String) {
        let mut at = Some(Rc::new(action.clone()));
        let mut seen = BTreeSet::new();
        for _ in 0..MAX_CHAIN {
            let Some(object) = at.take() else { return };
            let Some(dict) = object.as_dict() else { return };
            self.one_action(dict, page, &text);
            let next = match dict.get(b"Next".as_slice()) {
                Some(Object::Array(actions)) => actions.first(),
                next => next,
            };
            if let Some(Object::Reference(id)) = next
                && !seen.insert(id.number)
            {
                return;
            }
            at = match &*self.file.get(dict, "Next") {
                Object::Array(actions) => actions.first().map(|next| self.file.resolve(next).keep()),
                Object::Null => None,
                next => Some(Rc::new(next.clone())),
            };
        }
    }

    fn one_action(&mut self, dict: &Dict, page: Option<u32>, text: &str) {
        let kind = self.file.get(dict, "S");
        match kind.as_name() {
            Some(b"URI") => {
                let target = self
                    .file
                    .get(dict, "URI")
                    .as_string()
                    .map(text_string)
                    .unwrap_or_default();
                let target = match &self.base {
                    Some(base) if !target.contains(':') => format!("{base}{target}"),
                    _ => target,
                };
                self.link(target, page, text);
            }
            Some(b"SubmitForm" | b"ImportData") => {
                let target = self.file_name(dict);
                self.link(target, page, text);
            }
            Some(b"Launch") => {
                let target = self.file_name(dict);
                let message = format!("an action starts the program or opens the file '{target}'");
                self.file.problem(Problem::note("pdf-launch-action", message));
                self.put(&target);
                // What the program is started with, on Windows and elsewhere.
                for system in ["Win", "Mac", "Unix"] {
                    let launched = self.file.get(dict, system);
                    let Some(launched) = launched.as_dict() else { continue };
                    let value = |key: &str| self.file.get(launched, key).as_string().map(text_string);
                    let command: Vec<String> = ["F", "P", "D"].into_iter().filter_map(value).collect();
                    self.put(&command.join(" "));
                }
            }
            Some(b"GoToR" | b"GoToE" | b"Thread") => {
                let target = self.file_name(dict);
                self.link(target.clone(), page, text);
                self.file.problem(Problem::note(
                    "pdf-remote-target",
                    format!("a link leads to the file '{target}'"),
                ));
            }
            Some(b"JavaScript") => self.script(dict),
            Some(b"Rendition") if dict.contains_key(b"JS".as_slice()) => self.script(dict),
            _ => {}
        }
    }

    /// Hands out the script of an action.
    fn script(&mut self, dict: &Dict) {
        self.note_script();
        let script = self.file.get(dict, "JS");
        let text = match &*script {
            Object::String(text) => text_string(text),
            Object::Stream(stream) if self.streams.insert(stream.start) => text_string(&self.file.decode(stream)),
            _ => return,
        };
        self.put(&text);
    }

    fn put(&mut self, text: &str) {
        if !text.is_empty() && self.known.insert(text.to_owned()) && self.file.has_room(&self.scripts, text) {
            self.scripts.push_str(text);
            self.scripts.push('\n');
        }
    }

    fn note_script(&self) {
        self.file.problem(Problem::note(
            "pdf-javascript",
            "the document contains a script, which was not run",
        ));
    }

    /// The file or URL in `/F`, or in `/Win`.
    fn file_name(&self, dict: &Dict) -> String {
        let direct = self.file.get(dict, "F");
        let specification = if matches!(*direct, Object::Null) {
            self.file.get(dict, "Win")
        } else {
            direct
        };
        match &*specification {
            Object::String(name) => text_string(name),
            Object::Dict(specification) => {
                let name = |key: &str| self.file.get(specification, key).as_string().map(text_string);
                name("UF").or_else(|| name("F")).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    fn link(&mut self, target: String, page: Option<u32>, text: &str) {
        if target.is_empty() {
            return;
        }
        if self.links.len() as u64 >= self.file.budget.limits().records {
            return self.file.halt(Halt(LimitKind::Records));
        }
        self.links.push(Link {
            target: target.into(),
            text: Untrusted::new(text),
            loaded: false,
            unseen: false,
            in_outlook: false,
            span: None,
            page,
        });
    }
}
