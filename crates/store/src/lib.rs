//! What Watchfire remembers from one run to the next, in one SQLite file: feeds and their history, cached answers,
//! quotas, assets, analysts' decisions, and the audit log.

#![forbid(unsafe_code)]
