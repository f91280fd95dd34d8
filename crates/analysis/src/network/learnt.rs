//! What is learnt of a capture besides its records: its hosts, names and rhythms, and what detectors remember.

use super::desk::{Desk, Learns};
use super::hosts::Hosts;
use super::names::Names;
use super::rhythm::Rhythms;
use crate::detectors::network::Watchers;
use watchfire_capture::Listener;
use watchfire_model::network::{Event, Flow};

/// See the module.
#[derive(Default)]
pub(super) struct Learnt<'e> {
    pub(super) hosts: Desk<Hosts>,
    pub(super) names: Desk<Names>,
    pub(super) rhythms: Desk<Rhythms>,
    pub(super) watchers: Vec<Watchers<'e>>,
}

impl<'e> Learnt<'e> {
    pub(super) fn new(watchers: Vec<Watchers<'e>>, follow: Option<u64>) -> Self {
        Self {
            hosts: Desk {
                follow,
                ..Desk::default()
            },
            names: Desk {
                follow,
                ..Desk::default()
            },
            rhythms: Desk {
                follow,
                ..Desk::default()
            },
            watchers,
        }
    }

    /// Everybody who learns by himself, on any thread.
    pub(super) fn listeners(&mut self) -> Vec<&mut dyn Listener> {
        let mut all: Vec<&mut dyn Listener> = vec![&mut self.hosts, &mut self.names, &mut self.rhythms];
        all.extend(self.watchers.iter_mut().map(|watchers| watchers as &mut dyn Listener));
        all
    }

    /// All of them learn on this thread: something was exchanged, in a flow that is meant.
    pub(super) fn event(&mut self, event: &Event) {
        self.hosts.learner.event(event);
        self.names.learner.event(event);
        self.rhythms.learner.event(event);
        self.watchers.iter_mut().for_each(|watchers| watchers.event(event));
    }

    /// The same: a flow is over that is meant.
    pub(super) fn flow(&mut self, flow: &Flow) {
        self.hosts.learner.flow(flow);
        self.names.learner.flow(flow);
        self.rhythms.learner.flow(flow);
        self.watchers.iter_mut().for_each(|watchers| watchers.flow(flow));
    }
}
