//! How busy this host is: processors, memory, disks, and what Watchfire itself takes (proc(5)).
//!
//! Per-process traffic is in none of these files: the kernel does not count it. Who wants it counts packets by the
//! [`Owners`](super::Owners) of their sockets.

use std::fs;
use std::time::Instant;

/// Lines of a file that are looked at.
const MOST_LINES: usize = 10_000;
/// Bytes of a sector in `/proc/diskstats`, whatever the disk says.
const SECTOR: u64 = 512;

/// How busy the host is. Shares are in thousandths; what the system does not say is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Of all processors' time since the last look, the part that was worked.
    pub cpu: Option<u16>,
    /// Processors.
    pub processors: u32,
    /// Processes that ran or wanted to, on average over a minute, in hundredths.
    pub average: Option<u32>,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of it that programs can still have.
    pub available: u64,
    /// Bytes that disks read in a second, since the last look.
    pub disk_read: Option<u64>,
    /// Bytes that they wrote.
    pub disk_written: Option<u64>,
    /// Of one processor's time since the last look, the part that Watchfire worked; over 1000 where it worked on several.
    pub own_cpu: Option<u16>,
    /// Bytes of memory that Watchfire has.
    pub own_memory: u64,
}

/// Looks at the load now and then.
#[derive(Debug, Default)]
pub struct LoadMeter {
    before: Option<(Instant, Counted)>,
}

/// Numbers that only go up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    /// Ticks that processors worked, and all ticks.
    cpu: Option<(u64, u64)>,
    processors: u32,
    /// Sectors that were read and written.
    disks: Option<(u64, u64)>,
    /// Ticks that Watchfire worked.
    own: Option<u64>,
}

impl LoadMeter {
    /// One that has not looked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks. Rates are those since the last look, so the first has none.
    pub fn look(&mut self) -> Load {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mut now = Counted::of_stat(&read("/proc/stat"));
        now.disks = disks(&read("/proc/diskstats"));
        now.own = own_ticks(&read("/proc/self/stat"));
        let (memory, available) = memory(&read("/proc/meminfo"));
        let instant = Instant::now();
        let before = self.before.replace((instant, now));
        let milliseconds = before.map(|(then, _)| instant.duration_since(then).as_millis());
        let milliseconds = u64::try_from(milliseconds.unwrap_or(0)).unwrap_or(u64::MAX);
        Load {
            average: average(&read("/proc/loadavg")),
            memory,
            available,
            own_memory: own_memory(&read("/proc/self/status")),
            ..now.rates_since(before.map(|(_, before)| before), milliseconds)
        }
    }
}

impl Counted {
    /// The first line of `/proc/stat` is all processors together: user, nice, system, idle, waiting, interrupts twice,
    /// stolen; what guests worked is in user already. A line for each processor follows.
    fn of_stat(text: &str) -> Self {
        let mut counted = Self::default();
        for line in text.lines().take(MOST_LINES) {
            let mut fields = line.split_whitespace();
            match fields.next() {
                Some("cpu") => {
                    let ticks: Vec<u64> = fields.take(8).filter_map(|field| field.parse().ok()).collect();
                    let all: u64 = ticks.iter().fold(0, |sum, ticks| sum.saturating_add(*ticks));
                    let idle = ticks
                        .iter()
                        .skip(3)
                        .take(2)
                        .fold(0, |sum: u64, ticks| sum.saturating_add(*ticks));
                    counted.cpu = (ticks.len() >= 4).then_some((all.saturating_sub(idle), all));
                }
                Some(name) if name.starts_with("cpu") => counted.processors += 1,
                _ => {}
            }
        }
        counted
    }

    fn rates_since(&self, before: Option<Self>, milliseconds: u64) -> Load {
        let mut load = Load {
            processors: self.processors,
            ..Load::default()
        };
        let Some(before) = before else {
            return load;
        };
        let share = |part: u64, whole: u64| {
            let thousandths = u128::from(part) * 1000 / u128::from(whole.max(1));
            u16::try_from(thousandths).unwrap_or(u16::MAX)
        };
        if let Some(((worked, all), (worked_before, all_before))) = self.cpu.zip(before.cpu)
            && all > all_before
        {
            let (worked, all) = (worked.saturating_sub(worked_before), all - all_before);
            load.cpu = Some(share(worked.min(all), all));
            // Ticks are those of all processors together.
            if let Some((own, own_before)) = self.own.zip(before.own) {
                let own = own
                    .saturating_sub(own_before)
                    .saturating_mul(self.processors.max(1).into());
                load.own_cpu = Some(share(own, all));
            }
        }
        if let Some(((read, written), (read_before, written_before))) = self.disks.zip(before.disks)
            && milliseconds > 0
        {
            let rate = |now: u64, before: u64| {
                let bytes = now.saturating_sub(before).saturating_mul(SECTOR);
                bytes.saturating_mul(1000) / milliseconds
            };
            load.disk_read = Some(rate(read, read_before));
            load.disk_written = Some(rate(written, written_before));
        }
        load
    }
}

