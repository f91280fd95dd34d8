//! Words for incidents that screens, pages and tickets share.

use crate::short_digest;
use watchfire_model::observable::defang;
use watchfire_model::{ArtifactId, Period, Tie, TieKind, Timestamp};

/// What they share, in words.
pub(crate) fn sharing(tie: &Tie) -> String {
    let value = defang(&tie.value.shown(60));
    match tie.by {
        TieKind::File => match ArtifactId::parse(tie.value.raw()) {
            Ok(id) => format!("the file {}", short_digest(&id)),
            Err(_) => format!("the file {value}"),
        },
        TieKind::Host => format!("the host {value}"),
        TieKind::Machine => format!("the machine {value}"),
        TieKind::Account => format!("the account {value}"),
        TieKind::Tried => format!("the machine {value}, which strangers try to get into"),
        TieKind::Entered => format!("what happened on {value} after somebody got in"),
    }
}

/// `2026-11-02 08:02 to 11:58 UTC`
pub(crate) fn span(seen: Period) -> String {
    let minute = |at: Timestamp| {
        let text = at.moment().to_string();
        let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
        (day.to_owned(), clock.get(..5).unwrap_or(clock).to_owned())
    };
    let ((from, begins), (to, ends)) = (minute(seen.first), minute(seen.last));
    match (from == to, begins == ends) {
        (true, true) => format!("{from} {begins} UTC"),
        (true, false) => format!("{from} {begins} to {ends} UTC"),
        _ => format!("{from} {begins} to {to} {ends} UTC"),
    }
}

/// `08:02:11`
pub(crate) fn clock(at: Timestamp) -> String {
    let text = at.moment().to_string();
    text.get(11..19).unwrap_or_default().to_owned()
}
