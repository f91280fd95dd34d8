//! Links that lead neither to the sender nor to whom the mail speaks for.
//!
//! | case | weight | why |
//! |---|---|---|
//! | sender or subject show a well-known name that is not the sender's, and no link leads to its owner | 0.30 | whoever speaks for a service leads there |
//! | nothing proves the sender, and no link leads to its domain | 0.24 | click counters of others are in proved mail |
//! | somebody's account with a service is proved, and no link leads to it | 0.25 | such accounts send what their own pages ask for |
//! | the sender is proved, no link leads to it or to who signed, and its name is not in its address | 0.16 | what is sent from somebody's stolen house bears another name |
//! | the sender is proved, and no link leads to it or to who signed | 0.07 | partners, and click counters of others |

use super::landing::is_beside;
use super::sender_throwaway::is_tenant;
use super::{Letter, weighed};
use crate::detectors::link::{shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::{brand, confusable};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LinksElsewhere;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-links-elsewhere"),
    describes: "the mail shows a well-known name, and none of its links lead there",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "link-landing",
    techniques: &[TechniqueId::new("T1566.002")],
    false_positives: "partners that write about a brand",
};

impl Detector for LinksElsewhere {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let mut links = letter.links.iter().filter(|led| !is_beside(led));
        let Some(first) = links.next() else { return };
        if letter.domain.is_empty() || scene.organisation().owns_domain(&letter.domain) {
            return;
        }
        let named = letter.named.or_else(|| brand::shown_in(letter.mail.subject.raw()));
        let foreign = named.filter(|found| !brand::belongs(found.brand, &letter.domain));
        let leads_to = |wanted: &dyn Fn(&str) -> bool| letter.links.iter().any(|led| wanted(&led.host));
        let own =
            |host: &str| host::registrable(host) == letter.site() || host::name(host) == host::name(&letter.domain);
        let proved = letter.proof.proved();
        let signed = |host: &str| {
            let mut names = proved.iter().map(|domain| host::name(domain));
            let owner = brand::owner(host);
            names.any(|name| name == host::name(host)) || (owner.is_some() && owner == brand::owner(&letter.domain))
        };
        let proved_home = letter.is_vouched_for() && leads_to(&own);
        // Lists that hand mails on prove themselves, and lead to themselves.
        let list_home = letter.is_from_list() && leads_to(&signed);
        let (title, weight) = match foreign {
            Some(found) if !proved_home && !leads_to(&|host| brand::belongs(found.brand, host)) => (
                format!(
                    "the mail speaks of {}, and its links lead to {}",
                    found.brand.name(),
                    shown(&first.host)
                ),
                300,
            ),
            // A server that looked at one thing only says little by what it did not find.
            _ if letter.proof.is_thorough() && !letter.is_vouched_for() && !list_home && !leads_to(&own) => (
                format!(
                    "nothing proves the sender, and the links lead elsewhere, to {}",
                    shown(&first.host)
                ),
                240,
            ),
            // Whoever keeps a list, or writes from a free mailbox, leads elsewhere all day.
            _ if letter.proof.is_looked_for()
                && letter.is_vouched_for()
                && !letter.is_free()
                && !letter.is_bulk()
                && !leads_to(&own)
                && !leads_to(&signed) =>
            {
                (
                    format!("none of the links lead to the sender, but to {}", shown(&first.host)),
                    match () {
                        () if is_tenant(&letter.domain) => 250,
                        () if is_named_otherwise(letter) => 160,
                        () => 70,
                    },
                )
            }
            _ => return,
        };
        scene.found(weighed(&INFO, title, weight, first.evidence()).about(target(&first.to, &first.host)));
    }
}

/// What any sender may call itself.
const ROLES: &[&str] = &[
    "accounts",
    "admin",
    "billing",
    "colleague",
    "customer",
    "department",
    "desk",
    "help",
    "helpdesk",
    "human",
    "info",
    "invoice",
    "news",
    "newsletter",
    "notification",
    "notifications",
    "office",
    "order",
    "orders",
    "payments",
    "reply",
    "resources",
    "sales",
    "security",
    "service",
    "services",
    "support",
    "system",
    "team",
    "updates",
];

/// Whether no word of the sender's name stands in its address, nor in a link. Short words, initials and roles say nothing.
fn is_named_otherwise(letter: &Letter<'_>) -> bool {
    const SHORTEST: usize = 4;
    let plain = confusable::plain(&letter.shown_name());
    let mut words = plain
        .split(' ')
        .filter(|word| word.len() >= SHORTEST && !ROLES.contains(word))
        .peekable();
    let address = letter.author().and_then(|author| author.address.as_ref());
    let mut places = vec![address.map(|address| address.raw().to_lowercase()).unwrap_or_default()];
    places.extend(letter.links.iter().map(|led| led.host.clone()));
    words.peek().is_some() && !words.any(|word| places.iter().any(|place| place.contains(word)))
}
