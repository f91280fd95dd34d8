//! Frames of every link, whole and cut.
