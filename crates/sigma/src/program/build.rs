//! From rules as they are written to a program: names to numbers, checks to predicates, filters into the rules that they
//! name, correlations to their members.

use super::expression::{FieldPair, Logic};
use super::index::{small, usize};
use super::predicate::{Ask, Item, Predicate};
use super::{CorrelationInfo, FieldId, Member, Program, RuleId, RuleInfo};
use crate::problem::{Problem, nearest};
use crate::rule::detection::{Check, Detection, Test};
use crate::rule::pattern::Pattern;
use crate::rule::{Collection, Condition, Correlation, Filter, LogSource, Rule, is_meant, joined};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// Most ways in which some of several selections are chosen.
const WAYS: usize = 500;
/// Unknown names for which a similar one is looked for.
const MOST_HINTS: usize = 20;
/// Most parts of the logic of one rule, and of all rules together: a condition and filters may name a selection many times.
const PARTS: usize = 500_000;
const ALL_PARTS: usize = 4_000_000;
/// Most correlations of which each counts the one before. Alerts rise through them by recursion.
pub(crate) const LEVELS: usize = 16;

#[derive(Default)]
struct Builder {
    program: Program,
    fields: HashMap<String, u32, FixedState>,
    predicates: HashMap<Vec<u8>, u32, FixedState>,
    items: HashMap<Item, u32, FixedState>,
    pairs: HashMap<FieldPair, u32, FixedState>,
    /// What correlations can count, by identifier and name. The first of a name is meant.
    members: HashMap<String, Member, FixedState>,
    /// For each correlation, see [`Builder::level`].
    levels: Vec<usize>,
    /// Parts of the logic of all rules so far.
    parts: usize,
}

/// Selections with their logic, and of how many parts that is.
type Selections = Vec<(String, Logic, usize)>;

pub(super) fn build(collection: Collection, problems: &mut Vec<Problem>) -> Program {
    let mut builder = Builder::default();
    builder.program.field_names.push(String::new());
    check_filters(&collection.filters, &collection.rules, problems);
    let named = named(&collection.filters);
    for rule in collection.rules {
        let names = rule.meta.references().chain(["any"]);
        let numbers: BTreeSet<usize> = names.filter_map(|name| named.get(name)).flatten().copied().collect();
        let filters = numbers.into_iter().filter_map(|number| collection.filters.get(number));
        match builder.rule(&rule, filters) {
            Ok((logic, names)) => builder.program.rules.push(RuleInfo {
                meta: rule.meta,
                logsource: rule.logsource,
                is_silent: false,
                names,
                logic,
            }),
            Err(problem) => {
                let mut problem = problem;
                problem.source.clone_from(&rule.meta.source);
                problems.push(problem);
            }
        }
    }
    builder.correlations(collection.correlations, problems);
    builder.program.finish()
}

/// Filters that exclude nothing.
fn check_filters(filters: &[Filter], rules: &[Rule], problems: &mut Vec<Problem>) {
    let mut known: HashMap<&str, &LogSource, FixedState> = HashMap::default();
    for rule in rules {
        for name in rule.meta.references() {
            known.entry(name).or_insert(&rule.logsource);
        }
    }
    for filter in filters {
        for name in filter.rules.iter().filter(|name| *name != "any") {
            let message = match known.get(name.as_str()) {
                None => format!(
                    "the filter '{}' names '{name}', which is no rule that was read",
                    filter.meta.title
                ),
                Some(logsource) if !is_compatible(&filter.logsource, logsource) => {
                    format!("the filter '{}' is for other logs than '{name}'", filter.meta.title)
                }
                Some(_) => continue,
            };
            let mut problem = Problem::warning("filter-unused", message);
            problem.source.clone_from(&filter.meta.source);
            problems.push(problem);
        }
    }
}

/// Filters by the names of rules that they exclude from.
fn named(filters: &[Filter]) -> HashMap<&str, Vec<usize>, FixedState> {
    let mut named: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    for (number, filter) in filters.iter().enumerate() {
        for name in &filter.rules {
            named.entry(name).or_default().push(number);
        }
    }
    named
}

/// Whether nothing that one says contradicts the other.
fn is_compatible(one: &LogSource, other: &LogSource) -> bool {
    let agree = |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
    agree(&one.category, &other.category) && agree(&one.product, &other.product) && agree(&one.service, &other.service)
}

