//! What is sent by HTTP to a web server that has no name.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | by a tool of scripts, or by something that does not say who it is, three times and more | 0.25 | malware reports like that |
//! | by a browser, three times and more | 0.10 | devices and old applications are used like that |
//!
//! Only what goes out counts, and only with a body. The field `Host` has to be an address.

use super::carried_program::{address, is_tool};
use super::shared::{Frames, Table, amount, counted, host, is_inside, is_outside, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::{IpAddr, SocketAddr};
use watchfire_model::network::{Event, Exchange};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("address-post"),
    describes: "a host sends by HTTP to a web server outside that is asked by its address",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "address-post",
    techniques: &[TechniqueId::new("T1071.001")],
    false_positives: "devices and applications that were set up with an address",
};

const MOST: usize = 4_096;
/// One or two may be a mistake.
const SOME: u64 = 3;

/// See the module.
#[derive(Debug)]
pub(crate) struct AddressPost {
    seen: Table<(IpAddr, SocketAddr), Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    count: u64,
    sent: u64,
    by_browser: u64,
    agent: Option<Untrusted>,
    frames: Frames,
}

impl Default for AddressPost {
    fn default() -> Self {
        Self { seen: Table::new(MOST) }
    }
}

impl Detector for AddressPost {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Http(http) = &event.exchange else { return };
        let sends = http.sent > 0 && ["POST", "PUT"].contains(&http.method.raw());
        if !sends || http.host.as_ref().and_then(|host| address(host.raw())).is_none() {
            return;
        }
        let Some(seen) = self.seen.row((event.originator.ip(), event.responder)) else {
            return;
        };
        seen.count += 1;
        seen.sent = seen.sent.saturating_add(http.sent);
        let agent = http.user_agent.as_ref();
        let is_browser = agent.is_some_and(|agent| agent.raw().starts_with("Mozilla/") && !is_tool(agent.raw()));
        seen.by_browser += u64::from(is_browser);
        seen.agent = seen.agent.take().or_else(|| agent.cloned());
        seen.frames.met(event.frame, || {
            format!("{} {} {} bytes", http.method.raw(), http.target.raw(), http.sent)
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to), seen) in self.seen.rows() {
            let organisation = scene.organisation();
            if seen.count < SOME || !is_inside(organisation, from) || !is_outside(organisation, to.ip()) {
                continue;
            }
            let weight = if seen.by_browser == seen.count {
                100
            } else {
                INFO.weight
            };
            let by = seen
                .agent
                .as_ref()
                .map_or_else(|| "something without a name".to_owned(), shown);
            let title = format!(
                "sent to an address: {} sent {} in {} to {} port {} by {by}",
                host(scene, from),
                amount(seen.sent),
                counted(seen.count, "request"),
                host(scene, to.ip()),
                to.port(),
            );
            say(scene, &INFO, (title, weight), &seen.frames, (&[from], &[to.ip()]));
        }
    }
}
