//! What is told of logs that grow: a line for each thing, when it happened first, how bad it is, what, and where.

use super::screen::{Paint, Screen};
use crate::{EntryWriter, Style};
use std::io::{self, Write};
use watchfire_model::Severity;
use watchfire_model::log::{EntrySink, LogAlert, LogEntry};

/// See the module.
pub(super) struct Alerts<'w> {
    style: Style,
    out: &'w mut dyn Write,
    failed: Option<io::Error>,
}

/// Letters of a title, of a name, and of the record or the reasons.
const TITLE: usize = 200;
const NAME: usize = 60;
const TEXT: usize = 120;
/// Where what is said begins, behind time and severity.
const SEVERITY: usize = 22;
const SAID: usize = 37;

impl<'w> Alerts<'w> {
    pub(super) fn new(style: Style, out: &'w mut dyn Write) -> Self {
        Self {
            style,
            out,
            failed: None,
        }
    }

    fn line(&mut self, alert: &LogAlert) -> io::Result<()> {
        let mut screen = Screen::new(self.style, &mut *self.out);
        if let Some(time) = alert.time {
            screen.put(&time.moment().to_string());
        }
        let paint = match alert.severity {
            Severity::Critical | Severity::High => Paint::Red,
            Severity::Medium => Paint::Yellow,
            Severity::Low | Severity::Informational => Paint::Faint,
        };
        let mut parts = vec![alert.title.shown(TITLE).to_string()];
        if !alert.host.is_empty() {
            parts.push(format!("on {}", alert.host.shown(NAME)));
        }
        parts.push(match alert.line {
            0 => alert.source.shown(NAME).to_string(),
            line => format!("{}:{line}", alert.source.shown(NAME)),
        });
        let reasons = alert.reasons.iter().take(2).map(|reason| {
            let field = if reason.field.is_empty() { "text" } else { &reason.field };
            format!("{field} {} '{}'", reason.operator, reason.pattern.shown(NAME))
        });
        let why = reasons.collect::<Vec<_>>().join(", ");
        let record = alert.text.shown(TEXT).to_string();
        parts.extend([why, record].into_iter().filter(|part| !part.is_empty()));
        if alert.more > 0 {
            parts.push(format!("and {} more times", alert.more));
        }
        screen.to(SEVERITY).paint(paint, alert.severity.as_str()).to(SAID);
        let said = screen.prose(&parts.join(" · "));
        screen.put(&said).end()?;
        self.out.flush()
    }
}

impl EntrySink for Alerts<'_> {
    fn wants_entries(&self) -> bool {
        false
    }

    fn entry(&mut self, _: &LogEntry) {}

    fn alert(&mut self, alert: &LogAlert) {
        if self.failed.is_none() {
            self.failed = self.line(alert).err();
        }
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

impl EntryWriter for Alerts<'_> {
    fn sink(&mut self) -> &mut dyn EntrySink {
        self
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::log::RuleReason;
    use watchfire_model::{Timestamp, Untrusted};

    #[test]
    fn a_line_is_one_line_and_does_nothing_to_a_terminal() {
        let hostile = || Untrusted::new("a\nb\u{1b}[2J\u{202e}\u{7} http://evil.example/x");
        let alert = LogAlert {
            time: Some(Timestamp::new(1_795_435_200, 5)),
            severity: Severity::High,
            detector: "sigma-match",
            rule: hostile(),
            title: hostile(),
            host: hostile(),
            source: hostile(),
            line: 7,
            reasons: vec![RuleReason {
                field: "x\u{1b}y".to_owned(),
                value: hostile(),
                operator: "equals",
                pattern: hostile(),
            }],
            p_value: None,
            unusual: Vec::new(),
            text: hostile(),
            more: 3,
        };
        let mut out = Vec::new();
        let mut alerts = Alerts::new(Style::default(), &mut out);
        alerts.alert(&alert);
        assert!(alerts.goes_on());
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with("2026-11-23T12:00:00Z  high           a"), "{text}");
        assert!(
            text.ends_with("and 3 more times\n") && text.contains(":7 · x"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            !text.trim_end().contains(char::is_control) && !text.contains('\u{202e}'),
            "{text}"
        );
        assert!(!text.contains("http://evil.example"), "{text}");
    }
}
