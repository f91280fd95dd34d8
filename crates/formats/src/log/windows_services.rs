//! Services of Windows that write commas: DHCP's audit log and the network policy server's in the IAS formats.
//!
//! DHCP: `ID,Date,Time,Description,IP Address,Host Name,MAC Address,…` below a preface ("Analyze DHCP server log files",
//! Microsoft). NPS: the database-compatible format with fixed columns and the IAS format with pairs of numbers and values
//! ("Interpret NPS database format log files", "Interpret IAS format log files").

use super::csv::Cells;
use super::draft::{Draft, Table};
use super::record::{RawName, RawValue};
use super::registry::{Format, Outcome};
use super::time;

pub(crate) static DHCP: Format = Format {
    name: "microsoft-dhcp",
    describes: "Microsoft DHCP server, audit log",
    recognised: "the header `ID,Date,Time,Description,IP Address`",
    time: "local time of the server: the zone is assumed",
};

pub(crate) static NPS: Format = Format {
    name: "nps-csv",
    describes: "Microsoft network policy server (RADIUS), database and IAS formats",
    recognised: "a server, `IAS` or `RAS`, a date and a time between commas",
    time: "local time of the server: the zone is assumed",
};

/// Reads a row of DHCP's log, or its header.
pub(crate) fn dhcp(text: &[u8], draft: &mut Draft) -> Outcome {
    if text.starts_with(b"ID,Date,Time,Description,IP") {
        let columns = text.split(|byte| *byte == b',').map(|name| {
            let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
            draft.names.id(&name)
        });
        let columns = columns.collect();
        draft.table = Table {
            of: Some(&DHCP),
            columns,
            ..Table::default()
        };
        return Outcome::Header;
    }
    if !draft.table.of.is_some_and(|of| std::ptr::eq(of, &DHCP)) {
        return Outcome::No;
    }
    let mut parts = text.splitn(4, |byte| *byte == b',');
    let (Some(id), Some(date), Some(clock)) = (parts.next(), parts.next(), parts.next()) else {
        return Outcome::No;
    };
    let mut stamp = date.to_vec();
    stamp.push(b',');
    stamp.extend_from_slice(clock);
    let Some((civil, _)) = time::american(&stamp).filter(|_| super::scan::number(id).is_some()) else {
        return Outcome::No;
    };
    draft.is(&DHCP);
    draft.at(&civil);
    let columns = std::mem::take(&mut draft.table.columns);
    for (index, cell) in Cells::new(text, b',').enumerate() {
        if cell.text.is_empty() {
            continue;
        }
        let name = match columns.get(index) {
            Some(id) => RawName::Known(*id),
            None => draft.name(b"extra"),
        };
        let value = match super::scan::integer(cell.text).filter(|_| index == 0) {
            Some(number) => RawValue::Integer(number),
            None => draft.place(cell.text),
        };
        if index == 3 {
            draft.message = Some(value);
        }
        draft.push(name, value);
    }
    draft.table.columns = columns;
    Outcome::Record
}

/// Columns of the database format.
const DATABASE: &[&str] = &[
    "ComputerName",
    "ServiceName",
    "Record-Date",
    "Record-Time",
    "Packet-Type",
    "User-Name",
    "Fully-Qualified-Distinguished-Name",
    "Called-Station-ID",
    "Calling-Station-ID",
    "Callback-Number",
    "Framed-IP-Address",
    "NAS-Identifier",
    "NAS-IP-Address",
    "NAS-Port",
    "Client-Vendor",
    "Client-IP-Address",
    "Client-Friendly-Name",
    "Event-Timestamp",
    "Port-Limit",
    "NAS-Port-Type",
    "Connect-Info",
    "Framed-Protocol",
    "Service-Type",
    "Authentication-Type",
    "Policy-Name",
    "Reason-Code",
];

/// Attributes of the IAS format that matter; others are called by their number.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("1", "User-Name"),
    ("4", "NAS-IP-Address"),
    ("5", "NAS-Port"),
    ("8", "Framed-IP-Address"),
    ("30", "Called-Station-ID"),
    ("31", "Calling-Station-ID"),
    ("32", "NAS-Identifier"),
    ("4108", "Client-IP-Address"),
    ("4127", "Authentication-Type"),
    ("4128", "Client-Friendly-Name"),
    ("4129", "SAM-Account-Name"),
    ("4130", "Fully-Qualified-User-Name"),
    ("4132", "EAP-Friendly-Name"),
    ("4136", "Packet-Type"),
    ("4142", "Reason-Code"),
    ("4149", "Policy-Name"),
    ("4154", "Proxy-Policy-Name"),
];

/// Reads a row of the network policy server.
pub(crate) fn nps(text: &[u8], draft: &mut Draft) -> Outcome {
    let head = text.get(..256).unwrap_or(text);
    let is_service = |cell: &[u8]| matches!(cell.trim_ascii(), b"IAS" | b"RAS" | b"\"IAS\"" | b"\"RAS\"");
    let mut parts = head.split(|byte| *byte == b',');
    let (_, second) = (parts.next(), parts.next());
    let is_database = second.is_some_and(is_service);
    // IAS: address, user, date, time, service, server.
    let is_ias = !is_database && parts.nth(2).is_some_and(is_service);
    if !is_database && !is_ias {
        return Outcome::No;
    }
    let mut cells = Cells::new(text, b',');
    let mut stamp: Vec<u8> = Vec::new();
    let mut index = 0_usize;
    let first = [
        "Client-IP-Address",
        "User-Name",
        "Record-Date",
        "Record-Time",
        "ServiceName",
        "ComputerName",
    ];
    while let Some(cell) = cells.text() {
        let cell = cell.trim_ascii();
        let name = match () {
            () if is_database => DATABASE.get(index).copied().unwrap_or("extra"),
            () => match first.get(index) {
                Some(name) => name,
                None => {
                    // From here on pairs: an attribute's number and its value.
                    let Some(value) = cells.text() else { break };
                    let known = ATTRIBUTES.iter().find(|(number, _)| number.as_bytes() == cell);
                    let name = known.map_or(cell, |(_, name)| name.as_bytes());
                    draft.named(name, value.trim_ascii());
                    continue;
                }
            },
        };
        if name == "Record-Date" || name == "Record-Time" {
            if !stamp.is_empty() {
                stamp.push(b',');
            }
            stamp.extend_from_slice(cell);
        }
        if !cell.is_empty() {
            draft.named(name.as_bytes(), cell);
        }
        index = index.saturating_add(1);
    }
    let Some((civil, _)) = time::american(&stamp) else {
        return Outcome::No;
    };
    draft.at(&civil);
    draft.is(&NPS);
    Outcome::Record
}
