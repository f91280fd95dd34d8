//! Whose rights a capture goes on with once it is open.
//!
//! Users are looked up in `/etc/passwd`; those of a directory service can be named by number.

use std::env;
use std::fmt;
use std::fs;
use watchfire_model::{Invalid, Untrusted};

/// Users of the file that are looked at.
const MOST_USERS: usize = 100_000;
/// The user and group without rights, where the system does not name one.
const NOBODY: u32 = 65_534;
/// What means to the system that a user or group stays who it is (setresuid(2)).
const UNCHANGED: u32 = u32::MAX;

/// A user without privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: Untrusted,
    /// The user's number, which is not 0.
    pub user: u32,
    /// The number of the first group.
    pub group: u32,
    /// Whether somebody named it: then it is this user or nobody.
    pub is_named: bool,
}

impl Account {
    /// Who is named, by name or number; otherwise who called `sudo`; otherwise `nobody`.
    ///
    /// # Errors
    /// When there is no such user, and when it is root.
    pub fn choose(named: Option<&str>) -> Result<Self, Invalid> {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let number = |name: &str| env::var(name).ok()?.parse().ok();
        let caller = number("SUDO_UID").zip(number("SUDO_GID"));
        Self::choose_from(&users, named, caller)
    }

    fn choose_from(users: &str, named: Option<&str>, caller: Option<(u32, u32)>) -> Result<Self, Invalid> {
        let users = || users.lines().take(MOST_USERS).filter_map(Self::of_line);
        if let Some(named) = named {
            let number = named.parse().ok();
            let found = users().find(|account| account.name.raw() == named || Some(account.user) == number);
            // A number says enough.
            let unnamed = number.map(|user| Self::unnamed(user, NOBODY));
            let account = found.or(unnamed).ok_or(Invalid("no user of this system"))?;
            return match (account.user, account.group) {
                (0, _) => Err(Invalid("root, which is no user without privileges")),
                (UNCHANGED, _) | (_, UNCHANGED) => {
                    Err(Invalid("the number by which nothing is changed, and no user's"))
                }
                _ => Ok(Self {
                    is_named: true,
                    ..account
                }),
            };
        }
        let is_user = |(user, group): &(u32, u32)| !matches!(*user, 0 | UNCHANGED) && *group != UNCHANGED;
        if let Some((user, group)) = caller.filter(is_user) {
            let found = users().find(|account| account.user == user);
            return Ok(found.unwrap_or_else(|| Self::unnamed(user, group)));
        }
        let nobody = users().find(|account| account.name.raw() == "nobody" && account.user != 0);
        Ok(nobody.unwrap_or_else(|| Self {
            name: "nobody".into(),
            ..Self::unnamed(NOBODY, NOBODY)
        }))
    }

    /// Whether this process could become the user: a namespace of users (user_namespaces(7)) may know nobody but its own
    /// root, who has no more rights outside than whoever made it.
    pub fn is_known_here(&self) -> bool {
        let maps = |path: &str, id: u32| fs::read_to_string(path).is_ok_and(|map| holds(&map, id));
        !cfg!(target_os = "linux") || (maps("/proc/self/uid_map", self.user) && maps("/proc/self/gid_map", self.group))
    }

    /// Seven fields with colons between them: name, password, user, group, …
    fn of_line(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        Some(Self {
            name: fields.next().filter(|name| !name.is_empty())?.into(),
            user: fields.nth(1)?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
            is_named: false,
        })
    }

    fn unnamed(user: u32, group: u32) -> Self {
        Self {
            name: user.to_string().into(),
            user,
            group,
            is_named: false,
        }
    }
}

/// Whether a map of a namespace holds a number: lines of the first inside, the first outside, and how many there are.
fn holds(map: &str, id: u32) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(first)), Some(Ok(count))) = (numbers.next(), numbers.nth(1)) else {
            return false;
        };
        (first..first.saturating_add(count)).contains(&id.into())
    })
}

/// What was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// The process was root's, and is this user's now.
    Became {
        /// The user.
        account: Account,
        /// Threads that were there before, and could still run a program that gives rights back.
        loose_threads: usize,
    },
    /// The process had further capabilities, and has none now.
    Capabilities {
        /// Threads that were there before, and could still run a program that gives rights back.
        loose_threads: usize,
    },
    /// There was nothing to give up.
    Nothing,
}

/// What a person is told: a sentence without a full stop.
impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let loose = match self {
            Self::Became { account, loose_threads } => {
                write!(
                    f,
                    "the capture is open; the rest runs as '{}', without privileges",
                    account.name
                )?;
                *loose_threads
            }
            Self::Capabilities { loose_threads } => {
                f.write_str("the capture is open; the rest runs without capabilities")?;
                *loose_threads
            }
            Self::Nothing => return f.write_str("there are no privileges to give up"),
        };
        match loose {
            0 => Ok(()),
            loose => write!(f, ", but for {loose} threads that ran before"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:x:99:98:nobody:/:/sbin/nologin\nbroken\n:x:1:1::/:\nana:x:1000:1001::/home/ana:/bin/sh\n";

    fn chosen(named: Option<&str>, caller: Option<(u32, u32)>) -> Option<(String, u32, u32)> {
        let account = Account::choose_from(USERS, named, caller).ok()?;
        Some((account.name.raw().to_owned(), account.user, account.group))
    }

    #[test]
    fn a_namespace_knows_the_users_of_its_map() {
        let check = |map: &str, id: u32, known: bool| assert_eq!(holds(map, id), known, "{id} in {map:?}");
        check("         0          0 4294967295\n", 65_534, true);
        check("0 1000 1\n", 0, true);
        check("0 1000 1\n", 65_534, false);
        check("0 1000 1\n1 100000 65536\n", 65_534, true);
        check("0 1000\nx y z\n", 0, false);
        check("", 0, false);
    }

    #[test]
    fn who_is_named_comes_before_who_called_and_nobody_is_last() {
        let of = |name: &str, user, group| Some((name.to_owned(), user, group));
        assert_eq!(chosen(Some("ana"), Some((99, 98))), of("ana", 1000, 1001));
        assert_eq!(chosen(Some("1000"), None), of("ana", 1000, 1001));
        assert_eq!(chosen(Some("4242"), None), of("4242", 4242, NOBODY));
        assert_eq!(chosen(None, Some((1000, 7))), of("ana", 1000, 1001));
        assert_eq!(chosen(None, Some((5, 7))), of("5", 5, 7));
        assert_eq!(chosen(None, Some((0, 0))), of("nobody", 99, 98));
        assert_eq!(chosen(None, None), of("nobody", 99, 98));
    }

    #[test]
    fn root_and_unknown_users_are_refused() {
        for named in ["root", "0", "eve", "broken", "", "4294967295", "4294967296", "-1"] {
            assert_eq!(chosen(Some(named), None), None, "{named}");
        }
        let unchanged = "ana:x:1000:4294967295::/home/ana:/bin/sh\n";
        assert!(Account::choose_from(unchanged, Some("ana"), None).is_err());
        assert_eq!(chosen(None, Some((u32::MAX, 7))), chosen(None, None));
    }

    #[test]
    fn who_is_named_is_nobody_else() {
        let named = |named| Account::choose_from(USERS, named, None).unwrap().is_named;
        assert!(named(Some("ana")) && named(Some("4242")) && !named(None));
    }
}
