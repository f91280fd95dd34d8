//! Logs read for rules: records of any format against a program, with what each is called in its own log.

use crate::logs::LOGS;
use crate::sequence::{Ordering, Sequence, unbounded};
use crate::triage::roots;
use crate::{Input, Links, Problem, Progress};
use std::collections::BTreeMap;
use std::io::{self, Read};
use watchfire_analysis::Analysis;
use watchfire_analysis::logs::LogMatcher;
use watchfire_formats::log::{self, Record};
use watchfire_model::{Budget, Limits, Moment, Timestamp, Untrusted};
use watchfire_sigma::{Alert, CorrelationLimits, Correlator, Field, Program, RuleId};

/// What was read of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsRead {
    /// Files that were named or found.
    pub inputs: u64,
    /// Of these, how many could be read.
    pub read: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// Records of each format, in the order of their names.
    pub formats: BTreeMap<&'static str, u64>,
}

/// What rules say while logs are read.
pub(super) enum Seen<'a, 'r> {
    /// Of a record.
    Record(SeenRecord<'a, 'r>),
    /// A correlation holds.
    Alert(&'a Alert),
}

/// A record that rules match, and where it is.
pub(super) struct SeenRecord<'a, 'r> {
    pub(super) record: &'a Record<'r>,
    pub(super) fields: &'a [Field<'r>],
    /// The file.
    pub(super) source: &'a str,
    /// Rules that match.
    pub(super) rules: &'a [RuleId],
}

/// Matches records.
pub(super) struct Watch<'p> {
    matcher: LogMatcher<'p>,
    limits: Limits,
    correlator: Option<Correlator<'p>>,
    reference: u64,
}

impl<'p> Watch<'p> {
    /// Asks the rules of `program`; `limits` hold for archives of logs.
    pub(super) fn new(program: &'p Program, limits: Limits) -> Self {
        let correlates = !program.correlations().is_empty();
        // Files are read one after the other, and clocks differ.
        let counting = CorrelationLimits {
            lateness: 10 * 365 * 86_400_000,
            ..CorrelationLimits::default()
        };
        Self {
            matcher: LogMatcher::new(program),
            limits,
            correlator: correlates.then(|| Correlator::new(program, counting)),
            reference: 0,
        }
    }

    /// Reads logs to their end, and hands out the records that a rule matches and the correlations that hold.
    pub(super) fn read(
        &mut self,
        inputs: impl IntoIterator<Item = Input>,
        as_of: Moment,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Seen<'_, '_>),
    ) -> LogsRead {
        let packed = unbounded();
        let ordering = Ordering {
            kind: &LOGS,
            budget: &packed,
            begins: None,
            archives: Some(&|| Budget::new(self.limits)),
            time: None,
        };
        let ordered = ordering.of(roots(inputs, Links::Skip, &[], progress));
        for remark in &ordered.remarks {
            progress.lost(&format!("{}: {}", remark.artifact, remark.message));
        }
        let mut read = LogsRead {
            inputs: ordered.pieces.len() as u64,
            ..LogsRead::default()
        };
        let mut sequence = Sequence::new(&LOGS, ordered.pieces, &packed, progress);
        while let Some((name, mut content)) = sequence.next() {
            match self.log(name.raw(), &mut content, as_of, each) {
                Ok(totals) => {
                    read.read += 1;
                    read.bytes += totals.bytes;
                    read.records += totals.records;
                    for format in &totals.formats {
                        *read.formats.entry(format.format).or_default() += format.records;
                    }
                }
                Err(error) => progress.lost(&format!("{name}: {error}")),
            }
        }
        for alert in self.correlator.iter_mut().flat_map(Correlator::finish) {
            each(&Seen::Alert(&alert));
        }
        let mut analysis = Analysis::default();
        sequence.finish(&mut analysis);
        // What could not be read was said when it was tried.
        let others = analysis.diagnostics.iter();
        for other in others.filter(|other| [LOGS.none, LOGS.packed].contains(&other.code)) {
            progress.lost(&format!("'{}' {}", other.artifact, other.message));
        }
        read
    }

    fn log(
        &mut self,
        name: &str,
        content: &mut dyn Read,
        as_of: Moment,
        each: &mut dyn FnMut(&Seen<'_, '_>),
    ) -> io::Result<log::Totals> {
        let options = log::Options::new(Timestamp::new(as_of.unix(), 0));
        let mut reader = log::Reader::new(&options);
        self.matcher.begin();
        reader.read(content, &mut |record| self.record(record, name, each))?;
        Ok(reader.totals().clone())
    }

    fn record(&mut self, record: &Record<'_>, source: &str, each: &mut dyn FnMut(&Seen<'_, '_>)) {
        let (fields, rules) = self.matcher.matches(record);
        if rules.is_empty() {
            return;
        }
        self.reference += 1;
        if let (Some(correlator), Some(time)) = (&mut self.correlator, record.time) {
            let at = time.at.nanoseconds().div_euclid(1_000_000);
            for alert in correlator.feed(at, rules, &fields, self.reference) {
                each(&Seen::Alert(&alert));
            }
        }
        each(&Seen::Record(SeenRecord {
            record,
            fields: &fields,
            source,
            rules,
        }));
    }
}

/// What an alert is about: `user root, src_ip 203.0.113.7`
pub(super) fn group(alert: &Alert) -> Untrusted {
    let named = alert.group.iter().map(|(name, value)| format!("{name} {value}"));
    named.collect::<Vec<_>>().join(", ").into()
}

/// When an alert's time is.
pub(super) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_nanoseconds(milliseconds.saturating_mul(1_000_000))
}

/// Refuses inputs that are not there before rules are read for them.
pub(super) fn are_there(inputs: &[Input]) -> Result<(), Problem> {
    for input in inputs {
        if let Input::Path(path) = input
            && let Err(error) = std::fs::metadata(path)
        {
            return Err(Problem::of_file("read", path, &error));
        }
    }
    Ok(())
}
