//! Captures of networks: read as they come, compressed or not, several as one sequence.

use crate::progress::Progress;
pub(crate) use crate::sequence::remarks;
use crate::sequence::{Kind, Ordering, Sequence, unbounded};
use crate::triage::{nothing, roots};
use crate::{Input, Links, Problem, Watchfire, deadline};
use carried::Folder;
use chosen::Written;
use logs::Logs;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use watchfire_analysis::Analysis;
use watchfire_analysis::network::Watching;
use watchfire_capture::file::is_capture;
use watchfire_capture::{Block, Depth, FrameReader, FrameSink, KeyLog};
use watchfire_model::network::{RecordChoice, RecordSink};
use watchfire_model::{Origin, Report, Timestamp, Untrusted};

mod carried;
mod chosen;
mod logs;

pub(crate) use chosen::{filter, slip};
pub use logs::Several;

/// What is wanted of captures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureRequest {
    /// Where files that were carried go.
    pub extract: Option<PathBuf>,
    /// Files with secrets of TLS, as browsers write them to `SSLKEYLOGFILE`.
    pub keylog: Vec<PathBuf>,
    /// Flows and their counts alone: nothing is put in order, and protocols are not read.
    pub flows_only: bool,
    /// Where logs go as Zeek writes them.
    pub zeek_logs: Option<PathBuf>,
    /// Whether these are lines of JSON.
    pub zeek_json: bool,
    /// The file where lines go as Suricata writes them.
    pub eve: Option<PathBuf>,
    /// Which frames are read, as `tcpdump` says it.
    pub filter: Option<String>,
    /// Which flows and exchanges are shown, by their fields.
    pub chosen: Option<String>,
    /// The flow that is followed, by the number of its first frame; the report is about it alone.
    pub flow: Option<u64>,
    /// Where the frames go that are read, or those of the flow that is followed.
    pub write: Option<PathBuf>,
}

/// Bytes of a file with secrets.
const LONGEST_KEY_LOG: u64 = 64 << 20;

/// Captures, as inputs that are read as one whole.
static CAPTURES: Kind = Kind {
    head: 4 << 10,
    is: |head, _| is_capture(head),
    packed: "capture-packed",
    none: "no-capture",
    why: |_| "is no capture of a network".to_owned(),
};

impl Watchfire {
    /// Reads captures, all of them as one sequence in the order of their first frames, and judges what is in them. Flows and events go to `records` as they
    /// come. Inputs that are none are named in the report; the rest is done.
    ///
    /// # Errors
    /// When there is nothing at all to read, the folder for files or a log cannot be written, or the list of suppressions
    /// cannot be read.
    pub fn read_captures(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        request: &CaptureRequest,
        records: Option<&mut dyn RecordSink>,
        progress: &dyn Progress,
    ) -> Result<Report, Problem> {
        let suppressions = self.suppressions()?;
        let filter = request.filter.as_deref().map(chosen::filter).transpose()?;
        let mut choice = request.chosen.as_deref().map(chosen::choice).transpose()?;
        let left_out: Vec<PathBuf> = self.left_out.iter().cloned().chain(logs::files(request)).collect();
        let waiting = roots(inputs, links, &left_out, progress);
        if waiting.is_empty() {
            return Err(nothing());
        }
        let packed = unbounded();
        let secrets = Arc::new(key_log(&request.keylog)?);
        let folder = |path: &PathBuf| Folder::create(path, self.engine.budget());
        let mut folder = request.extract.as_ref().map(folder).transpose()?;
        let mut logs = Logs::open(request)?;
        let mut sinks = Several::default();
        logs.add_to(&mut sinks);
        if let Some(records) = records {
            sinks.add(records);
        }
        let mut written = match &request.write {
            Some(path) => Some(Written::create(path, &waiting)?),
            None => None,
        };
        let ordering = Ordering {
            kind: &CAPTURES,
            budget: &packed,
            begins: Some(&first_frame),
            archives: None,
            time: None,
        };
        let mut sequence = Sequence::new(&CAPTURES, ordering.of(waiting).pieces, &packed, progress);
        let watching = Watching {
            threads: self.checked.threads,
            depth: if request.flows_only {
                Depth::Flows
            } else {
                Depth::Everything
            },
            records: sinks.sink(),
            files: match &mut folder {
                Some(folder) => Some(folder),
                None => None,
            },
            show_secrets: self.checked.show_secrets,
            secrets,
            live: false,
            filter,
            choice: match &mut choice {
                Some(choice) => Some(choice as &mut dyn RecordChoice),
                None => None,
            },
            follow: request.flow,
            frames: match &mut written {
                Some(written) => Some(written as &mut dyn FrameSink),
                None => None,
            },
            hidden: None,
        };
        let mut analysis = self.sequence(&mut sequence, watching);
        let is_wanted = sinks.goes_on();
        let is_read = sequence.read > 0;
        let unmet = choice.as_ref().map(chosen::unmet).unwrap_or_default();
        analysis.diagnostics.extend(remarks(&analysis, unmet));
        sequence.finish(&mut analysis);
        if let Some(flow) = request.flow.filter(|_| is_read) {
            chosen::is_there(flow, &analysis)?;
        }
        let outcomes = put_in_place(folder, written.filter(|_| is_read))?;
        analysis.diagnostics.extend(remarks(&analysis, outcomes));
        // Logs that nobody waited for are not whole. A log that failed says so itself.
        if is_wanted || !logs.go_on() {
            analysis.diagnostics.extend(remarks(&analysis, logs.finish()?));
        }
        self.conclude_online(analysis, &suppressions, progress)
    }

