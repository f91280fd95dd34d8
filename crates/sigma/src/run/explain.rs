//! Why a rule matches: which field's value, which pattern, and where in the value.
//!
//! Explaining asks every question of the rule again, plainly and without any index, so it is also what the quick way is
//! tested against.

use super::{Field, pair_holds};
use crate::program::expression::Logic;
use crate::program::index::usize;
use crate::program::{FieldId, Program, RuleId};
use crate::value::Value;

/// One answer that made a rule match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The selection, as the rule names it.
    pub selection: String,
    /// The field; empty for keywords.
    pub field: String,
    /// The value. Text that others wrote.
    pub value: String,
    /// What was asked, by the name of its modifier: `contains`, `equals`, `cidr`.
    pub operator: &'static str,
    /// What was asked for.
    pub pattern: String,
    /// Where in `value` it is, in bytes.
    pub span: (usize, usize),
}

/// Why a rule matches a record, or that it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The rule matches.
    pub is_match: bool,
    /// What made it match, in the order of the rule. Selections behind `not` have no part in it.
    pub reasons: Vec<Reason>,
}

impl Program {
    /// Why a rule matches a record. Whether the record's origin is one the rule looks at is not asked.
    pub fn explain(&self, rule: RuleId, fields: &[Field<'_>]) -> Explanation {
        let Some(info) = self.rule(rule) else {
            return Explanation::default();
        };
        let item = |item: u32| self.hits(item, fields).next().is_some();
        let pair = |pair: u32| self.pairs.get(usize(pair)).is_some_and(|pair| pair_holds(pair, fields));
        let mut explanation = Explanation {
            is_match: info.logic.holds(&item, &pair),
            reasons: Vec::new(),
        };
        if explanation.is_match {
            self.reasons(&info.logic, "", &info.names, fields, &mut explanation.reasons);
        }
        explanation
    }

    /// Which values answer an item with yes: the value, the predicate, and where.
    fn hits<'f, 'v>(
        &'f self,
        item: u32,
        fields: &'f [Field<'v>],
    ) -> impl Iterator<Item = (Value<'v>, u32, (usize, usize))> + 'f {
        let item = self.items.get(usize(item));
        item.into_iter().flat_map(move |item| {
            let own = fields
                .iter()
                .filter(|field| field.id.0 == item.field || item.field == FieldId::ANY.0);
            own.flat_map(move |field| {
                item.predicates.iter().filter_map(move |number| {
                    let place = self.predicates.get(usize(*number))?.ask.find(field.value)?;
                    Some((field.value, *number, place))
                })
            })
        })
    }

    fn reasons(&self, logic: &Logic, selection: &str, names: &[String], fields: &[Field<'_>], out: &mut Vec<Reason>) {
        let item = |item: u32| self.hits(item, fields).next().is_some();
        let pair = |pair: u32| self.pairs.get(usize(pair)).is_some_and(|pair| pair_holds(pair, fields));
        match logic {
            Logic::Constant(_) | Logic::Not(_) => {}
            Logic::Selection(name, inner) => {
                self.reasons(
                    inner,
                    names.get(usize(*name)).map_or("", String::as_str),
                    names,
                    fields,
                    out,
                );
            }
            Logic::And(parts) => parts
                .iter()
                .for_each(|part| self.reasons(part, selection, names, fields, out)),
            Logic::Or(parts) => parts
                .iter()
                .filter(|part| part.holds(&item, &pair))
                .for_each(|part| self.reasons(part, selection, names, fields, out)),
            Logic::Item(item) => out.extend(
                self.hits(*item, fields)
                    .next()
                    .and_then(|hit| self.reason(hit, selection)),
            ),
            Logic::Pair(pair) => out.extend(self.pairs.get(usize(*pair)).map(|pair| {
                let value = fields.iter().find(|field| field.id.0 == pair.field);
                let value = value
                    .and_then(|field| field.value.text())
                    .unwrap_or_default()
                    .into_owned();
                Reason {
                    selection: selection.to_owned(),
                    field: self.field_name(FieldId(pair.field)).to_owned(),
                    span: (0, value.len()),
                    value,
                    operator: "fieldref",
                    pattern: self.field_name(FieldId(pair.other)).to_owned(),
                }
            })),
        }
    }

    fn reason(&self, hit: (Value<'_>, u32, (usize, usize)), selection: &str) -> Option<Reason> {
        let (value, number, place) = hit;
        let predicate = self.predicates.get(usize(number))?;
        let text = value.text().unwrap_or_default().into_owned();
        let span = if predicate.ask.is_lowered() {
            unlowered(&text, place)
        } else {
            place
        };
        Some(Reason {
            selection: selection.to_owned(),
            field: self.field_name(FieldId(predicate.field)).to_owned(),
            value: text,
            operator: predicate.ask.operator(),
            pattern: predicate.ask.to_string(),
            span,
        })
    }
}

/// A place in the lower case of `text` as one in `text`: some characters have a longer or shorter lower case.
fn unlowered(text: &str, place: (usize, usize)) -> (usize, usize) {
    if text.is_ascii() {
        return place;
    }
    let (mut lower, mut start, mut end) = (0, text.len(), text.len());
    for (at, c) in text.char_indices() {
        if lower <= place.0 {
            start = at;
        }
        if lower >= place.1 {
            end = at;
            break;
        }
        lower += c.to_lowercase().map(char::len_utf8).sum::<usize>();
    }
    (start, end.max(start))
}
