//! Logs inside of logs: what syslog carried, a column that holds a line, a container's line.

use super::draft::Draft;
use super::record::RawName;
use super::registry::{LINES, MESSAGES, Outcome, PROGRAMS, Program};
use super::time::Known;

/// How often a format is looked for inside of another.
const MOST_DEEP: u8 = 3;

/// Reads what a program said. Whatever it is, the message stays.
#[inline]
pub(crate) fn message(program: &[u8], text: &[u8], draft: &mut Draft) {
    draft.say(text);
    let name = program_name(program);
    let has = |(names, _): &&Program| names.iter().any(|known| known.as_bytes() == name);
    let known = PROGRAMS.get(draft.last_program).filter(has).or_else(|| {
        let at = PROGRAMS.iter().position(|one| has(&one))?;
        draft.last_program = at;
        PROGRAMS.get(at)
    });
    if let Some((_, read)) = known {
        let before = draft.fields.len();
        if read(text, draft) {
            return;
        }
        // Those who do not know a message have said nothing but fields.
        draft.fields.truncate(before);
    }
    let mark = draft.mark();
    if draft.depth >= MOST_DEEP {
        return;
    }
    draft.depth = draft.depth.saturating_add(1);
    for read in MESSAGES {
        if read(text, draft) == Outcome::Record {
            return;
        }
        draft.back(mark);
    }
}

/// The name by which a program is looked up: lower case is left to the tables, paths and instances are not.
#[inline]
fn program_name(program: &[u8]) -> &[u8] {
    let start = program
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |at| at.saturating_add(1));
    program.get(start..).unwrap_or_default()
}

/// Reads a line of any format into the record at hand. Returns whether one knew it.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> bool {
    if draft.depth >= MOST_DEEP {
        return false;
    }
    draft.depth = draft.depth.saturating_add(1);
    let mark = draft.mark();
    for read in LINES {
        if read(text, draft) == Outcome::Record {
            return true;
        }
        draft.back(mark);
    }
    false
}

/// Reads the value of the field `name` as a line of its own: an export of a search engine holds what was logged, whole.
pub(crate) fn of_field(text: &[u8], draft: &mut Draft, name: &str, from: usize) {
    let fields = draft.fields.get(from..).unwrap_or_default();
    let found = fields.iter().find(|field| match field.name {
        RawName::Known(id) => draft.names.get(id) == name,
        RawName::Carried(_) => false,
    });
    let Some(value) = found.map(|field| field.value) else {
        return;
    };
    let inner = draft.peek(text, value).trim_ascii().to_vec();
    let outer = draft.time.take();
    let table = std::mem::take(&mut draft.table);
    let read = !inner.is_empty() && line(&inner, draft);
    draft.table = table;
    // The search engine knew the zone; the line often does not say it.
    let keeps_outer = outer.is_some_and(|time| time.zone == Known::Stated);
    if !read || keeps_outer || draft.time.is_none() {
        draft.time = outer.or(draft.time);
    }
}
