//! A document that leads where the mail does not dare to: filters follow the links of mails.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the mail has no link, and most links of an attached document lead to shorteners, free pages or storage for everyone | 0.25 | who writes a document links to what he writes about |

use super::Letter;
use crate::detectors::link::{leads, place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::mail::Place;
use watchfire_knowledge::{host, mail as carriers};
use watchfire_model::{Confidence, Fact, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DocumentLead;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-document-lead"),
    describes: "an attached document leads to where anyone can put a page, and the mail itself leads nowhere",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "link-landing",
    techniques: &[TechniqueId::new("T1566.001"), TechniqueId::new("T1566.002")],
    false_positives: "flyers with a short link to print",
};

impl Detector for DocumentLead {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        if !letter.links.is_empty() {
            return;
        }
        let documents = letter.parts.iter().filter(|part| !part.is_body).map(|part| part.facts);
        for facts in documents.filter(|facts| is_document(facts)) {
            let (leads, _) = leads(facts);
            let open = |to: &str| host::of_link(to).filter(|host| carriers::place(host) == Some(Place::Open));
            let mut led = leads.iter().filter_map(|lead| Some((open(&lead.to)?, lead))).peekable();
            let Some((host, first)) = led.peek().cloned() else {
                continue;
            };
            if led.count() * 2 >= leads.len() {
                let title = format!(
                    "an attached document leads to {}, where anyone can put a page",
                    shown(&host)
                );
                let finding = INFO.draft(title).at(place(facts, &first.link));
                scene.found(finding.about(target(&first.to, &host)));
                return;
            }
        }
    }
}

fn is_document(facts: &FactSet) -> bool {
    facts.facts.iter().any(|fact| matches!(fact, Fact::Document(_)))
}
