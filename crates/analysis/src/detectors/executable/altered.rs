//! A program that was changed after it was signed, or that carries a signature which nobody made.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the signature is the signer's, over another file | 0.50 | code was put into a program that people trust |
//! | the signer's key did not make it, or what it is over was rewritten | 0.50 | dialogs still name the signer; damage would hardly leave all of it readable |
//! | a program for macOS whose pages of code have other digests than those listed | 0.45 | macOS ends it; who lists them was not verified |
//!
//! Whether the signer is to be trusted does not matter here.

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
    describes: "a program is not the one that its signer signed, or carries a forged signature",
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
        let declared = altered.declared.as_ref().map(|hashed| hashed.digest.to_string());
        let (what, said) = match altered.signed {
            SignedOutcome::Invalid(why) => (
                format!("carries a signature of {who} that is not theirs"),
                format!("the signature does not hold: {why}"),
            ),
            _ => (
                format!("was changed after {who} signed it"),
                format!("signed was a file with the digest {}", declared.unwrap_or_default()),
            ),
        };
        scene.found(about(&INFO, facts, INFO.weight, &what, &said));
    }
}

/// Whether the signer's key made it over another file, or did not make it.
fn is_altered(signature: &Signature) -> bool {
    match signature.signed {
        SignedOutcome::Valid => signature.digest == DigestOutcome::Differs,
        SignedOutcome::Invalid(_) => true,
        SignedOutcome::Unverifiable(_) => false,
    }
}

/// The name by which macOS knows the code whose pages are not those that are listed.
fn changed_pages(facts: &FactSet) -> Option<&str> {
    let signed = images(facts).iter().filter_map(|image| image.signature.as_ref());
    let mut directories = signed.flat_map(|signature| &signature.directories);
    let changed = directories.find(|directory| directory.pages_match == Some(false))?;
    Some(changed.identifier.raw())
}
