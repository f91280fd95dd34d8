//! Records against a program.

mod explain;
mod memo;
mod route;

pub use explain::{Explanation, Reason};
pub use route::{Known, Origin, Route};

use crate::program::bits::Bits;
use crate::program::expression::{ACCEPT, FieldPair, PAIR, REJECT};
use crate::program::index::{Index, Scratch, small, usize};
use crate::program::{FieldId, Program, RuleId};
use crate::rule::detection::Relation;
use crate::rule::pattern::lower;
use crate::value::Value;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use memo::Memo;
use route::Eligible;

/// A value of a record, under the number of its field's name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field<'v> {
    /// The name.
    pub id: FieldId,
    /// The value. A list is several values under one name.
    pub value: Value<'v>,
}

/// Most origins that a matcher tells apart. Further ones are treated as unknown.
const ORIGINS: usize = 4_096;

/// Matches records against a program. One for each thread: it remembers what it has seen.
pub struct Matcher<'p> {
    program: &'p Program,
    routes: HashMap<Origin, Route, FixedState>,
    eligible: Vec<Eligible>,
    /// Items that hold for the record.
    truth: Bits,
    /// Rules to decide.
    candidates: Bits,
    matched: Vec<RuleId>,
    memo: Memo,
    scratch: Scratch,
    answer: Answer,
}

/// The answer that is being collected.
#[derive(Default)]
struct Answer {
    items: Vec<u32>,
    /// When a predicate was last hit, and an item last taken, to take each once.
    predicates: Vec<u32>,
    taken: Vec<u32>,
    now: u32,
}

impl Answer {
    fn begin(&mut self) {
        self.items.clear();
        self.now = self.now.wrapping_add(1);
        if self.now == 0 {
            self.predicates.fill(0);
            self.taken.fill(0);
            self.now = 1;
        }
    }

    fn hit(&mut self, predicate: u32, index: &Index) {
        match self.predicates.get_mut(usize(predicate)) {
            Some(last) if *last != self.now => *last = self.now,
            _ => return,
        }
        for item in index.items.get(predicate) {
            if let Some(last) = self.taken.get_mut(usize(*item)).filter(|last| **last != self.now) {
                *last = self.now;
                self.items.push(*item);
            }
        }
    }
}

impl<'p> Matcher<'p> {
    /// A matcher that has seen nothing.
    pub fn new(program: &'p Program) -> Self {
        Self {
            program,
            routes: HashMap::default(),
            eligible: vec![Eligible::new(program, |_| true)],
            truth: Bits::new(program.items.len()),
            candidates: Bits::new(program.rules.len()),
            matched: Vec::new(),
            memo: Memo::new(),
            scratch: Scratch::default(),
            answer: Answer {
                predicates: vec![0; program.predicates.len()],
                taken: vec![0; program.items.len()],
                ..Answer::default()
            },
        }
    }

    /// The route for records of an origin; ask once for many records.
    pub fn route(&mut self, origin: &Origin) -> Route {
        if let Some(route) = self.routes.get(origin) {
            return *route;
        }
        if self.eligible.len() >= ORIGINS {
            return Route::ALL;
        }
        let eligible = Eligible::new(self.program, |rule| origin.admits(&rule.logsource));
        let route = Route(small(self.eligible.len()));
        self.eligible.push(eligible);
        self.routes.insert(origin.clone(), route);
        route
    }

