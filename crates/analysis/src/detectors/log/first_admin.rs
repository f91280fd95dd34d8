//! An account uses the rights of an administrator that never did before.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | the first use, after some days in which others used such rights and this account did not | 0.10 | accounts are given rights to keep them, and get new work, too |
//!
//! What counts as a use is said in `logs::rights`. Of a log in which nobody used such rights on three days before, nothing is
//! told: everything is new in it. The first few are told; where there are many, a new group of administrators begins, or
//! another machine's log.

use super::shown;
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::log::LogRight;
use watchfire_model::{Confidence, Finding, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("log-first-administrator"),
    describes: "an account uses the rights of an administrator for the first time since logs begin",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 100,
    group: "log-first-administrator",
    techniques: &[TechniqueId::new("T1078")],
    false_positives: "new colleagues, new work, administrators who seldom log in",
};

/// Users that are remembered.
const USERS: usize = 20_000;
/// Days on which somebody has to have used such rights before.
const DAYS: usize = 3;
/// Findings.
const MOST: usize = 5;
const DAY: i64 = 86_400;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct FirstAdministrator {
    /// The first use of each, by machine: what is new on one may be old on another, and is not told then.
    firsts: BTreeMap<Untrusted, LogRight>,
    days: BTreeSet<i64>,
    is_full: bool,
}

impl Detector for FirstAdministrator {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_right(&mut self, right: &LogRight, _: &mut Scene<'_>) {
        let day = right.time.moment().unix().div_euclid(DAY);
        if self.days.len() < 4_000 {
            self.days.insert(day);
        }
        let user: Untrusted = right.user.raw().to_lowercase().into();
        let has_room = self.firsts.len() < USERS;
        match self.firsts.get_mut(&user) {
            Some(first) if (right.time, right.place) < (first.time, first.place) => *first = right.clone(),
            Some(_) => {}
            None if !has_room => self.is_full = true,
            None => {
                self.firsts.insert(user, right.clone());
            }
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let Some(log) = scene.log() else { return };
        let new = self.newcomers();
        for right in new.iter().take(MOST) {
            let text = right.time.moment().to_string();
            let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
            let host = match right.host.is_empty() {
                true => String::new(),
                false => format!(" on {}", shown(&right.host)),
            };
            let title = format!(
                "{} used the rights of an administrator for the first time: {}{host}, {day} {} UTC",
                shown(&right.user),
                right.how,
                clock.get(..5).unwrap_or(clock),
            );
            let said = match right.text.is_empty() {
                true => format!("{} {}", right.how, right.user.raw()),
                false => right.text.raw().to_owned(),
            };
            let finding: Finding = weighed(&INFO, title, INFO.weight, log.record(right.place, &said));
            scene.found(finding.of_account(&right.user).during(Some(right.time), None));
        }
    }
}

impl FirstAdministrator {
    /// Who is new, in the order of time.
    fn newcomers(&self) -> Vec<&LogRight> {
        // Who was forgotten would be new.
        if self.is_full {
            return Vec::new();
        }
        let Some(known_from) = self.days.iter().nth(DAYS) else {
            return Vec::new();
        };
        let is_new = |right: &&LogRight| right.time.moment().unix().div_euclid(DAY) >= *known_from;
        let mut new: Vec<&LogRight> = self.firsts.values().filter(is_new).collect();
        new.sort_by_key(|right| (right.time, right.place));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Timestamp;

    /// Who uses rights on which days, and who of them is told.
    fn check(uses: &[(&str, i64)], expected: &[&str]) {
        let mut detector = FirstAdministrator::default();
        let organisation = watchfire_model::Organisation::default();
        let mut scene = Scene::new(&organisation);
        for (user, day) in uses {
            let right = LogRight {
                time: Timestamp::new(day * DAY, 0),
                user: (*user).into(),
                ..LogRight::default()
            };
            detector.on_right(&right, &mut scene);
        }
        let new: Vec<&str> = detector.newcomers().iter().map(|right| right.user.raw()).collect();
        assert_eq!(new, expected, "{uses:?}");
    }

    #[test]
    fn whoever_is_new_among_those_who_are_known_is_told() {
        check(
            &[("alice", 1), ("alice", 2), ("alice", 3), ("bob", 4), ("alice", 4)],
            &["bob"],
        );
        // Files come in any order.
        check(
            &[("Bob", 9), ("alice", 3), ("bob", 1), ("alice", 2), ("eve", 8)],
            &["eve"],
        );
    }

    #[test]
    fn without_days_before_nobody_is_new() {
        check(&[("alice", 1), ("bob", 1), ("eve", 2), ("mallory", 3)], &[]);
        check(&[("alice", 1), ("bob", 40)], &[]);
    }
}
