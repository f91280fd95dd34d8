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

use super::entries::{Entries, Values, field};
use crate::feed::intake::Taker;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, value};
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

/// The two lists have three columns each, the date first; the second one says which list it is.
static ENTRIES: Entries<4> = Entries {
    wanted: "a list of SSLBL",
    list: None,
    fields: [
        field(&["SHA1", "DstIP"]),
        field(&["Listingdate", "Firstseen"]).usually(0),
        field(&["Listingreason"]),
        field(&["DstPort"]),
    ],
};

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
        ENTRIES.read(input, options, out, take)
    }
}

fn take(place: Place, values: &Values<'_, 4>, taker: &mut Taker<'_>) {
    let [what, first, reason, port] = values;
    let dates = taker.dates();
    let (kind, threat) = if value::typed(ObservableType::Ipv4, what).is_ok() {
        (ObservableType::Ipv4, value::threat(&["botnet C2", &value::port(port)]))
    } else {
        (ObservableType::Sha1, value::threat(&["TLS certificate", reason]))
    };
    taker.take_typed(place, kind, what, |observable| Indicator {
        first_seen: dates.read(first),
        threat,
        ..Indicator::new(observable)
    });
}
