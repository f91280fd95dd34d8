//! Finding objects in a file: by its cross-references where they hold, by looking for them where they do not.
//!
//! Nothing in the file is trusted to be where it says: each cross-reference is checked against the object that stands
//! there, and at the first one that fails the whole file is searched for `N G obj` (ISO 32000-2, section 7.5).

use super::crypt::{self, Crypt, Lock};
use super::filter::{self, Parameters};
use super::lexer::{Lexer, Parser, Token};
use super::object::{Dict, Found, Id, Object, Stream};
use super::xref;
use memchr::memmem;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use watchfire_model::{Budget, Halt, Hints, LimitKind, Problem};

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// At an offset of the file.
    Offset(usize),
    /// In an object stream, by the number of the stream.
    Packed(u32),
}

/// Whether a file can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Plain,
    Decrypted,
    Locked,
}

/// Objects that are looked up while another is being looked up (a length, an object stream).
const MAX_LOOKUPS: u32 = 8;
/// Filters of one stream.
const MAX_FILTERS: usize = 8;
/// References that lead to references.
const MAX_HOPS: usize = 16;

/// What the filters of a stream left.
pub(super) struct Unfiltered<'d> {
    pub(super) data: Cow<'d, [u8]>,
    /// The filter that was left in place, which is one for pictures.
    pub(super) codec: Option<Vec<u8>>,
    pub(super) damaged: bool,
    pub(super) halted: Option<Halt>,
}

/// Objects of an object stream, by number.
type Packed = BTreeMap<u32, Rc<Object>>;

/// A file under examination. Objects are parsed once and kept.
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) budget: &'a Budget,
    pub(super) trailer: Dict,
    locations: BTreeMap<u32, Location>,
    scanned: OnceCell<xref::Scan>,
    stream_ends: OnceCell<Vec<usize>>,
    objects: RefCell<BTreeMap<u32, Rc<Object>>>,
    packed: RefCell<BTreeMap<u32, Rc<Packed>>>,
    lookups: Cell<u32>,
    cost: Cell<u64>,
    crypt: Option<Crypt>,
    halted: Cell<Option<Halt>>,
    problems: RefCell<BTreeMap<&'static str, Problem>>,
}

impl<'a> File<'a> {
    /// Opens a file, with a password if it takes one. The second value is what keeps it shut.
    pub(super) fn open(bytes: &'a [u8], hints: &Hints, budget: &'a Budget) -> (Self, Access) {
        let mut file = Self {
            bytes,
            budget,
            trailer: Dict::new(),
            locations: BTreeMap::new(),
            scanned: OnceCell::new(),
            stream_ends: OnceCell::new(),
            objects: RefCell::default(),
            packed: RefCell::default(),
            lookups: Cell::new(0),
            cost: Cell::new(0),
            crypt: None,
            halted: Cell::new(None),
            problems: RefCell::default(),
        };
        let table = xref::read(&file);
        file.trailer = table.trailer;
        file.locations = table.locations;
        file.forget();
        let mut access = file.unlock(hints);
        if access != Access::Locked && !file.has_pages() {
            file.search();
            if access == Access::Plain {
                access = file.unlock(hints);
            }
            file.search_packed();
        }
        (file, access)
    }

    /// Decrypts from here on, if need be and a password fits. Objects seen before are read anew.
    fn unlock(&mut self, hints: &Hints) -> Access {
        match crypt::open(self, hints) {
            Lock::Plain => Access::Plain,
            Lock::Opened(crypt) => {
                self.forget();
                self.crypt = Some(crypt);
                Access::Decrypted
            }
            Lock::Locked(problem) => {
                self.problem(problem);
                Access::Locked
            }
        }
    }

    /// Whether the catalog leads to a page tree.
    fn has_pages(&self) -> bool {
        let root = self.get(&self.trailer, "Root");
        let Some(catalog) = root.as_dict() else { return false };
        self.get(catalog, "Pages")
            .as_dict()
            .is_some_and(|pages| pages.contains_key(b"Kids".as_slice()))
    }

