//! Fields that ordinary mailers write in another way.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the way to leave the list leads to a domain that has nothing to do with the mail | 0.15 | real lists are left where they are kept |
//! | no date, or one a week and more away from when the first server took it | 0.08 | clocks are wrong, seldom by so much |
//! | the text says how to leave a list, and the header does not | 0.10 | people forward newsletters |
//! | nobody is named as recipient | 0.06 | blind copies |

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_model::url::Url;
use watchfire_model::{Confidence, RuleId, Severity};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HeaderSanity;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-odd-header"),
    describes: "the header is not as mailers write it",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 100,
    group: "mail-header",
    techniques: &[],
    false_positives: "scripts and old programs",
};

impl Detector for HeaderSanity {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let mail = letter.mail;
        // A quoted header is not the mail's own.
        if mail.from_fields == 0 || mail.quoted {
            return;
        }
        if let Some(away) = leaves_elsewhere(letter) {
            let title = format!(
                "the way to leave the list leads to {}, which has nothing to do with the mail",
                shown(&away)
            );
            scene.found(weighed(&INFO, title, 150, letter.header("List-Unsubscribe", &away)));
            return;
        }
        let taken = mail.hops.iter().rev().find_map(|hop| hop.at).map(|at| at.moment.unix());
        let away = mail
            .date
            .zip(taken)
            .map(|(sent, taken)| sent.moment.unix().abs_diff(taken));
        if away.is_some_and(|seconds| seconds > 7 * 86_400) {
            let text = mail.header("Date").map_or("", watchfire_model::Untrusted::raw);
            let title = "the date is a week and more away from when the first server took the mail".to_owned();
            scene.found(weighed(&INFO, title, 80, letter.header("Date", text)));
            return;
        }
        if let Some(way) = leaves_by_text_alone(letter) {
            let title = format!("the text says how to leave a list ('{way}'), and the header names none");
            scene.found(weighed(&INFO, title, 100, letter.words(way)));
            return;
        }
        if mail.to.iter().chain(&mail.cc).all(|entry| entry.address.is_none()) && !letter.is_bulk() {
            let title = "nobody is named as recipient".to_owned();
            scene.found(weighed(&INFO, title, 60, letter.whole("To")));
        }
    }
}

/// Words by which a text offers to leave a list, where no field of the header does. Large receivers have asked bulk senders for
/// that field since 2024, and lures copy texts and no headers.
fn leaves_by_text_alone(letter: &Letter<'_>) -> Option<&'static str> {
    const WAYS: &[&str] = &[
        "unsubscribe",
        "opt out",
        "newsletter abbestellen",
        "abmelden",
        "se desabonner",
        "desinscrire",
        "darse de baja",
        "cancelar suscripcion",
        "cancelar inscricao",
        "descadastrar",
        "disiscriviti",
        "afmelden",
    ];
    let is_recorded = letter.proof.is_thorough();
    if !is_recorded || letter.is_bulk() || letter.mail.refers_to > 0 || letter.links.is_empty() {
        return None;
    }
    WAYS.iter()
        .copied()
        .find(|way| letter.plain.contains(&format!(" {way} ")))
}

/// The host that one leaves the list at, where it is neither the sender's nor anything that the mail names.
fn leaves_elsewhere(letter: &Letter<'_>) -> Option<String> {
    let field = letter.mail.header("List-Unsubscribe")?.raw();
    let targets = field.split(',').map(|entry| entry.trim().trim_matches(['<', '>']));
    let hosts: Vec<String> = targets
        .filter_map(|target| match target.strip_prefix("mailto:") {
            Some(address) => address
                .split('?')
                .next()?
                .rsplit_once('@')
                .map(|(_, domain)| host::normal(domain)),
            None => Url::parse(target).map(|url| host::normal(url.host)),
        })
        .collect();
    let mut known: Vec<String> = vec![letter.domain.clone()];
    known.extend(letter.links.iter().map(|led| led.host.clone()));
    known.extend(letter.proof.proved());
    known.extend(
        letter
            .mail
            .return_path
            .iter()
            .filter_map(|path| path.raw().rsplit_once('@'))
            .map(|(_, domain)| host::normal(domain.trim_end_matches('>'))),
    );
    let related = |host: &String| {
        known
            .iter()
            .any(|known| host::registrable(known) == host::registrable(host))
    };
    if hosts.is_empty() || hosts.iter().any(related) || !letter.proof.is_looked_for() {
        return None;
    }
    hosts.into_iter().next()
}
