//! Secrets in what logs say: in command lines and messages, and in fields that are called so.

use super::mask::{MASK, hidden, prose, quoting, telling, without};
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

/// What of a row of a table nobody is to see: secrets that show by their place in its text, and cells of columns that are
/// called so.
#[derive(Debug, Default)]
pub(crate) struct RowSecrets {
    secrets: Vec<String>,
    /// The text of the row without them.
    text: String,
}

impl RowSecrets {
    /// Those of a row. A cell comes with the name of its column, and whether only its beginning is known.
    pub(crate) fn of<'c>(text: &str, cells: impl Iterator<Item = (&'c str, &'c str, bool)>) -> Self {
        let mut row = Self {
            secrets: telling(text, &hidden(text)),
            text: prose(text).into_owned(),
        };
        for (_, cell, is_cut) in cells.filter(|(name, cell, _)| is_secret(name) && cell.len() > 1) {
            row.text = match row.text.find(cell) {
                // What goes on behind it is the secret still.
                Some(at) if is_cut => format!("{}{MASK}", row.text.get(..at).unwrap_or_default()),
                Some(_) => row.text.replace(cell, MASK),
                None if text.contains(cell) => row.text,
                // It is written in another way, and nobody knows where.
                None => MASK.to_owned(),
            };
            row.secrets.push(cell.to_owned());
        }
        row.text = row.hide(&row.text);
        row
    }

    /// The text of the row.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A cell of a column.
    pub(crate) fn cell(&self, name: &str, cell: &str) -> String {
        if is_secret(name) {
            MASK.to_owned()
        } else {
            self.hide(cell)
        }
    }

    /// Whether nobody is to see numbers of a column.
    pub(crate) fn is_hidden(&self, name: &str) -> bool {
        is_secret(name)
    }

    fn hide(&self, text: &str) -> String {
        without(&prose(text), &self.secrets).into_owned()
    }
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
    fn a_row_hides_cells_of_columns_that_are_called_so_however_they_are_written() {
        let check = |text: &str, cells: &[(&str, &str, bool)], expected: &str| {
            let row = RowSecrets::of(text, cells.iter().copied());
            assert_eq!(row.text(), expected);
            for (name, cell, _) in cells {
                let shown = row.cell(name, cell);
                assert!(!shown.contains("hunter2"), "{shown}");
            }
        };
        check(
            "anna,hunter22,3",
            &[("user", "anna", false), ("password", "hunter22", false)],
            "anna,***,3",
        );
        // Of a long one only the beginning is known, and of a quoted one not how it is written.
        check("anna,hunter22,3", &[("password", "hunter2", true)], "anna,***");
        check("anna,\"hunter\"\"22\",3", &[("password", "hunter\"22", false)], "***");
        // A word of a command line is one by what stands before it.
        check(
            "sshpass -p hunter22 ssh",
            &[("field 3", "hunter22", false)],
            "sshpass -p *** ssh",
        );
    }

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
