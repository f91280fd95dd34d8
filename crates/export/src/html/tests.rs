//! The page over hostile and over large reports.
