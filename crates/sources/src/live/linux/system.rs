//! The system calls behind live capture that have no safe form: the packet socket and its ring, the user of the process,
//! the addresses of interfaces, and signals. Everything that is `unsafe` in this crate is here.
//!
//! A safe ring needs memory that the kernel writes while we read other parts of it. The kernel's promise
//! (`Documentation/networking/packet_mmap.rst`) makes that sound: a block whose status says USER is not touched until we
//! give it back. [`Filled`] borrows the ring for as long as a block is ours, and gives it back when it is dropped.

#![expect(
    unsafe_code,
    reason = "the ring is memory shared with the kernel, and these system calls have no safe form"
)]

use super::super::BpfInstruction;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;
use std::ffi::{CStr, c_int, c_void};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Deref;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Where a block's status stands in it.
const STATUS: usize = 8;
/// Interfaces' addresses that are listed at most.
const MOST_ADDRESSES: usize = 10_000;

/// A socket that gets frames as they are on the link.
#[derive(Debug)]
pub(super) struct PacketSocket(OwnedFd);

/// What was counted since the last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Statistics {
    /// Frames that the filter let through, those that were dropped among them.
    pub(super) frames: u64,
    /// Frames for which there was no room.
    pub(super) dropped: u64,
    /// How often the ring was full.
    pub(super) freezes: u64,
}