    /// The rules that match a record, from the least number.
    pub fn matches(&mut self, route: Route, fields: &[Field<'_>]) -> &[RuleId] {
        let program = self.program;
        self.matched.clear();
        let own = usize(route.0);
        let Some(eligible) = self.eligible.get(own) else {
            return &self.matched;
        };
        self.candidates.set_both(&program.index.always, &eligible.rules);
        self.truth.clear();
        let has_keywords = eligible.has_keywords;
        for field in fields {
            let is_asked = self
                .eligible
                .get(own)
                .is_some_and(|eligible| eligible.fields.has(usize(field.id.0)));
            let id = if is_asked { field.id } else { FieldId::OTHER };
            if is_asked || has_keywords {
                self.field(id, field.value, has_keywords);
            }
        }
        let Some(eligible) = self.eligible.get(own) else {
            return &self.matched;
        };
        for rule in self.candidates.both(&eligible.rules) {
            if decide(program, rule, &self.truth, fields) {
                self.matched.push(RuleId(small(rule)));
            }
        }
        &self.matched
    }

    /// Takes the items that hold for a value of a field, and for keywords where they are looked for.
    fn field(&mut self, field: FieldId, value: Value<'_>, has_keywords: bool) {
        let index = &self.program.index;
        let of_field = index.fields.get(usize(field.0));
        let is_worth_it = has_keywords || of_field.is_some_and(|of_field| of_field.is_worth_remembering);
        let asked = u64::from(field.0) | u64::from(has_keywords) << 32;
        let bytes;
        let known = match value {
            Value::Text(text) if is_worth_it && text.len() <= memo::LONGEST => Some((asked, text.as_bytes())),
            Value::Integer(number) if is_worth_it => {
                bytes = number.to_le_bytes();
                Some((asked | 1 << 33, bytes.as_slice()))
            }
            _ => None,
        };
        let slot = known.map(|(asked, bytes)| (self.memo.slot(asked, bytes), asked, bytes));
        if let Some((slot, asked, bytes)) = slot
            && let Some(items) = self.memo.get(slot, asked, bytes)
        {
            let items = items
                .chunks_exact(4)
                .map(|item| item.try_into().map_or(0, u32::from_le_bytes));
            hold(items, index, &mut self.truth, &mut self.candidates);
            return;
        }
        self.answer.begin();
        let answer = &mut self.answer;
        let keywords = index.fields.first().filter(|_| has_keywords);
        for of_field in of_field.into_iter().chain(keywords) {
            of_field.answer(value, &self.program.predicates, &mut self.scratch, |predicate| {
                answer.hit(predicate, index)
            });
        }
        hold(
            self.answer.items.iter().copied(),
            index,
            &mut self.truth,
            &mut self.candidates,
        );
        if let Some((slot, asked, bytes)) = slot {
            self.memo.put(slot, asked, bytes, &self.answer.items);
        }
    }
}

/// Items hold, and nominate rules.
fn hold(items: impl Iterator<Item = u32>, index: &Index, truth: &mut Bits, candidates: &mut Bits) {
    for item in items {
        truth.set(usize(item));
        for rule in index.nominations.get(item) {
            candidates.set(usize(*rule));
        }
    }
}

/// Walks a rule's steps.
fn decide(program: &Program, rule: usize, truth: &Bits, fields: &[Field<'_>]) -> bool {
    let mut at = program.index.entries.get(rule).copied().unwrap_or(REJECT);
    while let Some(step) = program.index.steps.get(usize(at)) {
        let holds = if step.ask & PAIR == 0 {
            truth.has(usize(step.ask))
        } else {
            let pair = program.pairs.get(usize(step.ask & !PAIR));
            pair.is_some_and(|pair| pair_holds(pair, fields))
        };
        at = if holds { step.yes } else { step.no };
    }
    at == ACCEPT
}

/// Whether one value of a field is to one of another as asked.
pub(crate) fn pair_holds(pair: &FieldPair, fields: &[Field<'_>]) -> bool {
    let values = |id: u32| {
        fields
            .iter()
            .filter(move |field| field.id.0 == id)
            .filter_map(|field| field.value.text())
    };
    values(pair.field).any(|left| {
        values(pair.other).any(|right| {
            let (left, right) = if pair.is_cased {
                (left.as_bytes().to_vec(), right.as_bytes().to_vec())
            } else {
                (lower(left.as_bytes()), lower(right.as_bytes()))
            };
            match pair.relation {
                Relation::Equals => left == right,
                Relation::Contains => memchr::memmem::find(&left, &right).is_some(),
                Relation::StartsWith => left.starts_with(&right),
                Relation::EndsWith => left.ends_with(&right),
            }
        })
    })
}
