//! Live capture: opened with rights, gone on without them, said before and written down after.
//!
//! ```no_run
//! use watchfire::live::{LiveBoard, LiveRecords, LiveRequest, Stop, capture};
//! use watchfire::{CaptureRequest, Config, Surroundings, Watchfire};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::load(None, Surroundings::of_process())?;
//! let watchfire = Watchfire::new(&config)?;
//! let reading = watchfire.live_reading(&CaptureRequest::default())?;
//! let stop = Stop::on_signals()?;
//! let mut live = capture(&config, LiveRequest::new("eth0"), stop, &|text| eprintln!("{text}"))?;
//! let board = LiveBoard::new("eth0", None);
//! board.watch(&mut live);
//! let mut records = LiveRecords::new(&board, None);
//! let report = reading.read(&mut live, Some(&mut records))?;
//! let outcome = live.finish()?;
//! println!("{} frames, {} dropped", outcome.counts.frames, outcome.counts.dropped);
//! # Ok(())
//! # }
//! ```

mod board;
mod kernel;
mod meter;
mod reading;

pub use board::{LiveBoard, LiveProgram, LiveSnapshot, LiveTalker};
pub use reading::{LiveReading, LiveRecords};
pub use watchfire_sources::live::{
    Captured, Counts, Ending, Interface, LinkState, Load, Passed, Stop, Traffic, TrafficRate, link_name,
};

use crate::{Config, Problem, Value, clock};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchfire_model::Problem as Remark;
use watchfire_model::counted;
use watchfire_sources::live::{
    self, Account, BpfInstruction, Counters, Live, LiveError, LiveOptions, RingFiles, drop_privileges, new_file,
};
use watchfire_store::{By, Name, Store};

/// What is said before anything is captured.
pub const NOTICE: &str = "capturing what others send may need their consent, or a law or a contract that allows it: \
    capture only where you may";

/// What a person wants to capture.
#[derive(Clone, Debug)]
pub struct LiveRequest {
    /// The interface, or `any`.
    pub interface: String,
    /// Bytes that are kept of a frame; as many as there are otherwise.
    pub snap_length: Option<u32>,
    /// Whether only what is meant for this host is captured.
    pub only_own: bool,
    /// Which frames are analysed, as `tcpdump` says it. The kernel leaves the others out where it can tell them.
    pub filter: Option<String>,
    /// Bytes of memory in which frames wait.
    pub buffer: Option<u64>,
    /// Ends after so many frames.
    pub frames: Option<u64>,
    /// Ends after so long.
    pub duration: Option<Duration>,
    /// Keeps what is captured in files as well.
    pub files: Option<LiveFiles>,
    /// Where the result goes, if not to standard output: a file that is not there yet.
    pub output: Option<PathBuf>,
    /// The user to go on as; otherwise the setting `live.user`, who called sudo, or `nobody`.
    pub user: Option<String>,
    /// The person says that it is allowed; otherwise the setting `live.lawful`, or the notice is printed.
    pub lawful: bool,
}

/// Files that a capture is kept in, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFiles {
    /// `traffic.pcapng` stands for `traffic-001.pcapng` and so on.
    pub path: PathBuf,
    /// Bytes of each.
    pub size: u64,
    /// How many.
    pub count: usize,
}

impl LiveRequest {
    /// Everything on an interface, until somebody stops it.
    pub fn new(interface: impl Into<String>) -> Self {
        Self {
            interface: interface.into(),
            snap_length: None,
            only_own: false,
            filter: None,
            buffer: None,
            frames: None,
            duration: None,
            files: None,
            output: None,
            user: None,
            lawful: false,
        }
    }

    fn options(&self, filter: Vec<BpfInstruction>) -> LiveOptions {
        let usual = LiveOptions::new(self.interface.as_str());
        LiveOptions {
            snap_length: self
                .snap_length
                .unwrap_or(usual.snap_length)
                .clamp(1, LiveOptions::LONGEST_FRAME),
            promiscuous: !self.only_own,
            // Of itself a capture says only what was not captured.
            filter_text: self.filter.clone().filter(|_| !filter.is_empty()),
            filter,
            ring: self.buffer.unwrap_or(usual.ring),
            most_frames: self.frames,
            longest: self.duration,
            ..usual
        }
    }

    /// What the audit log says of it.
    fn detail(&self, options: &LiveOptions) -> String {
        let by = if options.filter.is_empty() {
            ""
        } else {
            " in the kernel"
        };
        let filter = self.filter.as_deref();
        let filter = filter.map_or("no filter".to_owned(), |filter| format!("filter '{filter}'{by}"));
        let whose = if options.promiscuous {
            "everything that passes"
        } else {
            "what is meant for this host"
        };
        let files = self.files.as_ref().map_or("no files".to_owned(), |files| {
            format!(
                "{} files of {} bytes at '{}'",
                files.count,
                files.size,
                files.path.display()
            )
        });
        format!(
            "{whose}, {filter}, {} bytes of a frame at most, {files}",
            options.snap_length
        )
    }
}

