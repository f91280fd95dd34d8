//! Detectors look at facts and say what is wrong. They never read bytes.
//!
//! One detector is one file with its table comment (what it weighs and why), one line in its area's list of modules and
//! one line in the registry. A detector lives as long as the analysis of one root, or of one mail in a mailbox, so it may
//! remember.

mod archive;
mod document;
mod email;
pub(crate) mod executable;
pub(crate) mod file;
mod file_name;
mod link;
pub(crate) mod log;
pub(crate) mod network;
mod registry;
mod rule;
mod script;
mod shortcut;

pub use email::Letter;
pub(crate) use email::trusted;
pub(crate) use network::is_inside;
pub use registry::{LOG, NETWORK, New, REGISTRY, catalogue};

use crate::Analysis;
use crate::context::excerpt;
use link::Lead;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use watchfire_model::log::{Anomaly, LogIn, LogRight, RuleHit};
use watchfire_model::network::{Carried, Event, Flow};
use watchfire_model::{
    ArtifactId, Confidence, Diagnostic, DiagnosticSeverity, Evidence, FactSet, Finding, FindingDraft, Organisation,
    Place, RuleId, Severity, Target, TechniqueId, Untrusted, Weight,
};

/// What a detector is and what its findings weigh.
#[derive(Clone, Copy, Debug)]
pub struct DetectorInfo {
    /// Its rule; one detector, one rule.
    pub rule: RuleId,
    /// One line for the catalogue, lower case, no full stop.
    pub describes: &'static str,
    /// How urgent a finding is.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What a finding weighs, in thousandths.
    pub weight: u16,
    /// Findings of one group are not independent: only the heaviest counts.
    pub group: &'static str,
    /// ATT&CK techniques it shows.
    pub techniques: &'static [TechniqueId],
    /// When it is wrong, for the catalogue.
    pub false_positives: &'static str,
}

impl DetectorInfo {
    /// A finding of this detector. `title` must not hold live links or unescaped text of an attacker.
    pub fn draft(&self, title: impl Into<String>) -> FindingDraft {
        FindingDraft {
            rule: self.rule,
            title: title.into(),
            severity: self.severity,
            confidence: self.confidence,
            weight: Weight::from_thousandths(self.weight),
            group: self.group,
            techniques: self.techniques,
        }
    }
}

/// Facts to findings. Sees every artifact of one root, or of one mail in a mailbox, in the order of the queue, parents
/// before children.
pub trait Detector: Send {
    /// What it is.
    fn info(&self) -> &'static DetectorInfo;

    /// The facts of one artifact.
    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let _ = (facts, scene);
    }

    /// A mail with all that came with it; not one that only hands in another.
    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let _ = (letter, scene);
    }

    /// Something was exchanged in a flow of a capture. Only those in [`NETWORK`] are told.
    fn on_event(&mut self, event: &Event, scene: &mut Scene<'_>) {
        let _ = (event, scene);
    }

    /// Whether it wants to hear of files that a capture carries.
    fn hears_files(&self) -> bool {
        false
    }

    /// A file that a capture carries is at its end. Only those in [`NETWORK`] are told that say so, each before the event
    /// about it.
    fn on_carried(&mut self, carried: &Carried, scene: &mut Scene<'_>) {
        let _ = (carried, scene);
    }

    /// A flow of a capture is over. Only those in [`NETWORK`] are told.
    fn on_flow(&mut self, flow: &Flow, scene: &mut Scene<'_>) {
        let _ = (flow, scene);
    }

    /// Somebody was let in or refused, by a log. Only those in [`LOG`] are told, in the order of the files.
    fn on_login(&mut self, login: &LogIn, scene: &mut Scene<'_>) {
        let _ = (login, scene);
    }

    /// What can be said already of logs that grow, each thing once. Only those in [`LOG`] are asked: before the first record,
    /// and then again and again. What is said counts for nothing: all that is found is told at the end, too.
    fn on_pause(&mut self, scene: &mut Scene<'_>) {
        let _ = scene;
    }

    /// Somebody used the rights of an administrator, by a log. Only those in [`LOG`] are told, in the order of the files.
    fn on_right(&mut self, right: &LogRight, scene: &mut Scene<'_>) {
        let _ = (right, scene);
    }

    /// A Sigma rule holds that is told. Only those in [`LOG`] are told, when all logs were read, the most critical first.
    fn on_hit(&mut self, hit: &RuleHit, scene: &mut Scene<'_>) {
        let _ = (hit, scene);
    }

    /// Something in logs is unlike the rest. Only those in [`LOG`] are told, when all logs were read, the least likely first.
    fn on_anomaly(&mut self, anomaly: &Anomaly, scene: &mut Scene<'_>) {
        let _ = (anomaly, scene);
    }

    /// What there is to say of a capture by now. It changes nothing: it is asked when all is read, and every few seconds of a
    /// capture that goes on. Only those in [`NETWORK`] are asked.
    fn conclude(&self, scene: &mut Scene<'_>) {
        let _ = scene;
    }

    /// After the last artifact.
    fn finish(&mut self, scene: &mut Scene<'_>) {
        let _ = scene;
    }
}

