//! Records matched against rules one by one, for whoever tries rules on logs: with the same names and origins as when logs are
//! read as a whole.

use super::bound::Bound;
use super::names;
use super::normal::{Normal, Slot, slot};
use super::rules::Hand;
use std::fmt;
use watchfire_formats::log::{Format, NameId, Record};
use watchfire_sigma::{Field, Program, RuleId};

/// Matches records.
pub struct LogMatcher<'p> {
    hand: Hand<'p>,
    /// Of formats whose records say where they come from: which of their fields do, by the numbers of names.
    slots: Vec<(&'static Format, Vec<Option<Option<Slot>>>)>,
    bound: Bound,
}

impl fmt::Debug for LogMatcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogMatcher").finish_non_exhaustive()
    }
}

impl<'p> LogMatcher<'p> {
    /// Asks the rules of `program`.
    pub fn new(program: &'p Program) -> Self {
        Self {
            hand: Hand::new(program, None),
            slots: Vec::new(),
            bound: Bound::default(),
        }
    }

    /// The records that come are another reader's, whose names have other numbers.
    pub fn begin(&mut self) {
        self.slots.clear();
        self.bound.clear();
    }

    /// What the rules see of a record, and those that hold for it.
    pub fn matches<'r>(&mut self, record: &Record<'r>) -> (Vec<Field<'r>>, &[RuleId]) {
        let normal = self.normal(record);
        let origin = self.hand.origin(record, &normal);
        let mut fields = Vec::with_capacity(record.fields().len() + 1);
        self.hand.fields(record, origin, &mut self.bound, &mut fields);
        let route = self.hand.route(origin);
        let rules = self.hand.matcher.matches(route, &fields);
        (fields, rules)
    }

    /// Channel and number of an event of Windows.
    fn normal<'r>(&mut self, record: &Record<'r>) -> Normal<'r> {
        let mut normal = Normal::default();
        if !names::is_windows(record.format) {
            return normal;
        }
        let known = self.slots.iter().position(|(format, _)| *format == record.format);
        let known = known.unwrap_or_else(|| {
            self.slots.push((record.format, Vec::new()));
            self.slots.len() - 1
        });
        let Some((_, slots)) = self.slots.get_mut(known) else {
            return normal;
        };
        for field in record.fields() {
            let own = || slot(record, field.name);
            let known = (field.id != NameId::NONE)
                .then(|| place(slots, field.id.index()))
                .flatten();
            let slot = known.map_or_else(own, |known| *known.get_or_insert_with(own));
            if let Some(slot @ (Slot::Channel | Slot::Code)) = slot {
                normal.put(slot, field.value);
            }
        }
        normal
    }
}

/// The place of a number in a list, which grows to it.
fn place<T: Default>(list: &mut Vec<T>, number: usize) -> Option<&mut T> {
    if list.len() <= number {
        list.resize_with(number.saturating_add(1), T::default);
    }
    list.get_mut(number)
}
