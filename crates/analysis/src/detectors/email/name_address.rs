//! An address in the name: programs on telephones show the name alone.
//!
//! | case | weight | why |
//! |---|---|---|
//! | an address of another organisation stands in the sender's name | 0.35 | services that send in somebody's name say so with 'via' |

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct NameAddress;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-address-in-name"),
    describes: "the name of the sender shows another address than the sender has",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 350,
    group: "sender-identity",
    techniques: &[TechniqueId::new("T1684.001")],
    false_positives: "services that send in the name of their customers, and mailing lists",
};

impl Detector for NameAddress {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let name = letter.shown_name();
        let Some(address) = name
            .split([' ', '<', '>', '(', ')', '"', ',', ';', '\''])
            .find(|word| is_address(word))
        else {
            return;
        };
        let Some((_, domain)) = address.rsplit_once('@') else {
            return;
        };
        let domain = host::normal(domain.trim_matches('.'));
        let same = host::registrable(&domain) == letter.site();
        // `sales=supplier.example@service.example` names whom it stands for.
        let author = letter.author().and_then(|author| author.address.as_ref());
        let encoded = author.is_some_and(|own| {
            own.raw()
                .to_lowercase()
                .contains(&address.to_lowercase().replace('@', "="))
        });
        if same || encoded || letter.domain.is_empty() || name.to_lowercase().contains(" via ") {
            return;
        }
        let title = format!(
            "the sender's name shows an address at {}, the mail is from {}",
            shown(&domain),
            shown(&letter.domain)
        );
        scene.found(weighed(&INFO, title, 350, letter.header("From", &name)));
    }
}

fn is_address(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && host::is_host(domain.trim_end_matches('.')))
}
