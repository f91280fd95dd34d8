//! Logs as Zeek writes them, <https://docs.zeek.org/en/v8.0.0/script-reference/log-files.html>: one for each protocol, with
//! its columns, names, types and order, as text or as JSON.
//!
//! [`ZeekLogs`] takes the flows and events of a capture. What Zeek knows and a capture's events do not say is unset.
//! Names of flows and files (`uid`, `fuid`) are the same in every run,
//! and `#open` and `#close` are of the capture's own time.
//!
//! A file for each family of logs, with their columns as tables.

mod certificates;
mod connection;
mod infrastructure;
mod log;
mod sessions;
mod suites;
mod value;
mod web;
mod windows;

pub(crate) use certificates::name_parts;
pub(crate) use web::response;

use crate::identity::uid;
use certificates::Written;
use infrastructure::Leases;
use log::{Log, Row, ends};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use watchfire_model::network::{Event, Exchange, Flow, LoginMethod, RecordSink};
use watchfire_model::{Moment, Secret, Timestamp, Untrusted};

/// Logs that belong together.
struct Family {
    logs: &'static [&'static Log],
    /// Appends what an event says in them.
    rows: fn(&Event, &mut Memory, &mut Vec<Row>),
}

static FAMILIES: &[&Family] = &[
    &connection::FAMILY,
    &web::FAMILY,
    &certificates::FAMILY,
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

/// Where logs go, by their names.
pub trait LogFolder {
    /// Appends to a log. The first time that one is named it begins anew.
    ///
    /// # Errors
    /// Those of writing.
    fn append(&mut self, log: &'static str, bytes: &[u8]) -> io::Result<()>;
}

/// Writes logs of Zeek.
pub struct ZeekLogs<F> {
    form: ZeekForm,
    folder: F,
    /// The latest time in each log that was begun.
    begun: BTreeMap<&'static str, Timestamp>,
    memory: Memory,
    /// Rows of what is being heard; kept for their room.
    rows: Vec<Row>,
    line: Vec<u8>,
    failed: Option<io::Error>,
}

/// What events say that others need.
#[derive(Debug)]
struct Memory {
    flows: BTreeMap<u64, Remembered>,
    leases: Leases,
    certificates: Written,
}

/// Of a flow that goes on.
#[derive(Debug, Default)]
struct Remembered {
    /// Both ends, in order, and what it is called.
    name: Option<([SocketAddr; 2], String)>,
    /// Requests so far.
    depth: u64,
    /// Who logged in, and by what.
    login: Option<(Option<Untrusted>, Option<Secret>)>,
}

impl Remembered {
    /// What it is called: looked up, but for the first time. Another flow may begin in the same frame.
    fn uid(&mut self, number: u64, mut ends: [SocketAddr; 2]) -> String {
        ends.sort();
        let [one, other] = ends;
        if let Some((known, name)) = &self.name
            && *known == ends
        {
            return name.clone();
        }
        let name = uid(number, one, other);
        self.name = Some((ends, name.clone()));
        name
    }
}

impl Memory {
    /// Which request of its flow comes now, from 1 on.
    fn depth(&mut self, event: &Event) -> u64 {
        let flow = self.flows.entry(event.flow).or_default();
        flow.depth += 1;
        flow.depth
    }

    /// What the flow of an event is called.
    fn uid(&mut self, event: &Event) -> String {
        let Event {
            originator, responder, ..
        } = *event;
        // What is below IP is in no flow.
        if event.flow == 0 {
            return uid(event.flow, originator, responder);
        }
        self.flows
            .entry(event.flow)
            .or_default()
            .uid(event.flow, [originator, responder])
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

impl<F: LogFolder> ZeekLogs<F> {
    /// Writes in this form.
    pub const fn new(form: ZeekForm, folder: F) -> Self {
        Self {
            form,
            folder,
            begun: BTreeMap::new(),
            memory: Memory {
                flows: BTreeMap::new(),
                leases: Leases::NONE,
                certificates: Written::NONE,
            },
            rows: Vec::new(),
            line: Vec::new(),
            failed: None,
        }
    }

    /// The end of all logs: what is left is written, and where they went comes back.
    ///
    /// # Errors
    /// Those of writing, of whichever row: what came after the first was not written.
    pub fn finish(mut self) -> (F, io::Result<()>) {
        self.rows = self.memory.leases.rest();
        self.write();
        if self.form == ZeekForm::Tsv && self.failed.is_none() {
            let mut closed = self.begun.iter();
            let closed = closed.try_for_each(|(log, last)| {
                let line = format!("#close\t{}\n", clock(*last));
                self.folder.append(log, line.as_bytes())
            });
            self.failed = closed.err();
        }
        (self.folder, self.failed.map_or(Ok(()), Err))
    }

    /// Writes the rows that are there.
    fn write(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        for row in rows.drain(..) {
            if self.failed.is_none() {
                self.failed = self.row(&row).err();
            }
        }
        self.rows = rows;
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        self.line.clear();
        let last = self.begun.entry(row.log.path).or_insert_with(|| {
            if self.form == ZeekForm::Tsv {
                head(row.log, row.time, &mut self.line);
            }
            row.time
        });
        *last = row.time.max(*last);
        match self.form {
            ZeekForm::Tsv => tsv(row, &mut self.line),
            ZeekForm::Json => json(row, &mut self.line)?,
        }
        self.folder.append(row.log.path, &self.line)
    }
}

impl<F: LogFolder> RecordSink for ZeekLogs<F> {
    fn event(&mut self, event: &Event) {
        self.memory.hear(event);
        for family in FAMILIES {
            (family.rows)(event, &mut self.memory, &mut self.rows);
        }
        if !self.rows.is_empty() {
            let uid = self.memory.uid(event);
            self.rows.iter_mut().for_each(|row| row.is_of(&uid));
        }
        self.write();
    }

    fn flow(&mut self, flow: &Flow) {
        let known = self.memory.flows.remove(&flow.first_frame);
        connection::flow(flow, &mut self.rows);
        let uid = known.unwrap_or_default().uid(flow.first_frame, ends(flow));
        self.rows.iter_mut().for_each(|row| row.is_of(&uid));
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

fn tsv(row: &Row, out: &mut Vec<u8>) {
    for (at, value) in row.values.iter().enumerate() {
        if at > 0 {
            out.push(b'\t');
        }
        value.push(out);
    }
    out.push(b'\n');
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
