//! A rule's logic over items, and the short code that decides it.

use super::predicate::Item;
use crate::rule::detection::Relation;

/// A comparison of two fields of one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FieldPair {
    pub(crate) field: u32,
    pub(crate) other: u32,
    pub(crate) relation: Relation,
    pub(crate) is_cased: bool,
}

/// A rule's logic. Its depth is bounded by the parsers of conditions and documents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Logic {
    Constant(bool),
    Item(u32),
    Pair(u32),
    Not(Box<Logic>),
    And(Vec<Logic>),
    Or(Vec<Logic>),
    /// A selection, by its index among the rule's names.
    Selection(u32, Box<Logic>),
}

impl Logic {
    pub(crate) fn not(self) -> Self {
        match self {
            Self::Constant(is) => Self::Constant(!is),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// How many parts it has.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::Constant(_) | Self::Item(_) | Self::Pair(_) => 1,
            Self::Not(inner) | Self::Selection(_, inner) => 1 + inner.parts(),
            Self::And(parts) | Self::Or(parts) => 1 + parts.iter().map(Self::parts).sum::<usize>(),
        }
    }

    /// Items of which one holds whenever the logic does, with how often one holds by guess: 0 never, 1 always.
    pub(crate) fn witness(&self, costs: &[f32], is_positive: bool) -> Option<(f32, Vec<u32>)> {
        match self {
            Self::Constant(is) => (*is != is_positive).then(|| (0.0, Vec::new())),
            Self::Item(item) if is_positive => Some((cost(costs, *item), vec![*item])),
            Self::Item(_) | Self::Pair(_) => None,
            Self::Not(inner) => inner.witness(costs, !is_positive),
            Self::Selection(_, inner) => inner.witness(costs, is_positive),
            Self::And(parts) if is_positive => cheapest(parts, costs, is_positive),
            Self::Or(parts) if !is_positive => cheapest(parts, costs, is_positive),
            Self::And(parts) | Self::Or(parts) => {
                let mut all = Vec::new();
                let mut sum = 0.0;
                for part in parts {
                    let (cost, items) = part.witness(costs, is_positive)?;
                    sum += cost;
                    all.extend(items);
                }
                all.sort_unstable();
                all.dedup();
                Some((sum, all))
            }
        }
    }

    /// How often the logic holds, by guess.
    fn likely(&self, costs: &[f32]) -> f32 {
        match self {
            Self::Constant(is) => f32::from(u8::from(*is)),
            Self::Item(item) => cost(costs, *item),
            Self::Pair(_) => 0.5,
            Self::Not(inner) => 1.0 - inner.likely(costs),
            Self::Selection(_, inner) => inner.likely(costs),
            Self::And(parts) => parts.iter().map(|part| part.likely(costs)).fold(1.0, f32::min),
            Self::Or(parts) => parts
                .iter()
                .map(|part| part.likely(costs))
                .fold(0.0, |sum, part| (sum + part).min(1.0)),
        }
    }

    /// The value, by a question for each item and pair.
    pub(crate) fn holds(&self, item: &impl Fn(u32) -> bool, pair: &impl Fn(u32) -> bool) -> bool {
        match self {
            Self::Constant(is) => *is,
            Self::Item(index) => item(*index),
            Self::Pair(index) => pair(*index),
            Self::Not(inner) => !inner.holds(item, pair),
            Self::Selection(_, inner) => inner.holds(item, pair),
            Self::And(parts) => parts.iter().all(|part| part.holds(item, pair)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(item, pair)),
        }
    }

    /// Every item and pair.
    pub(crate) fn visit(&self, each: &mut impl FnMut(&Logic)) {
        match self {
            Self::Constant(_) => {}
            Self::Item(_) | Self::Pair(_) => each(self),
            Self::Not(inner) | Self::Selection(_, inner) => inner.visit(each),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(each)),
        }
    }
}

fn cheapest(parts: &[Logic], costs: &[f32], is_positive: bool) -> Option<(f32, Vec<u32>)> {
    let witnesses = parts.iter().filter_map(|part| part.witness(costs, is_positive));
    witnesses.min_by(|one, other| one.0.total_cmp(&other.0))
}

fn cost(costs: &[f32], item: u32) -> f32 {
    usize::try_from(item)
        .ok()
        .and_then(|item| costs.get(item))
        .copied()
        .unwrap_or(1.0)
}

/// One step: a question, and where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// An item, or a pair with [`PAIR`] set.
    pub(crate) ask: u32,
    pub(crate) yes: u32,
    pub(crate) no: u32,
}

/// Marks pairs among the questions.
pub(crate) const PAIR: u32 = 1 << 31;
/// The rule matches.
pub(crate) const ACCEPT: u32 = u32::MAX;
/// The rule does not match.
pub(crate) const REJECT: u32 = u32::MAX - 1;

/// Appends the steps of `logic` and returns the first. What is rare comes first where all must hold, what is frequent
/// where one is enough. Steps go to earlier ones only, so every walk ends.
pub(crate) fn assemble(logic: &Logic, costs: &[f32], yes: u32, no: u32, steps: &mut Vec<Step>) -> u32 {
    match logic {
        Logic::Constant(is) => return if *is { yes } else { no },
        Logic::Item(item) => steps.push(Step { ask: *item, yes, no }),
        Logic::Pair(pair) => steps.push(Step {
            ask: pair | PAIR,
            yes,
            no,
        }),
        Logic::Not(inner) => return assemble(inner, costs, no, yes, steps),
        Logic::Selection(_, inner) => return assemble(inner, costs, yes, no, steps),
        Logic::And(parts) | Logic::Or(parts) => {
            let is_and = matches!(logic, Logic::And(_));
            let mut parts: Vec<(f32, &Logic)> = parts.iter().map(|part| (part.likely(costs), part)).collect();
            // The last is assembled first.
            parts.sort_by(|one, other| {
                if is_and {
                    other.0.total_cmp(&one.0)
                } else {
                    one.0.total_cmp(&other.0)
                }
            });
            let mut next = if is_and { yes } else { no };
            for (_, part) in parts {
                next = if is_and {
                    assemble(part, costs, next, no, steps)
                } else {
                    assemble(part, costs, yes, next, steps)
                };
            }
            return next;
        }
    }
    u32::try_from(steps.len()).unwrap_or(u32::MAX) - 1
}

/// What an item of these predicates' guesses costs.
pub(crate) fn guess(item: &Item, guesses: &[f32]) -> f32 {
    let sum: f32 = item.predicates.iter().map(|predicate| cost(guesses, *predicate)).sum();
    sum.min(1.0)
}