/// A capture that runs: reads as a pcapng file that grows. Give `&mut` of it to whoever reads, and [`finish`] it.
///
/// [`finish`]: LiveCapture::finish
pub struct LiveCapture {
    live: Live,
    audit: Audit,
    output: Option<Unwritten>,
    /// What the kernel leaves out of, where it does.
    in_kernel: Option<String>,
    is_over: bool,
}

/// A file that was made and that nobody writes yet: it goes away with whatever keeps somebody from it.
#[derive(Debug)]
struct Unwritten {
    path: PathBuf,
    file: Option<File>,
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        if self.file.is_some() {
            // What went wrong before tells more.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// How a capture went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOutcome {
    /// What was counted.
    pub counts: Counts,
    /// Why it ended; none where whoever read it had enough.
    pub ending: Option<Ending>,
    /// Files that were written, the oldest first.
    pub files: Vec<PathBuf>,
    /// Why files are not complete.
    pub files_problem: Option<String>,
}

impl LiveOutcome {
    /// What was lost, as remarks of a report.
    pub(super) fn losses(&self) -> Vec<Remark> {
        let mut losses = Vec::new();
        if self.counts.dropped > 0 {
            let message = format!(
                "the kernel dropped {} of {}, since nobody read fast enough; a larger --buffer may help",
                self.counts.dropped,
                counted(self.counts.received, "frame")
            );
            losses.push(Remark::warning("capture-drops", message));
        }
        if let Some(Ending::Failed(error)) = &self.ending {
            losses.push(Remark::warning(
                "live-failed",
                format!("the capture broke off: {error}"),
            ));
        }
        if let Some(problem) = &self.files_problem {
            let message = format!("files of the capture are not complete: {problem}");
            losses.push(Remark::warning("live-files", message));
        }
        losses
    }

    /// Whether something was lost that was asked for.
    pub fn is_partial(&self) -> bool {
        !self.losses().is_empty()
    }
}

/// Opens what `request` asks for: says the notice, writes to the audit log that somebody captures, opens the interface
/// and the files, and gives the rights away that this took. `say` gets sentences for people.
///
/// To be called before other threads are started: rights are a matter of threads.
///
/// # Errors
/// When nothing can be written down, when the interface or a file cannot be opened, and when rights are left.
pub fn capture(config: &Config, request: LiveRequest, stop: Stop, say: &dyn Fn(&str)) -> Result<LiveCapture, Problem> {
    if !request.lawful && config.get("live.lawful").map(|setting| &setting.value) != Some(&Value::Switch(true)) {
        say(&format!("note: {NOTICE}"));
    }
    let account = account(config, &request)?;
    let program = match &request.filter {
        Some(text) => kernel::program(&request, text, say)?,
        None => Vec::new(),
    };
    let options = request.options(program);
    let in_kernel = options.filter_text.clone();
    let detail = request.detail(&options);
    let mut live = Live::open(options, stop).map_err(|error| unopened(&request.interface, &error))?;
    if let Some(files) = &request.files {
        let opened = RingFiles::create(&files.path, files.size, files.count, Some(&account));
        live.record(opened.map_err(|(path, error)| unmade(&path, &error))?);
    }
    let output = match &request.output {
        Some(path) => {
            let file = new_file(path, Some(&account)).map_err(|error| unmade(path, &error))?;
            Some(Unwritten {
                path: path.clone(),
                file: Some(file),
            })
        }
        None => None,
    };
    // Opened with the rights that there are; from here on it can only be written to.
    let audit = Audit {
        store: crate::store(config)?,
        who: person(config),
        interface: request.interface.clone(),
    };
    audit.enter("capture-begun", &detail)?;
    let mut capture = LiveCapture {
        live,
        audit,
        output,
        in_kernel,
        is_over: false,
    };
    match drop_privileges(&account) {
        Ok(live::Dropped::Nothing) => {}
        Ok(dropped) => say(&format!("note: {dropped}")),
        Err(error) => {
            capture.end("ended, since privileges could not be given up")?;
            return Err(Problem::new(format!("cannot give privileges up: {error}"))
                .hint("nothing was read; --user names another user to go on as"));
        }
    }
    Ok(capture)
}

impl LiveCapture {
    /// The file that the result goes to, as it was opened; the first time.
    pub fn output(&mut self) -> Option<File> {
        self.output.take().and_then(|mut unwritten| unwritten.file.take())
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        self.live.counters()
    }

    pub(super) fn watch(&mut self, watcher: impl FnMut(&Captured<'_>) + Send + 'static) {
        self.live.watch(watcher);
    }

    /// Writes to the audit log that it is over, and says how it went.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn finish(mut self) -> Result<LiveOutcome, Problem> {
        let outcome = self.outcome();
        let ending = outcome
            .ending
            .as_ref()
            .map_or("read far enough".to_owned(), Ending::to_string);
        self.end(&ending)?;
        Ok(outcome)
    }

