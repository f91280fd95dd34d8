//! A page that asks for a password and sends it to where it does not belong.
//!
//! | case | weight | why |
//! |---|---|---|
//! | to a host that imitates a well-known name | 0.55 | there is no innocent reason |
//! | to a bare address | 0.50 | no service asks for passwords by number |
//! | to a service where anyone can put a form | 0.45 | whoever owns the form is not who runs the service |
//! | to any other host | 0.30 | a page that comes as a file has no address to be checked; saved pages of real services look alike |
//!
//! Forms that send to the organisation, or to one of the well-known owners, say nothing.

use crate::detectors::link::{is_for_everyone, shown};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence};
use std::collections::HashSet;
use watchfire_knowledge::brand;
use watchfire_knowledge::host;
use watchfire_model::url::{Url, percent_decoded};
use watchfire_model::{Confidence, Fact, FactSet, Form, Place, RuleId, Severity, Target, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct CredentialForm;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("document-credential-form"),
    describes: "a page asks for a password and sends it to where it does not belong",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 550,
    group: "credential-form",
    techniques: &[TechniqueId::new("T1056.003"), TechniqueId::new("T1566.002")],
    false_positives: "saved pages of services that are not well known",
};

impl Detector for CredentialForm {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        for form in forms(facts) {
            let Some(url) = Url::parse(form.action.raw()) else {
                continue;
            };
            let host = host::normal(&percent_decoded(url.host));
            if scene.organisation().owns_domain(&host) || !seen.insert(host.clone()) {
                continue;
            }
            let Some((what, weight)) = weight(&url, &host) else {
                continue;
            };
            let title = format!("a form asks for a password and sends it to {}{what}", shown(&host));
            let mut draft = INFO.draft(title);
            draft.weight = Weight::from_thousandths(weight);
            if weight < 400 {
                (draft.severity, draft.confidence) = (Severity::Medium, Confidence::Low);
            }
            let place = form.span.map_or(Place::Whole, Place::Bytes);
            let finding = draft.at(evidence(facts, place, form.action.raw()));
            let target = match is_for_everyone(&host) {
                true => Target::Url(form.action.clone()),
                false => Target::Host(host.into()),
            };
            scene.found(finding.about(target));
        }
    }
}

fn forms(facts: &FactSet) -> impl Iterator<Item = &Form> {
    facts.facts.iter().filter_map(|fact| match fact {
        Fact::Form(form) if form.asks_password => Some(form),
        _ => None,
    })
}

fn weight(url: &Url<'_>, host: &str) -> Option<(String, u16)> {
    if url.address().is_some() {
        return Some((", a bare address".to_owned(), 500));
    }
    if let Some(brand) = brand::imitated(host) {
        return Some((format!(", which imitates {}", brand.name()), 550));
    }
    if brand::owner(host).is_some() {
        return None;
    }
    Some(match is_for_everyone(host) {
        true => (", where anyone can put a form".to_owned(), 450),
        false => (String::new(), 300),
    })
}
