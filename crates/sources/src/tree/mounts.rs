//! What is mounted where, and which of it is a disk of this computer.
//!
//! Read from the list that Linux keeps for each process (`proc_pid_mountinfo(5)`). On other systems the list is empty, and
//! nothing is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

/// What kind of file system it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountKind {
    /// On a disk of this computer, or in its memory where programs can lie as well (`tmpfs`).
    Disk,
    /// Made by the kernel for programs to ask it: `proc`, `sysfs`, `cgroup2`.
    Virtual,
    /// On another computer, or brought by a program: searching it costs others, and files of a cloud would be fetched.
    Network,
    /// A medium that nobody can write to: `iso9660`, `squashfs`.
    ReadOnlyMedium,
}

impl MountKind {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disk => "a disk",
            Self::Virtual => "a virtual file system",
            Self::Network => "a network or user file system",
            Self::ReadOnlyMedium => "a read-only medium",
        }
    }
}

/// File systems that the kernel makes up, and into which nobody can put a file. Those for devices and in memory (`devtmpfs`,
/// `ramfs`, `tmpfs`) take any, and programs are hidden there.
const VIRTUAL: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "smackfs",
    "sysfs",
    "tracefs",
];

/// File systems of other computers.
const NETWORK: &[&str] = &[
    "9p",
    "acfs",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "gfs",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "panfs",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
];

/// File systems of media that are read-only by nature.
const READ_ONLY: &[&str] = &["cramfs", "erofs", "iso9660", "romfs", "squashfs", "udf"];

/// FUSE file systems that show a local disk; what other programs bring is taken for remote.
const LOCAL_FUSE: &[&str] = &[
    "fuseblk",
    "fuse.ntfs",
    "fuse.ntfs-3g",
    "fuse.exfat",
    "fuse.mergerfs",
    "fuse.overlayfs",
    "fuse.fuse-overlayfs",
];

fn kind_of(file_system: &str) -> MountKind {
    let is_in = |names: &[&str]| names.contains(&file_system);
    if is_in(VIRTUAL) {
        MountKind::Virtual
    } else if is_in(NETWORK) || file_system == "fuse" || file_system.starts_with("fuse.") && !is_in(LOCAL_FUSE) {
        MountKind::Network
    } else if is_in(READ_ONLY) {
        MountKind::ReadOnlyMedium
    } else {
        MountKind::Disk
    }
}

/// One mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub path: PathBuf,
    /// Its type in the kernel's words: `ext4`, `nfs4`.
    pub file_system: String,
    /// What kind that is.
    pub kind: MountKind,
    device: u64,
    /// Which folder of the file system is shown there; `/` for all of it.
    shown: PathBuf,
}

/// All of them, in the order in which they were mounted.
#[derive(Clone, Debug, Default)]
pub struct Mounts {
    list: Vec<Mount>,
    kinds: BTreeMap<u64, MountKind>,
}

impl Mounts {
    /// Those that this process sees. Empty where the system does not say.
    pub fn of_system() -> Self {
        let list = if cfg!(target_os = "linux") {
            std::fs::read("/proc/self/mountinfo")
        } else {
            Ok(Vec::new())
        };
        Self::parse(&list.unwrap_or_default())
    }

    fn parse(list: &[u8]) -> Self {
        let list: Vec<Mount> = list.split(|byte| *byte == b'\n').filter_map(mount).collect();
        let kinds = list.iter().map(|mount| (mount.device, mount.kind)).collect();
        Self { list, kinds }
    }

    /// The kind of file system with this device number; nothing for one that is not listed, as parts of btrfs are not.
    pub fn kind(&self, device: u64) -> Option<MountKind> {
        self.kinds.get(&device).copied()
    }

    /// All mounts.
    pub fn list(&self) -> &[Mount] {
        &self.list
    }