impl Builder {
    fn rule<'f>(
        &mut self,
        rule: &Rule,
        filters: impl Iterator<Item = &'f Filter>,
    ) -> Result<(Logic, Vec<String>), Problem> {
        let mut names: Vec<String> = Vec::new();
        let room = PARTS.min(ALL_PARTS.saturating_sub(self.parts));
        let mut left = room;
        let parts = self.selections(&rule.selections, &mut names, &mut left)?;
        let any: Result<Vec<Logic>, Problem> = rule
            .conditions
            .iter()
            .map(|condition| logic(condition, &parts, &mut left))
            .collect();
        let mut all = vec![joined(any?, Logic::Or)];
        for filter in filters.filter(|filter| is_compatible(&filter.logsource, &rule.logsource)) {
            let before = names.len();
            let parts = self.selections(&filter.selections, &mut names, &mut left)?;
            for name in names.iter_mut().skip(before) {
                name.insert_str(0, "filter: ");
            }
            // The specification says what is excluded; pySigma's filters say `not selection` and mean the same.
            let excluded = logic(&filter.condition, &parts, &mut left)?;
            all.push(match &filter.condition {
                Condition::Not(_) => excluded,
                _ => excluded.not(),
            });
        }
        self.parts = self.parts.saturating_add(room - left);
        Ok((joined(all, Logic::And), names))
    }

    /// The logic of selections, whose names go behind `names`.
    fn selections(
        &mut self,
        selections: &[(String, Detection)],
        names: &mut Vec<String>,
        left: &mut usize,
    ) -> Result<Selections, Problem> {
        let mut parts = Vec::new();
        for (name, detection) in selections {
            let logic = Logic::Selection(small(names.len()), Box::new(self.detection(detection)));
            let count = logic.parts();
            take(left, count)?;
            parts.push((name.clone(), logic, count));
            names.push(name.clone());
        }
        Ok(parts)
    }

    fn field(&mut self, name: &str) -> u32 {
        if let Some(number) = self.fields.get(name) {
            return *number;
        }
        let number = small(self.program.field_names.len());
        self.program.field_names.push(name.to_owned());
        self.fields.insert(name.to_owned(), number);
        number
    }

    fn detection(&mut self, detection: &Detection) -> Logic {
        match detection {
            Detection::All(parts) => joined(parts.iter().map(|part| self.detection(part)).collect(), Logic::And),
            Detection::Any(parts) => joined(parts.iter().map(|part| self.detection(part)).collect(), Logic::Or),
            Detection::Test(test) => self.test(test),
        }
    }

    fn test(&mut self, test: &Test) -> Logic {
        let field = test.field.as_deref().map_or(FieldId::ANY.0, |name| self.field(name));
        let logic = if test.is_all {
            let all = test.groups.iter().map(|group| self.any(field, group.iter())).collect();
            joined(all, Logic::And)
        } else {
            self.any(field, test.groups.iter().flatten())
        };
        if !test.is_negated {
            return logic;
        }
        let present = self.item(field, vec![Ask::Present]);
        Logic::And(vec![present, logic.not()])
    }

    /// One of the checks holds: those of one value are one item, the others stand beside it.
    fn any<'c>(&mut self, field: u32, checks: impl Iterator<Item = &'c Check>) -> Logic {
        let mut asks = Vec::new();
        let mut others = Vec::new();
        for check in checks {
            match check {
                Check::Text { pattern, is_cased } => asks.push(text(pattern, *is_cased)),
                Check::Regex(expression) => asks.push(Ask::Regex(expression.clone())),
                Check::Network(network) => asks.push(Ask::Network(*network)),
                Check::Number {
                    part,
                    comparison,
                    number,
                } => asks.push(Ask::Number {
                    part: *part,
                    comparison: *comparison,
                    number: *number,
                }),
                Check::Null => others.push(self.item(field, vec![Ask::Valued]).not()),
                Check::Exists(true) => others.push(self.item(field, vec![Ask::Present])),
                Check::Exists(false) => others.push(self.item(field, vec![Ask::Present]).not()),
                Check::Field {
                    name,
                    relation,
                    is_cased,
                } => {
                    let pair = FieldPair {
                        field,
                        other: self.field(name),
                        relation: *relation,
                        is_cased: *is_cased,
                    };
                    others.push(self.pair(pair));
                }
            }
        }
        if !asks.is_empty() {
            others.insert(0, self.item(field, asks));
        }
        joined(others, Logic::Or)
    }

    fn pair(&mut self, pair: FieldPair) -> Logic {
        let next = small(self.program.pairs.len());
        let number = *self.pairs.entry(pair.clone()).or_insert(next);
        if number == next {
            self.program.pairs.push(pair);
        }
        Logic::Pair(number)
    }

    fn item(&mut self, field: u32, asks: Vec<Ask>) -> Logic {
        let mut predicates: Vec<u32> = asks
            .into_iter()
            .map(|ask| self.predicate(Predicate { field, ask }))
            .collect();
        predicates.sort_unstable();
        predicates.dedup();
        let item = Item { field, predicates };
        let next = small(self.program.items.len());
        let number = *self.items.entry(item.clone()).or_insert(next);
        if number == next {
            self.program.items.push(item);
        }
        Logic::Item(number)
    }

    fn predicate(&mut self, predicate: Predicate) -> u32 {
        let next = small(self.program.predicates.len());
        let number = *self.predicates.entry(crate::cache::key(&predicate)).or_insert(next);
        if number == next {
            self.program.predicates.push(predicate);
        }
        number
    }

    /// Correlations in an order in which members come first. What names nothing, or itself, is left out.
    fn correlations(&mut self, waiting: Vec<Correlation>, problems: &mut Vec<Problem>) {
        for (number, rule) in self.program.rules.iter().enumerate() {
            for name in rule.meta.references() {
                let member = Member::Rule(RuleId(small(number)));
                self.members.entry(name.to_owned()).or_insert(member);
            }
        }
        let mut is_told = vec![true; self.program.rules.len()];
        let mut waiting: Vec<Option<Correlation>> = waiting.into_iter().map(Some).collect();
        // In the order of documents; what waited for a later one comes in the next round.
        let mut ready: BTreeSet<(usize, usize)> = (0..waiting.len()).map(|number| (0, number)).collect();
        let mut parked: HashMap<String, Vec<usize>, FixedState> = HashMap::default();
        while let Some((round, number)) = ready.pop_first() {
            let Some(correlation) = waiting.get_mut(number).and_then(Option::take) else {
                continue;
            };
            if let Some(missing) = correlation.rules.iter().find(|name| self.member(name).is_none()) {
                parked.entry(missing.clone()).or_default().push(number);
                if let Some(place) = waiting.get_mut(number) {
                    *place = Some(correlation);
                }
                continue;
            }
            let names: Vec<String> = correlation.meta.references().map(str::to_owned).collect();
            if let Err(problem) = self.correlation(correlation, &mut is_told) {
                problems.push(problem);
                continue;
            }
            let freed = names.iter().filter_map(|name| parked.remove(name)).flatten();
            ready.extend(freed.map(|other| (round + usize::from(other < number), other)));
        }
        for (number, correlation) in waiting.into_iter().flatten().enumerate() {
            problems.push(self.unresolved(&correlation, number < MOST_HINTS));
        }
        for (rule, is_told) in self.program.rules.iter_mut().zip(is_told) {
            rule.is_silent = !is_told;
        }
    }

    fn member(&self, name: &str) -> Option<Member> {
        self.members.get(name).copied()
    }

    /// How many correlations stand below one another from here on.
    fn level(&self, member: Member) -> usize {
        match member {
            Member::Rule(_) => 0,
            Member::Correlation(number) => self.levels.get(usize(number)).copied().unwrap_or(0),
        }
    }

    fn unresolved(&self, correlation: &Correlation, is_hinted: bool) -> Problem {
        let missing = correlation.rules.iter().find(|name| self.member(name).is_none());
        let missing = missing.map_or("", String::as_str);
        let title = &correlation.meta.title;
        let mut problem = Problem::error(
            "correlation-rules",
            format!("the correlation '{title}' counts '{missing}', which is no rule that is used"),
        );
        let names = self.program.rules.iter().filter_map(|rule| rule.meta.name.as_deref());
        if let Some(near) = nearest(missing, names.filter(|_| is_hinted)) {
            problem = problem.hint(format!("did you mean '{near}'?"));
        }
        problem.source.clone_from(&correlation.meta.source);
        problem
    }

    /// Adds a correlation whose members are all known.
    fn correlation(&mut self, rule: Correlation, is_told: &mut [bool]) -> Result<(), Problem> {
        let members: Vec<Member> = rule.rules.iter().filter_map(|name| self.member(name)).collect();
        let level = 1 + members.iter().map(|member| self.level(*member)).max().unwrap_or(0);
        if level > LEVELS {
            let title = &rule.meta.title;
            let message = format!("more than {LEVELS} correlations count one another up to '{title}'");
            let mut problem = Problem::error("correlation-rules", message).hint("let it count rules");
            problem.source.clone_from(&rule.meta.source);
            return Err(problem);
        }
        let mut groups = Vec::new();
        for name in &rule.group_by {
            let mut of_member = Vec::new();
            for (member, reference) in members.iter().zip(&rule.rules) {
                let alias = rule.aliases.iter().find(|(alias, of, _)| {
                    let is_rule = match member {
                        Member::Rule(id) => self
                            .program
                            .rules
                            .get(usize(id.0))
                            .is_some_and(|rule| rule.meta.is_called(of)),
                        Member::Correlation(_) => false,
                    };
                    alias == name && (of == reference || is_rule)
                });
                let field = alias.map_or(name.as_str(), |(_, _, field)| field.as_str()).to_owned();
                of_member.push(FieldId(self.field(&field)));
            }
            groups.push(of_member);
        }
        let fields = rule.fields.iter().map(|name| FieldId(self.field(name))).collect();
        for member in &members {
            match member {
                Member::Rule(id) => {
                    if let Some(is_told) = is_told.get_mut(usize(id.0)) {
                        *is_told &= rule.generate;
                    }
                }
                Member::Correlation(number) => {
                    if let Some(other) = self.program.correlations.get_mut(usize(*number)) {
                        other.is_silent |= !rule.generate;
                    }
                }
            }
        }
        let own = Member::Correlation(small(self.program.correlations.len()));
        for name in rule.meta.references() {
            self.members.entry(name.to_owned()).or_insert(own);
        }
        self.levels.push(level);
        self.program.correlations.push(CorrelationInfo {
            rule,
            members,
            groups,
            fields,
            is_silent: false,
        });
        Ok(())
    }
}

