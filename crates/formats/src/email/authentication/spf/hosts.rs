//! Whether the client is one of the hosts that a term names (RFC 7208, sections 5.3 to 5.5).

use super::record::Prefixes;
use super::{Evaluation, Stop};
use crate::email::authentication::ask::{Missing, Reply};
use std::net::IpAddr;
use watchfire_model::AddressRange;
use watchfire_model::dns::{Name, Record, RecordKind};

/// Most hosts of one `mx`, most names of one `ptr`.
const MOST_HOSTS: usize = 10;

impl Evaluation<'_, '_> {
    pub(super) fn mail_hosts(&mut self, target: &[u8], domain: &Name, prefixes: Prefixes) -> Result<bool, Stop> {
        self.count_term()?;
        let Some(target) = self.target(target, domain)? else {
            return Ok(false);
        };
        let records = match self.asker.ask(&target, RecordKind::Mx)? {
            Reply::Records(records) => records,
            Reply::Nothing => return self.count_void().map(|()| false),
            Reply::Failed => return Err(temporary(&target)),
        };
        if records.len() > MOST_HOSTS {
            return Err(Stop::Permanent(format!(
                "{target} has more than {MOST_HOSTS} mail hosts"
            )));
        }
        let mut missing = false;
        for record in records {
            let Record::Mail { exchange, .. } = record else {
                continue;
            };
            if exchange.is_root() {
                continue;
            }
            match self.address_of(exchange, prefixes, Count::Nothing) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                // The others are noted too, so that one round of answers will do.
                Err(Stop::Missing) => missing = true,
                Err(stop) => return Err(stop),
            }
        }
        if missing { Err(Stop::Missing) } else { Ok(false) }
    }

    /// Whether the client is in the network around an address of a host.
    pub(super) fn address_of(&mut self, host: &Name, prefixes: Prefixes, count: Count) -> Result<bool, Stop> {
        let (kind, prefix) = self.address_kind(prefixes);
        match self.asker.ask(host, kind)? {
            Reply::Records(records) => Ok(records
                .iter()
                .any(|record| matches!(record, Record::Address(address) if within(self.client, *address, prefix)))),
            Reply::Nothing => match count {
                Count::Void => self.count_void().map(|()| false),
                Count::Nothing => Ok(false),
            },
            Reply::Failed => Err(temporary(host)),
        }
    }

    fn address_kind(&self, prefixes: Prefixes) -> (RecordKind, u8) {
        if self.client.is_ipv4() {
            (RecordKind::A, prefixes.v4)
        } else {
            (RecordKind::Aaaa, prefixes.v6)
        }
    }

    /// The names of the client that lead back to it (section 5.5). Failures mean that there are none.
    pub(super) fn validated(&mut self) -> Result<Vec<Name>, Missing> {
        let names = match self.asker.ask(&Name::reverse(self.client), RecordKind::Ptr)? {
            Reply::Records(records) => records,
            Reply::Nothing | Reply::Failed => return Ok(Vec::new()),
        };
        let (kind, prefix) = self.address_kind(Prefixes { v4: 32, v6: 128 });
        let mut validated = Vec::new();
        let mut missing = None;
        for record in names.iter().take(MOST_HOSTS) {
            let Record::Name(name) = record else {
                continue;
            };
            match self.asker.ask(name, kind) {
                Ok(Reply::Records(records)) => {
                    let own = |record: &Record| matches!(record, Record::Address(address) if within(self.client, *address, prefix));
                    if records.iter().any(own) {
                        validated.push(name.clone());
                    }
                }
                Ok(Reply::Nothing | Reply::Failed) => {}
                Err(unknown) => missing = Some(unknown),
            }
        }
        missing.map_or(Ok(validated), Err)
    }
}

/// Whether an answer with nothing in it is counted.
#[derive(Clone, Copy)]
pub(super) enum Count {
    Void,
    Nothing,
}

pub(super) fn temporary(name: &Name) -> Stop {
    Stop::Temporary(format!("{name} could not be looked up"))
}

/// Whether an address is in the network of another with this prefix.
pub(super) fn within(client: IpAddr, network: IpAddr, prefix: u8) -> bool {
    // An IPv6 network stays one, even where it maps IPv4 (section 5).
    client.is_ipv4() == network.is_ipv4()
        && AddressRange::new(network, prefix).is_some_and(|range| range.contains(client))
}