impl PacketSocket {
    /// Opens one that gets nothing yet.
    pub(super) fn open() -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: takes numbers only.
        let handle = unsafe { libc::socket(libc::AF_PACKET, kind, 0) };
        if handle < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made the handle, and nobody else knows it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(handle) }))
    }

    /// Only what the program lets through comes in. Behind the call it holds for every frame that comes later.
    pub(super) fn filter(&self, program: &[BpfInstruction]) -> io::Result<()> {
        let mut code: Vec<libc::sock_filter> = program
            .iter()
            .map(|instruction| libc::sock_filter {
                code: instruction.code,
                jt: instruction.jump_true,
                jf: instruction.jump_false,
                k: instruction.value,
            })
            .collect();
        let program = libc::sock_fprog {
            len: u16::try_from(code.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
            filter: code.as_mut_ptr(),
        };
        // `code` lives until the call is over; the kernel copies it.
        self.set(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
    }

    /// Lets an interface hand over what is meant for others as well, as long as the socket is open.
    pub(super) fn promiscuous(&self, interface: u32) -> io::Result<()> {
        let request = libc::packet_mreq {
            mr_ifindex: interface.cast_signed(),
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        self.set(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
    }

    /// Frames of this interface come in from now on; of all of them, where it is 0.
    pub(super) fn bind(&self, interface: u32) -> io::Result<()> {
        // SAFETY: this structure is numbers only, for which zeros are values.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = interface.cast_signed();
        let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: the address is as long as is said, and lives until the call is over.
        check(unsafe { libc::bind(self.0.as_raw_fd(), ptr::from_ref(&address).cast(), length) })
    }

    /// What was counted since the last call.
    pub(super) fn statistics(&self) -> io::Result<Statistics> {
        let mut counted = libc::tpacket_stats_v3 {
            tp_packets: 0,
            tp_drops: 0,
            tp_freeze_q_cnt: 0,
        };
        let mut length = size_of::<libc::tpacket_stats_v3>() as libc::socklen_t;
        let place: *mut c_void = ptr::from_mut(&mut counted).cast();
        // SAFETY: the kernel writes at most `length` bytes, as many as the structure has; any numbers are values of it.
        check(unsafe {
            libc::getsockopt(
                self.0.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                place,
                &raw mut length,
            )
        })?;
        Ok(Statistics {
            frames: counted.tp_packets.into(),
            dropped: counted.tp_drops.into(),
            freezes: counted.tp_freeze_q_cnt.into(),
        })
    }

    /// Waits until there is a block, but not longer. An error of the interface (it went away) is one here.
    pub(super) fn wait(&self, longest: Duration) -> io::Result<()> {
        let mut sockets = [PollFd::new(&self.0, PollFlags::IN)];
        let longest = Timespec::try_from(longest).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut sockets, Some(&longest)) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            result => result?,
        };
        let [socket] = &sockets;
        if socket.revents().contains(PollFlags::ERR) {
            return match rustix::net::sockopt::socket_error(&self.0)? {
                Err(error) => Err(error.into()),
                Ok(()) => Ok(()),
            };
        }
        Ok(())
    }

    /// Makes the ring that frames are put into: `count` blocks of `size` bytes. A block that is not full is handed over
    /// after `timeout`.
    pub(super) fn ring(&self, size: u32, count: u32, timeout: Duration) -> io::Result<Ring> {
        let version: c_int = libc::tpacket_versions::TPACKET_V3 as c_int;
        self.set(libc::SOL_PACKET, libc::PACKET_VERSION, &version)?;
        let request = libc::tpacket_req3 {
            tp_block_size: size,
            tp_block_nr: count,
            // With this version frames are as long as they are; only the product has to be right.
            tp_frame_size: size,
            tp_frame_nr: count,
            tp_retire_blk_tov: u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX).max(1),
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        let (size, count) = (size as usize, count as usize);
        let length = size.checked_mul(count).ok_or(io::ErrorKind::InvalidInput)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: asks for memory at a place of the kernel's choice; nothing that exists is replaced.
        let memory = unsafe { libc::mmap(ptr::null_mut(), length, access, libc::MAP_SHARED, self.0.as_raw_fd(), 0) };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let memory = NonNull::new(memory.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Ring {
            memory,
            size,
            count,
            next: 0,
        })
    }

    /// Sets an option whose value is a structure of numbers.
    fn set<T: Copy>(&self, level: c_int, name: c_int, value: &T) -> io::Result<()> {
        let length = size_of::<T>() as libc::socklen_t;
        // SAFETY: the value is as long as is said, and lives until the call is over; the kernel only reads it.
        check(unsafe { libc::setsockopt(self.0.as_raw_fd(), level, name, ptr::from_ref(value).cast(), length) })
    }
}

/// Blocks that the kernel fills one after another.
#[derive(Debug)]
pub(super) struct Ring {
    memory: NonNull<u8>,
    size: usize,
    count: usize,
    next: usize,
}

// SAFETY: the memory is the ring's alone and stays where it is; any one thread may read it.
unsafe impl Send for Ring {}

impl Ring {
    /// The next block, if the kernel has filled it.
    pub(super) fn filled(&mut self) -> Option<Filled<'_>> {
        let place = self.next * self.size;
        // SAFETY: `next` is below `count`, and the mapping is `count` blocks of `size` bytes.
        let block = unsafe { self.memory.add(place) };
        let filled = Filled { block, ring: self };
        if filled.status().load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            // It is not ours, and must not be given back.
            std::mem::forget(filled);
            return None;
        }
        Some(filled)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this place and length, and no block of it is borrowed any more.
        unsafe { libc::munmap(self.memory.as_ptr().cast(), self.size * self.count) };
    }
}

/// A block that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Filled<'r> {
    block: NonNull<u8>,
    ring: &'r mut Ring,
}

impl Filled<'_> {
    fn status(&self) -> &AtomicU32 {
        // SAFETY: blocks begin at pages, so that the place is aligned, and are longer than their header. Kernel and we
        // change this word as a whole only.
        unsafe { AtomicU32::from_ptr(self.block.as_ptr().add(STATUS).cast()) }
    }
}

impl Deref for Filled<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the block is `size` bytes of the mapping, which lives as long as the ring that is borrowed. Its status
        // said that the kernel is done with it; that it is ours was seen with `Acquire`, so that its bytes are there.
        unsafe { std::slice::from_raw_parts(self.block.as_ptr(), self.ring.size) }
    }
}

