//! What in logs is unlike the rest: log-ins from where or when a user never logged in before, and windows in which somebody did
//! what hardly anybody does.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a user is let in from a place and at an hour that both are new for it | 0.10 | stolen passwords look like this, and so do journeys |
//! | from a new place, or at a new hour | 0.05 | people move, and work late |
//! | a window of a user, an address or a machine, or a row of a table, that is unlike the others | 0.05 | what is rare is mostly innocent |
//!
//! At most ten. None of them says that anything is wrong; together with other findings they say where to look. How
//! they are found, and the baseline that they need, is said in `logs::unusual` and `logs::habits`.

use super::shown;
use crate::detectors::network::is_listed;
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::net::IpAddr;
use watchfire_model::log::{Anomaly, AnomalyKind, AnomalyReason};
use watchfire_model::{Confidence, Finding, Organisation, RuleId, Severity, Timestamp, counted};

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("log-unusual"),
    describes: "log-ins and other things in logs that are unlike what was seen before",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 100,
    group: "log-unusual",
    techniques: &[],
    false_positives: "what is rare is mostly innocent: journeys, new machines, maintenance, the end of a month",
};

/// What weighs less than a log-in that is new in both ways.
const LESS: u16 = 50;
/// Findings.
const MOST: usize = 10;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LogUnusual {
    anomalies: Vec<Anomaly>,
}

impl Detector for LogUnusual {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_anomaly(&mut self, anomaly: &Anomaly, scene: &mut Scene<'_>) {
        if self.anomalies.len() < MOST && !is_scanner(anomaly, scene.organisation()) {
            self.anomalies.push(anomaly.clone());
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let Some(log) = scene.log() else { return };
        let findings: Vec<Finding> = std::mem::take(&mut self.anomalies)
            .iter()
            .map(|anomaly| {
                let is_new_twice = anomaly.kind == AnomalyKind::LogIn && anomaly.reasons.len() > 1;
                let weight = if is_new_twice { INFO.weight } else { LESS };
                let place = log.record(anomaly.place, anomaly.what.raw());
                weighed(&INFO, title(anomaly), weight, place).during(anomaly.begins, None)
            })
            .collect();
        findings.into_iter().for_each(|finding| scene.found(finding));
    }
}

/// Whether it is about a machine that scans by order.
pub(crate) fn is_scanner(anomaly: &Anomaly, organisation: &Organisation) -> bool {
    let address = match anomaly.kind {
        AnomalyKind::LogIn => anomaly.what.raw().rsplit(" from ").next(),
        _ => Some(anomaly.what.raw()),
    };
    let address: Option<IpAddr> = address.and_then(|text| text.parse().ok());
    address.is_some_and(|address| is_listed(organisation, None, address))
}

/// `unusual: backup from 203[.]0[.]113[.]9 logged in on 2026-11-16 at 14:12 UTC: an address and an hour never …`
fn login(anomaly: &Anomaly) -> String {
    let text = anomaly.begins.map(|begins| begins.to_string()).unwrap_or_default();
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    let features: Vec<&str> = anomaly.reasons.iter().map(|reason| reason.feature.as_str()).collect();
    let what = match features.as_slice() {
        [_, _, ..] => "an address and an hour",
        [one] if *one == crate::logs::NEW_HOUR => "an hour",
        _ => "an address",
    };
    format!(
        "unusual: {} logged in on {day} at {} UTC, {what} never seen with that user before; 1 of {} log-ins is like this, and \
         what is rare is mostly innocent",
        shown(&anomaly.what),
        clock.get(..5).unwrap_or(clock),
        share(anomaly.p_value),
    )
}

/// `unusual: user backup, 2026-11-22 03:00 to 04:00 UTC: 40 different machines (typical 1); …`
pub(crate) fn title(anomaly: &Anomaly) -> String {
    let who = match anomaly.kind {
        AnomalyKind::LogIn => return login(anomaly),
        AnomalyKind::User => format!("user {}", shown(&anomaly.what)),
        AnomalyKind::Address => format!("address {}", shown(&anomaly.what)),
        AnomalyKind::Host => format!("machine {}", shown(&anomaly.what)),
        AnomalyKind::Template => format!("lines like {}", shown(&anomaly.what)),
        AnomalyKind::Row => format!("row {}", shown(&anomaly.what)),
    };
    let is_row = anomaly.kind == AnomalyKind::Row;
    let reasons: Vec<String> = anomaly
        .reasons
        .iter()
        .take(2)
        .map(|reason| said(reason, is_row))
        .collect();
    let others = match is_row {
        true => "rows".to_owned(),
        false => format!("windows of {}", length(anomaly.seconds)),
    };
    format!(
        "unusual: {who}{}: {}; about 1 in {} {others} is as unusual, and what is rare is mostly innocent",
        anomaly
            .begins
            .map(|begins| format!(" {}", within(begins, anomaly.seconds)))
            .unwrap_or_default(),
        reasons.join("; "),
        share(anomaly.p_value),
    )
}

fn said(reason: &AnomalyReason, is_row: bool) -> String {
    if is_row {
        return reason.feature.clone();
    }
    let number = |value: f64| {
        if value.fract().abs() < 0.05 {
            format!("{value:.0}")
        } else {
            format!("{value:.1}")
        }
    };
    format!(
        "{} {} (typical {})",
        number(reason.value),
        reason.feature,
        number(reason.typical)
    )
}

fn length(seconds: u64) -> String {
    match seconds {
        3_600 => "an hour".to_owned(),
        86_400 => "a day".to_owned(),
        seconds if seconds >= 3_600 => counted(seconds / 3_600, "hour"),
        seconds => counted(seconds / 60, "minute"),
    }
}

/// `on 2026-11-22 at 03:00 UTC`
fn within(begins: Timestamp, seconds: u64) -> String {
    let text = begins.to_string();
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    match seconds {
        86_400 => format!("on {day}"),
        _ => format!("on {day} from {} UTC", clock.get(..5).unwrap_or(clock)),
    }
}

/// One in how many, with two digits, as far as that can be told.
fn share(p_value: f64) -> String {
    const MOST: f64 = 1e6;
    let count = (1.0 / p_value.max(1.0 / MOST)).max(1.0);
    let step = 10_f64.powf((count.log10().floor() - 1.0).max(0.0));
    let count = (count / step).round() * step;
    let digits = format!("{count:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
