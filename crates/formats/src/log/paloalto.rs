//! Palo Alto's firewalls: commas, with the type in the fourth column and names by type.
//!
//! After "Syslog Field Descriptions" of PAN-OS 10.1. Columns behind those named here are kept as `extra`.

use super::csv::Cells;
use super::draft::Draft;
use super::registry::{Format, Outcome};
use super::time;

pub(crate) static FORMAT: Format = Format {
    name: "paloalto",
    describes: "Palo Alto Networks firewalls: traffic, threat, system, configuration",
    recognised: "commas with a time, a serial number and `TRAFFIC`, `THREAT`, `SYSTEM`, `CONFIG`, …",
    time: "`Generated Time`, local time of the device: the zone is assumed",
};

const TRAFFIC: &str = "future_use receive_time serial type subtype future_use generated_time src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset future_use sessionid repeatcnt sport dport natsport natdport flags proto action bytes bytes_sent bytes_received packets start elapsed category future_use seqno actionflags srcloc dstloc future_use pkts_sent pkts_received session_end_reason";
const THREAT: &str = "future_use receive_time serial type subtype future_use generated_time src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset future_use sessionid repeatcnt sport dport natsport natdport flags proto action misc threatid category severity direction seqno actionflags srcloc dstloc future_use contenttype pcap_id filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid";
const SYSTEM: &str = "future_use receive_time serial type subtype future_use generated_time vsys eventid object future_use future_use module severity opaque seqno actionflags";
const CONFIG: &str = "future_use receive_time serial type subtype future_use generated_time host vsys cmd admin client result path seqno actionflags";
const OTHER: &str = "future_use receive_time serial type subtype future_use generated_time";

/// Reads a line or message.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    let head = text.get(..128).unwrap_or(text);
    if head.iter().filter(|byte| **byte == b',').count() < 4 {
        return Outcome::No;
    }
    let kind = head.split(|byte| *byte == b',').nth(3).unwrap_or_default();
    let names = match kind {
        b"TRAFFIC" => TRAFFIC,
        b"THREAT" => THREAT,
        b"SYSTEM" => SYSTEM,
        b"CONFIG" => CONFIG,
        b"HIPMATCH" | b"HIP-MATCH" | b"USERID" | b"GLOBALPROTECT" | b"GTP" | b"AUTHENTICATION" | b"CORRELATION"
        | b"DECRYPTION" | b"SCTP" => OTHER,
        _ => return Outcome::No,
    };
    if time::iso(head.split(|byte| *byte == b',').nth(1).unwrap_or_default()).is_none() {
        return Outcome::No;
    }
    draft.is(&FORMAT);
    let mut names = names.split(' ');
    for cell in Cells::new(text, b',') {
        let name = names.next().unwrap_or("extra");
        if name == "future_use" || cell.text.is_empty() {
            continue;
        }
        if matches!(name, "receive_time" | "generated_time")
            && let Some((civil, _)) = time::iso(cell.text)
        {
            draft.at(&civil);
        }
        let id = draft.name(name.as_bytes());
        let is_number = matches!(
            name,
            "sport"
                | "dport"
                | "natsport"
                | "natdport"
                | "bytes"
                | "bytes_sent"
                | "bytes_received"
                | "packets"
                | "elapsed"
                | "repeatcnt"
                | "pkts_sent"
                | "pkts_received"
        );
        let value = match super::scan::integer(cell.text).filter(|_| is_number) {
            Some(number) => super::record::RawValue::Integer(number),
            None => draft.place(cell.text),
        };
        if name == "opaque" {
            draft.message = Some(value);
        }
        draft.push(id, value);
    }
    Outcome::Record
}
