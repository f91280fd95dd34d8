//! Something that runs, packed as if it were something to read.
//!
//! | case | weight | why |
//! |---|---|---|
//! | anything that runs, in an archive named like a document | 0.50 | `invoice.pdf.zip` promises a document |
//! | anything that runs, in a notebook | 0.60 | a click on the page starts it, and pages are drawn around it |
//! | anything that runs, hidden in a disc image | 0.55 | whoever opens the image is not to see it |
//! | a shortcut | 0.40 | shortcuts point at the machine they were made on; nobody ships them |
//! | a script of the Windows script hosts, in a small archive | 0.40 | software that is shipped as one script has a name for it, an archive of source code has more than a few files |
//! | a program | 0.10 | how software is delivered |

use crate::detectors::file_name::{self, Runs};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_formats::identify::media;
use watchfire_model::{
    ArchiveFacts, Confidence, Fact, FactSet, MediaType, MemberFacts, Place, RuleId, Severity, TechniqueId, Untrusted,
    Weight,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct RunnableMember;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-runnable-member"),
    describes: "an archive holds a shortcut, script or program for a person to open",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "payload",
    techniques: &[TechniqueId::new("T1204.002")],
    false_positives: "software delivered in archives, which weighs little",
};

/// An archive with more members than these is a collection, not an attachment.
const SMALL: usize = 5;

impl Detector for RunnableMember {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for fact in &facts.facts {
            let Fact::Archive(archive) = fact else { continue };
            // One finding for each archive, about the member that weighs most: a folder of programs is one delivery.
            let weighed = (1u32..).zip(&archive.members).filter_map(|(number, member)| {
                let runs = runs(member)?;
                Some((weight(runs, member.hidden, archive, facts), number, member, runs))
            });
            let heaviest = weighed.max_by_key(|(weight, number, ..)| (*weight, std::cmp::Reverse(*number)));
            let Some((weight, number, member, runs)) = heaviest else {
                continue;
            };
            let shown = Untrusted::new(file_name::base(member.name.raw()));
            let title = format!("{} holds a {}: '{}'", archive.format, runs.as_str(), shown.shown(60));
            let mut draft = INFO.draft(title);
            draft.weight = Weight::from_thousandths(weight);
            if weight < 400 {
                draft.severity = Severity::Low;
            }
            let finding = draft.at(evidence(facts, Place::Member(number), member.name.raw()));
            scene.found(finding.about(file(member.name.raw())));
        }
    }
}

/// By content where it is known, else by name.
fn runs(member: &MemberFacts) -> Option<Runs> {
    let by_name = || file_name::runs(member.name.raw());
    let Some(media_type) = member.media_type else {
        return by_name();
    };
    match file_name::runs_by_content(media_type) {
        // Libraries and drivers do not run by themselves; the name tells.
        Some((Runs::Program, _)) => by_name(),
        Some((runs, _)) => Some(runs),
        None if is_content(media_type) => None,
        None => by_name(),
    }
}

/// Types that no extension turns into something that runs.
fn is_content(media_type: MediaType) -> bool {
    let name = media_type.0;
    name.starts_with("image/") || name.starts_with("video/") || name.starts_with("audio/") || media_type == media::PDF
}

fn weight(runs: Runs, is_hidden: bool, archive: &ArchiveFacts, facts: &FactSet) -> u16 {
    let small = archive.members.len() <= SMALL;
    match runs {
        _ if archive.format == "onenote" => 600,
        _ if is_hidden => 550,
        _ if is_named_like_content(facts) => 500,
        Runs::Shortcut => 400,
        Runs::Script if small => 400,
        Runs::Script => 50,
        Runs::Program => 100,
    }
}

/// Whether the archive's own name promises content: `invoice.pdf`, `invoice.pdf.zip`.
fn is_named_like_content(facts: &FactSet) -> bool {
    let name = facts.origin.name().raw();
    let stem = file_name::split(name).map(|(stem, _)| stem);
    file_name::promises_content(name) || stem.is_some_and(file_name::promises_content)
}