/// What a detector sees besides the facts, and where its findings go.
#[derive(Debug)]
pub struct Scene<'a> {
    organisation: &'a Organisation,
    /// Where the links of the artifact lead that is looked at.
    leads: &'a [Lead<'a>],
    /// The capture that is read, where there is one.
    capture: Option<network::Capture<'a>>,
    /// The logs that are read, where there are any.
    log: Option<log::LogScene<'a>>,
    findings: Kept,
}

impl<'a> Scene<'a> {
    fn new(organisation: &'a Organisation) -> Self {
        Self {
            organisation,
            leads: &[],
            capture: None,
            log: None,
            findings: Kept::default(),
        }
    }

    /// The links of the artifact whose facts are looked at, and where they lead.
    pub(in crate::detectors) fn leads(&self) -> &'a [Lead<'a>] {
        self.leads
    }

    /// The capture that is read; detectors in [`NETWORK`] always have one.
    pub(crate) fn capture(&self) -> Option<network::Capture<'a>> {
        self.capture
    }

    /// The logs that are read; detectors in [`LOG`] have them when they finish.
    pub(crate) fn log(&self) -> Option<log::LogScene<'a>> {
        self.log
    }

    /// Whose evidence it is.
    pub fn organisation(&self) -> &'a Organisation {
        self.organisation
    }

    /// Adds a finding. Where there are too many, the lightest goes: what weighs little must not hide what weighs much.
    pub fn found(&mut self, finding: Finding) {
        self.findings.add(finding);
    }
}

/// By weight, then the latest first: what comes first is what goes first.
type Ranks = BTreeSet<(Weight, Reverse<usize>)>;

/// What one detector found, the heaviest of it.
#[derive(Debug, Default)]
struct Kept {
    /// In the order in which they were found; those that went are empty.
    findings: Vec<Option<Finding>>,
    all: Ranks,
    /// By what they are about.
    about: HashMap<ArtifactId, Ranks>,
    dropped: u64,
}

impl Kept {
    /// Findings about one artifact. A page with a thousand bad links is as bad as one with these many.
    const MOST: usize = 50;
    /// Findings about all artifacts together.
    const MOST_IN_ALL: usize = 5_000;

    fn add(&mut self, finding: Finding) {
        let rank = (finding.weight, Reverse(self.findings.len()));
        let about = about(&finding);
        let same = self.about.entry(about).or_default();
        let full = if same.len() >= Self::MOST {
            same.first()
        } else if self.all.len() >= Self::MOST_IN_ALL {
            self.all.first()
        } else {
            None
        };
        if let Some(lightest) = full.copied() {
            self.dropped += 1;
            if lightest.0 >= rank.0 {
                return;
            }
            self.forget(lightest);
        }
        self.all.insert(rank);
        self.about.entry(about).or_default().insert(rank);
        self.findings.push(Some(finding));
    }

    /// Takes what another has. Most of the time there is nothing.
    fn append(&mut self, other: &mut Self) {
        if !other.findings.is_empty() {
            let other = std::mem::take(other);
            self.dropped += other.dropped;
            other
                .findings
                .into_iter()
                .flatten()
                .for_each(|finding| self.add(finding));
        }
    }

    fn forget(&mut self, rank: (Weight, Reverse<usize>)) {
        self.all.remove(&rank);
        let gone = self.findings.get_mut(rank.1.0).and_then(Option::take);
        let ranks = gone.and_then(|gone| self.about.get_mut(&about(&gone)));
        ranks.map(|ranks| ranks.remove(&rank));
    }

