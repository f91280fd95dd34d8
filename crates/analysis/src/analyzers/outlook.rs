//! Messages of Outlook, and the packets that it puts into mail (`winmail.dat`).
//!
//! A message says and carries what any other mail does. A packet belongs to the mail that it came in, so that only what it
//! carries is handed out.

use super::email::{Stands, carried, said};
use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::inline;
use watchfire_formats::email::{Message, outlook, tnef};
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Halt, MediaType};

/// See the module.
#[derive(Debug)]
pub(crate) struct Outlook;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "outlook",
    describes: "messages of Outlook (.msg) and its packets in mail (winmail.dat): header, way, texts, attachments, messages inside of messages",
};

impl Analyzer for Outlook {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(media_type, media::MSG | media::TNEF)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let is_packet = cx.media_type() == media::TNEF;
        let read = if is_packet { tnef::to_mail } else { outlook::to_mail };
        let Some(mail) = read(artifact.bytes(), cx.budget()) else {
            return Ok(());
        };
        mail.problems.iter().for_each(|problem| cx.report(problem.clone()));
        let mut message = Message::read(&mail.bytes);
        let mut inline = None;
        if !is_packet {
            message.facts.format = "msg";
            inline = inline::find(&message, &cx.identity().to_string(), cx);
            said(&mut message, Stands::Nowhere, cx)?;
        }
        carried(message, inline, cx)?;
        mail.halted.map_or(Ok(()), Err)
    }
}
