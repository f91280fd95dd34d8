//! Secrets in what logs say: in command lines and messages, and in fields that are called so.

use super::mask::{MASK, prose, quoting};
use super::places::is_secret;
use std::borrow::Cow;
use watchfire_model::Untrusted;
use watchfire_model::log::{EntryValue, LogAlert, LogEntry, LogSummary};

/// Masks what a record of the timeline holds.
pub(crate) fn hide_in_entry(entry: &mut LogEntry) {
    text(&mut entry.message);
    for field in &mut entry.fields {
        value(field.name.raw(), &mut field.value);
    }
    // The schema's names say what a value is, not that it is a secret; the log's own names do.
    for (name, held) in &mut entry.normal {
        value(name, held);
    }
}

/// Masks what is told of a log at once.
pub(crate) fn hide_in_alert(alert: &mut LogAlert) {
    if let Cow::Owned(masked) = quoting(alert.title.raw()) {
        alert.title = masked.into();
    }
    text(&mut alert.text);
    for reason in &mut alert.reasons {
        if is_secret(&reason.field) {
            reason.value = MASK.into();
        } else {
            text(&mut reason.value);
        }
    }
}

/// Masks what is told of logs as a whole.
pub(super) fn hide_in_summary(log: &mut LogSummary) {
    for top in &mut log.top {
        let is_named = is_secret(top.field.raw());
        for count in &mut top.values {
            if is_named {
                count.value = MASK.into();
            } else {
                text(&mut count.value);
            }
        }
    }
    let lists = [&mut log.users, &mut log.events, &mut log.hosts, &mut log.addresses];
    let values = lists.into_iter().flat_map(|list| &mut list.values);
    values.for_each(|count| text(&mut count.value));
    log.templates.iter_mut().for_each(|row| text(&mut row.template));
    log.anomalies.iter_mut().for_each(|anomaly| text(&mut anomaly.what));
}

fn value(name: &str, value: &mut EntryValue) {
    match value {
        EntryValue::Null | EntryValue::Bool(_) => {}
        held if is_secret(name) => *held = EntryValue::Text(MASK.into()),
        EntryValue::Text(held) => text(held),
        EntryValue::Integer(_) | EntryValue::Float(_) => {}
    }
}

fn text(text: &mut Untrusted) {
    if let Cow::Owned(masked) = prose(text.raw()) {
        *text = masked.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::log::EntryField;

    #[test]
    fn fields_that_are_called_so_are_masked_and_so_are_command_lines() {
        let field = |name: &str, value: &str| EntryField {
            name: name.into(),
            value: EntryValue::Text(value.into()),
        };
        let mut entry = LogEntry {
            message: "curl https://anna:hunter22@files.example/".into(),
            fields: vec![field("password", "hunter22"), field("user", "anna")],
            ..LogEntry::default()
        };
        hide_in_entry(&mut entry);
        let shown = format!("{entry:?}");
        assert!(!shown.contains("hunter22") && shown.contains("anna"), "{shown}");
    }
}
