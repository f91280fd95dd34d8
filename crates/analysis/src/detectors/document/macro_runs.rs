//! A macro that runs without being asked for and reaches out of its document.
//!
//! | case | weight | why |
//! |---|---|---|
//! | loads from the network and runs something, or hides the words for it | 0.60 | the whole trick; add-ins of offices look otherwise |
//! | runs programs, text as code, or code out of memory | 0.50 | some offices start a program when a workbook opens |
//! | decodes or writes files | 0.35 | some offices export when a workbook closes |
//!
//! A project is taken as a whole: one module begins, another acts. That there is a macro at all weighs in another rule.

use super::super::script::hides_words::hidden;
use super::super::script::{is_masked, runs, scripts};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use std::collections::BTreeMap;
use watchfire_model::{
    ActKind, Confidence, Evidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId, Untrusted, Weight,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct MacroRuns {
    /// Projects by their path, in the order in which they were met.
    projects: BTreeMap<String, Project>,
    order: Vec<String>,
}

/// What the modules of a project add up to.
#[derive(Debug, Default)]
struct Project {
    name: String,
    automatic: Option<(Untrusted, Evidence)>,
    loads: Option<(Untrusted, Evidence)>,
    runs: Option<(Untrusted, Evidence)>,
    prepares: Option<(Untrusted, Evidence)>,
    hides: bool,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("document-macro-runs"),
    describes: "a macro runs when its document is opened or closed, and reaches out of it",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "active-content",
    techniques: &[TechniqueId::new("T1204.002"), TechniqueId::new("T1059.005")],
    false_positives: "workbooks of offices that start programs or export files",
};

impl Detector for MacroRuns {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let _ = scene;
        let path = facts.origin.path().raw().to_owned();
        if facts.facts.iter().any(|fact| matches!(fact, Fact::Macros(_))) {
            // `vbaProject.bin` is nobody's name for a document.
            let own = facts.origin.name();
            let document = facts.origin.parent().filter(|_| own.raw().ends_with(".bin"));
            let name = document.map_or(own.raw(), |parent| parent.name().raw());
            let project = Project {
                name: name.to_owned(),
                ..Project::default()
            };
            self.projects.insert(path.clone(), project);
            self.order.push(path.clone());
        }
        let parent = facts.origin.parent().map(|parent| parent.path().raw().to_owned());
        let of = if self.projects.contains_key(&path) {
            Some(path)
        } else {
            parent
        };
        let Some(project) = of.and_then(|of| self.projects.get_mut(&of)) else {
            return;
        };
        for script in scripts(facts) {
            let told = |word: &Untrusted| Some((word.clone(), evidence(facts, Place::Whole, word.raw())));
            let act = |kind| script.act(kind).and_then(|act| told(&act.word));
            project.automatic = project
                .automatic
                .take()
                .or_else(|| script.automatic.first().and_then(told));
            project.loads = project.loads.take().or_else(|| act(ActKind::Download));
            project.runs = project
                .runs
                .take()
                .or_else(|| runs(script).and_then(|act| told(&act.word)));
            let prepares = || act(ActKind::Decode).or_else(|| act(ActKind::Write));
            project.prepares = project.prepares.take().or_else(prepares);
            project.hides |= hidden(script).is_some() && is_masked(script);
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        for path in std::mem::take(&mut self.order) {
            let Some(project) = self.projects.remove(&path) else {
                continue;
            };
            let Some((automatic, begins)) = project.automatic else {
                continue;
            };
            let (what, acts, weight) = match (project.loads, project.runs, project.prepares) {
                (Some(loads), Some(runs), _) => ("loads and runs something", vec![loads, runs], 600),
                (Some(loads), None, _) => ("loads something from the network", vec![loads], 500),
                (None, Some(runs), _) => ("runs something", vec![runs], if project.hides { 600 } else { 500 }),
                (None, None, Some(prepares)) => ("decodes or writes files", vec![prepares], 350),
                (None, None, None) => continue,
            };
            let name = Untrusted::new(project.name.as_str());
            let title = format!(
                "'{}': a macro that begins by itself ({}) {what}",
                name.shown(60),
                automatic.shown(30)
            );
            let mut draft = INFO.draft(title);
            draft.weight = Weight::from_thousandths(weight);
            let mut finding = draft.at(begins);
            for (_, place) in acts {
                finding = finding.and_at(place);
            }
            scene.found(finding.about(file(&project.name)));
        }
    }
}
