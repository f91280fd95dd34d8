//! `watchfire capture --list-interfaces`: the interfaces of this host, and what goes through them.

use crate::exit::{Exit, Failure};
use crate::output;
use std::io;
use std::time::Duration;
use watchfire::live::{Interface, ListedInterface, interfaces, link_name};
use watchfire::{Side, bytes, table};

/// Prints them; with `rates`, a second is waited for.
pub(crate) fn list(rates: bool) -> Result<Exit, Failure> {
    let listed = interfaces(rates.then_some(Duration::from_secs(1)))?;
    let mut titles = vec![
        ("INTERFACE", Side::Left),
        ("STATE", Side::Left),
        ("LINK", Side::Left),
        ("RECEIVED", Side::Right),
        ("SENT", Side::Right),
        ("DROPPED", Side::Right),
    ];
    if rates {
        titles.extend([("IN/s", Side::Right), ("OUT/s", Side::Right)]);
    }
    titles.push(("ADDRESSES", Side::Left));
    let rows: Vec<Vec<String>> = listed.iter().map(|listed| row(listed, rates)).collect();
    table(&titles, &rows, &output::plain(), &mut io::stdout().lock())?;
    Ok(Exit::Done)
}

fn row(listed: &ListedInterface, rates: bool) -> Vec<String> {
    let Interface {
        name,
        state,
        link,
        traffic,
        addresses,
        ..
    } = &listed.interface;
    let dropped = traffic.received.dropped.saturating_add(traffic.sent.dropped);
    let mut row = vec![
        name.to_string(),
        state.to_string(),
        link_name(*link).to_owned(),
        bytes(traffic.received.bytes),
        bytes(traffic.sent.bytes),
        dropped.to_string(),
    ];
    if rates {
        let rate = |rate: Option<u64>| rate.map_or("-".to_owned(), bytes);
        row.push(rate(listed.rate.map(|rate| rate.received_bytes)));
        row.push(rate(listed.rate.map(|rate| rate.sent_bytes)));
    }
    let addresses = addresses.iter().map(|(address, length)| format!("{address}/{length}"));
    row.push(addresses.collect::<Vec<_>>().join(" "));
    row
}
