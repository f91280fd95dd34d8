//! Feodo Tracker of abuse.ch: command-and-control servers of botnets.
//!
//! | CSV | JSON | becomes |
//! |---|---|---|
//! | `dst_ip` | `ip_address` | the address |
//! | `dst_port` | `port` | `port 443`, in the threat |
//! | `c2_status` | `status` | `online` or `offline`, in the threat |
//! | `first_seen_utc` | `first_seen` | first seen |
//! | `last_online` | `last_online` | last seen |
//! | `malware` | `malware` | `botnet C2`, and the family, in the threat |
//!
//! The CSV ends with `# END 12 entries`, which it is held to. Source: <https://feodotracker.abuse.ch/blocklist/>.

use super::entries::{Entries, Values, field};
use crate::feed::intake::Taker;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, value};
use std::io::Read;
use watchfire_model::Indicator;

/// See the head of this file.
pub(in crate::feed) struct Feodo;

static INFO: FormatInfo = FormatInfo {
    name: "feodo",
    describes: "Feodo Tracker of abuse.ch, CSV or JSON",
    yields: "addresses of botnet servers (with their port in the threat)",
    towards: "malicious",
    fields: "first seen, last seen, threat",
    reach: "exact",
    source: "https://feodotracker.abuse.ch/blocklist/",
};

static ENTRIES: Entries<6> = Entries {
    wanted: "a blocklist of Feodo Tracker",
    list: Some(&["[]"]),
    fields: [
        field(&["dst_ip"]).in_objects(&["ip_address"]),
        field(&["dst_port"]).in_objects(&["port"]),
        field(&["c2_status"]).in_objects(&["status"]),
        field(&["first_seen_utc"]).in_objects(&["first_seen"]),
        field(&["last_online"]),
        field(&["malware"]),
    ],
};

impl FeedFormat for Feodo {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let csv = super::has(head, "dst_ip") && super::has(head, "c2_status") && super::has(head, "first_seen_utc");
        let json = super::is_json(head) && super::has(head, "\"ip_address\"") && super::has(head, "\"last_online\"");
        csv || json
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

fn take(place: Place, values: &Values<'_, 6>, taker: &mut Taker<'_>) {
    let [address, port, status, first, last, malware] = values;
    let dates = taker.dates();
    match value::address_or_network(address) {
        Ok(observable) => taker.take(
            place,
            Indicator {
                first_seen: dates.read(first),
                last_seen: dates.read(last),
                threat: value::threat(&["botnet C2", malware, &value::port(port), status]),
                ..Indicator::new(observable)
            },
        ),
        Err(why) => taker.malformed(place, why, address),
    }
}
