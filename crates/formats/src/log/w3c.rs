//! Tables whose header is a remark: W3C extended logs (IIS, Microsoft's firewall `pfirewall.log`, Exchange's tracking logs,
//! CloudFront, Blue Coat) and Zeek's.
//!
//! "Extended Log File Format" (W3C working draft WD-logfile-960323): `#Fields:` names the columns, and may come again with
//! others. Exchange separates its columns by commas, the others by blanks or tabs. Zeek's `#separator`, `#fields` and
//! `#unset_field` are read as its documentation says. Fields that are unset are left out.

use super::csv::Cells;
use super::draft::{Draft, Table};
use super::name::NameId;
use super::record::{RawName, RawValue};
use super::registry::{Format, Outcome};
use super::scan::{Scan, find, split_at_byte};
use super::time::{self, Civil};

pub(crate) static W3C: Format = Format {
    name: "w3c",
    describes: "W3C extended log files: IIS, CloudFront, proxies",
    recognised: "`#Fields:`",
    time: "`date` and `time` are UTC, as IIS and the draft have it",
};

pub(crate) static WINDOWS_FIREWALL: Format = Format {
    name: "windows-firewall",
    describes: "Windows firewall, `pfirewall.log`",
    recognised: "`#Software: Microsoft Windows Firewall`, or its columns",
    time: "local time of the machine: the zone is assumed",
};

pub(crate) static EXCHANGE: Format = Format {
    name: "exchange-tracking",
    describes: "Exchange message tracking and protocol logs",
    recognised: "`#Software: Microsoft Exchange Server`, or the columns of message tracking",
    time: "`date-time`, UTC",
};

pub(crate) static ZEEK: Format = Format {
    name: "zeek",
    describes: "Zeek logs, tab-separated",
    recognised: "`#separator` and `#fields`",
    time: "`ts`, seconds since 1970, UTC",
};

/// Reads a row or a remark.
#[inline]
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    if text.first() == Some(&b'#') {
        return remark(text, draft);
    }
    let Some(format) = draft.table.of else {
        return Outcome::No;
    };
    if std::ptr::eq(format, &ZEEK) {
        zeek(text, draft)
    } else if [&W3C, &WINDOWS_FIREWALL, &EXCHANGE]
        .iter()
        .any(|known| std::ptr::eq(format, *known))
    {
        row(text, format, draft)
    } else {
        Outcome::No
    }
}

fn remark(text: &[u8], draft: &mut Draft) -> Outcome {
    let Some((name, rest)) = text.get(1..).and_then(|text| {
        let end = text.iter().position(|byte| matches!(byte, b':' | b' ' | b'\t'))?;
        Some((text.get(..end)?, text.get(end.checked_add(1)?..)?))
    }) else {
        return Outcome::No;
    };
    match name {
        b"separator" => {
            draft.table = Table {
                of: Some(&ZEEK),
                separator: separator(rest).unwrap_or(b'\t'),
                unset: b"-".to_vec(),
                inner: b",".to_vec(),
                ..Table::default()
            };
        }
        b"fields" => zeek_fields(rest, draft),
        b"types" => {
            let separator = draft.table.separator;
            let is_list = |kind: &[u8]| kind.starts_with(b"set[") || kind.starts_with(b"vector[");
            draft.table.lists = rest.split(|byte| *byte == separator).map(is_list).collect();
        }
        b"unset_field" => draft.table.unset = rest.to_vec(),
        b"set_separator" => draft.table.inner = rest.to_vec(),
        b"empty_field" | b"path" | b"open" | b"close" => {}
        b"Software" => {
            let of: &'static Format = if rest.trim_ascii().starts_with(b"Microsoft Windows Firewall") {
                &WINDOWS_FIREWALL
            } else if rest.trim_ascii().starts_with(b"Microsoft Exchange") {
                &EXCHANGE
            } else {
                &W3C
            };
            draft.table = Table {
                of: Some(of),
                ..Table::default()
            };
        }
        b"Fields" => w3c_fields(rest.trim_ascii(), draft),
        b"Date" => draft.table.day = time::iso(rest.trim_ascii()).map(|(civil, _)| civil),
        b"Version" | b"Remark" | b"Start-Date" | b"End-Date" | b"Time" | b"Log-type" | b"Start-Time" => {}
        _ => return Outcome::No,
    }
    Outcome::Header
}