/// Sectors that whole disks read and wrote. Partitions, and devices made of others (`dm-`, `md`, `loop`), would count the
/// same bytes again, and memory (`ram`, `zram`) is no disk.
fn disks(text: &str) -> Option<(u64, u64)> {
    let mut sum = None;
    let mut whole: Option<&str> = None;
    for line in text.lines().take(MOST_LINES) {
        let mut fields = line.split_whitespace().skip(2);
        let Some(name) = fields.next() else {
            continue;
        };
        let is_virtual = ["loop", "ram", "zram", "dm-", "md", "sr", "fd"]
            .iter()
            .any(|kind| name.starts_with(kind));
        // A partition follows its disk and has its name in front.
        let is_part = whole
            .and_then(|whole| name.strip_prefix(whole))
            .is_some_and(is_part_number);
        if is_virtual || is_part {
            continue;
        }
        whole = Some(name);
        let numbers: Vec<u64> = fields.take(7).filter_map(|field| field.parse().ok()).collect();
        if let [_, _, read, _, _, _, written] = numbers[..] {
            let (all_read, all_written) = sum.unwrap_or((0u64, 0u64));
            sum = Some((all_read.saturating_add(read), all_written.saturating_add(written)));
        }
    }
    sum
}

/// `1` behind `sda`, `p1` behind `nvme0n1`.
fn is_part_number(rest: &str) -> bool {
    let digits = rest.strip_prefix('p').unwrap_or(rest);
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Time of this process in user and system mode: fields 14 and 15, of which the second, its name, may hold anything.
fn own_ticks(text: &str) -> Option<u64> {
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    user.checked_add(system)
}

/// `MemTotal` and `MemAvailable`, in bytes.
fn memory(text: &str) -> (u64, u64) {
    (kilobytes(text, "MemTotal:"), kilobytes(text, "MemAvailable:"))
}

fn own_memory(text: &str) -> u64 {
    kilobytes(text, "VmRSS:")
}

/// The number behind a name, which is in units of 1024 bytes.
fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().take(MOST_LINES).find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    let number: Option<u64> = number.and_then(|number| number.parse().ok());
    number.unwrap_or(0).saturating_mul(1024)
}

/// The first of the averages, in hundredths.
fn average(text: &str) -> Option<u32> {
    let (whole, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let whole: u32 = whole.parse().ok()?;
    whole.checked_mul(100)?.checked_add(hundredths.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_time_between_two_looks() {
        let before = Counted::of_stat("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1\ncpu1 1\nctxt 5\n");
        assert_eq!((before.cpu, before.processors), (Some((200, 1000)), 2));
        let mut after = Counted::of_stat("cpu  150 0 150 800 100 0 0 0 50 0\ncpu0 1\ncpu1 1\n");
        after.own = Some(60);
        let load = after.rates_since(
            Some(Counted {
                own: Some(10),
                ..before
            }),
            1000,
        );
        assert_eq!(load.cpu, Some(500));
        // Fifty of the hundred ticks that one of the two processors had.
        assert_eq!(load.own_cpu, Some(500));
        assert_eq!(after.rates_since(None, 0).cpu, None);
        assert_eq!(after.rates_since(Some(after), 1000).cpu, None);
    }

    #[test]
    fn a_byte_of_a_disk_is_counted_once() {
        let text = "\
   8       0 sda 10 0 1000 0 20 0 3000 0 0 0 0
   8       1 sda1 10 0 900 0 20 0 2900 0 0 0 0
 259       0 nvme0n1 1 0 50 0 1 0 60 0 0 0 0
 259       1 nvme0n1p1 1 0 50 0 1 0 60 0 0 0 0
 253       0 dm-0 1 0 50 0 1 0 60 0 0 0 0
   7       0 loop0 1 0 50 0 1 0 60 0 0 0 0
   8      16 sdb 1 0 7 0 1 0 8 0 0 0 0
   8      32 sdc 1
";
        assert_eq!(disks(text), Some((1057, 3068)));
        let counted = |read| Counted {
            disks: Some((read, 0)),
            ..Counted::default()
        };
        let load = counted(1100).rates_since(Some(counted(1000)), 500);
        assert_eq!((load.disk_read, load.disk_written), (Some(102_400), Some(0)));
        assert_eq!(disks(""), None);
    }

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let text = "42 (a) b) c) S 1 1 1 0 -1 4194560 1 2 3 4 70 30 0 0 20 0 1 0 100 1000 200";
        assert_eq!(own_ticks(text), Some(100));
        assert_eq!(own_ticks("42"), None);
    }

    #[test]
    fn memory_and_average_are_read() {
        let text = "MemTotal:       24000 kB\nMemFree:        1 kB\nMemAvailable:   20000 kB\n";
        assert_eq!(memory(text), (24_576_000, 20_480_000));
        assert_eq!(memory(""), (0, 0));
        assert_eq!(average("12.34 1.00 0.50 1/100 4711"), Some(1234));
        assert_eq!(average("x"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_host_has_memory_and_processors() {
        let mut meter = LoadMeter::new();
        let first = meter.look();
        assert!(first.memory > 0 && first.available <= first.memory && first.processors > 0);
        assert_eq!(first.cpu, None);
        assert!(first.own_memory > 0);
    }
}
