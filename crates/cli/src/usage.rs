//! What is wrong with the arguments, in our voice: one sentence, then what to do next.

use crate::args::Cli;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;
use std::num::ParseIntError;
use watchfire::Problem;

/// Says `error`, which `arguments` led to, as every other error is said.
pub(crate) fn problem(error: &clap::Error, arguments: impl IntoIterator<Item = OsString>) -> Problem {
    let command = Cli::command();
    let verb = arguments
        .into_iter()
        .skip(1)
        .find_map(|word| command.find_subcommand(&word).map(|verb| verb.get_name().to_owned()));
    let said = Said { error, verb };
    let argument = said.text(ContextKind::InvalidArg);
    let argument = name(&argument);
    let value = said.text(ContextKind::InvalidValue);
    let problem = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => Problem::new(format!("unknown option '{argument}'")),
        ErrorKind::UnknownArgument => Problem::new(format!("unexpected argument '{argument}'")),
        ErrorKind::InvalidSubcommand => Problem::new(format!(
            "unknown command '{}'",
            said.text(ContextKind::InvalidSubcommand)
        )),
        ErrorKind::InvalidValue if value.is_empty() => Problem::new(format!("{argument} needs a value")),
        ErrorKind::InvalidValue => Problem::new(format!("{argument}: unknown value '{value}'")),
        ErrorKind::ValueValidation => {
            let is_number = std::error::Error::source(error).is_some_and(|why| why.is::<ParseIntError>());
            let why = if is_number {
                "is not a whole number"
            } else {
                "makes no sense here"
            };
            Problem::new(format!("{argument}: '{value}' {why}"))
        }
        ErrorKind::ArgumentConflict => {
            let others = said.names(ContextKind::PriorArg);
            match others.as_slice() {
                [other] if *other == argument => Problem::new(format!("{argument} may be given once only")),
                _ => Problem::new(format!("{argument} cannot be used with {}", others.join(", "))),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            Problem::new(format!("missing {}", said.names(ContextKind::InvalidArg).join(", ")))
        }
        ErrorKind::InvalidUtf8 => Problem::new("an argument is not UTF-8 text"),
        _ => Problem::new(said.first_line()),
    };
    match said.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// An error of the parser and what it knows.
struct Said<'e> {
    error: &'e clap::Error,
    /// The command that was typed, if it is one.
    verb: Option<String>,
}

impl Said<'_> {
    /// A part of the error; empty where there is none.
    fn text(&self, kind: ContextKind) -> String {
        self.all(kind).into_iter().next().unwrap_or_default()
    }

    fn all(&self, kind: ContextKind) -> Vec<String> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text.clone()],
            Some(ContextValue::Strings(texts)) => texts.clone(),
            Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
            Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    fn names(&self, kind: ContextKind) -> Vec<String> {
        self.all(kind).iter().map(|text| name(text)).collect()
    }

    /// What was probably meant, what there is, or where it is written down.
    fn hint(&self) -> Option<String> {
        for kind in [
            ContextKind::SuggestedArg,
            ContextKind::SuggestedSubcommand,
            ContextKind::SuggestedValue,
        ] {
            let near = self.text(kind);
            if !near.is_empty() {
                return Some(format!("did you mean '{}'?", name(&near)));
            }
        }
        let known = self.all(ContextKind::ValidValue);
        if !known.is_empty() {
            return Some(format!("known are {}", known.join(", ")));
        }
        Some(match &self.verb {
            None => "watchfire --help lists the commands".to_owned(),
            Some(verb) => format!("watchfire {verb} --help lists what it takes"),
        })
    }

    fn first_line(&self) -> String {
        let text = self.error.render().to_string();
        let line = text.lines().next().unwrap_or_default();
        line.strip_prefix("error: ").unwrap_or(line).to_owned()
    }
}

/// `--threads <N>` as `--threads`, `<PATH>...` as `PATH`.
fn name(shown: &str) -> String {
    let bare = match shown.split_once(" <") {
        Some((flag, _)) => flag,
        None => shown,
    };
    let bare = bare.strip_suffix("...").unwrap_or(bare);
    let inner = bare.strip_prefix('<').and_then(|inner| inner.strip_suffix('>'));
    inner.unwrap_or(bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[track_caller]
    fn check(line: &str, message: &str, hint: &str) {
        let words: Vec<OsString> = std::iter::once("watchfire")
            .chain(line.split(' '))
            .map(OsString::from)
            .collect();
        let problem = problem(&Cli::try_parse_from(&words).unwrap_err(), words);
        assert_eq!(
            (problem.to_string().as_str(), problem.next_step()),
            (message, Some(hint))
        );
    }

    #[test]
    fn every_slip_is_told_with_its_way_out() {
        let extract = "watchfire extract --help lists what it takes";
        check("extrakt a", "unknown command 'extrakt'", "did you mean 'extract'?");
        check(
            "banana",
            "unknown command 'banana'",
            "watchfire --help lists the commands",
        );
        check(
            "extract a --contxt 3",
            "unknown option '--contxt'",
            "did you mean '--context'?",
        );
        check("extract a --banana", "unknown option '--banana'", extract);
        check("extract", "missing PATH", extract);
        check("extract a --context x", "--context: 'x' is not a whole number", extract);
        check("extract a --context", "--context needs a value", extract);
        check(
            "extract a --color red",
            "--color: unknown value 'red'",
            "known are auto, always, never",
        );
        check(
            "extract a --defang --raw",
            "--defang cannot be used with --raw",
            extract,
        );
        check(
            "extract a --context 1 --context 2",
            "--context may be given once only",
            extract,
        );
        check(
            "schema report b",
            "unexpected argument 'b'",
            "watchfire schema --help lists what it takes",
        );
        check(
            "suppress rule",
            "missing --why, --expires",
            "watchfire suppress --help lists what it takes",
        );
        check(
            "completions",
            "missing SHELL",
            "watchfire completions --help lists what it takes",
        );
    }
}
