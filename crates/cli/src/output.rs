//! Where results go, and how they are to look.

use crate::args::{ColourChoice, OutputArgs, ReportArgs};
use crate::exit::Failure;
use crate::terminal;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::{Path, PathBuf};
use watchfire::model::Report;
use watchfire::{Colour, Config, Exporter, Form, Glyphs, Input, Matter, Problem, Replacement, Style};

/// Written to the destination in pieces of this size.
const BUFFER: usize = 256 << 10;

/// The destination of a result.
pub(crate) enum Output {
    Stdout(BufWriter<StdoutLock<'static>>),
    /// Everything at the end, or nothing.
    File(BufWriter<Replacement>),
    /// As it comes: the result has no end.
    Growing(BufWriter<File>),
}

impl Output {
    /// Stdout, or the file that `--output` names, to be written in one step.
    pub(crate) fn open(args: &OutputArgs) -> Result<Self, Problem> {
        let Some(path) = args.file() else {
            return Ok(Self::stdout());
        };
        let file = Replacement::new(path).map_err(|error| Problem::of_file("write", path, &error))?;
        Ok(Self::File(BufWriter::with_capacity(BUFFER, file)))
    }

    /// Stdout, or the file that `--output` names, for a result that is read while it grows.
    pub(crate) fn growing(args: &OutputArgs) -> Result<Self, Problem> {
        let Some(path) = args.file() else {
            return Ok(Self::stdout());
        };
        let file = File::create(path).map_err(|error| Problem::of_file("write", path, &error))?;
        Ok(Self::of(file))
    }

    /// The same with a file that is open.
    pub(crate) fn of(file: File) -> Self {
        Self::Growing(BufWriter::with_capacity(BUFFER, file))
    }

    pub(crate) fn stdout() -> Self {
        Self::Stdout(BufWriter::with_capacity(BUFFER, io::stdout().lock()))
    }

    /// Ends the result. Without this a file stays as it was.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush(),
            Self::File(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?.finish(),
            Self::Growing(mut out) => out.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out) => out.write(bytes),
            Self::Growing(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out) => out.flush(),
            Self::Growing(out) => out.flush(),
        }
    }
}

/// Refuses to write over what is to be read.
pub(crate) fn guard(args: &OutputArgs, inputs: &[Input]) -> Result<(), Problem> {
    guard_file(args.file(), inputs)
}

/// The same for another file that is written, if there is one.
pub(crate) fn guard_file(output: Option<&Path>, inputs: &[Input]) -> Result<(), Problem> {
    let Some(output) = output else {
        return Ok(());
    };
    let there = output.canonicalize().ok();
    let is_output = |input: &&Input| match input {
        Input::Path(path) => there.is_some() && path.canonicalize().ok() == there,
        Input::Stdin => false,
    };
    match inputs.iter().find(is_output) {
        Some(Input::Path(path)) if !path.is_dir() => Err(Problem::new(format!(
            "cannot write '{}': it is to be read, and would be lost",
            output.display()
        ))
        .hint("name another file")),
        _ => Ok(()),
    }
}

/// The format that was asked for: by flag, by configuration, or text. For a report.
pub(crate) fn format(args: &OutputArgs, config: &Config) -> Result<&'static dyn Exporter, Failure> {
    format_of(Matter::Report, args, config)
}

/// The same for something else.
pub(crate) fn format_of(matter: Matter, args: &OutputArgs, config: &Config) -> Result<&'static dyn Exporter, Failure> {
    if let Some(field) = args.field() {
        let problem = Problem::new(format!("'{field}' is no number of rows"));
        return Err(problem.hint("--top N shows so many rows of each list").into());
    }
    Ok(config.exporter_of(matter, args.format.as_deref())?)
}

/// Writes a report where it goes.
pub(crate) fn report(
    report: &Report,
    exporter: &dyn Exporter,
    args: &OutputArgs,
    colour: ColourChoice,
    headers: bool,
) -> Result<(), Failure> {
    let style = Style {
        headers,
        ..report_style(args, colour)
    };
    let mut out = Output::open(args)?;
    exporter.report(report, &style, &mut out)?;
    out.finish()?;
    asides(report, exporter);
    Ok(())
}

/// Tells what the format has no place for.
pub(crate) fn asides(report: &Report, exporter: &dyn Exporter) {
    for remark in exporter.aside(report) {
        terminal::say(&format!("note: {remark}"));
    }
}

/// A report that `--report` asks for, beside the result.
pub(crate) struct Beside {
    exporter: &'static dyn Exporter,
    path: PathBuf,
    out: Option<Output>,
}

impl Beside {
    /// What is asked for, if it is: refused where nobody could write it, before anything is read.
    pub(crate) fn plan(args: &ReportArgs, output: &OutputArgs, inputs: &[Input]) -> Result<Option<Self>, Problem> {
        let Some(path) = &args.beside else { return Ok(None) };
        guard_file(Some(path.as_path()), inputs)?;
        if output.file() == Some(path.as_path()) {
            let problem = Problem::new(format!("'{}' cannot hold two results", path.display()));
            return Err(problem.hint("name one file with --output and another one with --report"));
        }
        Ok(Some(Self {
            exporter: watchfire::exporter_for(path)?,
            path: path.clone(),
            out: None,
        }))
    }

    /// Opens the file now: later, there may be no right to.
    pub(crate) fn hold(&mut self) -> Result<(), Problem> {
        self.out = Some(self.open()?);
        Ok(())
    }

    /// Writes the report.
    pub(crate) fn write(mut self, report: &Report) -> Result<(), Failure> {
        let mut out = match self.out.take() {
            Some(out) => out,
            None => self.open()?,
        };
        self.exporter.report(report, &Style::default(), &mut out)?;
        Ok(out.finish()?)
    }

    fn open(&self) -> Result<Output, Problem> {
        let problem = |error: io::Error| Problem::of_file("write", &self.path, &error);
        let file = Replacement::new(&self.path).map_err(problem)?;
        Ok(Output::File(BufWriter::with_capacity(BUFFER, file)))
    }
}

/// How a report is to look.
pub(crate) fn report_style(args: &OutputArgs, colour: ColourChoice) -> Style {
    style(args, colour, if args.raw { Form::Raw } else { Form::Defanged })
}

/// How what is managed is to look: nothing but the width of the screen matters.
pub(crate) fn plain() -> Style {
    Style {
        width: terminal::width(),
        ..Style::default()
    }
}

/// How a result is to look.
pub(crate) fn style(args: &OutputArgs, colour: ColourChoice, form: Form) -> Style {
    let screen = args.file().is_none() && io::stdout().is_terminal();
    let coloured = match colour {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => screen && !terminal::is_plain(),
    };
    Style {
        width: if args.file().is_none() {
            terminal::width()
        } else {
            Style::default().width
        },
        colour: if coloured { Colour::Ansi } else { Colour::Off },
        glyphs: if args.ascii { Glyphs::Ascii } else { Glyphs::Unicode },
        form,
        top: args.rows(),
        ..Style::default()
    }
}
