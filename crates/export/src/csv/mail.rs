//! Rows about mails: who, what about, which way in, and what is to be thought of it.

use super::{BEFORE, BEHIND, Cell, LISTING};
use watchfire_model::{JudgedMail, Mailbox, Untrusted};

/// The columns of a mail, behind those of a report.
pub(super) const COLUMNS: &[&str] = &[
    "from",
    "reply_to",
    "to",
    "subject",
    "date",
    "message_id",
    "entered",
    "entered_from",
    "campaign",
    "reported_by",
    "partial",
    "model",
];

/// The cells of a mail: who, what about, which way in, and what is to be thought of it.
pub(super) fn cells(judged: &JudgedMail) -> Vec<Cell<'_>> {
    let mail = &judged.mail;
    let head = BEFORE.iter().chain(LISTING).chain(BEHIND).map(|column| match *column {
        "record" => Cell::text("mail"),
        "type" => Cell::text(mail.format),
        "value" => Cell::text(judged.summary.as_str()),
        "source" => Cell::text(judged.path.raw()),
        "verdict" => Cell::text(judged.verdict.as_str()),
        "score" => Cell::number(judged.score.get()),
        _ => Cell::Empty,
    });
    let hop = judged.entered.and_then(|at| mail.hops.get(at));
    let name = hop.and_then(|hop| hop.reverse.as_ref().or(hop.from.as_ref()));
    let some = |text: Option<&Untrusted>| text.map_or(Cell::Empty, |text| Cell::text(text.raw().to_owned()));
    let tail = [
        Cell::text(addresses(mail.author())),
        Cell::text(addresses(&mail.reply_to)),
        Cell::text(addresses(&mail.to)),
        Cell::text(mail.subject.raw()),
        mail.date
            .map_or(Cell::Empty, |date| Cell::text(date.moment.to_string())),
        some(mail.message_id.as_ref()),
        hop.and_then(|hop| hop.address)
            .map_or(Cell::Empty, |address| Cell::text(address.to_string())),
        some(name),
        judged.campaign.map_or(Cell::Empty, Cell::number),
        Cell::text(addresses(&mail.reported_by)),
        Cell::text(if judged.partial { "true" } else { "false" }),
        judged
            .phishing
            .as_ref()
            .map_or(Cell::Empty, |score| Cell::number(f64::from(score.thousandths) / 1000.0)),
    ];
    head.chain(tail).collect()
}

/// Entries of an address field, as they are written.
fn addresses<'m>(entries: impl IntoIterator<Item = &'m Mailbox>) -> String {
    let written = entries
        .into_iter()
        .map(|entry| match (&entry.address, entry.name.is_empty()) {
            (Some(address), true) => address.raw().to_owned(),
            (Some(address), false) => format!("{} <{}>", entry.name.raw(), address.raw()),
            (None, _) => entry.name.raw().to_owned(),
        });
    written.collect::<Vec<_>>().join(", ")
}
