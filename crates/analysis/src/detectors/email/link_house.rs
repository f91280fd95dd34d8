//! Links to a page that somebody put into another's house, or into one that was built for a day.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a link leads into the folders of a web site's own programs (`/wp-includes/`), and the site is not the sender's | 0.30 | pages for people live elsewhere; pages of intruders live there |
//! | no link leads to the sender, and one leads to a domain that nobody can say | 0.20 | machines name domains so that are used for a day |
//! | the same, to a top-level domain that is sold in bulk | 0.15 | many honest people are thrifty |
//!
//! Where no server looked for a proof of the sender in vain, the last two are halved: counters of clicks have such names.

use super::landing::is_beside;
use super::{Led, Letter, weighed};
use crate::detectors::link::{shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::sayable::is_unsayable;
use watchfire_knowledge::{brand, mail as carriers};
use watchfire_model::url::{Url, percent_decoded};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LinkHouse;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-link-house"),
    describes: "a link leads into the programs of somebody's web site, or to a domain for a day",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "link-house",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1584.004")],
    false_positives: "counters of clicks with random names, and themes that keep their pages among programs",
};

impl Detector for LinkHouse {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let is_own = |led: &Led<'_>| {
            led.site() == letter.site()
                || host::name(&led.host) == host::name(&letter.domain)
                || scene.organisation().owns_domain(&led.host)
        };
        if letter.links.iter().any(is_own) {
            return;
        }
        let is_unproved = letter.proof.is_thorough() && !letter.is_vouched_for();
        let half = if is_unproved { 1 } else { 2 };
        let heaviest = letter
            .links
            .iter()
            .filter(|led| !is_beside(led) && brand::owner(&led.host).is_none())
            .filter_map(|led| {
                case(led).map(|(what, weight, halves)| (what, weight / if halves { half } else { 1 }, led))
            })
            .max_by_key(|(_, weight, _)| *weight);
        if let Some((what, weight, led)) = heaviest {
            let title = format!("a link leads to {}, {what}", shown(&led.host));
            scene.found(weighed(&INFO, title, weight, led.evidence()).about(target(&led.to, &led.host)));
        }
    }
}

/// What is odd about where a link leads, its weight, and whether a proof of the sender halves it.
fn case(led: &Led<'_>) -> Option<(&'static str, u16, bool)> {
    let label = led.site().split('.').next().unwrap_or_default();
    Some(match () {
        () if is_among_programs(&led.to) => ("into the folders of that site's programs", 300, false),
        () if is_unsayable(label) => ("a name that nobody can say", 200, true),
        () if carriers::is_bulk(&led.host) => ("under a top-level domain that is sold in bulk", 150, true),
        () => return None,
    })
}

/// Whether a page lies in a folder where systems for web sites keep what they run.
fn is_among_programs(link: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "/wp-includes/",
        "/wp-admin/",
        "/wp-content/plugins/",
        "/wp-content/themes/",
        "/.well-known/",
        "/cgi-bin/",
        "/administrator/components/",
        "/vendor/phpunit/",
    ];
    let Some(url) = Url::parse(link) else { return false };
    let path = percent_decoded(url.path).to_ascii_lowercase();
    let is_file = [".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".css", ".ics"]
        .iter()
        .any(|extension| path.ends_with(extension));
    !is_file && FOLDERS.iter().any(|folder| path.contains(folder))
}

#[cfg(test)]
mod tests {
    use super::is_among_programs;

    #[test]
    fn pages_among_programs_are_told_from_what_is_published() {
        for link in [
            "https://shop.example/wp-includes/js/login.php",
            "https://shop.example/blog/wp-content/plugins/x/index.html?e=1",
            "http://club.example/.well-known/acme/bank/",
        ] {
            assert!(is_among_programs(link), "{link}");
        }
        for link in [
            "https://shop.example/wp-content/uploads/2026/menu.pdf",
            "https://shop.example/wp-content/themes/a/logo.png",
            "https://shop.example/account?next=/wp-admin/",
            "https://shop.example/about/vendor/",
        ] {
            assert!(!is_among_programs(link), "{link}");
        }
    }
}
