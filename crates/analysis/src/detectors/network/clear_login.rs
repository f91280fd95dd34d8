//! Passwords in clear.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a password that everybody on the way could read | 0.15 | a weakness of whoever runs it, and no sign of an attack by itself |
//! | the community `public` of SNMP | 0.05 | devices are watched like that, and it is no secret |
//!
//! A community of SNMP is a password without a user (RFC 3584).

use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::SocketAddr;
use watchfire_model::network::{Event, Exchange, Login, LoginMethod};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, Evidence, RuleId, Severity, Target, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("clear-login"),
    describes: "somebody logs in with a password that everybody on the way can read",
    severity: Severity::Low,
    confidence: Confidence::High,
    weight: 150,
    group: "clear-login",
    techniques: &[TechniqueId::new("T1040")],
    false_positives: "anonymous log-ins whose password is an address; devices in a network of their own",
};

/// Services that are told apart.
const MOST: usize = 256;
/// Frames that are named for each.
const MOST_EVIDENCE: usize = 10;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ClearLogin {
    seen: BTreeMap<(&'static str, SocketAddr), Seen>,
}

#[derive(Debug)]
struct Seen {
    count: u64,
    /// How many of them gave something away.
    secret: u64,
    users: Vec<Untrusted>,
    evidence: Vec<Evidence>,
}

impl Detector for ClearLogin {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, scene: &mut Scene<'_>) {
        let (Exchange::Login(login), Some(capture)) = (&event.exchange, scene.capture()) else {
            return;
        };
        let is_nobody = login.user.as_ref().is_some_and(|user| is_anonymous(user.raw()));
        if login.method != LoginMethod::Clear || is_nobody {
            return;
        }
        let is_full = self.seen.len() >= MOST;
        let seen = match self.seen.entry((login.service, event.responder)) {
            Entry::Vacant(_) if is_full => return,
            entry => entry.or_insert(Seen {
                count: 0,
                secret: 0,
                users: Vec::new(),
                evidence: Vec::new(),
            }),
        };
        seen.count += 1;
        let user = login.user.clone().unwrap_or_default();
        let is_secret = !is_everybodys(login);
        let is_first = is_secret && seen.secret == 0;
        seen.secret += u64::from(is_secret);
        if seen.evidence.len() < MOST_EVIDENCE && (is_first || !seen.users.contains(&user)) {
            let outcome = match login.accepted {
                Some(true) => "accepted",
                Some(false) => "refused",
                None => "outcome unknown",
            };
            let text = match user.raw() {
                "" => format!("{} {outcome}", login.service),
                user => format!("{} {user} {outcome}", login.service),
            };
            seen.evidence.push(capture.frame(event.frame, &text));
            if !seen.users.contains(&user) {
                seen.users.push(user);
            }
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for ((service, responder), seen) in &self.seen {
            let mut evidence = seen.evidence.iter().cloned();
            let (Some(first), Some(capture)) = (evidence.next(), scene.capture()) else {
                continue;
            };
            let server = capture.hosts().shown(responder.ip());
            let named = seen.users.iter().filter(|user| !user.is_empty()).take(3);
            let users: Vec<String> = named.map(|user| defang(&user.shown(40))).collect();
            let users = match users.is_empty() {
                true => String::new(),
                false => format!(": {}", users.join(", ")),
            };
            let (weight, what) = match seen.secret {
                0 => (50, "the community public"),
                _ => (INFO.weight, "passwords"),
            };
            let title = format!(
                "{what} in clear over {service} to {server} port {}, {} of them{users}",
                responder.port(),
                seen.count,
            );
            let finding = weighed(&INFO, title, weight, first);
            let finding = evidence.fold(finding, watchfire_model::Finding::and_at);
            scene.found(finding.about(Target::Host(responder.ip().to_string().into())));
        }
    }
}

/// Whether what stands for a password is none: devices come with it, and everybody knows it.
fn is_everybodys(login: &Login) -> bool {
    login.service == "snmp"
        && login
            .secret
            .as_ref()
            .is_some_and(|community| community.raw() == "public")
}

/// Users that stand for nobody, by convention (RFC 1635).
fn is_anonymous(user: &str) -> bool {
    ["anonymous", "ftp"].iter().any(|name| user.eq_ignore_ascii_case(name))
}
