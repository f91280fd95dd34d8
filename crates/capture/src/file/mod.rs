//! Reads the files in which captures are kept, block by block: pcap and pcapng, damaged or not.
//!
//! Sources: the IETF drafts `draft-ietf-opsawg-pcap` and `draft-ietf-opsawg-pcapng`, and for older and vendors' variants
//! what libpcap and Wireshark are known to accept. A file is read once, from its beginning, with memory that does not
//! depend on its length or on what it says.
//!
//! After damage the reader looks for the next place where several records follow one another, says how much it passed
//! over, and goes on there. Every step goes forward, and the work is proportional to the file, whoever wrote it.
//!
//! Absent: compression (the caller's `Read` undoes it), seeking, captures of other programs (snoop, ERF, Network Monitor).

mod block;
mod description;
mod pcap;
mod record;

pub use description::{Comment, Description, Format, Interface, Name, Secrets};

use crate::KeyLog;
use crate::bytes::{Order, array, place};
use crate::frame::{Block, Frame};
use pcap::Pcap;
use record::Records;
use std::io::Read;
use std::sync::Arc;
use watchfire_model::{Problem, agreeing, counted};

/// Bytes that are read at once, unless told otherwise: few enough to stay in the cache until all is done with them.
const BLOCK: usize = 1 << 18;

/// Bytes that are read at once from a source that is handed out as it comes.
const PIECE: usize = 1 << 18;

/// No record with more captured bytes is read: it would have to be held whole.
const MOST_CAPTURED: u32 = 4 << 20;

/// What any record may hold (libpcap's own limit); only a few kinds of links have more.
const USUAL_CAPTURED: u32 = 1 << 18;

/// How far a search for the next record looks ahead: three records of the usual size.
const AHEAD: usize = 3 * (USUAL_CAPTURED as usize + 64);

/// How often a capture may say new secrets: each time, a block ends.
const MOST_LEARNED: u32 = 64;

/// Problems that are kept; the others are counted.
const MOST_PROBLEMS: usize = 64;

/// Whether bytes begin as a capture that is read here.
pub fn is_capture(head: &[u8]) -> bool {
    array::<4>(head, 0).is_some_and(|magic| magic == block::SECTION || pcap::is_magic(magic))
}

/// Hands out the frames of one capture, or of several as one sequence.
pub struct FrameReader<R> {
    source: R,
    block_size: usize,
    /// Frames go out as they come, not when a block is full.
    eager: bool,
    state: State,
    /// What the block before left: the beginning of a record.
    rest: Vec<u8>,
    /// Where in the file the bytes of the block begin.
    offset: u64,
    /// How many bytes the next step wants to see from where it stands.
    wanted: usize,
    /// The source has no more.
    ended: bool,
    notes: Notes,
}

/// Where the reader stands.
enum State {
    /// Before the first byte of a file.
    Start,
    Pcap(Pcap),
    Records(Records),
    /// After damage at the offset, with what was being read.
    Lost {
        since: u64,
        before: Box<State>,
    },
    Done,
}

/// Why a walk over records stopped.
enum Stop {
    /// It wants to see so many bytes from where it stands.
    More(usize),
    /// What stands there is for the frames behind it only.
    Pause,
    /// What stands there makes no sense.
    Damage(&'static str),
    /// Another file begins there.
    Another,
}

/// What a walk over records needs.
struct Walk<'a> {
    bytes: &'a [u8],
    /// Where it stands in `bytes`.
    at: usize,
    /// Where in the file `bytes` begin.
    offset: u64,
    /// There is nothing after `bytes`.
    ended: bool,
    frames: &'a mut Vec<Frame>,
    notes: &'a mut Notes,
}

impl Walk<'_> {
    /// Where it stands in the file.
    fn here(&self) -> u64 {
        self.offset.saturating_add(self.at as u64)
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

/// What is gathered over all files.
#[derive(Default)]
struct Notes {
    /// Frames so far.
    number: u64,
    description: Description,
    problems: Vec<Problem>,
    more_problems: u64,
    skipped: u64,
    /// What is known of how frames are encrypted.
    secrets: Arc<KeyLog>,
    /// How often that changed.
    learned: u32,
}

impl Notes {
    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more_problems = self.more_problems.saturating_add(1);
        }
    }

    fn warn(&mut self, code: &'static str, message: String) {
        self.problem(Problem::warning(code, message));
    }
}

