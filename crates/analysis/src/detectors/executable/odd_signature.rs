//! A signature that proves nothing, or pretends to prove something. One that does not hold is `executable-altered`.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the signer made the certificate, with the name of a well-known maker | 0.60 | nobody else may bear that name |
//! | the certificate had ended when the signature was witnessed | 0.20 | stolen certificates are old ones |
//! | the certificate is not for signing programs | 0.20 | one for a web site |
//! | the signer made the certificate | 0.15 | developers do so for themselves |
//! | bytes that nobody signed in the table of signatures | 0.10 | installers keep a mark there; loaders read code from there |

use super::signatures;
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::Certificate;
use watchfire_model::executable::signature::{ChainOutcome, Signature, SignedOutcome, ValidityOutcome};
use watchfire_model::{Confidence, Fact, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OddSignature;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-odd-signature"),
    describes: "a program's signature proves nothing, or pretends to",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 200,
    group: "executable-signature",
    techniques: &[TechniqueId::new("T1036.001"), TechniqueId::new("T1553.002")],
    false_positives: "developers who sign for themselves, and old software",
};

/// Makers whose name only they bear, in lower case.
const MAKERS: &[&str] = &[
    "microsoft",
    "google llc",
    "google inc",
    "mozilla corp",
    "adobe",
    "apple inc",
    "oracle america",
    "intel corp",
    "nvidia",
    "vmware",
    "cisco",
    "zoom video",
    "dropbox",
    "verisign",
    "digicert",
    "sectigo",
    "globalsign",
];
/// Fewer are padding. Bytes.
const APPENDED: u64 = 64;

impl Detector for OddSignature {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let of_signatures = signatures(facts)
            .iter()
            .filter_map(case)
            .max_by_key(|(weight, ..)| *weight);
        let appended = facts.facts.iter().find_map(|fact| match fact {
            Fact::Signed(signed) if signed.appended >= APPENDED => Some(signed.appended),
            _ => None,
        });
        let of_table = appended.map(|bytes| {
            (
                100,
                "has bytes that nobody signed in its table of signatures",
                format!("{bytes} bytes"),
            )
        });
        if let Some((weight, what, said)) = of_signatures.or(of_table) {
            scene.found(about(&INFO, facts, weight, what, &said));
        }
    }
}

fn case(signature: &Signature) -> Option<(u16, &'static str, String)> {
    let signer = signature.chain.first().and_then(|at| signature.certificates.get(*at));
    let said = |signer: &Certificate| format!("signer {}", signer.subject.raw());
    let signed_by = signer.map_or_else(String::new, said);
    let is_own = signature.trust == ChainOutcome::SelfSigned;
    let bears_name = |signer: &Certificate| {
        let name = signer.name.raw().to_lowercase();
        MAKERS.iter().any(|maker| name.starts_with(maker))
    };
    if is_own && signer.is_some_and(bears_name) {
        return Some((
            600,
            "is signed in the name of a well-known maker, by somebody else",
            signed_by,
        ));
    }
    if signature.validity.witnessed && signature.validity.outcome == ValidityOutcome::Expired {
        return Some((200, "was signed with a certificate that had ended", signed_by));
    }
    if signer.is_some() && !signature.for_code && signature.signed == SignedOutcome::Valid {
        return Some((200, "is signed with a certificate that is not for programs", signed_by));
    }
    is_own.then_some((150, "is signed by somebody who vouches for himself", signed_by))
}
