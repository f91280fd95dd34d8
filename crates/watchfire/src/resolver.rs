//! Live DNS for the verification of mail: what SPF, DKIM, DMARC and ARC need is asked as it turns out, once for each
//! question of a run, until the time is over.

use crate::config::{Checked, Whom};
use crate::{Problem, network};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use watchfire_intel::resolve::resolve;
use watchfire_intel::transport::Http;
use watchfire_model::dns::{Answer, Question, Resolver};
use watchfire_model::{Class, Diagnostic, DiagnosticSeverity, Exposure, Gate, Pap, Report, Tlp, Untrusted};

/// The name of the provider whose place and quota are those of live DNS.
const DNS: &str = "dns";

/// A resolver, and what it said in this run.
#[derive(Debug)]
pub(crate) struct LiveDns {
    http: Http,
    base: String,
    until: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    runtime: Runtime,
    answers: BTreeMap<Question, Answer>,
    failed: u64,
    /// What could not be asked since the time was over.
    late: u64,
    /// Why the resolver could not be reached, the first time.
    why: Option<String>,
}

impl LiveDns {
    /// A resolver for one run, if asking is allowed.
    pub(crate) fn new(checked: &Checked, contact: bool) -> Result<Self, Problem> {
        const FOR: &str = "--online asks the DNS about who sent a mail";
        let network = &checked.network;
        if let Some(place) = &network.forbidden {
            return Err(Problem::new(format!("{FOR}, and {place} forbids every network call"))
                .hint("leave one of the two out; --dns FILE verifies by answers that are at hand"));
        }
        let gate = Gate {
            tlp: checked.tlp.unwrap_or(Tlp::Amber),
            pap: checked.pap.unwrap_or(Pap::Amber),
            contact,
        };
        if let Err(refusal) = gate.permits(Class::Public, Exposure::ContactsTarget) {
            let problem = Problem::new(format!("{FOR}, which the owners of the names may notice: {refusal}"));
            return Err(problem.hint("--contact-targets --pap GREEN says that they may; --dns FILE needs nobody"));
        }
        let whom = network
            .providers
            .iter()
            .find(|whom| whom.configured().info().name == DNS);
        let base = whom.map(|whom| whom.configured().account.base().to_owned());
        Ok(Self {
            http: network::http(
                network,
                network.providers.iter().filter_map(Whom::plain).collect(),
                None,
            )?,
            base: base.unwrap_or_else(|| "dns://system".to_owned()),
            until: Instant::now() + network.deadline,
            state: Mutex::new(State {
                runtime: network::runtime()?,
                answers: BTreeMap::new(),
                failed: 0,
                late: 0,
                why: None,
            }),
        })
    }

    /// Tells in a report what was asked.
    pub(crate) fn tell(&self, report: &mut Report) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = state.answers.len() as u64;
        report.coverage.network_calls += asked;
        let mut message = match asked {
            1 => format!("1 question to the DNS at {}", self.base),
            asked => format!("{asked} questions to the DNS at {}", self.base),
        };
        if state.failed > 0 {
            let _infallible = write!(message, ", {} without an answer", state.failed);
        }
        if let Some(why) = &state.why {
            let _infallible = write!(message, ": {why}");
        }
        if state.late > 0 {
            message.push_str("; the time was over before all were asked (--deadline)");
        }
        let severity = match state.failed + state.late {
            0 => DiagnosticSeverity::Note,
            _ => DiagnosticSeverity::Warning,
        };
        report.diagnostics.push(Diagnostic {
            severity,
            code: DNS,
            message: message.into(),
            artifact: Untrusted::default(),
        });
    }
}

impl Resolver for LiveDns {
    fn resolve(&self, questions: &[Question]) -> Vec<Option<Answer>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let open: Vec<Question> = questions
            .iter()
            .filter(|question| !state.answers.contains_key(question))
            .cloned()
            .collect();
        let left = self.until.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            state.late += open.len() as u64;
        } else if !open.is_empty() {
            state.ask(&open, left, self);
        }
        questions
            .iter()
            .map(|question| state.answers.get(question).cloned())
            .collect()
    }
}

impl State {
    fn ask(&mut self, open: &[Question], left: Duration, live: &LiveDns) {
        let asking = resolve(&live.http, &live.base, open);
        let answers = self
            .runtime
            .block_on(async { tokio::time::timeout(left, asking).await });
        let answers = match answers {
            Err(_over) => {
                self.late += open.len() as u64;
                return;
            }
            Ok(Ok(answers)) => answers,
            Ok(Err(error)) => {
                self.why.get_or_insert_with(|| error.to_string());
                vec![Answer::Failed; open.len()]
            }
        };
        self.failed += answers.iter().filter(|answer| **answer == Answer::Failed).count() as u64;
        self.answers.extend(open.iter().cloned().zip(answers));
    }
}
