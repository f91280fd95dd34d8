//! Pictures that nobody sees: whoever opens the mail and shows its pictures tells a server that it was opened.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a picture of one pixel, or a hidden one, from elsewhere | 0 | nearly every newsletter counts its readers so; it says who learns of them |

use super::recipient_in_link::Readers;
use super::{Letter, weighed};
use crate::detectors::link::{leads_to, place, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_model::url::Url;
use watchfire_model::{Confidence, Fact, FactSet, Link, RuleId, Severity};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OpenPixel;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-open-pixel"),
    describes: "a picture that nobody sees tells somebody when the mail is opened",
    severity: Severity::Informational,
    confidence: Confidence::High,
    weight: 0,
    group: "mail-opened",
    techniques: &[],
    false_positives: "none: it weighs nothing",
};

/// Pictures of one mail that are looked at.
const MOST: usize = 50;
/// Hosts that are named.
const NAMED: usize = 3;

/// A picture, and the host that learns of it.
struct Pixel<'a> {
    facts: &'a FactSet,
    link: &'a Link,
    to: String,
    host: String,
}

impl Detector for OpenPixel {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let mut told: Vec<Pixel<'_>> = Vec::new();
        for pixel in pixels(letter).filter(|pixel| !scene.organisation().owns_domain(&pixel.host)) {
            if told.iter().all(|known| known.host != pixel.host) {
                told.push(pixel);
            }
        }
        let Some(first) = told.first() else { return };
        let mut hosts: Vec<String> = told.iter().take(NAMED).map(|pixel| shown(&pixel.host)).collect();
        if told.len() > NAMED {
            hosts.push(format!("{} more", told.len() - NAMED));
        }
        let readers = Readers::of(letter);
        let is_personal = told
            .iter()
            .any(|pixel| readers.stand_in(&pixel.to) || has_token(&pixel.to));
        let what = if is_personal {
            "this copy of the mail"
        } else {
            "the mail"
        };
        let title = format!(
            "a picture that nobody sees tells {} when {what} is opened",
            hosts.join(", ")
        );
        let finding = weighed(&INFO, title, INFO.weight, place(first.facts, first.link));
        let further = told.iter().skip(1).take(NAMED);
        let finding = further.fold(finding, |finding, pixel| finding.and_at(place(pixel.facts, pixel.link)));
        scene.found(finding);
    }
}

/// The pictures of a mail's pages that nobody sees, and that come from elsewhere.
fn pixels<'a>(letter: &'a Letter<'_>) -> impl Iterator<Item = Pixel<'a>> {
    let links = letter.parts.iter().filter(|part| part.is_body).flat_map(|part| {
        let facts = part.facts;
        facts.facts.iter().filter_map(move |fact| match fact {
            Fact::Link(link) if link.unseen => Some((facts, link)),
            _ => None,
        })
    });
    links.take(MOST).filter_map(|(facts, link)| {
        let to = leads_to(link.target.raw());
        let host = host::of_link(&to)?;
        Some(Pixel { facts, link, to, host })
    })
}

/// Whether a link holds what is made for one mail: a long number, or letters and digits without order.
fn has_token(link: &str) -> bool {
    const FEWEST_DIGITS: usize = 6;
    const SHORTEST: usize = 10;
    const TURNS: usize = 4;
    let Some(url) = Url::parse(link) else { return false };
    let behind_host = link.split_once(url.host).map(|(_, rest)| rest).unwrap_or_default();
    let mut pieces = behind_host.split(|c: char| !c.is_ascii_alphanumeric());
    pieces.any(|piece| {
        let kind = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
        let kinds: Vec<(bool, bool)> = piece.as_bytes().iter().take(200).map(kind).collect();
        let turns = kinds.windows(2).filter(|pair| pair.first() != pair.last()).count();
        let is_number = kinds.iter().all(|(is_digit, _)| *is_digit) && kinds.len() >= FEWEST_DIGITS;
        is_number || kinds.len() >= SHORTEST && turns >= TURNS
    })
}

#[cfg(test)]
mod tests {
    use super::has_token;

    #[test]
    fn what_is_made_for_one_mail_is_told_from_names() {
        for link in [
            "https://a.example/o/4f9c21ab7e03.gif",
            "https://a.example/open?u=58213377",
            "https://a.example/wf/open?upn=u001.8vQhR2xKd9TzL",
        ] {
            assert!(has_token(link), "{link}");
        }
        for link in [
            "https://a.example/o/9f31.gif",
            "https://a.example/images/spacer.gif",
            "https://a.example/newsletter2026/pixel.png",
            "https://4f9c21ab7e03.a.example/pixel.png",
            "nothing",
        ] {
            assert!(!has_token(link), "{link}");
        }
    }
}
