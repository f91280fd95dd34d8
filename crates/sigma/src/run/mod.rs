//! Records against a program.

mod explain;
mod memo;
mod route;

pub use explain::{Explanation, Reason};
pub use route::{Known, Origin, Route};

use crate::program::bits::Bits;
use crate::program::expression::{ACCEPT, FieldPair, PAIR, REJECT};
use crate::program::field::{FieldIndex, Texts, settles};
use crate::program::found::Found;
use crate::program::index::{Index, small, usize};
use crate::program::predicate::Predicate;
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
    /// Sets of predicates that are asked of every value.
    keywords: Vec<FieldIndex>,
    /// Rules to decide.
    candidates: Bits,
    matched: Vec<RuleId>,
    looked_up: Vec<Looked>,
    asking: Asking,
}

/// What a value is asked with.
struct Asking {
    memo: Memo,
    texts: Texts,
    found: Found,
    /// Predicates that hold for the record.
    truth: Bits,
    /// Which values of the record are asked for keywords together.
    others: Vec<u32>,
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

impl<'p> Matcher<'p> {
    /// A matcher that has seen nothing.
    pub fn new(program: &'p Program) -> Self {
        let mut own = Self {
            program,
            routes: HashMap::default(),
            eligible: Vec::new(),
            keywords: Vec::new(),
            candidates: Bits::new(program.rules.len()),
            matched: Vec::new(),
            looked_up: Vec::new(),
            asking: Asking {
                memo: Memo::new(),
                texts: Texts::default(),
                found: Found::new(program.predicates.len()),
                truth: Bits::new(program.predicates.len()),
                others: Vec::new(),
                effort: Effort::default(),
            },
        };
        own.add(Eligible::new(program, |_| true));
        own
    }

    /// What was done so far.
    pub fn effort(&self) -> Effort {
        self.asking.effort
    }

    /// The route for records of an origin; ask once for many records.
    pub fn route(&mut self, origin: &Origin) -> Route {
        if let Some(route) = self.routes.get(origin) {
            return *route;
        }
        if self.eligible.len() >= ORIGINS {
            return Route::ALL;
        }
        let route = self.add(Eligible::new(self.program, |rule| origin.admits(&rule.logsource)));
        self.routes.insert(origin.clone(), route);
        route
    }

    fn add(&mut self, mut eligible: Eligible) -> Route {
        let known = self.eligible.iter().find(|other| other.asked == eligible.asked);
        eligible.keywords = known.and_then(|other| other.keywords);
        if known.is_none() && !eligible.asked.is_empty() {
            let predicates = eligible.asked.iter();
            let predicates: Vec<(u32, &Predicate)> = predicates
                .filter_map(|number| Some((*number, self.program.predicates.get(usize(*number))?)))
                .collect();
            eligible.keywords = Some(self.keywords.len());
            self.keywords.push(FieldIndex::new(&predicates, true));
        }
        let route = Route(small(self.eligible.len()));
        self.eligible.push(eligible);
        route
    }

    /// The rules that match a record, from the least number.
    pub fn matches(&mut self, route: Route, fields: &[Field<'_>]) -> &[RuleId] {
        let program = self.program;
        self.matched.clear();
        let Some(eligible) = self.eligible.get(usize(route.0)) else {
            return &self.matched;
        };
        let keywords = eligible.keywords.and_then(|set| self.keywords.get(set));
        let asking = &mut self.asking;
        self.candidates.set_both(&program.index.always, &eligible.rules);
        asking.truth.clear();
        self.looked_up.clear();
        touch(fields);
        for (number, field) in fields.iter().enumerate() {
            if eligible.fields.has(usize(field.id.0)) {
                let looked = asking.memo.look(program, field, eligible.keywords, small(number));
                self.looked_up.push(looked);
            }
        }
        for looked in &self.looked_up {
            if let Some(field) = fields.get(usize(looked.number)) {
                asking.field(program, *field, looked, keywords, &mut self.candidates);
            }
        }
        if let Some(keywords) = keywords {
            asking.others(program, fields, &self.looked_up, keywords, &mut self.candidates);
        }
        asking.effort.records += 1;
        for rule in self.candidates.both(&eligible.rules) {
            asking.effort.decided += 1;
            if decide(program, rule, &asking.truth, fields) {
                self.matched.push(RuleId(small(rule)));
            }
        }
        &self.matched
    }
}

/// Marks predicates that nominate rules among those that are remembered.
const NOMINATES: u32 = 1 << 31;

impl Asking {
    /// Takes the predicates that hold for a value of a field, and of keywords where the value is remembered with them.
    fn field(
        &mut self,
        program: &Program,
        field: Field<'_>,
        looked: &Looked,
        keywords: Option<&FieldIndex>,
        candidates: &mut Bits,
    ) {
        let index = &program.index;
        let Some(of_field) = index.fields.get(usize(field.id.0)) else {
            return;
        };
        let number = number_bytes(field.value);
        let remembered = looked.asked.zip(known_bytes(field.value, &number));
        if let Some((asked, bytes)) = remembered
            && let Some(predicates) = self.memo.get(looked.slot, &looked.pair, asked, bytes)
        {
            let (predicates, _) = predicates.as_chunks::<4>();
            let predicates = predicates.iter().map(|bytes| u32::from_le_bytes(*bytes));
            hold(predicates, index, &mut self.truth, candidates);
            self.effort.recalled += 1;
            return;
        }
        self.effort.answered += 1;
        self.found.clear();
        let is_answered = match field.value {
            Value::Integer(integer) => of_field.answer_integer(integer, &mut self.found),
            _ => false,
        };
        if !is_answered {
            self.texts.set(field.value);
            of_field.search(field.value, &mut self.texts, &mut self.found);
            if let Some(keywords) = keywords.filter(|_| remembered.is_some()) {
                keywords.search(field.value, &mut self.texts, &mut self.found);
            }
            let texts = &self.texts;
            self.found.settle(|number| {
                let predicate = program.predicates.get(usize(number));
                predicate.is_some_and(|predicate| settles(&predicate.ask, field.value, texts))
            });
        }
        self.take(index, candidates);
        if let Some((asked, bytes)) = remembered {
            self.memo.put(looked.slot, asked, bytes, self.found.hits());
        }
    }

