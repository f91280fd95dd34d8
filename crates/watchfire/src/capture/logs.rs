//! What captures say, in the logs of other tools. They grow beside the files of these names and take their places at the
//! end; a run that breaks off leaves the old ones.

use super::CaptureRequest;
use crate::{Problem, Replacement, replacement};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use watchfire_export::{EveLines, LogFolder, ZeekForm, ZeekLogs, zeek_logs};
use watchfire_model::Problem as Remark;
use watchfire_model::network::{CaptureAlert, Event, Flow, Passage, RecordSink};

/// Written to a file in pieces of this size.
const BUFFER: usize = 64 << 10;

/// Hands everything on to several, which all have to want more.
#[derive(Default)]
pub struct Several<'r>(Vec<&'r mut dyn RecordSink>);

impl<'r> Several<'r> {
    /// Adds one.
    pub fn add(&mut self, sink: &'r mut dyn RecordSink) {
        self.0.push(sink);
    }

    /// As somebody who hands out records sees it; nothing, where there is nobody.
    pub fn sink(&mut self) -> Option<&mut dyn RecordSink> {
        match self.0.is_empty() {
            true => None,
            false => Some(self),
        }
    }
}

impl RecordSink for Several<'_> {
    fn event(&mut self, event: &Event) {
        self.0.iter_mut().for_each(|sink| sink.event(event));
    }

    fn flow(&mut self, flow: &Flow) {
        self.0.iter_mut().for_each(|sink| sink.flow(flow));
    }

    fn passage(&mut self, flow: &Flow, passage: &Passage) {
        self.0.iter_mut().for_each(|sink| sink.passage(flow, passage));
    }

    fn wants_alerts(&self) -> bool {
        self.0.iter().any(|sink| sink.wants_alerts())
    }

    fn alert(&mut self, alert: &CaptureAlert) {
        let wanting = self.0.iter_mut().filter(|sink| sink.wants_alerts());
        wanting.for_each(|sink| sink.alert(alert));
    }

    fn goes_on(&self) -> bool {
        self.0.iter().all(|sink| sink.goes_on())
    }
}

/// The files that logs go to, which are not to be read.
pub(super) fn files(request: &CaptureRequest) -> Vec<PathBuf> {
    let zeek = request.zeek_logs.iter();
    let zeek = zeek.flat_map(|folder| zeek_logs().map(|log| folder.join(format!("{log}.log"))));
    zeek.chain(request.eve.clone())
        .map(|path| replacement::resolved(&path))
        .collect()
}

/// The logs that were asked for.
#[derive(Default)]
pub(super) struct Logs {
    zeek: Option<ZeekLogs<Folder>>,
    eve: Option<(EveLines<BufWriter<Replacement>>, PathBuf)>,
}

impl Logs {
    /// Makes what is not there.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn open(request: &CaptureRequest) -> Result<Self, Problem> {
        let form = if request.zeek_json {
            ZeekForm::Json
        } else {
            ZeekForm::Tsv
        };
        let zeek = request.zeek_logs.as_deref().map(Folder::create).transpose()?;
        let eve = request.eve.as_ref().map(|path| {
            let file = Replacement::new(path).map_err(|error| Problem::of_file("write", path, &error))?;
            let lines = EveLines::new(BufWriter::with_capacity(BUFFER, file));
            Ok::<_, Problem>((lines, path.clone()))
        });
        Ok(Self {
            zeek: zeek.map(|folder| ZeekLogs::new(form, folder)),
            eve: eve.transpose()?,
        })
    }

    pub(super) fn add_to<'r>(&'r mut self, sinks: &mut Several<'r>) {
        if let Some(zeek) = &mut self.zeek {
            sinks.add(zeek);
        }
        if let Some((eve, _)) = &mut self.eve {
            sinks.add(eve);
        }
    }

    /// Whether all could be written so far.
    pub(super) fn go_on(&self) -> bool {
        let zeek = self.zeek.as_ref().is_none_or(RecordSink::goes_on);
        zeek && self.eve.as_ref().is_none_or(|(eve, _)| eve.goes_on())
    }

    /// Puts everything in place, and says what there is to know of it.
    ///
    /// # Errors
    /// Those of writing, with the file that could not be. What is in place by then stays.
    pub(super) fn finish(self) -> Result<Vec<Remark>, Problem> {
        let mut remarks = Vec::new();
        if let Some(zeek) = self.zeek {
            let (folder, written) = zeek.finish();
            remarks = folder.finish(written)?;
        }
        if let Some((eve, path)) = self.eve {
            let (out, written) = eve.finish();
            written
                .and_then(|()| in_place(out))
                .map_err(|error| Problem::of_file("write", &path, &error))?;
        }
        Ok(remarks)
    }
}

fn in_place(out: BufWriter<Replacement>) -> io::Result<()> {
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

/// Where the logs of Zeek go.
struct Folder {
    path: PathBuf,
    logs: BTreeMap<&'static str, BufWriter<Replacement>>,
    /// What could not be written.
    failed: Option<PathBuf>,
}

impl Folder {
    fn create(path: &Path) -> Result<Self, Problem> {
        fs::create_dir_all(path).map_err(|error| Problem::of_file("write to", path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            logs: BTreeMap::new(),
            failed: None,
        })
    }

    fn log(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.log"))
    }

    fn write(&mut self, name: &'static str, bytes: &[u8]) -> io::Result<()> {
        if let Some(log) = self.logs.get_mut(name) {
            return log.write_all(bytes);
        }
        let mut log = BufWriter::with_capacity(BUFFER, Replacement::new(&self.log(name))?);
        log.write_all(bytes)?;
        self.logs.insert(name, log);
        Ok(())
    }

    fn finish(mut self, written: io::Result<()>) -> Result<Vec<Remark>, Problem> {
        if let Err(error) = written {
            let failed = self.failed.as_ref().unwrap_or(&self.path);
            return Err(Problem::of_file("write", failed, &error));
        }
        let names: BTreeSet<&str> = self.logs.keys().copied().collect();
        for (name, log) in std::mem::take(&mut self.logs) {
            in_place(log).map_err(|error| Problem::of_file("write", &self.log(name), &error))?;
        }
        let folder = self.path.display();
        let mut remarks = vec![Remark::note(
            "logs-written",
            format!("{} logs were written to '{folder}'", names.len()),
        )];
        let others = zeek_logs().filter(|name| !names.contains(name) && self.log(name).exists());
        let others: Vec<String> = others.map(|name| format!("{name}.log")).collect();
        if !others.is_empty() {
            let message = format!("'{folder}' holds logs that are not of this run: {}", others.join(", "));
            remarks.push(Remark::warning("other-logs", message));
        }
        Ok(remarks)
    }
}

impl LogFolder for Folder {
    fn append(&mut self, log: &'static str, bytes: &[u8]) -> io::Result<()> {
        let written = self.write(log, bytes);
        if written.is_err() {
            self.failed = Some(self.log(log));
        }
        written
    }
}