    /// What was kept, and a remark where that is not all.
    fn take(self, rule: RuleId, root: &Untrusted, diagnostics: &mut Vec<Diagnostic>) -> impl Iterator<Item = Finding> {
        if self.dropped > 0 {
            let findings = if self.dropped == 1 {
                "finding was"
            } else {
                "findings were"
            };
            diagnostics.push(Diagnostic {
                severity: DiagnosticSeverity::Note,
                code: "findings-dropped",
                message: format!(
                    "{} further {findings} left out: {rule} tells the heaviest {} of each artifact",
                    self.dropped,
                    Self::MOST
                )
                .into(),
                artifact: root.clone(),
            });
        }
        self.findings.into_iter().flatten()
    }
}

/// What a finding is about: where its first piece of evidence is.
fn about(finding: &Finding) -> ArtifactId {
    finding
        .evidence()
        .first()
        .map_or_else(|| ArtifactId::of(&[]), |evidence| evidence.artifact)
}

/// Whether a server that may be believed found no proof of a mail's sender, and looked for one.
pub(crate) fn is_refuted(mail: &watchfire_model::MailFacts, organisation: &Organisation) -> bool {
    email::is_refuted(mail, organisation)
}

/// The file to act on, by its name without folders.
pub(crate) fn file(name: &str) -> Target {
    Target::File(file_name::base(name).into())
}

/// A finding of that weight, in thousandths, whose urgency follows from it.
pub(crate) fn weighed(info: &DetectorInfo, title: String, weight: u16, at: Evidence) -> Finding {
    let mut draft = info.draft(title);
    draft.weight = Weight::from_thousandths(weight);
    draft.severity = match weight {
        0 => Severity::Informational,
        1..200 => Severity::Low,
        200..400 => Severity::Medium,
        _ => Severity::High,
    };
    if weight < 200 {
        draft.confidence = draft.confidence.min(Confidence::Low);
    } else if weight < 400 {
        draft.confidence = draft.confidence.min(Confidence::Medium);
    }
    draft.at(at)
}

/// Where to look, in the artifact that `facts` are about.
pub(crate) fn evidence(facts: &FactSet, place: Place, text: &str) -> Evidence {
    Evidence {
        artifact: facts.artifact,
        path: facts.origin.path(),
        place,
        excerpt: excerpt(text),
    }
}

/// Lets every detector look at the artifacts of one root, or of one mail in a mailbox.
pub(crate) fn run(analysis: &mut Analysis, organisation: &Organisation) {
    let Analysis {
        artifacts,
        findings,
        diagnostics,
        coverage,
        ..
    } = analysis;
    let root = artifacts.first().map(|root| root.path.clone()).unwrap_or_default();
    let failed = |what: &str| Diagnostic {
        severity: DiagnosticSeverity::Error,
        code: "detector-panic",
        message: format!("{what} failed; please report it").into(),
        artifact: root.clone(),
    };
    let letters = catch_unwind(AssertUnwindSafe(|| email::letters(artifacts, organisation)));
    if letters.is_err() {
        diagnostics.push(failed("gathering what belongs to the mails"));
    }
    let letters = letters.unwrap_or_default();
    // All detectors of links ask where they lead.
    let mut looked_at: Vec<(&FactSet, Vec<Lead<'_>>)> = Vec::new();
    let mut cut = Vec::new();
    for (at, record) in artifacts.iter().enumerate() {
        let Some(facts) = &record.facts else { continue };
        let (leads, left) = link::leads(facts);
        if left > 0 {
            diagnostics.push(link::left_out(leads.len(), left, facts));
            cut.push(at);
        }
        looked_at.push((facts, leads));
    }
    for new in REGISTRY {
        let mut detector = new();
        let mut scene = Scene::new(organisation);
        let looked = catch_unwind(AssertUnwindSafe(|| {
            for (facts, leads) in &looked_at {
                scene.leads = leads;
                detector.on_facts(facts, &mut scene);
            }
            for letter in &letters {
                detector.on_mail(letter, &mut scene);
            }
            detector.finish(&mut scene);
        }));
        findings.extend(scene.findings.take(detector.info().rule, &root, diagnostics));
        if looked.is_err() {
            diagnostics.push(failed(&format!("the {} detector", detector.info().rule)));
        }
    }
    for at in cut {
        if let Some(record) = artifacts.get_mut(at).filter(|record| record.read) {
            record.read = false;
            coverage.artifacts_read = coverage.artifacts_read.saturating_sub(1);
        }
    }
}
