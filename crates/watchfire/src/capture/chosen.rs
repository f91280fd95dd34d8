//! What is chosen of captures: which frames are read, and the file to which they are written.

use crate::triage::Root;
use crate::{Problem, Replacement};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use watchfire_analysis::Analysis;
use watchfire_capture::write::{Format, FrameWriter};
use watchfire_capture::{Filter, Frame, FrameSink};
use watchfire_export::Where;
use watchfire_model::Problem as Remark;
use watchfire_model::{agreeing, counted};

/// Bytes that are written at once.
const BUFFER: usize = 256 << 10;
/// Letters of an expression that are shown on each side of a slip.
const AROUND: usize = 50;

/// Reads what stands behind `--filter`.
///
/// # Errors
/// When it makes no sense.
pub(crate) fn filter(text: &str) -> Result<Arc<Filter>, Problem> {
    let filter = Filter::parse(text).map_err(|error| {
        slip("--filter", text, error.at, &error.message)
            .hint("write 'host 10.0.5.23 and tcp port 80 or 443' or 'not (udp or arp)'; docs/captures.md has them all")
    })?;
    Ok(Arc::new(filter))
}

/// Reads what stands behind `--where`.
///
/// # Errors
/// When it makes no sense.
pub(super) fn choice(text: &str) -> Result<Where, Problem> {
    Where::parse(text).map_err(|error| {
        slip("--where", text, error.at, &error.message).hint(
            "write 'service == dns and exchange.query contains \"evil\"' or 'sent > 1 MB'; docs/captures.md has the rest",
        )
    })
}

/// Fields that nothing had: they may be called otherwise.
pub(super) fn unmet(choice: &Where) -> Vec<Remark> {
    let remark = |field: &str| Remark::note("where-unmet", format!("--where: nothing in the capture has '{field}'"));
    choice.unmet().map(remark).collect()
}

/// What is wrong with an expression, and where.
pub(crate) fn slip(flag: &str, text: &str, at: usize, message: &str) -> Problem {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let column = before.chars().count();
    let from = column.saturating_sub(AROUND);
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = text.chars().skip(from).take(2 * AROUND).map(plain).collect();
    let caret = format!("{}^", " ".repeat(column - from));
    Problem::new(format!("{flag}: {message} (at column {})", column + 1)).excerpt([line, caret])
}

/// Whether a flow was found.
///
/// # Errors
/// When none begins in the frame of that number.
pub(super) fn is_there(flow: u64, analysis: &Analysis) -> Result<(), Problem> {
    let captures = analysis
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.capture.as_ref());
    if captures.into_iter().any(|capture| capture.followed.is_some()) {
        return Ok(());
    }
    let problem = Problem::new(format!("--flow: no flow begins in frame {flow}"));
    Err(problem.hint("a flow is called by the number of its first frame, 'first_frame' of --format ndjson"))
}

/// The file to which frames are written.
pub(super) struct Written {
    path: PathBuf,
    writer: FrameWriter<BufWriter<Replacement>>,
    failed: Option<io::Error>,
}

impl Written {
    /// Begins to write: pcap where the name ends so, pcapng otherwise.
    ///
    /// # Errors
    /// When the file cannot be written, or is one of those that are read, whether it was named or lies below a folder.
    pub(super) fn create(path: &Path, roots: &[Root]) -> Result<Self, Problem> {
        let failed = |error: io::Error| Problem::of_file("write", path, &error);
        let there = path.canonicalize().ok();
        let is_read = |root: &Root| match root {
            Root::Source(source) => source.path().and_then(|path| path.canonicalize().ok()) == there,
            Root::Failed(_) => false,
        };
        if there.is_some() && roots.iter().any(is_read) {
            let message = format!("cannot write '{}': it is to be read, and would be lost", path.display());
            return Err(Problem::new(message).hint("name another file"));
        }
        let is_old = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("pcap"));
        let format = if is_old { Format::Pcap } else { Format::PcapNg };
        let out = BufWriter::with_capacity(BUFFER, Replacement::new(path).map_err(failed)?);
        Ok(Self {
            path: path.to_owned(),
            writer: FrameWriter::new(out, format).map_err(failed)?,
            failed: None,
        })
    }

    /// Puts the file in place. What became of it, in words.
    ///
    /// # Errors
    /// When that fails, or anything before did; a file that was there is as it was, then.
    pub(super) fn finish(self) -> Result<Remark, Problem> {
        let Self { path, writer, failed } = self;
        let frames = writer.frames();
        let finish = || {
            let out = writer.finish()?;
            out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
        };
        match failed.map_or_else(finish, Err) {
            Ok(()) => {
                let message = format!(
                    "{} {} written to '{}'",
                    counted(frames, "frame"),
                    agreeing(frames, "was", "were"),
                    path.display()
                );
                Ok(Remark::note("frames-written", message))
            }
            Err(error) => {
                let problem = Problem::of_file("write", &path, &error);
                let is_old = error.kind() == io::ErrorKind::Unsupported;
                Err(if is_old {
                    problem.hint("name it '.pcapng', which holds everything")
                } else {
                    problem
                })
            }
        }
    }
}

impl FrameSink for Written {
    fn frame(&mut self, frame: &Frame, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.writer.frame(frame, bytes).err();
        }
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_the_slip() {
        let check = |text: &str, word: &str| {
            let problem = filter(text).unwrap_err();
            let [line, caret] = problem.shown().unwrap();
            let column = caret.chars().count() - 1;
            let found: String = line.chars().skip(column).collect();
            assert!(found.starts_with(word), "{line}\n{caret}");
        };
        check("tcp port x", "x");
        check("(port 80 or \u{e9}\u{e9}) & tcp", "\u{e9}");
        check(&format!("{}port x", "tcp or ".repeat(1_000)), "x");
        check("tcp\nporr", "porr");
    }
}
