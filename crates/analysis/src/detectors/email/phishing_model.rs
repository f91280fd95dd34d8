//! A mail that reads like phishing, to a model that has read many.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the odds are nine to one or more | 0.35 | it is right far more often than not, and still only a likeness |
//! | from even odds to nine to one | 0.04 to 0.35, in proportion | |
//! | below even odds | none | |
//!
//! The model's odds are those of words and links alone, where there is as much phishing as anything else. Before they are
//! weighed they are tripled where a server looked for a proof of the sender and found none, and halved where the sender is
//! proved, has a policy against misuse of its name, shows no other's and leads to itself: services that are imitated write like
//! their imitators. A proof of a domain that was made for a day proves nothing.
//!
//! Alone this is never suspicious: 0.35 is below the band, and the group counts once. Mails that only hand in another are
//! not scored: what they say is about the other.

use super::Letter;
use super::sender_throwaway::is_throwaway;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, Fact, PhishingScore, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PhishingModel;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-phishing-model"),
    describes: "a mail reads like phishing to the learned model",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 350,
    group: "model",
    techniques: &[TechniqueId::new("T1566")],
    false_positives: "advertising, and genuine mails in the tone of lures: it is one signal and no verdict",
};

/// Probabilities in thousandths between which the weight grows, and the weight at the lower end.
const EVEN: u16 = 500;
const SURE: u16 = 900;
const LEAST: u16 = 40;

/// Reasons in a title.
const TOP: usize = 3;

impl Detector for PhishingModel {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let score = letter.facts.facts.iter().find_map(|fact| match fact {
            Fact::Phishing(score) => Some(score),
            _ => None,
        });
        let Some(score) = score else { return };
        let odds = Prior::of(letter).shifted(score.thousandths);
        let Some(weight) = weight(odds) else { return };
        let mut draft = INFO.draft(title(score));
        draft.weight = Weight::from_thousandths(weight);
        if odds >= SURE {
            (draft.severity, draft.confidence) = (Severity::Medium, Confidence::Medium);
        }
        scene.found(draft.at(letter.whole(&excerpt(score))));
    }
}

/// What is known of a sender before its words are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prior {
    /// A server looked for a proof of it and found none.
    Unproved,
    /// Nothing is known.
    Open,
    /// It proved itself, and shows and leads to itself alone.
    Proved,
}

impl Prior {
    fn of(letter: &Letter<'_>) -> Self {
        let home = |led: &super::Led<'_>| led.site() == letter.site();
        let is_list = letter.is_from_list();
        if is_throwaway(letter) {
            return Self::Unproved;
        }
        if letter.is_vouched_for() {
            let own = !letter.is_free() && letter.foreign_name().is_none() && !letter.is_without_policy();
            return match own && (letter.links.is_empty() || letter.links.iter().any(home)) {
                true => Self::Proved,
                false => Self::Open,
            };
        }
        match letter.proof.is_thorough() && !is_list {
            true => Self::Unproved,
            false => Self::Open,
        }
    }

    /// The probability, in thousandths, that odds come to with this.
    fn shifted(self, thousandths: u16) -> u16 {
        let (up, down) = match self {
            Self::Unproved => (3, 1),
            Self::Open => (1, 1),
            Self::Proved => (1, 2),
        };
        let is = u32::from(thousandths.min(1000));
        let (yes, no) = (up * is, down * (1000 - is));
        u16::try_from(1000 * yes / (yes + no).max(1)).unwrap_or(1000)
    }
}

/// What a score weighs; nothing where it says less than even odds.
fn weight(thousandths: u16) -> Option<u16> {
    let above = thousandths.checked_sub(EVEN)?;
    let grown = u32::from(above.min(SURE - EVEN)) * u32::from(INFO.weight - LEAST) / u32::from(SURE - EVEN);
    Some(LEAST + u16::try_from(grown).unwrap_or(0))
}

fn title(score: &PhishingScore) -> String {
    let reasons = score.reasons.iter().filter(|reason| reason.weight > 0).take(TOP);
    // Words of the mail come through what shows links, so that none of them is live.
    let reasons: Vec<String> = reasons
        .map(|reason| crate::detectors::link::shown(reason.what.raw()))
        .collect();
    let probability = f64::from(score.thousandths.min(999)) / 1000.0;
    match reasons.is_empty() {
        true => format!("reads like phishing: model {probability:.2}"),
        false => format!(
            "reads like phishing: model {probability:.2} (top: {})",
            reasons.join("; ")
        ),
    }
}

fn excerpt(score: &PhishingScore) -> String {
    let reason = |weight: i32, what: &str| format!("{:+.2} {what}", f64::from(weight) / 1000.0);
    let reasons: Vec<String> = score
        .reasons
        .iter()
        .map(|one| reason(one.weight, one.what.raw()))
        .collect();
    format!("model {}: {}", score.model.raw(), reasons.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, SUSPICIOUS, Settings};
    use std::sync::Arc;
    use watchfire_model::{Artifact, Finding, Hints, Origin, Score};
    use watchfire_phishing::Model;

    #[test]
    fn what_is_known_of_the_sender_moves_the_odds() {
        assert_eq!(Prior::Unproved.shifted(500), 750);
        assert_eq!(Prior::Proved.shifted(500), 333);
        for prior in [Prior::Unproved, Prior::Open, Prior::Proved] {
            assert_eq!((prior.shifted(0), prior.shifted(1000)), (0, 1000));
            let grown: Vec<u16> = (0..=1000).map(|score| prior.shifted(score)).collect();
            assert!(grown.is_sorted(), "{prior:?}");
        }
    }

    #[test]
    fn the_weight_follows_the_probability() {
        let cases = [
            (0, None),
            (499, None),
            (500, Some(40)),
            (700, Some(195)),
            (900, Some(350)),
            (1000, Some(350)),
        ];
        assert_eq!(
            cases.map(|(thousandths, _)| weight(thousandths)),
            cases.map(|(_, weight)| weight)
        );
    }

    /// A mail that every detector but this one has nothing to say about, to a model that is sure.
    #[test]
    fn alone_it_is_never_suspicious() {
        let sure = Model::new("sure", 20.0, &[], &[]);
        let settings = Settings {
            phishing: Some(Arc::new(sure)),
            ..Settings::default()
        };
        let engine = Engine::new(settings);
        let mail =
            b"From: Ann <ann@a.example>\r\nTo: ben@b.example\r\nSubject: Lunch\r\n\r\nAre you coming on Thursday?\r\n";
        let origin = Origin::root("lunch.eml");
        let analysis = engine.analyze(Artifact::new(mail.to_vec(), origin, Hints::default()), &engine.budget());
        let model: Vec<&Finding> = analysis
            .findings
            .iter()
            .filter(|finding| finding.rule == INFO.rule)
            .collect();
        assert_eq!(model.len(), 1, "{:?}", analysis.findings);
        assert_eq!(model[0].weight, Weight::from_thousandths(350));
        let most = (0..=1000).filter_map(weight).max().unwrap();
        assert!(Score::new(u8::try_from(most / 10).unwrap()) < SUSPICIOUS);
    }
}
