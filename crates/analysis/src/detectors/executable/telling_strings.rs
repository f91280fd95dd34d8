//! A program whose strings say what it is for.
//!
//! | case | weight | why |
//! |---|---|---|
//! | deletes copies of files | 0.30 | what encrypts files does that first; tools for backups do it as well |
//! | names a tool of attackers, and does one thing more of those below | 0.30 | tools for defence name them too, and do nothing of it |
//! | three of: hidden commands, start-up, secrets, evasion, mining | 0.25 | each alone is somebody's job; all together are hardly |
//! | mines, and hides or starts itself | 0.25 | miners that people want do neither |
//! | names a tool of attackers | 0.10 | what looks for them does so, too |
//!
//! A program may hold a string and never use it.

use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::{Saying, SayingKind};
use watchfire_model::{Confidence, Fact, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct TellingStrings;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-telling-strings"),
    describes: "a program's strings say that it does what attackers do",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    weight: 300,
    group: "executable-strings",
    techniques: &[TechniqueId::new("T1059")],
    false_positives: "scanners, tools for backups and administration, and programs that explain such commands",
};

impl Detector for TellingStrings {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let sayings = facts.facts.iter().find_map(|fact| match fact {
            Fact::Sayings(sayings) => Some(sayings.as_slice()),
            _ => None,
        });
        let Some((weight, what)) = sayings.and_then(case) else {
            return;
        };
        let said: Vec<String> = sayings
            .unwrap_or_default()
            .iter()
            .filter(|saying| saying.kind != SayingKind::Mutex)
            .take(4)
            .map(|saying| format!("'{}' at {:#x}", saying.text.shown(60), saying.at))
            .collect();
        scene.found(about(&INFO, facts, weight, what, &said.join(", ")));
    }
}

fn case(sayings: &[Saying]) -> Option<(u16, &'static str)> {
    use SayingKind as K;
    let has = |kind: K| sayings.iter().any(|saying| saying.kind == kind);
    let kinds = [K::Command, K::StartUp, K::Secrets, K::Evasion, K::Mining];
    let kinds = kinds.into_iter().filter(|kind| has(*kind)).count();
    Some(match () {
        () if has(K::DestroysCopies) => (300, "says that it deletes the copies from which files are restored"),
        () if has(K::AttackTool) && kinds > 0 => (300, "names a tool of attackers, and what such tools do"),
        () if kinds >= 3 => (
            250,
            "says that it does what malware does: commands, start-up, secrets or evasion",
        ),
        () if has(K::Mining) && (has(K::StartUp) || has(K::Evasion)) => {
            (250, "says that it mines currencies, and that it starts or hides itself")
        }
        () if has(K::AttackTool) => (100, "names a tool of attackers"),
        () => return None,
    })
}
