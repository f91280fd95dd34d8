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

use crate::feed::intake::Taker;
use crate::feed::json::{Fields, Met, excerpt, walk};
use crate::feed::lines::Input;
use crate::feed::table::Table;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
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

const WANTED: &str = "a blocklist of Feodo Tracker";

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
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        if input.is_json() {
            json(input, &mut taker)?;
        } else {
            csv(input, &mut taker)?;
        }
        Ok(taker.finish())
    }
}

fn json(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let limit = taker.options().record;
    let mut number = 0;
    let found = walk(input, limit, &[&["[]"]], &[], &mut |met| {
        let Met::Record(_, value) = met else { return };
        number += 1;
        let place = Place::Record(number);
        let Some(entry) = Fields::of(&value) else {
            return taker.reject(place, Reason::Malformed, "not an object", &excerpt(&value));
        };
        let fields = [
            &*entry.text("ip_address"),
            &entry.text("port"),
            &entry.text("status"),
            &entry.text("first_seen"),
            &entry.text("last_online"),
            &entry.text("malware"),
        ];
        take(place, fields, taker);
    })?;
    if found {
        Ok(())
    } else {
        Err(super::no_columns(WANTED, "it is no list"))
    }
}

fn csv(input: Input<'_>, taker: &mut Taker<'_>) -> Result<(), FeedError> {
    let mut table = Table::new(input, ',');
    let mut columns = None;
    let mut rows = 0;
    let mut last = Place::Whole;
    while let Some(record) = table.next(taker)?.cloned() {
        let columns = columns.get_or_insert_with(|| {
            let header = if record.find(&["dst_ip"]).is_some() {
                record.clone()
            } else {
                table.comment()
            };
            [
                &["dst_ip"] as &[&str],
                &["dst_port"],
                &["c2_status"],
                &["first_seen_utc"],
                &["last_online"],
                &["malware"],
            ]
            .map(|names| header.find(names))
        });
        let [Some(_), ..] = columns else {
            return Err(super::no_columns(WANTED, "no header names the column 'dst_ip'"));
        };
        let fields = columns.map(|column| record.at(column));
        last = record.place();
        if fields.first().is_some_and(|value| value.eq_ignore_ascii_case("dst_ip")) {
            continue;
        }
        rows += 1;
        take(last, fields, taker);
    }
    let comment = table.comment();
    let said = comment
        .get(0)
        .strip_prefix("END")
        .and_then(|rest| rest.trim_matches([' ', '(']).split([' ', ')']).next());
    super::hold_to_count(said.and_then(|said| said.parse().ok()), rows, last)
}

fn take(place: Place, fields: [&str; 6], taker: &mut Taker<'_>) {
    let [address, port, status, first, last, malware] = fields;
    let port = if port.is_empty() {
        String::new()
    } else {
        format!("port {port}")
    };
    match value::address_or_network(address) {
        Ok(observable) => taker.take(
            place,
            Indicator {
                first_seen: value::moment(first),
                last_seen: value::moment(last),
                threat: value::threat(&["botnet C2", malware, &port, status]),
                ..Indicator::new(observable)
            },
        ),
        Err(why) => taker.malformed(place, why, address),
    }
}
