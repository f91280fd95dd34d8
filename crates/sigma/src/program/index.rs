//! What is made of a program's predicates and rules so that a record is matched quickly. Nothing of it is stored; it is
//! built anew in milliseconds whenever a program is.
//!
//! A value of a field is asked once for all rules ([`FieldIndex`]). Each rule has one *witness*, the rarest set of items of
//! which one holds whenever the rule matches; a predicate that holds nominates the rules whose witness it is in, and only
//! those are decided. What items they ask for is looked up then.

use super::bits::Bits;
use super::expression::{ACCEPT, Logic, REJECT, Step, assemble, guess};
use super::field::FieldIndex;
use super::predicate::{Item, Predicate};
use super::rarity::Ordinary;

/// Lists of numbers, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Lists {
    /// From pairs of list and member.
    pub(crate) fn new(lists: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0_u32; lists + 1];
        for (list, _) in &pairs {
            if let Some(start) = starts.get_mut(usize(*list) + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self {
            starts,
            members: pairs.into_iter().map(|(_, member)| member).collect(),
        }
    }

    pub(crate) fn get(&self, list: u32) -> &[u32] {
        let list = usize(list);
        let from = self.starts.get(list).copied().map_or(0, usize);
        let to = self.starts.get(list + 1).copied().map_or(0, usize);
        self.members.get(from..to).unwrap_or_default()
    }
}

pub(crate) fn usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(crate) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Predicates of items as words of sets, so that an item is answered by a few of them.
#[derive(Debug, Default)]
pub(crate) struct Items {
    starts: Vec<u32>,
    words: Vec<(u32, u64)>,
}

impl Items {
    fn new(items: &[Item]) -> Self {
        let mut own = Self::default();
        own.starts.push(0);
        for item in items {
            let begin = own.words.len();
            for predicate in &item.predicates {
                let (word, bit) = (predicate / 64, 1 << (predicate % 64));
                // Predicates of an item are in order.
                match own.words.get_mut(begin..).and_then(<[_]>::last_mut) {
                    Some((last, bits)) if *last == word => *bits |= bit,
                    _ => own.words.push((word, bit)),
                }
            }
            own.starts.push(small(own.words.len()));
        }
        own
    }

    /// Whether one of the item's predicates is among `truth`.
    pub(crate) fn holds(&self, item: u32, truth: &Bits) -> bool {
        let item = usize(item);
        let from = self.starts.get(item).copied().map_or(0, usize);
        let to = self.starts.get(item + 1).copied().map_or(0, usize);
        let words = self.words.get(from..to).unwrap_or_default();
        words.iter().any(|(word, bits)| truth.word(usize(*word)) & bits != 0)
    }
}

/// Everything that is made of predicates, items and rules.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// One for each field of the program.
    pub(crate) fields: Vec<FieldIndex>,
    pub(crate) items: Items,
    /// Rules by predicate.
    pub(crate) nominations: Lists,
    /// Predicates that nominate.
    pub(crate) nominating: Bits,
    /// Rules without a witness.
    pub(crate) always: Bits,
    pub(crate) steps: Vec<Step>,
    /// The first step of each rule.
    pub(crate) entries: Vec<u32>,
    /// Fields of each rule.
    pub(crate) fields_of: Lists,
    /// Predicates of each rule that are asked of any field.
    pub(crate) keywords_of: Lists,
}

impl Index {
    pub(crate) fn new<'l>(
        field_names: &[String],
        predicates: &[Predicate],
        items: &[Item],
        pairs: &[super::expression::FieldPair],
        rules: impl ExactSizeIterator<Item = &'l Logic>,
    ) -> Self {
        let mut by_field: Vec<Vec<(u32, &Predicate)>> = vec![Vec::new(); field_names.len()];
        for (number, predicate) in predicates.iter().enumerate() {
            if let Some(own) = by_field.get_mut(usize(predicate.field)) {
                own.push((small(number), predicate));
            }
        }
        let ordinary = Ordinary::new();
        let name = |field: u32| field_names.get(usize(field)).map_or("", String::as_str);
        let guesses: Vec<f32> = predicates
            .iter()
            .map(|predicate| ordinary.rarity(predicate, name(predicate.field)))
            .collect();
        let costs: Vec<f32> = items.iter().map(|item| guess(item, &guesses)).collect();
        let mut own = Self {
            // Keywords are indexed for each route.
            fields: by_field
                .iter()
                .enumerate()
                .map(|(field, predicates)| FieldIndex::new(if field == 0 { &[] } else { predicates }, false))
                .collect(),
            items: Items::new(items),
            always: Bits::new(rules.len()),
            ..Self::default()
        };
        let count = rules.len();
        let (mut nominations, mut fields_of, mut keywords_of) = (Vec::new(), Vec::new(), Vec::new());
        for (number, logic) in rules.enumerate() {
            let rule = small(number);
            match logic.witness(&costs, true) {
                Some((_, witnesses)) => {
                    let items = witnesses.iter().filter_map(|item| items.get(usize(*item)));
                    let predicates = items.flat_map(|item| item.predicates.iter());
                    nominations.extend(predicates.map(|predicate| (*predicate, rule)));
                }
                None => own.always.set(number),
            }
            let first = assemble(logic, &costs, ACCEPT, REJECT, &mut own.steps);
            own.entries.push(first);
            logic.visit(&mut |part| match part {
                Logic::Item(item) => {
                    let Some(item) = items.get(usize(*item)) else { return };
                    fields_of.push((rule, item.field));
                    if item.field == 0 {
                        keywords_of.extend(item.predicates.iter().map(|predicate| (rule, *predicate)));
                    }
                }
                Logic::Pair(pair) => {
                    let pair = pairs.get(usize(*pair));
                    fields_of.extend(
                        pair.into_iter()
                            .flat_map(|pair| [pair.field, pair.other])
                            .map(|field| (rule, field)),
                    );
                }
                _ => {}
            });
        }
        own.nominating = Bits::new(predicates.len());
        for (predicate, _) in &nominations {
            own.nominating.set(usize(*predicate));
        }
        own.nominations = Lists::new(predicates.len(), nominations);
        own.fields_of = Lists::new(count, fields_of);
        own.keywords_of = Lists::new(count, keywords_of);
        own
    }
}
