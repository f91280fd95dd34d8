//! A shortcut that has an interpreter do something.
//!
//! | case | weight | why |
//! |---|---|---|
//! | its arguments load from the network, decode, run text as code or switch protection off | 0.60 | administrators write that into scripts, not into shortcuts |
//! | it hides its window, or shows the picture of a document | 0.45 | whoever clicks is to believe that a document opens |
//! | the browser of files is its interpreter, or it starts a file beside it | 0.15 | menus and portable programs do |
//! | any other arguments | 0.20 | administrators start their tools so |

use super::{interpreter, shortcut};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{
    ActKind, Confidence, FactSet, Layer, Place, RuleId, ScriptFacts, Severity, ShortcutFacts, TechniqueId, Weight,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct RunsInterpreter;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("shortcut-runs-interpreter"),
    describes: "a shortcut starts an interpreter and tells it what to do",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "shortcut-command",
    techniques: &[TechniqueId::new("T1204.002"), TechniqueId::new("T1059")],
    false_positives: "shortcuts of administrators to their tools, which weigh less",
};

impl Detector for RunsInterpreter {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((shortcut, command)) = shortcut(facts) else {
            return;
        };
        let named = std::iter::once(&shortcut.target).chain(&shortcut.also);
        // Where nothing else is said, the path from the link's own folder is followed.
        let named = named.chain([&shortcut.relative_path]);
        let Some(name) = named.filter_map(|target| interpreter(target.raw())).next() else {
            return;
        };
        if shortcut.arguments.raw().trim().is_empty() {
            return;
        }
        let (what, weight) = case(name, shortcut, command);
        let title = format!("'{}' starts {name}{what}", facts.origin.name().shown(60));
        let mut draft = INFO.draft(title);
        draft.weight = Weight::from_thousandths(weight);
        if weight < 400 {
            (draft.severity, draft.confidence) = (Severity::Low, Confidence::Medium);
        }
        let program = if shortcut.target.is_empty() {
            &shortcut.relative_path
        } else {
            &shortcut.target
        };
        let said = format!("{} {}", program.raw(), shortcut.arguments.raw().trim());
        let finding = draft.at(evidence(facts, Place::Whole, &said));
        scene.found(finding.about(file(facts.origin.name().raw())));
    }
}

fn case(name: &str, shortcut: &ShortcutFacts, command: Option<&ScriptFacts>) -> (String, u16) {
    let act = |kind| command.and_then(|command| command.act(kind));
    let grave = [ActKind::Download, ActKind::Evaluate, ActKind::Decode, ActKind::Weaken];
    if let Some(act) = grave.into_iter().find_map(act) {
        return (format!(", which is told to use '{}'", act.word.shown(30)), 600);
    }
    if command.is_some_and(|command| command.layers.contains(&Layer::EncodedCommand)) {
        return (" with an encoded command".to_owned(), 600);
    }
    let is_remote = ["http://", "https://", "\\\\"]
        .iter()
        .any(|mark| shortcut.arguments.raw().contains(mark));
    if is_remote
        && matches!(
            name,
            "mshta" | "regsvr32" | "rundll32" | "msiexec" | "wscript" | "cscript" | "hh" | "odbcconf"
        )
    {
        return (" on a file of another machine".to_owned(), 600);
    }
    if act(ActKind::Hide).is_some() && act(ActKind::Run).is_some() {
        return (" in a hidden window".to_owned(), 450);
    }
    if shows_document(shortcut.icon.raw()) {
        return (" and shows the picture of a document".to_owned(), 450);
    }
    match name {
        "explorer" | "control" => (String::new(), 100),
        _ => (" with arguments".to_owned(), 200),
    }
}

/// Whether an icon is that of documents, or of a program that shows them.
fn shows_document(icon: &str) -> bool {
    let name = icon.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let stem = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let ends = [
        ".pdf", ".docx", ".doc", ".xlsx", ".xls", ".jpg", ".png", ".txt", ".rtf", ".html",
    ];
    ends.iter().any(|end| name.ends_with(end))
        || [
            "acrord32", "acrobat", "winword", "excel", "powerpnt", "wordpad", "notepad", "msedge", "chrome", "firefox",
            "wordicon", "xlicons",
        ]
        .contains(&stem)
}
