//! Logs as Zeek writes them, <https://docs.zeek.org/en/v8.0.0/script-reference/log-files.html>: one for each protocol, with
//! its columns, names, types and order, as text or as JSON.
//!
//! [`ZeekLogs`] takes the flows and events of a capture. What Zeek knows and a capture's events do not say is unset; there is
//! no `x509.log`, for certificates are not in the events. Names of flows and files (`uid`, `fuid`) are the same in every run,
//! and `#open` and `#close` are of the capture's own time.
//!
//! A file for each family of logs, with their columns as tables.

mod connection;
mod infrastructure;
mod log;
mod sessions;
mod suites;
mod value;
mod web;
mod windows;

use infrastructure::Leases;
use log::{Log, Row};
use std::collections::BTreeMap;
use std::io::{self, Write};
use watchfire_model::network::{Event, Exchange, Flow, LoginMethod, RecordSink};
use watchfire_model::{Moment, Secret, Timestamp, Untrusted};

pub(crate) use web::response;

/// Logs that belong together.
struct Family {
    logs: &'static [&'static Log],
    /// Appends what an event says in them.
    rows: fn(&Event, &mut Memory, &mut Vec<Row>),
}

static FAMILIES: &[&Family] = &[
    &connection::FAMILY,
    &web::FAMILY,
    &sessions::FAMILY,
    &windows::FAMILY,
    &infrastructure::FAMILY,
];

/// The names of all logs that there may be, each the name of a file without `.log`.
pub fn zeek_logs() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| family.logs).map(|log| log.path)
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZeekForm {
    /// Columns between tabs, under a head.
    #[default]
    Tsv,
    /// An object on each line.
    Json,
}

/// What opens the file of a log.
type Open<'o> = &'o mut dyn FnMut(&str) -> io::Result<Box<dyn Write>>;

/// Writes logs of Zeek.
pub struct ZeekLogs<'o> {
    form: ZeekForm,
    open: Open<'o>,
    files: BTreeMap<&'static str, Opened>,
    memory: Memory,
    /// Rows of what is being heard; kept for their room.
    rows: Vec<Row>,
    line: Vec<u8>,
    failed: Option<io::Error>,
}

struct Opened {
    out: Box<dyn Write>,
    /// The latest time in it.
    last: Timestamp,
}

/// What events say that others need.
#[derive(Debug, Default)]
struct Memory {
    flows: BTreeMap<u64, Remembered>,
    leases: Leases,
}

/// Of a flow that goes on.
#[derive(Debug, Default)]
struct Remembered {
    /// Requests so far.
    depth: u64,
    /// Who logged in, and by what.
    login: Option<(Option<Untrusted>, Option<Secret>)>,
}

impl Memory {
    /// Which request of its flow comes now, from 1 on.
    fn depth(&mut self, event: &Event) -> u64 {
        let flow = self.flows.entry(event.flow).or_default();
        flow.depth += 1;
        flow.depth
    }

    /// The password of a user of the flow, masked or not as it was told.
    fn password(&self, event: &Event, user: Option<&Untrusted>) -> value::Value {
        let login = self.flows.get(&event.flow).and_then(|flow| flow.login.as_ref());
        let same = login.filter(|(name, _)| user.is_none() || name.as_ref() == user);
        value::Value::secret(same.and_then(|(_, secret)| secret.as_ref()))
    }

    fn hear(&mut self, event: &Event) {
        if let Exchange::Login(login) = &event.exchange
            && login.method == LoginMethod::Clear
        {
            let flow = self.flows.entry(event.flow).or_default();
            flow.login = Some((login.user.clone(), login.secret.clone()));
        }
    }
}

impl<'o> ZeekLogs<'o> {
    /// Writes in this form. `open` is called once for each log that something is to be written to.
    pub fn new(form: ZeekForm, open: Open<'o>) -> Self {
        Self {
            form,
            open,
            files: BTreeMap::new(),
            memory: Memory::default(),
            rows: Vec::new(),
            line: Vec::new(),
            failed: None,
        }
    }

    /// The end of all logs.
    ///
    /// # Errors
    /// Those of writing, of whichever row: what came after the first was not written.
    pub fn finish(mut self) -> io::Result<()> {
        self.rows = self.memory.leases.rest();
        self.write();
        for opened in self.files.values_mut().filter(|_| self.failed.is_none()) {
            let end = match self.form {
                ZeekForm::Tsv => writeln!(opened.out, "#close\t{}", clock(opened.last)),
                ZeekForm::Json => Ok(()),
            };
            self.failed = end.and_then(|()| opened.out.flush()).err();
        }
        self.failed.map_or(Ok(()), Err)
    }

    /// Writes the rows that are there.
    fn write(&mut self) {
        for row in std::mem::take(&mut self.rows) {
            if self.failed.is_some() {
                return;
            }
            self.failed = self.row(&row).err();
        }
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        let path = row.log.path;
        self.line.clear();
        if !self.files.contains_key(path) {
            let out = (self.open)(path)?;
            let last = row.time;
            self.files.insert(path, Opened { out, last });
            if self.form == ZeekForm::Tsv {
                head(row.log, row.time, &mut self.line);
            }
        }
        match self.form {
            ZeekForm::Tsv => {
                for (at, value) in row.values.iter().enumerate() {
                    if at > 0 {
                        self.line.push(b'\t');
                    }
                    value.push(&mut self.line);
                }
                self.line.push(b'\n');
            }
            ZeekForm::Json => json(row, &mut self.line)?,
        }
        let Some(opened) = self.files.get_mut(path) else {
            return Ok(());
        };
        opened.last = opened.last.max(row.time);
        opened.out.write_all(&self.line)
    }
}

impl RecordSink for ZeekLogs<'_> {
    fn event(&mut self, event: &Event) {
        self.memory.hear(event);
        for family in FAMILIES {
            (family.rows)(event, &mut self.memory, &mut self.rows);
        }
        self.write();
    }

    fn flow(&mut self, flow: &Flow) {
        self.memory.flows.remove(&flow.first_frame);
        connection::flow(flow, &mut self.rows);
        self.write();
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

/// What a log begins with.
fn head(log: &Log, time: Timestamp, out: &mut Vec<u8>) {
    out.extend_from_slice(b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t");
    out.extend_from_slice(log.path.as_bytes());
    out.extend_from_slice(format!("\n#open\t{}\n#fields", clock(time)).as_bytes());
    for (name, _) in log.all() {
        out.push(b'\t');
        out.extend_from_slice(name.as_bytes());
    }
    out.extend_from_slice(b"\n#types");
    for (_, kind) in log.all() {
        out.push(b'\t');
        out.extend_from_slice(kind.as_bytes());
    }
    out.push(b'\n');
}

/// `2026-11-23-09-36-25`, in UTC.
fn clock(time: Timestamp) -> String {
    let moment: Moment = time.moment();
    moment.to_string().trim_end_matches('Z').replace(['T', ':'], "-")
}

fn json(row: &Row, out: &mut Vec<u8>) -> io::Result<()> {
    let mut separator = b'{';
    for ((name, _), value) in row.log.all().zip(&row.values) {
        if *value == value::Value::Unset {
            continue;
        }
        out.push(separator);
        separator = b',';
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        value.push_json(out)?;
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

#[cfg(test)]
mod tests;