/// `\x09`, or the letter itself.
fn separator(text: &[u8]) -> Option<u8> {
    match text.strip_prefix(b"\\x") {
        Some(digits) => u8::from_str_radix(std::str::from_utf8(digits.get(..2)?).ok()?, 16).ok(),
        None => text.first().copied(),
    }
}

fn zeek_fields(rest: &[u8], draft: &mut Draft) {
    let separator = if draft.table.separator == 0 {
        b'\t'
    } else {
        draft.table.separator
    };
    let mut table = std::mem::take(&mut draft.table);
    table.of = Some(&ZEEK);
    table.separator = separator;
    table.columns.clear();
    table.lists.clear();
    if table.unset.is_empty() {
        table.unset = b"-".to_vec();
    }
    table.time = None;
    for (index, name) in rest.split(|byte| *byte == separator).enumerate() {
        table.columns.push(draft.names.id(&String::from_utf8_lossy(name)));
        if name == b"ts" {
            table.time = Some(index);
        }
    }
    draft.table = table;
}

fn zeek(text: &[u8], draft: &mut Draft) -> Outcome {
    let table = std::mem::take(&mut draft.table);
    let mut count = 0_usize;
    let mut fits = true;
    for value in text.split(|byte| *byte == table.separator) {
        let Some(id) = table.columns.get(count).copied() else {
            fits = false;
            break;
        };
        if table.time == Some(count) {
            draft.time = time::epoch(value);
        }
        let is_list = table.lists.get(count).copied().unwrap_or_default();
        if value != table.unset.as_slice() && value != b"(empty)" {
            if is_list && !table.inner.is_empty() {
                for one in value.split(|byte| table.inner.first() == Some(byte)) {
                    put(id, one, draft);
                }
            } else {
                put(id, value, draft);
            }
        }
        count = count.saturating_add(1);
    }
    fits &= count > 1 && count == table.columns.len();
    draft.table = table;
    if !fits {
        return Outcome::No;
    }
    draft.is(&ZEEK);
    Outcome::Record
}

/// Text with its escapes resolved; numbers as numbers.
#[inline]
fn put(id: NameId, value: &[u8], draft: &mut Draft) {
    let is_number = value.len() < 19 && value.iter().all(u8::is_ascii_digit);
    let value = match super::scan::integer(value).filter(|_| is_number) {
        Some(number) => RawValue::Integer(number),
        None if value.contains(&b'\\') => unescaped(value, draft),
        None => draft.place(value),
    };
    draft.push(RawName::Known(id), value);
}

/// `\x2d` is what it says.
fn unescaped(value: &[u8], draft: &mut Draft) -> RawValue {
    let mut clean = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((byte, tail)) = rest.split_first() {
        let code = rest
            .strip_prefix(b"\\x")
            .and_then(|digits| std::str::from_utf8(digits.get(..2)?).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                clean.push(code);
                rest = rest.get(4..).unwrap_or_default();
            }
            None => {
                clean.push(*byte);
                rest = tail;
            }
        }
    }
    draft.copied(&clean)
}

