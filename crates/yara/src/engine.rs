//! The engine: boreal, which reads and matches YARA rules in safe bounds. The only file that names it.
//!
//! What is ours to say about it: which external variables there are, that a fault of it is contained, that counts of a
//! string (`#a`) end at 2,000, and that the time of a scan is looked at where strings are found, so that one regular
//! expression without a fixed part may take longer.

use crate::excerpt::{LONGEST, excerpt};
use crate::{Limits, Names, Outcome};
use boreal::compiler::{AddRuleError, Compiler, CompilerParams};
use boreal::scanner::{EvaluatedRule, ScanError, ScanParams, Scanner};
use boreal::{Metadata, MetadataValue as Value};
use md5::{Digest, Md5};
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use watchfire_model::{DiagnosticSeverity, MetadataValue, Problem, RuleMatch, Span, StringMatch, Untrusted};

/// Places of one string that are counted.
const COUNTED: u32 = 2_000;

/// What is wrong with a piece of rule text.
pub(crate) struct Fault {
    pub(crate) severity: DiagnosticSeverity,
    /// Where in the piece. Bytes.
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// What came of a piece of rule text.
pub(crate) struct Added {
    pub(crate) is_added: bool,
    pub(crate) faults: Vec<Fault>,
}

/// What `work` gave, and how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "an account of time needs a clock; results depend on it where it is used up, and that is said"
)]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

/// Takes rule text piece by piece.
pub(crate) struct Builder(Compiler);

impl Builder {
    pub(crate) fn new() -> Self {
        let mut compiler = Compiler::new();
        compiler.set_params(
            CompilerParams::default()
                .disable_includes(true)
                .disable_unknown_escape_warning(true),
        );
        for name in ["filename", "filepath", "extension", "filetype", "owner", "md5"] {
            compiler.define_symbol(name, "");
        }
        Self(compiler)
    }

    /// Adds one rule or import to a namespace. Nothing of it stays where it is faulty.
    pub(crate) fn add(&mut self, namespace: &str, text: &str) -> Added {
        let adding = catch_unwind(AssertUnwindSafe(|| self.0.add_rules_str_in_namespace(text, namespace)));
        match adding {
            Ok(Ok(status)) => Added {
                is_added: true,
                faults: status
                    .warnings()
                    .map(|warning| fault(DiagnosticSeverity::Note, warning))
                    .collect(),
            },
            Ok(Err(error)) => Added {
                is_added: false,
                faults: vec![fault(DiagnosticSeverity::Error, &error)],
            },
            Err(_) => Added {
                is_added: false,
                faults: vec![Fault {
                    severity: DiagnosticSeverity::Error,
                    at: 0,
                    message: "this rule cannot be used: a fault of the engine".to_owned(),
                }],
            },
        }
    }

    /// What matches, or nothing where the engine is at fault.
    pub(crate) fn finish(self) -> Option<Engine> {
        let Self(compiler) = self;
        catch_unwind(AssertUnwindSafe(|| Engine(compiler.finalize()))).ok()
    }
}

/// What the engine says, in our voice: lower case, no full stop, with the remark that belongs to the place.
fn fault(severity: DiagnosticSeverity, error: &AddRuleError) -> Fault {
    let said = error.to_diagnostic();
    let mut message = said.message.trim_end_matches('.').to_owned();
    let first = said.labels.first();
    if let Some(remark) = first
        .map(|label| label.message.trim_end_matches('.'))
        .filter(|remark| !remark.is_empty())
    {
        let _ = write!(message, ": {remark}");
    }
    Fault {
        severity,
        at: first.map_or(0, |label| label.range.start),
        message,
    }
}

/// Compiled rules.
#[derive(Debug)]
pub(crate) struct Engine(Scanner);

