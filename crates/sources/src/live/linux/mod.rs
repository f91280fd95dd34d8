//! Live capture by Linux: a packet socket with a ring (AF_PACKET, TPACKET_V3), given out as a stream of pcapng.
//!
//! The kernel puts frames into blocks; each block becomes blocks of pcapng, and goes back at once. Whoever reads slower
//! than frames come makes the ring full, and the kernel drops and counts. Sources: packet(7), and
//! `Documentation/networking/packet_mmap.rst` of Linux.

mod block;
mod frame;
mod privileges;
mod system;
mod writer;

pub(super) use privileges::drop_privileges;
pub(super) use system::{addresses, remember_signals, signalled};

use super::{BpfInstruction, Captured, Counters, Ending, LiveError, LiveOptions, RingFiles, Stop, interfaces};
use block::Frames;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use system::{PacketSocket, Ring};
use writer::Writer;

/// Bytes of one block of the ring. The longest frame (64 KiB put together by the card) goes in many times.
const BLOCK: u32 = 1 << 20;
/// How long the socket is waited for before somebody looks whether to stop.
const LOOK: Duration = Duration::from_millis(100);
/// How often the kernel is asked what it dropped.
const COUNT: Duration = Duration::from_millis(250);
/// How a program says how much of a frame is kept (`BPF_RET | BPF_K`).
const RETURN: u16 = 0x06;
/// The longest program that the kernel takes (`BPF_MAXINSNS`).
const MOST_INSTRUCTIONS: usize = 4096;

/// A running capture: reads as one pcapng file that grows, and ends when it is told to stop.
pub struct Live {
    // The ring before its socket: that is the order in which they are given back.
    ring: Ring,
    socket: PacketSocket,
    writer: Writer,
    options: LiveOptions,
    stop: Stop,
    counters: Arc<Counters>,
    files: Option<RingFiles>,
    watcher: Option<Watcher>,
    begun: u64,
    started: Instant,
    counted: Instant,
    /// Until when frames that came before the stop are waited for.
    draining: Option<Instant>,
    ending: Option<Ending>,
    /// Bytes of what was written that were read.
    given: usize,
}

type Watcher = Box<dyn FnMut(&Captured<'_>) + Send>;

impl Live {
    /// Opens an interface, or all of them where it is `any`. Frames are kept from now on, read or not.
    ///
    /// # Errors
    /// When there is no such interface, when it may not be opened, and when the kernel refuses the filter.
    pub fn open(options: LiveOptions, stop: Stop) -> Result<Self, LiveError> {
        let names: BTreeMap<_, _> = interfaces()
            .unwrap_or_default()
            .into_iter()
            .map(|interface| (interface.index, interface))
            .collect();
        let index = match options.interface.as_str() {
            LiveOptions::ANY => 0,
            name => {
                let found = names.values().find(|interface| interface.name.raw() == name);
                found.ok_or_else(|| LiveError::NoInterface(name.into()))?.index
            }
        };
        let socket = PacketSocket::open().map_err(|error| LiveError::from_open(&error))?;
        // Filter and ring before the interface: nothing comes in that they do not hold for.
        let program = program(&options)?;
        socket
            .filter(&program)
            .map_err(|error| LiveError::from_filter(&error))?;
        let blocks = u32::try_from(options.ring / u64::from(BLOCK)).unwrap_or(u32::MAX);
        let ring = socket.ring(BLOCK, blocks.clamp(2, 2048), options.block_timeout)?;
        if options.promiscuous && index != 0 {
            socket.promiscuous(index)?;
        }
        let expected: Vec<u32> = names
            .keys()
            .copied()
            .filter(|known| index == 0 || *known == index)
            .collect();
        let mut writer = Writer::new(options.snap_length, options.filter_text.clone(), names);
        writer.begin(&system_name(), expected.into_iter());
        socket.bind(index)?;
        let now = Instant::now();
        Ok(Self {
            ring,
            socket,
            writer,
            options,
            stop,
            counters: Arc::default(),
            files: None,
            watcher: None,
            begun: nanoseconds(),
            started: now,
            counted: now,
            draining: None,
            ending: None,
            given: 0,
        })
    }

    /// What is counted while it runs.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Writes everything that is read to files as well. To be called before anything is read.
    pub fn record(&mut self, mut files: RingFiles) {
        files.write(&self.writer.out);
        self.files = Some(files);
    }

    /// Shows every frame to `watcher`, in their order, on the thread that reads.
    pub fn watch(&mut self, watcher: impl FnMut(&Captured<'_>) + Send + 'static) {
        self.watcher = Some(Box::new(watcher));
    }

    /// Why it ended; none while it runs.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// The files that are written.
    pub fn files(&self) -> Option<&RingFiles> {
        self.files.as_ref()
    }

    /// One step: a block of frames, or a wait for one, or the end.
    fn turn(&mut self) {
        let written = self.writer.out.len();
        if let Some(ending) = self.reason() {
            self.end(ending);
        } else if !self.block()
            && let Err(error) = self.socket.wait(self.patience())
        {
            self.end(Ending::Failed(error.into()));
        }
        if self.counted.elapsed() >= COUNT {
            self.count();
        }
        let new = self.writer.out.get(written..).unwrap_or_default();
        if let Some(files) = self.files.as_mut().filter(|_| !new.is_empty()) {
            files.write(new);
        }
    }

    /// Why there is nothing more to be read, where that is so.
    fn reason(&mut self) -> Option<Ending> {
        if self.frames_left() == 0 {
            return Some(Ending::Frames);
        }
        let now = Instant::now();
        let over = self
            .options
            .longest
            .is_some_and(|longest| now.duration_since(self.started) >= longest);
        let ending = match (self.stop.is_set(), over) {
            (true, _) => Ending::Asked,
            (_, true) => Ending::Time,
            _ => return None,
        };
        // What came before is in a block that the kernel has still to hand over.
        let last = *self.draining.get_or_insert(now + self.options.block_timeout * 2);
        (now >= last).then_some(ending)
    }

    fn frames_left(&self) -> u64 {
        let most = self.options.most_frames.unwrap_or(u64::MAX);
        most.saturating_sub(self.counters.frames.load(Ordering::Relaxed))
    }

    /// How long to wait for frames, but not so long that an end is late.
    fn patience(&self) -> Duration {
        let end = self.options.longest.map(|longest| self.started + longest);
        let until = |instant: Instant| instant.saturating_duration_since(Instant::now());
        let ends = [end, self.draining].into_iter().flatten().map(until);
        // A wait of no time would spin.
        ends.fold(LOOK, Duration::min).max(Duration::from_millis(1))
    }

    /// Takes the frames of the next block, if there is one.
    fn block(&mut self) -> bool {
        let left = self.frames_left();
        let Some(filled) = self.ring.filled() else {
            return false;
        };
        let (mut count, mut bytes, mut captured) = (0u64, 0u64, 0u64);
        let mut frames = Frames::new(&filled);
        for frame in frames.by_ref() {
            if count == left {
                break;
            }
            if frame::is_twin(&frame) {
                continue;
            }
            let Some(written) = self.writer.frame(&frame) else {
                continue;
            };
            count += 1;
            bytes += u64::from(written.length);
            captured += written.bytes.len() as u64;
            if let Some(watcher) = &mut self.watcher {
                watcher(&written);
            }
        }
        self.counters.frames.fetch_add(count, Ordering::Relaxed);
        self.counters.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.counters.captured.fetch_add(captured, Ordering::Relaxed);
        let damaged = u64::from(frames.is_damaged());
        self.counters.damaged.fetch_add(damaged, Ordering::Relaxed);
        true
    }

    /// Asks the kernel what it dropped. What it does not say this time, it says the next.
    fn count(&mut self) {
        self.counted = Instant::now();
        if let Ok(new) = self.socket.statistics() {
            self.counters.received.fetch_add(new.frames, Ordering::Relaxed);
            self.counters.dropped.fetch_add(new.dropped, Ordering::Relaxed);
            self.counters.freezes.fetch_add(new.freezes, Ordering::Relaxed);
        }
    }

    fn end(&mut self, ending: Ending) {
        self.count();
        let counts = self.counters.now();
        self.writer
            .finish(self.begun, nanoseconds(), counts.received, counts.dropped);
        self.ending = Some(ending);
    }
}

impl Read for Live {
    /// Gives what there is, and waits only where there is nothing. The end is the end of the capture.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.writer.out.get(self.given..).unwrap_or_default();
            if !left.is_empty() {
                let taken = (&mut &*left).read(buffer)?;
                self.given += taken;
                return Ok(taken);
            }
            if self.ending.is_some() {
                return Ok(0);
            }
            self.writer.out.clear();
            self.given = 0;
            self.turn();
        }
    }
}

