//! Which rules are for which records: by product, category and service.
//!
//! A rule is tried where nothing that its logsource says contradicts what is known of the record. What is not known
//! contradicts nothing.

use crate::program::RuleInfo;
use crate::program::bits::Bits;
use crate::program::index::{small, usize};
use crate::rule::LogSource;

/// What is known of one part of a record's origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Known {
    /// Nothing.
    #[default]
    Unknown,
    /// It is one of these, in lower case; none at all where the list is empty.
    Among(Vec<String>),
}

impl Known {
    /// It is this.
    pub fn is(name: &str) -> Self {
        Self::Among(vec![name.to_lowercase()])
    }

    fn admits(&self, wanted: Option<&str>) -> bool {
        match (self, wanted) {
            (_, None) | (Self::Unknown, _) => true,
            (Self::Among(names), Some(wanted)) => names.iter().any(|name| name == wanted),
        }
    }
}

/// Where a record comes from, in the words of Sigma's taxonomy.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Such as `windows`.
    pub product: Known,
    /// Such as `process_creation`.
    pub category: Known,
    /// Such as `sysmon`.
    pub service: Known,
}

impl Origin {
    /// Whether rules for `logsource` look at records from here.
    pub fn admits(&self, logsource: &LogSource) -> bool {
        self.product.admits(logsource.product.as_deref())
            && self.category.admits(logsource.category.as_deref())
            && self.service.admits(logsource.service.as_deref())
    }
}

/// The number of an origin in one matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(pub(crate) u32);

impl Route {
    /// Every rule, whatever its logsource.
    pub const ALL: Self = Self(0);
}

/// The rules of a route, and the fields that they ask for.
#[derive(Debug)]
pub(crate) struct Eligible {
    pub(crate) rules: Bits,
    pub(crate) fields: Bits,
    /// Predicates that are asked of every value, in order.
    pub(crate) asked: Vec<u32>,
    /// Which of the matcher's sets of keywords these are.
    pub(crate) keywords: Option<usize>,
}

impl Eligible {
    pub(crate) fn new(program: &crate::Program, admits: impl Fn(&RuleInfo) -> bool) -> Self {
        let mut rules = Bits::new(program.rules.len());
        let mut fields = Bits::new(program.field_names.len());
        let mut asked = Vec::new();
        for (number, _) in program.rules.iter().enumerate().filter(|(_, rule)| admits(rule)) {
            rules.set(number);
            for field in program.index.fields_of.get(small(number)) {
                fields.set(usize(*field));
            }
            asked.extend_from_slice(program.index.keywords_of.get(small(number)));
        }
        asked.sort_unstable();
        asked.dedup();
        Self {
            rules,
            fields,
            asked,
            keywords: None,
        }
    }
}