    /// Takes the predicates that hold for any of the values with which none were remembered.
    fn others(
        &mut self,
        program: &Program,
        fields: &[Field<'_>],
        looked_up: &[Looked],
        keywords: &FieldIndex,
        candidates: &mut Bits,
    ) {
        let mut looked_up = looked_up.iter().filter(|looked| looked.asked.is_some()).peekable();
        self.others.clear();
        for number in (0..).take(fields.len()) {
            if looked_up.next_if(|looked| looked.number == number).is_none() {
                self.others.push(number);
            }
        }
        let values = self.others.iter().filter_map(|number| fields.get(usize(*number)));
        let values = values.map(|field| field.value);
        self.found.clear();
        self.texts.set_all(values.clone());
        keywords.search_any(values.clone(), &mut self.texts, &mut self.found);
        self.found.settle(|number| {
            let ask = program.predicates.get(usize(number)).map(|predicate| &predicate.ask);
            ask.is_some_and(|ask| values.clone().any(|value| ask.find(value).is_some()))
        });
        self.take(&program.index, candidates);
    }

    /// Takes what was found, and marks in it what nominates.
    fn take(&mut self, index: &Index, candidates: &mut Bits) {
        for hit in self.found.hits_mut() {
            if index.nominating.has(usize(*hit)) {
                *hit |= NOMINATES;
            }
        }
        hold(self.found.hits().iter().copied(), index, &mut self.truth, candidates);
    }
}

/// A field of a record, and where its answer may be remembered.
#[derive(Clone, Copy, Default)]
struct Looked {
    /// Which field of the record.
    number: u32,
    /// What is asked, where remembering is worth it.
    asked: Option<u32>,
    slot: Slot,
    pair: Pair,
}

impl Memo {
    fn look(&self, program: &Program, field: &Field<'_>, keywords: Option<usize>, number: u32) -> Looked {
        let of_field = program.index.fields.get(usize(field.id.0));
        let bytes = number_bytes(field.value);
        let is_number = matches!(field.value, Value::Integer(_));
        let known = known_bytes(field.value, &bytes).filter(|_| of_field.is_some_and(FieldIndex::is_worth_remembering));
        let asked = known.zip(memo::asked(field.id.0, is_number, keywords));
        let Some((known, asked)) = asked else {
            return Looked {
                number,
                ..Looked::default()
            };
        };
        let slot = Self::slot(asked, known);
        Looked {
            number,
            asked: Some(asked),
            slot,
            pair: self.pair(slot),
        }
    }
}

/// Reads a byte of each text. What follows waits for one at a time; here the processor waits for all of them at once.
fn touch(fields: &[Field<'_>]) {
    let first = |field: &Field<'_>| match field.value {
        Value::Text(text) => text.as_bytes().first().copied().unwrap_or(0),
        _ => 0,
    };
    std::hint::black_box(fields.iter().map(first).fold(0_u8, u8::wrapping_add));
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

/// Predicates hold, and nominate rules.
fn hold(predicates: impl Iterator<Item = u32>, index: &Index, truth: &mut Bits, candidates: &mut Bits) {
    for marked in predicates {
        let predicate = marked & !NOMINATES;
        truth.set(usize(predicate));
        if marked != predicate {
            for rule in index.nominations.get(predicate) {
                candidates.set(usize(*rule));
            }
        }
    }
}

/// Walks a rule's steps.
fn decide(program: &Program, rule: usize, truth: &Bits, fields: &[Field<'_>]) -> bool {
    let mut at = program.index.entries.get(rule).copied().unwrap_or(REJECT);
    while let Some(step) = program.index.steps.get(usize(at)) {
        let holds = if step.ask & PAIR == 0 {
            program.index.items.holds(step.ask, truth)
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
