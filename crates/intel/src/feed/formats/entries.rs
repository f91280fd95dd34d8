//! Feeds that say the same in a table and in JSON: which field is which, wherever it stands.
//!
//! Publishers put the header of a table into its first row or into the last comment above it, and end some with
//! `# END 12 entries`, which they are held to.

use crate::feed::intake::Taker;
use crate::feed::json::{self, records};
use crate::feed::lines::Input;
use crate::feed::table::{Record, Table};
use crate::feed::{FeedError, Intake, Options, Place};
use std::borrow::Cow;
use std::io::Read;
use watchfire_model::Indicator;

/// One field of an entry.
pub(super) struct Field {
    /// What tables call it.
    table: &'static [&'static str],
    /// What objects call it.
    object: &'static [&'static str],
    /// Where it stands in a table whose header does not name it.
    usual: Option<usize>,
}

/// A field that is called the same everywhere.
pub(super) const fn field(names: &'static [&'static str]) -> Field {
    Field {
        table: names,
        object: names,
        usual: None,
    }
}

impl Field {
    /// In objects it is called so.
    pub(super) const fn in_objects(mut self, names: &'static [&'static str]) -> Self {
        self.object = names;
        self
    }

    /// In a table whose header does not name it, it is this one, from 0.
    pub(super) const fn usually(mut self, place: usize) -> Self {
        self.usual = Some(place);
        self
    }
}

/// The fields of one entry, in the order of [`Entries::fields`]; empty where there is none.
pub(super) type Values<'v, const N: usize> = [Cow<'v, str>; N];

/// How the entries of a feed are laid out.
pub(super) struct Entries<const N: usize> {
    /// What is read.
    pub(super) wanted: &'static str,
    /// Where the list of entries is in JSON; nothing if there is none in JSON.
    pub(super) list: Option<json::Path>,
    /// The fields. Without the first of them a table is none of this feed.
    pub(super) fields: [Field; N],
}

impl<const N: usize> Entries<N> {
    /// Reads all of `input` and hands each entry over.
    pub(super) fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
        take: fn(Place, &Values<'_, N>, &mut Taker<'_>),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, self.wanted)?;
        match self.list {
            Some(list) if input.is_json() => {
                let mut each = |place, entry: json::Fields<'_>, taker: &mut Taker<'_>| {
                    let values = self.fields.each_ref().map(|field| entry.first_joined(field.object));
                    take(place, &values, taker);
                };
                let read = records(input, &mut taker, &[list], &mut each, &mut |_, _, _| {})?;
                read.ok_or_else(|| super::no_columns(self.wanted, "no list of entries is in it"))?;
            }
            _ => self.table(input, &mut taker, take)?,
        }
        Ok(taker.finish())
    }

    fn table(
        &self,
        input: Input<'_>,
        taker: &mut Taker<'_>,
        take: fn(Place, &Values<'_, N>, &mut Taker<'_>),
    ) -> Result<(), FeedError> {
        let mut table = Table::new(input, ',');
        let mut columns = None;
        let (mut rows, mut last) = (0, Place::Whole);
        while let Some(record) = table.next(taker)?.cloned() {
            let columns = match columns {
                Some(columns) => columns,
                None => *columns.insert(self.columns(&record, &table.comment())?),
            };
            let values = columns.map(|column| Cow::Borrowed(record.at(column)));
            let first = values.first().map_or("", |value| value);
            if self.key().iter().any(|name| first.eq_ignore_ascii_case(name)) {
                continue;
            }
            (rows, last) = (rows + 1, record.place());
            take(last, &values, taker);
        }
        super::hold_to_count(said(&table.comment()), rows, last)
    }

    /// What tables call the first field.
    fn key(&self) -> &'static [&'static str] {
        self.fields.first().map_or(&[], |field| field.table)
    }

    /// Where each field stands, by the first record if it is a header, else by the comment above it.
    fn columns(&self, first: &Record, comment: &Record) -> Result<[Option<usize>; N], FeedError> {
        let header = if first.find(self.key()).is_some() {
            first
        } else {
            comment
        };
        let columns = self
            .fields
            .each_ref()
            .map(|field| header.find(field.table).or(field.usual));
        if columns.first().is_some_and(Option::is_none) {
            let why = format!("no header names the column '{}'", self.key().join("' or '"));
            return Err(super::no_columns(self.wanted, &why));
        }
        Ok(columns)
    }
}

/// `# END 12 entries`, `# END (12) entries`
fn said(comment: &Record) -> Option<u64> {
    let rest = comment.get(0).strip_prefix("END")?;
    rest.trim_matches([' ', '(']).split([' ', ')']).next()?.parse().ok()
}
