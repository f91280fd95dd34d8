//! What of a record counts for what is unusual: who did it, what it was, and the row of a table that it is.

use super::activity::Deed;
use super::batch::Batch;
use super::collect::reference;
use super::login::Seen;
use super::normal::{Normal, Slot};
use super::templates;
use watchfire_anomaly::sketch::fingerprint;
use watchfire_formats::log::{Record, Value};
use watchfire_model::log::LogPlace;

/// Counts a record.
pub(super) fn count(
    batch: &mut Batch,
    record: &Record<'_>,
    normal: &Normal<'_>,
    login: Option<&Seen<'_>>,
    place: LogPlace,
) {
    let place = reference(place);
    let mined = record.message.filter(|_| templates::is_free(record.format));
    let kind = match mined {
        Some(text) => batch.lines.learn(text, place),
        None => kind(record, normal),
    };
    let Some(time) = record.time else {
        batch.sheets.add(record, place);
        return;
    };
    let user = match normal.text(Slot::User) {
        "" => normal.text(Slot::Actor),
        user => user,
    };
    batch.activity.add(&Deed {
        time: time.at.moment().unix(),
        // Machines log in all day.
        names: [
            if user.ends_with('$') { "" } else { user },
            address(normal.text(Slot::SourceAddress)),
            normal.text(Slot::Host),
        ],
        kind,
        is_mined: mined.is_some(),
        outcome: login.map(Seen::outcome),
        place,
    });
}

/// An address of another machine, as the log writes it.
fn address(text: &str) -> &str {
    match text.strip_prefix("::ffff:").unwrap_or(text) {
        "::1" | "127.0.0.1" | "-" | "LOCAL" => "",
        text => text,
    }
}

/// A number for what happened, where the log has names for it; 0 where it does not say.
fn kind(record: &Record<'_>, normal: &Normal<'_>) -> u64 {
    const SAYS: [Slot; 5] = [Slot::Channel, Slot::Code, Slot::Activity, Slot::Method, Slot::Response];
    let mut numbers = [[0; 8]; SAYS.len()];
    let mut says = false;
    let mut parts: [&[u8]; SAYS.len() + 1] = [&[]; SAYS.len() + 1];
    for ((slot, number), part) in SAYS.into_iter().zip(&mut numbers).zip(&mut parts) {
        match normal.value(slot) {
            Some(Value::Text(text)) => *part = text.as_bytes(),
            Some(Value::Integer(value)) => {
                *number = value.to_le_bytes();
                *part = number;
            }
            _ => continue,
        }
        says |= slot != Slot::Channel;
    }
    if let Some(last) = parts.last_mut() {
        *last = record.format.name.as_bytes();
    }
    if says { fingerprint(&parts) | 1 } else { 0 }
}
