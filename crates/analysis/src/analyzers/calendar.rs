//! Calendars: what invitations say, and the observables of their lines as they were before they were folded.

use super::text::{decoded, encoding};
use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_formats::calendar;
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Fact, Halt, Hints, MediaType, Member, Span, Untrusted};

/// See the module.
#[derive(Debug)]
pub(crate) struct Calendar;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "calendar",
    describes: "calendars: who invites whom to what, and the files inside",
};

impl Analyzer for Calendar {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        media_type == media::CALENDAR
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let decoded = decoded(artifact, cx);
        let calendar = calendar::read(&decoded.text);
        for event in calendar.events {
            cx.fact(Fact::Invite(Box::new(event)));
        }
        let mut lines = Pieces::default();
        for line in calendar.lines.iter().filter(|line| !line.is_of_machines()) {
            let place = decoded.source_range(line.place.clone());
            let span = Span {
                start: place.start as u64,
                end: place.end as u64,
            };
            lines.push(&format!("{} {}", line.parameters, line.text()), Some(span), None);
        }
        let reading = Reading {
            encoding: encoding(decoded.encoding),
            charset: Some(decoded.encoding),
            ..Reading::PLAIN
        };
        cx.extract(lines.text(), &lines, reading)?;
        for (name, declared, bytes) in calendar.files {
            let length = bytes.len() as u64;
            cx.budget().unpack(length, length, length)?;
            cx.child(Member {
                name: name.as_str().into(),
                bytes,
                hints: Hints {
                    media_type: Some(declared)
                        .filter(|declared| !declared.is_empty())
                        .map(Untrusted::from),
                    ..Hints::default()
                },
            })?;
        }
        Ok(())
    }
}