impl<R: Read> FrameReader<R> {
    /// Reads a capture from its first byte.
    pub fn new(source: R) -> Self {
        Self {
            source,
            block_size: BLOCK,
            eager: false,
            state: State::Start,
            rest: Vec::new(),
            offset: 0,
            wanted: 0,
            ended: false,
            notes: Notes::default(),
        }
    }

    /// Reads so many bytes at once; 256 KiB unless told. What comes out is the same with any size.
    #[must_use]
    pub fn with_block_size(mut self, bytes: usize) -> Self {
        self.block_size = bytes.max(64);
        self
    }

    /// Hands frames out as soon as the source has given them, in smaller blocks: for a capture that is still going on.
    #[must_use]
    pub fn as_it_comes(mut self) -> Self {
        self.eager = true;
        self
    }

    /// Whether it does.
    pub(crate) const fn is_eager(&self) -> bool {
        self.eager
    }

    /// Goes on with another file, as if its frames stood behind those that were read. To be called when
    /// [`FrameReader::next_block`] said that there are no more.
    pub fn go_on_with(&mut self, source: R) {
        self.source = source;
        self.state = State::Start;
        self.rest.clear();
        self.offset = 0;
        self.wanted = 0;
        self.ended = false;
    }

    /// Puts the next frames into `block`, whose memory is used again. False when there are no more.
    pub fn next_block(&mut self, block: &mut Block) -> bool {
        block.frames.clear();
        block.bytes.clear();
        block.bytes.append(&mut self.rest);
        loop {
            self.fill(&mut block.bytes);
            let mut walk = Walk {
                bytes: &block.bytes,
                at: 0,
                offset: self.offset,
                ended: self.ended,
                frames: &mut block.frames,
                notes: &mut self.notes,
            };
            self.wanted = self.state.advance(&mut walk);
            let at = walk.at;
            self.offset = walk.here();
            let done = matches!(self.state, State::Done);
            if done || !block.frames.is_empty() {
                block.secrets = Arc::clone(&self.notes.secrets);
                if !done {
                    self.rest.extend_from_slice(block.bytes.get(at..).unwrap_or_default());
                }
                return !block.frames.is_empty();
            }
            block.bytes.drain(..at);
        }
    }

    /// Bytes that are read at once.
    pub(crate) const fn block_size(&self) -> usize {
        self.block_size
    }

    /// Adds secrets with which frames can be read; those that the capture itself has come on top.
    pub(crate) fn know(&mut self, secrets: &Arc<KeyLog>) {
        if self.notes.secrets.is_empty() {
            self.notes.secrets = Arc::clone(secrets);
        }
    }

    /// What the files say besides frames, as far as they were read.
    pub fn description(&self) -> &Description {
        &self.notes.description
    }

    /// Frames that were handed out.
    pub fn frames(&self) -> u64 {
        self.notes.number
    }

    /// What was wrong with the files, with offsets; [`FrameReader::more_problems`] counts those that are not kept.
    pub fn problems(&self) -> &[Problem] {
        &self.notes.problems
    }

    /// Problems beyond those that are kept.
    pub fn more_problems(&self) -> u64 {
        self.notes.more_problems
    }

    /// Bytes that were passed over because they make no sense.
    pub fn skipped(&self) -> u64 {
        self.notes.skipped
    }

    /// Bytes of the current file that were gone through.
    pub fn position(&self) -> u64 {
        self.offset
    }

    /// Reads a block, or what the next step wants. Where that is much, twice as much: what is left over is moved for
    /// each block, and must not be most of it.
    fn fill(&mut self, bytes: &mut Vec<u8>) {
        let target = self.block_size.max(self.wanted.saturating_mul(2));
        let missing = target.saturating_sub(bytes.len());
        if self.ended || missing == 0 {
            return;
        }
        let read = if self.eager {
            self.piece(bytes, missing)
        } else {
            bytes.reserve_exact(missing);
            let read = self.source.by_ref().take(missing as u64).read_to_end(bytes);
            read.map(|read| read < missing)
        };
        match read {
            Ok(ended) => self.ended = ended,
            Err(problem) => {
                self.ended = true;
                let at = self.offset.saturating_add(bytes.len() as u64);
                self.notes.warn(
                    "capture-read",
                    format!("the capture cannot be read beyond byte {at}: {problem}"),
                );
            }
        }
    }