impl Engine {
    /// See [`Rules::scan`](crate::Rules::scan).
    pub(crate) fn scan(&self, bytes: &[u8], names: &Names, asks_md5: bool, limits: &Limits) -> Outcome {
        let scanned = catch_unwind(AssertUnwindSafe(|| {
            let scanner = self.prepared(bytes, names, asks_md5, limits);
            let (found, error) = match scanner.scan_mem(bytes) {
                Ok(found) => (found, None),
                Err((error, found)) => (found, Some(error)),
            };
            let mut outcome = Outcome::default();
            for rule in found.rules.iter().take(limits.matches) {
                outcome.matches.push(matched(&scanner, rule, limits));
            }
            if found.rules.len() > limits.matches {
                let message = format!("{} further rules match", found.rules.len() - limits.matches);
                outcome.problems.push(Problem::note("yara-matches", message));
            }
            outcome.problems.extend(error.map(|error| unfinished(&error, limits)));
            outcome
        }));
        scanned.unwrap_or_else(|_| Outcome {
            matches: Vec::new(),
            problems: vec![Problem {
                severity: DiagnosticSeverity::Error,
                code: "yara-fault",
                message: "the YARA engine failed on this artifact; please report it".into(),
            }],
        })
    }

    /// A scanner with the names of what is scanned. Compiled rules are shared, not copied.
    fn prepared(&self, bytes: &[u8], names: &Names, asks_md5: bool, limits: &Limits) -> Scanner {
        let mut scanner = self.0.clone();
        scanner.set_scan_params(
            ScanParams::default()
                .compute_full_matches(true)
                .match_max_length(LONGEST)
                .string_max_nb_matches(COUNTED)
                .timeout_duration(Some(limits.time)),
        );
        let digest = if asks_md5 {
            hexadecimal(&Md5::digest(bytes))
        } else {
            String::new()
        };
        for (name, value) in [
            ("filename", &names.filename),
            ("filepath", &names.filepath),
            ("extension", &names.extension),
            ("filetype", &names.filetype),
            ("owner", &names.owner),
            ("md5", &digest),
        ] {
            // It was defined when the rules were compiled.
            let _ = scanner.define_symbol(name, value.as_str());
        }
        scanner
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unfinished(error: &ScanError, limits: &Limits) -> Problem {
    let message = match error {
        ScanError::Timeout => format!(
            "not matched against every YARA rule: it took more than {} s",
            limits.time.as_secs_f32()
        ),
        other => format!("not matched against every YARA rule: {other}"),
    };
    Problem::warning("yara-timeout", message)
}

/// What a rule found, bounded.
fn matched(scanner: &Scanner, rule: &EvaluatedRule<'_>, limits: &Limits) -> RuleMatch {
    let mut strings = Vec::new();
    let mut truncated = false;
    for string in &rule.matches {
        let mut places: Vec<_> = string.matches.iter().collect();
        places.sort_by_key(|place| (place.offset, place.length));
        for (told, place) in places.into_iter().enumerate() {
            if told >= limits.places || strings.len() >= limits.places_in_all {
                truncated = true;
                break;
            }
            let start = place.base.saturating_add(place.offset) as u64;
            strings.push(StringMatch {
                identifier: Untrusted::new(format!("${}", string.name)),
                span: Span {
                    start,
                    end: start.saturating_add(place.length as u64),
                },
                excerpt: excerpt(&place.data, place.data.len() < place.length),
            });
        }
    }
    RuleMatch {
        rule: rule.name.into(),
        source: rule.namespace.into(),
        tags: rule
            .tags
            .iter()
            .map(|tag| scanner.get_string_symbol(*tag).into())
            .collect(),
        metadata: rule.metadatas.iter().map(|pair| metadata(scanner, pair)).collect(),
        strings,
        truncated,
    }
}

fn metadata(scanner: &Scanner, pair: &Metadata) -> (Untrusted, MetadataValue) {
    let value = match pair.value {
        Value::Bytes(text) => MetadataValue::Text(Untrusted::from_bytes(scanner.get_bytes_symbol(text))),
        Value::Integer(number) => MetadataValue::Integer(number),
        Value::Boolean(switch) => MetadataValue::Boolean(switch),
    };
    (scanner.get_string_symbol(pair.name).into(), value)
}
