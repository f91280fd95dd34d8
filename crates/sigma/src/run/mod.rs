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
use memo::{Memo, Pair, Slot};
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
const ORIGINS: usize = 512;

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
    looked_up: Vec<Looked>,
    scratch: Scratch,
    answer: Answer,
    effort: Effort,
}

/// How much was done, for those who measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Records.
    pub records: u64,
    /// Values whose answer was remembered.
    pub recalled: u64,
    /// Values that had to be asked.
    pub answered: u64,
    /// Rules that were nominated and decided.
    pub decided: u64,
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
            looked_up: Vec::new(),
            scratch: Scratch::default(),
            answer: Answer {
                predicates: vec![0; program.predicates.len()],
                taken: vec![0; program.items.len()],
                ..Answer::default()
            },
            effort: Effort::default(),
        }
    }

    /// What was done so far.
    pub fn effort(&self) -> Effort {
        self.effort
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
        self.looked_up.clear();
        for (number, field) in fields.iter().enumerate() {
            if eligible.fields.has(usize(field.id.0)) {
                self.looked_up.push(self.memo.look(program, field, small(number)));
            }
        }
        for number in 0..self.looked_up.len() {
            if let Some(looked) = self.looked_up.get(number).copied()
                && let Some(field) = fields.get(usize(looked.number))
            {
                self.field(*field, looked);
            }
        }
        self.keywords(own, fields);
        self.effort.records += 1;
        let Some(eligible) = self.eligible.get(own) else {
            return &self.matched;
        };
        for rule in self.candidates.both(&eligible.rules) {
            self.effort.decided += 1;
            if decide(program, rule, &self.truth, fields) {
                self.matched.push(RuleId(small(rule)));
            }
        }
        &self.matched
    }

    /// Takes the items that hold for a value of a field.
    fn field(&mut self, field: Field<'_>, looked: Looked) {
        let index = &self.program.index;
        let Some(of_field) = index.fields.get(usize(field.id.0)) else {
            return;
        };
        let number = number_bytes(field.value);
        let bytes = looked.asked.and_then(|_| known_bytes(field.value, &number));
        if let (Some(asked), Some(bytes)) = (looked.asked, bytes)
            && let Some(items) = self.memo.get(looked.slot, &looked.pair, asked, bytes)
        {
            let items = items
                .chunks_exact(4)
                .map(|item| item.try_into().map_or(0, u32::from_le_bytes));
            hold(items, index, &mut self.truth, &mut self.candidates);
            self.effort.recalled += 1;
            return;
        }
        self.effort.answered += 1;
        self.answer.begin();
        let answer = &mut self.answer;
        of_field.answer(field.value, &self.program.predicates, &mut self.scratch, |predicate| {
            answer.hit(predicate, index);
        });
        hold(
            self.answer.items.iter().copied(),
            index,
            &mut self.truth,
            &mut self.candidates,
        );
        if let (Some(asked), Some(bytes)) = (looked.asked, bytes) {
            self.memo.put(looked.slot, asked, bytes, &self.answer.items);
        }
    }

    /// Takes the items that hold for any value.
    fn keywords(&mut self, route: usize, fields: &[Field<'_>]) {
        let index = &self.program.index;
        let keywords = self.eligible.get(route).and_then(|eligible| eligible.keywords.as_ref());
        let Some(of_any) = keywords else { return };
        self.answer.begin();
        let answer = &mut self.answer;
        let values = fields.iter().map(|field| field.value);
        of_any.answer_any(values, &self.program.predicates, &mut self.scratch, |predicate| {
            answer.hit(predicate, index);
        });
        hold(
            self.answer.items.iter().copied(),
            index,
            &mut self.truth,
            &mut self.candidates,
        );
    }
}

/// A field of a record, and where its answer may be remembered.
#[derive(Clone, Copy, Default)]
struct Looked {
    /// Which field of the record.
    number: u32,
    /// What is asked, where remembering is worth it.
    asked: Option<u64>,
    slot: Slot,
    pair: Pair,
}

impl Memo {
    fn look(&self, program: &Program, field: &Field<'_>, number: u32) -> Looked {
        let of_field = program.index.fields.get(usize(field.id.0));
        let bytes = number_bytes(field.value);
        let known =
            known_bytes(field.value, &bytes).filter(|_| of_field.is_some_and(|of_field| of_field.is_worth_remembering));
        let Some(known) = known else {
            return Looked {
                number,
                ..Looked::default()
            };
        };
        let is_number = matches!(field.value, Value::Integer(_));
        let asked = u64::from(field.id.0) | u64::from(is_number) << 32;
        let slot = Self::slot(asked, known);
        Looked {
            number,
            asked: Some(asked),
            slot,
            pair: self.pair(slot),
        }
    }
}

fn number_bytes(value: Value<'_>) -> [u8; 8] {
    match value {
        Value::Integer(number) => number.to_le_bytes(),
        _ => [0; 8],
    }
}

/// What a value is remembered by; nothing for values that are not.
fn known_bytes<'v>(value: Value<'v>, number: &'v [u8; 8]) -> Option<&'v [u8]> {
    match value {
        Value::Text(text) if text.len() <= memo::LONGEST => Some(text.as_bytes()),
        Value::Integer(_) => Some(number),
        _ => None,
    }
}

/// Items hold, and nominate rules.
fn hold(items: impl Iterator<Item = u32>, index: &Index, truth: &mut Bits, candidates: &mut Bits) {
    for item in items {
        truth.set(usize(item));
        if !index.nominating.has(usize(item)) {
            continue;
        }
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
