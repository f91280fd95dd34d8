//! A program that carries another one: behind its end, or among its resources.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a program behind the end of a program | 0.25 | binders put two into one |
//! | the same, where an installer or bundler made it | 0.05 | that is how they work |
//! | a program among the resources | 0.15 | droppers, and tools that bring a driver |
//! | an archive behind the end, and no installer known | 0.10 | archives that unpack themselves |
//! | much that looks random, behind the end of a small program or among its resources | 0.10 | encrypted content, and pictures |

use super::{elf, pe};
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::pe::{PeKind, ResourceName};
use watchfire_model::executable::{Entropy, Mark, MarkKind, Overlay, Pe};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Carries;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-carries"),
    describes: "a program carries another program or something encrypted",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    weight: 250,
    group: "executable-payload",
    techniques: &[TechniqueId::new("T1027.009")],
    false_positives: "installers and archives that unpack themselves, and tools that bring a driver",
};

/// What is taken for encrypted.
const RANDOM: Entropy = Entropy(7_900);
/// Less may be a picture. Bytes.
const MUCH: u64 = 256 << 10;

impl Detector for Carries {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let found = match (pe(facts), elf(facts)) {
            (Some(pe), _) if pe.kind != PeKind::Efi => {
                let behind = pe.overlay.as_ref().and_then(|overlay| behind(overlay, &pe.marks));
                [behind, inside(pe)]
                    .into_iter()
                    .flatten()
                    .max_by_key(|(weight, ..)| *weight)
            }
            (None, Some(elf)) => elf.overlay.as_ref().and_then(|overlay| behind(overlay, &elf.marks)),
            _ => None,
        };
        if let Some((weight, what, said)) = found {
            scene.found(about(&INFO, facts, weight, &what, &said));
        }
    }
}

type Sign = (u16, String, String);

fn behind(overlay: &Overlay, marks: &[Mark]) -> Option<Sign> {
    // Where nothing stands before it, it is what is left of a program whose end is missing.
    if overlay.span.start == 0 {
        return None;
    }
    let made = marks
        .iter()
        .any(|mark| matches!(mark.kind, MarkKind::Installer | MarkKind::Bundler));
    let size = overlay.span.end.saturating_sub(overlay.span.start);
    let said = format!("{size} bytes behind the end");
    match overlay.begins {
        Some("pe" | "elf") if made => Some((50, "carries a program behind its end".to_owned(), said)),
        Some("pe" | "elf") => Some((250, "carries a program behind its end".to_owned(), said)),
        Some(archive @ ("zip" | "7z" | "rar" | "cab" | "gzip" | "xz" | "zstd")) if !made => {
            Some((100, format!("carries an archive behind its end ({archive})"), said))
        }
        None if !made && size >= MUCH && overlay.entropy.is_some_and(|entropy| entropy >= RANDOM) => Some((
            100,
            "carries something that looks encrypted behind its end".to_owned(),
            said,
        )),
        _ => None,
    }
}

fn inside(pe: &Pe) -> Option<Sign> {
    let program = pe
        .resources
        .iter()
        .find(|resource| matches!(resource.begins, Some("pe" | "elf")));
    if let Some(resource) = program {
        let size = resource.span.end.saturating_sub(resource.span.start);
        return Some((
            150,
            "carries a program among its resources".to_owned(),
            format!("{size} bytes"),
        ));
    }
    // Data, or a kind that somebody chose a name for.
    let random = pe.resources.iter().find(|resource| {
        let is_data = matches!(resource.kind, ResourceName::Number(10) | ResourceName::Name(_));
        let size = resource.span.end.saturating_sub(resource.span.start);
        is_data
            && resource.begins.is_none()
            && size >= MUCH
            && resource.entropy.is_some_and(|entropy| entropy >= RANDOM)
    })?;
    let size = random.span.end.saturating_sub(random.span.start);
    Some((
        100,
        "carries something that looks encrypted among its resources".to_owned(),
        format!("{size} bytes"),
    ))
}
