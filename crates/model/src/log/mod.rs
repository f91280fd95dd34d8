//! What logs say: records as a timeline lists them, log-ins, matches of Sigma rules, and totals.

mod alert;
mod anomaly;
mod entry;
mod file;
mod hit;
mod login;
mod right;
mod session;
mod summary;
mod table;

pub use alert::LogAlert;
pub use anomaly::{Anomaly, AnomalyKind, AnomalyReason};
pub use entry::{EntryField, EntryRule, EntrySink, EntryValue, LogEntry};
pub use file::{LogFile, LogFormat, LogPlace, earlier};
pub use hit::{RuleHit, RuleLevel, RuleReason, RuleSaid};
pub use login::{LogIn, LogInOutcome};
pub use right::LogRight;
pub use session::{Session, SessionRow};
pub use summary::{Count, Counts, LogInRow, LogSummary, LogTimeline, RuleCount, TemplateRow};
pub use table::{TableColumn, TableFindings, TableRow, TableWhy};
