//! Reports of Nmap, as `-oX` writes them: hosts that are up, with their addresses, names, open ports and system.
//!
//! Source: <https://nmap.org/book/nmap-dtd.html>. Nmap writes a document type without declarations, which is skipped; one
//! that declares anything is refused, because what it declares could expand without end. Only the entities that XML
//! itself knows are replaced. A report that does not end is refused: Nmap writes while it scans.

use super::{Entry, Hosts, note};
use crate::feed::lines::Input;
use crate::feed::{FeedError, Place};
use crate::xml::attribute;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Read};
use watchfire_model::Moment;

const WANTED: &str = "a report of Nmap";
/// Deepest nesting; reports have five or six levels.
const DEEPEST: usize = 32;
/// Longest report. Bytes.
const LONGEST: u64 = 4 << 30;
/// Most open ports of a host that are named.
const PORTS: usize = 40;

pub(super) fn read(input: Input<'_>, hosts: &mut Hosts<'_, '_>) -> Result<(), FeedError> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(input.take(LONGEST)));
    let mut state = State::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|error| match error {
            quick_xml::Error::Io(error) => FeedError::Input(error.to_string()),
            error => state.syntax(format!("not XML, {error}")),
        })?;
        match event {
            Event::Eof => break,
            Event::DocType(kind) if kind.contains('[') => {
                return Err(different("it declares a document type, which no report does"));
            }
            Event::Start(start) => {
                state.start(&start)?;
                state.depth += 1;
            }
            Event::Empty(start) => {
                state.start(&start)?;
                state.end(start.local_name().into_inner(), hosts);
            }
            Event::End(end) => {
                state.depth = state.depth.saturating_sub(1);
                state.end(end.local_name().into_inner(), hosts);
            }
            _ => {}
        }
    }
    if !state.is_nmap {
        return Err(different("its root is not 'nmaprun'"));
    }
    if state.depth > 0 || !state.is_finished {
        return Err(FeedError::Truncated {
            place: Place::Record(state.hosts),
            why: "the scan was not finished",
        });
    }
    Ok(())
}

pub(super) fn different(why: &str) -> FeedError {
    FeedError::Different {
        wanted: WANTED,
        why: why.to_owned(),
    }
}

#[derive(Debug, Default)]
struct State {
    depth: usize,
    is_nmap: bool,
    is_finished: bool,
    begun: Option<Moment>,
    hosts: u64,
    host: Option<Host>,
    port: Option<String>,
}

/// The host that is being read.
#[derive(Debug, Default)]
struct Host {
    entry: Entry,
    is_down: bool,
    vendor: String,
    system: String,
    ports: Vec<String>,
    more_ports: usize,
}

impl State {
    fn syntax(&self, why: String) -> FeedError {
        FeedError::Syntax {
            place: Place::Record(self.hosts),
            why,
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), FeedError> {
        if self.depth >= DEEPEST {
            return Err(self.syntax("it is nested too deeply".to_owned()));
        }
        let own = |name: &str| attribute(start, name);
        let name = start.local_name().into_inner().to_owned();
        if self.depth == 0 {
            self.is_nmap = name == "nmaprun";
            self.begun = own("start").parse().ok().map(Moment::from_unix);
            return if self.is_nmap {
                Ok(())
            } else {
                Err(different("its root is not 'nmaprun'"))
            };
        }
        match &*name {
            "host" => {
                self.hosts += 1;
                let seen = own("endtime").parse().ok().map(Moment::from_unix).or(self.begun);
                let mut host = Host::default();
                host.entry.asset.seen = seen;
                self.host = Some(host);
            }
            "finished" => {
                self.is_finished = true;
                if own("exit") == "error" {
                    return Err(FeedError::Truncated {
                        place: Place::Record(self.hosts),
                        why: "the scan ended with an error",
                    });
                }
            }
            _ => {}
        }
        if let Some(host) = &mut self.host {
            host.read(&name, &own, &mut self.port);
        }
        Ok(())
    }

    fn end(&mut self, name: &str, hosts: &mut Hosts<'_, '_>) {
        match name {
            "host" => {
                if let Some(host) = self.host.take().filter(|host| !host.is_down) {
                    hosts.take(Place::Record(self.hosts), host.finish());
                }
            }
            "port" => {
                if let (Some(host), Some(port)) = (&mut self.host, self.port.take()) {
                    host.open(port);
                }
            }
            _ => {}
        }
    }
}

impl Host {
    fn read(&mut self, name: &str, own: &dyn Fn(&str) -> String, port: &mut Option<String>) {
        match name {
            "status" => self.is_down = own("state") == "down",
            "address" => match &*own("addrtype") {
                "mac" => {
                    self.entry.macs.push(own("addr"));
                    self.vendor = own("vendor");
                }
                _ => self.entry.addresses.push(own("addr")),
            },
            "hostname" => self.entry.hosts.push(own("name")),
            "port" => *port = Some(format!("{}/{}", own("portid"), own("protocol"))),
            "state" if own("state") != "open" => *port = None,
            "service" => {
                if let Some(port) = port {
                    for part in ["name", "product", "version"].map(own) {
                        if !part.is_empty() {
                            port.push(' ');
                            port.push_str(&part);
                        }
                    }
                }
            }
            "osmatch" if self.system.is_empty() => self.system = own("name"),
            _ => {}
        }
    }

    fn open(&mut self, port: String) {
        if self.ports.len() < PORTS {
            self.ports.push(port);
        } else {
            self.more_ports += 1;
        }
    }

    fn finish(self) -> Entry {
        let mut entry = self.entry;
        note(&mut entry.asset, "os", &self.system);
        note(&mut entry.asset, "vendor", &self.vendor);
        for port in &self.ports {
            note(&mut entry.asset, "open", port);
        }
        if self.more_ports > 0 {
            note(&mut entry.asset, "open", &format!("{} more", self.more_ports));
        }
        entry
    }
}
