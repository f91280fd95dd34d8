//! SSLBL of abuse.ch: certificates that malware's servers show, and the servers.
//!
//! | column | becomes |
//! |---|---|
//! | `SHA1` | the digest of a certificate, as `sha1` |
//! | `Listingdate` | first seen |
//! | `Listingreason` | threat, behind `TLS certificate` |
//! | `DstIP`, `DstPort` (of the list of addresses) | the address, `port 443` in the threat |
//! | `Firstseen` | first seen |
//!
//! Source: <https://sslbl.abuse.ch/blacklist/>.

use crate::feed::intake::Taker;
use crate::feed::lines::Input;
use crate::feed::table::Table;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType};

/// See the head of this file.
pub(in crate::feed) struct Sslbl;

static INFO: FormatInfo = FormatInfo {
    name: "sslbl",
    describes: "SSLBL of abuse.ch, CSV",
    yields: "SHA-1 of certificates; addresses (with their port in the threat)",
    towards: "malicious",
    fields: "first seen, threat",
    reach: "exact",
    source: "https://sslbl.abuse.ch/blacklist/",
};

const WANTED: &str = "a list of SSLBL";

impl FeedFormat for Sslbl {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::has(head, "Listingdate,SHA1") || super::has(head, "Firstseen,DstIP")
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut table = Table::new(Input::open(input, WANTED)?, ',');
        let mut rows = 0;
        let mut columns = None;
        while let Some(record) = table.next(&mut taker)?.cloned() {
            let (digest, address) = *columns.get_or_insert_with(|| {
                let header = table.comment();
                (header.find(&["SHA1"]), header.find(&["DstIP"]))
            });
            rows += 1;
            let first_seen = value::moment(record.get(0));
            let complete = |observable, threat| Indicator {
                first_seen,
                threat,
                ..Indicator::new(observable)
            };
            if digest.is_some() {
                let threat = value::threat(&["TLS certificate", record.get(2)]);
                taker.take_typed(record.place(), ObservableType::Sha1, record.at(digest), |it| {
                    complete(it, threat)
                });
            } else if address.is_some() {
                let port = format!("port {}", record.get(2));
                let threat = value::threat(&["botnet C2", &port]);
                taker.take_typed(record.place(), ObservableType::Ipv4, record.at(address), |it| {
                    complete(it, threat)
                });
            } else {
                return Err(super::no_columns(
                    WANTED,
                    "no header names the column 'SHA1' or 'DstIP'",
                ));
            }
        }
        let comment = table.comment();
        let said = comment
            .get(0)
            .strip_prefix("END")
            .and_then(|rest| rest.trim_matches([' ', '(']).split([' ', ')']).next());
        let said = said.and_then(|said| said.parse().ok());
        super::hold_to_count(said, rows, crate::feed::Place::Whole)?;
        Ok(taker.finish())
    }
}