    /// Reads once, whatever comes. Says whether there is no more.
    fn piece(&mut self, bytes: &mut Vec<u8>, most: usize) -> std::io::Result<bool> {
        let before = bytes.len();
        bytes.resize(before.saturating_add(most.min(PIECE)), 0);
        let place = bytes.get_mut(before..).unwrap_or_default();
        let read = loop {
            match self.source.read(place) {
                Err(problem) if problem.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        bytes.truncate(before.saturating_add(*read.as_ref().unwrap_or(&0)));
        read.map(|read| read == 0)
    }
}

impl State {
    /// Goes over `walk` as far as possible. Says how many bytes from there it wants to see next.
    fn advance(&mut self, walk: &mut Walk<'_>) -> usize {
        loop {
            let stop = match self {
                Self::Start => match open(walk) {
                    Ok(state) => {
                        *self = state;
                        continue;
                    }
                    Err(stop) => stop,
                },
                Self::Pcap(pcap) => pcap.walk(walk),
                Self::Records(records) => records.walk(walk),
                Self::Lost { since, before } => match before.search(walk) {
                    Ok(()) => {
                        let passed = walk.here().saturating_sub(*since);
                        walk.notes.skipped = walk.notes.skipped.saturating_add(passed);
                        walk.notes.warn(
                            "capture-damage",
                            format!(
                                "{} from byte {since} on cannot be read and {} passed over",
                                counted(passed, "byte"),
                                agreeing(passed, "was", "were")
                            ),
                        );
                        let before = std::mem::replace(before.as_mut(), Self::Done);
                        *self = before;
                        continue;
                    }
                    Err(stop) => stop,
                },
                Self::Done => return 0,
            };
            match stop {
                Stop::More(wanted) if !walk.ended => return wanted,
                Stop::More(_) if self.resumes(walk) => self.lose(walk, "goes beyond the end"),
                Stop::More(_) => {
                    self.end(walk);
                    return 0;
                }
                Stop::Pause => return 0,
                Stop::Another => *self = Self::Start,
                Stop::Damage(_) if matches!(self, Self::Start) => *self = Self::Done,
                Stop::Damage(why) => self.lose(walk, why),
            }
        }
    }

    /// The record that stands there is not read, and what follows it is to be found.
    fn lose(&mut self, walk: &mut Walk<'_>, why: &str) {
        let since = walk.here();
        walk.notes
            .warn("capture-record", format!("the record at byte {since} {why}"));
        walk.at = walk.at.saturating_add(1);
        let before = Box::new(std::mem::replace(self, Self::Done));
        *self = Self::Lost { since, before };
    }

    /// Whether records follow inside of the last one, whose length goes beyond the end: then that is wrong.
    fn resumes(&self, walk: &Walk<'_>) -> bool {
        let inside = walk.rest().get(1..).unwrap_or_default();
        match self {
            Self::Pcap(pcap) => pcap.search(inside, inside.len(), true).is_some(),
            Self::Records(records) => records.search(inside, inside.len(), true).is_some(),
            _ => false,
        }
    }

    /// The place from `walk.at` on where records follow one another again.
    fn search(&self, walk: &mut Walk<'_>) -> Result<(), Stop> {
        loop {
            let rest = walk.rest();
            // Behind a place, so much must be seen; unless there is no more.
            let ahead = if walk.ended { 0 } else { AHEAD };
            let places = rest.len().saturating_sub(ahead);
            if places == 0 {
                return Err(Stop::More(AHEAD + 1));
            }
            let found = match self {
                Self::Pcap(pcap) => pcap.search(rest, places, walk.ended),
                Self::Records(records) => records.search(rest, places, walk.ended),
                _ => None,
            };
            walk.at = walk.at.saturating_add(found.unwrap_or(places));
            if found.is_some() {
                return Ok(());
            }
        }
    }

    /// The file has ended. What stands there is not a whole record.
    fn end(&mut self, walk: &mut Walk<'_>) {
        let left = walk.rest().len();
        let here = walk.here();
        match self {
            Self::Lost { since, .. } => {
                let passed = here.saturating_add(left as u64).saturating_sub(*since);
                walk.notes.skipped = walk.notes.skipped.saturating_add(passed);
                walk.notes.warn(
                    "capture-damage",
                    format!(
                        "{} from byte {since} to the end cannot be read",
                        counted(passed, "byte")
                    ),
                );
            }
            Self::Start if here == 0 && left == 0 => {
                walk.notes
                    .problem(Problem::note("capture-empty", "the file is empty".to_owned()));
            }
            _ if left > 0 => {
                walk.notes.skipped = walk.notes.skipped.saturating_add(left as u64);
                walk.notes.warn(
                    "capture-truncated",
                    format!(
                        "the capture ends inside of the record at byte {here}: {} of it {} there",
                        counted(left as u64, "byte"),
                        agreeing(left as u64, "is", "are")
                    ),
                );
            }
            _ => {}
        }
        walk.at = walk.bytes.len();
        *self = Self::Done;
    }
}

/// What kind of file begins here.
fn open(walk: &mut Walk<'_>) -> Result<State, Stop> {
    let Some(magic) = array::<4>(walk.bytes, walk.at) else {
        return Err(Stop::More(4));
    };
    if magic == block::SECTION {
        return Ok(State::Records(Records::default()));
    }
    if let Some(pcap) = Pcap::open(walk)? {
        return Ok(State::Pcap(pcap));
    }
    walk.notes.warn(
        "capture-unknown",
        format!(
            "the file is no capture that is known: it begins with {:02x?}",
            u32::from_be_bytes(magic).to_be_bytes()
        ),
    );
    Err(Stop::Damage("is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time, and counts how often it was asked.
    struct Slow<'a> {
        bytes: &'a [u8],
        piece: usize,
        asked: usize,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.asked += 1;
            let piece = self.piece.min(buffer.len());
            self.bytes.read(buffer.get_mut(..piece).unwrap_or_default())
        }
    }

    /// A pcap of three frames of eight bytes each.
    fn capture() -> Vec<u8> {
        let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 96, 1];
        let frames = (1..=3).flat_map(|second: u32| [second, 0, 8, 8, 0, 0]);
        header.into_iter().chain(frames).flat_map(u32::to_le_bytes).collect()
    }

    /// A block of pcapng.
    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32 + 12).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    }

    #[test]
    fn secrets_that_are_not_kept_are_not_used_either() {
        let mut file = block(
            block::SECTION_HEADER,
            &[
                0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
        );
        file.extend(block(block::INTERFACE, &[1, 0, 0, 0, 0, 0, 0, 0]));
        // Each is a little less than four megabytes: four are kept.
        for number in 0..6 {
            let mut text = format!("CLIENT_RANDOM {} 0a0b\n", format!("0{number}").repeat(32)).into_bytes();
            text.resize(4_000_000, b'\n');
            let head = [Secrets::TLS, text.len() as u32].map(u32::to_le_bytes).concat();
            file.extend(block(block::SECRETS, &[head, text].concat()));
        }
        file.extend(block(block::SIMPLE_PACKET, &[4, 0, 0, 0, 1, 2, 3, 4]));
        let mut reader = FrameReader::new(&file[..]);
        let mut found = Block::default();
        assert!(reader.next_block(&mut found));
        assert_eq!((found.frames().len(), found.secrets.len()), (1, 4));
        let description = reader.description();
        assert_eq!((description.secrets.len(), description.left_out), (4, 2));
    }

    #[test]
    fn frames_of_a_capture_that_goes_on_are_the_same_and_do_not_wait() {
        let bytes = capture();
        for piece in 1..=bytes.len() {
            let source = Slow {
                bytes: &bytes,
                piece,
                asked: 0,
            };
            let mut reader = FrameReader::new(source).as_it_comes();
            let (mut block, mut seconds) = (Block::default(), Vec::new());
            while reader.next_block(&mut block) {
                // The first frame ends at byte 48.
                if seconds.is_empty() {
                    assert_eq!(reader.source.asked, 48_usize.div_ceil(piece));
                }
                seconds.extend(
                    block
                        .frames()
                        .iter()
                        .map(|frame| frame.time.nanoseconds() / 1_000_000_000),
                );
                assert!(block.frames().iter().all(|frame| block.bytes_of(frame).len() == 8));
            }
            assert_eq!(seconds, [1, 2, 3]);
            assert!(reader.problems().is_empty());
        }
    }
}
