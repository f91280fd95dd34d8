//! Why an input as a whole is not believed, and what to do about it.

use super::Place;
use std::fmt;
use std::io;

/// Completes "cannot read feed '…': …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedError {
    /// The reader failed.
    Input(String),
    /// There is nothing in it.
    Empty,
    /// It is a web page: an error, a log-in form, a captive portal.
    WebPage {
        /// What was expected.
        wanted: &'static str,
    },
    /// It is packed.
    Packed(&'static str),
    /// It is text of two bytes for each character.
    Utf16,
    /// It ends in the middle.
    Truncated {
        /// Where.
        place: Place,
        /// How that is known.
        why: &'static str,
    },
    /// It breaks the rules of its notation.
    Syntax {
        /// Where.
        place: Place,
        /// Which.
        why: String,
    },
    /// It is well-formed, but something else.
    Different {
        /// What was expected.
        wanted: &'static str,
        /// What is missing or there instead.
        why: String,
    },
    /// One record is longer than [`Options::record`](super::Options::record).
    TooLarge {
        /// Where.
        place: Place,
    },
    /// The map of columns does not fit.
    Columns(String),
}

impl FeedError {
    /// What to do next.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Input(_) => "try again",
            Self::Empty => "look at the address of the feed, or into the file",
            Self::WebPage { .. } => "open the address in a browser: it may want a key, a log-in or another address",
            Self::Packed(_) => "unpack it first",
            Self::Utf16 => "save it as UTF-8",
            Self::Truncated { .. } => "fetch it again",
            Self::Syntax { .. } | Self::Different { .. } => "name the format with --format; 'feeds formats' lists them",
            Self::TooLarge { .. } => "this is no ordinary feed; look at it before raising the limit",
            Self::Columns(_) => "give the columns as in --columns value=2,threat=malware,first_seen=1",
        }
    }
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(why) => write!(f, "not readable: {why}"),
            Self::Empty => f.write_str("it is empty"),
            Self::WebPage { wanted } => write!(f, "this is a web page, not {wanted}"),
            Self::Packed(with) => write!(f, "it is packed with {with}"),
            Self::Utf16 => f.write_str("it is UTF-16"),
            Self::Truncated { place, why } => write!(f, "it ends in the middle, at {place}: {why}"),
            Self::Syntax { place, why } => write!(f, "{place}: {why}"),
            Self::Different { wanted, why } => write!(f, "this is not {wanted}: {why}"),
            Self::TooLarge { place } => write!(f, "{place}: the record is too large"),
            Self::Columns(why) => write!(f, "the columns do not fit: {why}"),
        }
    }
}

impl std::error::Error for FeedError {}

impl From<io::Error> for FeedError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Truncated {
                place: Place::Whole,
                why: "the transfer was cut off",
            }
        } else {
            Self::Input(error.to_string())
        }
    }
}
