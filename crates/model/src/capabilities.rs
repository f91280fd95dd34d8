//! Capabilities of Linux that a file gives to whoever runs it: parts of what root may do (capabilities(7), "File
//! capabilities"; Linux, `include/uapi/linux/capability.h`).

use serde::{Serialize, Serializer};
use std::fmt;

/// A set of capabilities, a bit for each. Bits that have no name yet stay bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(pub u64);

/// Names by their numbers.
const NAMES: &[&str] = &[
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

impl Capabilities {
    /// Those that a file permits, out of its attribute `security.capability`: a number for the revision, then words of
    /// permitted and inheritable ones in turn. Nothing where it is of no revision that Linux knows, or cut.
    pub fn read(attribute: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = attribute.get(at..at + 4)?;
            Some(u64::from(u32::from_le_bytes(bytes.try_into().ok()?)))
        };
        let high = match word(0)? >> 24 {
            1 => 0,
            2 | 3 => word(12)?,
            _ => return None,
        };
        Some(Self(word(4)? | high << 32))
    }

    /// Whether none is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the capability of this name, without its `cap_`, is set.
    pub fn has(self, name: &str) -> bool {
        let number = NAMES.iter().position(|known| *known == name);
        number.is_some_and(|number| self.0 >> number & 1 == 1)
    }

    /// The names, `cap_setuid`, by number.
    pub fn names(self) -> impl Iterator<Item = String> {
        let set = (0..64).filter(move |number| self.0 >> number & 1 == 1);
        set.map(|number: usize| match NAMES.get(number) {
            Some(name) => format!("cap_{name}"),
            None => format!("cap_{number}"),
        })
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.names().collect::<Vec<_>>().join(","))
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attribute: &[u8], expected: Option<&str>) {
        let read = Capabilities::read(attribute).map(|read| read.to_string());
        assert_eq!(read.as_deref(), expected);
    }

    #[test]
    fn the_attribute_is_read_in_every_revision() {
        // What `setcap cap_net_raw+ep` writes, and `setcap cap_setuid,cap_bpf=ep`.
        check(b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", Some("cap_net_raw"));
        let two = b"\x01\0\0\x03\x80\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\xe8\x03\0\0";
        check(two, Some("cap_setuid,cap_bpf"));
        check(b"\0\0\0\x01\x02\0\0\0\0\0\0\0", Some("cap_dac_override"));
        let unknown = b"\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\0";
        check(unknown, Some("cap_63"));
        for cut in [
            &b""[..],
            b"\x01\0\0\x02\0\x20\0\0\0\0\0\0",
            b"\0\0\0\x04\0\0\0\0\0\0\0\0",
        ] {
            check(cut, None);
        }
    }

    #[test]
    fn capabilities_have_names() {
        let set = Capabilities(1 << 7 | 1 << 21);
        assert!(set.has("setuid") && set.has("sys_admin") && !set.has("setgid") && !set.has("nonsense"));
        assert_eq!(set.names().collect::<Vec<_>>(), ["cap_setuid", "cap_sys_admin"]);
    }
}
