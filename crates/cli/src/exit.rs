//! How the process ends.

use std::io;
use watchfire::Problem;

/// Exit codes, the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Done, and a verdict reached `--fail-on`.
    Reached = 1,
    /// Usage error, or nothing could be read.
    Usage = 2,
    /// Done, but some inputs could not be read, or not beyond a limit.
    Partial = 3,
}

impl Exit {
    /// For so many inputs of which so many were read, and so many of these not to their end.
    pub(crate) fn of_inputs(inputs: u64, read: u64, cut: u64) -> Self {
        if read == 0 {
            Self::Usage
        } else if read < inputs || cut > 0 {
            Self::Partial
        } else {
            Self::Done
        }
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for makes no sense or cannot be done.
    Problem(Problem),
    /// The result cannot be written.
    Output(io::Error),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
