//! Giving rights away (credentials(7), capabilities(7)).
//!
//! The order matters: groups and user go last, for nothing else is allowed after them. What the calls say is not believed:
//! the way back is tried, and the kernel's own account of every thread is read.

use super::super::{Account, Dropped};
use super::system::{become_user, becomes_root};
use rustix::process::geteuid;
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set, remove_capability_from_bounding_set,
    set_capabilities, set_no_new_privs,
};
use std::fs;
use std::io;

/// Threads of the process that are looked at.
const MOST_THREADS: usize = 10_000;

/// See [`super::super::drop_privileges`].
pub(in crate::live) fn drop_privileges(account: &Account) -> io::Result<Dropped> {
    let is_root = becomes(geteuid().is_root(), account, account.is_known_here())?;
    let held = capabilities(None)?;
    if !is_root && held.permitted.is_empty() {
        return Ok(Dropped::Nothing);
    }
    // Nothing that is run later gets rights, whatever it is marked with.
    set_no_new_privs(true)?;
    for capability in CapabilitySet::all().iter() {
        // Only who may change the set can; what cannot be taken away cannot be got back either, by the line above.
        let _ = remove_capability_from_bounding_set(capability);
    }
    let _ = clear_ambient_capability_set();
    if is_root {
        become_user(account.user, account.group)?;
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none)?;
    if is_root && becomes_root() {
        return Err(io::Error::other("the way back to root is still open"));
    }
    let threads = threads()?;
    if is_root {
        let user = account.user.to_string();
        let left = threads
            .iter()
            .any(|thread| thread.users.iter().any(|id| *id != user) || thread.capable);
        if left {
            return Err(io::Error::other("a thread still has privileges"));
        }
        let loose_threads = threads.iter().filter(|thread| !thread.bound).count();
        let account = account.clone();
        return Ok(Dropped::Became { account, loose_threads });
    }
    // The call above is about one thread.
    if threads.iter().any(|thread| thread.capable) {
        return Err(io::Error::other("a thread still has capabilities"));
    }
    let loose_threads = threads.iter().filter(|thread| !thread.bound).count();
    Ok(Dropped::Capabilities { loose_threads })
}

/// Whether a process becomes another user. A root of a namespace that knows nobody else stays who they are outside of it,
/// unless somebody was named: whoever says so does not want root to go on.
fn becomes(is_root: bool, account: &Account, is_known: bool) -> io::Result<bool> {
    if is_root && !is_known && account.is_named {
        let message = format!("this namespace of users knows no '{}'", account.name);
        return Err(io::Error::other(message));
    }
    Ok(is_root && is_known)
}

/// What the kernel says of a thread.
#[derive(Debug, Default)]
struct Thread {
    /// The numbers of its users: real, effective, saved, of files.
    users: Vec<String>,
    /// Whether it has a capability, or may take one.
    capable: bool,
    /// Whether it can never get rights.
    bound: bool,
}

impl Thread {
    fn of_status(status: &str) -> Self {
        let mut thread = Self::default();
        for (name, value) in status.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name {
                "Uid" => thread.users = value.split_whitespace().map(str::to_owned).collect(),
                "CapEff" | "CapPrm" => thread.capable |= value.bytes().any(|digit| digit != b'0'),
                "NoNewPrivs" => thread.bound = value == "1",
                _ => {}
            }
        }
        thread
    }
}

fn threads() -> io::Result<Vec<Thread>> {
    let mut found = Vec::new();
    for thread in fs::read_dir("/proc/self/task")?.take(MOST_THREADS) {
        // A thread may end meanwhile.
        if let Ok(status) = fs::read_to_string(thread?.path().join("status")) {
            found.push(Thread::of_status(&status));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_does_not_go_on_where_somebody_else_was_named() {
        let account = |named: Option<&str>| Account::choose(named).expect("a number is enough");
        let (named, unnamed) = (account(Some("4242")), account(None));
        assert!(becomes(true, &named, false).is_err());
        assert_eq!(becomes(true, &named, true).ok(), Some(true));
        assert_eq!(becomes(true, &unnamed, false).ok(), Some(false));
        assert_eq!(becomes(false, &named, false).ok(), Some(false));
    }

    #[test]
    fn the_state_of_a_thread_is_read_from_the_kernels_account() {
        let status =
            "Name:\ta\nUid:\t0\t99\t0\t99\nNoNewPrivs:\t1\nCapPrm:\t0000000000000000\nCapEff:\t0000000000002000\n";
        let thread = Thread::of_status(status);
        assert_eq!(thread.users, ["0", "99", "0", "99"]);
        assert!(thread.capable && thread.bound);
        let thread = Thread::of_status("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nNoNewPrivs:\t0\n");
        assert!(!thread.capable && !thread.bound);
    }
}
