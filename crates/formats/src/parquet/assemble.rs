//! Rows put together again from their columns, as JSON (Melnik and others, "Dremel", 2010).
//!
//! What is missing is left out of objects and `null` in lists. Depth is bounded by the schema.

use super::column::{Column, Damage, File, Place};
use super::footer::Group;
use super::json;
use super::schema::{Node, Repeats, Schema, Shape};
use std::ops::Range;

/// Bytes of a row at most.
const LONGEST_ROW: usize = 64 << 20;

/// A group of rows that is read.
pub(super) struct Assembly {
    columns: Vec<Column>,
    pub(super) left: u64,
}

/// What became of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Yes,
    Missing,
}

impl Assembly {
    /// Opens the columns of a group.
    ///
    /// # Errors
    /// Why one of them cannot be read.
    pub(super) fn new(schema: &Schema, group: &Group, file: &mut File<'_>) -> Result<Self, Damage> {
        file.let_go();
        if group.chunks.len() != schema.leaves.len() {
            return Err(Damage::File(
                "it has another number of columns than the schema".to_owned(),
            ));
        }
        let mut columns = Vec::with_capacity(group.chunks.len());
        for (leaf, chunk) in schema.leaves.iter().zip(&group.chunks) {
            columns.push(Column::new(leaf.clone(), chunk, file).map_err(|damage| of(&leaf.name, damage))?);
        }
        Ok(Self {
            columns,
            left: group.rows,
        })
    }

    /// Writes the next row and a line end.
    pub(super) fn row(&mut self, schema: &Schema, file: &mut File<'_>, out: &mut Vec<u8>) -> Result<(), Damage> {
        let before = out.len();
        self.left = self.left.saturating_sub(1);
        let mut row = Row {
            columns: &mut self.columns,
            file,
            most: before.saturating_add(LONGEST_ROW),
        };
        let written = row.begins().and_then(|()| row.fields(&schema.columns, out));
        match written {
            Ok(()) => {
                out.push(b'\n');
                Ok(())
            }
            Err(damage) => {
                out.truncate(before);
                Err(damage)
            }
        }
    }
}

/// Damage of a column with its name.
fn of(name: &str, damage: Damage) -> Damage {
    match damage {
        Damage::Column(why) => Damage::File(format!("its column '{name}' {why}")),
        Damage::Unread(why) => Damage::Unread(format!("its column '{name}' {why}")),
        other => other,
    }
}

struct Row<'r, 'f> {
    columns: &'r mut [Column],
    file: &'r mut File<'f>,
    most: usize,
}

impl Row<'_, '_> {
    /// Whether all columns stand at the beginning of a row.
    fn begins(&mut self) -> Result<(), Damage> {
        for number in 0..self.columns.len() {
            match self.peek(number)? {
                Some(Place { repeated: 0, .. }) => {}
                Some(_) => return self.damage(number, "does not begin a row where the others do"),
                None => return self.damage(number, "ends before the rows do"),
            }
        }
        Ok(())
    }

    fn damage<T>(&self, number: usize, why: &str) -> Result<T, Damage> {
        let name = self.columns.get(number).map_or("", |column| column.leaf.name.as_str());
        Err(of(name, Damage::Column(why.to_owned())))
    }

    #[inline]
    fn peek(&mut self, number: usize) -> Result<Option<Place>, Damage> {
        let Some(column) = self.columns.get_mut(number) else {
            return Ok(None);
        };
        column.peek(self.file).map_err(|damage| of(&column.leaf.name, damage))
    }

    #[inline]
    fn take(&mut self, number: usize, out: &mut Vec<u8>) -> Result<Written, Damage> {
        let Some(column) = self.columns.get_mut(number) else {
            return Ok(Written::Missing);
        };
        if out.len() > self.most {
            return Err(Damage::File("a row is longer than 64 MiB".to_owned()));
        }
        match column.take(out) {
            Ok(true) => Ok(Written::Yes),
            Ok(false) => Ok(Written::Missing),
            Err(damage) => Err(of(&column.leaf.name, damage)),
        }
    }

    /// From which definition level on the next value of a column is there.
    fn defined(&mut self, number: usize) -> Result<u16, Damage> {
        match self.peek(number)? {
            Some(place) => Ok(place.defined),
            None => self.damage(number, "ends before the rows do"),
        }
    }

    /// Passes over the place of something that is missing, in all columns below it.
    fn pass(&mut self, leaves: &Range<usize>, out: &mut Vec<u8>) -> Result<(), Damage> {
        let before = out.len();
        for number in leaves.clone() {
            self.peek(number)?;
            self.take(number, out)?;
            out.truncate(before);
        }
        Ok(())
    }

    fn fields(&mut self, nodes: &[Node], out: &mut Vec<u8>) -> Result<(), Damage> {
        out.push(b'{');
        let mut is_first = true;
        for node in nodes {
            let before = out.len();
            if !is_first {
                out.push(b',');
            }
            out.extend_from_slice(&node.key);
            match self.node(node, out)? {
                Written::Yes => is_first = false,
                Written::Missing => out.truncate(before),
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn node(&mut self, node: &Node, out: &mut Vec<u8>) -> Result<Written, Damage> {
        let first = node.leaves.start;
        if matches!(node.shape, Shape::Leaf) {
            self.peek(first)?;
            return self.take(first, out);
        }
        if node.leaves.is_empty() {
            return Ok(Written::Missing);
        }
        let defined = self.defined(first)?;
        if defined < node.there {
            self.pass(&node.leaves, out)?;
            return Ok(Written::Missing);
        }
        match &node.shape {
            Shape::Leaf => {}
            Shape::Group(nodes) => self.fields(nodes, out)?,
            Shape::List(inner, repeats) => {
                out.push(b'[');
                self.repeat((defined, *repeats), &node.leaves, out, |row, out| {
                    row.element(inner, out)
                })?;
                out.push(b']');
            }
            Shape::Map(key, value, repeats) => {
                out.push(b'{');
                self.repeat((defined, *repeats), &node.leaves, out, |row, out| {
                    row.entry(key, value.as_deref(), out)
                })?;
                out.push(b'}');
            }
        }
        Ok(Written::Yes)
    }

    /// Elements with commas between them, as many as there are.
    fn repeat(
        &mut self,
        (defined, repeats): (u16, Repeats),
        leaves: &Range<usize>,
        out: &mut Vec<u8>,
        mut each: impl FnMut(&mut Self, &mut Vec<u8>) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        if defined < repeats.there {
            return self.pass(leaves, out);
        }
        loop {
            each(self, out)?;
            match self.peek(leaves.start)? {
                Some(place) if place.repeated >= repeats.level => out.push(b','),
                _ => return Ok(()),
            }
        }
    }

    fn element(&mut self, node: &Node, out: &mut Vec<u8>) -> Result<(), Damage> {
        if self.node(node, out)? == Written::Missing {
            out.extend_from_slice(b"null");
        }
        Ok(())
    }

    /// A key, which is text in JSON whatever it is, and its value.
    fn entry(&mut self, key: &Node, value: Option<&Node>, out: &mut Vec<u8>) -> Result<(), Damage> {
        let from = out.len();
        self.element(key, out)?;
        if out.get(from) != Some(&b'"') {
            let text = out.split_off(from);
            json::string(out, &String::from_utf8_lossy(&text));
        }
        out.push(b':');
        match value {
            Some(value) => self.element(value, out),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }
}