fn text(pattern: &Pattern, is_cased: bool) -> Ask {
    match pattern.shape() {
        crate::rule::pattern::Shape::Anything => Ask::Valued,
        _ if is_cased => Ask::Text {
            pattern: pattern.clone(),
            is_cased,
        },
        _ => Ask::Text {
            pattern: pattern.lower(),
            is_cased,
        },
    }
}

/// Takes `parts` of what is `left` to a rule.
fn take(left: &mut usize, parts: usize) -> Result<(), Problem> {
    let rest = left.checked_sub(parts).ok_or_else(|| {
        Problem::error("condition-too-large", "the condition and filters repeat too much")
            .hint("name fewer selections, each of them once")
    });
    *left = rest?;
    Ok(())
}

/// A condition over selections.
fn logic(condition: &Condition, selections: &Selections, left: &mut usize) -> Result<Logic, Problem> {
    take(left, 1)?;
    let mut all = |parts: &[Condition]| {
        parts
            .iter()
            .map(|part| logic(part, selections, left))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        Condition::Name(name) => match selections.iter().find(|(other, _, _)| other == name) {
            Some((_, logic, count)) => {
                take(left, *count)?;
                logic.clone()
            }
            None => Logic::Constant(false),
        },
        Condition::Not(inner) => logic(inner, selections, left)?.not(),
        Condition::And(parts) => Logic::And(all(parts)?),
        Condition::Or(parts) => Logic::Or(all(parts)?),
        Condition::Of { least, pattern } => {
            let meant = selections
                .iter()
                .filter(|(name, _, _)| is_meant(name, pattern.as_deref()));
            some(*least, &meant.collect::<Vec<_>>(), left)?
        }
    })
}

