//! Live capture: frames of an interface as a growing pcapng stream, and what this host knows beside them.
//!
//! [`Live`] is a `Read` like a file's: everything behind it reads a capture, wherever it comes from. Around it are
//! [`RingFiles`] that keep it on a disk, [`interfaces`] to choose from, [`Owners`] of local connections, the
//! [`Load`] of the host, and [`drop_privileges`] for when the socket is open.
//!
//! What the operating system decides is in one place per system. Where there is no packet socket, opening says so, and
//! the rest finds nothing. Absent: any look into frames, and filters as text (they come as instructions).

mod account;
mod files;
mod interfaces;
mod load;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "portable.rs")]
mod os;
mod owners;
mod pcapng;

pub use account::{Account, Dropped};
pub use files::{RingFiles, new_file};
pub use interfaces::{Interface, LinkState, Passed, Traffic, TrafficRate, interfaces, link_name};
pub use load::{Load, LoadMeter};
pub use os::Live;
pub use owners::{Owner, Owners, Socket};

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use watchfire_model::Untrusted;

/// What is captured, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    /// The interface, or [`LiveOptions::ANY`].
    pub interface: String,
    /// Bytes that are kept of a frame.
    pub snap_length: u32,
    /// Whether the card hands over what is meant for others as well. Nothing of it is done for all interfaces at once.
    pub promiscuous: bool,
    /// Which frames the kernel hands over, and how much of each; all of them where it is empty. It sees frames without
    /// the VLAN tag that the card took out.
    pub filter: Vec<BpfInstruction>,
    /// The filter as it was typed, which the capture says of itself.
    pub filter_text: Option<String>,
    /// Bytes of the memory in which the kernel keeps frames until they are read.
    pub ring: u64,
    /// How long a frame waits at most before it can be read.
    pub block_timeout: Duration,
    /// Ends after so many frames.
    pub most_frames: Option<u64>,
    /// Ends after so long.
    pub longest: Option<Duration>,
}

impl LiveOptions {
    /// The name that means every interface.
    pub const ANY: &'static str = "any";
    /// The longest frame that other programs take.
    pub const LONGEST_FRAME: u32 = 1 << 18;

    /// Whole frames of one interface, those for others too, in 32 MiB of memory.
    pub fn new(interface: impl Into<String>) -> Self {
        Self {
            interface: interface.into(),
            snap_length: Self::LONGEST_FRAME,
            promiscuous: true,
            filter: Vec::new(),
            filter_text: None,
            ring: 32 << 20,
            block_timeout: Duration::from_millis(50),
            most_frames: None,
            longest: None,
        }
    }
}

/// An instruction of a classic BPF program, as the kernel takes it (`struct sock_filter`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BpfInstruction {
    /// What is done.
    pub code: u16,
    /// How many instructions are passed over where a condition holds.
    pub jump_true: u8,
    /// How many where it does not.
    pub jump_false: u8,
    /// The number that it is done with (`k`).
    pub value: u32,
}

/// A frame that was captured, as the stream has it.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// What it begins with, a number of <https://www.tcpdump.org/linktypes.html>.
    pub link: u16,
    /// When it was captured, in nanoseconds since 1970.
    pub time: u64,
    /// Bytes on the wire.
    pub length: u32,
    /// What was kept of it.
    pub bytes: &'a [u8],
}

/// Tells a capture to end, from anywhere.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    signals: bool,
}

impl Stop {
    /// One that is set by requests to end the process as well: interrupt, terminate, hang up. The first asks, the second
    /// ends the process as if nobody had listened.
    ///
    /// # Errors
    /// When the system does not let them be listened to.
    pub fn on_signals() -> io::Result<Self> {
        os::remember_signals()?;
        Ok(Self {
            signals: true,
            ..Self::default()
        })
    }