    /// Throws the cross-references away and takes what a search of the file finds.
    fn search(&mut self) {
        self.problem(Problem::note(
            "pdf-xref-damaged",
            "the cross-references do not hold; the file was searched for objects",
        ));
        self.forget();
        let scan = self.scan();
        let locations = scan
            .locations
            .iter()
            .map(|(number, at)| (*number, Location::Offset(*at)))
            .collect();
        let mut trailer = Dict::new();
        for found in &scan.trailers {
            trailer.extend(found.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        self.locations = locations;
        self.trailer = trailer;
    }

    /// Adds what object streams hold, and the catalog if no trailer names it.
    fn search_packed(&mut self) {
        let (packed, catalog) = self.packed_and_catalog();
        for (number, stream) in packed {
            self.locations.entry(number).or_insert(Location::Packed(stream));
        }
        if !self.has_pages() {
            let catalog = catalog.or_else(|| self.find_packed_catalog());
            if let Some(number) = catalog {
                self.trailer
                    .insert(b"Root".to_vec(), Object::Reference(Id { number, generation: 0 }));
            }
        }
    }

    /// Numbers of the objects in object streams, with their stream, and the number of the last catalog.
    fn packed_and_catalog(&self) -> (Vec<(u32, u32)>, Option<u32>) {
        let mut packed = Vec::new();
        let mut catalog = None;
        for number in self.locations.keys() {
            let object = self.object(*number);
            let Some(dict) = object.as_dict() else { continue };
            match dict.get(b"Type".as_slice()).and_then(Object::as_name) {
                Some(b"Catalog") => catalog = Some(*number),
                Some(b"ObjStm") => packed.extend(self.packed(*number).keys().map(|inside| (*inside, *number))),
                _ => {}
            }
        }
        (packed, catalog)
    }

    fn find_packed_catalog(&self) -> Option<u32> {
        let packed = self
            .locations
            .iter()
            .filter(|(_, location)| matches!(location, Location::Packed(_)));
        packed.map(|(number, _)| *number).find(|number| {
            let object = self.object(*number);
            object
                .as_dict()
                .is_some_and(|dict| dict.get(b"Type".as_slice()).is_some_and(|kind| kind.is_name("Catalog")))
        })
    }

    /// Numbers of all objects, ascending.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.locations.keys().copied().collect()
    }

    fn forget(&mut self) {
        self.objects.borrow_mut().clear();
        self.packed.borrow_mut().clear();
    }

    /// Remarks on something once for each code.
    pub(super) fn problem(&self, problem: Problem) {
        self.problems.borrow_mut().entry(problem.code).or_insert(problem);
    }

    pub(super) fn take_problems(&self) -> Vec<Problem> {
        std::mem::take(&mut *self.problems.borrow_mut()).into_values().collect()
    }

    /// The first limit that was reached.
    pub(super) fn halted(&self) -> Option<Halt> {
        self.halted.get()
    }

    pub(super) fn halt(&self, halt: Halt) {
        if self.halted.get().is_none() {
            self.halted.set(Some(halt));
        }
    }

    /// The value of `key`, references followed.
    pub(super) fn get<'o>(&self, dict: &'o Dict, key: &str) -> Found<'o> {
        dict.get(key.as_bytes())
            .map_or(Found::NOTHING, |object| self.resolve(object))
    }

    /// The object that `object` stands for, if it is a reference, and itself otherwise.
    pub(super) fn resolve<'o>(&self, object: &'o Object) -> Found<'o> {
        let Object::Reference(id) = object else {
            return Found::Direct(object);
        };
        let mut found = self.object(id.number);
        for _ in 0..MAX_HOPS {
            let Object::Reference(id) = &*found else {
                return Found::Shared(found);
            };
            found = self.object(id.number);
        }
        Found::NOTHING
    }

    /// The object of a number.
    pub(super) fn object(&self, number: u32) -> Rc<Object> {
        if let Some(object) = self.objects.borrow().get(&number) {
            return Rc::clone(object);
        }
        if self.lookups.get() >= MAX_LOOKUPS || self.halted.get().is_some() {
            return Rc::default();
        }
        self.lookups.set(self.lookups.get() + 1);
        let object = self.locate(number);
        self.lookups.set(self.lookups.get() - 1);
        self.objects.borrow_mut().insert(number, Rc::clone(&object));
        object
    }

    fn locate(&self, number: u32) -> Rc<Object> {
        let found = match self.locations.get(&number) {
            Some(Location::Offset(at)) => self.parse_at(*at, Some(number)).map(Rc::new),
            Some(Location::Packed(stream)) => self.packed(*stream).get(&number).map(Rc::clone),
            None => None,
        };
        found
            .or_else(|| {
                self.parse_at(*self.scan().locations.get(&number)?, Some(number))
                    .map(Rc::new)
            })
            .unwrap_or_default()
    }

    fn scan(&self) -> &xref::Scan {
        self.scanned.get_or_init(|| xref::scan(self))
    }

    /// Parses `N G obj …` at an offset. With `expected`, only if N is that number.
    pub(super) fn parse_at(&self, at: usize, expected: Option<u32>) -> Option<Object> {
        let mut parser = self.parser(at);
        let Some(Token::Integer(number)) = parser.lexer.next() else {
            return None;
        };
        let Some(Token::Integer(generation)) = parser.lexer.next() else {
            return None;
        };
        if parser.lexer.next() != Some(Token::Keyword(b"obj")) {
            return None;
        }
        let id = Id {
            number: u32::try_from(number).ok()?,
            generation: u32::try_from(generation).ok()?,
        };
        if expected.is_some_and(|expected| expected != id.number) {
            return None;
        }
        let mut object = parser.object().unwrap_or_default();
        self.pay(&parser);
        if let Some(crypt) = &self.crypt {
            crypt.decrypt_strings(id, &mut object);
        }
        match object {
            Object::Dict(dict) if parser.lexer.accept(b"stream") => {
                let (start, end) = self.stream_range(&dict, parser.lexer.position());
                Some(Object::Stream(Box::new(Stream { dict, start, end, id })))
            }
            other => Some(other),
        }
    }

    /// A parser that may spend what is left.
    pub(super) fn parser(&self, at: usize) -> Parser<'a> {
        Parser::of_file(
            self.bytes,
            at,
            self.budget.limits().records.saturating_sub(self.cost.get()),
        )
    }

    pub(super) fn pay(&self, parser: &Parser<'_>) {
        // Bytes count too: a comment or string may run to the end of the file from many beginnings.
        self.charge(parser.cost.saturating_add(parser.consumed() / 64));
    }

    /// Adds to what the file has cost, and halts at the limit.
    pub(super) fn charge(&self, cost: u64) {
        self.cost.set(self.cost.get().saturating_add(cost));
        if self.cost.get() >= self.budget.limits().records {
            self.halt(Halt(LimitKind::Records));
        }
        if let Err(halt) = self.budget.check() {
            self.halt(halt);
        }
    }

    /// Where the data after the keyword `stream` at `at` begins and ends.
    fn stream_range(&self, dict: &Dict, at: usize) -> (usize, usize) {
        let start = match (self.bytes.get(at), self.bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => at + 2,
            (Some(b'\r' | b'\n'), _) => at + 1,
            _ => at,
        };
        let declared = self
            .get(dict, "Length")
            .as_size()
            .and_then(|length| start.checked_add(length));
        if let Some(end) = declared.filter(|end| *end <= self.bytes.len())
            && Lexer::new(self.bytes, end).accept(b"endstream")
        {
            return (start, end);
        }
        let ends = self
            .stream_ends
            .get_or_init(|| memmem::find_iter(self.bytes, b"endstream").collect());
        let next = ends.partition_point(|end| *end < start);
        (start, ends.get(next).copied().unwrap_or(self.bytes.len()))
    }

    /// Whether `more` may follow `text`, which many streams or actions make up. Where they are too much, reading ends.
    pub(super) fn has_room(&self, text: &str, more: &str) -> bool {
        const MOST: u64 = 64 << 20;
        let grown = text.len().saturating_add(more.len()) as u64;
        let fits = grown <= MOST.min(self.budget.limits().artifact_size);
        if !fits {
            self.halt(Halt(LimitKind::ArtifactSize));
        }
        fits
    }

    /// The decoded data of a stream: as far as its filters are known and its data is sound.
    pub(super) fn decode(&self, stream: &Stream) -> Cow<'a, [u8]> {
        if self.halted().is_some() {
            return Cow::Borrowed(&[]);
        }
        if let Err(halt) = self.budget.check() {
            self.halt(halt);
        }
        let decoded = self.unfilter(&stream.dict, self.stored(stream), self.budget);
        if decoded.damaged {
            self.problem(Problem::warning(
                "pdf-stream-damaged",
                "a stream is damaged; what could be decoded was read",
            ));
        }
        if let Some(halt) = decoded.halted {
            self.halt(halt);
        }
        decoded.data
    }

    /// The data of a stream as it is stored, decrypted.
    pub(super) fn stored(&self, stream: &Stream) -> Cow<'a, [u8]> {
        let raw = self.bytes.get(stream.start..stream.end).unwrap_or_default();
        match &self.crypt {
            Some(crypt) => crypt.decrypt_stream(stream, raw),
            None => Cow::Borrowed(raw),
        }
    }

    /// Applies the filters that `dict` names, up to the first that is a picture's.
    pub(super) fn unfilter<'d>(&self, dict: &Dict, data: Cow<'d, [u8]>, budget: &Budget) -> Unfiltered<'d> {
        let mut out = Unfiltered {
            data,
            codec: None,
            damaged: false,
            halted: None,
        };
        for (name, parameters) in self.filters(dict) {
            if name == b"Crypt" {
                continue;
            }
            let Some(decoded) = filter::apply(&name, &out.data, &parameters, budget) else {
                out.codec = Some(name);
                break;
            };
            out.damaged |= decoded.damaged;
            out.halted = out.halted.or(decoded.halted);
            out.data = Cow::Owned(decoded.bytes);
        }
        out
    }

    fn filters(&self, dict: &Dict) -> Vec<(Vec<u8>, Parameters)> {
        let either = |long: &str, short: &str| dict.get(long.as_bytes()).or_else(|| dict.get(short.as_bytes()));
        let names = either("Filter", "F").map_or(Found::NOTHING, |filter| self.resolve(filter));
        let parameters = either("DecodeParms", "DP").map_or(Found::NOTHING, |parameters| self.resolve(parameters));
        let parameters_at = |at: usize| match &*parameters {
            Object::Array(items) => items
                .get(at)
                .map(|item| self.parameters(&self.resolve(item)))
                .unwrap_or_default(),
            single if at == 0 => self.parameters(single),
            _ => Parameters::default(),
        };
        match &*names {
            Object::Name(name) => vec![(name.clone(), parameters_at(0))],
            Object::Array(items) => {
                let names = items.iter().take(MAX_FILTERS).enumerate();
                names
                    .filter_map(|(at, item)| Some((self.resolve(item).as_name()?.to_vec(), parameters_at(at))))
                    .collect()
            }
            Object::Null if either("Filter", "F").is_none() => Vec::new(),
            _ => {
                self.problem(Problem::warning(
                    "pdf-stream-damaged",
                    "the filters of a stream make no sense; it was read as it stands",
                ));
                Vec::new()
            }
        }
    }

    fn parameters(&self, object: &Object) -> Parameters {
        let Some(dict) = object.as_dict() else {
            return Parameters::default();
        };
        let number = |key: &str, default: usize| self.get(dict, key).as_size().unwrap_or(default);
        Parameters {
            predictor: number("Predictor", 1),
            colors: number("Colors", 1),
            bits: number("BitsPerComponent", 8),
            columns: number("Columns", 1),
            early_change: number("EarlyChange", 1) != 0,
        }
    }

    /// The objects in the object stream `number` (section 7.5.7).
    fn packed(&self, number: u32) -> Rc<Packed> {
        if let Some(packed) = self.packed.borrow().get(&number) {
            return Rc::clone(packed);
        }
        let object = self.object(number);
        let packed = Rc::new(
            object
                .as_stream()
                .map(|stream| self.unpack_objects(stream))
                .unwrap_or_default(),
        );
        self.packed.borrow_mut().insert(number, Rc::clone(&packed));
        packed
    }

    fn unpack_objects(&self, stream: &Stream) -> Packed {
        let mut packed = Packed::new();
        let data = self.decode(stream);
        let first = self.get(&stream.dict, "First").as_size().unwrap_or(0);
        let count = self.get(&stream.dict, "N").as_size().unwrap_or(0);
        let mut index = Lexer::new(&data, 0);
        for _ in 0..count {
            let (Some(Token::Integer(number)), Some(Token::Integer(offset))) = (index.next(), index.next()) else {
                break;
            };
            let (Ok(number), Ok(offset)) = (u32::try_from(number), usize::try_from(offset)) else {
                continue;
            };
            let left = self.budget.limits().records.saturating_sub(self.cost.get());
            let mut parser = Parser::of_file(&data, first.saturating_add(offset), left);
            let object = parser.object().unwrap_or_default();
            self.pay(&parser);
            if self.halted().is_some() {
                break;
            }
            packed.entry(number).or_insert_with(|| Rc::new(object));
        }
        packed
    }
}
