//! Records that say that somebody uses the rights of an administrator: of each user and machine, the first of each day.
//!
//! | log | record |
//! |---|---|
//! | Windows, Security | 4672, a logon with special privileges, but for those of the system and of machines |
//! | sudo | a command as root that was let through |
//! | su | a session of root that somebody opened |

use super::normal::{Normal, Slot};
use super::rules::cut;
use std::collections::BTreeMap;
use watchfire_formats::log::Record;
use watchfire_model::log::{LogPlace, LogRight};

/// Users, machines and days of a block.
const MOST: usize = 4_096;
const DAY: i64 = 86_400;

/// Uses of a block.
#[derive(Debug, Default)]
pub(super) struct Rights(BTreeMap<(Box<str>, Box<str>, i64), LogRight>);

impl Rights {
    pub(super) fn see(&mut self, record: &Record<'_>, normal: &Normal<'_>, place: LogPlace) {
        let Some((user, how)) = used(record, normal) else {
            return;
        };
        let Some(time) = record.time.map(|time| time.at) else {
            return;
        };
        let user = user.rsplit_once('\\').map_or(user, |(_, user)| user);
        let host = normal.text(Slot::Host);
        let day = time.moment().unix().div_euclid(DAY);
        let key = (cut(user, 120).into(), cut(host, 120).into(), day);
        let is_full = self.0.len() >= MOST;
        let right = || LogRight {
            time,
            place,
            user: cut(user, 120).into(),
            host: cut(host, 120).into(),
            how,
            text: cut(record.message.unwrap_or_default(), 200).into(),
        };
        match self.0.get_mut(&key) {
            Some(known) if time < known.time => *known = right(),
            Some(_) => {}
            None if is_full => {}
            None => {
                self.0.insert(key, right());
            }
        }
    }

    /// Their numbers count from `before` on.
    pub(super) fn number_from(&mut self, before: u64) {
        for right in self.0.values_mut() {
            right.place.number = right.place.number.saturating_add(before);
        }
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = LogRight> {
        self.0.into_values()
    }
}

/// Who used which rights.
fn used<'r>(record: &Record<'r>, normal: &Normal<'r>) -> Option<(&'r str, &'static str)> {
    match record.format.name {
        "evtx" | "windows-xml" | "windows-json" | "winlogbeat" if normal.number(Slot::Code) == Some(4672) => {
            let user = match normal.text(Slot::Actor) {
                "" => normal.text(Slot::User),
                user => user,
            };
            let is_system = matches!(
                user,
                "" | "SYSTEM" | "LOCAL SERVICE" | "NETWORK SERVICE" | "ANONYMOUS LOGON"
            ) || user.ends_with('$')
                || user.starts_with("DWM-")
                || user.starts_with("UMFD-");
            let is_it = !is_system && matches!(normal.text(Slot::Channel), "Security" | "");
            is_it.then_some((user, "a logon with special privileges"))
        }
        "sudo" => {
            let is_root = record.text_of("USER").is_none_or(|user| user == "root");
            let is_done = normal.text(Slot::Status) == "success";
            (is_root && is_done)
                .then(|| record.text_of("user"))
                .flatten()
                .map(|user| (user, "sudo"))
        }
        "accounts" | "pam" => {
            let is_su = record.text_of("event") == Some("su")
                || record
                    .text_of("pam_service")
                    .is_some_and(|service| matches!(service, "su" | "su-l"));
            let is_done = normal.text(Slot::Status) != "failure" && record.text_of("user") == Some("root");
            let by = record.text_of("by_user").filter(|by| !matches!(*by, "" | "root"));
            (is_su && is_done).then_some(by).flatten().map(|by| (by, "su"))
        }
        _ => None,
    }
}