    fn sequence<'w>(&self, sequence: &mut Sequence<'w>, watching: Watching<'_>) -> Analysis {
        let Some(first) = sequence.next() else {
            return Analysis::default();
        };
        let more = sequence.waiting.len();
        let name = match more {
            0 => first.0.clone(),
            more => Untrusted::new(format!("{} and {more} more", first.0.raw())),
        };
        let budget = self.engine.budget();
        let mut analysis = deadline::within(self.checked.time, &budget, || {
            self.engine
                .watch(Origin::root(name), first, || sequence.next(), watching, &budget)
        });
        analysis.coverage.inputs = sequence.read;
        analysis.coverage.inputs_read = sequence.read;
        analysis
    }
}

/// Ends what was written, and says what became of it.
fn put_in_place(folder: Option<Folder>, written: Option<Written>) -> Result<Vec<watchfire_model::Problem>, Problem> {
    let mut outcomes = folder.map(Folder::finish).unwrap_or_default();
    if let Some(written) = written {
        outcomes.push(written.finish()?);
    }
    Ok(outcomes)
}

/// The secrets in files.
pub(crate) fn key_log(paths: &[PathBuf]) -> Result<KeyLog, Problem> {
    let mut log = KeyLog::default();
    for path in paths {
        let before = log.len();
        let file = File::open(path).map_err(|error| Problem::of_file("read", path, &error))?;
        let mut text = Vec::new();
        file.take(LONGEST_KEY_LOG)
            .read_to_end(&mut text)
            .map_err(|error| Problem::of_file("read", path, &error))?;
        log.add(&text);
        if log.len() == before {
            let problem = Problem::new(format!("there is no secret of TLS in '{}'", path.display()));
            return Err(problem.hint("a line is CLIENT_RANDOM, 64 digits and 96 digits, or one of TLS 1.3"));
        }
    }
    Ok(log)
}

/// Why a report about captures says nothing: none of the inputs is one.
pub fn no_capture(report: &Report) -> Option<Problem> {
    CAPTURES.refused(report)
}

/// Bytes of a capture in which its first frame is looked for.
const MOST: u64 = 1 << 20;
/// Bytes of them that are read at once.
const PIECE: usize = 1 << 14;

/// When the first frame of a capture was captured. Programs that write one capture into several files number them so that
/// names do not say it (`x`, `x1`, `x10`, `x2`).
fn first_frame(capture: &mut dyn Read) -> Option<Timestamp> {
    let mut reader = FrameReader::new(capture.take(MOST)).with_block_size(PIECE);
    let mut block = Block::default();
    reader.next_block(&mut block);
    block.frames().first().map(|frame| frame.time)
}