impl Drop for Filled<'_> {
    fn drop(&mut self) {
        self.status().store(libc::TP_STATUS_KERNEL, Ordering::Release);
        self.ring.next = (self.ring.next + 1) % self.ring.count;
    }
}

/// Makes all threads of the process those of this user and group, for good, and of no further group.
pub(super) fn become_user(user: u32, group: u32) -> io::Result<()> {
    // SAFETY: the list is one number, as is said, and lives until the call is over. The C library changes all threads.
    check(unsafe { libc::setgroups(1, &raw const group) })?;
    // SAFETY: takes numbers only.
    check(unsafe { libc::setresgid(group, group, group) })?;
    // SAFETY: takes numbers only.
    check(unsafe { libc::setresuid(user, user, user) })
}

/// Whether a way back to root is open. If it is, it is taken, so whoever finds it open has to end.
pub(super) fn becomes_root() -> bool {
    // SAFETY: takes numbers only.
    unsafe { libc::setresuid(0, 0, 0) == 0 }
}

/// Addresses of interfaces by their names, with the lengths of their networks.
pub(in crate::live) fn addresses() -> io::Result<Vec<(String, IpAddr, u8)>> {
    let mut list = ptr::null_mut();
    // SAFETY: the list is written to where is said; it is ours until it is given back below.
    check(unsafe { libc::getifaddrs(&raw mut list) })?;
    let mut found = Vec::new();
    let mut at = list;
    // SAFETY: entries are valid until the list is given back, and the last one's successor is null.
    while let Some(entry) = unsafe { at.as_ref() }
        && found.len() < MOST_ADDRESSES
    {
        at = entry.ifa_next;
        if let Some(address) = ip_of(entry.ifa_addr)
            && !entry.ifa_name.is_null()
        {
            // SAFETY: the name is not null, and ended by a zero.
            let name = unsafe { CStr::from_ptr(entry.ifa_name) };
            let ones = match ip_of(entry.ifa_netmask) {
                Some(IpAddr::V4(mask)) => mask.to_bits().leading_ones(),
                Some(IpAddr::V6(mask)) => mask.to_bits().leading_ones(),
                None => 0,
            };
            found.push((name.to_string_lossy().into_owned(), address, ones as u8));
        }
    }
    // SAFETY: the list is the one that was given, and nothing of it is kept.
    unsafe { libc::freeifaddrs(list) };
    Ok(found)
}

fn ip_of(address: *const libc::sockaddr) -> Option<IpAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: an address that is there begins with its family, and is as long as that family's. Nothing is said about
    // where it is aligned.
    unsafe {
        match c_int::from((&raw const (*address).sa_family).read_unaligned()) {
            libc::AF_INET => {
                let address = address.cast::<libc::sockaddr_in>().read_unaligned();
                Some(Ipv4Addr::from_bits(u32::from_be(address.sin_addr.s_addr)).into())
            }
            libc::AF_INET6 => {
                let address = address.cast::<libc::sockaddr_in6>().read_unaligned();
                Some(Ipv6Addr::from_octets(address.sin6_addr.s6_addr).into())
            }
            _ => None,
        }
    }
}

/// Whether the process was asked to end.
static ASKED: AtomicBool = AtomicBool::new(false);

extern "C" fn ask(_signal: c_int) {
    ASKED.store(true, Ordering::Relaxed);
}

/// From now on a request to end (interrupt, terminate, hang up) is remembered, and the next of its kind ends the process.
pub(in crate::live) fn remember_signals() -> io::Result<()> {
    // SAFETY: this structure is numbers and a place of a function; zeros are "nothing special" for each of them.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = ask as extern "C" fn(c_int) as libc::sighandler_t;
    action.sa_flags = libc::SA_RESETHAND;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the function only stores to an atomic, which a handler may; the action is copied.
        check(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) })?;
    }
    Ok(())
}

/// Whether a request to end came since [`remember_signals`].
pub(in crate::live) fn signalled() -> bool {
    ASKED.load(Ordering::Relaxed)
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
