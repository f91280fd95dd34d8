//! Bytes to Unicode text: byte order marks, UTF-16 and UTF-32 without them, legacy code pages.
