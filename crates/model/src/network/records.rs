//! Where records go of which there is no end.

use super::{CaptureAlert, Carried, Event, FileId, Flow, Passage};

/// Takes what a capture says, in the order of its frames: a report has no room for all of it.
pub trait RecordSink {
    /// Something was exchanged.
    fn event(&mut self, event: &Event);

    /// A flow is over.
    fn flow(&mut self, flow: &Flow);

    /// What an end said in the flow that is followed, which is over.
    fn passage(&mut self, flow: &Flow, passage: &Passage) {
        let _ = (flow, passage);
    }

    /// Whether alerts are wanted: to ask for them costs something.
    fn wants_alerts(&self) -> bool {
        false
    }

    /// Something would be found if the capture ended now. Told of captures that go on, once, and again where it gets more
    /// urgent; the report says at the end what was found.
    fn alert(&mut self, alert: &CaptureAlert) {
        let _ = alert;
    }

    /// Whether more is wanted. Whoever writes to something that is full or closed says no.
    fn goes_on(&self) -> bool {
        true
    }
}

/// Takes files that a capture carries, piece by piece.
pub trait FileSink {
    /// A piece of a file, and where in it. Pieces of a file come in order; what is between them is missing.
    fn piece(&mut self, file: FileId, at: u64, bytes: &[u8]);

    /// All of a file was heard; what it is called may be said later.
    fn heard(&mut self, _file: FileId) {}

    /// A file is at its end, and all is known of it.
    fn end(&mut self, carried: &Carried);

    /// What was heard is no file after all.
    fn is_none(&mut self, _file: FileId) {}

    /// Nothing more comes of the files of a flow of which not all was heard: the flow is over, or they were no files.
    fn gone(&mut self, flow: u64);
}

/// Says which flows and exchanges are shown, out of all that are looked at.
pub trait RecordChoice {
    /// Whether a flow is.
    fn flow(&mut self, flow: &Flow) -> bool;

    /// Whether an exchange is.
    fn event(&mut self, event: &Event) -> bool;
}
