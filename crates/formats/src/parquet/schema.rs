//! The tree of columns, and the levels that say which of its values are there (Dremel's repetition and definition levels).
//!
//! Lists and maps are groups of a fixed shape, which older writers leave parts of out; the rules for those are in
//! `LogicalTypes.md` of the specification. Where a group called a list has no such shape, it is what it is: a group.

use super::footer::{Element, Meaning, Physical, Repetition};
use super::json;

/// Groups inside of one another at most.
const MOST_DEEP: usize = 32;
/// Columns at most.
const MOST_LEAVES: usize = 10_000;

/// A column, or a group of them.
#[derive(Debug)]
pub(super) struct Node {
    /// Its name as a key of JSON, with the colon.
    pub(super) key: Vec<u8>,
    /// From this definition level on it is there.
    pub(super) there: u16,
    pub(super) shape: Shape,
    /// The columns below it.
    pub(super) leaves: std::ops::Range<usize>,
}

#[derive(Debug)]
pub(super) enum Shape {
    Leaf,
    Group(Vec<Node>),
    /// Elements of a list: from which definition level on there is one, and the repetition level of those behind the first.
    List(Box<Node>, Repeats),
    /// Keys and values.
    Map(Box<Node>, Option<Box<Node>>, Repeats),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Repeats {
    pub(super) there: u16,
    pub(super) level: u16,
}

/// A column that has values.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    pub(super) most_defined: u16,
    pub(super) most_repeated: u16,
}

#[derive(Debug)]
pub(super) struct Schema {
    pub(super) columns: Vec<Node>,
    pub(super) leaves: Vec<Leaf>,
}

/// The tree of the elements as they are listed: each before its children.
///
/// # Errors
/// Why there is none.
pub(super) fn build(elements: &[Element]) -> Result<Schema, &'static str> {
    let (root, rest) = elements.split_first().ok_or("it lists no columns")?;
    let mut builder = Builder {
        rest,
        leaves: Vec::new(),
    };
    let mut columns = Vec::new();
    for _ in 0..root.children {
        columns.push(builder.field(Levels::default(), 0)?);
    }
    match builder.leaves.is_empty() {
        true => Err("it has no columns"),
        false => Ok(Schema {
            columns,
            leaves: builder.leaves,
        }),
    }
}

#[derive(Clone, Copy, Default)]
struct Levels {
    defined: u16,
    repeated: u16,
}

impl Levels {
    fn within(self, repetition: Repetition) -> Self {
        Self {
            defined: self.defined + u16::from(repetition != Repetition::Required),
            repeated: self.repeated + u16::from(repetition == Repetition::Repeated),
        }
    }

    fn repeats(self) -> Repeats {
        Repeats {
            there: self.defined,
            level: self.repeated,
        }
    }
}

struct Builder<'e> {
    rest: &'e [Element],
    leaves: Vec<Leaf>,
}

impl<'e> Builder<'e> {
    fn next(&mut self) -> Result<&'e Element, &'static str> {
        let (next, rest) = self.rest.split_first().ok_or("it lists fewer columns than it has")?;
        self.rest = rest;
        Ok(next)
    }

    /// The next element with all below it.
    fn field(&mut self, outer: Levels, depth: usize) -> Result<Node, &'static str> {
        let element = self.next()?;
        let levels = outer.within(element.repetition);
        let first = self.leaves.len();
        let shape = self.shape(element, levels, depth)?;
        let leaves = first..self.leaves.len();
        let key = json::key(&element.name);
        if element.repetition != Repetition::Repeated {
            return Ok(Node {
                key,
                there: levels.defined,
                shape,
                leaves,
            });
        }
        // What is repeated and in no list is a list all the same, which is empty where nothing is there.
        let inner = Node {
            key: Vec::new(),
            there: levels.defined,
            shape,
            leaves: leaves.clone(),
        };
        Ok(Node {
            key,
            there: outer.defined,
            shape: Shape::List(Box::new(inner), levels.repeats()),
            leaves,
        })
    }

    fn shape(&mut self, element: &'e Element, levels: Levels, depth: usize) -> Result<Shape, &'static str> {
        if depth >= MOST_DEEP {
            return Err("its columns lie deeper in one another than 32 times");
        }
        if element.children == 0 {
            return self.leaf(element, levels);
        }
        match (element.meaning, self.rest.first()) {
            (Meaning::List, Some(inner)) if element.children == 1 && inner.repetition == Repetition::Repeated => {
                self.list(element, levels, depth)
            }
            (Meaning::Map, Some(inner))
                if element.children == 1
                    && inner.repetition == Repetition::Repeated
                    && matches!(inner.children, 1 | 2) =>
            {
                self.map(levels, depth)
            }
            _ => self.group(element, levels, depth),
        }
    }

    fn leaf(&mut self, element: &Element, levels: Levels) -> Result<Shape, &'static str> {
        if self.leaves.len() >= MOST_LEAVES {
            return Err("it has more than 10000 columns");
        }
        self.leaves.push(Leaf {
            name: element.name.clone(),
            physical: element.physical.ok_or("a column has no type")?,
            meaning: element.meaning,
            most_defined: levels.defined,
            most_repeated: levels.repeated,
        });
        Ok(Shape::Leaf)
    }

    fn group(&mut self, element: &Element, levels: Levels, depth: usize) -> Result<Shape, &'static str> {
        let mut fields = Vec::new();
        for _ in 0..element.children {
            fields.push(self.field(levels, depth + 1)?);
        }
        Ok(Shape::Group(fields))
    }

    /// The one repeated group in a list, or, as older writers have it, the element itself.
    fn list(&mut self, element: &Element, levels: Levels, depth: usize) -> Result<Shape, &'static str> {
        let repeated = self.next()?;
        let levels = levels.within(repeated.repetition);
        let is_group = repeated.children == 1
            && self
                .rest
                .first()
                .is_some_and(|inner| inner.repetition != Repetition::Repeated);
        let is_element = repeated.name == "array" || repeated.name == format!("{}_tuple", element.name);
        let inner = if is_group && !is_element {
            self.field(levels, depth + 1)?
        } else {
            self.bare(repeated, levels, depth)?
        };
        Ok(Shape::List(Box::new(inner), levels.repeats()))
    }

    fn map(&mut self, levels: Levels, depth: usize) -> Result<Shape, &'static str> {
        let repeated = self.next()?;
        let levels = levels.within(repeated.repetition);
        let key = Box::new(self.field(levels, depth + 1)?);
        let value = match repeated.children {
            2 => Some(Box::new(self.field(levels, depth + 1)?)),
            _ => None,
        };
        Ok(Shape::Map(key, value, levels.repeats()))
    }

    /// An element that was taken already and has its levels.
    fn bare(&mut self, element: &'e Element, levels: Levels, depth: usize) -> Result<Node, &'static str> {
        let first = self.leaves.len();
        let shape = self.shape(element, levels, depth + 1)?;
        Ok(Node {
            key: Vec::new(),
            there: levels.defined,
            shape,
            leaves: first..self.leaves.len(),
        })
    }
}
