//! What capture files say of themselves, as remarks of a report: what was lost, and what somebody noted.

use watchfire_capture::file::Description;
use watchfire_model::{Problem, agreeing, counted};

/// Comments that are told.
const MOST_COMMENTS: usize = 50;
/// Letters of each.
const LONGEST: usize = 300;

/// What there is to say.
pub(super) fn remarks(description: &Description) -> Vec<Problem> {
    let mut remarks = Vec::new();
    for interface in &description.interfaces {
        let Some(dropped) = interface.dropped.filter(|dropped| *dropped > 0) else {
            continue;
        };
        let all = interface.received;
        let dropped = match all {
            Some(all) => format!("{dropped} of {}", counted(all, "frame")),
            None => counted(dropped, "frame"),
        } + agreeing(dropped, " was", " were");
        let at = interface
            .name
            .as_ref()
            .map(|name| format!(" on '{}'", name.raw()))
            .unwrap_or_default();
        let message = format!("{dropped} dropped{at} during the capture, and not kept");
        remarks.push(Problem::warning("capture-drops", message));
    }
    for comment in description.comments.iter().take(MOST_COMMENTS) {
        let about = comment.frame.map(|frame| format!("frame {frame}"));
        let about = about.unwrap_or_else(|| "the capture".to_owned());
        let text: String = comment.text.raw().chars().take(LONGEST).collect();
        let more = if text.len() < comment.text.raw().len() {
            "…"
        } else {
            ""
        };
        let message = format!("somebody noted of {about}: '{text}{more}'");
        remarks.push(Problem::note("capture-comment", message));
    }
    let more = description.comments.len().saturating_sub(MOST_COMMENTS) as u64 + description.left_out;
    if more > 0 {
        let message = format!("{more} further comments and names of the capture were left out");
        remarks.push(Problem::note("capture-comments", message));
    }
    if !description.names.is_empty() {
        let names = description.names.iter().take(MOST_COMMENTS);
        let names: Vec<String> = names
            .map(|name| format!("{} {}", name.address, name.name.raw()))
            .collect();
        let more = if description.names.len() > MOST_COMMENTS {
            ", …"
        } else {
            ""
        };
        let message = format!("the capture itself names hosts: {}{more}", names.join(", "));
        remarks.push(Problem::note("capture-names", message));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_capture::LinkType;
    use watchfire_capture::file::{Comment, Interface, Name};

    /// What is said, one remark a line.
    fn said(description: &Description) -> String {
        let said = remarks(description).into_iter();
        said.map(|remark| format!("{} {}\n", remark.code, remark.message.raw()))
            .collect()
    }

    #[test]
    fn what_was_dropped_is_said() {
        let of = |received, dropped| {
            let interface = Interface {
                link: LinkType(1),
                limit: 0,
                name: Some("eth0".into()),
                description: None,
                filter: None,
                checksum_bytes: None,
                received,
                dropped,
            };
            let mut description = Description::default();
            description.interfaces.push(interface);
            said(&description)
        };
        assert_eq!(
            of(Some(100), Some(7)),
            "capture-drops 7 of 100 frames were dropped on 'eth0' during the capture, and not kept\n"
        );
        assert_eq!(
            of(None, Some(7)),
            "capture-drops 7 frames were dropped on 'eth0' during the capture, and not kept\n"
        );
        assert_eq!(of(Some(100), Some(0)), "");
        assert_eq!(of(Some(100), None), "");
    }

    #[test]
    fn comments_and_names_are_told_and_bounded() {
        let comment = |frame, text: &str| Comment {
            frame,
            text: text.into(),
        };
        let mut description = Description::default();
        description.comments = vec![comment(Some(1), "looked odd"), comment(None, "the lab")];
        description.names.push(Name {
            address: [192, 0, 2, 1].into(),
            name: "gw.example".into(),
        });
        assert_eq!(
            said(&description),
            "capture-comment somebody noted of frame 1: 'looked odd'\n\
             capture-comment somebody noted of the capture: 'the lab'\n\
             capture-names the capture itself names hosts: 192.0.2.1 gw.example\n"
        );
        let mut description = Description::default();
        description.comments = vec![comment(Some(1), &"x".repeat(1_000)); 60];
        let said = said(&description);
        assert_eq!(said.lines().count(), MOST_COMMENTS + 1);
        assert!(said.len() < (MOST_COMMENTS + 1) * 400, "{}", said.len());
    }
}