    fn outcome(&self) -> LiveOutcome {
        let files = self.live.files();
        let written = files.map(RingFiles::written).unwrap_or_default();
        LiveOutcome {
            counts: self.live.counters().now(),
            ending: self.live.ending().cloned(),
            files: written.into_iter().map(Into::into).collect(),
            files_problem: files.and_then(RingFiles::problem).map(ToString::to_string),
        }
    }

    fn end(&mut self, why: &str) -> Result<(), Problem> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        let counts = self.live.counters().now();
        let detail = format!(
            "{why}; {}, {}, {} dropped",
            counted(counts.frames, "frame"),
            counted(counts.bytes, "byte"),
            counts.dropped
        );
        self.audit.enter("capture-ended", &detail)
    }
}

impl Read for LiveCapture {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.live.read(buffer)
    }
}

impl Drop for LiveCapture {
    /// Whatever ended it, the audit log says that it did.
    fn drop(&mut self) {
        let _ = self.end("ended early");
    }
}

/// Where it is written down that somebody captured.
struct Audit {
    store: Store,
    who: String,
    interface: String,
}

impl Audit {
    fn enter(&self, action: &str, detail: &str) -> Result<(), Problem> {
        let by = By::new(self.who.as_str(), clock::now());
        let action = Name::parse(action).map_err(|why| Problem::new(why.0))?;
        let subject = self.interface.as_str().into();
        Ok(self.store.audit().append(&by, &action, &subject, &detail.into())?)
    }
}

/// Who captures: behind `sudo` the person who called it, not root.
fn person(config: &Config) -> String {
    let user = config.user();
    match config.variable("SUDO_USER") {
        Some(caller) if caller != user => format!("{caller} (as {user})"),
        _ => user,
    }
}

fn account(config: &Config, request: &LiveRequest) -> Result<Account, Problem> {
    let configured = match config.get("live.user").map(|setting| &setting.value) {
        Some(Value::Text(user)) => Some(user.as_str()),
        _ => None,
    };
    let named = request.user.as_deref().or(configured);
    Account::choose(named).map_err(|why| {
        let problem = Problem::new(format!(
            "cannot go on as '{}': it is {}",
            named.unwrap_or("nobody"),
            why.0
        ));
        problem.hint("--user names a user without privileges")
    })
}

fn unopened(interface: &str, error: &LiveError) -> Problem {
    let problem = Problem::new(format!("cannot capture on '{interface}': {error}"));
    match error {
        LiveError::NoInterface(_) => {
            let names = live::interfaces().unwrap_or_default();
            let names: Vec<&str> = names.iter().map(|interface| interface.name.raw()).collect();
            Problem::unknown("interface", interface, &names)
        }
        error => match error.hint() {
            Some(hint) => problem.hint(hint),
            None => problem,
        },
    }
}

fn unmade(path: &std::path::Path, error: &io::Error) -> Problem {
    let problem = Problem::of_file("write", path, error);
    match error.kind() {
        io::ErrorKind::AlreadyExists => Problem::new(format!("cannot write '{}': it is there already", path.display()))
            .hint("a live capture writes over nothing; name another file, or remove it"),
        io::ErrorKind::InvalidInput => Problem::new(format!("cannot write '{}': {error}", path.display())),
        _ => problem,
    }
}

/// `100M`, `1GiB`, `65536`: bytes.
///
/// # Errors
/// When `text` is no such size.
pub fn size(text: &str) -> Result<u64, Problem> {
    crate::find::size(text)
}

/// `30s`, `10m`, `2h`.
///
/// # Errors
/// When `text` is no such time.
pub fn duration(text: &str) -> Result<Duration, Problem> {
    match crate::config::duration(text) {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(why) => Err(Problem::new(format!("'{text}' is {}", why.0))),
    }
}

/// An interface and how much goes through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInterface {
    /// The interface.
    pub interface: Interface,
    /// How much, per second; none where nobody asked for it, or it came or went meanwhile.
    pub rate: Option<TrafficRate>,
}

/// The interfaces of this host. With `measured`, that is waited for, and they are looked at twice.
///
/// # Errors
/// When the system lists none.
pub fn interfaces(measured: Option<Duration>) -> Result<Vec<ListedInterface>, Problem> {
    let list = || {
        live::interfaces().map_err(|error| {
            let problem = Problem::new(format!("cannot list interfaces: {error}"));
            problem.hint("live capture works on Linux")
        })
    };
    let Some(wait) = measured else {
        let unmeasured = |interface| ListedInterface { interface, rate: None };
        return Ok(list()?.into_iter().map(unmeasured).collect());
    };
    let begun = Instant::now();
    let before: BTreeMap<u32, Traffic> = list()?.into_iter().map(|known| (known.index, known.traffic)).collect();
    std::thread::sleep(wait);
    let elapsed = begun.elapsed();
    let measured = |interface: Interface| ListedInterface {
        rate: before
            .get(&interface.index)
            .map(|earlier| interface.traffic.rate_since(earlier, elapsed)),
        interface,
    };
    Ok(list()?.into_iter().map(measured).collect())
}
