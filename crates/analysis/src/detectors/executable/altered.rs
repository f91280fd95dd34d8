//! A program that was changed after it was signed.
//!
//! The signature is the signer's, and it is over another file: code was put into a program that people trust. Whether the
//! signer is to be trusted does not matter here. A signature that is itself broken says less, and is not told.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a program for Windows with another digest than the one that was signed | 0.50 | the key made the signature, over another file |
//! | a program for macOS whose pages of code have other digests than those listed | 0.45 | macOS ends it; who lists them was not verified |

use super::{images, signatures};
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::signature::{DigestOutcome, Signature, SignedOutcome};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Altered;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-altered"),
    describes: "a program is not the one that its signer signed",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 500,
    group: "executable-signature",
    techniques: &[TechniqueId::new("T1036.001"), TechniqueId::new("T1554")],
    false_positives: "installers that were cut while they were copied, and programs whose maker patches them after signing",
};

impl Detector for Altered {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        if let Some(identifier) = changed_pages(facts) {
            let what = "has other code than its signature lists";
            scene.found(about(&INFO, facts, 450, what, &format!("signed as {identifier}")));
        }
        let Some(altered) = signatures(facts).iter().find(|signature| is_altered(signature)) else {
            return;
        };
        let signer = altered.chain.first().and_then(|at| altered.certificates.get(*at));
        let who = signer.map_or_else(
            || "somebody".to_owned(),
            |signer| format!("'{}'", signer.name.shown(60)),
        );
        let what = format!("was changed after {who} signed it");
        let declared = altered.declared.as_ref().map(|hashed| hashed.digest.to_string());
        let said = format!("signed was a file with the digest {}", declared.unwrap_or_default());
        scene.found(about(&INFO, facts, INFO.weight, &what, &said));
    }
}

/// Whether the signer's key made it, over another file.
fn is_altered(signature: &Signature) -> bool {
    signature.digest == DigestOutcome::Differs && signature.signed == SignedOutcome::Valid
}

/// The name by which macOS knows the code whose pages are not those that are listed.
fn changed_pages(facts: &FactSet) -> Option<&str> {
    let signed = images(facts).iter().filter_map(|image| image.signature.as_ref());
    let mut directories = signed.flat_map(|signature| &signature.directories);
    let changed = directories.find(|directory| directory.pages_match == Some(false))?;
    Some(changed.identifier.raw())
}
