//! Rules that the user gave, asked about every artifact after its analyzers.

use watchfire_model::{Budget, Fact, LimitKind, MediaType, Origin, Problem};
use watchfire_yara::{Limits, Names, Outcome, Rules};

/// As much of a text that is read as it comes is kept for rules: they ask for all of a file at once. Bytes.
const KEPT: usize = 64 << 20;

/// What rules say of some bytes: facts, and what went wrong. The time that they take is paid for: where nothing is left of
/// it, they are not asked, and that is a fact, too.
pub(crate) fn matches(
    rules: &Rules,
    bytes: &[u8],
    origin: &Origin,
    media_type: MediaType,
    budget: &Budget,
) -> (Vec<Fact>, Vec<Problem>) {
    let names = Names::of(origin.name().raw(), media_type);
    let before = budget.rules_left();
    let mut left = before;
    let Outcome { matches, mut problems } = if before.is_zero() {
        Outcome::default()
    } else {
        rules.scan_within(bytes, &names, &Limits::default(), &mut left)
    };
    budget.spend_on_rules(before.saturating_sub(left));
    let mut facts: Vec<Fact> = matches.into_iter().map(|found| Fact::Rule(Box::new(found))).collect();
    // The last scan may have ended just in time: what it says stands, and the next one says that nothing is left.
    if before.is_zero() || left.is_zero() && problems.iter().any(|problem| problem.code == "yara-timeout") {
        let message = format!(
            "not matched against every YARA rule: rules may take {} s below one input",
            budget.limits().rules
        );
        problems = vec![Problem::warning("yara-time", message)];
        facts.push(Fact::Halted {
            limit: LimitKind::Rules,
        });
    }
    (facts, problems)
}

/// The beginning of what goes by, for rules.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Kept {
    /// Keeps what there is room for.
    pub(crate) fn see(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.bytes.len());
        self.is_cut |= bytes.len() > room;
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// What rules say of it.
    pub(crate) fn matches(
        &self,
        rules: &Rules,
        origin: &Origin,
        media_type: MediaType,
        budget: &Budget,
    ) -> (Vec<Fact>, Vec<Problem>) {
        let (facts, mut problems) = matches(rules, &self.bytes, origin, media_type, budget);
        if self.is_cut {
            let message = format!("only its first {} MB were matched against YARA rules", KEPT >> 20);
            problems.push(Problem::warning("yara-cut", message));
        }
        (facts, problems)
    }
}

/// What is said of a text that rules were not asked about.
pub(crate) fn unmatched() -> Problem {
    Problem::warning("yara-cut", "too large in its encoding to be matched against YARA rules")
}
