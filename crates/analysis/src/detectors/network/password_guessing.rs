//! Log-ins that are refused, again and again.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | then one who was refused five times is let in, or anybody after ten users | 0.55 | it was guessed, or somebody remembered after all |
//! | ten users and more are refused at one server | 0.45 | a few passwords are tried on many users, so that none is locked |
//! | one user is refused 20 times and more | 0.25 | a program with an old password does that, too |
//! | from outside | 0.10 | whoever can be reached from everywhere is tried all day; unless one is let in |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! Of each host and server together, over all that shows whether it was accepted.

use super::probe::is_scanner;
use super::shared::{Frames, Span, Table, counted, host, is_inside, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_model::network::{Event, Exchange};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("password-guessing"),
    describes: "a server refuses the log-ins of one host, again and again",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 550,
    group: "password-guessing",
    techniques: &[TechniqueId::new("T1110.003"), TechniqueId::new("T1110.001")],
    false_positives: "programs with an old password; gateways behind which many users are",
};

const MOST: usize = 4_096;
const MOST_USERS: usize = 256;
/// Users that are refused, from which on it is no accident.
const MANY_USERS: usize = 10;
/// Refusals of one user.
const MANY_TIMES: u64 = 20;
/// Refusals of somebody who mistypes.
const MISTYPED: u64 = 4;

/// See the module.
#[derive(Debug)]
pub(crate) struct PasswordGuessing {
    tried: Table<(IpAddr, IpAddr, &'static str), Tried>,
}

#[derive(Debug, Default)]
struct Tried {
    refused: BTreeMap<Untrusted, u64>,
    /// Who was let in after he, or many others, had been refused.
    accepted: Option<Untrusted>,
    span: Span,
    frames: Frames,
}

impl Tried {
    fn is_much(&self) -> bool {
        self.refused.len() >= MANY_USERS || self.refused.values().any(|times| *times >= MANY_TIMES)
    }

    /// Whether it is the refusals that led to letting a user in, and not that somebody else has another password.
    fn is_guessed(&self, user: &Untrusted) -> bool {
        self.refused.len() >= MANY_USERS || self.refused.get(user).is_some_and(|times| *times > MISTYPED)
    }
}

impl Default for PasswordGuessing {
    fn default() -> Self {
        Self {
            tried: Table::new(MOST),
        }
    }
}

/// Who was let in or not, by what.
fn outcome(event: &Event) -> Option<(&'static str, Untrusted, bool)> {
    match &event.exchange {
        Exchange::Login(login) => Some((login.service, login.user.clone().unwrap_or_default(), login.accepted?)),
        _ => None,
    }
}

impl Detector for PasswordGuessing {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Some((service, user, accepted)) = outcome(event) else {
            return;
        };
        let key = (event.originator.ip(), event.responder.ip(), service);
        if accepted {
            if let Some(tried) = self.tried.known(&key)
                && tried.is_much()
                && tried.is_guessed(&user)
                && tried.accepted.is_none()
            {
                tried
                    .frames
                    .join(Frames::one(event.frame, format!("{service} {} accepted", user.raw())));
                tried.accepted = Some(user);
            }
            return;
        }
        let Some(tried) = self.tried.row_or(key, |tried| !tried.is_much()) else {
            return;
        };
        tried.span.met(event.time, event.time);
        if tried.refused.len() >= MOST_USERS && !tried.refused.contains_key(&user) {
            return;
        }
        // The last place is for the one who was let in.
        if tried.frames.len() < Frames::MOST - 1 {
            tried
                .frames
                .met(event.frame, || format!("{service} {} refused", user.raw()));
        }
        *tried.refused.entry(user).or_default() += 1;
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to, service), tried) in self.tried.rows() {
            if !tried.is_much() {
                continue;
            }
            let weight = match &tried.accepted {
                _ if is_scanner(scene, from) => 0,
                Some(_) => INFO.weight,
                None if !is_inside(scene.organisation(), from) => 100,
                None if tried.refused.len() >= MANY_USERS => 450,
                None => 250,
            };
            let times: u64 = tried.refused.values().sum();
            let users = match tried.refused.len() {
                1 => tried.refused.keys().next().map(shown).unwrap_or_default(),
                count => counted(count as u64, "user"),
            };
            let then = match &tried.accepted {
                Some(user) => format!("; then {} was let in", shown(user)),
                None => String::new(),
            };
            let title = format!(
                "passwords guessed: {} was refused {} by {} ({service}) as {users}, {}{then}",
                host(scene, from),
                counted(times, "time"),
                host(scene, to),
                tried.span.words(),
            );
            say(scene, &INFO, (title, weight), &tried.frames, (&[from], &[from]));
        }
    }
}
