//! Log files of containers as the kubelet keeps them: `time stream tag message` (Kubernetes CRI logging).

use super::draft::Draft;
use super::inner;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::Scan;
use super::time;

pub(crate) static FORMAT: Format = Format {
    name: "container",
    describes: "log files of containers (CRI); the message is read again",
    recognised: "a time, `stdout` or `stderr`, and `F` or `P`",
    time: "RFC 3339 to the nanosecond, with its zone",
};

/// Reads a line.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    let Some((civil, len)) = time::iso(text).filter(|(civil, _)| civil.offset.is_some()) else {
        return Outcome::No;
    };
    let mut scan = Scan::new(text.get(len..).unwrap_or_default());
    if !scan.eat(b" std") {
        return Outcome::No;
    }
    let stream = text
        .get(len.saturating_add(1)..len.saturating_add(7))
        .unwrap_or_default();
    let is_stream = matches!(stream, b"stdout" | b"stderr");
    scan.skip(3);
    let is_whole = scan.eat(b" F ");
    if !is_stream || !(is_whole || scan.eat(b" P ")) {
        return Outcome::No;
    }
    draft.is(&FORMAT);
    draft.at(&civil);
    let outer = draft.time;
    draft.text(key!("stream"), stream);
    draft.fixed(key!("tag"), if is_whole { "F" } else { "P" });
    draft.say(scan.rest);
    let message = draft.message;
    inner::line(scan.rest, draft);
    draft.message = draft.message.or(message);
    // The kubelet's clock is stated; the program's may not be.
    draft.time = outer;
    Outcome::Record
}