    /// Asks to end.
    pub fn set(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_set(&self) -> bool {
        self.asked.load(Ordering::Relaxed) || (self.signals && os::signalled())
    }
}

/// What is counted while a capture runs, by whoever reads it.
#[derive(Debug, Default)]
pub struct Counters {
    frames: AtomicU64,
    bytes: AtomicU64,
    captured: AtomicU64,
    received: AtomicU64,
    dropped: AtomicU64,
    freezes: AtomicU64,
    damaged: AtomicU64,
}

/// [`Counters`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames that were handed out.
    pub frames: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Bytes of them that were kept.
    pub captured: u64,
    /// Frames that the kernel's filter let through. On the loopback each counts twice: sent, and received.
    pub received: u64,
    /// Of these, frames that the kernel dropped, since nobody read fast enough.
    pub dropped: u64,
    /// How often there was no room at all.
    pub freezes: u64,
    /// Blocks of the kernel that made no sense. There are none.
    pub damaged: u64,
}

impl Counters {
    /// Now.
    pub fn now(&self) -> Counts {
        let [frames, bytes, captured, received, dropped, freezes, damaged] = [
            &self.frames,
            &self.bytes,
            &self.captured,
            &self.received,
            &self.dropped,
            &self.freezes,
            &self.damaged,
        ]
        .map(|counter| counter.load(Ordering::Relaxed));
        Counts {
            frames,
            bytes,
            captured,
            received,
            dropped,
            freezes,
            damaged,
        }
    }
}

/// Why a capture ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Somebody asked.
    Asked,
    /// There are as many frames as were asked for.
    Frames,
    /// The time is over.
    Time,
    /// The interface went away, or the system gave up.
    Failed(LiveError),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("stopped"),
            Self::Frames => f.write_str("there are as many frames as were asked for"),
            Self::Time => f.write_str("the time is over"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

/// Why an interface cannot be captured from. `Display` is one sentence, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveError {
    /// There is none with that name.
    NoInterface(Untrusted),
    /// The system lets only some users.
    NotPermitted,
    /// This system, or this build, cannot.
    Unsupported,
    /// The kernel does not take the filter.
    Filter(Untrusted),
    /// The interface is down, or went away.
    Down,
    /// Anything else the operating system said.
    Io(Untrusted),
}

impl LiveError {
    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoInterface(_) => "--list-interfaces shows them",
            Self::NotPermitted => "run it with sudo, or let it: setcap cap_net_raw,cap_net_admin=ep on the program",
            Self::Unsupported => "capture on a Linux host, or read a file",
            Self::Down => "bring it up, or choose another: --list-interfaces shows them",
            Self::Filter(_) | Self::Io(_) => return None,
        })
    }

    #[cfg(target_os = "linux")]
    fn from_open(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::NotPermitted,
            // What a kernel without packet sockets says.
            io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput => Self::Unsupported,
            _ => Self::Io(error.to_string().into()),
        }
    }

    #[cfg(target_os = "linux")]
    fn from_filter(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidInput => Self::Filter("the kernel does not take it".into()),
            _ => Self::Filter(error.to_string().into()),
        }
    }
}

impl From<io::Error> for LiveError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::NotPermitted,
            io::ErrorKind::NetworkDown => Self::Down,
            _ => Self::Io(error.to_string().into()),
        }
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterface(name) => write!(f, "there is no interface '{name}'"),
            Self::NotPermitted => f.write_str("this user may not capture"),
            Self::Unsupported => f.write_str("live capture does not work on this system"),
            Self::Filter(why) => write!(f, "the filter cannot be used: {why}"),
            Self::Down => f.write_str("the interface is down"),
            Self::Io(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for LiveError {}

/// Gives the rights away with which a capture was opened: nothing of what the network sends is read with them.
///
/// A process of root becomes `account`, in all its threads; a process that was let capture gives that up. The way back is
/// tried, and so is whether every thread is there. To be called when socket and files are open, and before other threads
/// are started: those that are there may still run programs that give rights back, and this is told.
///
/// # Errors
/// When the system refuses, or something is left. Then nothing must be read.
pub fn drop_privileges(account: &Account) -> io::Result<Dropped> {
    os::drop_privileges(account)
}
