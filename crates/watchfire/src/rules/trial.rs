//! Rules tried on logs: which match which records, and how often.

use super::RuleSets;
use super::events::{LogsRead, Seen, Watch, are_there, at, group};
use super::tally::{is_error, sorted, waits};
use crate::{Input, Problem, Progress};
use std::path::PathBuf;
use watchfire_model::{Timestamp, Untrusted};
use watchfire_sigma::{Meta, Placeholders, Program};

/// Places of matches that are kept of each rule.
const PLACES: usize = 100;

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The rule, or the correlation.
    pub meta: Meta,
    /// Records that it matches; of a correlation, how often it held.
    pub count: u64,
    /// The first of them: file, line or number of the record, and time.
    pub places: Vec<(Untrusted, u64, Option<Timestamp>)>,
}

/// What came of rules on logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleTrial {
    /// Rules that matched, those with the highest level first, then in the order of the rules.
    pub fired: Vec<Fired>,
    /// Rules that were tried.
    pub tried: u64,
    /// Files with rules that cannot be used, other than those that wait for placeholders.
    pub unusable: u64,
    /// What was read.
    pub logs: LogsRead,
    /// What could not be read of the rules, one line each.
    pub lost: Vec<String>,
}

impl RuleSets {
    /// Tries rules (of paths, `builtin` or the names of sets) on logs.
    ///
    /// # Errors
    /// When there is no rule or no log.
    pub fn trial(&self, rules: &[PathBuf], inputs: &[Input], progress: &dyn Progress) -> Result<RuleTrial, Problem> {
        are_there(inputs)?;
        let mut parts = self.chosen(rules)?;
        let texts = self.texts(&mut parts);
        let mut sorted = sorted(&texts, &Placeholders::default());
        let (program, problems) = Program::build(std::mem::take(&mut sorted.used));
        sorted.problems.extend(problems);
        sorted.recount();
        if program.rules().is_empty() {
            let problem = Problem::new("there is no Sigma rule to try");
            let first = sorted
                .problems
                .iter()
                .find(|problem| is_error(problem) && !waits(problem));
            return Err(match (parts.lost.first(), first) {
                (Some(lost), _) => problem.hint(format!("the first thing wrong: {lost}")),
                (None, Some(first)) => {
                    problem.hint(format!("the first thing wrong: {}: {}", first.source, first.message))
                }
                (None, None) => problem.hint("name files or folders with rules, 'builtin', or a rule set"),
            });
        }
        let mut counts: Vec<Fired> = program.rules().iter().map(|rule| Fired::of(&rule.meta)).collect();
        counts.extend(program.correlations().iter().map(|info| Fired::of(&info.rule.meta)));
        let mut watch = Watch::new(&program, self.limits);
        let logs = watch.read(inputs.iter().cloned(), self.as_of, progress, &mut |seen| match seen {
            Seen::Record(seen) => {
                for rule in seen.rules {
                    let time = seen.record.time.map(|time| time.at);
                    let place = (seen.source.into(), seen.record.line, time);
                    fire(&mut counts, u64::from(rule.0), place);
                }
            }
            Seen::Alert(alert) => {
                let number = program.rules().len() as u64 + u64::from(alert.correlation);
                fire(&mut counts, number, (group(alert), 0, Some(at(alert.last))));
            }
        });
        counts.retain(|fired| fired.count > 0);
        counts.sort_by_key(|fired| std::cmp::Reverse(fired.meta.level));
        Ok(RuleTrial {
            fired: counts,
            tried: (program.rules().len() + program.correlations().len()) as u64,
            unusable: sorted.counts.unusable,
            logs,
            lost: parts.lost,
        })
    }
}

fn fire(counts: &mut [Fired], number: u64, place: (Untrusted, u64, Option<Timestamp>)) {
    let fired = usize::try_from(number).ok().and_then(|number| counts.get_mut(number));
    if let Some(fired) = fired {
        fired.count += 1;
        if fired.places.len() < PLACES {
            fired.places.push(place);
        }
    }
}

impl Fired {
    fn of(meta: &Meta) -> Self {
        Self {
            meta: meta.clone(),
            count: 0,
            places: Vec::new(),
        }
    }
}