/// At least `least` of `parts`, or all.
fn some(least: Option<u32>, parts: &[&(String, Logic, usize)], left: &mut usize) -> Result<Logic, Problem> {
    let least = least.map_or(parts.len(), usize);
    if parts.is_empty() || least > parts.len() {
        return Ok(Logic::Constant(false));
    }
    let mut together = |choice: &[usize]| {
        let chosen = choice.iter().filter_map(|number| parts.get(*number));
        take(left, chosen.clone().map(|(_, _, count)| *count).sum())?;
        Ok(joined(chosen.map(|(_, logic, _)| logic.clone()).collect(), Logic::And))
    };
    // Every choice of so many, made one element longer at a time, as long as enough follow.
    let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
    for chosen in 0..least {
        let end = parts.len() - (least - chosen) + 1;
        let longer = choices.iter().flat_map(|choice| {
            let from = choice.last().map_or(0, |last| last + 1);
            (from..end).map(move |next| choice.iter().copied().chain([next]).collect())
        });
        choices = longer.take(WAYS + 1).collect();
        if choices.len() > WAYS {
            return Err(Problem::error(
                "condition-syntax",
                format!("the condition has more than {WAYS} ways to hold"),
            ));
        }
    }
    let ways: Result<Vec<Logic>, Problem> = choices.iter().map(|choice| together(choice)).collect();
    Ok(joined(ways?, Logic::Or))
}
