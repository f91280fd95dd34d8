//! Those who learn from a capture by themselves, each on whichever thread has time: what one of them knows, the others need
//! only when all is read.

use watchfire_capture::{Listener, Round};
use watchfire_model::network::{Event, Flow};

/// Learns from what two ends exchange.
pub(crate) trait Learns: Send {
    /// Something was exchanged.
    fn event(&mut self, event: &Event);

    /// A flow is over.
    fn flow(&mut self, flow: &Flow);
}

/// Somebody who learns, and what of the capture is meant.
#[derive(Debug, Default)]
pub(super) struct Desk<L> {
    pub(super) learner: L,
    /// The flow that is meant, where it is one.
    pub(super) follow: Option<u64>,
}

impl<L: Learns> Listener for Desk<L> {
    fn hear(&mut self, round: &Round) {
        events(round, self.follow).for_each(|event| self.learner.event(event));
        flows(round, self.follow).for_each(|flow| self.learner.flow(flow));
    }
}

/// What was exchanged in the flow that is meant, or in all.
pub(crate) fn events(round: &Round, follow: Option<u64>) -> impl Iterator<Item = &Event> {
    round
        .events()
        .filter(move |event| follow.is_none_or(|flow| flow == event.flow))
}

/// The flow that is meant, or all: of those that begin in the same frame, the one that carries no other.
pub(crate) fn flows(round: &Round, follow: Option<u64>) -> impl Iterator<Item = &Flow> {
    round
        .flows()
        .filter(move |flow| follow.is_none_or(|followed| followed == flow.first_frame && !flow.carries))
}
