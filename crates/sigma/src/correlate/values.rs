//! What matches say to the correlations that count them: a few short texts, the same again and again, each kept once.

use crate::program::FieldId;
use crate::run::Field;
use foldhash::fast::{FixedState, RandomState};
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// Bytes of a value that are kept. Those that are longer are told apart by a fingerprint of the whole.
const LONGEST: usize = 256;
/// Of fewer sets none is looked for that nobody needs.
const FEWEST_SWEPT: usize = 4_096;

/// The values of one match, of the fields that correlations look at.
#[derive(Clone, Debug)]
pub struct Values(Arc<[One]>);

#[derive(Clone, Debug)]
struct One {
    field: FieldId,
    text: Box<str>,
    /// Without regard to case, where that reads differently.
    folded: Option<Box<str>>,
}

impl Values {
    fn new<'v>(values: impl Iterator<Item = (FieldId, Cow<'v, str>)>) -> Self {
        let one = |(field, text): (FieldId, Cow<'v, str>)| One {
            field,
            folded: folded(&text),
            text: text.into(),
        };
        Self(values.map(one).collect())
    }

    fn one(&self, field: FieldId) -> Option<&One> {
        self.0.iter().find(|one| one.field == field)
    }

    /// The value of a field as it was written.
    pub(super) fn text(&self, field: FieldId) -> Option<&str> {
        self.one(field).map(|one| &*one.text)
    }

    /// The value of a field without regard to case.
    pub(super) fn folded(&self, field: FieldId) -> Option<&str> {
        self.one(field).map(|one| one.folded.as_deref().unwrap_or(&one.text))
    }

    fn is<'v>(&self, mut all: impl Iterator<Item = (FieldId, Cow<'v, str>)>) -> bool {
        let mut own = self.0.iter();
        let begins = all.all(|(field, text)| own.next().is_some_and(|one| one.field == field && *one.text == *text));
        begins && own.next().is_none()
    }

    fn all(&self) -> impl Iterator<Item = (FieldId, Cow<'_, str>)> {
        self.0.iter().map(|one| (one.field, Cow::Borrowed(&*one.text)))
    }
}

/// Keeps the values of matches, those that are the same once.
#[derive(Debug, Default)]
pub struct ValueStore {
    table: HashTable<Values>,
    hasher: RandomState,
    sweep_at: usize,
}

impl ValueStore {
    /// The values of those of `fields` that are wanted.
    pub fn of(&mut self, wanted: &[FieldId], fields: &[Field<'_>]) -> Values {
        let value = |id: &FieldId| {
            let field = fields.iter().find(|field| field.id == *id)?;
            Some((*id, cut(field.value.text()?)))
        };
        self.find(|| wanted.iter().filter_map(value), Values::new)
    }

    /// The same values from another store, kept once here.
    pub fn share(&mut self, values: &Values) -> Values {
        self.find(|| values.all(), |_| values.clone())
    }

    fn find<'v, I: Iterator<Item = (FieldId, Cow<'v, str>)>>(
        &mut self,
        all: impl Fn() -> I,
        make: impl FnOnce(I) -> Values,
    ) -> Values {
        let hash = hash(&self.hasher, all());
        if let Some(known) = self.table.find(hash, |own| own.is(all())) {
            return known.clone();
        }
        self.sweep();
        let made = make(all());
        let hasher = &self.hasher;
        self.table
            .insert_unique(hash, made.clone(), |own| self::hash(hasher, own.all()));
        made
    }

    /// Forgets what nobody else holds, whenever there is twice as much as was left the last time.
    fn sweep(&mut self) {
        if self.table.len() < self.sweep_at.max(FEWEST_SWEPT) {
            return;
        }
        self.table.retain(|own| Arc::strong_count(&own.0) > 1);
        self.sweep_at = self.table.len().saturating_mul(2);
    }
}

fn hash<'v>(hasher: &RandomState, values: impl Iterator<Item = (FieldId, Cow<'v, str>)>) -> u64 {
    let mut state = hasher.build_hasher();
    values.for_each(|pair| pair.hash(&mut state));
    state.finish()
}

/// A value without regard to case, where that is another.
fn folded(value: &str) -> Option<Box<str>> {
    let is_folded = value.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    (!is_folded).then(|| value.to_lowercase().into())
}

/// As much of a value as is kept.
fn cut(value: Cow<'_, str>) -> Cow<'_, str> {
    if value.len() <= LONGEST {
        return value;
    }
    let whole = FixedState::default().hash_one(&value);
    let kept = value.get(..value.floor_char_boundary(LONGEST)).unwrap_or_default();
    format!("{kept}…{whole:016x}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn fields<'v>(values: &[&'v str]) -> Vec<Field<'v>> {
        let field = |(number, value): (u32, &&'v str)| Field {
            id: FieldId(number),
            value: Value::Text(value),
        };
        (0..).zip(values).map(field).collect()
    }

    #[test]
    fn what_is_the_same_is_kept_once() {
        let wanted = [FieldId(0), FieldId(2)];
        let (mut store, mut other) = (ValueStore::default(), ValueStore::default());
        let one = store.of(&wanted, &fields(&["Anna", "x", "b"]));
        let same = store.of(&wanted, &fields(&["Anna", "y", "b"]));
        let third = store.of(&wanted, &fields(&["anna", "y", "b"]));
        assert!(Arc::ptr_eq(&one.0, &same.0) && !Arc::ptr_eq(&one.0, &third.0));
        assert_eq!(
            (one.text(FieldId(0)), one.folded(FieldId(0))),
            (Some("Anna"), Some("anna"))
        );
        assert_eq!((one.text(FieldId(1)), one.folded(FieldId(2))), (None, Some("b")));
        let shared = other.share(&one);
        assert!(Arc::ptr_eq(&shared.0, &other.share(&same).0));
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let mut store = ValueStore::default();
        let held = store.of(&[FieldId(0)], &fields(&["held"]));
        for number in 0..50_000 {
            store.of(&[FieldId(0)], &fields(&[&number.to_string()]));
        }
        assert!(store.table.len() <= FEWEST_SWEPT, "{}", store.table.len());
        assert!(Arc::ptr_eq(&held.0, &store.of(&[FieldId(0)], &fields(&["held"])).0));
    }

    #[test]
    fn long_values_are_told_apart_by_their_ends() {
        let mut store = ValueStore::default();
        let long = "ä".repeat(100_000);
        let one = store.of(&[FieldId(0)], &fields(&[&long]));
        let other = store.of(&[FieldId(0)], &fields(&[&format!("{long}b")]));
        let (one, other) = (one.text(FieldId(0)).unwrap(), other.text(FieldId(0)).unwrap());
        assert!(one != other && one.len() < 300 && one.get(..256) == other.get(..256));
    }
}
