//! A well-known name where the sender stands, and a domain that is not its owner's.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the name is written with letters that only look like its own | 0.50 | the owner can spell it |
//! | the name alone, or with what services call themselves, from a mailbox that anyone can have | 0.48 | companies have a domain |
//! | the name alone, or with what services call themselves | 0.42 | seldom a partner that sends in its name |
//! | the same, and the name stands in the domain, which proved itself | 0.25 | services buy domains for their mail |
//! | the subject shows the name, and the text threatens | 0.25 | so do lures for its passwords |
//! | the name among other words | 0.20 | resellers, recruiters, fans |
//! | the text speaks of the name and threatens, and no link leads to its owner | 0.25 | the same, and services that build on others |
//! | the same, from a sender that proved itself and leads to itself | 0.12 | |
//! | 'via' somebody | 0.15 | services that send in the name of others |
//! | only the subject begins with it | 0.12 | the mail may be about it |
//!
//! Domains that the owner publishes, its name under the domain of a country, and addresses for answers that are the owner's say nothing.

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::brand::{self, Shown};
use watchfire_knowledge::host;
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, Mailbox, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SenderBrand;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-brand-name"),
    describes: "the sender shows a well-known name, and the mail is not from there",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "sender-identity",
    techniques: &[TechniqueId::new("T1684.001"), TechniqueId::new("T1566")],
    false_positives: "partners, resellers and recruiters that send in the name of a brand",
};

impl Detector for SenderBrand {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        if letter.domain.is_empty() || scene.organisation().owns_domain(&letter.domain) {
            return;
        }
        let name = letter.shown_name();
        let Some((found, weight, field)) = case(letter, &name) else {
            return;
        };
        let text = match field {
            "From" => name.as_str(),
            _ => letter.mail.subject.raw(),
        };
        let whose = match field {
            "From" => "the sender shows the name",
            "Subject" => "the subject shows the name",
            _ => "the text threatens and speaks of",
        };
        let title = format!(
            "{whose} {}, the mail is from {}",
            found.brand.name(),
            shown(&letter.domain)
        );
        let at = match field {
            "text" => letter.words(found.brand.name()),
            _ => letter.header(field, text),
        };
        scene.found(weighed(&INFO, title, weight, at));
    }
}

fn case(letter: &Letter<'_>, name: &str) -> Option<(Shown, u16, &'static str)> {
    if let Some(found) = letter.named {
        if is_theirs(letter, &found) {
            return None;
        }
        let lower = name.to_lowercase();
        let weight = match () {
            () if found.disguised => 500,
            () if lower.contains("via ") && (letter.is_from_list() || !letter.proof.is_looked_for()) => 150,
            () if found.alone && letter.is_free() => 480,
            () if found.alone && is_in_domain(letter, &found) => 250,
            () if found.alone => 420,
            () => 200,
        };
        return Some((found, weight, "From"));
    }
    let subject = letter.mail.subject.raw();
    let start = subject.trim_start_matches(|c: char| !c.is_alphanumeric());
    let head = start.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let begins = brand::shown_in(&head);
    let threatens = letter.found.has(Theme::Threat) && letter.found.has(Theme::Demand);
    let Some(found) = begins.or_else(|| brand::shown_in(subject)) else {
        return text_case(letter).filter(|_| threatens);
    };
    if is_theirs(letter, &found) {
        return None;
    }
    match (threatens, begins.is_some()) {
        (true, _) => Some((found, 250, "Subject")),
        (false, true) => Some((found, 120, "Subject")),
        _ => None,
    }
}

/// A name that the beginning of the text shows, and that neither sent the mail nor is led to.
fn text_case(letter: &Letter<'_>) -> Option<(Shown, u16, &'static str)> {
    /// Words that are looked at together, and how often.
    const WINDOW: usize = 20;
    const WINDOWS: usize = 6;
    let words: Vec<&str> = letter
        .plain
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(WINDOW * WINDOWS)
        .collect();
    let mut shown = words
        .chunks(WINDOW)
        .filter_map(|words| brand::shown_in(&words.join(" ")));
    let found = shown.next()?;
    let linked = letter.links.iter().any(|led| brand::belongs(found.brand, &led.host));
    if letter.links.is_empty() || linked || is_theirs(letter, &found) {
        return None;
    }
    let home = letter.is_vouched_for() && letter.links.iter().any(|led| led.site() == letter.site());
    Some((found, if home { 120 } else { 250 }, "text"))
}

/// Whether the name stands in the registered domain, which proved itself: services buy domains for their mail.
fn is_in_domain(letter: &Letter<'_>, found: &Shown) -> bool {
    let name = host::name(&letter.domain).replace('-', "");
    let words = found.brand.words.iter().map(|word| word.replace(' ', ""));
    letter.is_vouched_for() && words.filter(|word| word.len() >= 5).any(|word| name.contains(&word))
}

fn is_theirs(letter: &Letter<'_>, found: &Shown) -> bool {
    let answers = letter.mail.reply_to.iter().filter_map(Mailbox::domain);
    let own_site = |domain: &str| {
        let site = host::name(domain);
        found
            .brand
            .words
            .iter()
            .any(|word| word.replace(' ', "") == site.replace('-', ""))
    };
    brand::belongs(found.brand, &letter.domain)
        // Anybody can have answers go to whom he names.
        || ((letter.is_vouched_for() || !letter.proof.is_looked_for())
            && answers.map(host::normal).any(|domain| brand::belongs(found.brand, &domain)))
        // Somebody else may have had the name first, for something else.
        || (own_site(&letter.domain) && letter.is_vouched_for() && !found.disguised && !watchfire_knowledge::mail::is_bulk(&letter.domain))
}