fn w3c_fields(rest: &[u8], draft: &mut Draft) {
    let mut table = std::mem::take(&mut draft.table);
    table.separator = if rest.contains(&b',') {
        b','
    } else if rest.contains(&b'\t') {
        b'\t'
    } else {
        b' '
    };
    let separator = table.separator;
    table.columns.clear();
    (table.time, table.clock) = (None, None);
    let names = rest.split(|byte| *byte == separator).filter(|name| !name.is_empty());
    for (index, name) in names.enumerate() {
        match name {
            b"date" | b"date-time" | b"x-timestamp" => table.time = Some(index),
            b"time" => table.clock = Some(index),
            _ => {}
        }
        table.columns.push(draft.names.id(&String::from_utf8_lossy(name)));
    }
    if table
        .of
        .is_none_or(|of| std::ptr::eq(of, &ZEEK) || std::ptr::eq(of, &W3C))
    {
        let has = |wanted: &str| table.columns.iter().any(|id| draft.names.get(*id) == wanted);
        table.of = Some(if has("internal-message-id") {
            &EXCHANGE
        } else if has("tcpsyn") && has("dst-port") {
            &WINDOWS_FIREWALL
        } else {
            &W3C
        });
    }
    draft.table = table;
}

fn row(text: &[u8], format: &'static Format, draft: &mut Draft) -> Outcome {
    let table = std::mem::take(&mut draft.table);
    let fits = if table.separator == b',' {
        let mut cells = Cells::new(text, b',');
        read(&table, format, draft, &mut || cells.text())
    } else {
        let mut scan = Scan::new(text);
        read(&table, format, draft, &mut || value(&mut scan, table.separator))
    };
    draft.table = table;
    if fits { Outcome::Record } else { Outcome::No }
}

/// A value before the separator; one in quotes may hold it.
#[inline]
fn value<'a>(scan: &mut Scan<'a>, separator: u8) -> Option<&'a [u8]> {
    if scan.is_empty() {
        return None;
    }
    if scan.peek() == b'"' {
        let mut quoted = *scan;
        if let Some(inside) = quoted.between(b'"', b'"') {
            *scan = quoted;
            scan.skip(usize::from(!scan.is_empty()));
            return Some(inside);
        }
    }
    match find(scan.rest, separator) {
        Some(at) => {
            let value = scan.rest.get(..at);
            scan.skip(at.saturating_add(1));
            value
        }
        None => Some(std::mem::take(&mut scan.rest)),
    }
}

fn read<'a>(
    table: &Table,
    format: &'static Format,
    draft: &mut Draft,
    next: &mut dyn FnMut() -> Option<&'a [u8]>,
) -> bool {
    let (mut date, mut clock) = (None, None);
    let mut count = 0_usize;
    while let Some(value) = next() {
        let Some(id) = table.columns.get(count).copied() else {
            return false;
        };
        if table.time == Some(count) {
            date = Some(value);
        }
        if table.clock == Some(count) {
            clock = Some(value);
        }
        if !matches!(value, b"-" | b"") {
            let is_number = value.len() < 19 && value.iter().all(u8::is_ascii_digit);
            let value = match super::scan::integer(value).filter(|_| is_number) {
                Some(number) => RawValue::Integer(number),
                None => draft.place(value),
            };
            draft.push(RawName::Known(id), value);
        }
        count = count.saturating_add(1);
    }
    if count != table.columns.len() {
        return false;
    }
    draft.is(format);
    stamp(table, format, date, clock, draft);
    true
}

fn stamp(table: &Table, format: &'static Format, date: Option<&[u8]>, clock: Option<&[u8]>, draft: &mut Draft) {
    let day = table.day;
    let civil: Option<Civil> = match (date, clock) {
        (Some(date), Some(clock)) => time::date_and_clock(date, clock),
        (Some(date), None) => time::iso(date).map(|(civil, _)| civil),
        (None, Some(clock)) => day.and_then(|day| {
            let (hour, rest) = split_at_byte(clock, b':')?;
            let (minute, second) = split_at_byte(rest, b':')?;
            let two = |text: &[u8]| super::scan::number(text.get(..2)?).and_then(|value| u8::try_from(value).ok());
            Some(Civil {
                hour: two(hour)?,
                minute: two(minute)?,
                second: two(second)?,
                nanos: 0,
                ..day
            })
        }),
        (None, None) => None,
    };
    if let Some(mut civil) = civil {
        if civil.offset.is_none() && !std::ptr::eq(format, &WINDOWS_FIREWALL) {
            civil.offset = Some(0);
        }
        draft.at(&civil);
    }
}