impl Drop for Live {
    /// Whoever stops to read early still leaves files that are whole.
    fn drop(&mut self) {
        if self.ending.is_none() {
            let written = self.writer.out.len();
            self.end(Ending::Asked);
            let new = self.writer.out.get(written..).unwrap_or_default();
            if let Some(files) = &mut self.files {
                files.write(new);
            }
        }
    }
}

/// The filter with the snap length in it: the program itself says how much of a frame is kept.
fn program(options: &LiveOptions) -> Result<Vec<BpfInstruction>, LiveError> {
    let all = BpfInstruction {
        code: RETURN,
        jump_true: 0,
        jump_false: 0,
        value: u32::MAX,
    };
    let mut program = options.filter.clone();
    if program.is_empty() {
        program.push(all);
    }
    if program.len() > MOST_INSTRUCTIONS {
        return Err(LiveError::Filter(
            format!("it has more than {MOST_INSTRUCTIONS} instructions").into(),
        ));
    }
    for instruction in program.iter_mut().filter(|instruction| instruction.code == RETURN) {
        instruction.value = instruction.value.min(options.snap_length.max(1));
    }
    Ok(program)
}

/// What `uname` calls the system: `Linux 6.12.1`.
fn system_name() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("Linux {}", release.trim()).trim_end().to_owned()
}

/// Since 1970.
fn nanoseconds() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_keeps_no_more_than_the_snap_length() {
        let mut options = LiveOptions::new("lo");
        options.snap_length = 96;
        let instruction = |code, value| BpfInstruction {
            code,
            jump_true: 0,
            jump_false: 0,
            value,
        };
        assert_eq!(program(&options), Ok(vec![instruction(RETURN, 96)]));
        options.filter = vec![
            instruction(0x28, 12),
            instruction(RETURN, 262_144),
            instruction(RETURN, 0),
        ];
        let expected = vec![instruction(0x28, 12), instruction(RETURN, 96), instruction(RETURN, 0)];
        assert_eq!(program(&options), Ok(expected));
        options.filter = vec![instruction(RETURN, 0); MOST_INSTRUCTIONS + 1];
        assert!(program(&options).is_err());
    }
}