    /// Where to begin so that every disk is searched once, and what is left out with its reason. A disk that is mounted
    /// below another one is reached from there; one that is mounted twice is entered where it shows most.
    pub fn drives(&self) -> (Vec<PathBuf>, Vec<&Mount>) {
        let (disks, others): (Vec<&Mount>, Vec<&Mount>) =
            self.list.iter().partition(|mount| mount.kind == MountKind::Disk);
        let mut seen = BTreeSet::new();
        let mut roots: Vec<PathBuf> = Vec::new();
        let mut disks = disks;
        // Whole file systems before parts of them, then the shortest path.
        disks.sort_by_key(|mount| (mount.shown.as_os_str().len(), mount.path.as_os_str().len()));
        for disk in disks {
            if seen.insert(disk.device) {
                roots.push(disk.path.clone());
            }
        }
        roots.sort();
        (roots, others)
    }
}

/// One line: `36 35 98:0 /shown /path rw,noatime master:1 - ext4 /dev/root rw`.
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let device = std::str::from_utf8(fields.nth(2)?).ok()?;
    let (major, minor) = device.split_once(':')?;
    let (shown, path) = (unescaped(fields.next()?), unescaped(fields.next()?));
    let mut behind = fields.skip_while(|field| *field != b"-");
    let file_system = String::from_utf8_lossy(behind.nth(1)?).into_owned();
    Some(Mount {
        path,
        kind: kind_of(&file_system),
        file_system,
        device: number(major.parse().ok()?, minor.parse().ok()?),
        shown,
    })
}

/// The number by which the system tells a device in the status of a file.
#[cfg(target_os = "linux")]
fn number(major: u32, minor: u32) -> u64 {
    rustix::fs::makedev(major, minor)
}

#[cfg(not(target_os = "linux"))]
fn number(major: u32, minor: u32) -> u64 {
    u64::from(major) << 32 | u64::from(minor)
}

/// Blanks and backslashes stand as three octal digits behind a backslash.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut path = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match escaped.filter(|_| *byte == b'\\') {
            Some(meant) => {
                path.push(meant);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                path.push(*byte);
                rest = after;
            }
        }
    }
    path_of(path)
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
        23 22 0:21 / /proc rw - proc proc rw\n\
        24 22 0:22 / /tmp rw - tmpfs tmpfs rw\n\
        25 22 8:17 / /mnt/my\\040disk rw shared:2 - ntfs3 /dev/sdb1 rw\n\
        26 22 8:1 /srv/www /var/www rw - ext4 /dev/sda1 rw\n\
        27 22 0:40 / /home/ops/cloud rw - fuse.rclone remote: rw\n\
        28 22 7:1 / /snap/core ro - squashfs /dev/loop1 ro\n\
        29 22 0:41 / /mnt/share rw - cifs //nas/share rw\n\
        broken line\n";

    #[test]
    fn every_disk_once_and_the_rest_with_its_kind() {
        let mounts = Mounts::parse(LIST);
        let (roots, others) = mounts.drives();
        assert_eq!(roots, ["/", "/mnt/my disk", "/tmp"].map(PathBuf::from));
        let others: Vec<_> = others
            .iter()
            .map(|mount| (mount.path.to_str().unwrap(), mount.kind))
            .collect();
        let expected = [
            ("/proc", MountKind::Virtual),
            ("/home/ops/cloud", MountKind::Network),
            ("/snap/core", MountKind::ReadOnlyMedium),
            ("/mnt/share", MountKind::Network),
        ];
        assert_eq!(others, expected);
    }

    #[test]
    fn what_takes_files_is_searched() {
        for name in ["devtmpfs", "ramfs", "tmpfs", "ext4", "overlay", "fuseblk"] {
            assert_eq!(kind_of(name), MountKind::Disk, "{name}");
        }
        for name in ["proc", "sysfs", "devpts", "cgroup2"] {
            assert_eq!(kind_of(name), MountKind::Virtual, "{name}");
        }
    }

    #[test]
    fn this_system_has_a_list() {
        let kinds = Mounts::of_system()
            .list
            .iter()
            .any(|mount| mount.path.as_os_str() == "/");
        assert_eq!(kinds, cfg!(target_os = "linux"));
    }
}
