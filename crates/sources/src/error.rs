//! Why an input could not be read, in words that say what to do next.

use std::fmt;
use std::io;
use watchfire_model::Untrusted;

/// What stood in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceProblem {
    /// There is no such file or folder.
    NotFound,
    /// The file system refused.
    PermissionDenied,
    /// A block or character device.
    Device,
    /// A socket.
    Socket,
    /// A named pipe that was met below a folder.
    Fifo,
    /// A symbolic link that leads back to itself.
    LinkLoop,
    /// A folder where a file is needed.
    Folder,
    /// Anything else the operating system said.
    Io(String),
}

impl SourceProblem {
    /// Puts what the operating system said into our words.
    pub fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            io::ErrorKind::IsADirectory => Self::Folder,
            _ if crate::os::is_link_loop(error) => Self::LinkLoop,
            _ => Self::Io(sentence(error)),
        }
    }
}

/// An input that could not be read. `Display` is one sentence, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// The input as it was named.
    pub name: Untrusted,
    /// What stood in the way.
    pub problem: SourceProblem,
}

impl SourceError {
    /// Puts what the operating system said into our words.
    pub fn from_io(name: &Untrusted, error: &io::Error) -> Self {
        Self {
            name: name.clone(),
            problem: SourceProblem::from_io(error),
        }
    }

    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.problem {
            SourceProblem::NotFound => "check the spelling; '-' reads standard input",
            SourceProblem::PermissionDenied => "run as a user who may read it, or copy it first",
            SourceProblem::Device => "copy it to an image file first, or pipe it in with '-'",
            SourceProblem::Fifo => "name the pipe itself to read from it",
            SourceProblem::Folder => "name the files in it",
            SourceProblem::Socket | SourceProblem::LinkLoop | SourceProblem::Io(_) => return None,
        })
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read '{}': {}", self.name, self.problem)
    }
}

impl fmt::Display for SourceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "there is no such file or folder",
            Self::PermissionDenied => "permission denied",
            Self::Device => "it is a device",
            Self::Socket => "it is a socket",
            Self::Fifo => "it is a named pipe",
            Self::LinkLoop => "the symbolic link leads back to itself",
            Self::Folder => "it is a folder",
            Self::Io(problem) => problem,
        })
    }
}

impl std::error::Error for SourceError {}

/// The system's message in our voice: lower case, without its error number.
fn sentence(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_in_one_voice() {
        let error = SourceError::from_io(&"a\u{1b}b".into(), &io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(error.to_string(), r"cannot read 'a\u{1b}b': permission denied");
        assert!(error.hint().is_some());
        assert_eq!(
            sentence(&io::Error::other("Input/output error (os error 5)")),
            "input/output error"
        );
    }
}
