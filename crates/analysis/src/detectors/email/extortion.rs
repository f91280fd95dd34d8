//! Payment for silence.
//!
//! | case | weight | why |
//! |---|---|---|
//! | four or more phrases of the kind, and a wallet | 0.55 | the genre is unmistakable |
//! | six or more without a wallet, or two with one | 0.35 | reports about such mails quote them |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, ObservableType, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Extortion;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-extortion"),
    describes: "somebody claims to have recordings or access, and wants to be paid",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 550,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1657")],
    false_positives: "reports about such mails",
};

impl Detector for Extortion {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        let count = found.count(Theme::Extortion);
        let wallet = letter.parts.iter().flat_map(|part| part.observed).find(|observed| {
            matches!(
                observed.observable.kind(),
                ObservableType::Btc
                    | ObservableType::Eth
                    | ObservableType::Xmr
                    | ObservableType::Ltc
                    | ObservableType::Bch
                    | ObservableType::Dash
            )
        });
        if letter.links.len() > 5 || letter.is_known_bulk() {
            return;
        }
        let weight = match (count, wallet.is_some()) {
            (4.., true) => 550,
            (2..=3, true) | (6.., false) => 350,
            _ => return,
        };
        let phrase = found.first(Theme::Extortion).unwrap_or_default();
        let title = match wallet {
            Some(_) => format!("a threat with a wallet to pay into: '{phrase}'"),
            None => format!("a threat to publish: '{phrase}'"),
        };
        scene.found(weighed(&INFO, title, weight, letter.words(phrase)));
    }
}
