//! Files, shares and pipes of other machines.

use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::fmt;

/// A connection of SMB, as a whole (MS-CIFS, MS-SMB, MS-SMB2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Smb {
    /// The dialect that was agreed on: `NT LM 0.12`, `2.1`, `3.1.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Untrusted>,
    /// What the client offered, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<Untrusted>,
    /// What the server wants of signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing: Option<SmbSigning>,
    /// The name that the client called in NetBIOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called: Option<Untrusted>,
    /// The client's name in NetBIOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calling: Option<Untrusted>,
    /// The client's system, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_system: Option<Untrusted>,
    /// The server's system, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_system: Option<Untrusted>,
    /// The server's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_id: Option<String>,
    /// When the server says that it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_started: Option<Timestamp>,
    /// Requests in clear.
    pub requests: u64,
    /// Messages that are encrypted.
    pub encrypted: u64,
    /// Messages that are compressed, which are not read.
    pub compressed: u64,
    /// Bytes of files and pipes that were read.
    pub read: u64,
    /// Bytes that were written.
    pub written: u64,
}

/// What a server wants of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmbSigning {
    /// It does not sign.
    Off,
    /// It signs for who wants it: whoever stands between can pass messages on as his own.
    Enabled,
    /// Nothing goes without.
    Required,
}

/// A share is connected to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SmbShare {
    /// Which, `\\server\share`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Untrusted>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<SmbKind>,
    /// What the server says of it, before SMB 2: `A:`, `IPC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Untrusted>,
    /// Its file system, before SMB 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system: Option<Untrusted>,
    /// What came of it.
    pub status: NtStatus,
}

/// What a share is, or what was opened in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmbKind {
    /// Files.
    #[default]
    Disk,
    /// Pipes, through which services are called.
    Pipe,
    /// A printer.
    Printer,
}

/// Something is done to a file, a folder or a pipe of a share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SmbFile {
    /// What.
    pub action: SmbAction,
    /// Of which share, where that was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Untrusted>,
    /// What that is.
    pub resource: SmbKind,
    /// Its path in the share.
    pub name: Untrusted,
    /// Its path before it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_name: Option<Untrusted>,
    /// Whether it is a folder.
    pub directory: bool,
    /// Bytes, when it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When it was written to the last time, by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
    /// When it was read the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessed: Option<Timestamp>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it, or what is known of it, changed the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Timestamp>,
    /// Bytes that were read until it was closed.
    pub read: u64,
    /// Bytes that were written until it was closed.
    pub written: u64,
    /// What came of it.
    pub status: NtStatus,
}

/// What is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmbAction {
    /// It is opened, and made if there was none.
    #[default]
    Open,
    /// It is closed; said of what was read or written.
    Close,
    /// It is deleted.
    Delete,
    /// It is given another path.
    Rename,
}

impl SmbAction {
    /// As Zeek writes it.
    pub const fn as_zeek(self) -> &'static str {
        match self {
            Self::Open => "SMB::FILE_OPEN",
            Self::Close => "SMB::FILE_CLOSE",
            Self::Delete => "SMB::FILE_DELETE",
            Self::Rename => "SMB::FILE_RENAME",
        }
    }
}

/// What Windows says came of something (MS-ERREF 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtStatus(pub u32);

impl NtStatus {
    /// It was done.
    pub const SUCCESS: Self = Self(0);
    /// It takes a while.
    pub const PENDING: Self = Self(0x0000_0103);
    /// The other end has to say more.
    pub const MORE_PROCESSING_REQUIRED: Self = Self(0xc000_0016);

    /// Whether it was done, at least in part.
    pub const fn is_done(self) -> bool {
        self.0 >> 30 < 3 && self.0 != Self::PENDING.0
    }

    /// Its name without `STATUS_`, where it is a common one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x0000_0000 => "SUCCESS",
            0x0000_0103 => "PENDING",
            0x0000_010c => "NOTIFY_ENUM_DIR",
            0x8000_0005 => "BUFFER_OVERFLOW",
            0x8000_0006 => "NO_MORE_FILES",
            0xc000_0002 => "NOT_IMPLEMENTED",
            0xc000_0008 => "INVALID_HANDLE",
            0xc000_000d => "INVALID_PARAMETER",
            0xc000_000f => "NO_SUCH_FILE",
            0xc000_0010 => "INVALID_DEVICE_REQUEST",
            0xc000_0011 => "END_OF_FILE",
            0xc000_0016 => "MORE_PROCESSING_REQUIRED",
            0xc000_0022 => "ACCESS_DENIED",
            0xc000_0033 => "OBJECT_NAME_INVALID",
            0xc000_0034 => "OBJECT_NAME_NOT_FOUND",
            0xc000_0035 => "OBJECT_NAME_COLLISION",
            0xc000_003a => "OBJECT_PATH_NOT_FOUND",
            0xc000_0043 => "SHARING_VIOLATION",
            0xc000_0056 => "DELETE_PENDING",
            0xc000_0061 => "PRIVILEGE_NOT_HELD",
            0xc000_0064 => "NO_SUCH_USER",
            0xc000_006a => "WRONG_PASSWORD",
            0xc000_006d => "LOGON_FAILURE",
            0xc000_006e => "ACCOUNT_RESTRICTION",
            0xc000_006f => "INVALID_LOGON_HOURS",
            0xc000_0070 => "INVALID_WORKSTATION",
            0xc000_0071 => "PASSWORD_EXPIRED",
            0xc000_0072 => "ACCOUNT_DISABLED",
            0xc000_00ac => "PIPE_NOT_AVAILABLE",
            0xc000_00ba => "FILE_IS_A_DIRECTORY",
            0xc000_00bb => "NOT_SUPPORTED",
            0xc000_00c9 => "NETWORK_NAME_DELETED",
            0xc000_00cc => "BAD_NETWORK_NAME",
            0xc000_0101 => "DIRECTORY_NOT_EMPTY",
            0xc000_0103 => "NOT_A_DIRECTORY",
            0xc000_0120 => "CANCELLED",
            0xc000_0128 => "FILE_CLOSED",
            0xc000_015b => "LOGON_TYPE_NOT_GRANTED",
            0xc000_0193 => "ACCOUNT_EXPIRED",
            0xc000_0203 => "USER_SESSION_DELETED",
            0xc000_0224 => "PASSWORD_MUST_CHANGE",
            0xc000_0225 => "NOT_FOUND",
            0xc000_0234 => "ACCOUNT_LOCKED_OUT",
            0xc000_0257 => "PATH_NOT_COVERED",
            0xc000_035c => "NETWORK_SESSION_EXPIRED",
            _ => return None,
        })
    }
}

/// The name, or the number.
impl fmt::Display for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#010x}", self.0),
        }
    }
}

impl Serialize for NtStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
