//! Rules compiled into a program: names of fields as numbers, each question once, each rule as logic over questions.

pub(crate) mod bits;
pub(crate) mod build;
pub(crate) mod expression;
pub(crate) mod field;
pub(crate) mod found;
pub(crate) mod index;
mod literals;
pub(crate) mod predicate;
mod rarity;
mod table;
mod text;

use crate::problem::Problem;
use crate::rule::{self, Collection, Correlation, Limits, LogSource, Meta, Placeholders, Source};
use expression::{FieldPair, Logic};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use index::{Index, small, usize};
use predicate::{Item, Predicate};

/// The number of a field's name in one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub(crate) u32);

impl FieldId {
    /// A field that no rule names. Its value still holds keywords.
    pub const OTHER: Self = Self(u32::MAX);
    /// Any value at all, for keywords.
    pub(crate) const ANY: Self = Self(0);
}

/// The number of a rule in one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// A rule of a program.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// What it says of itself.
    pub meta: Meta,
    /// Which logs it is for.
    pub logsource: LogSource,
    /// It is only there for correlations that do not ask for it to be told.
    pub is_silent: bool,
    /// Names of selections, of filters as `filter: name`.
    pub(crate) names: Vec<String>,
    pub(crate) logic: Logic,
}

/// What a correlation counts: a rule, or another correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// A rule.
    Rule(RuleId),
    /// The correlation of this index, which comes before its user.
    Correlation(u32),
}

/// A correlation of a program.
#[derive(Clone, Debug)]
pub struct CorrelationInfo {
    /// As it is written.
    pub rule: Correlation,
    /// What `rules` names, in order.
    pub members: Vec<Member>,
    /// Fields to group by: for each of `group_by`, for each of `members`. Empty for members that are correlations, whose
    /// groups are looked up by name.
    pub(crate) groups: Vec<Vec<FieldId>>,
    /// Fields whose values are counted.
    pub(crate) fields: Vec<FieldId>,
    /// It is only there for other correlations.
    pub is_silent: bool,
}

/// How rules are compiled.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What placeholders stand for.
    pub placeholders: Placeholders,
    /// What rule files may hold.
    pub limits: Limits,
}

/// Compiled rules. Shared by threads; each has a [`crate::Matcher`] of its own.
#[derive(Debug, Default)]
pub struct Program {
    pub(crate) field_names: Vec<String>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) items: Vec<Item>,
    pub(crate) pairs: Vec<FieldPair>,
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) correlations: Vec<CorrelationInfo>,
    pub(crate) by_name: HashMap<String, u32, FixedState>,
    pub(crate) index: Index,
}

impl Program {
    /// Compiles sources. A rule that cannot be used is an error among the problems, and nothing stops the others.
    pub fn compile(sources: &[Source], options: &Options) -> (Self, Vec<Problem>) {
        let (collection, mut problems) = rule::parse(sources, &options.placeholders, &options.limits);
        let program = build::build(collection, &mut problems);
        (program, problems)
    }

    /// Compiles what was read by [`rule::parse`], so that somebody may read in parts, and leave rules out.
    pub fn build(collection: Collection) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let program = build::build(collection, &mut problems);
        (program, problems)
    }

    /// The rules, by [`RuleId`].
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// One rule.
    pub fn rule(&self, rule: RuleId) -> Option<&RuleInfo> {
        self.rules.get(usize(rule.0))
    }

    /// The correlations, members before those that count them.
    pub fn correlations(&self) -> &[CorrelationInfo] {
        &self.correlations
    }

    /// The number of a field, or [`FieldId::OTHER`] where no rule names it.
    pub fn field(&self, name: &str) -> FieldId {
        self.by_name.get(name).map_or(FieldId::OTHER, |number| FieldId(*number))
    }

    /// The name of a field; empty for [`FieldId::OTHER`].
    pub fn field_name(&self, field: FieldId) -> &str {
        self.field_names.get(usize(field.0)).map_or("", String::as_str)
    }

    /// Names of every field that a rule asks for.
    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        self.field_names.iter().skip(1).map(String::as_str)
    }

    /// How much there is of everything, for those who tune rules.
    pub fn size(&self) -> Size {
        Size {
            rules: self.rules.len(),
            correlations: self.correlations.len(),
            fields: self.field_names.len().saturating_sub(1),
            predicates: self.predicates.len(),
            items: self.items.len(),
            unfiltered: self.index.fields.iter().map(|field| field.unfiltered()).sum(),
            unwitnessed: (0..self.rules.len())
                .filter(|rule| self.index.always.has(*rule))
                .count(),
        }
    }

    /// Builds what is not stored.
    pub(crate) fn finish(mut self) -> Self {
        let names = self.field_names.iter().enumerate().skip(1);
        self.by_name = names.map(|(number, name)| (name.clone(), small(number))).collect();
        self.index = Index::new(
            &self.field_names,
            &self.predicates,
            &self.items,
            &self.pairs,
            self.rules.iter().map(|rule| &rule.logic),
        );
        self
    }
}

/// How much a program holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Rules.
    pub rules: usize,
    /// Correlations.
    pub correlations: usize,
    /// Distinct fields.
    pub fields: usize,
    /// Distinct questions about a value.
    pub predicates: usize,
    /// Distinct sets of questions.
    pub items: usize,
    /// Questions that have to be asked of every value of their field: numbers, networks, expressions without a literal.
    pub unfiltered: usize,
    /// Rules that have to be decided for every record of their logs.
    pub unwitnessed: usize,
}
