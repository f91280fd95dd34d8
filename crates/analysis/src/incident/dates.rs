//! When findings in captures happened, by the frames that prove them.

use std::collections::HashMap;
use watchfire_model::{ArtifactRecord, Finding, Period, Place, Timestamp};

type Frames<'r> = HashMap<(&'r str, u64), Period>;

/// The frames of which captures tell the time.
fn frames(artifacts: &[ArtifactRecord]) -> Frames<'_> {
    let mut times = Frames::new();
    for artifact in artifacts {
        let Some(capture) = &artifact.capture else { continue };
        let mut tell = |frame: u64, first: Timestamp, last: Timestamp| {
            let period = Period { first, last };
            times.entry((artifact.path.raw(), frame)).or_insert(period);
        };
        for rhythm in &capture.rhythms {
            tell(rhythm.first_frame, rhythm.first, rhythm.last);
        }
        for carried in &capture.carried {
            tell(carried.frame, carried.time, carried.time);
        }
        for login in &capture.logins {
            tell(login.frame, login.time, login.time);
        }
        for conversation in &capture.conversations {
            tell(conversation.frame, conversation.first, conversation.last);
        }
    }
    times
}

/// Says of findings in captures when it was, where the detector did not and the frame is one whose time is known.
pub(crate) fn date(findings: &mut [Finding], artifacts: &[ArtifactRecord]) {
    let frames = frames(artifacts);
    for finding in findings.iter_mut().filter(|finding| finding.seen.is_none()) {
        finding.seen = in_frames(finding, &frames);
    }
}

fn in_frames(finding: &Finding, frames: &Frames<'_>) -> Option<Period> {
    finding.evidence().iter().find_map(|evidence| {
        let Place::Frame(frame) = evidence.place else {
            return None;
        };
        frames.get(&(evidence.path.raw(), frame)).copied()
    })
}
