//! What the Open Cybersecurity Schema Framework calls the fields of logs.

use super::Format;

/// The name of OCSF 1.x for a field of a format, where one fits.
pub fn name(_format: &Format, _original: &str) -> Option<&'static str> {
    None
}
