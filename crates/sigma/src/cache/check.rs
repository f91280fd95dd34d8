//! Whether a program that was stored holds together: every number names something that is there, and whatever counts comes
//! behind what it counts.

use crate::program::build::LEVELS;
use crate::program::expression::Logic;
use crate::program::index::usize;
use crate::program::{CorrelationInfo, Member, Program};
use crate::rule::correlation::TIMESPANS;

pub(super) fn is_whole(program: &Program) -> bool {
    let is_field = |field: u32| usize(field) < program.field_names.len();
    let is_below = |number: &u32, most: usize| usize(*number) < most;
    program.predicates.iter().all(|predicate| is_field(predicate.field))
        && program.items.iter().all(|item| {
            let mut predicates = item.predicates.iter();
            is_field(item.field) && predicates.all(|number| is_below(number, program.predicates.len()))
        })
        && program
            .pairs
            .iter()
            .all(|pair| is_field(pair.field) && is_field(pair.other))
        && program
            .rules
            .iter()
            .all(|rule| is_logic(program, &rule.logic, rule.names.len()))
        && are_correlations(program)
}

/// Its depth is bounded where it is read.
fn is_logic(program: &Program, logic: &Logic, names: usize) -> bool {
    match logic {
        Logic::Constant(_) => true,
        Logic::Item(item) => usize(*item) < program.items.len(),
        Logic::Pair(pair) => usize(*pair) < program.pairs.len(),
        Logic::Not(inner) => is_logic(program, inner, names),
        Logic::Selection(name, inner) => usize(*name) < names && is_logic(program, inner, names),
        Logic::And(parts) | Logic::Or(parts) => parts.iter().all(|part| is_logic(program, part, names)),
    }
}

fn are_correlations(program: &Program) -> bool {
    let is_field = |number: u32| usize(number) < program.field_names.len();
    let mut levels: Vec<usize> = Vec::new();
    for info in &program.correlations {
        let below = info.members.iter().map(|member| match member {
            Member::Rule(rule) => program.rules.get(usize(rule.0)).map(|_| 0),
            Member::Correlation(number) => levels.get(usize(*number)).copied(),
        });
        let Some(below) = below.collect::<Option<Vec<usize>>>() else {
            return false;
        };
        let level = 1 + below.into_iter().max().unwrap_or(0);
        let mut fields = info.groups.iter().flatten().chain(&info.fields);
        let is_sound = level <= LEVELS && TIMESPANS.contains(&info.rule.timespan) && is_square(info);
        if !is_sound || !fields.all(|field| is_field(field.0)) {
            return false;
        }
        levels.push(level);
    }
    true
}

/// Whether each name to group by has a field of each member.
fn is_square(info: &CorrelationInfo) -> bool {
    let mut groups = info.groups.iter();
    info.groups.len() == info.rule.group_by.len() && groups.all(|fields| fields.len() == info.members.len())
}

#[cfg(test)]
mod tests {
    use crate::program::{Member, RuleId};
    use crate::{FieldId, Options, Program, Source};

    fn program() -> Program {
        let rules = "title: A\nname: a\nlogsource: {product: x}\ndetection: {s: {k: a}, condition: s}\n---\ntitle: B\nname: b\ncorrelation: {type: event_count, rules: [a], group-by: [k], timespan: 1m, condition: {gte: 1}}\n---\ntitle: C\nname: c\ncorrelation: {type: event_count, rules: [b], group-by: [k], timespan: 1m, condition: {gte: 1}}\n";
        let (program, problems) = Program::compile(&[Source::new("x", rules)], &Options::default());
        assert!(problems.is_empty(), "{problems:?}");
        program
    }

    /// A program that was changed in one way is refused.
    fn refused(change: impl FnOnce(&mut Program)) {
        let mut program = program();
        change(&mut program);
        assert!(Program::load(&program.save("k"), "k").is_err());
    }

    #[test]
    fn what_names_nothing_or_itself_is_refused() {
        assert!(Program::load(&program().save("k"), "k").is_ok());
        refused(|program| program.correlations[0].members = vec![Member::Correlation(0)]);
        refused(|program| program.correlations[0].members = vec![Member::Correlation(1)]);
        refused(|program| program.correlations[0].members = vec![Member::Rule(RuleId(1))]);
        refused(|program| program.correlations[0].rule.timespan = 0);
        refused(|program| program.correlations[0].rule.timespan = u64::MAX);
        refused(|program| program.correlations[0].groups.clear());
        refused(|program| program.correlations[0].groups = vec![vec![FieldId(9)]]);
        refused(|program| program.items[0].predicates = vec![7]);
        refused(|program| program.items[0].field = 7);
        refused(|program| program.predicates[0].field = 7);
        refused(|program| program.rules[0].names.clear());
        refused(|program| program.items.clear());
        refused(|program| {
            for number in 1..30 {
                let mut next = program.correlations[1].clone();
                next.members = vec![Member::Correlation(number)];
                program.correlations.push(next);
            }
        });
    }
}
