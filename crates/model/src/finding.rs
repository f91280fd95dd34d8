//! What a detector found.

use crate::{Confidence, Evidence, Period, TechniqueId, Timestamp, Trace, Untrusted, Weight};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// A detector's rule, `archive-double-extension`: stable, used by suppressions and the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(pub &'static str);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// OCSF severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For the record.
    Informational,
    /// Look when there is time.
    Low,
    /// Look today.
    Medium,
    /// Look now.
    High,
    /// Drop everything else.
    Critical,
}

impl Severity {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// OCSF Detection Finding. There is no finding without evidence: the only way to make one takes the first piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule found it.
    pub rule: RuleId,
    /// What was found, in a few words.
    pub title: String,
    /// How urgent.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it weighs in the judgement.
    pub weight: Weight,
    /// Findings of one group are not independent.
    pub group: &'static str,
    /// ATT&CK techniques it shows.
    pub techniques: Cow<'static, [TechniqueId]>,
    /// What to act on: where a link leads, what the file is called.
    pub targets: Vec<Target>,
    /// When it happened, as far as the evidence tells.
    #[serde(flatten)]
    pub seen: Option<Period>,
    /// Machines, accounts and files that it is about, so that what else is said of them can be found.
    pub traces: Vec<Trace>,
    evidence: Vec<Evidence>,
}

/// What a responder acts on. `Display` is defanged and escaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Target {
    /// A host or an address.
    Host(Untrusted),
    /// A page of a host that serves others as well.
    Url(Untrusted),
    /// A file, by its name.
    File(Untrusted),
}

impl Target {
    /// Longest value that is shown. Characters.
    const SHOWN: usize = 60;

    /// The live value, for masking what it holds.
    pub fn value_mut(&mut self) -> &mut Untrusted {
        match self {
            Self::Host(value) | Self::Url(value) | Self::File(value) => value,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(value) | Self::Url(value) => f.write_str(&crate::observable::defang(&value.shown(Self::SHOWN))),
            Self::File(name) => write!(f, "'{}'", name.shown(Self::SHOWN)),
        }
    }
}

/// Everything about a finding but its evidence.
#[derive(Clone, Debug)]
pub struct FindingDraft {
    /// See [`Finding::rule`].
    pub rule: RuleId,
    /// See [`Finding::title`].
    pub title: String,
    /// See [`Finding::severity`].
    pub severity: Severity,
    /// See [`Finding::confidence`].
    pub confidence: Confidence,
    /// See [`Finding::weight`].
    pub weight: Weight,
    /// See [`Finding::group`].
    pub group: &'static str,
    /// See [`Finding::techniques`].
    pub techniques: &'static [TechniqueId],
}

impl FindingDraft {
    /// Turns the draft into a finding by saying where to look.
    pub fn at(self, evidence: Evidence) -> Finding {
        let Self {
            rule,
            title,
            severity,
            confidence,
            weight,
            group,
            techniques,
        } = self;
        Finding {
            rule,
            title,
            severity,
            confidence,
            weight,
            group,
            techniques: Cow::Borrowed(techniques),
            targets: Vec::new(),
            seen: None,
            traces: Vec::new(),
            evidence: vec![evidence],
        }
    }
}

impl Finding {
    /// Adds a further place.
    pub fn and_at(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Names what to act on.
    pub fn about(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Names an account that it is about.
    pub fn of_account(self, account: &Untrusted) -> Self {
        if account.is_empty() {
            return self;
        }
        self.with_trace(Trace::Account(account.clone()))
    }

    /// Names a machine that did it, or on which it was done.
    pub fn on_machine(self, name: impl Into<Untrusted>) -> Self {
        let name = name.into();
        if name.is_empty() {
            return self;
        }
        self.with_trace(Trace::Machine(name))
    }

    /// Names what it left behind. Of too many, the first.
    pub fn with_trace(mut self, trace: Trace) -> Self {
        const MOST: usize = 64;
        if self.traces.len() < MOST && !self.traces.contains(&trace) {
            self.traces.push(trace);
        }
        self
    }

    /// Accounts that it is about.
    pub fn accounts(&self) -> impl Iterator<Item = &Untrusted> {
        self.traces.iter().filter_map(|trace| match trace {
            Trace::Account(account) => Some(account),
            _ => None,
        })
    }

    /// Says when it happened. It stays unsaid where neither is known.
    pub fn during(mut self, first: Option<Timestamp>, last: Option<Timestamp>) -> Self {
        self.seen = Period::of(first, last);
        self
    }

    /// Shows these techniques instead of those that its detector always shows.
    pub fn showing(mut self, techniques: Vec<TechniqueId>) -> Self {
        self.techniques = Cow::Owned(techniques);
        self
    }

    /// For masking what it quotes: pieces can be changed, not taken away.
    pub fn evidence_mut(&mut self) -> &mut [Evidence] {
        &mut self.evidence
    }

    /// Never empty.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
}
