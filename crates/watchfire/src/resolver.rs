//! Live DNS for the verification of mail: what SPF, DKIM, DMARC and ARC need is asked as it turns out, once for each
//! question of a run, until the time is over.

use crate::config::{Checked, Whom};
use crate::{Problem, network};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
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
    runtime: Runtime,
    state: Mutex<State>,
    /// Something that was asked is no longer open.
    settled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    answers: BTreeMap<Question, Answer>,
    /// What another thread is asking just now.
    asked: BTreeSet<Question>,
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
            runtime: network::runtime()?,
            state: Mutex::default(),
            settled: Condvar::new(),
        })
    }

    /// Tells in a report what was asked.
    pub(crate) fn tell(&self, report: &mut Report) {
        let state = self.state();
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
    /// Asks what nobody has asked yet, without holding up those who ask something else, and waits for what others are
    /// asking.
    fn resolve(&self, questions: &[Question]) -> Vec<Option<Answer>> {
        let open = self.take(questions);
        if !open.is_empty() {
            let answers = self.ask(&open);
            let mut state = self.state();
            state.settle(&open, answers);
            self.settled.notify_all();
        }
        let mut state = self.state();
        while questions.iter().any(|question| state.asked.contains(question)) && !self.left().is_zero() {
            let waited = self.settled.wait_timeout(state, self.left());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        questions
            .iter()
            .map(|question| state.answers.get(question).cloned())
            .collect()
    }
}

/// What came back: the time may have been over, or the resolver out of reach.
type Asked = Option<Result<Vec<Answer>, String>>;

impl LiveDns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Those of the questions that are this thread's to ask.
    fn take(&self, questions: &[Question]) -> Vec<Question> {
        let mut state = self.state();
        let is_open = |question: &&Question| !state.answers.contains_key(question) && !state.asked.contains(question);
        let mut open: Vec<Question> = questions.iter().filter(is_open).cloned().collect();
        open.sort_unstable();
        open.dedup();
        if self.left().is_zero() {
            state.late += open.len() as u64;
            return Vec::new();
        }
        state.asked.extend(open.iter().cloned());
        open
    }

    fn ask(&self, open: &[Question]) -> Asked {
        let asking = resolve(&self.http, &self.base, open);
        let answers = self
            .runtime
            .block_on(async { tokio::time::timeout(self.left(), asking).await });
        Some(answers.ok()?.map_err(|error| error.to_string()))
    }
}

impl State {
    fn settle(&mut self, open: &[Question], answers: Asked) {
        self.asked.retain(|question| !open.contains(question));
        let answers = match answers {
            None => {
                self.late += open.len() as u64;
                return;
            }
            Some(Ok(answers)) => answers,
            Some(Err(why)) => {
                self.why.get_or_insert(why);
                vec![Answer::Failed; open.len()]
            }
        };
        self.failed += answers.iter().filter(|answer| **answer == Answer::Failed).count() as u64;
        self.answers.extend(open.iter().cloned().zip(answers));
    }
}
